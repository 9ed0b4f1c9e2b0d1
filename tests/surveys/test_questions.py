"""Kinds of question and how their answers are read."""

from __future__ import annotations

import json

import pytest
from flask import Flask

from engage.contributions.models import Speaker
from engage.conversations.services import usual_districts
from engage.surveys import questions
from engage.surveys.questions import AnswerRefused, BrokenSurvey, Choice, FreeText, OneChoice, SeveralChoices

CHOICES = (Choice("a", "Apples"), Choice("b", "Bread"), Choice("c", "Cheese"))
ONE = OneChoice(id="one", text="Which one?", choices=CHOICES)
SEVERAL = SeveralChoices(id="several", text="Which ones?", choices=CHOICES)
WORDS = FreeText(id="words", text="Why?")


@pytest.mark.parametrize(
    ("question", "typed", "answer"),
    [
        (ONE, ["b"], "b"),
        (ONE, [], None),
        (ONE, [""], None),
        (SEVERAL, ["c", "a", "a"], ["a", "c"]),
        (SEVERAL, [], None),
        (WORDS, ["  Line one\r\nline two \x00 "], "Line one\nline two"),
        (WORDS, ["\x00 \n"], None),
        (WORDS, ["مرحبا 😀"], "مرحبا 😀"),
    ],
)
def test_clean_reads_an_answer(question: questions.Question, typed: list[str], answer: object) -> None:
    assert question.clean(typed) == answer


@pytest.mark.parametrize(
    ("question", "typed"),
    [
        (ONE, ["z"]),
        (ONE, ["A"]),
        (SEVERAL, ["a", "z"]),
        (WORDS, ["x" * 10_001]),
        (OneChoice(id="q", text="Which?", required=True, choices=CHOICES), []),
        (SeveralChoices(id="q", text="Which?", required=True, choices=CHOICES), []),
        (FreeText(id="q", text="Why?", required=True), [" "]),
    ],
)
def test_clean_refuses_what_does_not_fit(ctx: Flask, question: questions.Question, typed: list[str]) -> None:
    with pytest.raises(AnswerRefused):
        question.clean(typed)


def test_a_text_that_is_too_long_is_told_by_how_much(ctx: Flask) -> None:
    with pytest.raises(AnswerRefused, match="1,234 characters longer"):
        WORDS.clean(["x" * 11_234])


def test_words_are_what_people_read() -> None:
    assert ONE.words("c") == "Cheese"
    assert ONE.words("gone") == ""
    assert SEVERAL.words(["a", "b"]) == "Apples\nBread"
    assert WORDS.words("Because.\nYes.") == "Because.\nYes."
    assert [q.words(None) for q in (ONE, SEVERAL, WORDS)] == ["", "", ""]


def test_questions_survive_being_written_and_read() -> None:
    before = questions.big_conversation(usual_districts())
    written = json.loads(json.dumps([question.as_json() for question in before]))
    assert questions.read_questions(written) == before


def test_the_big_conversation_asks_what_it_should() -> None:
    asked = questions.big_conversation(["Ashfield", "Gedling"])
    by_id = {question.id: question for question in asked}
    assert len(asked) == 10
    assert {choice.value for choice in by_id["connection"].choices} == set(Speaker)
    assert [choice.value for choice in by_id["district"].choices] == ["Ashfield", "Gedling", "not_said"]
    assert [q.id for q in asked if isinstance(q, FreeText)] == ["good", "better", "information", "anything"]
    assert not any(question.required for question in asked)


def test_without_districts_the_big_conversation_does_not_ask_for_one() -> None:
    assert "district" not in {question.id for question in questions.big_conversation([])}


def test_speaker_and_district_come_from_the_answers() -> None:
    connection, district, *_rest = questions.big_conversation(["Ashfield"])
    given: dict[questions.Question, questions.Answer] = {connection: "unpaid_carer", district: "Ashfield"}
    assert questions.speaker_in(given) is Speaker.UNPAID_CARER
    assert questions.district_in(given) == "Ashfield"
    assert questions.speaker_in({}) is Speaker.NOT_SAID
    assert questions.district_in({district: "not_said"}) is None


@pytest.mark.parametrize(
    "written",
    [
        [],
        [{"id": "q", "kind": "matrix", "text": "Which?"}],
        [{"id": "", "kind": "free_text", "text": "Why?"}],
        [{"id": "q", "kind": "free_text", "text": " "}],
        [{"id": "q", "kind": "free_text", "text": "Why?"}] * 2,
        [{"id": "q", "kind": "one_choice", "text": "Which?", "choices": [{"value": "a", "label": "A"}]}],
        [{"id": "q", "kind": "one_choice", "text": "Which?", "choices": [{"value": "a", "label": "A"}] * 2}],
        [
            {
                "id": "q",
                "kind": "one_choice",
                "about": "speaker",
                "text": "Who?",
                "choices": [{"value": "staff", "label": "Staff"}, {"value": "king", "label": "King"}],
            }
        ],
    ],
)
def test_questions_that_cannot_be_asked_are_refused(ctx: Flask, written: list[dict[str, object]]) -> None:
    with pytest.raises(BrokenSurvey):
        questions.read_questions(written)
