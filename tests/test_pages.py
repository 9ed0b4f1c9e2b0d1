"""The first page in its states, and the pages about this site."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from engage.conversations.models import Conversation
from engage.db import db, utcnow
from engage.pages import local_path
from tests import factories
from tests.conftest import StatementCounter
from tests.surveys.factories import survey as make_survey

START = "Start the questions"


def _home(client: FlaskClient) -> str:
    return unescape(client.get("/").get_data(as_text=True))


def test_home_with_an_open_survey(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        survey = make_survey()
        db.session.commit()
        slug, closes = survey.slug, survey.closes_on
    page = _home(client)
    assert f'href="/surveys/{slug}"' in page
    assert "About 11 questions, on a phone, a tablet or a computer." in page
    assert f"{closes.day} {closes:%B %Y}" in page
    assert "Getting about" in page
    assert "Now, until" in page


def test_home_names_every_open_survey_and_keeps_the_first(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        first = make_survey(opens_in=-10)
        conversation = db.session.get_one(Conversation, first.conversation_id)
        second = make_survey(conversation, opens_in=-1)
        db.session.commit()
        slugs, title = (first.slug, second.slug), second.title
    page = _home(client)
    assert page.count(f'href="/surveys/{slugs[0]}"') == 2
    assert page.count(f'href="/surveys/{slugs[1]}"') == 1
    assert page.index("More questions that you can answer now") < page.index(title)


def test_home_with_a_conversation_but_nothing_to_answer(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        factories.conversation()
        make_survey(db.session.scalars(sa.select(Conversation)).one(), published=False)
        db.session.commit()
    page = _home(client)
    assert "To hear what would make care and support better." in page
    assert "There are no questions to answer here at the moment." in page
    assert START not in page
    assert 'href="tel:08081570163"' in page


def test_home_before_a_conversation(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        conversation = factories.conversation()
        conversation.opens_on = utcnow().date() + timedelta(days=1)
        db.session.commit()
    page = _home(client)
    assert "We listen from" in page
    assert START not in page


def test_home_after_a_conversation(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        conversation = factories.conversation()
        conversation.closes_on = utcnow().date() - timedelta(days=1)
        db.session.commit()
    page = _home(client)
    assert "We listened until" in page
    assert START not in page


def test_home_with_nothing_at_all(client: FlaskClient) -> None:
    page = _home(client)
    assert "Nothing is open at the moment." in page
    assert "What happens, and when" not in page
    assert START not in page
    assert 'href="tel:08081570163"' in page


@pytest.mark.parametrize("number", [1, 12])
def test_home_takes_the_same_statements_for_one_survey_and_for_many(
    app: Flask, client: FlaskClient, statements: StatementCounter, number: int
) -> None:
    with app.app_context():
        conversation = factories.conversation()
        for _ in range(number):
            make_survey(conversation)
        db.session.commit()
    with statements:
        client.get("/")
    assert statements.count == 3


def test_home_takes_a_code_without_putting_it_into_an_address(client: FlaskClient) -> None:
    page = _home(client)
    form = page[page.index('action="/track"') - 80 : page.index('action="/track"')]
    assert 'method="post"' in form


@pytest.mark.parametrize(
    ("path", "heading", "words"),
    [
        ("/accessibility", "Accessibility", "Your county council completes this statement"),
        ("/privacy", "Privacy", "Answers that you began and did not send: 20 hours"),
        ("/cookies", "Cookies", "text_size"),
        ("/how-we-use-what-you-say", "How we use what you say", "0808 157 0420"),
    ],
)
def test_pages_about_this_site(client: FlaskClient, path: str, heading: str, words: str) -> None:
    reply = client.get(path)
    page = unescape(reply.get_data(as_text=True))
    assert reply.status_code == 200
    assert f"<title>{heading} – " in page
    assert page.count("<h1") == 1
    assert words in page


def test_every_licence_on_the_accessibility_page_is_there(client: FlaskClient) -> None:
    page = client.get("/accessibility").get_data(as_text=True)
    links = [part.split('"')[0] for part in page.split('href="')[1:]]
    licences = [link for link in links if link.endswith(".txt")]
    assert len(licences) == 9
    for link in licences:
        with client.get(link) as reply:
            assert reply.status_code == 200


@pytest.mark.parametrize(("size", "kept"), [("large", "large"), ("largest", "largest"), ("huge", None)])
def test_text_size_is_remembered(client: FlaskClient, size: str, kept: str | None) -> None:
    reply = client.post("/text-size", data={"size": size, "next": "/privacy"})
    assert (reply.status_code, reply.location) == (303, "/privacy")
    cookie = client.get_cookie("text_size")
    assert (cookie.value if cookie else None) == kept
    assert (f'data-text="{kept}"' in client.get("/privacy").get_data(as_text=True)) is bool(kept)


@pytest.mark.parametrize(
    "target", ["https://evil.example", "//evil.example", "/\\evil.example", "evil", "", "/a\nSet-Cookie: x"]
)
def test_only_paths_on_this_site_are_followed(client: FlaskClient, target: str) -> None:
    assert local_path(target) is None
    assert client.post("/text-size", data={"size": "", "next": target}).location == "/"


def test_a_strange_host_gets_no_link_of_its_own(client: FlaskClient) -> None:
    page = client.get("/", headers={"Host": "evil.example"}).get_data(as_text=True)
    assert "evil.example" not in page
