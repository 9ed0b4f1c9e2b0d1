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
from engage.conversations.models import Conversation
from engage.db import db
from engage.surveys import queries, services
from engage.surveys.building import editing
from engage.surveys.conditions import Condition, Test
from engage.surveys.content import Content, Page
from engage.surveys.models import Survey
from engage.surveys.questions import KINDS, Agreement, EasyRead, FreeText, Number, SeveralChoices
from engage.surveys.templates import empty
from engage.surveys.texts import Text
from tests import factories
from tests.conftest import StatementCounter
from tests.surveys.factories import document, one_choice
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


# --- A whole survey ---------------------------------------------------------------------------------------


def test_a_survey_with_every_kind_is_built_and_published(build: Callable[..., Builder]) -> None:
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
    with work.app.app_context():
        made = db.session.get_one(Survey, work.survey_id)
        conversation = db.session.get_one(Conversation, made.conversation_id)
        services.publish_version(made, conversation, by=factories.user(), now=factories.NOW)
        db.session.commit()
        assert [version.number for version in made.versions] == [1]
        assert queries.content_of(made.versions[0]).by_id["where_do_you_live"].offered()
    assert "This is what people see, as version 1." in work.page()


# --- The outline ------------------------------------------------------------------------------------------


def conditional(question_id: str, asks: str, value: str) -> object:
    """A question that is asked where another has this answer."""
    test = Test(question=asks, value=value, **{"is": "equals"})
    return one_choice(question_id, shown_if=Condition(tests=(test,)))


def order(work: Builder) -> list[str]:
    return [question.id for question in work.content().questions]


def test_questions_move_and_the_focus_comes_back(build: Callable[..., Builder]) -> None:
    work = build(one_choice("a"), one_choice("b"), one_choice("c"))
    reply = work.post("/questions/a/move", {"way": "down"})
    assert reply.location.endswith("/build?at=a&by=down")
    assert order(work) == ["b", "a", "c"]
    page = unescape(work.client.get(reply.location).get_data(as_text=True))
    assert "Moved." in page
    assert re.search(r'questions/a/move" name="way" value="down" autofocus>', page)
    assert page.count("autofocus") == 1
    work.post("/questions/a/move", {"way": "down"})
    assert 'value="up" autofocus' in work.page("?at=a&by=down"), "at the end only “up” is left"


def test_what_is_wrong_stands_beside_its_question_and_at_the_top(build: Callable[..., Builder]) -> None:
    work = build(one_choice("a"), conditional("b", "a", "yes"), conditional("c", "a", "yes"))
    assert "Nothing to put right" in work.page()
    work.post("/questions/b/move", {"way": "up"})
    page = work.page()
    assert "One thing to put right before people can answer:" in page
    assert '<a href="#q-b">' in page
    assert page.count("looks at a question that is not there or that comes later.") == 2


def test_a_removed_question_is_asked_about_first_and_can_come_back(build: Callable[..., Builder]) -> None:
    work = build(one_choice("a"), one_choice("b"), conditional("c", "b", "yes"))
    page = work.page("/questions/b/remove")
    assert "This question depends on it." in page
    assert "Question c?" in page
    seen = work.seen("/questions/b/remove")
    reply = work.post("/questions/b/remove", {"seen": seen})
    removed = unescape(reply.get_data(as_text=True))
    assert "Removed: “Question b?”." in removed
    assert order(work) == ["a", "c"]
    fields = hidden_fields(reply.get_data(as_text=True))
    assert work.post("/bring-back", fields).status_code == 303
    assert order(work) == ["a", "b", "c"]
    assert "Nothing to put right" in work.page()
    again = work.client.post(f"{work.base}/bring-back", data=fields, follow_redirects=True)
    assert "That does not work here." in again.get_data(as_text=True)


def hidden_fields(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="(question|page|after)" value="([^"]*)"', page)
    return {name: unescape(value) for name, value in found}


