"""The fixed part of a public page, rendered once: what is the same for everybody who reads it in one form.

Rendering a form costs more than all the rest of answering it. A page is kept in pieces, cut where something
stands that belongs to one person alone, such as the token that protects a form. Whoever asks next gets the
pieces with their own in between. What a page depends on is in its key: what the view names, the address, the
language, and every preference that a person can set. What cannot be cut out is never kept.

The pages are kept in memory, for each application by itself; the ones asked for least recently go first.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from threading import Lock

from flask import current_app, request, session

from engage import i18n
from engage.surveys.comforts.preferences import COOKIES

MOST = 400  # Pages; some 40 kB each.
LONGEST_PREFERENCE = 20  # Characters. No preference of ours is longer.
USUAL_QUERIES = (b"", b"change=1")
FLASHED = "_flashes"  # Where Flask keeps a message that the next page shows.

Pieces = tuple[str | int, ...]
"""Text that is the same for all, and for a slot the number of what stands there."""


@dataclass
class _Kept:
    """An application's pages, the most recently used last."""

    pages: OrderedDict[Hashable, Pieces] = field(default_factory=OrderedDict)
    lock: Lock = field(default_factory=Lock)

    def find(self, key: Hashable) -> Pieces | None:
        with self.lock:
            found = self.pages.get(key)
            if found is not None:
                self.pages.move_to_end(key)
            return found

    def keep(self, key: Hashable, pieces: Pieces) -> None:
        with self.lock:
            self.pages[key] = pieces
            while len(self.pages) > MOST:
                self.pages.popitem(last=False)


def page(depends_on: tuple[Hashable, ...], personal: Sequence[str], render: Callable[[], str]) -> str:
    """The page, from pieces where there are some. ``render`` makes it, with ``personal`` texts in it.

    ``depends_on`` names everything else in which two such pages differ. Each of the ``personal`` texts must
    stand in the page as it is; where one does not, nothing is kept.
    """
    key = _key(depends_on)
    if key is None:
        return render()
    kept = current_app.extensions.setdefault("engage.rendered", _Kept())
    pieces = kept.find(key)
    if pieces is None:
        made = render()
        pieces = _cut(made, personal)
        if pieces:
            kept.keep(key, pieces)
        return made
    return "".join([piece if isinstance(piece, str) else personal[piece] for piece in pieces])


def _key(depends_on: tuple[Hashable, ...]) -> Hashable | None:
    """What the page depends on; None where it may show something that is for this moment alone."""
    if current_app.debug or FLASHED in session or request.query_string not in USUAL_QUERIES:
        return None
    preferences = tuple(request.cookies.get(name, "") for name in COOKIES)
    if any(len(preference) > LONGEST_PREFERENCE for preference in preferences):
        return None
    where = (request.script_root, request.path, request.query_string)
    return (*depends_on, *where, i18n.page_language(), *preferences)


def _cut(made: str, personal: Sequence[str]) -> Pieces:
    """The page in pieces; empty where something personal is not found in it, or is nothing at all."""
    if not all(one and one in made for one in personal):
        return ()
    if not personal:
        return (made,)
    places = {text: number for number, text in enumerate(personal)}
    longest_first = sorted(places, key=len, reverse=True)
    pieces = re.split(f"({'|'.join(map(re.escape, longest_first))})", made)
    return tuple(places.get(piece, piece) for piece in pieces if piece)
