"""The answers that a condition can look at, as a menu offers them and sends them.

A value is ``question=answer``, or ``question`` alone for any answer at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from flask_babel import gettext as _

from engage.surveys.building.builder_fields import AnswerGroup
from engage.surveys.conditions import MOST_TESTS, Condition, Test
from engage.surveys.content import Content
from engage.surveys.questions import OneOf, SeveralChoices


def condition(values: Sequence[str], match: Literal["all", "any"], content: Content) -> Condition | None:
    """The condition that these values of menus say; None without any."""
    tests = tuple(_test(value, content) for value in values[:MOST_TESTS])
    return Condition(match=match, tests=tests) if tests else None


def earlier_answers(question_id: str, content: Content, published: Content) -> Iterator[AnswerGroup]:
    """What a condition of this question can ask for: the answers of the questions before it.

    Answers of equality monitoring are offered on its own page alone: they stay apart from all others.
    """
    page = next((one for one in content.pages if any(q.id == question_id for q in one.questions)), None)
    own = {q.id for q in page.questions} if page else set()
    for earlier in content.questions:
        if earlier.id == question_id:
            return
        if not earlier.is_asked or (earlier.id in content.equality_ids - own):
            continue
        asked = published.by_id.get(earlier.id, earlier)
        answers = [(earlier.id, _("any answer at all"))]
        if isinstance(asked, OneOf | SeveralChoices):
            answers = [
                *((f"{earlier.id}={value}", asked.label(value) or value) for value in asked.offered()),
                *answers,
            ]
        yield AnswerGroup(asked.text.said().words, tuple(answers))


def value_of(test: Test) -> str:
    return test.question if test.is_ == "answered" else f"{test.question}={test.value}"


def _test(value: str, content: Content) -> Test:
    question_id, equals, answer = value.partition("=")
    if not equals:
        return Test(question=question_id, **{"is": "answered"})
    several = isinstance(content.by_id.get(question_id), SeveralChoices)
    return Test(question=question_id, value=answer, **{"is": "includes" if several else "equals"})
