"""Exports of other survey tools: known by their headings, with a likely mapping and what is left out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date
from itertools import islice
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask_babel import gettext as _

from engage.forms import clean_line
from engage.notes import answers, tools
from engage.notes.answers import Kind
from engage.notes.columns import ColumnMapping, ColumnMissing
from engage.notes.moments import LONDON, Clock, month_comes_first
from engage.notes.rows import speaker
from engage.notes.tables import LOOKED_AT, Row, Table, UnreadableFile
from engage.notes.tools import Role, Signs, Tool

# So many rows say what a column holds.
SAMPLE = 1_000
UNDERSTOOD = 0.5
# LimeSurvey writes this where a survey keeps no days.
_NO_DAY = "1980-01-01"
_FAR_AHEAD = date(9000, 1, 1)
_NOT_FINISHED = frozenset({"0", "false", "no"})


@dataclass(frozen=True)
class Column:
    """One column: its heading in the file, the question in it where it is one, and what it holds."""

    heading: str
    kind: Kind
    question: str | None = None
    role: Role | None = None


@dataclass(frozen=True)
class Layout:
    """An export that we know. ``heading_rows`` are the numbers of rows that hold no answers.

    ``first`` has a few answers to look at, with nothing in the cells that can show who somebody is.
    """

    signs: Signs
    columns: tuple[Column, ...]
    heading_rows: frozenset[int] = frozenset()
    clock: Clock = field(default_factory=Clock)
    speaker: str | None = None
    district: str | None = None
    has_questions: bool = True
    first: tuple[Row, ...] = ()

    @property
    def tool(self) -> Tool:
        return self.signs.tool

    @property
    def name(self) -> str:
        return tools.NAMES[self.tool]

    def of(self, *kinds: Kind) -> list[Column]:
        """The columns of these kinds, as they stand in the file."""
        return [column for column in self.columns if column.kind in kinds]

    def place(self, role: Role) -> int | None:
        return next((at for at, column in enumerate(self.columns) if column.role is role), None)

    @property
    def tells_finished(self) -> bool:
        """Whether the export says which answers were finished."""
        return self.place(Role.FINISHED) is not None or self._submits()

    def _submits(self) -> bool:
        """Whether the day is LimeSurvey's day of sending, which is empty where somebody did not send."""
        at = self.place(Role.DAY)
        return (
            self.tool is Tool.LIMESURVEY
            and at is not None
            and "submit" in tools.plain(self.columns[at].heading)
        )

    def proposal(self) -> dict[str, object]:
        """A likely mapping, with the names of ColumnMapping."""
        found: dict[str, object] = {
            "tool": self.tool.value,
            "text_columns": tuple(column.heading for column in self.of(Kind.WORDS)),
            "speaker_column": self.speaker,
            "district_column": self.district,
        }
        for role in (Role.REFERENCE, Role.DAY, Role.LANGUAGE):
            at = self.place(role)
            found[f"{role.value}_column"] = None if at is None else self.columns[at].heading
        return {name: value for name, value in found.items() if value}

    def refuse_personal(self, mapping: ColumnMapping) -> None:
        """Raise ColumnMissing where a column was chosen that can show who somebody is."""
        never = {clean_line(column.heading).casefold() for column in self.of(Kind.PERSONAL)}
        for heading in (*mapping.columns().values(), *mapping.text_columns):
            if clean_line(heading).casefold() in never:
                raise ColumnMissing(
                    _(
                        "“%(heading)s” is left out because it can show who somebody is. "
                        "Choose another column.",
                        heading=heading,
                    )
                )

    def why_left_out(self, row: Row, *, with_unfinished: bool) -> str | None:
        """Why an answer is not taken in: ``trial`` or ``unfinished``; None where it is."""
        status = self._cell(row, Role.STATUS)
        if status and status.casefold() in self.signs.trials:
            return "trial"
        return "unfinished" if not with_unfinished and not self._is_finished(row) else None

    def _is_finished(self, row: Row) -> bool:
        if self._submits():
            return bool(self._cell(row, Role.DAY))
        return (self._cell(row, Role.FINISHED) or "").casefold() not in _NOT_FINISHED

    def _cell(self, row: Row, role: Role) -> str | None:
        at = self.place(role)
        return None if at is None else clean_line(row.cells[at])

    def origin(self, row: Row, reference: str) -> str:
        """What tells this answer from all others, in whatever order and kind of file it comes again."""
        moment = None
        if self.signs.numbers_per_survey:
            moment = self.clock.moment(self._cell(row, Role.DAY) or "", _FAR_AHEAD)
        return (
            f"{self.tool.value}\x00{reference}\x00{moment:%Y-%m-%d %H:%M}"
            if moment
            else f"{self.tool.value}\x00{reference}"
        )

    def day(self, cell: str) -> str:
        """The cell of a day, empty where the tool's own sign for "no day" stands in it."""
        return "" if cell.startswith(_NO_DAY) else cell


