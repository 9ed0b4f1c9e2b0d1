"""The document that a survey is: it survives being written and read, and every path leads to its end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engage.surveys import routing, wording
from engage.surveys.conditions import Condition, Test
from engage.surveys.content import BrokenSurvey, Content, Page, read_content
from engage.surveys.questions import (
    Contact,
    FreeText,
    Postcode,
    Question,
    SeveralChoices,
    ShortText,
    Statement,
)
from engage.surveys.responses import answers_given
from engage.surveys.texts import Text
from tests.surveys.factories import choices, document, one_choice
from tests.surveys.strategies import answers, contents

UNHURRIED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


def _if(question: str, value: str = "", way: str = "equals") -> Test:
    return Test(question=question, **{"is": way}, value=value)


def _when(*tests: Test, match: str = "all") -> Condition:
    return Condition(match=match, tests=tests)  # type: ignore[arg-type]


@given(contents())
@settings(max_examples=100, deadline=None, suppress_health_check=UNHURRIED)
def test_a_survey_survives_being_written_and_read(ctx: Flask, content: Content) -> None:
    assert read_content(content.as_json()) == content
    assert wording.map_texts(content, lambda _key, text: text) == content
    keys = [key for key, _text in wording.texts(content)]
    assert len(set(keys)) == len(keys)


@given(st.data())
@settings(max_examples=100, deadline=None, suppress_health_check=UNHURRIED)
def test_every_path_can_be_answered_to_the_end(ctx: Flask, data: st.DataObject) -> None:
    """Question after question, whatever a person says: the way goes on, and what was said is taken in."""
    content = data.draw(contents())
    given_answers = data.draw(answers(content))
    met: list[str] = []
    so_far: dict[str, Any] = {}
    while True:
        shown = routing.shown(content, so_far)
        following = next((question for question in shown if question.id not in met), None)
        if following is None:
            break
        met.append(following.id)
        if following.id in given_answers:
            so_far[following.id] = given_answers[following.id]
    assert met == [question.id for question in shown]
    taken = answers_given(content, given_answers)
    assert {question.id: answer for question, answer in taken} == so_far


@pytest.mark.parametrize(
    ("questions", "message"),
    [
        ([Statement(id="s", text=Text("Hello"))], "at least one question"),
        (
            [FreeText(id="w", text=Text("Why?"), shown_if=_when(_if("later", "yes"))), one_choice("later")],
            "not there or that comes later",
        ),
        ([FreeText(id="w", text=Text("Why?"), shown_if=_when(_if("w", "yes")))], "not there or that comes"),
        (
            [one_choice("a"), FreeText(id="w", text=Text("Why?"), shown_if=_when(_if("a", "perhaps")))],
            "does not offer",
        ),
        (
            [
                one_choice("a"),
                FreeText(id="w", text=Text("Why?"), shown_if=_when(_if("a", "yes"), _if("a", "no"))),
            ],
            "Nobody can ever reach",
        ),
        (
            [
                one_choice("a"),
                one_choice("b", shown_if=_when(_if("a", "no"))),
                FreeText(id="w", text=Text("Why?"), shown_if=_when(_if("b", "yes"), _if("a", "yes"))),
            ],
            "Nobody can ever reach",
        ),
        (
            [
                SeveralChoices(
                    id="s",
                    text=Text("Which?"),
                    choices=(*choices("A", "B"), choices("None")[0].model_copy(update={"alone": True})),
                ),
                FreeText(
                    id="w",
                    text=Text("Why?"),
                    shown_if=_when(_if("s", "a", "includes"), _if("s", "none", "includes")),
                ),
            ],
            "Nobody can ever reach",
        ),
        (
            [
                Statement(id="s", text=Text("Hello")),
                one_choice("a", shown_if=_when(_if("s", way="answered"))),
            ],
            "which nobody answers",
        ),
    ],
)
def test_what_cannot_be_asked_is_found(ctx: Flask, questions: list[Any], message: str) -> None:
    assert any(message in found.message for found in routing.problems(document(*questions)))


def _monitoring(*monitored: Question, after: Sequence[Question] = ()) -> Content:
    """One ordinary question, equality monitoring, and what comes behind it on another such page."""
    pages = (
        Page(id="ordinary", questions=(one_choice("a"),)),
        Page(id="monitoring", equality=True, questions=monitored),
        Page(id="more", equality=True, questions=tuple(after)),
    )
    return Content(pages=pages)


@pytest.mark.parametrize(
    ("question", "message"),
    [
        (FreeText(id="m", text=Text("Why?")), "this kind of question cannot be"),
        (ShortText(id="m", text=Text("Why?")), "this kind of question cannot be"),
        (Contact(id="m", text=Text("Who?")), "this kind of question cannot be"),
        (Postcode(id="m", text=Text("Where?")), "this kind of question cannot be"),
        (one_choice("m", about="helped"), "cannot say who speaks"),
        (one_choice("m", other=True), "Nobody reads words"),
    ],
)
def test_equality_monitoring_asks_only_what_can_be_counted(
    ctx: Flask, question: Question, message: str
) -> None:
    found = routing.problems(_monitoring(question))
    assert [one.question for one in found if message in one.message] == ["m"]
    assert routing.problems(document(one_choice("a"), question)) == []


def test_equality_monitoring_decides_nothing_elsewhere(ctx: Flask) -> None:
    on_it = _when(_if("m", "yes"))
    monitored = (one_choice("m"), one_choice("same", shown_if=on_it))
    assert routing.problems(_monitoring(*monitored)) == []
    for content in (
        _monitoring(*monitored, after=[one_choice("other", shown_if=on_it)]),
        Content(
            pages=(
                Page(id="e", equality=True, questions=(one_choice("m"),)),
                Page(id="p", questions=(one_choice("other", shown_if=on_it),)),
            )
        ),
    ):
        found = routing.problems(content)
        assert [one.question for one in found] == ["other"]
        assert "kept apart from all other answers" in found[0].message


def test_what_can_be_reached_is_not_called_unreachable(ctx: Flask) -> None:
    content = document(
        one_choice("a"),
        one_choice("b", shown_if=_when(_if("a", "no"))),
        FreeText(id="c", text=Text("Why?"), shown_if=_when(_if("b", "yes"), _if("a", "yes"), match="any")),
        FreeText(id="d", text=Text("How?"), shown_if=_when(_if("c", way="answered"), _if("a", "yes"))),
    )
    assert routing.problems(content) == []


def test_an_answer_that_is_not_asked_for_opens_nothing() -> None:
    content = document(
        one_choice("a"),
        one_choice("b", shown_if=_when(_if("a", "no"))),
        one_choice("c", shown_if=_when(_if("b", "yes"))),
    )
    assert [q.id for q in routing.shown(content, {"a": "yes", "b": "yes", "c": "yes"})] == ["a"]
    assert [q.id for q in routing.shown(content, {"a": "no", "b": "yes"})] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (None, "the whole"),
        ([], "the whole"),
        ({"format": 2}, "format"),
        ({"titel": "x"}, "titel"),
        ({"pages": [{"id": "Ä"}]}, "pages, 1, id"),
        ({"pages": [{"id": "p", "questions": [{"id": "q", "kind": "matrix"}]}]}, "pages, 1, questions, 1"),
        ({"pages": [{"id": "p", "questions": [{"id": "q", "kind": "number", "lowest": "few"}]}]}, "lowest"),
        ({"pages": [{"id": "p"}, {"id": "p"}]}, "the same id"),
        ({"languages": ["pl"]}, "English is missing"),
        ({"title": {"English": "x"}}, "title"),
        ({"title": "x" * 5001}, "5,000 characters"),
        ({"pages": [{"id": f"p{n}"} for n in range(31)]}, "pages"),
        (
            {"pages": [{"id": "p", "questions": [{"id": f"q{n}", "kind": "statement"} for n in range(61)]}]},
            "questions",
        ),
    ],
)
def test_what_is_no_survey_is_refused_with_its_place(ctx: Flask, written: Any, message: str) -> None:
    with pytest.raises(BrokenSurvey, match=message):
        read_content(written)


def test_a_changed_copy_knows_its_questions() -> None:
    content = document(one_choice("a"))
    assert list(content.by_id) == ["a"]
    other = content.model_copy(update={"pages": document(one_choice("b")).pages})
    assert (list(other.by_id), [q.id for q in other.questions]) == (["b"], ["b"])


def test_words_fall_back_to_english_and_say_so() -> None:
    text = Text({"en": "Where?", "ur": "کہاں؟"})
    assert (text.said("ur").words, text.said("ur").direction) == ("کہاں؟", "rtl")
    assert (text.said("pl").words, text.said("pl").language, text.said("pl").direction) == (
        "Where?",
        "en",
        "ltr",
    )
    assert text.with_words("ur", " ").root == {"en": "Where?"}
    assert not Text({"pl": "Gdzie?"})


def test_only_offered_languages_are_published() -> None:
    content = document(one_choice("a")).model_copy(
        update={"title": Text({"en": "T", "pl": "Tp", "ur": "Tu"}), "languages": ("en", "pl")}
    )
    assert wording.only_offered(content).title.root == {"en": "T", "pl": "Tp"}


def test_every_text_has_a_key_that_says_where_it_stands() -> None:
    keys = dict(wording.texts(document(one_choice("a"))))
    assert list(keys) == [
        "title",
        "introduction",
        "questions.a.text",
        "questions.a.choices.yes.label",
        "questions.a.choices.no.label",
    ]
