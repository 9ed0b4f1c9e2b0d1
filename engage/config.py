"""Settings from the environment, as one typed object.

Every setting is an environment variable with the prefix ``ENGAGE_``. The README has them in one table; a
test keeps the table and this module the same.
"""

from __future__ import annotations

import re
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Literal, Self

from flask import Flask
from limits import parse
from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEFAULT_SECRET_KEY = "only-for-development"  # noqa: S105 - refused in production
SHORTEST_SECRET_KEY = 32
LEAST_CONTRAST = 7.0
LARGEST_FORM = 8 * 1024 * 1024  # Bytes of typed text; more than anybody types, so that nothing is cut off.


class SettingsError(Exception):
    """A setting is missing or unsafe; the message says which and what to do."""


class Settings(BaseSettings):
    """What an installation can set. Read once, at start."""

    model_config = SettingsConfigDict(env_prefix="ENGAGE_", extra="ignore")

    environment: Literal["production", "development"] = Field(
        "production", description="`production` refuses unsafe settings; `development` allows them."
    )
    secret_key: str = Field(
        DEFAULT_SECRET_KEY, description="Signs cookies and tracking codes. At least 32 random characters."
    )
    secret_key_fallbacks: list[str] = Field(
        default_factory=list,
        description="Earlier keys, as a JSON list, so that old tracking codes still work.",
    )
    base_url: str = Field(
        "http://127.0.0.1:8000", description="The address that people use; links in messages start with it."
    )
    debug: bool = Field(False, description="Shows errors in detail. Never in production.")
    data_folder: Path = Field(
        Path("instance"), description="Folder for the SQLite database, the job queue and the write lock."
    )
    database_url: str = Field(
        "", description="`sqlite:///…` or `postgresql+psycopg://…`. Empty: SQLite in the data folder."
    )
    queue_url: str = Field(
        "",
        description="Where jobs wait. Empty: SQLite in the data folder, or the PostgreSQL database.",
    )
    trusted_proxies: int = Field(
        0,
        ge=0,
        description="How many proxies stand in front. Behind one it must be 1, or all visitors count as one.",
    )
    session_hours: int = Field(
        20, ge=1, le=72, description="How long a sign-in and an unsent form last, in hours."
    )
    sign_in_limit: str = Field("10 per 5 minutes", description="Most sign-in attempts from one address.")
    code_limit: str = Field("30 per 5 minutes", description="Most tracking codes tried from one address.")
    rate_limit_storage: str = Field(
        "memory://",
        description="Where attempts are counted. With several processes or machines a `redis://` address "
        "(needs `pip install engage[redis]`); else each process counts by itself.",
    )
    burst_limit: str = Field(
        "30 per minute",
        description="Answers to surveys from one address in a short time. Those beyond it wait until a "
        "person has looked; nobody is refused. Enough for a library with all its computers in use.",
    )
    sustained_limit: str = Field("200 per hour", description="The same over a longer time.")
    trusted_addresses: str = Field(
        "",
        description="Addresses of libraries, care homes and offices, from which any number of people answer, "
        "like `192.0.2.0/24, 2001:db8::/32`.",
    )
    seconds_per_answer: float = Field(
        0.5,
        ge=0,
        le=10,
        description="Answers that took less time than this for each question wait until a person has looked. "
        "0 turns it off.",
    )
    attack_limit: str = Field(
        "1000 per 10 minutes",
        description="Answers from everywhere together that count as an attack: beyond it, browsers prove "
        "with a little work that somebody sits there.",
    )
    under_attack: bool = Field(False, description="Asks every browser for that proof, whatever the number.")
    max_upload_mb: int = Field(32, ge=1, description="Largest file that may be sent in, in megabytes.")
    sentence_model: Path | None = Field(
        None, description="Folder with another local ONNX sentence model (`model.onnx`, `tokenizer.json`)."
    )
    model_threads: int = Field(2, ge=1, description="Processor threads that the sentence model takes.")

    council_name: str = Field("Your county council", description="The council's name, as people know it.")
    phone: str = Field("0808 157 0163", description="The number to ring to take part.")
    phone_hours: str = Field("Monday to Friday, 9am to 6pm", description="When somebody answers it.")
    email: str = Field("talk@council.example", description="The address that people can write to.")
    safeguarding_phone: str = Field("0808 157 0420", description="The care line for worries about safety.")
    brand: str = Field("#0c4a52", description="Main colour. Checked for contrast at start.")
    brand_ink: str = Field("#ffffff", description="Text on the main colour.")
    accent: str = Field("#e2932f", description="Warm second colour, for ornament only.")
    logo: Path | None = Field(None, description="The council's logo, an SVG or PNG file.")

    checked_languages: str = Field(
        "",
        description="Languages in which a person has checked the public pages, like `pl,ur`. Pages in the "
        "others say that nobody has.",
    )

    smtp_host: str = Field("", description="Mail server. Empty: no e-mail is sent; links are shown to copy.")
    smtp_port: int = Field(587, description="Its port.")
    smtp_user: str = Field("", description="Its user name, where it wants one.")
    smtp_password: str = Field("", description="Its password.")
    smtp_tls: bool = Field(True, description="Whether to start TLS.")
    mail_sender: str = Field("engage@council.example", description="From whom e-mail comes.")

    @field_validator("brand", "brand_ink", "accent")
    @classmethod
    def _is_a_colour(cls, value: str) -> str:
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
            raise ValueError("write the colour as # and six digits, like #0c4a52")
        return value.lower()

    @field_validator("burst_limit", "sustained_limit", "attack_limit")
    @classmethod
    def _is_a_limit(cls, value: str) -> str:
        try:
            parse(value)
        except ValueError:
            raise ValueError("write it as a number and a time, like 30 per minute") from None
        return value

    @field_validator("trusted_addresses")
    @classmethod
    def _are_networks(cls, value: str) -> str:
        for network in value.split(","):
            try:
                ip_network(network.strip() or "::", strict=False)
            except ValueError:
                raise ValueError(f"{network.strip()} is no address; write it like 192.0.2.0/24") from None
        return value

    @model_validator(mode="after")
    def _text_on_the_brand_can_be_read(self) -> Self:
        ratio = contrast(self.brand, self.brand_ink)
        if ratio < LEAST_CONTRAST:
            raise ValueError(
                f"ENGAGE_BRAND_INK on ENGAGE_BRAND has a contrast of {ratio:.1f} to 1; choose colours with "
                f"at least {LEAST_CONTRAST:.0f} to 1"
            )
        return self

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    @property
    def checked(self) -> frozenset[str]:
        """Codes of the languages that a person has checked."""
        return frozenset(code.strip() for code in self.checked_languages.split(",") if code.strip())

    @property
    def trusted_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """From where any number of people may answer."""
        written = (network.strip() for network in self.trusted_addresses.split(","))
        return tuple(ip_network(network, strict=False) for network in written if network)

    @property
    def database(self) -> str:
        """The database address, with the default filled in."""
        return self.database_url or f"sqlite:///{self.data_folder.resolve() / 'engage.db'}"

    @property
    def queue(self) -> str:
        """Where jobs wait: ``sqlite:///…`` or ``postgresql://…``."""
        if self.queue_url:
            return self.queue_url
        if self.database.startswith("postgresql"):
            return self.database
        return f"sqlite:///{self.data_folder.resolve() / 'queue.db'}"


