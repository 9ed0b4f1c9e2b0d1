"""What a survey consists of: its texts, pages and questions, as one typed, frozen document.

A draft, a published version and a file for another installation all keep this document as JSON, so that what
one can say the others can say too. Reading checks the shape alone; whether people can answer it is said by
``routing.problems`` and the check list before publishing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Any, Final, Literal

from flask_babel import gettext as _
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from engage.surveys.conditions import Id
from engage.surveys.questions import AnyQuestion, District, Question
from engage.surveys.texts import NOTHING, Language, Text

FORMAT: Final = 1
MOST_PAGES, MOST_QUESTIONS = 30, 60


class BrokenSurvey(Exception):
    """The survey cannot be read or asked as it is; the message says what is wrong and where."""


class Page(BaseModel):
    """Questions that belong together, under a heading of their own.

    People meet the questions of a page one at a time, or all pages one below the other, as they prefer. An
    ``equality`` page holds equality monitoring: its answers are kept in a table of their own and joined only
    for counts; ``explanation`` then says why we ask.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Id
    title: Text = NOTHING
    explanation: Text = NOTHING
    equality: bool = False
    questions: tuple[AnyQuestion, ...] = Field((), max_length=MOST_QUESTIONS)


class Content(BaseModel):
    """A whole survey. ``languages`` are those it is offered in, English among them.

    ``reason``, ``still_open``, ``who_decides`` and ``decides_on`` are what a fair consultation tells people;
    ``privacy`` is what becomes of their answers.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = FORMAT
    title: Text = NOTHING
    introduction: Text = NOTHING
    reason: Text = NOTHING
    still_open: Text = NOTHING
    who_decides: Text = NOTHING
    decides_on: date | None = None
    considered: Text = NOTHING
    privacy: Text = NOTHING
    languages: tuple[Language, ...] = ("en",)
    easy_read: bool = False
    pages: tuple[Page, ...] = Field((), max_length=MOST_PAGES)

    @model_validator(mode="after")
    def _keys_are_single(self) -> Content:
        questions = [question.id for question in self.questions]
        pages = [page.id for page in self.pages]
        if len(set(questions)) != len(questions) or len(set(pages)) != len(pages):
            raise ValueError("two pages or questions have the same id")
        if len(questions) > MOST_QUESTIONS:
            raise ValueError(f"a survey may have {MOST_QUESTIONS} questions")
        if "en" not in self.languages:
            raise ValueError("English is missing from the languages")
        return self

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Content:
        """A changed copy. What was worked out about the pages is worked out again."""
        copied = super().model_copy(update=update, deep=deep)
        for name in ("questions", "by_id", "equality_ids"):
            copied.__dict__.pop(name, None)
        return copied

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """All questions in their order, statements among them."""
        return tuple(question for page in self.pages for question in page.questions)

    @cached_property
    def by_id(self) -> Mapping[str, Question]:
        return {question.id: question for question in self.questions}

    @property
    def usual_length(self) -> int:
        """About how many questions a person meets: all that are asked without a condition."""
        return sum(question.is_asked and question.shown_if is None for question in self.questions)

    @cached_property
    def equality_ids(self) -> frozenset[str]:
        """Questions of equality monitoring."""
        return frozenset(q.id for page in self.pages if page.equality for q in page.questions)

    def page_of(self, question_id: str) -> Page:
        """The page that a question is on. Raises KeyError."""
        for page in self.pages:
            if any(question.id == question_id for question in page.questions):
                return page
        raise KeyError(question_id)

    def for_easy_read(self, answered: Collection[str] = ()) -> Content:
        """The survey as people meet it in Easy Read: only questions with a twin, in the twin's words.

        Ids stay, so that answers pool. What somebody has ``answered`` already (ids), before they changed to
        Easy Read, stays too: no answer is lost. A condition on a question that is left out never holds.
        """
        pages = []
        for page in self.pages:
            kept = tuple(q.as_easy() for q in page.questions if q.has_twin or q.id in answered)
            if kept:
                pages.append(page.model_copy(update={"questions": kept}))
        return self.model_copy(update={"pages": tuple(pages)})

    def with_places(self, districts: list[str]) -> Content:
        """With the conversation's districts in each question that asks for one; without any, it goes."""
        pages = []
        for page in self.pages:
            asked = [
                question.with_places(districts) if isinstance(question, District) else question
                for question in page.questions
                if districts or not isinstance(question, District)
            ]
            pages.append(page.model_copy(update={"questions": tuple(asked)}))
        return self.model_copy(update={"pages": tuple(pages)})

    def as_json(self) -> dict[str, Any]:
        """As a draft, a version or a file keeps it: without what is left at its default."""
        written = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        written["format"] = FORMAT
        for page in written.get("pages", ()):
            for question, kind in zip(page.get("questions", ()), self._kinds(page["id"]), strict=True):
                question["kind"] = kind
        return written

    def _kinds(self, page_id: str) -> Iterator[str]:
        return (q.kind for page in self.pages if page.id == page_id for q in page.questions)


def read_content(written: Any) -> Content:
    """The survey in JSON. Raises BrokenSurvey, which says where it does not fit."""
    try:
        return Content.model_validate(written)
    except ValidationError as error:
        raise BrokenSurvey(_where(error)) from None


def _where(error: ValidationError) -> str:
    """The first thing that does not fit, with its place, such as ``pages 1, questions 2, text``."""
    first = error.errors()[0]
    place = ", ".join(
        f"{step + 1}" if isinstance(step, int) else str(step) for step in first["loc"] if step != "root"
    )
    return _(
        "This cannot be read as a survey. At “%(place)s”: %(what)s.",
        place=place or _("the whole"),
        what=first["msg"].removeprefix("Value error, "),
    )
