"""A survey from an XLSForm, ours or another tool's. What we cannot say is left out, and said row by row.

Only three sheets of words are read. No expression is run, and nothing that a form names is fetched.
"""

from __future__ import annotations

import re

from flask_babel import gettext as _

from engage import i18n
from engage.forms import clean_line
from engage.surveys.content import Content
from engage.surveys.exchanging.exchange import Brought, FileRefused
from engage.surveys.exchanging.xlsform import ABOUT, BEFORE, KIND
from engage.surveys.exchanging.xlsform_questions import (
    PLAIN,
    SELECTS,
    Group,
    Making,
    end_scale,
    open_page,
    take_choosing,
    take_plain,
)
from engage.surveys.exchanging.xlsform_sheets import SheetRow, Sheets, read_sheets
from engage.surveys.texts import Text
from engage.surveys.wording import map_texts
from engage.surveys.words.translating import english_name

READ = frozenset(
    [
        "type",
        "name",
        "required",
        "relevant",
        "constraint",
        "appearance",
        "parameters",
        "list_name",
        KIND,
        ABOUT,
    ]
)
SILENT = frozenset(["constraint_message", "required_message", "list_name", "order", "$kuid", "$xpath"])
_SELECT = re.compile(r"(\S+)\s+(\S+)(\s+or_other)?")
_ONE_WORD = (
    ("select one from", "select_one"),
    ("select all that apply from", "select_multiple"),
    ("select all that apply", "select_multiple"),
    ("select multiple", "select_multiple"),
    ("select one", "select_one"),
    ("begin group", "begin_group"),
    ("end group", "end_group"),
    ("begin repeat", "begin_repeat"),
    ("end repeat", "end_repeat"),
    ("or other", "or_other"),
    ("or specify other", "or_other"),
)
MOST_NOTES = 150


def read_workbook(data: bytes) -> Brought:
    """The survey in an XLSForm. Raises FileRefused where there is none."""
    sheets = read_sheets(data)
    lists: dict[str, list[SheetRow]] = {}
    for row in sheets.choices:
        lists.setdefault(row.get("list_name"), []).append(row)
    making = Making(sheets, lists)
    for row in sheets.survey:
        _take(making, row)
    if not making.pages:
        raise FileRefused(_("There is no question in this form that we can ask."), *making.notes[:10])
    return _finished(making)


def _finished(making: Making) -> Brought:
    sheets = making.sheets
    title = Text(clean_line(sheets.setting("form_title"))[:200])
    languages = tuple(dict.fromkeys((i18n.DEFAULT, *sheets.languages)))
    pages = tuple(page for page in making.pages if page.questions)
    content = Content(title=title, languages=languages, pages=pages, **making.before)
    notes = [*making.notes, *_column_notes(sheets)]
    if sheets.unknown:
        names = ", ".join(clean_line(name)[:40] for name in sheets.unknown[:10])
        notes.append(_("Texts in languages that we do not know are left out: %(codes)s.", codes=names))
    if sheets.cut:
        notes.append(_("The form is very long: its last rows are left out."))
    if i18n.DEFAULT not in sheets.languages and sheets.languages:
        content, note = _with_english(content, sheets.languages[0])
        notes.append(note)
    if len(notes) > MOST_NOTES:
        notes = [*notes[:MOST_NOTES], _("And more, of the same kinds.")]
    return Brought(content, tuple(notes))


def _with_english(content: Content, language: str) -> tuple[Content, str]:
    """With the words of another language where English is missing: English is what people fall back to."""
    filled = map_texts(
        content,
        lambda _key, text: text if text else Text({i18n.DEFAULT: text.in_language(language), **text.root}),
    )
    return filled, _(
        "There is no English in the form. Its %(language)s words stand in place of English: translate them.",
        language=english_name(language),
    )


