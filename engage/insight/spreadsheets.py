"""Writing a table and its code book as a stream of bytes: a workbook, or two CSV files in a zip."""

from __future__ import annotations

import csv
import io
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from engage.insight.export import CHUNK, LONGEST_CELL, harmless

NARROW, WIDE = 14, 32
Table = Iterable[Sequence[Any]]


class _Sink(io.RawIOBase):
    """Takes in what a zip file writes, until it is taken out."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.parts.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        parts, self.parts = self.parts, []
        return b"".join(parts)


def as_csv(head: Sequence[str], rows: Table, book: Table) -> Iterator[bytes]:
    """A zip with ``answers.csv`` and ``code-book.csv``, in UTF-8 with a byte order mark for Excel."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, table in (("answers.csv", _headed(head, rows)), ("code-book.csv", book)):
            with archive.open(name, "w", force_zip64=True) as file:
                for chunk in _csv(table):
                    file.write(chunk)
                    yield sink.taken()
    yield sink.taken()


def _headed(head: Sequence[str], rows: Table) -> Iterator[Sequence[Any]]:
    yield head
    yield from rows


def _csv(table: Table) -> Iterator[bytes]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    yield b"\xef\xbb\xbf"
    for row in table:
        writer.writerow([harmless(value) for value in row])
        if buffer.tell() > CHUNK:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def as_xlsx(head: Sequence[str], rows: Table, book: Table) -> Iterator[bytes]:
    """A workbook with two sheets; it goes through a temporary file because of how XLSX is built."""
    workbook = Workbook(write_only=True)
    _sheet(workbook, "Answers", _headed(head, rows), [NARROW] * 8 + [WIDE] * (len(head) - 8))
    _sheet(workbook, "Code book", book, [24, 50, 70, 50, 14])
    with tempfile.TemporaryFile() as file:
        workbook.save(file)
        file.seek(0)
        yield from iter(lambda: file.read(CHUNK), b"")


def _sheet(workbook: Workbook, title: str, table: Table, widths: Sequence[int]) -> None:
    """A sheet whose first row is bold, stays in sight and has filters."""
    sheet = workbook.create_sheet(title)
    sheet.freeze_panes = "A2"
    for at, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(at)].width = width
    number = 0
    for number, row in enumerate(table, 1):
        sheet.append([_cell(sheet, value, is_head=number == 1) for value in row])
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(widths))}{max(number, 1)}"


def _cell(sheet: Any, value: Any, *, is_head: bool) -> Any:
    """Text stays text, whatever it begins with; a day is a day."""
    if not isinstance(value, str | date):
        return value
    if isinstance(value, date):
        cell = WriteOnlyCell(sheet, value=datetime.combine(value, time()))
        cell.number_format = "dd/mm/yyyy"
        return cell
    cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", value)[:LONGEST_CELL])
    cell.data_type = "s"
    if is_head:
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
    return cell


FORMATS = {
    "csv": ("application/zip", "zip", as_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", as_xlsx),
}
