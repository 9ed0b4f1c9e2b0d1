"""What became of a file: how many rows were taken in, and which were not and why."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

FIRST_ROWS = 100
# A cell in a wrong column may hold what somebody said. Only what is too short for that is kept here, for a
# report stays when the voice itself is changed or gone.
LONGEST_VALUE = 40
MOST_WORDS = 4

# Why a row was left out, and what was left empty in rows that were taken in.
LEFT_OUT: dict[str, Any] = {
    "no_words": _l("There are no words in the column with what people said."),
    "trial": _l("Somebody tried the survey out; it is no answer."),
    "unfinished": _l("The survey was not finished and not sent."),
    "too_long": _l("It is too long: %(value)s characters. Perhaps a quotation mark is missing."),
}
NOTED: dict[str, Any] = {
    "extra_cells": _l("There are more cells than headings; the last %(value)s were not taken in."),
    "speaker": _l("Who speaks was not clear: “%(value)s”. It counts as not said."),
    "district": _l("“%(value)s” is not a district of this conversation. The district was left empty."),
    "date": _l("“%(value)s” is not a day that we can read. The day of the import was taken."),
    "voices": _l("“%(value)s” is not a whole number of people. It counts as one."),
    "language": _l("“%(value)s” is not a language that we know. The language was left empty."),
}
# The same where the cell holds a long text, which is not kept.
LONG_TEXT: dict[str, Any] = {
    "speaker": _l("Who speaks was not clear: the cell holds a long text. It counts as not said."),
    "district": _l("The cell for the district holds a long text. The district was left empty."),
    "date": _l("The cell for the day holds a long text. The day of the import was taken."),
    "voices": _l("The cell for the number of people holds a long text. It counts as one."),
    "language": _l("The cell for the language holds a long text. The language was left empty."),
}
TITLES: dict[str, Any] = {
    "no_words": _l("Without words"),
    "trial": _l("Trials of the survey"),
    "unfinished": _l("Not finished"),
    "too_long": _l("Too long"),
    "extra_cells": _l("More cells than headings"),
    "speaker": _l("Who speaks was not clear"),
    "district": _l("District not known"),
    "date": _l("Day not readable"),
    "voices": _l("Number of people not readable"),
    "language": _l("Language not known"),
}


@dataclass
class Findings:
    """Counts while a file is taken in. ``rows`` has the first rows of each kind as (number, value)."""

    taken: int = 0
    already_there: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    rows: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    encoding: str | None = None

    def note(self, kind: str, row: int, value: str, most: int | None = FIRST_ROWS) -> None:
        """Count one finding; at most ``most`` rows of a kind are named."""
        self.counts[kind] = self.counts.get(kind, 0) + 1
        named = self.rows.setdefault(kind, [])
        if most is None or len(named) < most:
            named.append((row, brief(value)))

    @property
    def left_out(self) -> int:
        return sum(self.counts.get(kind, 0) for kind in LEFT_OUT)

    @property
    def total(self) -> int:
        return self.taken + self.already_there + self.left_out

    def as_json(self) -> dict[str, Any]:
        return {
            "taken": self.taken,
            "already_there": self.already_there,
            "counts": dict(self.counts),
            "rows": {kind: [list(pair) for pair in rows[:FIRST_ROWS]] for kind, rows in self.rows.items()},
            "encoding": self.encoding,
        }

    @classmethod
    def read(cls, stored: dict[str, Any]) -> Findings:
        """What was stored, or nothing yet."""
        return cls(
            taken=stored.get("taken", 0),
            already_there=stored.get("already_there", 0),
            counts=dict(stored.get("counts", {})),
            rows={
                kind: [(row, brief(value)) for row, value in rows]
                for kind, rows in stored.get("rows", {}).items()
            },
            encoding=stored.get("encoding"),
        )


def brief(value: str) -> str:
    """What stood in a cell, or nothing where it is long enough to be what somebody said."""
    return value if len(value) <= LONGEST_VALUE and len(value.split()) <= MOST_WORDS else ""


@dataclass(frozen=True)
class ImportReport:
    """What became of a file. ``total`` is ``taken + already_there + len(left_out)``.

    In an export of another tool one of its ``rows`` may hold several texts, each of which is taken by itself.
    ``tool`` is that tool's name and ``never_taken`` has the headings that can show who somebody is.
    ``left_out`` and ``noted`` are (row number, reason) in the order of the file; rows of which something is
    noted were taken in.
    """

    import_id: int
    rows: int
    total: int
    taken: int
    already_there: int
    left_out: list[tuple[int, str]]
    noted: list[tuple[int, str]]
    encoding: str | None
    tool: str | None = None
    never_taken: tuple[str, ...] = ()


def report(
    import_id: int,
    rows: int,
    findings: Findings,
    *,
    tool: str | None = None,
    never_taken: tuple[str, ...] = (),
) -> ImportReport:
    return ImportReport(
        import_id=import_id,
        rows=rows,
        total=findings.total,
        taken=findings.taken,
        already_there=findings.already_there,
        left_out=reasons(findings, LEFT_OUT),
        noted=reasons(findings, NOTED),
        encoding=findings.encoding,
        tool=tool,
        never_taken=never_taken,
    )


def reasons(findings: Findings, words: dict[str, Any]) -> list[tuple[int, str]]:
    """Rows and why, in the order of the file."""
    return sorted(
        (row, _reason(kind, words, value)) for kind in words for row, value in findings.rows.get(kind, [])
    )


def _reason(kind: str, words: dict[str, Any], value: str) -> str:
    if kind in LONG_TEXT and not value:
        return str(LONG_TEXT[kind])
    return str(words[kind]) % {"value": value}


def sections(findings: Findings) -> Iterator[tuple[str, int, list[tuple[int, str]]]]:
    """For the page: what it is, how many rows, and the first of them with the reason."""
    for kind, words in (LEFT_OUT | NOTED).items():
        if findings.counts.get(kind):
            rows = reasons(findings, {kind: words})
            yield str(TITLES[kind]), findings.counts[kind], rows


def as_csv(findings: Findings) -> bytes:
    """The named rows as a table for a spreadsheet, with cells that no spreadsheet takes for a formula."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow([_("Row"), _("Taken in"), _("What we found"), _("What stood there")])
    for kinds, taken in ((LEFT_OUT, _("No")), (NOTED, _("Yes"))):
        for kind in kinds:
            for row, value in findings.rows.get(kind, []):
                stood = value or (_("a long text") if kind in LONG_TEXT else "")
                table.writerow([row, taken, str(TITLES[kind]), harmless(stood)])
    return out.getvalue().encode("utf-8-sig")


def harmless(cell: str) -> str:
    """The cell, with ``'`` before a beginning that a spreadsheet would run as a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else cell
