"""Which language a page speaks, and which way it runs.

A language is a file ``translations/<code>/LC_MESSAGES/messages.po``. Pages need it compiled, as
``messages.mo`` beside it: a wheel brings that along, in a checkout it is made at the start whenever the
``.po`` is newer.
"""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

import structlog
from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, Response, current_app, has_request_context, request, url_for
from flask_babel import Babel, get_locale

from engage import paths
from engage.config import Settings, SettingsError

log = structlog.get_logger(__name__)
babel = Babel()
DEFAULT = "en"
COOKIE = "language"
YEAR = 365 * 24 * 3600


def init_app(app: Flask, settings: Settings) -> None:
    """Compile what is not compiled yet. Raises SettingsError for a checked language that there is not."""
    compile_translations(paths.TRANSLATIONS)
    languages.cache_clear()
    unknown = sorted(settings.checked - set(languages()))
    if unknown:
        raise SettingsError(
            f"ENGAGE_CHECKED_LANGUAGES names {', '.join(unknown)}. There are only: {', '.join(languages())}."
        )
    app.config["BABEL_DEFAULT_LOCALE"] = "en_GB"
    app.config["BABEL_DEFAULT_TIMEZONE"] = "Europe/London"
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(paths.TRANSLATIONS)
    babel.init_app(app, locale_selector=chosen_language)
    app.jinja_env.globals["page_language"] = page_language
    app.after_request(_keep_choice)


def compile_translations(folder: Path) -> None:
    """Make every ``.mo`` that is missing or older than its ``.po``. Several processes may do so at once.

    Where the folder cannot be written to, what is there stays as it is.
    """
    for source in folder.glob("*/LC_MESSAGES/messages.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        try:
            _compile(source, target)
        except OSError as error:
            log.warning("a translation could not be compiled", language=_code(source), reason=error.strerror)


def _compile(source: Path, target: Path) -> None:
    with source.open("rb") as read:
        catalog = read_po(read, locale=_code(source))
    with tempfile.NamedTemporaryFile(dir=target.parent, suffix=".mo", delete=False) as write:
        write_mo(write, catalog)
    made = Path(write.name)
    made.chmod(0o644)
    made.replace(target)


def _code(path: Path) -> str:
    """The language of ``<code>/LC_MESSAGES/messages.po``."""
    return path.parent.parent.name


@cache
def languages() -> tuple[str, ...]:
    """The languages that there are translations for, English first."""
    sources = paths.TRANSLATIONS.glob("*/LC_MESSAGES/messages.po")
    found = sorted(_code(path) for path in sources if path.with_suffix(".mo").exists())
    return (DEFAULT, *(code for code in found if code != DEFAULT))


@cache
def own_name(code: str) -> str:
    """What a language calls itself, with a capital letter where it has such: "Polski"."""
    name = Locale.parse(code).get_display_name() or code
    return name[:1].upper() + name[1:]


def is_public_page() -> bool:
    """Whether the page is for residents. Signed-in pages and signing in are in English for everybody."""
    path = request.path.rstrip("/") + "/"
    return not path.startswith("/staff/") and request.blueprint != "accounts"


def chosen_language() -> str:
    """The language that the person chose, else the best their browser asks for, else English."""
    if not has_request_context() or not is_public_page():
        return "en_GB"
    for chosen in (request.args.get(COOKIE), request.cookies.get(COOKIE)):
        if chosen in languages():
            break
    else:
        chosen = request.accept_languages.best_match(languages())
    return "en_GB" if chosen in (None, DEFAULT) else str(chosen)


def _keep_choice(response: Response) -> Response:
    """Remember ``?language=`` for a year, in a cookie and nowhere else."""
    if not is_public_page() or request.endpoint == "static":
        return response
    if response.mimetype == "text/html":
        response.vary.update(("Accept-Language", "Cookie"))
    chosen = request.args.get(COOKIE)
    if chosen in languages():
        response.set_cookie(
            COOKIE,
            str(chosen),
            max_age=YEAR,
            samesite="Lax",
            httponly=True,
            secure=current_app.config["SESSION_COOKIE_SECURE"],
        )
    return response


def language_menu() -> list[tuple[str, str, str]]:
    """For the menu: (code, the language's own name, address of this page in it). Empty on signed-in pages.

    The address is a query alone, so that the person stays on the page, whatever its path. Where the page
    answers something that was sent and has no address of its own, it leads home.
    """
    if not has_request_context() or not is_public_page():
        return []
    rule = request.url_rule
    if rule is not None and "GET" not in (rule.methods or ()):
        return [(code, own_name(code), url_for("pages.home", language=code)) for code in languages()]
    kept = [(key, value) for key, value in request.args.items(multi=True) if key != COOKIE]
    return [(code, own_name(code), "?" + urlencode([*kept, (COOKIE, code)])) for code in languages()]


def page_language() -> str:
    """For the page's ``lang``: a language code such as ``en``."""
    locale = get_locale()
    return str(locale.language) if locale else DEFAULT


def page_direction() -> str:
    """For the page's ``dir``: ``ltr`` or ``rtl``."""
    locale = get_locale() or Locale.parse("en_GB")
    return str(locale.text_direction)


def council_words() -> dict[str, str]:
    """Attributes for words that the council wrote, in English, on a page that is in another language."""
    return {} if page_language() == DEFAULT else {"lang": DEFAULT, "dir": "auto"}
