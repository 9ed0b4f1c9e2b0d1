"""What a person is answering: the survey, the questions that they meet, what they said and what is wrong.

The pages for residents and the form with which staff key in paper and phone calls both stand on it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import MultiDict

from engage.conversations.models import Conversation
from engage.surveys import queries, routing
from engage.surveys.content import Content
from engage.surveys.drafts import Draft
from engage.surveys.models import Survey, SurveyVersion
from engage.surveys.questions import Answer, AnswerRefused, Question

PREFIX = "a."
"""What every field of an answer begins with: ``a.better``, ``a.helps.other``, ``a.born.day``."""

TYPED = "~typed"
"""Under this key answers on the way have what was typed and does not fit yet. No question has such an id."""

HAD = "had"
"""The field that names the questions that a page showed with an answer: there a blank means to remove it."""

Values = dict[str, list[str]]


@dataclass(frozen=True)
class Wrong:
    """What keeps an answer from being kept, and the field that it is about."""

    question: Question
    message: str
    part: str

    @property
    def field_id(self) -> str:
        return field_id(self.question, self.part)


@dataclass
class Filled:
    """What a form sent, read: the answers that fit, what is wrong, and everything as it was typed.

    ``unseen`` are the questions left blank that had no answer on the page: another tab may have given one.
    """

    answers: dict[str, Answer] = field(default_factory=dict)
    wrong: dict[str, Wrong] = field(default_factory=dict)
    typed: dict[str, Values] = field(default_factory=dict)
    unseen: set[str] = field(default_factory=set)


def field_id(question: Question, part: str = "") -> str:
    """The ``id`` of a field. Parts that are choices are numbered, since their values can be anything."""
    if not part:
        return f"a-{question.id}"
    choices = question.offered()
    name = str(choices.index(part) + 1) if part in choices and part != "other" else part
    return f"a-{question.id}-{name}"


def typed_for(question: Question, form: MultiDict[str, str]) -> Values:
    """The fields of one question in what a form sent, by part."""
    name = PREFIX + question.id
    return {
        key[len(name) + 1 :]: form.getlist(key) for key in form if key == name or key.startswith(f"{name}.")
    }


def is_blank(values: Values) -> bool:
    """Whether nothing stands in these fields."""
    return not any(value.strip() for one in values.values() for value in one)


def is_kept(kept: Mapping[str, Answer], question_id: str) -> bool:
    """Whether a question has an answer among those kept, or something typed that is none yet."""
    return kept.get(question_id) is not None or question_id in (kept.get(TYPED) or {})


def together(
    kept: Mapping[str, Answer], answers: Mapping[str, Answer], unseen: Collection[str] = ()
) -> dict[str, Answer]:
    """What was kept with new answers, which take the place of what was typed and did not fit.

    A blank that is ``unseen`` takes the place of nothing.
    """
    new = {key: one for key, one in answers.items() if key not in unseen or not is_kept(kept, key)}
    both = {**kept, **new}
    typed = {key: value for key, value in (both.pop(TYPED, None) or {}).items() if key not in new}
    return {**both, TYPED: typed} if typed else both


def read_form(
    questions: Iterable[Question], form: MultiDict[str, str], kept: Mapping[str, Answer] | None = None
) -> Filled:
    """Read the answers to these questions. Nothing that was typed is lost.

    Where answers can be ``kept`` already, a blank counts for those alone that the page showed.
    """
    filled = Filled()
    for question in questions:
        typed = filled.typed[question.id] = typed_for(question, form)
        try:
            filled.answers[question.id] = question.read(typed)
        except AnswerRefused as refused:
            filled.wrong[question.id] = Wrong(question, str(refused), refused.part)
    if kept is not None:
        had = set(form.getlist(HAD))
        filled.unseen = {key for key, typed in filled.typed.items() if key not in had and is_blank(typed)}
        for key in filled.unseen & filled.wrong.keys():
            if is_kept(kept, key):
                del filled.wrong[key]
    return filled


def read_all(content: Content, form: MultiDict[str, str], kept: Mapping[str, Answer] | None = None) -> Filled:
    """Read a form with every question on it. Where a condition is off, nothing is asked and nothing wrong."""
    filled = read_form(content.questions, form, kept)
    given = together(kept or {}, filled.answers, filled.unseen)
    asked = {question.id for question in routing.shown(content, given)}
    filled.wrong = {key: wrong for key, wrong in filled.wrong.items() if key in asked}
    return filled


@dataclass
class Sheet:
    """What a browser is answering: the survey, its questions, and the answers so far.

    ``easy`` is set where the person reads Easy Read: they meet the questions that have a twin, in its words.
    ``on_screen`` is the question that they just answered: they met it, though another answer, given in
    another tab or lost with the time, may say that it does not concern them.
    """

    survey: Survey
    conversation: Conversation
    version: SurveyVersion
    draft: Draft
    answers: Mapping[str, Answer]
    is_sent: bool
    easy: bool = False
    on_screen: str = ""

    @cached_property
    def content(self) -> Content:
        """The survey in the form that the person reads; the ordinary one where Easy Read asks nothing."""
        content = queries.content_of(self.version)
        if not self.easy:
            return content
        answered = {key for key, answer in self.answers.items() if answer is not None}
        easy = content.for_easy_read(answered)
        return easy if routing.shown(easy, self.answers) else content

    @cached_property
    def shown(self) -> list[Question]:
        """The questions and statements that this person meets."""
        met = routing.shown(self.content, self.answers)
        if not self.on_screen or any(one.id == self.on_screen for one in met):
            return met
        ids = {self.on_screen, *(one.id for one in met)}
        return [one for one in self.content.questions if one.id in ids]

    def values(self, question: Question) -> Values:
        """The answer so far, as a form would have sent it; or what was typed and does not fit yet."""
        typed: Mapping[str, Values] = self.answers.get(TYPED) or {}
        return typed.get(question.id) or question.typed(self.answers.get(question.id))

    def values_on(self, filled: Filled, question: Question) -> Values:
        """What stands in the fields of a page that comes back: what was typed, or was kept elsewhere."""
        is_typed = question.id in filled.typed and question.id not in filled.unseen
        return filled.typed[question.id] if is_typed else self.values(question)

    def unread(self) -> list[Question]:
        """Questions in which something was typed that is no answer yet."""
        return [one for one in self.shown if one.id in (self.answers.get(TYPED) or {})]

    def before(self, question: Question) -> Question | None:
        """The question that comes before this one for this person."""
        place = self.shown.index(question)
        return self.shown[place - 1] if place else None

    def after(self, question: Question, answers: Mapping[str, Answer]) -> Question | None:
        """The question that comes next, once these answers were kept."""
        return next(iter(self._later(question, answers)), None)

    def new_after(self, question: Question, answers: Mapping[str, Answer]) -> Question | None:
        """The next question that only came up through a changed answer, and has none yet."""
        known = {one.id for one in self.shown}
        later = self._later(question, answers)
        return next((one for one in later if one.id not in known and one.id not in answers), None)

    def _later(self, question: Question, answers: Mapping[str, Answer]) -> list[Question]:
        """What these answers lead to after a question, whether or not they lead to that one."""
        ids = [one.id for one in self.content.questions]
        behind = set(ids[ids.index(question.id) + 1 :])
        return [one for one in routing.shown(self.content, answers) if one.id in behind]

    def missing(self) -> list[Question]:
        """Questions that need an answer and have none."""
        return [one for one in self.shown if one.required and self.answers.get(one.id) is None]

    def progress(self, question: Question) -> str:
        """Where the person is, in words. How many are to come can depend on what they answer."""
        asked = [one for one in self.shown if one.is_asked]
        place = sum(one.is_asked for one in self.shown[: self.shown.index(question) + 1])
        if not question.is_asked:
            left = len(asked) - place
            return ngettext("One question to come", "%(num)d questions to come", left)
        if any(one.shown_if for one in self.content.questions):
            return _("Question %(place)s of about %(all)s", place=place, all=len(asked))
        return _("Question %(place)s of %(all)s", place=place, all=len(asked))
