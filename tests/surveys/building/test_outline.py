"""What the builder says about a survey as a whole: how long it takes, and what is to be put right."""

from __future__ import annotations

from flask import Flask

from engage.surveys.building.outline import minutes, outline
from engage.surveys.conditions import Condition, Test
from engage.surveys.content import Content, Page
from engage.surveys.questions import Agreement, District, FreeText, Ranking, Row, Statement
from engage.surveys.templates import empty, template
from engage.surveys.texts import Text
from tests import factories
from tests.surveys.factories import choices, document, one_choice


def asked_if(question_id: str, value: str) -> Condition:
    return Condition(tests=(Test(question=question_id, value=value, **{"is": "equals"}),))


def test_an_empty_survey_says_what_it_needs(ctx: Flask) -> None:
    found = outline(empty("A"), factories.conversation())
    assert found.summary == "No question yet"
    assert found.general == ("A survey needs at least one question.",)
    assert (found.minutes, found.to_do) == (0, ())
    assert [part.title for part in found.parts] == ["Page 1"]


def test_questions_are_counted_and_statements_are_not(ctx: Flask) -> None:
    content = document(
        Statement(id="s", text=Text("First some words.")),
        one_choice("a", required=True),
        FreeText(id="b", text=Text("Why?"), shown_if=asked_if("a", "yes")),
    )
    found = outline(content, factories.conversation())
    [part] = found.parts
    assert [line.number for line in part.lines] == [None, 1, 2]
    assert [line.kind for line in part.lines] == ["Words to read", "One choice", "Own words"]
    assert [(line.can_go_up, line.can_go_down) for line in part.lines] == [
        (False, True),
        (True, True),
        (True, False),
    ]
    assert part.lines[2].condition == "Only if you chose “Yes” for “Question a?”."
    assert found.summary == "2 questions, about 2 minutes"
    assert found.to_do == ()


def test_what_is_wrong_is_said_with_its_question(ctx: Flask) -> None:
    scale = Agreement(
        id="agree", text=Text("Agree?"), choices=choices("Yes", "No"), rows=(Row(id="r", text=Text("R")),)
    )
    order = Ranking(id="order", text=Text("What first?"), choices=choices("One", "Two"))
    content = document(
        scale,
        order,
        one_choice("a", shown_if=asked_if("agree", "yes")),
        one_choice("b", shown_if=asked_if("order", "one")),
        one_choice("c", shown_if=asked_if("later", "yes")),
        one_choice("later"),
        District(id="where", text=Text("Where do you live?")),
    )
    conversation = factories.conversation()
    conversation.districts = []
    assert [(question.id, said) for question, said in outline(content, conversation).to_do] == [
        (
            "a",
            "Its condition looks for one answer to “Agree?”. "
            "Of that one, it can only ask whether it was answered.",
        ),
        (
            "b",
            "Its condition looks for one answer to “What first?”. "
            "Of that one, it can only ask whether it was answered.",
        ),
        ("c", "Its condition looks at a question that is not there or that comes later."),
        (
            "where",
            "The conversation has no districts, so nobody is asked this. Add districts or remove it.",
        ),
    ]


def test_questions_go_to_pages_of_their_sort(ctx: Flask) -> None:
    content = Content(
        pages=(
            Page(id="p1", title=Text("First"), questions=(one_choice("a"),)),
            Page(id="e", equality=True, questions=(one_choice("b"),)),
            Page(id="p2"),
        )
    )
    found = outline(content, factories.conversation())
    assert [part.goals for part in found.parts] == [(("p2", "Page 3"),), (), (("p1", "First"),)]
    assert [(part.is_first, part.is_last) for part in found.parts] == [
        (True, False),
        (False, False),
        (False, True),
    ]


def test_a_big_conversation_takes_about_a_quarter_of_an_hour_at_most(ctx: Flask) -> None:
    assert 4 <= minutes(template("big_conversation")) <= 15