def test_a_question_that_changed_is_not_removed_unseen(build: Callable[..., Builder]) -> None:
    work = build(one_choice("a"), one_choice("b"))
    seen = work.seen("/questions/a/remove")
    work.change("a", text="Better words?", **lines("choices", "Yes", "No"))
    page = unescape(work.post("/questions/a/remove", {"seen": seen}).get_data(as_text=True))
    assert "Somebody changed this question a moment ago." in page
    assert order(work) == ["a", "b"]


def test_a_copy_is_opened_to_be_changed(build: Callable[..., Builder]) -> None:
    work = build(one_choice("a"), one_choice("b"))
    assert work.post("/questions/a/copy").location.endswith("/questions/copy_of_question_a")
    assert order(work) == ["a", "copy_of_question_a", "b"]


def test_pages_are_added_renamed_moved_and_removed(build: Callable[..., Builder]) -> None:
    work = build(one_choice("a"), one_choice("b"))
    assert work.post("/pages/new", {"title": " "}).status_code == 422
    work.post("/pages/new", {"title": "About you", "explanation": "We ask why."})
    work.post("/questions/a/move", {"way": "page", "goal-a": "about_you"})
    work.post("/pages/about_you/move", {"way": "up"})
    assert [page.id for page in work.content().pages] == ["about_you", "page_1"]
    assert order(work) == ["a", "b"]
    seen = work.seen("/pages/about_you")
    work.post("/pages/about_you", {"seen": seen, "title": "You", "explanation": ""})
    assert str(work.content().pages[0].title) == "You"
    late = work.post("/pages/about_you", {"seen": seen, "title": "Mine", "explanation": ""})
    assert late.status_code == 409
    assert 'value="Mine"' in late.get_data(as_text=True)
    page = work.page("/pages/about_you/remove")
    assert "put its questions on" in page
    work.post("/pages/about_you/remove", {"seen": work.seen("/pages/about_you/remove"), "do": "keep"})
    assert order(work) == ["a", "b"]
    assert len(work.content().pages) == 1
    assert "A survey needs at least one page" in work.page("/pages/page_1/remove")


def test_the_outline_asks_the_database_equally_often(
    build: Callable[..., Builder], statements: StatementCounter
) -> None:
    work = build(one_choice("a"))
    work.add("free_text", "Why?")
    work.page()
    with statements:
        work.page()
    once = statements.count
    for number in range(20):
        work.add("free_text", f"What about {number}?")
    work.page()
    with statements:
        work.page()
    assert statements.count == once


# --- One question -----------------------------------------------------------------------------------------


def test_the_words_of_an_answer_change_and_its_value_stays(build: Callable[..., Builder]) -> None:
    work = build(one_choice("a"), conditional("b", "a", "yes"))
    fields = {"choices-0-key": "yes", "choices-0-words": "Always", "choices-1-key": "no"}
    work.change("a", **fields, **{"choices-1-words": "", "choices-2-words": "Never"})
    assert work.content().by_id["a"].offered() == ("yes", "never")
    assert "Only if you chose “Always” for “Question a?”." in work.page()


def test_the_buttons_of_a_list_change_the_form_and_save_nothing(build: Callable[..., Builder]) -> None:
    work = build(one_choice("a"))
    fields = lines("choices", "One", "Two", "Three") | {"text": "Kept words"}
    page = unescape(work.post("/questions/a", fields | {"do": "choices.up.2"}).get_data(as_text=True))
    assert re.findall(r'name="choices-\d-words"[^>]*value="([^"]*)"', page) == ["One", "Three", "Two"]
    assert "Kept words" in page
    page = unescape(work.post("/questions/a", fields | {"do": "choices.remove.0"}).get_data(as_text=True))
    assert re.findall(r'name="choices-\d-words"[^>]*value="([^"]*)"', page) == ["Two", "Three"]
    page = unescape(work.post("/questions/a", fields | {"do": "choices.add"}).get_data(as_text=True))
    assert re.findall(r'name="choices-\d-words"[^>]*value="([^"]*)"', page) == ["One", "Two", "Three", ""]
    for odd in ("choices.up.99999999999999999999", "choices.up.x", "choices.down.", "choices.up.-1"):
        assert work.post("/questions/a", fields | {"do": odd}).status_code == 200
    assert work.content().by_id["a"].offered() == ("yes", "no")
    assert str(work.content().by_id["a"].text) == "Question a?"


