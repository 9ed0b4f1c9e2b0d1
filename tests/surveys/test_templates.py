"""The surveys to begin with can be asked, say what a fair consultation says, and read plainly."""

from __future__ import annotations

import pytest
from flask import Flask

from engage.analysis.plain_english import check
from engage.surveys import routing
from engage.surveys.exchanging import exchange
from engage.surveys.questions import NOT_SAID
from engage.surveys.templates import NAMES, template
from engage.surveys.wording import texts
from engage.surveys.words import easy_read
from engage.surveys.words.pictures import PICTURES

OLDEST = 13
WITH_TWINS = [name for name in NAMES if name != "equality_monitoring"]


@pytest.fixture(scope="module")
def words() -> Flask:
    """An application for messages alone: nothing here asks a database."""
    from flask_babel import Babel

    app = Flask(__name__)
    Babel(app)
    return app


@pytest.mark.parametrize("name", NAMES)
def test_a_template_can_be_asked_as_it_is(words: Flask, name: str) -> None:
    with words.test_request_context():
        assert routing.problems(template(name).with_places(["Mansfield", "Gedling"])) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_template_says_what_is_fair_and_asks_once_what_we_may_do(name: str) -> None:
    content = template(name)
    for key in ("title", "introduction", "reason", "still_open", "who_decides", "considered", "privacy"):
        assert getattr(content, key), key
    assert [question.kind for question in content.questions].count("permission") == 1
    assert not content.easy_read, "Easy Read is offered only once people have tested it"


@pytest.mark.parametrize("name", NAMES)
def test_every_text_is_plain(name: str) -> None:
    for key, text in texts(template(name)):
        reading = check(str(text))
        assert (reading.age or 0) <= OLDEST, (key, reading.age, str(text))
        assert not reading.long_sentences or name == "big_conversation", (key, reading.long_sentences)


@pytest.mark.parametrize("name", WITH_TWINS)
def test_every_question_has_an_easy_read_twin_with_a_picture(words: Flask, name: str) -> None:
    content = template(name)
    with words.test_request_context():
        assert easy_read.problems(content) == []
        for question in content.questions:
            assert question.has_twin, question.id
            assert question.easy is not None
            assert question.easy.picture in PICTURES, question.id
            for part in easy_read.parts(question):
                assert part.easy or not part.ordinary or question.kind == "permission", (question.id, part)
                assert not part.picture or part.picture in PICTURES
                assert len(part.easy.split()) <= 24, part.easy


def test_equality_monitoring_says_why_and_lets_people_leave_out_each() -> None:
    page = template("equality_monitoring").pages[0]
    assert page.equality
    assert page.explanation
    for question in page.questions:
        assert NOT_SAID in question.offered()
        assert not question.required
    ethnic = {choice.value for choice in page.questions[4].all_choices()}  # type: ignore[attr-defined]
    assert ethnic == {"asian", "black", "mixed", "white", "other_group", NOT_SAID}


@pytest.mark.parametrize("name", NAMES)
def test_a_template_survives_our_own_file(name: str) -> None:
    brought = exchange.read_file(exchange.as_file(template(name)))
    assert brought == exchange.Brought(template(name))


def test_no_other_name_is_a_template() -> None:
    with pytest.raises(KeyError):
        template("../models")
