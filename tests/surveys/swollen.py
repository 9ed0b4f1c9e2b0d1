"""Workbooks in which one very long text stands in many cells: small to send, large to hold carelessly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook

MEGABYTE = 1024 * 1024
LONG = "LONG"
"""Stands in a cell for a text of one megabyte."""

SHARED = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def workbook(sheets: Mapping[str, Sequence[Sequence[str]]]) -> bytes:
    """The sheets as a file; all cells with ``LONG`` point to one text in it."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    written, swollen = BytesIO(), BytesIO()
    book.save(written)
    with ZipFile(written) as archive, ZipFile(swollen, "w", ZIP_DEFLATED) as copy:
        for name in archive.namelist():
            part = archive.read(name).decode()
            part = part.replace(f't="inlineStr"><is><t>{LONG}</t></is>', 't="s"><v>0</v>')
            listed = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{SHARED}"/></Types>'
            copy.writestr(name, part.replace("</Types>", listed))
        words = "word" * (MEGABYTE // 4)
        copy.writestr("xl/sharedStrings.xml", f'<sst xmlns="{SPACE}"><si><t>{words}</t></si></sst>')
    return swollen.getvalue()
