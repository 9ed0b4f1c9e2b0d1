"""What every kind of question has in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as part
from typing import Annotated, Any, ClassVar, Literal, Self

from flask_babel import gettext as _
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from engage.surveys.conditions import Condition, Id
from engage.surveys.texts import NOTHING, Language, Text

Answer = Any
"""What a response keeps: JSON, of a shape that only the question knows. None means not answered."""

Typed = Mapping[str, Sequence[str]]
"""What a form sent for one question: the values of each of its fields, by part ("" is the main one)."""

SPEAKER, DISTRICT, HELPED = "speaker", "district", "helped"
NOT_SAID = "not_said"


class AnswerRefused(Exception):
    """The answer does not fit its question; the message says what to do, ``part`` in which of its fields."""

    def __init__(self, message: str, part: str = "") -> None:
        super().__init__(message)
        self.part = part


class EasyRead(BaseModel):
    """The Easy Read twin: a short sentence, and the name of a picture in ``pictures.PICTURES``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: Text = NOTHING
    help: Text = NOTHING
    picture: str = Field("", max_length=60)


class Clip(BaseModel):
    """The question signed or spoken: keys of stored files. ``transcript`` is for those who cannot play it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["bsl", "audio"]
    language: Language = "en"
    file: Annotated[str, StringConstraints(pattern=r"^[0-9a-z.]{1,80}$")]
    captions: Annotated[str, StringConstraints(pattern=r"^[0-9a-z.]{0,80}$")] = ""
    transcript: Text = NOTHING


@dataclass(frozen=True)
class Column:
    """One column of an export, and one thing to count.

    ``key`` is the question's id, with the part where it has several. ``codes`` gives the values that can
    stand in it and their words; without codes it is a number, a date or free words (``holds``).
    """

    key: str
    heading: str
    codes: Mapping[str, str] = part(default_factory=dict)
    holds: Literal["code", "yes_no", "place", "number", "date", "words"] = "code"


class Question(BaseModel, ABC):
    """One question. ``id`` stays the same from version to version and in every language and form.

    ``about`` says that the answer tells who speaks (``speaker``), where they live (``district``) or whether
    somebody helped (``helped``). ``panel`` is what one needs to know to answer. ``shown_if`` says when it is
    asked; without it, always.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    id: Id
    text: Text = NOTHING
    help: Text = NOTHING
    panel: Text = NOTHING
    required: bool = False
    about: Literal["speaker", "district", "helped"] | None = None
    shown_if: Condition | None = None
    easy: EasyRead | None = None
    clips: tuple[Clip, ...] = Field((), max_length=6)

    is_asked: ClassVar[bool] = True
    """Whether people answer it; a statement is only read."""

    @abstractmethod
    def read(self, typed: Typed) -> Answer:
        """The answer in what a form sent; None where nothing was. Raises AnswerRefused."""

    @abstractmethod
    def typed(self, answer: Answer) -> dict[str, list[str]]:
        """What a form would have sent for this answer: ``read(typed(answer)) == answer``."""

    @abstractmethod
    def words(self, answer: Answer) -> str:
        """The answer as people read it, a line each; empty where there is none."""

    @abstractmethod
    def columns(self) -> list[Column]:
        """What an export says about it."""

    @abstractmethod
    def cells(self, answer: Answer) -> dict[str, str | int | float]:
        """What stands in those columns for an answer, by key. Free words are not in it: see ``own_words``."""

    def own_words(self, answer: Answer) -> list[tuple[str, str]]:
        """What a person said in their own words, as (column key, words). Each becomes a contribution."""
        return []

    def kept(self, answer: Answer) -> Answer:
        """What the response keeps of the answer: all but own words, which are in the ledger."""
        return answer

    def values(self, answer: Answer) -> tuple[str, ...]:
        """The choices that the answer contains, for conditions."""
        return ()

    def offered(self) -> tuple[str, ...]:
        """The choices that a condition can ask for; empty where it can only ask whether it was answered."""
        return ()

    @property
    def has_twin(self) -> bool:
        """Whether there is an Easy Read form of the question."""
        return bool(self.easy and self.easy.text)

    def as_easy(self) -> Self:
        """The same question in the words of its Easy Read twin; unchanged where it has none."""
        if not self.easy or not self.easy.text:
            return self
        return self.model_copy(update={"text": self.easy.text, "help": self.easy.help})

    def problems(self) -> list[str]:
        """Why the question cannot be asked as it is, in sentences; empty where it can."""
        return [] if self.text else [_("Write the question.")]

    def needs(self, answer: Answer, message: str, part: str = "") -> Answer:
        """The answer, or None where there is none and it may be left out."""
        if self.required and answer in (None, "", [], {}):
            raise AnswerRefused(str(message), part)
        return None if answer in ("", [], {}) else answer


def first(typed: Typed, part: str = "") -> str:
    """What was typed into one field of a question."""
    values = typed.get(part)
    return values[0] if values else ""
