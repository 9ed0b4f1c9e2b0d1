"""What the columns of a file mean: which one holds what, guessed from the headings, chosen by a person."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from flask_babel import gettext as _

from engage.contributions.models import Channel
from engage.forms import LONGEST_TEXT, clean_line
from engage.notes.tables import Row, UnreadableFile


class ColumnMissing(UnreadableFile):
    """A column was named that the file does not have."""


@dataclass(frozen=True)
class ColumnMapping:
    """Which column holds what, by heading. ``prompt`` is the question where it was the same for every row.

    In an export of another tool a row may hold several texts, each with a question of its own: ``tool`` then
    names the tool, ``text_columns`` the columns, and ``text_column`` is the first of them.
    """

    text_column: str
    prompt_column: str | None = None
    prompt: str | None = None
    speaker_column: str | None = None
    district_column: str | None = None
    date_column: str | None = None
    voices_column: str | None = None
    reference_column: str | None = None
    language_column: str | None = None
    channel: Channel = Channel.IMPORT
    sheet: str | None = None
    tool: str | None = None
    text_columns: tuple[str, ...] = ()
    with_unfinished: bool = False

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> ColumnMapping:
        """The mapping that a form, a command or a stored row carries. Raises UnreadableFile."""
        known = {field.name for field in fields(cls)}
        kept = {name: value for name, value in values.items() if name in known and value}
        if kept.get("text_columns"):
            kept["text_columns"] = tuple(kept["text_columns"])
            kept["text_column"] = kept["text_columns"][0]
        if "text_column" not in kept:
            raise ColumnMissing(_("Choose the column that holds what people said."))
        try:
            kept["channel"] = Channel(kept.get("channel", Channel.IMPORT))
        except ValueError as error:
            raise UnreadableFile(
                _(
                    "“%(channel)s” is no way in which voices reach you. Choose one of: %(channels)s.",
                    channel=kept["channel"],
                    channels=", ".join(Channel),
                )
            ) from error
        return cls(**kept)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def columns(self) -> dict[str, str]:
        """The chosen headings by what they hold: ``{"text": "Comment", …}``."""
        chosen = {f.name: getattr(self, f.name) for f in fields(self) if f.name.endswith("_column")}
        return {name.removesuffix("_column"): heading for name, heading in chosen.items() if heading}


def places(mapping: ColumnMapping, headers: Sequence[str]) -> dict[str, int]:
    """Where each chosen column stands, counted from 0. Raises ColumnMissing, which names what there is."""
    by_name = _places_by_name(headers)
    return {what: _place(heading, by_name, headers) for what, heading in mapping.columns().items()}


def text_places(mapping: ColumnMapping, headers: Sequence[str]) -> tuple[int, ...]:
    """Where the columns with what people said stand, as in the file. Raises ColumnMissing."""
    by_name = _places_by_name(headers)
    chosen = mapping.text_columns or (mapping.text_column,)
    return tuple(sorted({_place(heading, by_name, headers) for heading in chosen}))


def _places_by_name(headers: Sequence[str]) -> dict[str, int]:
    return {clean_line(name).casefold(): place for place, name in reversed(list(enumerate(headers)))}


def _place(heading: str, by_name: Mapping[str, int], headers: Sequence[str]) -> int:
    place = by_name.get(clean_line(heading).casefold())
    if place is None:
        raise ColumnMissing(
            _(
                "This file has no column “%(heading)s”. It has: %(headings)s.",
                heading=heading,
                headings=", ".join(headers[:40]),
            )
        )
    return place


# Words that headings have, the likeliest first, in the order in which columns are given away.
_GUESSES: tuple[tuple[str, str], ...] = (
    (
        "text",
        r"comments?|free ?text|verbatim|what (was|they|people|you) (said|told)|your (views?|words)|opinion"
        r"|text|responses?|answers?|feedback|views?|said|words|message",
    ),
    ("prompt", r"questions?|prompts?|asked"),
    (
        "speaker",
        r"speakers?|who|who (are|is|speaks)|respondent type|role|about you|type of (person|respondent)",
    ),
    ("district", r"districts?|boroughs?|areas?|localit(y|ies)|towns?|where (do )?you live"),
    ("date", r"dates?|received|submitted|timestamp|completed|day"),
    ("voices", r"voices|people|how many|number of (people|voices)|count|agree(d|ing)?"),
    ("reference", r"id|ids|ref|reference|response (id|number)|record (id|number)|number|no|key|uuid"),
    ("language", r"languages?|lang"),
)


def guess(headers: Sequence[str], first: Sequence[Row]) -> dict[str, str]:
    """A likely mapping as ``{"text_column": heading, …}``, by headings; the text also by its length."""
    left = {heading: " ".join(re.findall(r"[a-z]+", heading.lower())) for heading in headers}
    longest = max(headers, key=lambda heading: _length(headers, first, heading))
    found: dict[str, str] = {}
    for what, words in _GUESSES:
        heading = _match(left, rf"(?:{words})", whole=True)
        if what == "text":
            heading = heading or longest
        heading = heading or _match(left, rf"\b(?:{words})\b", whole=False)
        if heading:
            found[f"{what}_column"] = heading
            del left[heading]
    return found


def _match(left: Mapping[str, str], pattern: str, *, whole: bool) -> str | None:
    look = re.compile(pattern).fullmatch if whole else re.compile(pattern).search
    return next((heading for heading, plain in left.items() if look(plain)), None)


def _length(headers: Sequence[str], first: Sequence[Row], heading: str) -> int:
    """Characters in a column of the first rows, no cell counted for more than a voice may be long."""
    place = headers.index(heading)
    return sum(min(len(row.cells[place]), LONGEST_TEXT) for row in first)
