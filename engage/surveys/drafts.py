"""Which unsent answers belong to the browser that asks: a code in the signed session cookie, per survey.

The answers themselves are in the database under a hash of the code, so that a refresh, the back button, a
second tab or another device with the code loses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import session

from engage.contributions import codes

KEY = "surveys"
MOST = 4  # Surveys that one browser may have under way; more would make the cookie large.


@dataclass(frozen=True)
class Draft:
    """The code of the person who answers, and the version that is being answered under it."""

    code: str
    version_id: int


def draft_of(slug: str) -> Draft | None:
    """The draft that this browser has under way for a survey."""
    kept = session.get(KEY, {}).get(slug)
    return Draft(*kept) if kept else None


def begin(slug: str, version_id: int) -> Draft:
    """A new draft, in place of any earlier one. Several people on one device each get their own."""
    return carry_on(slug, codes.new_code(), version_id)


def carry_on(slug: str, code: str, version_id: int) -> Draft:
    """The draft of somebody who comes back with a code."""
    forget(slug)
    newest = dict(list(session[KEY].items())[1 - MOST :])
    session[KEY] = {**newest, slug: [code, version_id]}
    session.permanent = True
    return Draft(code, version_id)


def forget(slug: str) -> None:
    session[KEY] = {other: kept for other, kept in session.get(KEY, {}).items() if other != slug}
