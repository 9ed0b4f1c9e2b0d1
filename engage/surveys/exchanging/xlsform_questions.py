"""One row of an XLSForm made into a question of ours, and the survey as it grows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from pydantic import ValidationError

from engage.forms import clean_line
from engage.surveys.building.editing import new_id
from engage.surveys.conditions import Condition
from engage.surveys.content import MOST_PAGES, MOST_QUESTIONS, Page
from engage.surveys.exchanging import xlsform_relevant as expressions
from engage.surveys.exchanging.xlsform import ABOUT, KIND, POSTCODE
from engage.surveys.exchanging.xlsform_relevant import NotSayable
from engage.surveys.exchanging.xlsform_sheets import SheetRow, Sheets
from engage.surveys.questions import KINDS, OTHER, Choice, Permission, Question, Row
from engage.surveys.questions.choosing import MOST_CHOICES
from engage.surveys.texts import NOTHING, Text

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


@dataclass
class Group:
    """A group that is open: its row, and the question that it becomes, where it is a scale of agreement."""

    row: SheetRow
    is_scale: bool
    rows: list[tuple[SheetRow, str]] = field(default_factory=list)
    help: Text = NOTHING


@dataclass
class Making:
    """The survey as it grows, and what was left out."""

    sheets: Sheets
    lists: dict[str, list[SheetRow]]
    before: dict[str, Text] = field(default_factory=dict)
    pages: list[Page] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    earlier: dict[str, tuple[Question, dict[str, str]]] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    page_ids: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    panel: Text = NOTHING
    repeats: int = 0
    asked: int = 0

    def leave_out(self, row: SheetRow, what: str) -> None:
        self.notes.append(_("Row %(row)s: %(what)s", row=row.number, what=what))


def open_page(making: Making, row: SheetRow | None = None) -> bool:
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


# --- Questions ----------------------------------------------------------------------------------------------


def take_plain(making: Making, row: SheetRow, kind: str, written: str) -> None:
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


def _bounds(making: Making, row: SheetRow, kind: str) -> dict[str, Any]:
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


def take_choosing(making: Making, row: SheetRow, kind: str, select: re.Match[str]) -> None:
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


def _choices(making: Making, row: SheetRow, name: str) -> tuple[list[Choice], dict[str, str]]:
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
    making: Making, row: SheetRow, choices: list[Choice], codes: Mapping[str, str]
) -> tuple[Choice, ...]:
    if not row.get("constraint"):
        return tuple(choices)
    try:
        single = {codes.get(code) for code in expressions.alone(row.get("constraint"))}
    except NotSayable:
        making.leave_out(row, _("the rule for answers (“constraint”) is left out."))
        return tuple(choices)
    return tuple(choice.model_copy(update={"alone": choice.value in single}) for choice in choices)


def end_scale(making: Making, group: Group) -> None:
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
    making: Making,
    row: SheetRow,
    kind: str,
    found: dict[str, Any],
    codes: dict[str, str] | None = None,
) -> None:
    """Put a question on the page in hand, unless there is no room or something in it does not fit."""
    if making.asked >= MOST_QUESTIONS or not (making.pages or open_page(making)):
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


def _condition(making: Making, row: SheetRow) -> Condition | None:
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
