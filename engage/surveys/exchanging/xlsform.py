"""A survey as an XLSForm, the spreadsheet that KoboToolbox, ODK and others read: https://xlsform.org.

What both can say is written; what an XLSForm cannot say is said in words (``left_out``). Columns of our own
(``engage_kind``, ``engage_about``) say what a row is to us; other tools pass over them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from babel import Locale
from flask_babel import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from engage import i18n
from engage.surveys.building.editing import new_id
from engage.surveys.conditions import Condition, Test
from engage.surveys.content import Content, Page
from engage.surveys.questions import (
    OTHER,
    Agreement,
    Choice,
    Choosing,
    Date,
    FreeText,
    Number,
    Postcode,
    Question,
    SeveralChoices,
)
from engage.surveys.texts import NOTHING, Text

KIND, ABOUT = "engage_kind", "engage_about"
BEFORE = ("introduction", "reason", "still_open", "who_decides", "considered", "privacy")
"""Texts that people read before the questions: notes at the head of the form."""

TYPES: Mapping[str, str] = {
    "short_text": "text",
    "free_text": "text",
    "postcode": "text",
    "one_choice": "select_one",
    "rating": "select_one",
    "district": "select_one",
    "several_choices": "select_multiple",
    "permission": "select_multiple",
    "ranking": "rank",
    "date": "date",
    "statement": "note",
}
APPEARANCES: Mapping[str, str] = {"free_text": "multiline", "rating": "likert"}
POSTCODE = "regex(., '^[A-Za-z]{1,2}[0-9][A-Za-z0-9]?$')"
RESERVED = frozenset(["meta", "instanceid", "instancename"])
_PLAIN = re.compile(r"[A-Za-z0-9_.-]{1,80}")
_NOT_IN_XML = re.compile("[\ufffe\uffff]")

Row = dict[str, Any]
"""A row of a sheet: a text in a language column stands under ``label`` or ``hint`` as a Text."""


@dataclass
class _Form:
    """What is being written. ``names`` has the form's name of each question, ``codes`` those of choices."""

    content: Content
    survey: list[Row] = field(default_factory=list)
    choices: list[Row] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def name(self, wanted: str) -> str:
        """``wanted``, or something like it that no row has yet."""
        found = new_id(wanted, self.taken, "row")
        self.taken.add(found)
        return found


def language_heading(code: str) -> str:
    """How an XLSForm names a language: "Polish (pl)"."""
    return f"{Locale.parse(code).get_display_name('en')} ({code})"


# --- The sheets ---------------------------------------------------------------------------------------------


def as_workbook(content: Content, *, name: str) -> bytes:
    """The form as a workbook. ``name`` becomes its ``form_id``."""
    form = _form(content)
    book = Workbook(write_only=True)
    head = ["type", "name", "label", "hint", "required", "relevant", "constraint", "appearance", KIND, ABOUT]
    _sheet(book, "survey", head, form.survey, content.languages)
    _sheet(book, "choices", ["list_name", "name", "label"], form.choices, content.languages)
    settings = {
        "form_title": str(content.title) or name,
        "form_id": re.sub(r"[^A-Za-z0-9_]", "_", name) or "survey",
        "default_language": language_heading(i18n.DEFAULT),
    }
    _sheet(book, "settings", list(settings), [settings], ())
    kept = BytesIO()
    book.save(kept)
    return kept.getvalue()


def _sheet(book: Any, title: str, head: list[str], rows: Iterable[Row], languages: Iterable[str]) -> None:
    """A sheet with a column for each language of each text."""
    columns: list[tuple[str, str]] = []
    for name in head:
        if name in ("label", "hint"):
            columns += [(name, code) for code in languages]
        else:
            columns.append((name, ""))
    sheet = book.create_sheet(title)
    names = [f"{name}::{language_heading(code)}" if code else name for name, code in columns]
    sheet.append([_cell(sheet, words) for words in names])
    for row in rows:
        sheet.append([_cell(sheet, _in_column(row, *column)) for column in columns])


def _in_column(row: Row, name: str, code: str) -> str:
    said = row.get(name, "")
    if not isinstance(said, Text):
        return str(said)
    # "${" begins a reference to another question, which no text of ours means.
    return said.in_language(code).replace("${", "$ {")