def test_the_check_of_the_words_advises_and_never_blocks(build: Callable[..., Builder]) -> None:
    work = build(FreeText(id="a", text=Text("Why?")))
    words = "Do you utilise the MDT pathway, and how satisfied are you?"
    page = unescape(work.post("/questions/a", {"text": words, "do": "look"}).get_data(as_text=True))
    assert "For “utilise”, say “use”." in page
    assert "This asks two things at once" in page
    assert str(work.content().by_id["a"].text) == "Why?"
    assert work.change("a", text=words).status_code == 303
    assert str(work.content().by_id["a"].text) == words


def test_conditions_offer_earlier_answers_alone(build: Callable[..., Builder]) -> None:
    work = build(one_choice("a"), one_choice("b"), one_choice("c"), FreeText(id="d", text=Text("Why?")))
    page = work.page("/questions/b")
    assert '<optgroup label="Question a?"><option value="a=yes">Yes</option>' in page
    assert "Question c?" not in page
    kept = lines("choices", "Yes", "No")
    assert work.change("b", **kept, tests=["a=yes", "a", ""], match="any").status_code == 303
    condition = work.content().by_id["b"].shown_if
    assert condition == Condition(
        match="any",
        tests=(
            Test(question="a", value="yes", **{"is": "equals"}),
            Test(question="a", **{"is": "answered"}),
        ),
    )
    for wrong in ("c=yes", "a=perhaps", "nothing=1", "=", "A b\x00c=1"):
        reply = work.change("b", **kept, tests=wrong)
        assert reply.status_code == 422
        assert "Choose the answers from the list." in reply.get_data(as_text=True)
    assert work.change("b", **kept, tests=["", "", ""]).status_code == 303
    assert work.content().by_id["b"].shown_if is None


def test_a_condition_whose_answer_is_gone_stays_until_it_is_changed(build: Callable[..., Builder]) -> None:
    work = build(one_choice("a"), conditional("b", "a", "gone"))
    assert "An answer that is not offered any more" in work.page("/questions/b")
    work.change("b", **lines("choices", "Yes", "No"), tests="a=gone")
    assert work.content().by_id["b"].shown_if is not None
    assert "looks for an answer that “Question a?” does not offer." in work.page()


def test_equality_answers_decide_nothing_elsewhere(build: Callable[..., Builder]) -> None:
    pages = (
        Page(id="e", equality=True, questions=(one_choice("age"), one_choice("more"))),
        Page(id="p", questions=(one_choice("last"),)),
    )
    work = build(content=Content(title=Text("A"), pages=pages))
    assert "age=yes" in work.page("/questions/more")
    assert "age=yes" not in work.page("/questions/last")
    assert 'name="required"' not in work.page("/questions/more")
    assert 'name="other"' not in work.page("/questions/more")
    assert "Own words" not in work.page("/add?page=e")
    reply = work.post("/add", {"page": "e", "kind": "free_text", "text": "Why?"})
    assert reply.status_code == 422


def test_what_was_removed_never_comes_back_among_other_answers(build: Callable[..., Builder]) -> None:
    pages = (
        Page(id="p", questions=(one_choice("last"),)),
        Page(id="e", equality=True, questions=(one_choice("age"),)),
    )
    work = build(content=Content(title=Text("A"), pages=pages))
    removed = {"kind": "free_text", "page": "gone", "text": "My long words", "seen": "gone"}
    assert work.post("/questions/why", removed).status_code == 303
    assert work.content().page_of("why").id == "p"
    with_equality = removed | {"kind": "one_choice", "equality": "1", **lines("choices", "Old", "Young")}
    assert work.post("/questions/born", with_equality).status_code == 303
    assert work.content().page_of("born").id == "e"


def test_words_without_a_page_of_their_sort_are_not_lost(build: Callable[..., Builder]) -> None:
    page = Page(id="e", equality=True, questions=(one_choice("age"),))
    alone = build(content=Content(title=Text("A"), pages=(page,)))
    removed = {"kind": "free_text", "page": "gone", "text": "My long words", "seen": "gone"}
    reply = alone.post("/questions/why", removed)
    said = unescape(reply.get_data(as_text=True))
    assert (reply.status_code, "My long words" in said) == (409, True)
    assert "equality monitoring stands on pages of its own" in said
    assert "why" not in alone.content().by_id