def recognise(table: Table, districts: Sequence[str] = ()) -> Layout | None:
    """The layout of a table that another tool wrote; None where it is none that we know.

    Raises UnreadableFile where there are questions but no answers below them.
    """
    asked, ids = _heading_rows(table.headers, table.first)
    names = _own_names(table.headers, ids)
    signs = tools.QUALTRICS if ids else tools.signs_among(names)
    if signs is None:
        return None
    heading_rows = frozenset(row.number for row in (asked, ids) if row)
    answered = [row for row in _sample(table) if row.number not in heading_rows]
    if not answered:
        raise UnreadableFile(
            _("This file has questions but no answers below them. Check that you chose the right file.")
        )
    texts = tuple(clean_line(cell) for cell in asked.cells) if asked else table.headers
    columns = tuple(_columns(signs, names, table.headers, texts, ids, answered))
    return Layout(
        signs,
        columns,
        heading_rows,
        _clock(signs, columns, ids, answered),
        _speaker(columns, answered),
        _district(columns, answered, districts),
        any(column.question for column in columns if column.kind is Kind.WORDS),
        tuple(_without_names(columns, answered[:LOOKED_AT])),
    )


def _sample(table: Table) -> Iterator[Row]:
    """The first rows, as far as the file can be read: what is broken is told when the file is taken in."""
    try:
        yield from islice(table.rows(), SAMPLE)
    except UnreadableFile:
        return


def _without_names(columns: Sequence[Column], rows: Sequence[Row]) -> Iterator[Row]:
    shown = [column.kind is not Kind.PERSONAL for column in columns]
    for row in rows:
        yield replace(
            row, cells=tuple(cell if show else "" for cell, show in zip(row.cells, shown, strict=True))
        )


def _heading_rows(headers: Sequence[str], sample: Sequence[Row]) -> tuple[Row | None, Row | None]:
    """Qualtrics' row of questions and its row of import numbers, where they stand among the first two."""
    ids = next((row for row in sample[:2] if any(map(_import_id, row.cells))), None)
    before = [row for row in sample[:2] if row is not ids and (ids is None or row.number < ids.number)]
    if before and (ids or _repeats_headings(headers, before[0])):
        return before[0], ids
    return None, ids


def _repeats_headings(headers: Sequence[str], row: Row) -> bool:
    """Whether a row reads "Start Date", "End Date", "Response ID" under StartDate, EndDate, ResponseId."""
    pairs = zip(headers, row.cells, strict=False)
    return sum(1 for heading, cell in pairs if cell and tools.plain(cell) == tools.plain(heading)) >= 3


def _import_id(cell: str) -> dict[str, object]:
    if not cell.lstrip().startswith("{") or "ImportId" not in cell:
        return {}
    try:
        found = json.loads(cell)
    except ValueError:
        return {"ImportId": ""}
    return found if isinstance(found, dict) else {}


