"""The columns of a survey's exported answers, and the book that says what stands in each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from engage.surveys import queries, spoken
from engage.surveys.content import Content
from engage.surveys.models import SurveyVersion
from engage.surveys.questions import Column, Permission, Question


@dataclass(frozen=True)
class ExportedColumn:
    """A column over all versions: the newest version's words, and all codes that any version had."""

    key: str
    heading: str
    codes: Mapping[str, str]
    holds: str
    condition: str
    versions: tuple[int, ...]


@dataclass(frozen=True)
class Answers:
    """What is exported: contents and numbers of the versions by their id, and the questions' columns."""

    contents: Mapping[int, Content]
    numbers: Mapping[int, int]
    columns: Sequence[ExportedColumn]


def answers_of(versions: Sequence[SurveyVersion]) -> Answers:
    """The export of a survey with these versions, in any order."""
    newest_first = sorted(versions, key=lambda version: -version.number)
    contents = {version.id: queries.content_of(version) for version in newest_first}
    numbers = {version.id: version.number for version in newest_first}
    found: dict[str, list[tuple[int, Column, str]]] = {}
    for version_id, content in contents.items():
        for question in _exported(content):
            condition = spoken.only_if(content, question)
            for column in question.columns():
                found.setdefault(column.key, []).append((numbers[version_id], column, condition))
    columns = [_over_versions(uses) for uses in found.values()]
    return Answers(contents, numbers, columns)


def _exported(content: Content) -> list[Question]:
    """All but equality monitoring; permissions have columns of their own."""
    return [
        question
        for question in content.questions
        if question.id not in content.equality_ids and not isinstance(question, Permission)
    ]


def _over_versions(uses: Sequence[tuple[int, Column, str]]) -> ExportedColumn:
    _number, newest, condition = uses[0]
    codes: dict[str, str] = {}
    for _version, column, _condition in reversed(uses):
        codes |= column.codes
    return ExportedColumn(
        key=newest.key,
        heading=newest.heading,
        codes=codes,
        holds=newest.holds,
        condition=condition,
        versions=tuple(sorted(number for number, _column, _condition in uses)),
    )


def headings(answers: Answers) -> list[str]:
    """The first row of the table."""
    questions = [f"{column.key}: {column.heading}" for column in answers.columns]
    return [*(name for name, _about in _first()), *questions, *(name for name, _about in _last())]


def _first() -> list[tuple[str, str]]:
    return [
        (_("Number"), _("Counts the rows; it is nobody's number elsewhere.")),
        (_("Received"), _("The day on which the answers reached us.")),
        (_("Version"), _("The version of the survey that was answered.")),
        (_("Channel"), _("How the answers reached us.")),
        (_("Language"), _("The language in which the person answered, as a code such as en or pl.")),
        (_("Form"), _("The usual form, or Easy Read.")),
        (_("Who answered"), _("How the person described themselves.")),
        (_("District"), _("Where the person lives. Empty: they did not say.")),
    ]


def _last() -> list[tuple[str, str]]:
    empty = _("Empty: they were not asked, which allows nothing.")
    return [
        (_("May print the words"), _("Whether we may print their words, never with a name.") + " " + empty),
        (_("May get in touch"), _("Whether we may get in touch about what they said.") + " " + empty),
        (_("Wants to join"), _("Whether they would like to hear about joining the group.") + " " + empty),
    ]


def code_book(answers: Answers) -> list[list[str]]:
    """One line for each column, under a line of headings."""
    head = [_("Column"), _("Question"), _("What stands in it"), _("Who was asked"), _("In versions")]
    everybody = ", ".join(str(number) for number in sorted(answers.numbers.values()))
    lines = [[name, "", about, "", everybody] for name, about in _first()]
    for column in answers.columns:
        asked = column.condition or _("Everybody")
        versions = ", ".join(str(number) for number in column.versions)
        lines.append([column.key, column.heading, _stands(column), asked, versions])
    return [head, *lines, *([name, "", about, "", everybody] for name, about in _last())]


def _stands(column: ExportedColumn) -> str:
    """What can stand in a column."""
    if column.codes:
        offered = "; ".join(f"{code} = {words}" for code, words in column.codes.items())
    else:
        offered = {
            "number": _("A number. In a ranking: the place, 1 for the first; “No place” without one."),
            "date": _("A day."),
            "place": _("A postcode, or the first half of one."),
            "words": _("Own words that a moderator has approved, or “(not cleared yet)”, or “(held back)”."),
        }.get(column.holds, _("What was answered."))
    return offered + ". " + _("Empty: not asked. “No answer”: asked and left out.")