# --- Two at once ------------------------------------------------------------------------------------------


def test_changes_to_two_questions_meet(build: Callable[..., Builder]) -> None:
    work = build(one_choice("a"), one_choice("b"))
    mine, theirs = work.seen("/questions/a"), work.seen("/questions/b")
    choices_sent = lines("choices", "Yes", "No")
    assert work.post("/questions/b", {"seen": theirs, "text": "B now", **choices_sent}).status_code == 303
    assert work.post("/questions/a", {"seen": mine, "text": "A now", **choices_sent}).status_code == 303
    assert [str(question.text) for question in work.content().questions] == ["A now", "B now"]


def test_the_same_question_changed_by_two_shows_both(build: Callable[..., Builder]) -> None:
    work = build(one_choice("a"))
    seen = work.seen("/questions/a")
    work.change("a", text="What a colleague wrote", **lines("choices", "Yes", "No"))
    mine = {"seen": seen, "text": "What I wrote", "help": "My help", **lines("choices", "Mine", "Yours")}
    reply = work.post("/questions/a", mine)
    page = unescape(reply.get_data(as_text=True))
    assert reply.status_code == 409
    assert "changed this question while you had it open" in page
    for words in ("What a colleague wrote", "What I wrote", "My help", "Mine", "Yours"):
        assert words in page
    assert str(work.content().by_id["a"].text) == "What a colleague wrote"
    again = re.search(r'name="seen"[^>]*value="([^"]*)"', page)
    assert again
    assert work.post("/questions/a", mine | {"seen": again[1]}).status_code == 303
    assert str(work.content().by_id["a"].text) == "What I wrote"


def test_a_translation_made_meanwhile_is_in_nobodys_way(build: Callable[..., Builder]) -> None:
    work = build(one_choice("a"))
    seen = work.seen("/questions/a")
    with work.app.app_context():
        made = db.session.get_one(Survey, work.survey_id)
        content = queries.draft_content(made)
        question = content.by_id["a"]
        words = {"text": question.text.with_words("pl", "Pytanie"), "easy": EasyRead(text=Text("Short?"))}
        content = editing.put_question(content, question.model_copy(update=words))
        services.save_draft(made, content, by=factories.user(), now=factories.NOW)
        db.session.commit()
    fields = {"seen": seen, "text": "New words?", **lines("choices", "Yes", "No")}
    assert work.post("/questions/a", fields).status_code == 303
    saved = work.content().by_id["a"]
    assert saved.text.root == {"en": "New words?", "pl": "Pytanie"}
    assert saved.easy == EasyRead(text=Text("Short?"))


def test_a_question_removed_in_another_tab_keeps_what_was_typed(build: Callable[..., Builder]) -> None:
    work = build(one_choice("a"), one_choice("b"))
    fields = {
        "seen": work.seen("/questions/a"),
        "kind": "one_choice",
        "page": "page_1",
        "text": "Typed words",
    }
    fields |= {"choices-0-key": "yes", "choices-0-words": "Yes, always", "choices-1-words": "New"}
    work.post("/questions/a/remove", {"seen": work.seen("/questions/a/remove")})
    reply = work.post("/questions/a", fields)
    page = unescape(reply.get_data(as_text=True))
    assert reply.status_code == 409
    assert "Somebody removed this question while you had it open" in page
    assert "Typed words" in page
    assert "a" not in work.content().by_id
    assert work.post("/questions/a", fields | {"seen": "gone"}).status_code == 303
    assert work.content().by_id["a"].offered() == ("yes", "new")
    assert work.client.get(f"{work.base}/questions/gone").status_code == 404