def _own_names(headers: Sequence[str], ids: Row | None) -> list[str]:
    """The names by which the tool knows its columns: of the import row, else the headings or their codes."""
    if not ids:
        return [tools.without_code(heading) for heading in headers]
    found = [str(_import_id(cell).get("ImportId") or "") for cell in ids.cells]
    own = tools.QUALTRICS
    return [name if tools.role(own, name) else heading for name, heading in zip(found, headers, strict=True)]


def _columns(
    signs: Signs,
    names: Sequence[str],
    headers: Sequence[str],
    texts: Sequence[str],
    ids: Row | None,
    answered: Sequence[Row],
) -> Iterator[Column]:
    there = {tools.plain(name) for name in names}
    day = next((name for name in signs.days if name in there), None)
    given: set[Role] = set()
    for at, (name, heading, text) in enumerate(zip(names, headers, texts, strict=True)):
        role = tools.role(signs, name)
        if role is Role.DAY and tools.plain(name) != day:
            role = Role.WORKINGS
        if role in given and role not in (Role.PERSONAL, Role.WORKINGS):
            role = None  # A question with the same name as one of the tool's own columns.
        if role:
            given.add(role)
            yield Column(heading, _kind_of(role), None, role)
            continue
        values = [row.cells[at] for row in answered if row.cells[at].strip()]
        typed = bool(ids and str(_import_id(ids.cells[at]).get("ImportId", "")).endswith("_TEXT"))
        asked = f"{text} {heading}" if text != heading and len(heading) > 4 else text
        yield Column(heading, _question_kind(asked, text, values, typed), tools.question(signs.tool, text))


def _question_kind(both: str, text: str, values: Sequence[str], typed: bool) -> Kind:
    if answers.personal(both, values):
        return Kind.PERSONAL
    return answers.kind(text, values, typed=typed)


def _kind_of(role: Role) -> Kind:
    if role is Role.PERSONAL:
        return Kind.PERSONAL
    return Kind.ABOUT if role in (Role.REFERENCE, Role.DAY, Role.LANGUAGE) else Kind.WORKINGS


def _clock(signs: Signs, columns: Sequence[Column], ids: Row | None, answered: Sequence[Row]) -> Clock:
    at = next((at for at, column in enumerate(columns) if column.role is Role.DAY), None)
    if at is None:
        return Clock()
    values = (clean_line(row.cells[at]) for row in answered)
    first = month_comes_first(values, where_unclear=signs.tool is Tool.MICROSOFT_FORMS)
    zone = str(_import_id(ids.cells[at]).get("timeZone") or "") if ids else ""
    if zone == "Z":
        return Clock(UTC, first)
    try:
        return Clock(ZoneInfo(zone) if zone else LONDON, first)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return Clock(LONDON, first)


def _speaker(columns: Sequence[Column], answered: Sequence[Row]) -> str | None:
    """The closed question whose answers say who speaks: most are understood, for two kinds of people."""
    for at, column in enumerate(columns):
        values = [clean_line(row.cells[at]).casefold()[:200] for row in answered if row.cells[at].strip()]
        if column.kind is not Kind.CHOICES or not values:
            continue
        found = [who for who in map(speaker, values) if who]
        if len(found) > UNDERSTOOD * len(values) and len({*found}) > 1:
            return column.heading
    return None


def _district(columns: Sequence[Column], answered: Sequence[Row], districts: Sequence[str]) -> str | None:
    known = {clean_line(name).casefold() for name in districts}
    for at, column in enumerate(columns):
        values = [clean_line(row.cells[at]).casefold() for row in answered if row.cells[at].strip()]
        if column.kind is Kind.CHOICES and values:
            plain = [value.removesuffix(" district").replace(" & ", " and ") for value in values]
            if sum(value in known for value in plain) > UNDERSTOOD * len(values):
                return column.heading
    return None
