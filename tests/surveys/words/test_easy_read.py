"""Easy Read: the twin of each question, its pictures, who tested it, and how people answer in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from engage.accounts.models import Role, User
from engage.contributions.models import Contribution, Receipt
from engage.db import db, utcnow
from engage.surveys import queries, services
from engage.surveys.building import editing
from engage.surveys.conditions import Condition, Test
from engage.surveys.content import Content, Page
from engage.surveys.models import Response, Survey
from engage.surveys.questions import Agreement, EasyRead, FreeText, Permission, Question, Row
from engage.surveys.texts import Text
from engage.surveys.words import easy_read, text_checks
from tests import factories
from tests.surveys.factories import one_choice
from tests.surveys.factories import survey as make_survey

SignIn = Callable[..., int]


def twin(question: Question, sentence: str, picture: str = "") -> Question:
    return question.model_copy(update={"easy": EasyRead(text=Text(sentence), picture=picture)})


def content(*questions: Question, offered: bool = True) -> Content:
    return Content(pages=(Page(id="p", questions=questions),), easy_read=offered)  # type: ignore[arg-type]


def page(client: FlaskClient, path: str, status: int = 200) -> str:
    reply = client.get(path)
    assert reply.status_code == status
    return unescape(reply.get_data(as_text=True))


# --- The twin -----------------------------------------------------------------------------------------------


def test_only_questions_with_a_twin_are_asked_in_its_words(ctx: Flask) -> None:
    question = twin(one_choice("a"), "Do you like it?", "happy")
    easy_yes = question.choices[0].model_copy(update={"easy": Text("Yes!")})  # type: ignore[attr-defined]
    question = question.model_copy(update={"choices": (easy_yes, question.choices[1])})  # type: ignore[attr-defined]
    rows = (Row(id="r", text=Text("I am satisfied"), easy=Text("I am happy")),)
    agree = twin(Agreement(id="c", text=Text("How far?"), rows=rows), "Say what you think")
    whole = content(question, one_choice("b"), agree)
    easy = whole.for_easy_read()
    assert [str(one.text) for one in easy.questions] == ["Do you like it?", "Say what you think"]
    assert easy.by_id["a"].label("yes") == "Yes!"  # type: ignore[attr-defined]
    assert easy.by_id["a"].label("no") == "No"  # type: ignore[attr-defined]
    assert easy.by_id["c"].words({"r": "x"}).startswith("I am happy")
    assert easy.by_id["a"].offered() == whole.by_id["a"].offered()
    assert whole.for_easy_read({"b"}).by_id["b"] == whole.by_id["b"]
    assert content(one_choice("a")).for_easy_read().pages == ()


def test_words_are_written_and_taken_away(ctx: Flask) -> None:
    whole = content(one_choice("a"))
    written = easy_read.with_words(
        whole, "a", {"sentence": " Do you like it? ", "help": "Say yes or no.", "choice-2": "Nope"}
    )
    parts = {part.name: part.easy for part in easy_read.parts(written.by_id["a"])}
    assert parts == {
        "sentence": "Do you like it?",
        "help": "Say yes or no.",
        "choice-1": "",
        "choice-2": "Nope",
    }
    assert easy_read.with_words(written, "a", {"sentence": "", "help": "", "choice-2": ""}) == whole
    with pytest.raises(easy_read.TooLong):
        easy_read.with_words(whole, "a", {"sentence": "x" * 5001})


def test_other_languages_of_the_twin_stay_until_the_english_goes(ctx: Flask) -> None:
    easy = EasyRead(text=Text({"en": "Do you like it?", "pl": "Lubisz to?"}))
    whole = content(one_choice("a").model_copy(update={"easy": easy}))
    changed = easy_read.with_words(whole, "a", {"sentence": "Is it good?"})
    assert changed.by_id["a"].easy == EasyRead(text=Text({"en": "Is it good?", "pl": "Lubisz to?"}))
    assert easy_read.with_words(whole, "a", {"sentence": ""}).by_id["a"].easy is None


def test_pictures_are_chosen_for_each_part(ctx: Flask) -> None:
    whole = content(one_choice("a"), Agreement(id="b", text=Text("?"), rows=(Row(id="r", text=Text("x")),)))
    changed = easy_read.with_picture(whole, "a", "sentence", "house")
    changed = easy_read.with_picture(changed, "a", "choice-1", "yes")
    changed = easy_read.with_picture(changed, "b", "row-1", "happy")
    assert [part.picture for part in easy_read.parts(changed.by_id["a"])] == ["house", "", "yes", ""]
    assert [part.picture for part in easy_read.parts(changed.by_id["b"])] == ["", "", "happy"]
    assert easy_read.with_picture(changed, "a", "sentence", "").by_id["a"].easy is None
    for part, picture in (
        ("sentence", "no-such-picture"),
        ("choice-3", "house"),
        ("choice-0", "house"),
        ("choice-x", "house"),
        ("other", "house"),
        ("row-1", "house"),
    ):
        with pytest.raises(KeyError):
            easy_read.with_picture(whole, "a", part, picture)


def test_the_three_permissions_can_be_easy(ctx: Flask) -> None:
    whole = content(Permission(id="may", text=Text("May we?")))
    words = {"sentence": "What may we do?", "choice-1": "Print my words"}
    changed = easy_read.with_words(whole, "may", words)
    asked = changed.for_easy_read().by_id["may"]
    assert isinstance(asked, Permission)
    assert asked.label("publish") == "Print my words"
    assert asked.label("contact") == "You may get in touch with me about what I said"
    assert asked.problems() == []


def test_what_must_be_put_right(ctx: Flask) -> None:
    condition = Condition(tests=(Test.model_validate({"question": "b", "value": "yes"}),))
    whole = content(
        twin(one_choice("a"), "Easy?"),
        one_choice("b", required=True),
        twin(one_choice("c", shown_if=condition), "Then?"),
    )
    problems = easy_read.problems(whole)
    assert [question for question, _words in problems] == ["b", "c"]
    assert "needs an Easy Read sentence" in problems[0][1]
    assert "“Question b?”, which Easy Read leaves out" in problems[1][1]
    assert easy_read.problems(content(one_choice("a"))) == [
        ("", "No question has an Easy Read sentence yet.")
    ]
    assert easy_read.problems(content(twin(one_choice("a"), "Easy?"))) == []


def test_advice_says_one_idea_a_page_and_never_stops_anybody(ctx: Flask) -> None:
    rows = tuple(Row(id=f"r{nth}", text=Text("x")) for nth in range(2))
    assert "One idea a page" in easy_read.advice(Agreement(id="a", text=Text("?"), rows=rows))[0]
    many = one_choice("a", *(f"Answer {nth}" for nth in range(7)))
    assert "There are 7 answers. Up to 6" in easy_read.advice(many)[0]
    assert easy_read.advice(twin(one_choice("a"), "Easy?")) == [
        "Choose a picture: it helps people to find out what the sentence is about."
    ]
    assert easy_read.advice(twin(one_choice("a"), "Easy?", "happy")) == []
    hard = twin(one_choice("a"), "Do you utilise commissioned services?")
    assert any("utilise" in note for note in easy_read.parts(hard)[0].advice)


# --- Who tested it ------------------------------------------------------------------------------------------


def test_a_test_ends_when_easy_words_or_pictures_change(ctx: Flask) -> None:
    by = factories.user(Role.FACILITATOR)
    whole = content(twin(one_choice("a"), "Easy?"), one_choice("b"))
    survey = make_survey(content=whole, published=False, by=by)
    assert text_checks.easy_read_tested(survey, whole) is None
    text_checks.record_easy_read_test(
        survey, whole, tested_by="Speaking Up", tested_at=utcnow(), by=by, now=utcnow()
    )
    found = text_checks.easy_read_tested(survey, whole)
    assert found is not None
    assert found.checked_by == "Speaking Up"
    ordinary = editing.put_question(whole, whole.by_id["b"].model_copy(update={"text": Text("Other?")}))
    assert text_checks.easy_read_tested(survey, ordinary) == found
    for changed in (
        easy_read.with_words(whole, "a", {"sentence": "Easier?"}),
        easy_read.with_words(whole, "a", {"choice-1": "Aye"}),
        easy_read.with_picture(whole, "a", "choice-1", "yes"),
        easy_read.with_words(whole, "b", {"sentence": "Also?"}),
        whole.model_copy(update={"introduction": Text("Other")}),
        editing.put_question(whole, twin(one_choice("a", "Yes", "Never"), "Easy?")),
    ):
        assert text_checks.easy_read_tested(survey, changed) is None


# --- The pages of facilitators ------------------------------------------------------------------------------


@pytest.fixture
def survey_id(app: Flask, client: FlaskClient, sign_in: SignIn) -> int:
    sign_in(client, Role.FACILITATOR)
    with app.app_context():
        whole = content(one_choice("a"), one_choice("b", required=True), offered=False)
        made = make_survey(content=whole, published=False)
        db.session.commit()
        return made.id


def draft(app: Flask, survey_id: int) -> Content:
    with app.app_context():
        return queries.draft_content(db.session.get_one(Survey, survey_id))


def change(app: Flask, survey_id: int, changed: Content) -> None:
    with app.app_context():
        by: User = factories.user(Role.FACILITATOR)
        services.save_draft(db.session.get_one(Survey, survey_id), changed, by=by, now=utcnow())
        db.session.commit()


def hidden(html: str, name: str) -> str:
    return re.findall(rf'name="{name}" value="([^"]*)"', html)[0]


def test_a_twin_is_written_with_a_picture(client: FlaskClient, survey_id: int, app: Flask) -> None:
    start = f"/staff/surveys/{survey_id}/easy-read"
    assert "2 have no Easy Read sentence." in page(client, start)
    html = page(client, f"{start}/a")
    sent = {"was": hidden(html, "was"), "w.sentence": "Do you like your home?", "w.choice-1": "Yes!"}
    reply = client.post(f"{start}/a", data=sent | {"picture": "sentence"})
    assert reply.location == f"{start}/a/picture/sentence"
    html = page(client, reply.location)
    assert html.index("These may suit") < html.index('id="suits-house"') < html.index("Getting about")
    late = client.post(reply.location, data={"picture": "house", "was": "older"})
    assert (late.status_code, "changed this question meanwhile" in unescape(late.text)) == (409, True)
    sent = {"picture": "house", "was": hidden(html, "was")}
    assert client.post(reply.location, data=sent).location == f"{start}/a"
    assert draft(app, survey_id).by_id["a"].easy == EasyRead(
        text=Text("Do you like your home?"), picture="house"
    )
    assert 'alt="A house"' in page(client, f"{start}/a")
    assert "img/pictures/house.svg" in page(client, start)


def test_the_button_leads_to_the_next_question(client: FlaskClient, survey_id: int) -> None:
    start = f"/staff/surveys/{survey_id}/easy-read"
    for question, then in (("a", f"{start}/b"), ("b", start)):
        was = hidden(page(client, f"{start}/{question}"), "was")
        reply = client.post(f"{start}/{question}", data={"was": was, "w.sentence": "Easy?", "then": "next"})
        assert reply.location == then


def test_a_picture_is_found_by_a_word(client: FlaskClient, survey_id: int) -> None:
    address = f"/staff/surveys/{survey_id}/easy-read/a/picture/sentence"
    html = page(client, f"{address}?q=money")
    assert 'id="sought-banknotes"' in html
    assert 'id="sought-hospital"' not in html
    assert "No picture is found by this." in page(client, f"{address}?q=%00%F0%9F%99%82xyzzy")


def test_two_people_change_one_question(client: FlaskClient, survey_id: int, app: Flask) -> None:
    address = f"/staff/surveys/{survey_id}/easy-read/a"
    was = hidden(page(client, address), "was")
    change(app, survey_id, easy_read.with_words(draft(app, survey_id), "a", {"sentence": "Theirs"}))
    reply = client.post(address, data={"was": was, "w.sentence": "Mine", "w.choice-1": "Aye"})
    html = unescape(reply.get_data(as_text=True))
    assert reply.status_code == 422
    assert "Somebody else changed this question meanwhile." in html
    assert ">\nMine</textarea>" in html
    assert ">Theirs</p>" in html
    assert str(draft(app, survey_id).by_id["a"].easy.text) == "Theirs"  # type: ignore[union-attr]
    sent = {"was": hidden(html, "was"), "w.sentence": "Mine"}
    assert client.post(address, data=sent).status_code == 303
    assert str(draft(app, survey_id).by_id["a"].easy.text) == "Mine"  # type: ignore[union-attr]


def test_a_text_that_is_too_long_stays_on_the_page(client: FlaskClient, survey_id: int) -> None:
    address = f"/staff/surveys/{survey_id}/easy-read/a"
    sent = {"was": hidden(page(client, address), "was"), "w.sentence": "x" * 1_000_000}
    reply = client.post(address, data=sent)
    assert reply.status_code == 422
    assert "x" * 1_000_000 in reply.get_data(as_text=True)


@pytest.mark.parametrize(
    "path",
    ["easy-read/zz", "easy-read/a/picture/zz", "easy-read/a/picture/help", "easy-read/zz/picture/row-1"],
)
def test_what_is_not_there(client: FlaskClient, survey_id: int, path: str) -> None:
    assert client.get(f"/staff/surveys/{survey_id}/{path}").status_code == 404
    assert client.post(f"/staff/surveys/{survey_id}/{path}", data={"picture": "house"}).status_code == 404


def test_easy_read_is_offered_and_taken_back(client: FlaskClient, survey_id: int, app: Flask) -> None:
    start = f"/staff/surveys/{survey_id}/easy-read"
    client.post(f"{start}/offer", data={"offer": "yes"})
    assert "There is nothing to offer yet." in page(client, start)
    change(app, survey_id, easy_read.with_words(draft(app, survey_id), "a", {"sentence": "Easy?"}))
    client.post(f"{start}/offer", data={"offer": "yes"})
    assert draft(app, survey_id).easy_read
    client.post(f"{start}/offer", data={"offer": "no"})
    assert not draft(app, survey_id).easy_read


def test_who_tested_it_is_noted(client: FlaskClient, survey_id: int, app: Flask) -> None:
    start = f"/staff/surveys/{survey_id}/easy-read"
    day = {"tested_on-day": "3", "tested_on-month": "5", "tested_on-year": "2026"}
    nothing = client.post(start, data=day | {"tested_by": "A", "was": hidden(page(client, start), "was")})
    assert nothing.status_code == 422
    assert "There is nothing to test yet." in nothing.get_data(as_text=True)
    change(app, survey_id, easy_read.with_words(draft(app, survey_id), "a", {"sentence": "Easy?"}))
    html = page(client, start)
    assert "Not tested" in html
    good = day | {"tested_by": "Speaking Up", "was": hidden(html, "was")}
    assert client.post(start, data=good).status_code == 303
    assert "by Speaking Up, on 3 May 2026." in page(client, start)
    change(app, survey_id, easy_read.with_words(draft(app, survey_id), "a", {"sentence": "Easier?"}))
    assert "changed since Speaking Up tested it on 3 May 2026." in page(client, start)
    stale = client.post(start, data=good)
    assert stale.status_code == 422
    assert "changed meanwhile" in stale.get_data(as_text=True)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"tested_by": ""}, "Say who tested it"),
        ({"tested_by": "x" * 201}, "Shorten it to 200"),
        ({"tested_on-day": "99"}, "enter it as day, month and year"),
        ({"tested_on-year": "2199"}, "not in the future"),
    ],
)
def test_a_wrong_note_of_a_test(
    client: FlaskClient, survey_id: int, wrong: dict[str, str], said: str
) -> None:
    start = f"/staff/surveys/{survey_id}/easy-read"
    sent = {"tested_by": "Us", "tested_on-day": "3", "tested_on-month": "5", "tested_on-year": "2026"}
    reply = client.post(start, data=sent | wrong)
    assert reply.status_code == 422
    assert said in reply.get_data(as_text=True)


def test_a_survey_without_questions(client: FlaskClient, survey_id: int, app: Flask) -> None:
    change(app, survey_id, Content())
    assert "There are no questions yet" in page(client, f"/staff/surveys/{survey_id}/easy-read")


# --- Answering in Easy Read ---------------------------------------------------------------------------------


@pytest.fixture
def slug(app: Flask) -> str:
    """A published survey: ``a`` and ``words`` have a twin, ``b`` and the permission have none."""
    with app.app_context():
        made = make_survey(
            content=content(
                twin(one_choice("a"), "Do you like it?", "happy"),
                one_choice("b"),
                twin(FreeText(id="words", text=Text("What would you change?")), "What is bad?"),
                Permission(id="may", text=Text("May we?")),
            )
        )
        db.session.commit()
        return made.slug


@pytest.fixture
def easy(client: FlaskClient) -> FlaskClient:
    """A browser of somebody who reads Easy Read."""
    client.set_cookie("easy_read", "yes")
    return client


def test_answers_in_easy_read_pool_with_all_others(easy: FlaskClient, slug: str, app: Flask) -> None:
    start = f"/surveys/{slug}"
    first = easy.get(f"{start}/begin").location
    assert first == f"{start}/question/a"
    html = page(easy, first)
    assert "Do you like it?" in html
    assert "img/pictures/happy.svg" in html
    assert "Question 1 of 2" in html
    reply = easy.post(first, data={"a.a": "yes"})
    assert reply.location == f"{start}/question/words"
    reply = easy.post(reply.location, data={"a.words": "The stairs."})
    assert reply.location == f"{start}/check"
    html = page(easy, reply.location)
    assert "Do you like it?" in html
    assert "Question b?" not in html
    assert easy.post(f"{start}/send").location == f"{start}/thanks"
    with app.app_context():
        response = db.session.scalars(sa.select(Response)).one()
        assert response.easy_read
        assert response.answers == {"a": "yes", "words": True}
        assert db.session.scalars(sa.select(Contribution.prompt)).one() == "What would you change?"
        assert db.session.scalars(sa.select(Receipt.may_publish)).one() is None


def test_all_on_one_page_asks_only_what_has_a_twin(easy: FlaskClient, slug: str, app: Flask) -> None:
    address = f"/surveys/{slug}/all"
    html = page(easy, address)
    assert 'name="a.a"' in html
    assert 'name="a.b"' not in html
    assert easy.post(address, data={"a.a": "no", "then": "send"}).location == f"/surveys/{slug}/thanks"
    with app.app_context():
        assert db.session.scalars(sa.select(Response)).one().answers == {"a": "no"}


def test_an_answer_from_before_is_not_lost_in_easy_read(client: FlaskClient, slug: str, app: Flask) -> None:
    start = f"/surveys/{slug}"
    client.post(f"{start}/question/b", data={"a.b": "yes"})
    client.set_cookie("easy_read", "yes")
    assert "Question b?" in page(client, f"{start}/check")
    assert client.post(f"{start}/all", data={"a.a": "no", "a.b": "yes"}).status_code == 303
    client.post(f"{start}/send")
    with app.app_context():
        assert db.session.scalars(sa.select(Response)).one().answers == {"a": "no", "b": "yes"}


def test_who_changes_to_easy_read_in_another_tab_loses_no_answer(
    client: FlaskClient, slug: str, app: Flask
) -> None:
    start = f"/surveys/{slug}"
    client.get(f"{start}/question/b")
    client.set_cookie("easy_read", "yes")
    assert client.get(f"{start}/question/b").location == f"{start}/question/a"
    assert client.post(f"{start}/question/b", data={"a.b": "yes"}).status_code == 303
    assert "Question b?" in page(client, f"{start}/check")
    assert client.get(f"{start}/question/zz").status_code == 404


def test_a_survey_without_twins_is_asked_in_ordinary_words(easy: FlaskClient, app: Flask) -> None:
    with app.app_context():
        slug = make_survey(content=content(one_choice("a"))).slug
        db.session.commit()
    assert "Question a?" in page(easy, f"/surveys/{slug}/question/a")


def test_easy_read_that_is_not_offered_is_not_asked(easy: FlaskClient, app: Flask) -> None:
    with app.app_context():
        slug = make_survey(content=content(twin(one_choice("a"), "Easy?"), offered=False)).slug
        db.session.commit()
    assert "Question a?" in page(easy, f"/surveys/{slug}/question/a")
