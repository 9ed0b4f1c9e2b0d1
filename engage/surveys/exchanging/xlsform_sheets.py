"""The sheets of an XLSForm as rows of words, whatever tool wrote them."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from babel import Locale
from flask_babel import gettext as _
from openpyxl import load_workbook

from engage import i18n
from engage.forms import clean_line, clean_text
from engage.surveys.exchanging.exchange import FileRefused
from engage.surveys.texts import LONGEST, Text

MOST_UNPACKED = 30 * 1024 * 1024
MOST_PARTS = 500
MOST_ROWS, MOST_COLUMNS = 3_000, 120
SHEETS = ("survey", "choices", "settings")
TEXT_COLUMNS = ("label", "hint")
_CODE = re.compile(r"\(([a-z]{2,3})(?:[-_][A-Za-z0-9-]+)?\)\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class SheetRow:
    """One row: its number in the sheet, words by column, and texts (``label``, ``hint``) by language."""

    number: int
    words: dict[str, str]
    texts: dict[str, dict[str, str]]

    def get(self, column: str) -> str:
        return self.words.get(column, "")

    def text(self, column: str) -> Text:
        """A text in all its languages, cut where it is longer than a text may be."""
        return Text({code: words[:LONGEST] for code, words in self.texts.get(column, {}).items()})


@dataclass
class Sheets:
    """The whole form. ``unknown`` are headings of languages that nobody knows; ``cut``: rows were left."""

    survey: list[SheetRow] = field(default_factory=list)
    choices: list[SheetRow] = field(default_factory=list)
    settings: list[SheetRow] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    cut: bool = False

    def setting(self, name: str) -> str:
        return self.settings[0].get(name) if self.settings else ""

    @property
    def languages(self) -> list[str]:
        """The languages of all labels, in the order in which they come."""
        rows = [*self.survey, *self.choices]
        return list(dict.fromkeys(code for row in rows for code in row.texts.get("label", {})))


def read_sheets(data: bytes) -> Sheets:
    """The three sheets of a form. Raises FileRefused where it has no sheet "survey" with types and names."""
    _check_size(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
            seen: dict[str, str] = {}
            raw = {
                name.strip().lower(): list(_cells(book[name], seen))
                for name in book.sheetnames[:30]
                if name.strip().lower() in SHEETS
            }
            book.close()
        except Exception as error:
            # A damaged workbook raises whatever the damaged part happens to meet.
            raise FileRefused(_damaged()) from error
    if "survey" not in raw:
        raise FileRefused(
            _("This workbook has no sheet called “survey”, so it is no XLSForm. Choose another file.")
        )
    sheets = Sheets()
    usual = _usual_language(raw.get("settings", []))
    for name, rows in raw.items():
        sheets.cut = sheets.cut or len(rows) > MOST_ROWS
        getattr(sheets, name).extend(_rows(rows[:MOST_ROWS], usual, sheets.unknown))
    if not any(row.get("type") for row in sheets.survey):
        raise FileRefused(
            _("The sheet “survey” has no column “type” with rows under it. Choose another file.")
        )
    return sheets


def _check_size(data: bytes) -> None:
    try:
        parts = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise FileRefused(_damaged()) from error
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise FileRefused(_("This workbook is too large for a survey. Take out what does not belong to it."))


def _damaged() -> str:
    return _("This workbook is damaged. Open it, save it again as .xlsx, and choose it once more.")


def _cells(sheet: Any, seen: dict[str, str]) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not empty with their numbers, as words: one more than is read.

    ``seen`` keeps words that stand in many cells once: a small file can repeat a long text without end.
    """
    sheet.reset_dimensions()
    found = 0
    rows = sheet.iter_rows(max_row=10 * MOST_ROWS, max_col=MOST_COLUMNS, values_only=True)
    for number, cells in enumerate(rows, 1):
        words = [_word(cell, seen) for cell in cells]
        if any(words):
            yield number, words
            found += 1
            if found > MOST_ROWS:
                return


def _word(cell: Any, seen: dict[str, str]) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    cut = str(cell)[: LONGEST + 1]
    if cut not in seen:
        seen[cut] = clean_text(cut)
    return seen[cut]


def _usual_language(settings: list[tuple[int, list[str]]]) -> str:
    """What a column without a language is in: the form's default language, else English."""
    if len(settings) < 2:
        return i18n.DEFAULT
    said = dict(zip((clean_line(name).lower() for name in settings[0][1]), settings[1][1], strict=False))
    return language_of(said.get("default_language", "")) or i18n.DEFAULT


def _rows(raw: list[tuple[int, list[str]]], usual: str, unknown: list[str]) -> Iterator[SheetRow]:
    if not raw:
        return
    head = [_column(name, usual, unknown) for name in raw[0][1]]
    for number, cells in raw[1:]:
        words: dict[str, str] = {}
        texts: dict[str, dict[str, str]] = {}
        for (name, language), cell in zip(head, cells, strict=False):
            if not name or not cell:
                continue
            if name in TEXT_COLUMNS and language:
                texts.setdefault(name, {})[language] = cell
            elif name not in TEXT_COLUMNS:
                words.setdefault(name, cell)
        yield SheetRow(number, words, texts)


def _column(heading: str, usual: str, unknown: list[str]) -> tuple[str, str]:
    """A heading as (name, language): ``label::Polish (pl)`` is ("label", "pl")."""
    name, sign, language = clean_line(heading).partition("::")
    if not sign:
        name, sign, language = clean_line(heading).partition(":")
    name = name.strip().lower().replace(" ", "_")
    name = {"relevance": "relevant", "caption": "label"}.get(name, name)
    if name not in TEXT_COLUMNS:
        return (f"{name}::{language.strip().lower()}" if sign else name), ""
    if not sign:
        return name, usual
    code = language_of(language)
    if not code and language not in unknown:
        unknown.append(language)
    return name, code


def language_of(said: str) -> str:
    """The code of a language that a form names, such as "Polish (pl)", "pl" or "Polski"; else empty."""
    found = _CODE.search(said)
    word = (found[1] if found else said).strip().lower()
    return word if word in _codes() else _names().get(word, "")


@cache
def _codes() -> frozenset[str]:
    return frozenset(Locale.parse("en").languages)


@cache
def _names() -> dict[str, str]:
    """Codes by the English name of a language, and by its own name where we speak it."""
    names = {name.lower(): code for code, name in Locale.parse("en").languages.items() if code.isalpha()}
    return names | {i18n.own_name(code).lower(): code for code in i18n.languages()}
