"""The texts of a survey as a file for a translator outside, and back again: one row a text, by its key."""

from __future__ import annotations

import csv
import io
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font

from engage.forms import clean_text
from engage.surveys.texts import LONGEST
from engage.surveys.words.translating import Line, english_name, fingerprint, is_fingerprint

FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
KEY, WHERE, ENGLISH, MARK = "Key", "What it is", "English", "Please leave this column"
TRANSLATION = "Translation into "
LARGEST_FILE = 8 * 1024 * 1024
MOST_UNPACKED = 60 * 1024 * 1024
MOST_ROWS, MOST_COLUMNS = 20_000, 20
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


class FileNotTaken(Exception):
    """The file cannot be read as translations; the message says what to do."""


@dataclass(frozen=True)
class Written:
    """What a file says: words and fingerprints by key, and the keys that stand in it more than once."""

    words: dict[str, str] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)
    twice: dict[str, str] = field(default_factory=dict)


# --- Out ----------------------------------------------------------------------------------------------------


def as_file(lines: Iterable[Line], language: str, file_format: str) -> bytes:
    """The texts in one of ``FORMATS``. The last column lets us see what changed while the file was away."""
    head = (KEY, WHERE, ENGLISH, heading(language), MARK)
    rows = [(one.key, one.what, one.english, one.words, one.fingerprint) for one in lines]
    return _as_csv([head, *rows]) if file_format == "csv" else _as_workbook([head, *rows])


def heading(language: str) -> str:
    """The heading above the translations, such as "Translation into Polish"."""
    return TRANSLATION + english_name(language)


def _as_csv(rows: Sequence[Sequence[str]]) -> bytes:
    kept = io.StringIO(newline="")
    writer = csv.writer(kept)
    for row in rows:
        writer.writerow([f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell for cell in row])
    return kept.getvalue().encode("utf-8-sig")


def _as_workbook(rows: Sequence[Sequence[str]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Texts")
    for letter, width in zip("ABCDE", (34, 24, 60, 60, 14), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    for number, row in enumerate(rows):
        sheet.append([_cell(sheet, words, is_head=not number) for words in row])
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _cell(sheet: Any, words: str, *, is_head: bool) -> Any:
    cell = WriteOnlyCell(sheet, value=words)
    cell.data_type = "s"  # Words that begin with "=" are words and no formula.
    cell.font = Font(bold=is_head)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


# --- In -----------------------------------------------------------------------------------------------------


def read_file(content: bytes, language: str) -> Written:
    """The translations in a file that ``as_file`` made and somebody filled. Raises FileNotTaken.

    Without our last column a translation can only fill what is missing: nobody could say what it replaces.
    """
    rows = _sheet_rows(content) if content.startswith(b"PK") else _csv_rows(content)
    head = [" ".join(cell.split()) for cell in next(rows, [])]
    key, english, words, mark = _columns(head, language)
    written = Written()
    for number, row in enumerate(rows):
        if number >= MOST_ROWS:
            raise FileNotTaken(_("This file has more than %(most)s rows.", most=f"{MOST_ROWS:,}"))
        row = [*row, *[""] * (len(head) - len(row))]
        name, said = row[key].strip(), clean_text(row[words])
        if not name or not said:
            continue
        if name in written.words:
            written.twice[name] = said
            continue
        written.words[name] = said
        found = row[mark].strip() if mark is not None else ""
        written.marks[name] = found if is_fingerprint(found) else fingerprint(clean_text(row[english]), "")
    return written


def _columns(head: list[str], language: str) -> tuple[int, int, int, int | None]:
    """Where key, English, translation and our last column stand."""
    wanted = heading(language)
    other = next((name for name in head if name.startswith(TRANSLATION) and name != wanted), None)
    if wanted not in head and other:
        raise FileNotTaken(
            _(
                "This file has a “%(other)s”. Choose the file with the “%(wanted)s”.",
                other=other,
                wanted=wanted,
            )
        )
    missing = [name for name in (KEY, ENGLISH, wanted) if name not in head]
    if missing:
        raise FileNotTaken(
            _(
                "The first row of the file needs these headings: %(names)s. Download the texts once more and "
                "put the translations into that file.",
                names=", ".join(missing),
            )
        )
    return (
        head.index(KEY),
        head.index(ENGLISH),
        head.index(wanted),
        head.index(MARK) if MARK in head else None,
    )


def _csv_rows(content: bytes) -> Iterator[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileNotTaken(
            _("Save the file as “CSV UTF-8” or as an Excel workbook (.xlsx), then choose it again.")
        ) from None
    text = text.replace("\0", "")
    first = text.partition("\n")[0]
    sign = max(",;\t", key=first.count)
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=sign):
            if any(row):
                yield [_without_guard(cell)[: LONGEST + 1] for cell in row[:MOST_COLUMNS]]
    except csv.Error:
        raise FileNotTaken(_not_readable()) from None


def _without_guard(cell: str) -> str:
    """The cell without the sign that keeps a spreadsheet from reading it as a formula."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA_STARTS) else cell


def _sheet_rows(content: bytes) -> Iterator[list[str]]:
    """The rows of a workbook's first sheet. Words that stand in many cells are cut and kept once."""
    seen: dict[str, str] = {}
    try:
        parts = zipfile.ZipFile(io.BytesIO(content)).infolist()
        if sum(part.file_size for part in parts) > MOST_UNPACKED:
            raise FileNotTaken(_("This workbook is too large. Save it as CSV and choose that."))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
            rows = [
                [_cut("" if cell is None else str(cell), seen) for cell in row]
                for row in book.worksheets[0].iter_rows(
                    max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS, values_only=True
                )
                if any(cell is not None for cell in row)
            ]
            book.close()
    except FileNotTaken:
        raise
    except Exception as error:
        # A damaged workbook raises whatever the damaged part happens to meet.
        raise FileNotTaken(_not_readable()) from error
    yield from rows


def _cut(cell: str, seen: dict[str, str]) -> str:
    cut = cell[: LONGEST + 1]
    return seen.setdefault(cut, cut)


def _not_readable() -> str:
    return _("This file cannot be read. Save it once more as .xlsx or as CSV, then choose it again.")
