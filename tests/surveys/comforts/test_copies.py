"""A copy of what somebody sent: complete, for them alone, and mailed once or twice."""

from __future__ import annotations

import logging
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_mailman import EmailMultiAlternatives
from sqlalchemy import select
from werkzeug.test import TestResponse

from engage import taking_back
from engage.contributions import codes
from engage.contributions.models import Contribution, Receipt
from engage.db import Base, db, utcnow
from engage.surveys.content import Page
from engage.surveys.questions import Contact, FreeText, SeveralChoices
from engage.surveys.texts import Text
from tests.surveys.factories import choices, document, one_choice, survey

WORDS = "The <b>bus</b> is 😀 late.\nالحافلة متأخرة"


@pytest.fixture
def slug(app: Flask) -> str:
    with app.app_context():
        questions = [
            one_choice("a"),
            SeveralChoices(id="b", text=Text("What matters?"), choices=choices("Rest"), other=True),
            FreeText(id="c", text=Text("What would help?")),
            Contact(id="d", text=Text("How can we reach you?")),
        ]
        content = document(*questions)
        equality = Page(id="page_2", equality=True, questions=(one_choice("e", "Old", "Young"),))
        made = survey(content=content.model_copy(update={"pages": (*content.pages, equality)}))
        db.session.commit()
        return made.slug


def read(reply: TestResponse) -> str:
    return unescape(reply.get_data(as_text=True))


def send(client: FlaskClient, slug: str) -> None:
    answers = {
        "a.a": "yes",
        "a.b": ["rest", "other"],
        "a.b.other": "Tea with friends",
        "a.c": WORDS,
        "a.d.email": "secret@example.org",
        "a.d.uses": "ask_more",
        "a.e": "old",
        "then": "check",
    }
    assert client.post(f"/surveys/{slug}/all", data=answers).status_code == 303
    assert client.post(f"/surveys/{slug}/send").location == f"/surveys/{slug}/thanks"


def code_of(client: FlaskClient, slug: str) -> str:
    with client.session_transaction() as session:
        return str(session["surveys"][slug][0])


@pytest.fixture
def outbox(app: Flask) -> list[EmailMultiAlternatives]:
    app.config["MAIL_SERVER"] = "mail.example"
    state = app.extensions["mailman"]
    state.outbox = []
    return state.outbox  # type: ignore[no-any-return]


def test_the_copy_has_what_was_said_as_it_was_said(client: FlaskClient, slug: str) -> None:
    send(client, slug)
    assert f"/surveys/{slug}/copy" in read(client.get(f"/surveys/{slug}/thanks"))
    reply = client.get(f"/surveys/{slug}/copy")
    page = read(reply)
    for words in ("Question a?", "Yes", "Rest", "Tea with friends", "What would help?", WORDS):
        assert words in page
    assert "<b>bus</b>" not in reply.get_data(as_text=True)
    for apart in ("secret@example.org", "Question e?", "Old"):
        assert apart not in page.split("<main")[1]
    assert reply.headers["Cache-Control"] == "no-store"


def test_it_is_mailed_in_text_and_html(
    client: FlaskClient,
    slug: str,
    outbox: list[EmailMultiAlternatives],
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    send(client, slug)
    code = code_of(client, slug)
    assert client.post(f"/surveys/{slug}/copy", data={"email": "kim@example.org"}).status_code == 303
    message = outbox[0]
    assert message.to == ["kim@example.org"]
    assert WORDS in message.body
    assert "Tea with friends" in message.body
    assert codes.spaced(code) in message.body
    assert "http://localhost/track" in message.body
    assert "This message comes from Your county council." in message.body
    assert "secret@example.org" not in message.body
    html, kind = message.alternatives[0]
    assert kind == "text/html"
    assert "&lt;b&gt;bus&lt;/b&gt;" in html
    printed = capsys.readouterr()
    for words in ("kim@example.org", "Tea with friends", code):
        assert words not in caplog.text + printed.out + printed.err


def test_the_address_is_kept_nowhere(
    app: Flask, client: FlaskClient, slug: str, outbox: list[EmailMultiAlternatives]
) -> None:
    send(client, slug)
    client.post(f"/surveys/{slug}/copy", data={"email": "kim-once@example.org"})
    assert len(outbox) == 1
    with app.app_context():
        for table in Base.metadata.sorted_tables:
            assert "kim-once" not in str(db.session.execute(select(table)).all()), table.name


def test_two_mails_at_most(client: FlaskClient, slug: str, outbox: list[EmailMultiAlternatives]) -> None:
    send(client, slug)
    said = [
        client.post(f"/surveys/{slug}/copy", data={"email": f"kim{n}@example.org"}).status_code
        for n in range(3)
    ]
    assert said == [303, 303, 422]
    assert len(outbox) == 2


def test_nobody_else_gets_it(app: Flask, client: FlaskClient, slug: str) -> None:
    send(client, slug)
    other = app.test_client()
    assert other.get(f"/surveys/{slug}/copy").status_code == 303
    other.post("/track", data={"code": code_of(client, slug)})
    assert other.get(f"/surveys/{slug}/copy").status_code == 303  # A code alone is not enough.
    client.post(f"/surveys/{slug}/forget")
    assert client.get(f"/surveys/{slug}/copy").status_code == 303


def test_it_is_there_for_an_hour(app: Flask, client: FlaskClient, slug: str) -> None:
    send(client, slug)
    with app.app_context():
        db.session.scalars(select(Receipt)).one().received_at = utcnow() - timedelta(minutes=61)
        db.session.commit()
    assert client.get(f"/surveys/{slug}/copy").location == f"/surveys/{slug}/thanks"


def test_what_was_taken_back_is_not_copied(app: Flask, client: FlaskClient, slug: str) -> None:
    send(client, slug)
    with app.app_context():
        taking_back.take_back(db.session.scalars(select(Receipt)).one(), now=utcnow())
        db.session.commit()
        assert {voice.text for voice in db.session.scalars(select(Contribution))} == {""}
    assert client.get(f"/surveys/{slug}/copy").location == f"/surveys/{slug}/thanks"


@pytest.mark.parametrize("typed", ["", "x" * 1_000_000, "a@b", "one@example.org\ntwo@example.org", "\x00"])
def test_a_wrong_address_is_shown_again(
    client: FlaskClient, slug: str, outbox: list[EmailMultiAlternatives], typed: str
) -> None:
    send(client, slug)
    reply = client.post(f"/surveys/{slug}/copy", data={"email": typed})
    assert reply.status_code == 422
    assert "e-mail address" in read(reply)
    assert outbox == []