def _column_notes(sheets: Sheets) -> list[str]:
    """A sentence for each column that says something and is not read."""
    found: dict[str, list[int]] = {}
    for row in [*sheets.survey, *sheets.choices]:
        for name in row.words.keys() - READ - SILENT:
            found.setdefault(name, []).append(row.number)
    return [
        _(
            "The column “%(name)s” is left out (rows %(rows)s).",
            name=clean_line(name)[:60],
            rows=", ".join(str(number) for number in rows[:8]) + (" …" if len(rows) > 8 else ""),
        )
        for name, rows in sorted(found.items())
    ]


# --- Row by row ---------------------------------------------------------------------------------------------


def _take(making: Making, row: SheetRow) -> None:
    """One row of the sheet "survey"."""
    written = _type(row)
    if making.repeats or written in ("begin_repeat", "end_repeat"):
        _in_repeat(making, row, written)
    elif written == "begin_group":
        _begin_group(making, row)
    elif written == "end_group":
        _end_group(making)
    elif written:
        _take_question(making, row, written)


def _type(row: SheetRow) -> str:
    written = " ".join(row.get("type").split())
    lowered = written.lower()
    for words, one in _ONE_WORD[:9]:
        if lowered.startswith(words):
            written = one + written[len(words) :]
            break
    for words, one in _ONE_WORD[9:]:
        if written.lower().endswith(f" {words}"):
            written = f"{written[: -len(words)]}{one}"
    return written


def _in_repeat(making: Making, row: SheetRow, written: str) -> None:
    making.repeats += {"begin_repeat": 1, "end_repeat": -1}.get(written, 0)
    if written == "begin_repeat":
        making.leave_out(row, _("questions that can be answered again and again are left out."))
    making.repeats = max(making.repeats, 0)


def _begin_group(making: Making, row: SheetRow) -> None:
    appearance = row.get("appearance").split()
    is_scale = row.get(KIND) == "agreement" or "table-list" in appearance
    if not is_scale and not making.groups:
        open_page(making, row)
    elif not is_scale:
        making.leave_out(row, _("a group inside a group: its questions stand on the page of the outer one."))
    if row.get("relevant") and not is_scale:
        making.leave_out(row, _("the condition of a whole group is left out. Put it on its questions."))
    making.groups.append(Group(row, is_scale))


def _end_group(making: Making) -> None:
    if not making.groups:
        return
    group = making.groups.pop()
    if group.is_scale and group.rows:
        end_scale(making, group)


def _take_question(making: Making, row: SheetRow, written: str) -> None:
    select = _SELECT.fullmatch(written)
    kind = SELECTS.get(select[1].lower(), "") if select else PLAIN.get(written.lower(), "")
    if not kind:
        making.leave_out(row, _("“%(type)s” is left out.", type=clean_line(written)[:60]))
    elif kind == "statement" and _is_attached(making, row):
        return
    elif making.groups and making.groups[-1].is_scale and select and kind == "one_choice":
        making.groups[-1].rows.append((row, select[2]))
    elif row.get(KIND) == "other" and _is_other(making, row):
        return
    elif select:
        take_choosing(making, row, kind, select)
    else:
        take_plain(making, row, kind, written.lower())


def _is_attached(making: Making, row: SheetRow) -> bool:
    """Whether a note is one of our texts that belongs to something else, put in its place."""
    said, kind = row.text("label"), row.get(KIND)
    if kind in BEFORE and not making.pages:
        making.before[kind] = said
    elif kind == "explanation" and making.pages and not making.pages[-1].questions:
        making.pages[-1] = making.pages[-1].model_copy(update={"explanation": said})
    elif kind == "help" and making.groups and making.groups[-1].is_scale:
        making.groups[-1].help = said
    elif kind == "panel":
        making.panel = said
    else:
        return False
    return True


def _is_other(making: Making, row: SheetRow) -> bool:
    """Whether a text asks what else, after a choice of ours; then the choice has it already."""
    page = making.pages[-1] if making.pages else None
    last = page.questions[-1] if page and page.questions else None
    return bool(getattr(last, "other", False))
