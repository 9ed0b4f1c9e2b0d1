"""Every kind of question: what it takes, what it refuses and why, and that it loses nothing."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engage.contributions.models import Speaker
from engage.conversations.services import usual_districts
from engage.surveys import routing
from engage.surveys.questions import (
    KINDS,
    Agreement,
    AnswerRefused,
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
    Statement,
)
from engage.surveys.templates import NAMES, template
from engage.surveys.texts import Text
from tests.surveys.factories import choices
from tests.surveys.strategies import contents, typed

ABC = choices("Apples", "Bread", "Cheese")
BASE: dict[str, Any] = {"id": "q", "text": Text("Which?")}
NONE = Choice(value="none", label=Text("None of these"), alone=True)
ONE = OneChoice(**BASE, choices=ABC, other=True)
SEVERAL = SeveralChoices(**BASE, choices=(*ABC, NONE), other=True)
RATING = Rating(**BASE, choices=ABC)
DISTRICT = District(**BASE).with_places(["Mansfield", "Newark and Sherwood"])
AGREE = Agreement(
    **BASE, choices=ABC, rows=(Row(id="r1", text=Text("I am heard")), Row(id="r2", text=Text("I am safe")))
)
RANK = Ranking(**BASE, choices=ABC)
CONTACT = Contact(**BASE)
ALLOW = Permission(**BASE)
WORDS, SHORT = FreeText(**BASE), ShortText(**BASE)
WHOLE, PART = Number(**BASE, lowest=0, highest=168), Number(**BASE, whole=False)
DAY, AREA, FULL = Date(**BASE), Postcode(**BASE), Postcode(**BASE, full=True)


@pytest.mark.parametrize(
    ("question", "sent", "answer"),
    [
        (ONE, {"": ["bread"]}, "bread"),
        (ONE, {}, None),
        (ONE, {"": [""]}, None),
        (ONE, {"": ["other"], "other": [" Soup \x00"]}, {"chosen": "other", "other": "Soup"}),
        (ONE, {"": ["other"]}, "other"),
        (ONE, {"other": ["Soup"]}, {"chosen": "other", "other": "Soup"}),
        (ONE, {"": ["bread"], "other": ["Soup"]}, "bread"),
        (SEVERAL, {"": ["cheese", "apples", "apples"]}, ["apples", "cheese"]),
        (SEVERAL, {"": ["none"]}, ["none"]),
        (SEVERAL, {"": ["apples"], "other": ["Tea"]}, {"chosen": ["apples", "other"], "other": "Tea"}),
        (SEVERAL, {}, None),
        (RATING, {"": ["cheese"]}, "cheese"),
        (DISTRICT, {"": ["Newark and Sherwood"]}, "Newark and Sherwood"),
        (AGREE, {"r1": ["bread"]}, {"r1": "bread"}),
        (AGREE, {}, None),
        (RANK, {"cheese": ["1"], "apples": ["2"], "bread": [""]}, ["cheese", "apples"]),
        (RANK, {"cheese": ["3"]}, ["cheese"]),
        (ALLOW, {"": ["join", "publish"]}, ["publish", "join"]),
        (ALLOW, {}, None),
        (WORDS, {"": ["  Line one\r\nline two \x00 "]}, "Line one\nline two"),
        (WORDS, {"": ["\x00 \n"]}, None),
        (WORDS, {"": ["مرحبا 😀"]}, "مرحبا 😀"),
        (SHORT, {"": ["  The   day\ncentre "]}, "The day centre"),
        (WHOLE, {"": ["35"]}, 35),
        (WHOLE, {"": [" 1 2 "]}, 12),
        (WHOLE, {"": ["12.0"]}, 12),
        (WHOLE, {"": [""]}, None),
        (PART, {"": ["1,234.5"]}, 1234.5),
        (PART, {"": ["-3"]}, -3),
        (PART, {"": ["1e-999999999"]}, 0),
        (DAY, {"day": ["7"], "month": ["03"], "year": ["2026"]}, "2026-03-07"),
        (DAY, {"day": [""], "month": [""], "year": [""]}, None),
        (AREA, {"": ["ng22"]}, "NG22"),
        (AREA, {"": ["NG22 8AB"]}, "NG22"),
        (AREA, {"": ["ng228ab"]}, "NG22"),
        (FULL, {"": ["ng228ab"]}, "NG22 8AB"),
        (CONTACT, {}, None),
        (
            CONTACT,
            {"name": ["Ada"], "phone": ["0115 496 0123"], "uses": ["invite", "sell"]},
            {"name": "Ada", "phone": "0115 496 0123", "uses": ["invite"]},
        ),
        (Statement(**BASE), {"": ["anything"]}, None),
    ],
)
def test_an_answer_is_read_and_read_again(
    ctx: Flask, question: Question, sent: dict[str, list[str]], answer: object
) -> None:
    found = question.read(sent)
    assert found == answer
    if found is not None:
        assert question.read(question.typed(found)) == found


@pytest.mark.parametrize(
    ("question", "sent", "part", "message"),
    [
        (ONE, {"": ["king"]}, "", "Choose from the answers on this page."),
        (ONE, {"": ["Bread"]}, "", "Choose from the answers on this page."),
        (ONE, {"": ["other"], "other": ["x" * 201]}, "other", "Say it in 200 characters or fewer."),
        (SEVERAL, {"": ["apples", "gold"]}, "", "Choose from the answers on this page."),
        (SEVERAL, {"": ["apples", "none"]}, "", "You chose “None of these” together with something else."),
        (DISTRICT, {"": ["Atlantis\x00"]}, "", "Choose from the answers on this page."),
        (AGREE, {"r2": ["yes"]}, "r2", "Choose from the answers on this page."),
        (RANK, {"bread": ["1"], "apples": ["1"]}, "bread", "have the same place, 1"),
        (RANK, {"bread": ["4"]}, "bread", "Give it a place from 1 to 3, or none."),
        (RANK, {"bread": ["first"]}, "bread", "Give it a place from 1 to 3, or none."),
        (RANK, {"bread": ["٢"]}, "bread", "Give it a place from 1 to 3, or none."),
        (RANK, {"bread": ["9" * 5000]}, "bread", "Give it a place from 1 to 3, or none."),
        (ALLOW, {"": ["everything"]}, "", "Choose from the answers on this page."),
        (WORDS, {"": ["x" * 11_234]}, "", "1,234 characters longer"),
        (SHORT, {"": ["x" * 201]}, "", "This is one character too long."),
        (SHORT, {"": ["x" * 1_000_000]}, "", "999800 characters too long."),
        (WHOLE, {"": ["many"]}, "", "Enter a number in figures, like 12."),
        (WHOLE, {"": ["1.5"]}, "", "Enter a whole number, like 12."),
        (WHOLE, {"": ["169"]}, "", "Enter a number from 0 to 168."),
        (WHOLE, {"": ["nan"]}, "", "Enter a number in figures, like 12."),
        (WHOLE, {"": ["1e99"]}, "", "Enter a number from 0 to 168."),
        (WHOLE, {"": ["1e999999999"]}, "", "Enter a number from 0 to 168."),
        (PART, {"": ["-1e999999999"]}, "", "Enter a number in figures, like 12."),
        (PART, {"": ["1e9999999999999999999"]}, "", "Enter a number in figures, like 12."),
        (WHOLE, {"": ["inf"]}, "", "Enter a number in figures, like 12."),
        (WHOLE, {"": ["snan"]}, "", "Enter a number in figures, like 12."),
        (WHOLE, {"": ["9" * 5000]}, "", "Enter a number from 0 to 168."),
        (DAY, {"day": ["31"], "month": ["2"], "year": ["2019"]}, "day", "There is no such day. Look at"),
        (DAY, {"day": ["1"], "month": ["13"], "year": ["2019"]}, "day", "There is no such day. Look at"),
        (DAY, {"day": ["7"], "month": ["March"], "year": ["2026"]}, "day", "Enter the day, the month and"),
        (DAY, {"day": ["7"], "month": ["3"], "year": ["26"]}, "day", "Enter a date from 1 January 1900"),
        (DAY, {"day": ["7"], "month": ["3"], "year": ["9" * 99]}, "day", "Enter a date from 1 January 1900"),
        (AREA, {"": ["Mansfield"]}, "", "Enter the first half of a postcode, like NG22."),
        (FULL, {"": ["NG22"]}, "", "Enter a full postcode, like NG22 8AB."),
        (CONTACT, {"email": ["ada"], "uses": ["invite"]}, "email", "Enter an e-mail address with an @"),
        (CONTACT, {"phone": ["soon"], "uses": ["invite"]}, "phone", "Enter a telephone number"),
        (CONTACT, {"email": ["ada@example.org"]}, "uses", "Say what we may use these for"),
        (CONTACT, {"uses": ["invite"]}, "email", "Give an e-mail address, a telephone number"),
        (CONTACT, {"address": ["x" * 401], "uses": ["invite"]}, "address", "Shorten this to 400 characters"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_to_do(
    ctx: Flask, question: Question, sent: dict[str, list[str]], part: str, message: str
) -> None:
    with pytest.raises(AnswerRefused) as refused:
        question.read(sent)
    assert message in str(refused.value)
    assert refused.value.part == part


@pytest.mark.parametrize(
    "question", [ONE, SEVERAL, RATING, DISTRICT, AGREE, RANK, WORDS, SHORT, WHOLE, DAY, AREA, CONTACT]
)
def test_what_is_required_must_be_answered(ctx: Flask, question: Question) -> None:
    with pytest.raises(AnswerRefused):
        question.model_copy(update={"required": True}).read({})
    assert question.read({}) is None


@pytest.mark.parametrize(
    ("question", "answer", "words"),
    [
        (ONE, "bread", "Bread"),
        (ONE, {"chosen": "other", "other": "Soup"}, "Something else: Soup"),
        (SEVERAL, ["apples", "cheese"], "Apples\nCheese"),
        (AGREE, {"r2": "bread"}, "I am safe – Bread"),
        (RANK, ["cheese", "apples"], "1. Cheese\n2. Apples"),
        (ALLOW, ["publish"], "You may print my words, never with my name"),
        (PART, 1234.5, "1,234.5"),
        (DAY, "2026-03-07", "7 March 2026"),
        (AREA, "NG22", "NG22"),
        (WORDS, "Tea", "Tea"),
        (CONTACT, {"name": "Ada", "uses": ["invite"]}, "Ada\nYou may invite me to take part again"),
        (ONE, None, ""),
        (SEVERAL, None, ""),
        (AGREE, None, ""),
        (RANK, None, ""),
        (DAY, None, ""),
        (PART, None, ""),
        (CONTACT, None, ""),
    ],
)
def test_words_are_what_people_read(ctx: Flask, question: Question, answer: object, words: str) -> None:
    assert question.words(answer) == words


def test_own_words_go_to_the_ledger_and_not_into_the_response(ctx: Flask) -> None:
    several = {"chosen": ["apples", "other"], "other": "Tea"}
    assert SEVERAL.own_words(several) == [("q.other_words", "Tea")]
    assert SEVERAL.kept(several) == {"chosen": ["apples", "other"], "other": True}
    assert ONE.own_words({"chosen": "other", "other": "Soup"}) == [("q.other", "Soup")]
    assert (WORDS.own_words("Long"), WORDS.kept("Long")) == ([("q", "Long")], True)
    assert (SHORT.own_words("Short"), SHORT.kept("Short")) == ([("q", "Short")], True)
    assert (CONTACT.own_words({"name": "Ada"}), CONTACT.kept({"name": "Ada"})) == ([], True)
    assert SEVERAL.words(SEVERAL.kept(several)) == "Apples\nSomething else"


@pytest.mark.parametrize(
    ("question", "message"),
    [
        (OneChoice(id="q", choices=ABC), "Write the question."),
        (OneChoice(**BASE), "Give at least two answers to choose from."),
        (OneChoice(**BASE, choices=(ABC[0], ABC[0])), "Two answers are the same."),
        (OneChoice(**BASE, choices=(*ABC, Choice(value="d"))), "One of the answers has no words."),
        (OneChoice(**BASE, choices=ABC, about="speaker"), "is not one of the kinds that we count"),
        (Agreement(**BASE, choices=ABC), "Write at least one sentence"),
        (Agreement(**BASE, choices=ABC, rows=(Row(id="r"),)), "One of the sentences is empty."),
        (Ranking(**BASE, choices=(*ABC, NONE)), "Only things that can be put in order"),
        (Number(**BASE, lowest=3, highest=2), "nobody can answer"),
        (Date(**BASE, earliest="2026-02-01", latest="2026-01-01"), "nobody can answer"),
    ],
)
def test_a_question_says_why_it_cannot_be_asked(ctx: Flask, question: Question, message: str) -> None:
    assert any(message in found for found in question.problems())


@pytest.mark.parametrize("name", NAMES)
def test_the_templates_can_be_asked(ctx: Flask, name: str) -> None:
    content = template(name).with_places(usual_districts())
    assert routing.problems(content) == []
    speakers = {value for q in content.questions if q.about == "speaker" for value in q.offered()}
    assert speakers <= set(Speaker)


def test_without_districts_nobody_is_asked_for_one() -> None:
    content = template("big_conversation")
    assert "district" in content.by_id
    assert "district" not in content.with_places([]).by_id


@given(st.data())
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_every_answer_survives_being_kept_and_counted(ctx: Flask, data: st.DataObject) -> None:
    """Whatever fits can be read again from what is kept, has words, and only cells that have a column."""
    content = data.draw(contents())
    for question in content.questions:
        optional = question.model_copy(update={"required": False})
        answer = optional.read(data.draw(typed(question)))
        assert optional.read(optional.typed(answer)) == answer
        keys = {column.key for column in optional.columns()}
        assert set(optional.cells(answer)) <= keys
        assert {key for key, _words in optional.own_words(answer)} <= keys
        if answer is not None:
            assert optional.words(answer)
            assert optional.cells(optional.kept(answer)) == optional.cells(answer)


@given(
    st.sampled_from(sorted(KINDS)),
    st.dictionaries(
        st.sampled_from(["", "other", "r1", "day", "email", "uses", "apples"]),
        st.lists(st.text(), max_size=3),
    ),
)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_sent_is_read_or_refused(ctx: Flask, kind: str, sent: dict[str, list[str]]) -> None:
    extra: dict[str, Any] = {"choices": ABC} if "choices" in KINDS[kind].model_fields else {}
    if kind == "agreement":
        extra["rows"] = (Row(id="r1", text=Text("I am heard")),)
    question = KINDS[kind](**BASE, kind=kind, **extra)
    try:
        answer = question.read(sent)
    except AnswerRefused:
        return
    assert question.read(question.typed(answer)) == answer
