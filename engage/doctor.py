"""Is everything there that Engage needs? One sentence a part."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from flask import Flask

from engage import analysis, close, config, create_app, db
from engage.audit import services as audit
from engage.config import Settings

SECONDS = 10


@dataclass(frozen=True)
class Finding:
    """What was looked at, whether it is well, and in words what was found or what to do."""

    what: str
    is_well: bool
    words: str


def examine() -> list[Finding]:
    """Look at everything; a part that is broken does not keep the rest from being looked at."""
    try:
        settings = config.load()
        app = create_app(settings)
    except Exception as error:
        return [Finding("Settings", False, str(error))]
    try:
        return [
            Finding("Settings", True, f"{settings.environment}, {settings.base_url}"),
            *_examine(app, settings),
        ]
    finally:
        close(app)


def _examine(app: Flask, settings: Settings) -> Iterator[Finding]:
    with app.app_context():
        for what, look in _looks(app, settings):
            try:
                is_well, words = look()
            except Exception as error:
                reason = str(getattr(error, "orig", None) or error).partition("\n")[0]
                is_well, words = False, f"{type(error).__name__}: {reason}"
            yield Finding(what, is_well, words)


def _looks(app: Flask, settings: Settings) -> Iterator[tuple[str, Callable[[], tuple[bool, str]]]]:
    yield "Database", _database
    yield "Audit", _audit
    yield "Sentence model", lambda: (True, analysis.check_model())
    yield "Job queue", lambda: (True, f"{app.extensions['engage.queue'].pending_count()} jobs wait")
    yield "Mail", lambda: _mail(settings)


def _database() -> tuple[bool, str]:
    at, newest = db.revisions()
    if at != newest:
        return False, f"it is at revision {at}, the product needs {newest}. Run: engage db upgrade"
    name = str(db.db.engine.url.render_as_string(hide_password=True))
    db.db.session.execute(sa.text("SELECT 1"))
    db.db.session.rollback()
    return True, f"{name}, revision {at}"


def _audit() -> tuple[bool, str]:
    verdict = audit.verify()
    db.db.session.rollback()
    return verdict.is_whole, verdict.fault or f"{verdict.entries} entries, whole"


def _mail(settings: Settings) -> tuple[bool, str]:
    if not settings.smtp_host:
        return True, "no mail server is set (ENGAGE_SMTP_HOST); invitation links are shown to copy"
    with smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=SECONDS) as server:
        if settings.smtp_tls:
            server.starttls()
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password)
        code, _answer = server.noop()
    return code == 250, f"{settings.smtp_host} answers"
