"""Opening Excel workbooks (.xlsx) without trusting them."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from typing import Any

from flask_babel import gettext as _
from openpyxl import load_workbook

from engage.notes.tables import (
    MOST_COLUMNS,
    SPARE_COLUMNS,
    Row,
    Table,
    UnreadableFile,
    as_table_rows,
    first_rows,
    header_among,
    tidy_headers,
)

# A workbook unpacks to some four to ten times its size; a "zip bomb" to thousands.
MOST_UNPACKED_MB = 200
MOST_PARTS = 5_000
LAST_ROW = 1_048_576  # No spreadsheet program has more.
MOST_BLANK = 20_000  # So many blank rows in a row are the end; formatting alone can fill a million.


def open_workbook(content: bytes, sheet: str | None = None) -> Table:
    """The first sheet of a workbook, or the one with this name. Raises UnreadableFile."""
    _refuse_unsafe(content)
    with _opened(content) as book:
        sheets = tuple(ws.title for ws in book.worksheets)
        name = _chosen_sheet(sheets, sheet)
        about_rows = max(0, (book[name].max_row or 1) - 1)
        numbered = _numbered(book[name], 0, MOST_COLUMNS + 1)
        start, header = header_among(numbered)
        headers = tidy_headers(header)
        first = first_rows(numbered, len(headers))

    def rows() -> Iterator[Row]:
        with _opened(content) as book:
            width = len(headers)
            yield from as_table_rows(_numbered(book[name], start, width + SPARE_COLUMNS), width)

    return Table(headers, first, rows, sheets=sheets, sheet=name, about_rows=about_rows)


def _refuse_unsafe(content: bytes) -> None:
    """Raise UnreadableFile for a package that is no workbook or unpacks to far too much."""
    try:
        parts = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise UnreadableFile(_broken()) from error
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names:
        raise UnreadableFile(_other_package(names))
    # The sizes are the package's own word; zipfile unpacks no part beyond the size that it declares.
    if len(parts) > MOST_PARTS or sum(p.file_size for p in parts) > MOST_UNPACKED_MB * 1024 * 1024:
        raise UnreadableFile(
            _(
                "This workbook unpacks to more than %(most)d megabytes. Copy the sheet with the comments "
                "into a new workbook, or save it as CSV, and try again.",
                most=MOST_UNPACKED_MB,
            )
        )


def _other_package(names: set[str]) -> str:
    if "word/document.xml" in names:
        return _(
            "This is a Word document. Copy the comments into a spreadsheet, one a row, "
            "and save that as .xlsx or CSV."
        )
    if "content.xml" in names:
        return _(
            "This is an OpenDocument file. Open it, choose “Save as” and then Excel (.xlsx) or CSV, "
            "and try again."
        )
    return _("This is a zip file. Unpack it first, then send the CSV or Excel file that is in it.")


def _broken() -> str:
    return _("This workbook is damaged. Open it in Excel, save it again as .xlsx or as CSV, and try again.")


def _chosen_sheet(sheets: Sequence[str], wanted: str | None) -> str:
    if not sheets:
        raise UnreadableFile(_("This workbook has no sheet with cells. Choose another file."))
    if wanted is None:
        return sheets[0]
    for name in sheets:
        if name.casefold() == wanted.strip().casefold():
            return name
    raise UnreadableFile(
        _(
            "There is no sheet called “%(sheet)s”. The workbook has: %(sheets)s.",
            sheet=wanted,
            sheets=", ".join(sheets),
        )
    )


@contextmanager
def _opened(content: bytes) -> Iterator[Any]:
    """The workbook, read as it is needed. Whatever goes wrong inside it raises UnreadableFile."""
    with warnings.catch_warnings():
        # openpyxl warns of styles and rules that it leaves aside; they hold no words.
        warnings.simplefilter("ignore")
        try:
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        except Exception as error:
            # A damaged workbook raises whatever the damaged part happens to meet.
            raise UnreadableFile(_broken()) from error
    try:
        yield book
    finally:
        book.close()


def _numbered(sheet: Any, after: int, width: int) -> Iterator[tuple[int, list[str]]]:
    """Rows after row ``after`` as (number, cells), with nothing empty at their ends."""
    sheet.reset_dimensions()  # Some tools write a wrong size; read what is there.
    rows = iter(sheet.iter_rows(max_col=width, values_only=True))
    filled = after
    for number in range(1, LAST_ROW + 1):
        cells = _next(rows)
        if cells is None or number - filled > MOST_BLANK:
            return
        if number > after:
            words = _words(cells)
            filled = number if words else filled
            yield number, words


def _next(rows: Iterator[Sequence[Any]]) -> Sequence[Any] | None:
    try:
        return next(rows, None)
    except Exception as error:
        raise UnreadableFile(_broken()) from error


def _words(cells: Sequence[Any]) -> list[str]:
    last = len(cells)
    while last and cells[last - 1] is None:
        last -= 1
    return [_text(value) for value in cells[:last]]


def _text(value: Any) -> str:
    """A cell as text: days as 2026-06-15, whole numbers without a decimal point."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time.min else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)
