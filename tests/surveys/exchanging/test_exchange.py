"""Surveys taken out as files and brought in again, and what files from anywhere may not do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from html import unescape
from io import BytesIO

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import Babel
from hypothesis import HealthCheck, given, settings
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from engage.accounts.models import Role
from engage.conversations.models import Conversation
from engage.db import db
from engage.surveys import queries, routing
from engage.surveys.content import BrokenSurvey, Content, Page
from engage.surveys.exchanging import exchange, xlsform
from engage.surveys.exchanging.exchange import FileRefused
from engage.surveys.models import Survey
from engage.surveys.questions import Clip
from engage.surveys.templates import template
from engage.surveys.texts import Text
from tests import factories
from tests.surveys.factories import document, one_choice
from tests.surveys.factories import survey as make_survey
from tests.surveys.publishing.filling_in import publish
from tests.surveys.strategies import contents

SignIn = Callable[..., int]
_app = Flask(__name__)
Babel(_app)
IN = "/staff/surveys/from-a-file"


@pytest.fixture
def words() -> Iterator[None]:
    """Messages need a request; nothing here asks a database."""
    with _app.test_request_context():
        yield


def _written(*questions: object, **more: object) -> bytes:
    return json.dumps({"pages": [{"id": "p", "questions": questions}], **more}).encode()


# --- Our own file -------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(contents())
def test_any_survey_survives_the_file(content: Content) -> None:
    with _app.test_request_context():
        assert exchange.read_file(exchange.as_file(content)) == exchange.Brought(content)


@pytest.mark.usefixtures("words")
def test_films_stay_where_they_are_and_that_is_said() -> None:
    clip = Clip(kind="bsl", file="0123.mp4")
    content = document(one_choice("a", clips=(clip,)))
    note = "One film or recording is left out. Add it again where the survey is going."
    assert exchange.clip_note(content) == note
    assert b"0123.mp4" not in exchange.as_file(content)
    brought = exchange.read_file(json.dumps(content.as_json()).encode())
    assert brought.left_out == (note,)
    assert brought.content == document(one_choice("a"))


@pytest.mark.usefixtures("words")
def test_what_we_cannot_show_is_left_out_and_said() -> None:
    brought = exchange.read_file(
        _written(
            {
                "kind": "one_choice",
                "id": "a",
                "text": {"en": "Why?", "xx": "?"},
                "easy": {"text": "Why?", "picture": "../../secret"},
                "choices": [
                    {"value": "v", "label": "V", "picture": "star"},
                    {"value": "w", "picture": "none"},
                ],
            },
            languages=["en", "xx", "pl"],
        )
    )
    assert brought.left_out == (
        "Texts in languages that we do not know are left out: xx.",
        "Pictures that we do not have are left out: ../../secret, none.",
    )
    question = brought.content.questions[0]
    assert brought.content.languages == ("en", "pl")
    assert question.text == Text("Why?")
    assert question.easy is not None
    assert question.easy.picture == ""
    assert [choice.picture for choice in question.choices] == ["star", ""]  # type: ignore[attr-defined]


@pytest.mark.usefixtures("words")
@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "There is no survey in this file."),
        (b"\xff\xfe\x00", "There is no survey in this file."),
        (b"[]", "There is no survey in this file."),
        (b"{}", "There is no survey in this file."),
        (b"[" * 200_000, "There is no survey in this file."),
        (b'{"pages":' + b"[" * 60 + b"]" * 60 + b"}", "There is no survey in this file."),
        (_written(format=2), "The file was made by a newer version of this software."),
        (_written({"id": "a"}), "Question 1 on page 1: it does not say what kind of question it is"),
        (_written({"kind": "gps", "id": "a"}), "Question 1 on page 1: “gps” is no kind of question"),
        (_written({"kind": "date"}), "Question 1 on page 1: “id” is missing."),
        (_written({"kind": "date", "id": "A b"}), "Question 1 on page 1: “id” must begin with a letter"),
        (
            _written({"kind": "date", "id": "a", "x": 1}),
            "there is a part “x” that we do not know. Remove it.",
        ),
        (
            _written(
                {"kind": "date", "id": "a"}, {"kind": "one_choice", "id": "b", "choices": [{"label": "X"}]}
            ),
            "Answer 1 of question 2 on page 1: “value” is missing.",
        ),
        (
            _written({"kind": "agreement", "id": "b", "rows": [{"id": "r"}, {"id": "!"}]}),
            "Sentence 2 of question 1 on page 1: “id” must begin",
        ),
        (_written({"kind": "date", "id": "a"}, {"kind": "date", "id": "a"}), "have the same id"),
        (_written({"kind": "date", "id": "a", "text": "x" * 5_001}), "a text may have 5,000 characters"),
        (b'{"pages":[{"id":"p","questions":[{"kind":"\\ud800","id":"a"}]}]}', "is no kind of question"),
        (_written({"kind": "number", "id": "a", "lowest": 10**12}), "“lowest” is not what it should be"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(data: bytes, message: str) -> None:
    with pytest.raises(FileRefused) as refused:
        exchange.read_file(data)
    assert any(message in said for said in refused.value.messages), refused.value.messages


@pytest.mark.usefixtures("words")
def test_many_mistakes_are_counted() -> None:
    with pytest.raises(FileRefused) as refused:
        exchange.read_file(_written(*({"kind": "gps", "id": f"a{number}"} for number in range(15))))
    assert len(refused.value.messages) == 11
    assert refused.value.messages[-1] == "And 5 more things."


def test_a_file_cannot_ask_for_words_in_equality_monitoring(ctx: Flask) -> None:
    """It comes in with what is to be put right, and cannot be published as it is."""
    asked = one_choice("faith", other=True)
    page = Page(id="about_you", equality=True, questions=(asked,))
    written = exchange.as_file(document().model_copy(update={"pages": (page,)}))
    brought = exchange.read_file(written).content
    assert routing.problems(brought)
    with pytest.raises(BrokenSurvey, match="Nobody reads words"):
        make_survey(content=brought)


# --- The pages ----------------------------------------------------------------------------------------------


@pytest.fixture
def address(app: Flask, client: FlaskClient, sign_in: SignIn) -> str:
    """The page of a draft, for a facilitator who is signed in."""
    with app.app_context():
        survey = make_survey(content=template("event_feedback"), published=False)
        db.session.commit()
        found = f"/staff/surveys/{survey.id}"
    sign_in(client, Role.FACILITATOR)
    return found


def _bring(client: FlaskClient, data: bytes, name: str = "survey.json") -> TestResponse:
    # The body is put together here: the client's own temporary file for a large one would stay open.
    boundary, body = encode_multipart({"file": FileStorage(BytesIO(data), filename=name)})
    return client.post(IN, data=body, content_type=f'multipart/form-data; boundary="{boundary}"')


def _fields(page: str) -> dict[str, str]:
    from html.parser import HTMLParser

    class Reader(HTMLParser):
        found: dict[str, str] = {}

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            given = dict(attrs)
            if tag == "input" and given.get("name"):
                self.found[str(given["name"])] = given.get("value") or ""

    reader = Reader()
    reader.found = {}
    reader.feed(page)
    return reader.found


@pytest.mark.parametrize("file_format", ["json", "xlsx"])
def test_a_survey_goes_out_and_comes_in(
    app: Flask, client: FlaskClient, address: str, file_format: str
) -> None:
    file = client.get(f"{address}/take-out/{file_format}")
    assert file.headers["Content-Disposition"].endswith(f'-draft.{file_format}"')
    page = _bring(client, file.data, f"x.{file_format}").get_data(as_text=True)
    assert "What could be better" not in page
    assert "How was the event for you?" in unescape(page)
    with app.app_context():
        assert len(db.session.scalars(sa.select(Survey)).all()) == 1
    reply = client.post(f"{IN}/start", data=_fields(page) | {"title": "Come again"})
    assert reply.status_code == 303
    with app.app_context():
        made = db.session.scalars(sa.select(Survey).order_by(Survey.id.desc())).first()
        assert made is not None
        assert made.title == "Come again"
        asked = [question.id for question in queries.draft_content(made).questions]
        whole = [question.id for question in template("event_feedback").questions]
        assert asked == [one for one in whole if file_format == "json" or one != "contact"]


def test_a_version_is_taken_out_as_it_was(client: FlaskClient, address: str) -> None:
    assert client.get(f"{address}/take-out?version=1").status_code == 404
    publish(client, address)
    page = unescape(client.get(f"{address}/take-out?version=1").get_data(as_text=True))
    assert "Version 1, as it was published." in page
    assert "contact details are left out" in page
    file = client.get(f"{address}/take-out/json?version=1")
    assert file.headers["Content-Disposition"].endswith('-version-1.json"')
    assert exchange.read_file(file.data).content.questions
    assert client.get(f"{address}/take-out/pdf").status_code == 404


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"x", "There is no survey in this file."),
        (b"PKx", "This workbook is damaged."),
        (b"x" * (exchange.LARGEST_FILE + 1), "This file is larger than 2 megabytes."),
        (_written({"kind": "gps", "id": "<b>"}), "“gps” is no kind of question that we know."),
    ],
)
def test_a_file_that_is_no_survey_is_refused_with_a_reason(
    app: Flask, client: FlaskClient, address: str, data: bytes, message: str
) -> None:
    reply = _bring(client, data)
    assert reply.status_code == 422
    assert message in unescape(reply.get_data(as_text=True))


def test_without_a_file_we_ask_for_one(client: FlaskClient, address: str) -> None:
    assert "Choose a file." in client.post(IN, data={}).get_data(as_text=True)
    assert client.get(IN).status_code == 200


def test_what_could_not_come_along_is_shown_and_stays_shown(client: FlaskClient, address: str) -> None:
    clip = Clip(kind="bsl", file="0123.mp4")
    content = document(one_choice("a", clips=(clip,)), title=Text(""))
    page = _bring(client, json.dumps(content.as_json()).encode()).get_data(as_text=True)
    assert "One film or recording is left out." in page
    again = client.post(f"{IN}/start", data=_fields(page) | {"title": " "})
    assert again.status_code == 422
    assert "One film or recording is left out." in again.get_data(as_text=True)
    assert "Give the survey a name that people will understand." in again.get_data(as_text=True)


def test_what_is_to_be_put_right_is_said_before_the_survey_is_made(client: FlaskClient, address: str) -> None:
    page = unescape(_bring(client, _written({"kind": "one_choice", "id": "a"})).get_data(as_text=True))
    assert "“a”: Write the question." in page
    assert "“a”: Give at least two answers to choose from." in page


def test_what_comes_back_from_the_page_is_not_trusted(app: Flask, client: FlaskClient, address: str) -> None:
    for content in ("", "{}", "[" * 100_000, '{"pages":[{"id":"p","questions":[{"kind":"gps","id":"a"}]}]}'):
        reply = client.post(f"{IN}/start", data={"title": "x", "content": content})
        assert reply.status_code == 422
    with app.app_context():
        assert len(db.session.scalars(sa.select(Survey)).all()) == 1


def test_another_conversations_survey_is_not_taken_out(app: Flask, client: FlaskClient, address: str) -> None:
    with app.app_context():
        other = factories.conversation("Another one")
        other.opens_on, other.closes_on = factories.day(2020, 1, 1), factories.day(2020, 2, 1)
        survey_id = make_survey(other).id
        db.session.commit()
    for path in ("take-out", "take-out/json", "publish", "versions", "preview", "preview/as-people-meet-it"):
        assert client.get(f"/staff/surveys/{survey_id}/{path}").status_code == 404


def test_a_draft_without_questions_is_taken_out(app: Flask, client: FlaskClient, address: str) -> None:
    with app.app_context():
        conversation = db.session.scalars(sa.select(Conversation)).one()
        survey = make_survey(conversation, content=document(one_choice("a"), pages=()), published=False)
        db.session.commit()
        survey_id = survey.id
    for path in ("take-out", "take-out/json", "take-out/xlsx", "preview", "preview?way=one", "publish"):
        assert client.get(f"/staff/surveys/{survey_id}/{path}").status_code == 200
    assert xlsform.left_out(Content()) == []
