"""Files of comments for tests, made in memory."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook

HEADERS = ("Ref", "Comment", "Who", "District", "Date", "People")


def csv_file(rows: Iterable[Sequence[object]], *, encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    """Rows, the first of them headings, as the bytes of a CSV file."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode(encoding)


def workbook(*sheets: tuple[str, Iterable[Sequence[Any]]]) -> bytes:
    """A workbook with these sheets, each a name and rows."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def changed(package: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """A workbook in which something in one part reads otherwise."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(package)) as before,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for name in before.namelist():
            content = before.read(name)
            after.writestr(name, content.replace(old, new) if name == part else content)
    return out.getvalue()


def comments(count: int, start: int = 1) -> list[tuple[object, ...]]:
    """Headings and ``count`` rows, no two the same."""
    rows = [
        (
            f"R{n}",
            f"The bus to the day centre was late again, for the {n}th time.",
            "carer",
            "Mansfield",
            "27/3/2026",
            1,
        )
        for n in range(start, start + count)
    ]
    return [HEADERS, *rows]
