"""Sending e-mail, where a mail server is configured."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

from flask import current_app
from flask_babel import gettext as _
from flask_mailman import EmailMultiAlternatives, Mail

from engage import config

mail = Mail()


def can_send() -> bool:
    """Whether a mail server is configured."""
    return bool(current_app.config["MAIL_SERVER"])


def link(endpoint: str, **values: Any) -> str:
    """A whole address for a message. It starts with the configured base URL, whatever host was asked."""
    path = current_app.url_map.bind("localhost").build(endpoint, values)
    return urljoin(current_app.config["BASE_URL"].rstrip("/") + "/", path.lstrip("/"))


def who_writes() -> str:
    """The end of a message: who sends it, and whom to ring about it."""
    settings = config.of(current_app)
    return _(
        "This message comes from %(council)s. If you did not ask for it, you need do nothing. "
        "To talk to us, ring %(phone)s, %(hours)s.",
        council=settings.council_name,
        phone=settings.phone,
        hours=settings.phone_hours,
    )


def send(to: str, subject: str, body: str, *, html: str = "") -> None:
    """Send one message now: plain text, and the same in HTML where it is given.

    Raises OSError or smtplib.SMTPException where it cannot. Sending takes time, so no transaction should be
    open.
    """
    message = EmailMultiAlternatives(
        subject=" ".join(subject.split()),
        body=body,
        from_email=current_app.config["MAIL_DEFAULT_SENDER"],
        to=[to],
    )
    if html:
        message.attach_alternative(html, "text/html")
    message.send()