def _cell(sheet: Any, words: str) -> Any:
    cell = WriteOnlyCell(sheet, value=_NOT_IN_XML.sub("", words))
    cell.data_type = "s"  # Words that begin with "=" are words and no formula.
    return cell


# --- The rows -----------------------------------------------------------------------------------------------


def _form(content: Content) -> _Form:
    form = _Form(content, taken=set(RESERVED))
    for question in content.questions:
        if _can_say(question):
            form.names[question.id] = form.name(question.id)
            form.codes[question.id] = _codes(question)
    for key in BEFORE:
        if getattr(content, key):
            form.survey.append(_row("note", form.name(f"text_{key}"), getattr(content, key), kind=key))
    for page in content.pages:
        inside = list(_page_rows(form, page))
        if inside:
            kind = "equality" if page.equality else ""
            form.survey.append(_row("begin_group", form.name(page.id), page.title, kind=kind))
            form.survey += [*inside, {"type": "end_group"}]
    return form


def _row(kind_of_row: str, name: str, label: Text = NOTHING, *, kind: str = "", **more: Any) -> Row:
    return {"type": kind_of_row, "name": name, "label": label, KIND: kind, **more}


def _page_rows(form: _Form, page: Page) -> Iterator[Row]:
    if page.explanation and any(_can_say(question) for question in page.questions):
        yield _row("note", form.name(f"{page.id}_explanation"), page.explanation, kind="explanation")
    for question in page.questions:
        if _can_say(question):
            yield from _question_rows(form, question)


def _can_say(question: Question) -> bool:
    return question.kind != "contact"


def _question_rows(form: _Form, question: Question) -> Iterator[Row]:
    name, relevant = form.names[question.id], _relevant(form, question)
    if question.panel:
        yield _row("note", form.name(f"{name}_panel"), question.panel, kind="panel", relevant=relevant)
    if isinstance(question, Agreement):
        yield from _agreement_rows(form, question, relevant)
        return
    kind = TYPES.get(question.kind) or _number_type(question)
    listed = isinstance(question, Choosing)
    yield {
        **_row(f"{kind} {name}" if listed else kind, name, question.text, kind=question.kind),
        "hint": question.help,
        "required": "yes" if question.required and question.is_asked else "",
        "relevant": relevant,
        "constraint": _constraint(form, question),
        "appearance": APPEARANCES.get(question.kind, ""),
        ABOUT: question.about or "",
    }
    if isinstance(question, Choosing):
        form.choices += _choice_rows(form, question)
        if question.other:
            said = f"selected(${{{name}}}, '{form.codes[question.id][OTHER]}')"
            label = next(one.label for one in question.all_choices() if one.value == OTHER)
            yield _row("text", form.name(f"{name}_other"), label, kind="other", relevant=said)


def _number_type(question: Question) -> str:
    return "integer" if isinstance(question, Number) and question.whole else "decimal"


def _agreement_rows(form: _Form, question: Agreement, relevant: str) -> Iterator[Row]:
    """A group with one question for each sentence; all have the same list of answers."""
    name = form.names[question.id]
    yield _row(
        "begin_group",
        name,
        question.text,
        kind="agreement",
        relevant=relevant,
        appearance="field-list",
        **{ABOUT: question.about or ""},
    )
    if question.help:
        yield _row("note", form.name(f"{name}_help"), question.help, kind="help")
    for row in question.rows:
        required = "yes" if question.required else ""
        yield _row(
            f"select_one {name}", form.name(f"{name}_{row.id}"), row.text, kind="row", required=required
        )
    yield {"type": "end_group"}
    form.choices += _choice_rows(form, question)


def _choice_rows(form: _Form, question: Choosing) -> Iterator[Row]:
    codes = form.codes[question.id]
    for choice in question.all_choices():
        yield {"list_name": form.names[question.id], "name": codes[choice.value], "label": choice.label}


