"""The kinds of question that a survey can ask, and how an answer to each is read.

A published version keeps its questions as JSON; here they become typed, frozen objects. An answer is a string
(one choice, free text), a list of strings (several choices) or None (not answered).
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from flask_babel import gettext as _

from engage.contributions.models import Speaker
from engage.forms import LONGEST_TEXT, clean_text

Answer = str | list[str] | None
SPEAKER, DISTRICT = "speaker", "district"
NOT_SAID = "not_said"


class AnswerRefused(Exception):
    """The answer does not fit its question; the message says what to do."""


class BrokenSurvey(Exception):
    """The questions cannot be asked as they are; the message says which one and why."""


@dataclass(frozen=True)
class Choice:
    """One of the answers that a person can choose."""

    value: str
    label: str


@dataclass(frozen=True)
class Question(ABC):
    """What every question has. ``id`` stays the same from version to version.

    ``about`` says that the answer tells who speaks (``speaker``) or where they live (``district``).
    """

    kind: ClassVar[str]
    id: str
    text: str
    help: str = ""
    required: bool = False
    about: str | None = None
    choices: tuple[Choice, ...] = field(default=())

    @abstractmethod
    def clean(self, typed: Sequence[str]) -> Answer:
        """The answer in what a form sent. Raises AnswerRefused."""

    @abstractmethod
    def words(self, answer: Answer) -> str:
        """The answer as people read it; empty where there is none."""

    def check(self) -> None:
        """Raise BrokenSurvey where the question cannot be asked."""
        if not self.id or not self.text.strip():
            raise BrokenSurvey(_("Each question needs a key and a text."))
        values = {choice.value for choice in self.choices}
        if len(values) != len(self.choices) or "" in values:
            raise BrokenSurvey(_("Two answers of the question “%(text)s” are the same.", text=self.text))
        if self.about == SPEAKER and not values <= set(Speaker):
            raise BrokenSurvey(
                _("The question “%(text)s” has an answer that we cannot count.", text=self.text)
            )

    def as_json(self) -> dict[str, Any]:
        """How a published version keeps it."""
        content = asdict(self)
        content["choices"] = [asdict(choice) for choice in self.choices]
        return {"kind": self.kind, **content}

    def _need(self, answer: Answer, message: str) -> Answer:
        if self.required and not answer:
            raise AnswerRefused(message)
        return answer or None


@dataclass(frozen=True)
class _Choosing(Question):
    """What questions with given answers have in common."""

    def label(self, value: str) -> str:
        return next((choice.label for choice in self.choices if choice.value == value), "")

    def _known(self, typed: Sequence[str]) -> list[str]:
        chosen = {value for value in typed if value}
        if chosen - {choice.value for choice in self.choices}:
            raise AnswerRefused(_("Choose from the answers on this page."))
        return [choice.value for choice in self.choices if choice.value in chosen]

    def check(self) -> None:
        super().check()
        if len(self.choices) < 2:
            raise BrokenSurvey(_("The question “%(text)s” needs two answers to choose from.", text=self.text))


@dataclass(frozen=True)
class OneChoice(_Choosing):
    """One answer out of several."""

    kind: ClassVar[str] = "one_choice"

    def clean(self, typed: Sequence[str]) -> Answer:
        known = self._known(typed[:1])
        return self._need(known[0] if known else None, _("Choose one of the answers."))

    def words(self, answer: Answer) -> str:
        return self.label(answer) if isinstance(answer, str) else ""


@dataclass(frozen=True)
class SeveralChoices(_Choosing):
    """As many answers as apply."""

    kind: ClassVar[str] = "several_choices"

    def clean(self, typed: Sequence[str]) -> Answer:
        return self._need(self._known(typed), _("Choose at least one of the answers."))

    def words(self, answer: Answer) -> str:
        return "\n".join(self.label(value) for value in answer or [])


@dataclass(frozen=True)
class FreeText(Question):
    """An answer in one's own words, up to 10,000 characters. It becomes a contribution."""

    kind: ClassVar[str] = "free_text"

    def clean(self, typed: Sequence[str]) -> Answer:
        words = clean_text(typed[0] if typed else "")
        over = len(words) - LONGEST_TEXT
        if over > 0:
            raise AnswerRefused(
                _(
                    "This is %(over)s characters longer than we can take. It is all still here: shorten it "
                    "to %(longest)s characters, or put the rest into another answer.",
                    over=f"{over:,}",
                    longest=f"{LONGEST_TEXT:,}",
                )
            )
        return self._need(words, _("Write something in the box."))

    def words(self, answer: Answer) -> str:
        return answer if isinstance(answer, str) else ""


KINDS: dict[str, type[Question]] = {one.kind: one for one in (OneChoice, SeveralChoices, FreeText)}


def read_questions(written: Sequence[Mapping[str, Any]]) -> tuple[Question, ...]:
    """The questions of a published version. Raises BrokenSurvey where one cannot be asked."""
    questions = tuple(_read(one) for one in written)
    if not questions:
        raise BrokenSurvey(_("A survey needs at least one question."))
    if len({question.id for question in questions}) != len(questions):
        raise BrokenSurvey(_("Two questions have the same key."))
    return questions


def _read(written: Mapping[str, Any]) -> Question:
    kind = KINDS.get(str(written.get("kind")))
    if kind is None:
        raise BrokenSurvey(_("There is no kind of question called “%(kind)s”.", kind=written.get("kind")))
    question = kind(
        id=str(written.get("id", "")),
        text=str(written.get("text", "")),
        help=str(written.get("help", "")),
        required=bool(written.get("required", False)),
        about=written.get("about"),
        choices=tuple(Choice(one["value"], one["label"]) for one in written.get("choices", [])),
    )
    question.check()
    return question


@cache
def _template() -> tuple[dict[str, Any], ...]:
    path = Path(__file__).with_name("big_conversation.json")
    return tuple(json.loads(path.read_text(encoding="utf-8")))


def big_conversation(districts: Sequence[str]) -> tuple[Question, ...]:
    """The questions of a Big Conversation, with the places that people can choose from."""
    places = [{"value": name, "label": name} for name in districts]
    written = [
        {**one, "choices": [*places, *one["choices"]]} if one.get("about") == DISTRICT else one
        for one in _template()
    ]
    # Where a conversation has no districts, there is nothing to ask about them.
    return read_questions([one for one in written if districts or one.get("about") != DISTRICT])


def speaker_in(given: Mapping[Question, Answer]) -> Speaker:
    """Who speaks, by their answers."""
    for question, answer in given.items():
        if question.about == SPEAKER and isinstance(answer, str):
            return Speaker(answer)
    return Speaker.NOT_SAID


def district_in(given: Mapping[Question, Answer]) -> str | None:
    """Where the person lives, by their answers; None where they would rather not say."""
    for question, answer in given.items():
        if question.about == DISTRICT and isinstance(answer, str) and answer != NOT_SAID:
            return answer
    return None
