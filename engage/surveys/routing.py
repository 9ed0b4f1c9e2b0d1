"""Which questions a person is asked, and whether every question can be reached and answered.

Conditions look only at questions that come earlier, so there can be no circle: a person always moves on. What
can go wrong is a question that nobody ever reaches, or one that nobody can answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from engage.surveys.conditions import Condition, Test
from engage.surveys.content import Content, Page
from engage.surveys.questions import (
    ON_EQUALITY_PAGES,
    Answer,
    Choosing,
    OneOf,
    Question,
    SeveralChoices,
)

MOST_WAYS = 500
"""Ways to reach a question that are looked at; beyond these it counts as reachable."""


@dataclass(frozen=True)
class Problem:
    """Something to put right before people can answer. ``question`` is its id, or empty for the whole."""

    question: str
    message: str


def shown(content: Content, answers: Mapping[str, Answer]) -> list[Question]:
    """The questions that a person with these answers meets, in order.

    An answer to a question that is not asked (any more) does not count in conditions further on.
    """
    met: list[Question] = []
    counted: dict[str, tuple[Question, Answer]] = {}
    for question in content.questions:
        if question.shown_if is None or _holds(question.shown_if, counted):
            met.append(question)
            answer = answers.get(question.id)
            if answer is not None:
                counted[question.id] = (question, answer)
    return met


def _holds(condition: Condition, counted: Mapping[str, tuple[Question, Answer]]) -> bool:
    results = (_passes(test, counted) for test in condition.tests)
    return all(results) if condition.match == "all" else any(results)


def _passes(test: Test, counted: Mapping[str, tuple[Question, Answer]]) -> bool:
    if test.question not in counted:
        return False
    question, answer = counted[test.question]
    return test.is_ == "answered" or test.value in question.values(answer)


def problems(content: Content) -> list[Problem]:
    """Everything that keeps the survey from being asked, question by question."""
    found = []
    if not any(question.is_asked for question in content.questions):
        found.append(Problem("", _("A survey needs at least one question.")))
    earlier: dict[str, Question] = {}
    pages = {question.id: page for page in content.pages for question in page.questions}
    for question in content.questions:
        found += [Problem(question.id, message) for message in question.problems()]
        found += [Problem(question.id, message) for message in _equality_problems(question, pages)]
        found += [Problem(question.id, message) for message in _condition_problems(question, earlier)]
        earlier[question.id] = question
    return found


def _equality_problems(question: Question, pages: Mapping[str, Page]) -> Iterator[str]:
    """Why answers of equality monitoring would not stay apart from all others, or could not be counted."""
    page = pages[question.id]
    if page.equality:
        yield from _not_only_counted(question)
    for test in question.shown_if.tests if question.shown_if else ():
        looked_at = pages.get(test.question)
        if looked_at and looked_at.equality and looked_at.id != page.id:
            yield _(
                "Its condition looks at equality monitoring, which is kept apart from all other answers. "
                "Only questions of the same page can do so."
            )


def _not_only_counted(question: Question) -> Iterator[str]:
    """What a question of equality monitoring has that cannot be counted alone."""
    if question.kind not in ON_EQUALITY_PAGES:
        yield _(
            "Answers of equality monitoring are only counted, and this kind of question cannot be. "
            "Remove it, or ask it on another page."
        )
    if question.about:
        yield _(
            "Equality monitoring is kept apart, so its answers cannot say who speaks or where they live. "
            "Ask this on another page."
        )
    if isinstance(question, Choosing) and question.other:
        yield _(
            "Nobody reads words about “something else” in equality monitoring. Give it as an answer of its "
            "own, without words."
        )


def _condition_problems(question: Question, earlier: Mapping[str, Question]) -> Iterator[str]:
    if question.shown_if is None:
        return
    wrong = False
    for test in question.shown_if.tests:
        message = _test_problem(test, earlier)
        if message:
            wrong = True
            yield message
    if not wrong and next(_ways(question, earlier), None) is None:
        yield _("Nobody can ever reach this question: its conditions exclude each other.")


def _test_problem(test: Test, earlier: Mapping[str, Question]) -> str:
    """Why one test can never hold; empty where it can."""
    asked = earlier.get(test.question)
    if asked is None:
        return _("Its condition looks at a question that is not there or that comes later.")
    if not asked.is_asked:
        return _("Its condition looks at “%(text)s”, which nobody answers.", text=asked.text)
    if test.is_ != "answered" and not isinstance(asked, OneOf | SeveralChoices):
        return _(
            "Its condition looks for one answer to “%(text)s”. Of that one, it can only ask whether it was "
            "answered.",
            text=asked.text,
        )
    if test.is_ != "answered" and test.value not in asked.offered():
        return _("Its condition looks for an answer that “%(text)s” does not offer.", text=asked.text)
    return ""


Needs = frozenset[tuple[str, str]]
"""What must have been answered to get somewhere: (question id, value), with "" for any answer at all."""


def _ways(question: Question, earlier: Mapping[str, Question]) -> Iterator[Needs]:
    """Combinations of answers with which the question is asked. Empty where nobody can reach it."""
    budget = iter(range(MOST_WAYS))
    yield from _open_ways([question.shown_if], frozenset(), earlier, budget)


def _open_ways(
    conditions: list[Condition | None], needs: Needs, earlier: Mapping[str, Question], budget: Iterator[int]
) -> Iterator[Needs]:
    """Depth first: settle one condition, and with it the conditions of the questions that it looks at."""
    if next(budget, None) is None or not conditions:
        yield needs
        return
    condition, rest = conditions[0], conditions[1:]
    if condition is None:
        yield from _open_ways(rest, needs, earlier, budget)
        return
    choices = [condition.tests] if condition.match == "all" else [(test,) for test in condition.tests]
    for tests in choices:
        more = needs | {(test.question, "" if test.is_ == "answered" else test.value) for test in tests}
        if _agree(more, earlier):
            further = [earlier[test.question].shown_if for test in tests]
            yield from _open_ways([*rest, *further], more, earlier, budget)


def _agree(needs: Needs, earlier: Mapping[str, Question]) -> bool:
    """Whether one person can have given all of these answers."""
    wanted: dict[str, set[str]] = {}
    for question_id, value in needs:
        wanted.setdefault(question_id, set()).update({value} - {""})
    return all(_can_give(earlier[question_id], values) for question_id, values in wanted.items())


def _can_give(question: Question, values: set[str]) -> bool:
    if len(values) < 2:
        return True
    if not isinstance(question, SeveralChoices):
        return False
    return not any(choice.alone and choice.value in values for choice in question.choices)