def _codes(question: Question) -> dict[str, str]:
    """What each answer is called in the form: its value, where that has letters and digits alone."""
    if not isinstance(question, Choosing):
        return {}
    taken: set[str] = set()
    codes: dict[str, str] = {}
    for choice in question.all_choices():
        plain = _PLAIN.fullmatch(choice.value) and choice.value not in taken
        codes[choice.value] = choice.value if plain else new_id(choice.value, taken, "answer")
        taken.add(codes[choice.value])
    return codes


# --- Conditions and bounds ----------------------------------------------------------------------------------


def _relevant(form: _Form, question: Question) -> str:
    """The condition as an expression; empty where there is none, or none that a form can say."""
    condition = question.shown_if
    if condition is None or not _can_say_condition(form.content, condition):
        return ""
    tests = [_test(form, test) for test in condition.tests]
    return (" and " if condition.match == "all" else " or ").join(tests)


def _can_say_condition(content: Content, condition: Condition) -> bool:
    return all(_can_say_test(content.by_id.get(test.question), test) for test in condition.tests)


def _can_say_test(asked: Question | None, test: Test) -> bool:
    if asked is None or not asked.is_asked or not _can_say(asked) or isinstance(asked, Agreement):
        return False
    return test.is_ == "answered" or (test.value in asked.offered() and asked.kind != "ranking")


def _test(form: _Form, test: Test) -> str:
    asked, name = form.content.by_id[test.question], form.names[test.question]
    if test.is_ == "answered":
        return f"${{{name}}} != ''"
    code = form.codes[asked.id][test.value]
    return (
        f"selected(${{{name}}}, '{code}')" if isinstance(asked, SeveralChoices) else f"${{{name}}} = '{code}'"
    )


def _constraint(form: _Form, question: Question) -> str:
    if isinstance(question, Number):
        return _between(question.lowest, question.highest)
    if isinstance(question, Date):
        days = [f"date('{day.isoformat()}')" if day else None for day in (question.earliest, question.latest)]
        return _between(*days)
    if isinstance(question, Postcode) and not question.full:
        return POSTCODE
    if isinstance(question, SeveralChoices):
        codes = form.codes[question.id]
        alone = [codes[choice.value] for choice in _alone(question)]
        return " and ".join(f"not(selected(., '{code}') and count-selected(.) > 1)" for code in alone)
    return ""


def _alone(question: Choosing) -> list[Choice]:
    return [choice for choice in question.choices if choice.alone]


def _between(lowest: object, highest: object) -> str:
    bounds = [(">=", lowest), ("<=", highest)]
    return " and ".join(f". {sign} {bound}" for sign, bound in bounds if bound is not None)


# --- What is left out ---------------------------------------------------------------------------------------


def left_out(content: Content) -> list[str]:
    """What an XLSForm of this survey does not say, a sentence each."""
    found = list(_left_out_of_the_whole(content))
    for question in content.questions:
        found += [
            _("“%(question)s”: %(what)s", question=question.text or question.id, what=what)
            for what in _left_out_of(content, question)
        ]
    return found


def _left_out_of_the_whole(content: Content) -> Iterator[str]:
    if len(content.title.root) > 1:
        yield _("The title in other languages than English.")
    if content.decides_on:
        yield _("The day of the decision.")
    if any(question.has_twin for question in content.questions):
        yield _("Easy Read, with its pictures.")
    if any(question.clips for question in content.questions):
        yield _("Films and recordings.")
    if any(not any(_can_say(question) for question in page.questions) for page in content.pages):
        yield _("Pages on which nothing is left to ask.")


def _left_out_of(content: Content, question: Question) -> Iterator[str]:
    if not _can_say(question):
        yield _("contact details are left out: an XLSForm would keep them beside the answers.")
        return
    if question.shown_if and not _can_say_condition(content, question.shown_if):
        yield _("its condition is left out, so everybody is asked.")
    if isinstance(question, Number) and question.unit:
        yield _("the unit after the box is left out.")
    if isinstance(question, FreeText) and (question.asks_for != "anything" or question.theme):
        yield _("what the words are about, and their theme, is left out.")
    if isinstance(question, Choosing) and any(code != value for value, code in _codes(question).items()):
        yield _("some answers get another code, since a form takes letters and digits alone.")