def test_texts_changed_by_two_show_both(build: Callable[..., Builder]) -> None:
    work = build(one_choice("a"))
    seen = work.seen("/texts")
    good = {"seen": seen, "title": "First", "reason": "Because.", "decides_on-day": "1"}
    good |= {"decides_on-month": "9", "decides_on-year": "2027"}
    assert work.post("/texts", good).status_code == 303
    content = work.content()
    assert (str(content.reason), str(content.decides_on)) == ("Because.", "2027-09-01")
    late = work.post("/texts", {"seen": seen, "title": "Second", "privacy": "My words"})
    page = unescape(late.get_data(as_text=True))
    assert late.status_code == 409
    assert "Because." in page
    assert "My words" in page
    assert str(work.content().title) == "First"


# --- Bad input --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"text": " \x00 "}, "Write the question, as you would ask it across a table."),
        ({"text": "x" * 1_000_000}, "characters too long. Shorten it to 1,000 or fewer."),
        ({"help": "y" * 1_000_000}, "characters too long. Shorten it to 2,000 or fewer."),
        ({"panel": "z" * 1_000_000}, "characters too long. Shorten it to 5,000 or fewer."),
        ({"choices-more": "\n".join(map(str, range(59)))}, "There are 61 lines here, and 60 at most fit."),
        ({"choices-more": "\n".join(map(str, range(9_999)))}, "There are 10,001 lines here"),
        ({"choices-1-words": "yes"}, "“yes” is there twice. Change or remove one."),
        ({"choices-1-words": "w" * 500_000}, "Shorten it to 200 or fewer."),
    ],
)
def test_what_does_not_fit_is_said_and_stays(
    build: Callable[..., Builder], fields: dict[str, str], message: str
) -> None:
    work = build(one_choice("a"))
    before = work.content()
    typed = {
        "seen": work.seen("/questions/a"),
        "text": "Kept words",
        **lines("choices", "Yes", "No"),
    } | fields
    reply = work.post("/questions/a", typed)
    page = unescape(reply.get_data(as_text=True))
    assert reply.status_code == 422
    assert message in page
    assert "<title>Error: " in page
    assert "text" in fields or "Kept words" in page
    assert all(value.strip(" \x00").split("\n")[-1][:50] in page for value in fields.values())
    assert work.content() == before


def test_numbers_dates_and_postcodes_say_what_does_not_fit(build: Callable[..., Builder]) -> None:
    work = build(one_choice("z"))
    number, day, area = work.add("number", "N"), work.add("date", "D"), work.add("postcode", "P")
    long = work.add("free_text", "L")
    tries: list[tuple[str, dict[str, object], str]] = [
        (number, {"lowest": "many"}, "Smallest number: enter a whole number from"),
        (number, {"highest": "9" * 200}, "Largest number: enter a whole number from"),
        (number, {"lowest": "5", "highest": "-1"}, "Enter a largest number that is not below the smallest."),
        (number, {"unit": "u" * 1_000}, "Shorten it to 40 or fewer."),
        (
            day,
            {"earliest-day": "31", "earliest-month": "2", "earliest-year": "2026"},
            "Earliest day: enter it",
        ),
        (
            day,
            {
                "earliest-day": "2",
                "earliest-month": "2",
                "earliest-year": "2026",
                "latest-day": "1",
                "latest-month": "2",
                "latest-year": "2026",
            },
            "Enter a latest day that is not before the earliest.",
        ),
        (area, {"full": "y"}, "A full postcode can show where somebody lives."),
        (long, {"longest": "5"}, "Longest answer, in characters: enter a whole number from 100 to 10,000"),
        (long, {"theme": "99"}, "Choose a theme from the list."),
    ]
    for question_id, fields, message in tries:
        reply = work.change(question_id, **fields)
        page = unescape(reply.get_data(as_text=True))
        assert reply.status_code == 422, message
        assert message in page


def test_who_speaks_counts_as_the_kinds_that_all_channels_know(build: Callable[..., Builder]) -> None:
    work = build(one_choice("z"))
    who = work.add("who_speaks", "")
    reply = work.change(who, **lines("choices", "Me", "Somebody"), **{"choices-0-key": "draws_on_care"})
    assert "Say whom “Somebody” stands for." in unescape(reply.get_data(as_text=True))
    keys = {"choices-0-key": "staff", "choices-1-key": "staff"}
    reply = work.change(who, **lines("choices", "Me", "Somebody"), **keys)
    assert "Each can stand once." in unescape(reply.get_data(as_text=True))
    keys = {"choices-0-key": "unpaid_carer", "choices-1-key": "staff"}
    assert work.change(who, **lines("choices", "I care", "I work"), **keys).status_code == 303
    assert work.content().by_id[who].offered() == ("unpaid_carer", "staff")


