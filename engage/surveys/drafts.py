"""Which unsent answers belong to the browser that asks: a nonce in the signed session cookie, per survey.

The answers themselves are in the database under a hash of the nonce, so that a refresh, the back button or a
second visit within the life of the session loses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import session

from engage.contributions import codes

KEY = "surveys"
MOST = 4  # Surveys that one browser may have under way; more would make the cookie large.


@dataclass(frozen=True)
class Draft:
    """A nonce, and the version that is being answered with it."""

    nonce: str
    version_id: int


def draft_of(slug: str) -> Draft | None:
    """The draft that this browser has under way for a survey."""
    kept = session.get(KEY, {}).get(slug)
    return Draft(*kept) if kept else None


def begin(slug: str, version_id: int) -> Draft:
    """A new draft, in place of any earlier one. Several people on one device each get their own."""
    draft = Draft(codes.new_nonce(), version_id)
    forget(slug)
    newest = dict(list(session[KEY].items())[1 - MOST :])
    session[KEY] = {**newest, slug: [draft.nonce, draft.version_id]}
    session.permanent = True
    return draft


def forget(slug: str) -> None:
    session[KEY] = {other: kept for other, kept in session.get(KEY, {}).items() if other != slug}
