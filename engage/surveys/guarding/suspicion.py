"""Signs that a machine answers, and not a person.

None of them refuses anybody. Answers with a sign are kept apart until a person has looked (``quarantine``),
and whoever sent them sees no difference. Several people on one device are not a sign, nor is a cookie.

An address is never kept. What is counted is a keyed hash of it with a salt that changes every day, in the
storage of the rate limits, where it ends with its time window.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from ipaddress import IPv6Address, ip_network

import structlog
from flask import current_app
from limits import RateLimitItem, parse

from engage import config
from engage.config import Settings
from engage.limits import is_trusted, limiter, read_address
from engage.surveys.drafts import Draft
from engage.surveys.guarding import proof

log = structlog.get_logger(__name__)
TRAP = "second_comment"
"""A field that people do not see and that asks to be left empty. Machines fill in what they find."""

HOME = 64
"""Bits of an IPv6 address that one household has in common; the others change by themselves."""


class Sign(StrEnum):
    """Why a response looks like a machine's."""

    HONEYPOT = "honeypot"
    TOO_FAST = "too_fast"
    BURST = "burst"
    SUSTAINED = "sustained"
    NO_PROOF = "no_proof"


def signs(form: Mapping[str, str], *, address: str, draft: Draft, answered: int, now: datetime) -> list[Sign]:
    """Every sign that what is sent now has; it is counted too. Empty for nearly everybody.

    ``form`` is what the page sent, ``address`` where it came from, ``answered`` the number of answers.
    """
    settings = config.of(current_app)
    found = []
    if form.get(TRAP, "").strip():
        found.append(Sign.HONEYPOT)
    if draft.begun and now.timestamp() - draft.begun < answered * settings.seconds_per_answer:
        found.append(Sign.TOO_FAST)
    if not is_trusted(address, settings):
        found += _too_many(address, settings, now)
    _count(settings.attack_limit, "everywhere")
    if is_under_attack() and not proof.is_solved(form.get(proof.FIELD, ""), draft):
        found.append(Sign.NO_PROOF)
    return found


def is_under_attack() -> bool:
    """Whether somebody decided so, or more answers come in from everywhere than any campaign brings."""
    settings = config.of(current_app)
    return settings.under_attack or not _has_room(settings.attack_limit, "everywhere")


def _too_many(address: str, settings: Settings, now: datetime) -> list[Sign]:
    key = address_key(address, now)
    windows = {Sign.BURST: settings.burst_limit, Sign.SUSTAINED: settings.sustained_limit}
    return [sign for sign, limit in windows.items() if not _count(limit, sign, key)]


def address_key(address: str, now: datetime) -> str:
    """What stands for an address today. Without the secret key, nobody can tell which address it was."""
    key: str = current_app.config["SECRET_KEY"]
    salt = hmac.digest(key.encode(), f"addresses:{now.astimezone(UTC).date()}".encode(), "sha256")
    return hmac.digest(salt, _household(address).encode(), "sha256").hex()


def _household(address: str) -> str:
    found = read_address(address)
    if isinstance(found, IPv6Address):
        return str(ip_network((found, HOME), strict=False))
    return str(found or address)


# --- Counting -----------------------------------------------------------------------------------------------


@cache
def _limit(written: str) -> RateLimitItem:
    return parse(written)


def _count(limit: str, *what: str) -> bool:
    """Count one more; False where that is more than the limit allows."""
    try:
        return limiter.limiter.hit(_limit(limit), "answers", *what)
    except Exception as error:
        log.error("answers cannot be counted", error_type=type(error).__name__)
        return True


def _has_room(limit: str, *what: str) -> bool:
    try:
        return limiter.limiter.test(_limit(limit), "answers", *what)
    except Exception as error:
        log.error("answers cannot be counted", error_type=type(error).__name__)
        return True
