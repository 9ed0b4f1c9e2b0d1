"""How a person likes to answer: one question at a time or all on one page, and in Easy Read. Kept a year.

These are cookies of their own, outside the session, so that they stay when a person leaves nothing else on
the device, and no public page needs a session for them.
"""

from __future__ import annotations

from flask import current_app, request
from werkzeug.wrappers import Response

from engage.surveys.content import Content

WAYS = ("one", "all")
EASY = ("yes", "no")
COOKIES = ("text_size", "colours", "answering", "easy_read", "read_aloud")
"""Every preference that can change how a page looks, beside the language."""

YEAR = 365 * 24 * 60 * 60


def one_at_a_time() -> bool:
    """Whether the person meets one question a page; so it is until they choose otherwise."""
    return request.cookies.get("answering") != "all"


def easy_read(content: Content) -> bool:
    """Whether the person reads Easy Read, where this survey has it."""
    return content.easy_read and request.cookies.get("easy_read") == "yes"


def as_read(content: Content) -> Content:
    """The survey in the form that the person reads."""
    return content.for_easy_read() if easy_read(content) else content


def remember_way(response: Response, way: str) -> Response:
    """Remember how the person likes to answer; anything but one of ``WAYS`` is ignored."""
    return remember(response, "answering", way) if way in WAYS else response


def remember(response: Response, name: str, value: str) -> Response:
    """Keep one preference on the device, for a year."""
    response.set_cookie(
        name,
        value,
        max_age=YEAR,
        samesite="Lax",
        httponly=True,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )
    return response
