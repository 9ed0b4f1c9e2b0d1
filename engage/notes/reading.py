"""Opening a file of comments: which kind it is, which alphabet, which sign between the cells.

Nothing here knows what the columns mean. Files are read row by row, so that 100,000 rows need little memory.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from engage.notes.tables import (
    Row,
    Table,
    UnreadableFile,
    as_table_rows,
    first_rows,
    header_among,
    tidy_headers,
)
from engage.notes.workbooks import open_workbook

# One cell may be as large as the largest file; it is reported as too long, and the rows after it are kept.
csv.field_size_limit(256 * 1024 * 1024)

SAMPLE = 64 * 1024
DELIMITERS = ",;\t|"
ONE_COLUMN = "\x1f"  # Stands in no text, so that commas in an only column separate nothing.
_UNDEFINED_IN_1252 = (0x81, 0x8D, 0x8F, 0x90, 0x9D)
_CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SEP_LINE = re.compile(r"\"?sep=(.)\"?\r?\n?", re.IGNORECASE)


@dataclass(frozen=True)
class Alphabet:
    """How a text file's bytes become letters: Python's name of it, and the name that people know."""

    codec: str
    name: str


def open_table(content: bytes, *, sheet: str | None = None) -> Table:
    """Open a CSV file or an Excel workbook. Raises UnreadableFile, whose words say what to do."""
    if not content.strip(b"\x00\r\n\t \xef\xbb\xbf\xff\xfe"):
        raise UnreadableFile(_("This file is empty. Check that you chose the right one."))
    if content.startswith(b"PK\x03\x04"):
        return open_workbook(content, sheet)
    _refuse_other_kinds(content)
    return _open_text(content)


def _refuse_other_kinds(content: bytes) -> None:
    ask = _("Send the comments as CSV or as an Excel workbook (.xlsx), one comment a row.")
    kinds = {
        b"%PDF": _("This is a PDF. A PDF holds pages, not rows."),
        b"\xd0\xcf\x11\xe0": _(
            "This is an older Office file, or one with a password. Open it and save it as .xlsx, "
            "without a password."
        ),
        b"\x89PNG": _("This is a picture."),
        b"\xff\xd8\xff": _("This is a picture."),
        b"GIF8": _("This is a picture."),
        b"{\\rtf": _("This is a text document."),
        b"\x1f\x8b": _("This is a packed file. Unpack it first."),
        b"PK\x05\x06": _("This is an empty zip file."),
    }
    for start, words in kinds.items():
        if content.startswith(start):
            raise UnreadableFile(f"{words} {ask}")
    beginning = content[:400].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if beginning.startswith((b"<!doctype", b"<html", b"<?xml")):
        raise UnreadableFile(f"{_('This is a web page or an XML file.')} {ask}")
    if beginning.startswith((b"{", b"[{")):
        raise UnreadableFile(f"{_('This is a JSON file.')} {ask}")


# --- Letters ------------------------------------------------------------------------------------------------


def alphabet(content: bytes) -> Alphabet:
    """Which alphabet a text file is in, by its mark, else by what its bytes can be."""
    for mark, codec, name in (
        (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
        (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
        (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
    ):
        if content.startswith(mark):
            return Alphabet(codec, name)
    half = len(content[:4096]) // 2
    if content[1:4096:2].count(0) > 0.4 * half:
        return Alphabet("utf-16-le", "UTF-16")
    if content[0:4096:2].count(0) > 0.4 * half:
        return Alphabet("utf-16-be", "UTF-16")
    if _is_mostly_utf8(content):
        return Alphabet("utf-8", "UTF-8")
    if any(byte in content for byte in _UNDEFINED_IN_1252):
        return Alphabet("latin-1", "Latin-1")
    return Alphabet("cp1252", "Windows-1252")


def _is_mostly_utf8(content: bytes) -> bool:
    """Whether the bytes read as UTF-8, with at most one broken letter for every ten that are not plain ASCII.

    One cut-off letter must not turn every é of a file into Ã©.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    broken = special = 0
    for start in range(0, len(content), 1024 * 1024):
        part = decoder.decode(content[start : start + 1024 * 1024])
        if not part.isascii():
            broken += part.count("\ufffd")
            special += sum(1 for letter in part if letter > "\x7f")
    return broken * 10 <= special - broken


# --- Text files ---------------------------------------------------------------------------------------------


def _open_text(content: bytes) -> Table:
    letters = alphabet(content)
    sample = content[:SAMPLE].decode(letters.codec, "replace")
    if len(_CONTROL.findall(sample)) > 0.02 * len(sample) or sample.count("\x00") > 0.2 * len(sample):
        raise UnreadableFile(
            _(
                "We cannot find rows of text in this file. "
                "Send the comments as CSV or as an Excel workbook (.xlsx), one comment a row."
            )
        )
    told = _SEP_LINE.match(sample)
    delimiter = told[1] if told else _delimiter(sample)
    records = _records(content, letters, delimiter, after=1 if told else 0)
    start, header = header_among(records)
    headers = tidy_headers([cell.replace("\x00", "") for cell in header])
    first = first_rows(records, len(headers))

    def rows() -> Iterator[Row]:
        return as_table_rows(_records(content, letters, delimiter, after=start), len(headers))

    lines = content.count(b"\n") or content.count(b"\r")
    about = max(1, lines - content.endswith((b"\n", b"\r")))  # Without the headings.
    return Table(headers, first, rows, encoding=letters.name, about_rows=about)


def _delimiter(sample: str) -> str:
    """The sign between the cells: the one by which most rows have as many cells as the first."""
    lines = sample.splitlines(keepends=True)
    if len(sample) >= SAMPLE // 4 and len(lines) > 1:
        lines.pop()  # The last line may be cut off.
    best, best_score = ONE_COLUMN, (0.0, 0)
    for sign in DELIMITERS:
        try:
            widths = [len(cells) for cells in csv.reader(lines, delimiter=sign) if cells][:50]
        except csv.Error:
            continue
        if widths and widths[0] > 1:
            score = (sum(width == widths[0] for width in widths) / len(widths), widths[0])
            if score > best_score:
                best, best_score = sign, score
    return best


def _records(
    content: bytes, letters: Alphabet, delimiter: str, *, after: int
) -> Iterator[tuple[int, Sequence[str]]]:
    """Rows after row ``after`` as (number, cells); line breaks in quotation marks belong to their cell."""
    text = io.TextIOWrapper(io.BytesIO(content), encoding=letters.codec, errors="replace", newline="")
    number = 0
    try:
        for cells in csv.reader(text, delimiter=delimiter):
            number += 1
            if number > after:
                yield number, cells
    except csv.Error as error:
        raise UnreadableFile(
            _(
                "We cannot read row %(number)d of this file. Look there for a quotation mark too many, "
                "or save the file as an Excel workbook (.xlsx) and try again.",
                number=number + 1,
            )
        ) from error
