"""What a file of comments looks like once it is open: headings, and rows of plain text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from flask_babel import gettext as _

MOST_COLUMNS = 300
# Rows may have this many cells beyond the headings before the rest is not even looked at.
SPARE_COLUMNS = 20
LOOKED_AT = 5


class UnreadableFile(Exception):
    """The file cannot be taken in. The message says in plain words why and what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row with something in it: its number as a spreadsheet shows it, and a cell for each heading.

    ``extra`` is how many filled cells stood beyond the last heading.
    """

    number: int
    cells: tuple[str, ...]
    extra: int = 0


@dataclass(frozen=True)
class Table:
    """An open file. ``first`` has a few rows to look at; ``rows()`` reads all, from the start each time.

    ``encoding`` is the name of the alphabet that was taken, for a text file; ``sheets`` are a workbook's.
    ``about_rows`` is how many rows there are, more or less; 0 where nobody can say without reading them all.
    """

    headers: tuple[str, ...]
    first: tuple[Row, ...]
    rows: Callable[[], Iterator[Row]]
    encoding: str | None = None
    sheets: tuple[str, ...] = ()
    sheet: str | None = None
    about_rows: int = 0


Numbered = tuple[int, Sequence[str]]


def header_among(numbered: Iterator[Numbered]) -> Numbered:
    """The first row with something in it. Raises UnreadableFile where there is none."""
    for number, cells in numbered:
        if any(cell.strip() for cell in cells):
            return number, cells
    raise UnreadableFile(_("This file is empty. Check that you chose the right one."))


def first_rows(numbered: Iterable[Numbered], width: int) -> tuple[Row, ...]:
    """A few rows to look at. Raises UnreadableFile where there are none below the headings."""
    found = tuple(islice(as_table_rows(numbered, width), LOOKED_AT))
    if not found:
        raise UnreadableFile(
            _("This file has headings but no rows below them. Check that you chose the right file.")
        )
    return found


def tidy_headers(cells: Sequence[str]) -> tuple[str, ...]:
    """Headings that can be told apart: empty ones get a number, and a second "Comment" becomes "Comment (2)".

    Raises UnreadableFile where there are more columns than anybody can choose from.
    """
    names = [" ".join(cell.split())[:200] for cell in cells]
    while names and not names[-1]:
        names.pop()
    if len(names) > MOST_COLUMNS:
        raise UnreadableFile(
            _(
                "This file has more than %(most)d columns. Keep the columns that you need, "
                "save it and try again.",
                most=MOST_COLUMNS,
            )
        )
    taken: set[str] = set()
    for place, name in enumerate(names, 1):
        chosen = wanted = name or _("Column %(number)d", number=place)
        number = 2
        while chosen.casefold() in taken:
            chosen, number = f"{wanted} ({number})", number + 1
        taken.add(chosen.casefold())
        names[place - 1] = chosen
    return tuple(names)


def as_table_rows(numbered: Iterable[Numbered], width: int) -> Iterator[Row]:
    """Rows of exactly ``width`` cells; rows with nothing in them are left out, missing cells are empty."""
    for number, cells in numbered:
        if not any(cell and not cell.isspace() for cell in cells):
            continue
        kept = tuple(cells[:width])
        extra = sum(1 for cell in cells[width:] if cell.strip())
        yield Row(number, kept + ("",) * (width - len(kept)), extra)