def load() -> Settings:
    """Read the settings. Raises SettingsError with one sentence a problem."""
    try:
        settings = Settings()
    except ValidationError as error:
        problems = [f"ENGAGE_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()]
        raise SettingsError("\n".join(problems)) from error
    refuse_unsafe(settings)
    return settings


def refuse_unsafe(settings: Settings) -> None:
    """Raise SettingsError where production would run with settings that endanger people."""
    if not settings.is_production:
        return
    problems = []
    if settings.secret_key == DEFAULT_SECRET_KEY or len(settings.secret_key) < SHORTEST_SECRET_KEY:
        problems.append(
            "ENGAGE_SECRET_KEY is missing or too short. Anybody could forge a sign-in. Make one with: "
            'python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
        )
    if settings.debug:
        problems.append("ENGAGE_DEBUG is on. It would show what people wrote to strangers. Turn it off.")
    if not settings.base_url.startswith("https://"):
        problems.append(
            f"ENGAGE_BASE_URL is {settings.base_url}. People's words would travel unprotected. "
            "Set it to an address that starts with https://"
        )
    invented = [
        f"ENGAGE_{name.upper()}"
        for name in ("council_name", "phone", "email", "safeguarding_phone")
        if getattr(settings, name) == Settings.model_fields[name].default
    ]
    if invented:
        problems.append(
            f"{', '.join(invented)}: these still hold invented examples. Somebody in need would ring "
            "a number that nobody answers. Set them to your own."
        )
    if problems:
        problems.append("To try Engage on your own computer instead, set ENGAGE_ENVIRONMENT=development.")
        raise SettingsError("\n".join(problems))


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two ``#rrggbb`` colours, 1 to 21, by WCAG 2.2's relative luminance."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def apply(app: Flask, settings: Settings) -> None:
    """Hand the settings to Flask and its extensions under the names that they know."""
    lifetime = timedelta(hours=settings.session_hours)
    app.extensions["engage.settings"] = settings
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=settings.secret_key_fallbacks,
        BASE_URL=settings.base_url,
        DEBUG=settings.debug,
        SESSION_COOKIE_NAME="engage",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.base_url.startswith("https://"),
        PERMANENT_SESSION_LIFETIME=lifetime,
        SESSION_HOURS=settings.session_hours,
        WTF_CSRF_TIME_LIMIT=None,
        MAX_CONTENT_LENGTH=settings.max_upload_mb * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=LARGEST_FORM,
        RATELIMIT_STORAGE_URI=settings.rate_limit_storage.replace("memory://", "counted-here://"),
        SIGN_IN_LIMIT=settings.sign_in_limit,
        CODE_LIMIT=settings.code_limit,
        MAIL_SERVER=settings.smtp_host,
        MAIL_PORT=settings.smtp_port,
        MAIL_USERNAME=settings.smtp_user or None,
        MAIL_PASSWORD=settings.smtp_password or None,
        MAIL_USE_TLS=settings.smtp_tls,
        MAIL_DEFAULT_SENDER=settings.mail_sender,
        MAIL_TIMEOUT=20,
    )
    app.jinja_env.add_extension("jinja2.ext.do")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def of(app: Flask) -> Settings:
    """The settings that an app was built with."""
    settings: Settings = app.extensions["engage.settings"]
    return settings
