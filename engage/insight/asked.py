"""The questions of a survey over all its versions.

Responses pool over the versions, because questions keep their ids. The words of a question are those of the
newest version that has it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engage.surveys.content import Content
from engage.surveys.questions import Agreement, Choosing, Question, SeveralChoices


@dataclass(frozen=True)
class Asked:
    """A question over all versions: as the newest that has it asks it, with all answers ever offered."""

    question: Question
    values: Mapping[str, str]
    rows: Mapping[str, str]
    still_asked: bool
    is_equality: bool
    alone: frozenset[str]
    """The answers that exclude all others."""

    asked_after: frozenset[str]
    """The questions that its condition looks at, in any version."""


def asked_questions(contents: Sequence[Content]) -> list[Asked]:
    """Every question that any version has, the newest version's first; ``contents`` newest first."""
    having: dict[str, list[Question]] = {}
    for content in contents:
        for question in content.questions:
            if question.is_asked:
                having.setdefault(question.id, []).append(question)
    equality = frozenset().union(*(content.equality_ids for content in contents))
    newest = contents[0].by_id if contents else {}
    return [
        Asked(
            question=versions[0],
            values=_labels(versions),
            rows=_rows(versions),
            still_asked=question_id in newest,
            is_equality=question_id in equality,
            alone=_alone(versions[0]),
            asked_after=frozenset(
                test.question for one in versions if one.shown_if for test in one.shown_if.tests
            ),
        )
        for question_id, versions in having.items()
    ]


def _labels(versions: Sequence[Question]) -> dict[str, str]:
    found: dict[str, str] = {}
    for question in versions:
        if isinstance(question, Choosing):
            for choice in question.all_choices():
                found.setdefault(choice.value, str(choice.label))
    return found


def _alone(question: Question) -> frozenset[str]:
    if not isinstance(question, SeveralChoices):
        return frozenset()
    return frozenset(choice.value for choice in question.all_choices() if choice.alone)


def _rows(versions: Sequence[Question]) -> dict[str, str]:
    found: dict[str, str] = {}
    for question in versions:
        if isinstance(question, Agreement):
            for row in question.rows:
                found.setdefault(row.id, str(row.text))
    return found