def test_a_kind_that_is_not_there_or_no_words_are_said(build: Callable[..., Builder]) -> None:
    work = build()
    for fields in ({"text": "Kept?"}, {"kind": "matrix", "text": "Kept?"}, {"kind": "free_text", "text": ""}):
        reply = work.post("/add", fields)
        assert reply.status_code == 422
        page = reply.get_data(as_text=True)
        assert fields["text"] in page
        assert "Choose a kind of question." in page or "Write the question, as you would" in page
    assert work.content().questions == ()


def test_a_full_survey_takes_no_more(build: Callable[..., Builder]) -> None:
    work = build(*(one_choice(f"q{number}") for number in range(60)))
    reply = work.client.post(
        f"{work.base}/add", data={"kind": "free_text", "text": "Why?"}, follow_redirects=True
    )
    assert "A survey can have 60 questions" in unescape(reply.get_data(as_text=True))
    work.post("/questions/q1/copy")
    assert len(work.content().questions) == 60


@pytest.mark.parametrize(
    "path",
    [
        "/questions/none",
        "/questions/NONE",
        "/questions/none/remove",
        "/pages/none",
        "/pages/none/remove",
    ],
)
def test_what_is_not_there_is_not_found(build: Callable[..., Builder], path: str) -> None:
    work = build(one_choice("a"))
    assert work.client.get(work.base + path).status_code == 404
    reply = work.client.post(work.base + path, data={"text": "x"}, follow_redirects=True)
    assert reply.status_code == 404 or "not in the survey any more" in reply.get_data(as_text=True)


@pytest.mark.parametrize("path", ["/questions/none/move", "/questions/none/copy", "/pages/none/move"])
def test_a_button_for_what_is_gone_says_so(build: Callable[..., Builder], path: str) -> None:
    work = build(one_choice("a"))
    reply = work.client.post(work.base + path, data={"way": "up"}, follow_redirects=True)
    assert "not in the survey any more: somebody removed it." in unescape(reply.get_data(as_text=True))


def test_another_conversations_survey_is_not_found(
    app: Flask, client: FlaskClient, build: Callable[..., Builder]
) -> None:
    work = build(one_choice("a"))
    with app.app_context():
        other = make_survey(factories.conversation("Another"), questions=[one_choice("a")])
        db.session.commit()
        other_id = other.id
    client.post("/staff/conversation", data={})
    with app.app_context():
        mine = db.session.get_one(Survey, work.survey_id).conversation_id
    client.post(f"/staff/conversations/{mine}/take-in-hand")
    for path in ("", "/add", "/texts", "/pages/new", "/questions/a", "/questions/a/remove", "/pages/page_1"):
        assert client.get(f"/staff/surveys/{other_id}/build{path}").status_code == 404, path
    for path in ("/questions/a/move", "/questions/a/copy", "/bring-back", "/pages/equality"):
        assert client.post(f"/staff/surveys/{other_id}/build{path}").status_code == 404, path


def test_a_published_id_is_never_given_again(build: Callable[..., Builder]) -> None:
    work = build(one_choice("a"), FreeText(id="why", text=Text("Why?")), published=True)
    work.post("/questions/why/remove", {"seen": work.seen("/questions/why/remove")})
    assert work.add("rating", "Why?") == "why_2"


def test_other_languages_stay_when_the_english_changes(build: Callable[..., Builder]) -> None:
    words = Text({"en": "Why?", "pl": "Dlaczego?"})
    work = build(FreeText(id="a", text=words, help=Text({"en": "Help", "ur": "مدد"})))
    work.change("a", text="Why so?", help="Help")
    changed = work.content().by_id["a"]
    assert changed.text.root == {"en": "Why so?", "pl": "Dlaczego?"}
    assert changed.help.root == {"en": "Help", "ur": "مدد"}
