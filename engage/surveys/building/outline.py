"""A survey as the builder shows it: pages and questions in order, with what to put right beside each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from flask_babel import gettext as _
from flask_babel import ngettext

from engage.conversations.models import Conversation
from engage.surveys import routing, services, spoken
from engage.surveys.building import editing
from engage.surveys.building.starting_points import kind_of
from engage.surveys.content import Content, Page
from engage.surveys.questions import Agreement, Choosing, Question

WORDS_A_MINUTE = 180
"""How fast people read a survey: slower than a novel, since they think about each question."""
SECONDS: Mapping[str, int] = {
    "free_text": 75,
    "short_text": 20,
    "contact": 45,
    "permission": 10,
    "number": 10,
    "date": 10,
    "postcode": 8,
}
_SECONDS_A_CHOICE, _SECONDS_A_ROW, _SECONDS_A_PLACE = 5, 7, 8


@dataclass(frozen=True)
class Line:
    """One question. ``number`` counts what people answer; statements have none."""

    question: Question
    number: int | None
    kind: str
    condition: str
    problems: tuple[str, ...]
    can_go_up: bool
    can_go_down: bool


@dataclass(frozen=True)
class Part:
    """One page. ``goals`` are the other pages that its questions can go to, as (id, title)."""

    page: Page
    title: str
    lines: tuple[Line, ...]
    goals: tuple[tuple[str, str], ...]
    is_first: bool
    is_last: bool


@dataclass(frozen=True)
class Outline:
    """The whole. ``general`` are problems of no single question; ``to_do`` are (question, sentence)."""

    parts: tuple[Part, ...]
    asked: int
    minutes: int
    general: tuple[str, ...]
    to_do: tuple[tuple[Question, str], ...]

    @property
    def summary(self) -> str:
        """How much there is to answer, in words."""
        if not self.asked:
            return _("No question yet")
        return _(
            "%(questions)s, %(minutes)s",
            questions=ngettext("One question", "%(num)d questions", self.asked),
            minutes=ngettext("about one minute", "about %(num)d minutes", self.minutes),
        )


def outline(content: Content, conversation: Conversation) -> Outline:
    """The survey's outline, checked as people would meet it if it was published now."""
    problems = problems_of(content, conversation)
    number = 0
    parts = []
    for place, page in enumerate(content.pages):
        lines = []
        for question in page.questions:
            number += question.is_asked
            found = tuple(problems[question.id])
            lines.append(_line(content, question, number if question.is_asked else None, found))
        goals = tuple(
            (one.id, title_of(content, one))
            for one in content.pages
            if one.id != page.id and one.equality == page.equality
        )
        is_last = place == len(content.pages) - 1
        parts.append(Part(page, title_of(content, page), tuple(lines), goals, place == 0, is_last))
    to_do = tuple((question, said) for question in content.questions for said in problems[question.id])
    return Outline(tuple(parts), number, minutes(content), tuple(problems[""]), to_do)


def _line(content: Content, question: Question, number: int | None, problems: tuple[str, ...]) -> Line:
    return Line(
        question,
        number,
        str(kind_of(question).name),
        spoken.only_if(content, question),
        problems,
        editing.can_move(content, question.id, -1),
        editing.can_move(content, question.id, 1),
    )


def problems_of(content: Content, conversation: Conversation) -> defaultdict[str, list[str]]:
    """What keeps the draft from being asked, by question; under "" what concerns the whole."""
    published = services.as_published(content, conversation)
    found: defaultdict[str, list[str]] = defaultdict(list)
    for problem in routing.problems(published):
        found[problem.question].append(problem.message)
    for question in content.questions:
        if question.id not in published.by_id:
            found[question.id].append(
                _("The conversation has no districts, so nobody is asked this. Add districts or remove it.")
            )
    return found


def title_of(content: Content, page: Page) -> str:
    """What a page is called, in lists."""
    if page.title:
        return page.title.said().words
    return _("Page %(number)s", number=content.pages.index(page) + 1)


def minutes(content: Content) -> int:
    """How long the survey takes, in minutes: an estimate from the words to read and the kinds of answer."""
    seconds = sum(_seconds(question) for question in content.questions)
    return max(1, ceil(seconds / 60)) if content.questions else 0


def _seconds(question: Question) -> float:
    read = [str(question.text), str(question.help), str(question.panel)]
    seconds = float(SECONDS.get(question.kind, 0))
    if isinstance(question, Choosing):
        read += [str(choice.label) for choice in question.choices]
        seconds += _SECONDS_A_PLACE * len(question.choices) if question.kind == "ranking" else 0
        seconds += _SECONDS_A_CHOICE
    if isinstance(question, Agreement):
        read += [str(row.text) for row in question.rows]
        seconds += _SECONDS_A_ROW * len(question.rows)
    return seconds + sum(len(words.split()) for words in read) * 60 / WORDS_A_MINUTE
