"""Which unsent answers belong to the browser that asks: a code in the signed session cookie, per survey.

The answers themselves are in the database under a hash of the code, so that a refresh, the back button, a
second tab or another device with the code loses nothing.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from flask import session

from engage.contributions import codes

KEY = "surveys"
MOST = 12  # Surveys that one browser may have under way; the cookie stays below 3 kB with them.
TRACKED = "tracked"  # Under this key the tracking page remembers a code that was typed.


@dataclass(frozen=True)
class Draft:
    """The code of the person who answers, the version that is being answered under it, and when they began.

    ``begun`` is in whole seconds since 1970; 0 is a time long ago.
    """

    code: str
    version_id: int
    begun: int = 0


def draft_of(slug: str) -> Draft | None:
    """The draft that this browser has under way for a survey.

    None for what an older version of this program kept: no code, so nothing can be found under it.
    """
    draft = Draft(*(session.get(KEY, {}).get(slug) or ("", 0)))
    return draft if draft.code and codes.tidy(draft.code) == draft.code else None


def begin(slug: str, version_id: int, *, begun: int | None = None) -> Draft:
    """A new draft, in place of any earlier one. Several people on one device each get their own.

    ``begun`` is given where they go on with answers that they have already.
    """
    return carry_on(slug, codes.new_code(), version_id, begun=int(time.time()) if begun is None else begun)


def carry_on(slug: str, code: str, version_id: int, *, begun: int = 0) -> Draft:
    """The draft of somebody who comes back with a code."""
    others = {other: kept for other, kept in session.get(KEY, {}).items() if other != slug}
    newest = dict(list(others.items())[1 - MOST :])
    session[KEY] = {**newest, slug: [code, version_id, begun]}
    session.permanent = True
    return Draft(code, version_id, begun)


def forget(slug: str) -> None:
    """Leave nothing of a survey in this browser, and no code that was typed to see what became of it."""
    session.pop(TRACKED, None)
    session[KEY] = {other: kept for other, kept in session.get(KEY, {}).items() if other != slug}
