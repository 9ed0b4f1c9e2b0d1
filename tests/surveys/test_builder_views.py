"""Facilitators build a survey in the browser, without script."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engage.accounts.models import Role
from engage.db import db
from engage.surveys import queries
from engage.surveys.content import Content
from engage.surveys.models import Survey
from engage.surveys.questions import KINDS, Agreement, FreeText, Number, SeveralChoices
from engage.surveys.templates import empty
from tests.surveys.factories import document
from tests.surveys.factories import survey as make_survey

SignIn = Callable[..., int]


class Builder:
    """A facilitator at work on one survey, through forms as a browser without script sends them."""

    def __init__(self, app: Flask, client: FlaskClient, survey_id: int) -> None:
        self.app, self.client = app, client
        self.base = f"/staff/surveys/{survey_id}/build"
        self.survey_id = survey_id

    def page(self, path: str = "") -> str:
        reply = self.client.get(self.base + path)
        assert reply.status_code == 200, path
        return unescape(reply.get_data(as_text=True))

    def post(self, path: str, fields: dict[str, object] | None = None) -> TestResponse:
        return self.client.post(self.base + path, data=fields or {})

    def content(self) -> Content:
        with self.app.app_context():
            return queries.draft_content(db.session.get_one(Survey, self.survey_id))

    def seen(self, path: str) -> str:
        found = re.search(r'name="seen"[^>]*value="([^"]*)"', self.page(path))
        assert found
        return found[1]

    def add(self, kind: str, text: str, **where: str) -> str:
        """Add a question; its id."""
        reply = self.post("/add", {"kind": kind, "text": text, **where})
        assert reply.status_code == 303, reply.get_data(as_text=True)
        return reply.location.rsplit("/", 1)[-1]

    def change(self, question_id: str, **fields: object) -> TestResponse:
        """Save the page of a question with these fields."""
        path = f"/questions/{question_id}"
        sent = {"seen": self.seen(path), "text": str(self.content().by_id[question_id].text), "do": "save"}
        return self.post(path, sent | fields)


def lines(name: str, *words: str) -> dict[str, object]:
    """What a list sends whose boxes hold these words."""
    return {f"{name}-{number}-words": said for number, said in enumerate(words)}


@pytest.fixture
def build(app: Flask, client: FlaskClient, sign_in: SignIn) -> Callable[..., Builder]:
    """A facilitator with a survey in hand that holds these pages, or nothing at all."""

    def begin(*questions: object, content: Content | None = None, published: bool = False) -> Builder:
        with app.app_context():
            made = make_survey(
                content=content or (document(*questions) if questions else empty("New")),  # type: ignore[arg-type]
                published=published,
            )
            db.session.commit()
            survey_id = made.id
        sign_in(client, Role.FACILITATOR, name="Ada Obi")
        return Builder(app, client, survey_id)

    return begin


# --- A whole survey ----------------------------------------------------------------------------------------


def test_a_survey_with_every_kind_is_built_and_published(
    build: Callable[..., Builder], client: FlaskClient
) -> None:
    work = build()
    assert "No question yet" in work.page()
    assert "A survey needs at least one question." in work.page()
    assert work.post("/texts", {"seen": work.seen("/texts"), "title": "Care at home"}).status_code == 303
    care = work.add("one_choice", "Do you get care at home?")
    assert work.change(care, **lines("choices", "Yes", "No", "I am waiting for it")).status_code == 303
    helps = work.add("several_choices", "What helps you?")
    fields = lines("choices", "A person", "A machine", "None of these") | {"choices-2-alone": "y"}
    work.change(helps, **fields, other="y", tests="do_you_get_care_at_home=yes")
    better = work.add("free_text", "What should change?")
    work.change(better, asks_for="change", theme="1", longest="2,000", panel="It costs money.")
    agree = work.add("agreement", "How far do you agree?")
    fields = lines("rows", "I feel safe.", "I see people.") | lines("choices", "Agree", "Disagree")
    work.change(agree, **fields)
    rating = work.add("rating", "How easy is it to get help?")
    ranking = work.add("ranking", "What should we do first?")
    work.change(ranking, **{"choices-more": "Transport\nInformation\n\nBreaks"})
    number = work.add("number", "How many hours of care do you give?")
    work.change(number, unit="hours a week", whole="y", lowest="0", highest="168", required="y")
    day = work.add("date", "When did it begin?")
    work.change(day, **{"earliest-day": "1", "earliest-month": "1", "earliest-year": "2020"})
    for kind in ("who_speaks", "was_helped", "district", "postcode", "permission", "contact"):
        work.add(kind, "")
    work.add("short_text", "What is the service called?")
    work.add("statement", "Thank you so far")
    assert "Nothing to put right" in work.page()
    assert work.post("/pages/equality").status_code == 303

    content = work.content()
    assert {question.kind for question in content.questions} == set(KINDS)
    assert str(content.title) == "Care at home"
    several = content.by_id[helps]
    assert isinstance(several, SeveralChoices)
    assert [(choice.value, choice.alone) for choice in several.choices] == [
        ("a_person", False),
        ("a_machine", False),
        ("none_of_these", True),
    ]
    free = content.by_id[better]
    assert isinstance(free, FreeText)
    assert (free.asks_for, free.theme, free.longest) == ("change", 1, 2_000)
    assert str(free.panel) == "It costs money."
    scale = content.by_id[agree]
    assert isinstance(scale, Agreement)
    assert [row.id for row in scale.rows] == ["i_feel_safe", "i_see_people"]
    assert [choice.value for choice in scale.choices] == ["agree", "disagree"]
    assert len(content.by_id[rating].offered()) == 5
    assert content.by_id[ranking].offered() == ("transport", "information", "breaks")
    hours = content.by_id[number]
    assert isinstance(hours, Number)
    assert (hours.lowest, hours.highest, hours.required, str(hours.unit)) == (0, 168, True, "hours a week")
    assert len(content.equality_ids) == 7

    page = work.page()
    assert "Only if you chose “Yes” for “Do you get care at home?”." in page
    assert "Saved by Ada Obi on" in page
    assert "Not published yet." in page
    assert client.post(f"/staff/surveys/{work.survey_id}/publish").status_code == 303
    with work.app.app_context():
        made = db.session.get_one(Survey, work.survey_id)
        assert [version.number for version in made.versions] == [1]
        assert queries.content_of(made.versions[0]).by_id["where_do_you_live"].offered()
    assert "This is what people see, as version 1." in work.page()
