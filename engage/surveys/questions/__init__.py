"""The kinds of question that a survey can ask, and how an answer to each is read, kept and counted.

Every kind answers for itself: pages, paper, exports and results ask the question and never its kind.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from engage.surveys.questions.base import (
    DISTRICT,
    HELPED,
    NOT_SAID,
    SPEAKER,
    Answer,
    AnswerRefused,
    Clip,
    Column,
    EasyRead,
    Question,
    Typed,
)
from engage.surveys.questions.choosing import (
    CONTACT,
    JOIN,
    OTHER,
    PUBLISH,
    Choice,
    Choosing,
    District,
    OneChoice,
    OneOf,
    Permission,
    Rating,
    SeveralChoices,
)
from engage.surveys.questions.measuring import Date, Number, Postcode
from engage.surveys.questions.ordering import Agreement, Ranking, Row
from engage.surveys.questions.writing import USES, Contact, FreeText, ShortText, Statement, Writing

AnyQuestion = Annotated[
    ShortText
    | FreeText
    | OneChoice
    | SeveralChoices
    | Agreement
    | Rating
    | Number
    | Date
    | District
    | Postcode
    | Ranking
    | Contact
    | Permission
    | Statement,
    Field(discriminator="kind"),
]
KINDS: dict[str, type[Question]] = {
    "short_text": ShortText,
    "free_text": FreeText,
    "one_choice": OneChoice,
    "several_choices": SeveralChoices,
    "agreement": Agreement,
    "rating": Rating,
    "number": Number,
    "date": Date,
    "district": District,
    "postcode": Postcode,
    "ranking": Ranking,
    "contact": Contact,
    "permission": Permission,
    "statement": Statement,
}

ON_EQUALITY_PAGES = ("one_choice", "several_choices", "number", "statement")
"""Kinds whose answers can be kept apart from everything else and only counted: none has own words in it."""

__all__ = [
    "CONTACT",
    "DISTRICT",
    "HELPED",
    "JOIN",
    "KINDS",
    "NOT_SAID",
    "ON_EQUALITY_PAGES",
    "OTHER",
    "PUBLISH",
    "SPEAKER",
    "USES",
    "Agreement",
    "Answer",
    "AnswerRefused",
    "AnyQuestion",
    "Choice",
    "Choosing",
    "Clip",
    "Column",
    "Contact",
    "Date",
    "District",
    "EasyRead",
    "FreeText",
    "Number",
    "OneChoice",
    "OneOf",
    "Permission",
    "Postcode",
    "Question",
    "Ranking",
    "Rating",
    "Row",
    "SeveralChoices",
    "ShortText",
    "Statement",
    "Typed",
    "Writing",
]
