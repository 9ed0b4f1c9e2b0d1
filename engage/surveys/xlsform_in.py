"""A survey from an XLSForm, ours or another tool's. What we cannot say is left out, and said row by row.

Only three sheets of words are read. No expression is run, and nothing that a form names is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from pydantic import ValidationError

from engage import i18n
from engage.forms import clean_line
from engage.surveys import xlsform_relevant as expressions
from engage.surveys.conditions import Condition
from engage.surveys.content import MOST_PAGES, MOST_QUESTIONS, Content, Page
from engage.surveys.editing import new_id
from engage.surveys.exchange import Brought, FileRefused
from engage.surveys.questions import KINDS, OTHER, Choice, Permission, Question, Row
from engage.surveys.questions.choosing import MOST_CHOICES
from engage.surveys.texts import NOTHING, Text
from engage.surveys.translating import english_name
from engage.surveys.wording import map_texts
from engage.surveys.xlsform import ABOUT, BEFORE, KIND, POSTCODE
from engage.surveys.xlsform_relevant import NotSayable
from engage.surveys.xlsform_sheets import SheetRow, Sheets, read_sheets

SELECTS: Mapping[str, str] = {
    "select_one": "one_choice",
    "select1": "one_choice",
    "select_multiple": "several_choices",
    "select_all_that_apply": "several_choices",
    "rank": "ranking",
}
PLAIN: Mapping[str, str] = {
    "text": "short_text",
    "string": "short_text",
    "email": "short_text",
    "integer": "number",
    "int": "number",
    "decimal": "number",
    "range": "number",
    "date": "date",
    "note": "statement",
}
SAME_TYPE: Mapping[str, frozenset[str]] = {
    "short_text": frozenset(["free_text", "postcode"]),
    "one_choice": frozenset(["rating", "district"]),
    "several_choices": frozenset(["permission"]),
}
"""Which kinds of ours the column ``engage_kind`` may name for a type of the form."""

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


@dataclass
class _Group:
    """A group that is open: its row, and the question that it becomes, where it is a scale of agreement."""

    row: SheetRow
    is_scale: bool
    rows: list[tuple[SheetRow, str]] = field(default_factory=list)
    help: Text = NOTHING


@dataclass
class _Making:
    """The survey as it grows, and what was left out."""

    sheets: Sheets
    lists: dict[str, list[SheetRow]]
    before: dict[str, Text] = field(default_factory=dict)
    pages: list[Page] = field(default_factory=list)
    groups: list[_Group] = field(default_factory=list)
    earlier: dict[str, tuple[Question, dict[str, str]]] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    page_ids: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    panel: Text = NOTHING
    repeats: int = 0
    asked: int = 0

    def leave_out(self, row: SheetRow, what: str) -> None:
        self.notes.append(_("Row %(row)s: %(what)s", row=row.number, what=what))


def read_workbook(data: bytes) -> Brought:
    """The survey in an XLSForm. Raises FileRefused where there is none."""
    sheets = read_sheets(data)
    lists: dict[str, list[SheetRow]] = {}
    for row in sheets.choices:
        lists.setdefault(row.get("list_name") or row.get("list name"), []).append(row)
    making = _Making(sheets, lists)
    for row in sheets.survey:
        _take(making, row)
    if not making.pages:
        raise FileRefused(_("There is no question in this form that we can ask."), *making.notes[:10])
    return _finished(making)


def _finished(making: _Making) -> Brought:
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
            if not (row in sheets.choices and name == "list name"):
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


def _take(making: _Making, row: SheetRow) -> None:
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


def _in_repeat(making: _Making, row: SheetRow, written: str) -> None:
    making.repeats += {"begin_repeat": 1, "end_repeat": -1}.get(written, 0)
    if written == "begin_repeat":
        making.leave_out(row, _("questions that can be answered again and again are left out."))
    making.repeats = max(making.repeats, 0)


def _begin_group(making: _Making, row: SheetRow) -> None:
    appearance = row.get("appearance").split()
    is_scale = row.get(KIND) == "agreement" or "table-list" in appearance
    if not is_scale and not making.groups:
        _open_page(making, row)
    elif not is_scale:
        making.leave_out(row, _("a group inside a group: its questions stand on the page of the outer one."))
    if row.get("relevant") and not is_scale:
        making.leave_out(row, _("the condition of a whole group is left out. Put it on its questions."))
    making.groups.append(_Group(row, is_scale))


def _end_group(making: _Making) -> None:
    if not making.groups:
        return
    group = making.groups.pop()
    if group.is_scale and group.rows:
        _end_scale(making, group)


def _open_page(making: _Making, row: SheetRow | None = None) -> bool:
    """Begin a page; False where there is no room for one more."""
    if len(making.pages) >= MOST_PAGES:
        return False
    name = row.get("name") if row else ""
    page_id = new_id(name or f"page_{len(making.pages) + 1}", making.page_ids, "page")
    making.page_ids.add(page_id)
    title = row.text("label") if row else NOTHING
    is_equality = bool(row and row.get(KIND) == "equality")
    making.pages.append(Page(id=page_id, title=title, equality=is_equality))
    return True


def _take_question(making: _Making, row: SheetRow, written: str) -> None:
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
        _take_choosing(making, row, kind, select)
    else:
        _take_plain(making, row, kind, written.lower())


def _is_attached(making: _Making, row: SheetRow) -> bool:
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


def _is_other(making: _Making, row: SheetRow) -> bool:
    """Whether a text asks what else, after a choice of ours; then the choice has it already."""
    page = making.pages[-1] if making.pages else None
    last = page.questions[-1] if page and page.questions else None
    return bool(getattr(last, "other", False))


# --- Questions ----------------------------------------------------------------------------------------------


def _take_plain(making: _Making, row: SheetRow, kind: str, written: str) -> None:
    found: dict[str, Any] = {}
    if kind == "short_text" and "multiline" in row.get("appearance").split():
        kind = "free_text"
    kind = row.get(KIND) if row.get(KIND) in SAME_TYPE.get(kind, ()) else kind
    constraint = row.get("constraint")
    if kind == "number":
        found["whole"] = written != "decimal"
        if written == "range":
            found |= _range(row)
    if kind in ("number", "date") and constraint:
        found |= _bounds(making, row, kind)
    elif kind == "postcode":
        found["full"] = constraint != POSTCODE
    elif constraint:
        making.leave_out(row, _("the rule for answers (“constraint”) is left out."))
    _add(making, row, kind, found)


def _bounds(making: _Making, row: SheetRow, kind: str) -> dict[str, Any]:
    try:
        found = expressions.bounds(row.get("constraint"), whole=row.get("type").lower() in ("integer", "int"))
        if any(isinstance(end, int) != (kind == "number") for end in found.values()):
            raise NotSayable
    except NotSayable:
        making.leave_out(row, _("the rule for answers (“constraint”) is left out."))
        return {}
    names = {"lowest": "earliest", "highest": "latest"} if kind == "date" else {}
    return {names.get(end, end): value for end, value in found.items()}


def _range(row: SheetRow) -> dict[str, Any]:
    said = dict(re.findall(r"(start|end|step)\s*=\s*(-?[0-9]{1,9}(?:\.[0-9]+)?)", row.get("parameters")))
    whole = all("." not in value for value in said.values())
    ends = {"lowest": said.get("start", "1"), "highest": said.get("end", "10")}
    return {"whole": whole} | {name: int(value) for name, value in ends.items() if "." not in value}


def _take_choosing(making: _Making, row: SheetRow, kind: str, select: re.Match[str]) -> None:
    if kind == "one_choice" and "likert" in row.get("appearance").split():
        kind = "rating"
    kind = row.get(KIND) if row.get(KIND) in SAME_TYPE.get(kind.replace("rating", "one_choice"), ()) else kind
    choices, codes = _choices(making, row, select[2])
    if not codes:
        return
    found: dict[str, Any] = {}
    if kind == "permission":
        choices = [choice for choice in choices if _is_reworded(choice)]
    has_other = bool(select[3]) or (row.get(KIND) and OTHER in codes and kind != "permission")
    if has_other and kind != "ranking":
        choices = [choice for choice in choices if choice.value != OTHER]
        found["other"] = True
        codes[OTHER] = OTHER
    found["choices"] = _alone(making, row, choices, codes)
    _add(making, row, kind, found, codes)


def _is_reworded(choice: Choice) -> bool:
    """Whether a permission has words of its own; ours need not stand in the survey."""
    ours = {one.value: one.label for one in Permission(id="permission").all_choices()}
    usual = ours.get(choice.value, NOTHING)
    return any(words != usual.in_language(code) for code, words in choice.label.root.items())


def _choices(making: _Making, row: SheetRow, name: str) -> tuple[list[Choice], dict[str, str]]:
    """The answers of a list, and the value of each by its code in the form."""
    listed = making.lists.get(name, [])
    if not listed:
        making.leave_out(
            row, _("its list of answers “%(name)s” is not in the form.", name=clean_line(name)[:60])
        )
    if len(listed) > MOST_CHOICES:
        making.leave_out(row, _("only the first %(most)s of its answers are taken.", most=MOST_CHOICES))
    choices: list[Choice] = []
    codes: dict[str, str] = {}
    for one in listed[:MOST_CHOICES]:
        code = one.get("name") or one.get("value")
        value = clean_line(code)[:80]
        if not value or value in codes.values():
            making.leave_out(one, _("an answer without a name of its own is left out."))
            continue
        codes[code] = value
        choices.append(Choice(value=value, label=one.text("label")))
    return choices, codes


def _alone(
    making: _Making, row: SheetRow, choices: list[Choice], codes: Mapping[str, str]
) -> tuple[Choice, ...]:
    if not row.get("constraint"):
        return tuple(choices)
    try:
        single = {codes.get(code) for code in expressions.alone(row.get("constraint"))}
    except NotSayable:
        making.leave_out(row, _("the rule for answers (“constraint”) is left out."))
        return tuple(choices)
    return tuple(choice.model_copy(update={"alone": choice.value in single}) for choice in choices)


def _end_scale(making: _Making, group: _Group) -> None:
    """A scale of agreement from a group of questions with the same list."""
    name = group.rows[0][1]
    choices, codes = _choices(making, group.rows[0][0], name)
    start = f"{group.row.get('name')}_"
    rows, taken = [], set[str]()
    for row, listed in group.rows:
        if listed != name:
            making.leave_out(row, _("it has other answers than the rest of its group, so it is left out."))
            continue
        row_id = new_id(row.get("name").removeprefix(start), taken, "row")
        taken.add(row_id)
        rows.append(Row(id=row_id, text=row.text("label")))
    required = all(row.get("required").lower() in _YES for row, _listed in group.rows)
    found = {"choices": tuple(choices), "rows": tuple(rows[:20]), "help": group.help, "required": required}
    _add(making, group.row, "agreement", found, codes)


_YES = frozenset(["yes", "true", "true()", "1"])


def _add(
    making: _Making,
    row: SheetRow,
    kind: str,
    found: dict[str, Any],
    codes: dict[str, str] | None = None,
) -> None:
    """Put a question on the page in hand, unless there is no room or something in it does not fit."""
    if making.asked >= MOST_QUESTIONS or not (making.pages or _open_page(making)):
        making.leave_out(row, _("a survey has room for %(most)s questions.", most=MOST_QUESTIONS))
        return
    common: dict[str, Any] = {
        "kind": kind,
        "id": new_id(row.get("name"), making.taken, "question"),
        "text": row.text("label"),
        "help": row.text("hint"),
        "panel": making.panel,
        "required": row.get("required").lower() in _YES,
        "about": row.get(ABOUT) or None,
        "shown_if": _condition(making, row),
    }
    try:
        question = KINDS[kind](**{**common, **found})
    except ValidationError:
        making.leave_out(row, _("the question does not fit ours, so it is left out."))
        return
    making.panel = NOTHING
    making.asked += 1
    making.taken.add(question.id)
    if row.get("name") and kind != "agreement":
        making.earlier[row.get("name")] = (question, codes or {})
    page = making.pages[-1]
    making.pages[-1] = page.model_copy(update={"questions": (*page.questions, question)})


def _condition(making: _Making, row: SheetRow) -> Condition | None:
    written = row.get("relevant")
    if not written:
        return None
    try:
        return expressions.condition(written, making.earlier)
    except NotSayable:
        making.leave_out(
            row,
            _("its condition is left out, so everybody is asked: %(said)s", said=clean_line(written)[:200]),
        )
        return None
