"""Conditions on paper: "go to question 7" at an answer, or else a sentence before the question.

A person with a pen follows arrows more easily than sentences, but an arrow must never lead past a question
that is theirs. So arrows are used only where a run of questions hangs on the single choice directly before
it, one test each; everything else is said in a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engage.surveys.conditions import Test
from engage.surveys.content import Content
from engage.surveys.questions import OneOf, Question

END = ""
"""Where an arrow leads that leads past the last question."""


@dataclass
class Directions:
    """How to find one's way through a survey on paper.

    ``numbers`` gives the number of each question, by id; statements have none. ``at_choice`` says where an
    answer leads, by question and value, and ``after`` where everybody goes who answered a question: the
    number of a question, or ``END``. ``sentences`` are questions whose condition must be said in words.
    """

    numbers: dict[str, str] = field(default_factory=dict)
    at_choice: dict[str, dict[str, str]] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)
    sentences: set[str] = field(default_factory=set)


def directions(content: Content) -> Directions:
    """Work out the way through a survey."""
    asked = content.questions
    found = Directions()
    for question in asked:
        if question.is_asked:
            found.numbers[question.id] = str(len(found.numbers) + 1)
    settled: set[str] = set()
    for place, question in enumerate(asked):
        if isinstance(question, OneOf):
            settled |= _arrows(asked, place, found)
    found.sentences = {q.id for q in asked if q.shown_if and q.id not in settled}
    return found


def _arrows(asked: tuple[Question, ...], place: int, found: Directions) -> set[str]:
    """Draw the arrows from one choice. Returns the ids of the questions that need no sentence then."""
    question = asked[place]
    run = _run_after(asked, place)
    if not run:
        return set()
    ways = {value: _way(asked, place, value) for value in question.offered()}
    if any(way is not None and not way.is_asked for way in ways.values()):
        return set()  # An arrow needs a number to lead to, and a statement has none.
    after = _after_each(asked, place, run)
    if after is None:
        return set()
    following = asked[place + 1]
    found.at_choice[question.id] = {
        value: _number(way, found) for value, way in ways.items() if way is not following
    }
    found.after |= {one: _number(way, found) for one, way in after.items()}
    return {one.id for one in run}


def _run_after(asked: tuple[Question, ...], place: int) -> list[Question]:
    """The questions directly after a choice that hang on it and on nothing else."""
    run = []
    for question in asked[place + 1 :]:
        tests = question.shown_if.tests if question.shown_if else ()
        if len(tests) != 1 or tests[0].question != asked[place].id or tests[0].is_ == "answered":
            break
        run.append(question)
    return run


def _after_each(
    asked: tuple[Question, ...], place: int, run: list[Question]
) -> dict[str, Question | None] | None:
    """Where people go after each question of a run, where that is not the next one.

    None where those who answer one question of the run would part ways after it.
    """
    after: dict[str, Question | None] = {}
    for number, question in enumerate(run, place + 1):
        if not question.shown_if or number + 1 == len(asked):
            continue
        values = [v for v in asked[place].offered() if v == question.shown_if.tests[0].value]
        ways = [_way(asked, place, value, begin=number) for value in values]
        if any(way is not None and not way.is_asked for way in ways) or not ways:
            return None
        if ways[0] is not asked[number + 1]:
            after[question.id] = ways[0]
    return after


def _way(asked: tuple[Question, ...], place: int, value: str, begin: int | None = None) -> Question | None:
    """The first question after ``begin`` that somebody may be asked who gave this answer; None: the end.

    Only what is certain counts: that this answer was given, and that what was passed over was not answered.
    """
    known: dict[str, bool | None] = {}
    source = asked[place].id
    for question in asked[place + 1 : (begin or place) + 1]:
        known[question.id] = _holds(question, source, value, known)
    for question in asked[(begin or place) + 1 :]:
        if _holds(question, source, value, known) is not False:
            return question
        known[question.id] = False
    return None


def _holds(question: Question, source: str, value: str, known: Mapping[str, bool | None]) -> bool | None:
    """Whether the question is asked, as far as that is certain; None where it is not."""
    if question.shown_if is None:
        return True
    results = [_passes(test, source, value, known) for test in question.shown_if.tests]
    if question.shown_if.match == "all":
        return False if False in results else (None if None in results else True)
    return True if True in results else (None if None in results else False)


def _passes(test: Test, source: str, value: str, known: Mapping[str, bool | None]) -> bool | None:
    if test.question == source:
        return test.is_ == "answered" or test.value == value
    return False if known.get(test.question, None) is False else None


def _number(question: Question | None, found: Directions) -> str:
    return found.numbers[question.id] if question else END
