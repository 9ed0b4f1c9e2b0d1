"""Sending e-mail, where a mail server is configured."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

from flask import current_app
from flask_mailman import EmailMessage, Mail

mail = Mail()


def can_send() -> bool:
    """Whether a mail server is configured."""
    return bool(current_app.config["MAIL_SERVER"])


def link(endpoint: str, **values: Any) -> str:
    """A whole address for a message. It starts with the configured base URL, whatever host was asked."""
    path = current_app.url_map.bind("localhost").build(endpoint, values)
    return urljoin(current_app.config["BASE_URL"].rstrip("/") + "/", path.lstrip("/"))


def send(to: str, subject: str, body: str) -> None:
    """Send one plain-text message now. Raises OSError or smtplib.SMTPException where it cannot."""
    EmailMessage(
        subject=subject, body=body, from_email=current_app.config["MAIL_DEFAULT_SENDER"], to=[to]
    ).send()
