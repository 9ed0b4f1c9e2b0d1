"""Facilitators start, publish and date surveys."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from engage.accounts.models import Role
from engage.conversations.models import Conversation
from engage.db import db
from engage.surveys import queries
from engage.surveys.models import Survey
from tests import factories
from tests.conftest import StatementCounter
from tests.surveys.factories import survey as make_survey
from tests.surveys.publishing.filling_in import publish

SignIn = Callable[..., int]
GOOD = {
    "title": "Tell us what matters",
    "begin_with": "big_conversation",
    "opens_on-day": "1",
    "opens_on-month": "6",
    "opens_on-year": "2026",
    "closes_on-day": "17",
    "closes_on-month": "7",
    "closes_on-year": "2026",
}


def _page(client: FlaskClient, path: str) -> str:
    return unescape(client.get(path).get_data(as_text=True))


@pytest.fixture
def facilitator(app: Flask, client: FlaskClient, sign_in: SignIn) -> FlaskClient:
    with app.app_context():
        factories.conversation("Big Conversation")
        db.session.commit()
    sign_in(client, Role.FACILITATOR)
    return client


def test_a_survey_is_started_published_and_open(app: Flask, facilitator: FlaskClient) -> None:
    assert "No survey yet" in _page(facilitator, "/staff/surveys")
    assert 'value="Big Conversation"' in _page(facilitator, "/staff/surveys/start")
    reply = facilitator.post("/staff/surveys/start", data=GOOD)
    assert reply.status_code == 303
    page = _page(facilitator, reply.location)
    assert "Not published" in page
    assert "What would make it better?" in page
    assert facilitator.get("/surveys/tell-us-what-matters").status_code == 404
    assert publish(facilitator, reply.location).location == reply.location
    page = _page(facilitator, reply.location)
    assert "Version 1 is published." in page
    assert "http://localhost/surveys/tell-us-what-matters" in page
    assert "Go to the check list for version" not in page
    assert facilitator.get("/surveys/tell-us-what-matters").status_code == 200
    assert "Tell us what matters" in _page(facilitator, "/staff/surveys")
    assert "What would make it better?" in _page(facilitator, f"{reply.location}/preview")


def test_new_districts_ask_for_a_new_version(app: Flask, facilitator: FlaskClient) -> None:
    address = facilitator.post("/staff/surveys/start", data=GOOD).location
    publish(facilitator, address)
    with app.app_context():
        conversation = db.session.scalars(sa.select(Conversation)).one()
        conversation.districts = ["North", "South"]
        db.session.commit()
    assert "Go to the check list for version 2" in _page(facilitator, address)
    publish(facilitator, address)
    with app.app_context():
        versions = db.session.scalars(sa.select(Survey)).one().versions
        asked = queries.content_of(versions[1]).by_id["district"]
        assert asked.offered() == ("North", "South", "not_said")
        assert "Ashfield" in str(versions[0].content)


def test_a_survey_is_closed_and_opened_by_its_dates(app: Flask, facilitator: FlaskClient) -> None:
    address = facilitator.post("/staff/surveys/start", data=GOOD).location
    assert 'value="17"' in _page(facilitator, f"{address}/dates")
    reply = facilitator.post(f"{address}/dates", data=GOOD | {"closes_on-day": "31"})
    assert reply.location == address
    assert "31 July 2026" in _page(facilitator, address)
    reply = facilitator.post(f"{address}/dates", data=GOOD | {"closes_on-year": "2025"})
    assert reply.status_code == 422
    assert "Enter a last day that is not before the first day." in reply.get_data(as_text=True)
    assert "31 July 2026" in _page(facilitator, address)


def test_a_survey_begins_with_a_template_a_copy_or_nothing(app: Flask, facilitator: FlaskClient) -> None:
    first = facilitator.post("/staff/surveys/start", data=GOOD).location
    number = first.rsplit("/", 1)[1]
    assert "A copy of “Tell us what matters”" in _page(facilitator, "/staff/surveys/start")
    for begin_with, questions in ((f"copy-{number}", 12), ("scratch", 0)):
        made = facilitator.post("/staff/surveys/start", data=GOOD | {"begin_with": begin_with}).location
        with app.app_context():
            survey = db.session.get_one(Survey, int(made.rsplit("/", 1)[1]))
            content = queries.draft_content(survey)
            assert (len(content.questions), str(content.title)) == (questions, "Tell us what matters")


def test_an_empty_survey_is_not_published(app: Flask, facilitator: FlaskClient) -> None:
    address = facilitator.post("/staff/surveys/start", data=GOOD | {"begin_with": "scratch"}).location
    reply = publish(facilitator, address)
    assert reply.status_code == 422
    assert "A survey needs at least one question." in reply.get_data(as_text=True)
    assert facilitator.get("/surveys/tell-us-what-matters").status_code == 404


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"title": " "}, "Give the survey a name that people will understand."),
        ({"title": "x" * 1_000_000}, "characters too long"),
        ({"begin_with": "copy-999"}, "Choose what to begin with."),
        ({"begin_with": ""}, "Choose what to begin with."),
        ({"opens_on-month": "June"}, "First day: enter it as day, month and year in numbers"),
        ({"opens_on-year": "99999999999999"}, "First day: enter it as day, month and year in numbers"),
        ({"closes_on-month": "5"}, "Enter a last day that is not before the first day."),
        ({"closes_on-day": "", "closes_on-month": "", "closes_on-year": ""}, "Enter the last day"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(
    app: Flask, facilitator: FlaskClient, change: dict[str, str], message: str
) -> None:
    reply = facilitator.post("/staff/surveys/start", data=GOOD | change)
    page = unescape(reply.get_data(as_text=True))
    assert reply.status_code == 422
    assert message in page
    assert "title" in change or "Tell us what matters" in page
    with app.app_context():
        assert db.session.scalars(sa.select(Survey)).all() == []


def test_another_conversations_survey_is_not_found(app: Flask, facilitator: FlaskClient) -> None:
    with app.app_context():
        other = factories.conversation("Another one")
        other.opens_on = factories.day(2020, 1, 1)
        other.closes_on = factories.day(2020, 2, 1)
        survey_id = make_survey(other).id
        db.session.commit()
    for path in ("", "/preview", "/dates"):
        assert facilitator.get(f"/staff/surveys/{survey_id}{path}").status_code == 404
    assert facilitator.post(f"/staff/surveys/{survey_id}/publish").status_code == 404
    for number in ("0", "2147483648", "99999999999999999999"):
        assert facilitator.get(f"/staff/surveys/{number}").status_code == 404


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.FACILITATOR])
def test_only_facilitators_may(app: Flask, client: FlaskClient, sign_in: SignIn, role: Role) -> None:
    assert client.get("/staff/surveys").status_code == 303
    sign_in(client, role)
    for path in ("/staff/surveys", "/staff/surveys/start", "/staff/surveys/1"):
        assert client.get(path).status_code == 403


def test_fields_that_nobody_offered_change_nothing(app: Flask, facilitator: FlaskClient) -> None:
    facilitator.post(
        "/staff/surveys/start", data=GOOD | {"slug": "admin", "conversation_id": "99", "id": "7"}
    )
    with app.app_context():
        survey = db.session.scalars(sa.select(Survey)).one()
        assert survey.slug == "tell-us-what-matters"
        assert survey.conversation_id == db.session.scalars(sa.select(Conversation.id)).one()


def test_the_list_takes_the_same_statements_for_one_and_for_fifty(
    app: Flask, facilitator: FlaskClient, statements: StatementCounter
) -> None:
    counts = []
    for number in (1, 49):
        with app.app_context():
            conversation = db.session.scalars(sa.select(Conversation)).one()
            by = factories.user(Role.FACILITATOR)
            for _ in range(number):
                make_survey(conversation, by=by)
            db.session.commit()
        with statements:
            assert facilitator.get("/staff/surveys").status_code == 200
        counts.append(statements.count)
    assert counts[0] == counts[1]
