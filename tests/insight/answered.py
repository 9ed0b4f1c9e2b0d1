"""A survey with every kind of question, and people who answered it, for tests of results and exports."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engage.contributions import codes
from engage.contributions.models import Channel
from engage.conversations.models import Conversation
from engage.db import db
from engage.surveys.conditions import Condition
from engage.surveys.content import Content, Page
from engage.surveys.models import Response, Survey
from engage.surveys.questions import (
    Agreement,
    Choice,
    Contact,
    Date,
    District,
    FreeText,
    Number,
    OneChoice,
    Permission,
    Postcode,
    Question,
    Ranking,
    Rating,
    Row,
    SeveralChoices,
    ShortText,
)
from engage.surveys.responses import Way, submit_response
from engage.surveys.texts import Text
from tests import factories
from tests.surveys import factories as surveys

SPEAKER = tuple(
    Choice(value=value, label=Text(label))
    for value, label in (
        ("draws_on_care", "I draw on care"),
        ("unpaid_carer", "I care for somebody"),
        ("staff", "I work in care"),
    )
)


def every_kind() -> Content:
    """Every kind of question, a condition, and a page of equality monitoring."""
    asked: tuple[Question, ...] = (
        OneChoice(id="who", text=Text("Who are you?"), about="speaker", choices=SPEAKER),
        District(id="where", text=Text("Where do you live?")),
        OneChoice(
            id="rest", text=Text("Do you get a rest?"), choices=surveys.choices("Yes", "No"), other=True
        ),
        ShortText(
            id="why",
            text=Text("Why not?"),
            shown_if=Condition.model_validate({"tests": [{"question": "rest", "value": "no"}]}),
        ),
        SeveralChoices(
            id="helps",
            text=Text("What helps?"),
            choices=(
                *surveys.choices("Family", "Friends"),
                Choice(value="none", label=Text("None"), alone=True),
            ),
            other=True,
        ),
        Agreement(
            id="agree",
            text=Text("How far do you agree?"),
            choices=surveys.choices("Agree", "Neither", "Disagree"),
            rows=(Row(id="heard", text=Text("I am heard")), Row(id="safe", text=Text("I feel safe"))),
        ),
        Rating(id="easy", text=Text("How easy was it?"), choices=surveys.choices("Easy", "So so", "Hard")),
        Number(id="hours", text=Text("How many hours?"), whole=False),
        Date(id="since", text=Text("Since when?")),
        Postcode(id="area", text=Text("Which area?")),
        Ranking(id="order", text=Text("What matters most?"), choices=surveys.choices("Bus", "Money", "Time")),
        FreeText(id="more", text=Text("Anything else?")),
        Contact(id="reach", text=Text("How can we reach you?")),
        Permission(id="allow", text=Text("What may we do?")),
    )
    monitored = (
        OneChoice(id="faith", text=Text("What is your faith?"), choices=surveys.choices("None", "Sikh")),
    )
    return Content(
        title=Text("Care and rest"),
        pages=(
            Page(id="one", title=Text("About you"), questions=asked),
            Page(id="two", title=Text("Equality"), equality=True, questions=monitored),
        ),
    )


def survey(conversation: Conversation | None = None, content: Content | None = None) -> Survey:
    conversation = conversation or factories.conversation()
    return surveys.survey(conversation, content=content or every_kind())


def answer(
    survey: Survey,
    answers: Mapping[str, Any],
    *,
    at: datetime = factories.NOW,
    channel: Channel = Channel.ONLINE,
    language: str = "en",
    easy_read: bool = False,
) -> Response:
    """One person's answers to the latest version, sent."""
    conversation = db.session.get(Conversation, survey.conversation_id)
    assert conversation
    way = Way(channel, language, easy_read)
    receipt = submit_response(
        conversation, survey.versions[-1], answers, code=codes.new_code(), now=at, way=way
    )
    return db.session.scalars(sa.select(Response).where(Response.receipt_id == receipt.id)).one()


def random_answers(content: Content, chance: random.Random, words: str = "some words") -> dict[str, Any]:
    """Some answers to some of the questions of ``every_kind``, as a form would read them."""
    given: dict[str, Any] = {}
    for question in content.questions:
        if chance.random() < 0.8:
            answer = question.read(_typed(question, chance, words))
            given |= {question.id: answer} if answer is not None else {}
    return given


def _typed(question: Question, chance: random.Random, words: str) -> dict[str, list[str]]:
    offered = list(question.offered())
    if isinstance(question, Agreement):
        return {row.id: [chance.choice(offered)] for row in question.rows if chance.random() < 0.8}
    if isinstance(question, Ranking):
        placed = chance.sample(offered, chance.randint(0, len(offered)))
        return {value: [str(place)] for place, value in enumerate(placed, 1)}
    if isinstance(question, SeveralChoices):
        chosen = chance.sample([value for value in offered if value != "none"], chance.randint(0, 2))
        return {"": chosen, "other": [words] if "other" in chosen and chance.random() < 0.5 else []}
    if offered:
        chosen = [chance.choice(offered)]
        return {"": chosen, "other": [words] if chosen == ["other"] and chance.random() < 0.5 else []}
    exact = {
        "number": {"": [chance.choice(["0", "12", "7.5", "-3"])]},
        "date": {"day": ["3"], "month": [str(chance.randint(1, 12))], "year": ["2025"]},
        "postcode": {"": [chance.choice(["NG22", "NG1", "S80"])]},
        "contact": {"email": ["someone@example.org"], "uses": ["invite"]},
    }
    return exact.get(question.kind, {"": [words]})
