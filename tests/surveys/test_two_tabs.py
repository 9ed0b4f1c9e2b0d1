"""Two tabs, a page that was open for days, a button pressed twice: nothing that somebody wrote is lost."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from engage.accounts.models import Role
from engage.contributions.models import Contribution, Receipt
from engage.conversations.models import Conversation
from engage.db import db, utcnow
from engage.surveys import services
from engage.surveys.conditions import Condition, Test
from engage.surveys.models import Response, Survey, UnsentResponse
from engage.surveys.questions import EasyRead, FreeText
from engage.surveys.texts import Text
from tests import factories
from tests.surveys.factories import document, one_choice, survey

WORDS = "The bus to the day centre\nis 😀 late. الحافلة"
ON_ONE_PAGE = re.compile(r'name="had" value="(\w+)"')


@dataclass
class Tab:
    """A page that stands open in a browser: what it showed, and what a person writes into it."""

    client: FlaskClient
    address: str
    had: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.had = ON_ONE_PAGE.findall(read(self.client.get(self.address)))

    def post(self, **fields: str) -> tuple[int, str]:
        reply = self.client.post(self.address, data={"had": self.had, **named(fields)})
        return reply.status_code, reply.location or read(reply)


def named(fields: dict[str, str]) -> dict[str, str]:
    return {name if name in ("then", "again") else f"a.{name}": value for name, value in fields.items()}


def read(reply: object) -> str:
    return unescape(reply.get_data(as_text=True))  # type: ignore[attr-defined]


@pytest.fixture
def slug(app: Flask) -> str:
    easy = EasyRead(text=Text("Short?"))
    only_if = Condition(tests=(Test(question="q", value="yes"),))
    content = document(
        one_choice("q", easy=easy),
        FreeText(id="why", text=Text("Why?"), longest=100, shown_if=only_if),
        FreeText(id="good", text=Text("What is good?"), easy=easy),
        FreeText(id="plain", text=Text("What else?")),
    )
    with app.app_context():
        made = survey(content=content.model_copy(update={"easy_read": True}))
        db.session.commit()
        return made.slug


def kept(app: Flask) -> dict[str, object]:
    with app.app_context():
        answers = db.session.scalars(sa.select(UnsentResponse.answers)).one()
        return {key: answer for key, answer in answers.items() if answer is not None}


def sent(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(sa.select(Contribution.text).order_by(Contribution.id)))


def count(app: Flask, table: type) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


# --- Two tabs -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("then", ["check", "send"])
def test_a_blank_takes_nothing_from_another_tab(
    app: Flask, client: FlaskClient, slug: str, then: str
) -> None:
    one, other = (Tab(client, f"/surveys/{slug}/all") for _ in range(2))
    assert one.had == []
    one.post(good="From one tab", then="check")
    assert other.post(good="", plain="From the other", then=then)[0] == 303
    client.post(f"/surveys/{slug}/send")
    assert sent(app) == ["From one tab", "From the other"]


def test_a_blank_removes_what_the_page_showed(app: Flask, client: FlaskClient, slug: str) -> None:
    address = f"/surveys/{slug}/all"
    Tab(client, address).post(q="yes", good="One", plain="Two", then="check")
    back = Tab(client, address)
    assert back.had == ["q", "good", "plain"]
    back.post(good="", plain="Two", then="check")  # No choice at all sends no field.
    assert kept(app) == {"plain": "Two"}


def test_one_question_at_a_time_keeps_to_the_same_rule(app: Flask, client: FlaskClient, slug: str) -> None:
    address = f"/surveys/{slug}/question/good"
    early = Tab(client, address)
    Tab(client, address).post(good="From one tab")
    assert early.post(good="")[0] == 303
    assert kept(app) == {"good": "From one tab"}
    late = Tab(client, address)
    assert late.had == ["good"]
    late.post(good="")
    assert kept(app) == {}


def test_what_a_person_cleared_stays_clear_when_the_page_comes_back(
    app: Flask, client: FlaskClient, slug: str
) -> None:
    address = f"/surveys/{slug}/all"
    Tab(client, address).post(q="yes", good="One", then="check")
    tab = Tab(client, address)
    status, page = tab.post(q="yes", good="", why="x" * 101, then="check")
    assert status == 422 and "One</textarea>" not in page
    tab.had = ON_ONE_PAGE.findall(page)
    tab.post(q="yes", good="", why="Short", then="check")
    assert kept(app) == {"q": "yes", "why": "Short"}


def test_a_page_that_comes_back_shows_what_another_tab_wrote(
    app: Flask, client: FlaskClient, slug: str
) -> None:
    tab = Tab(client, f"/surveys/{slug}/all")
    client.post(f"/surveys/{slug}/question/plain", data={"a.plain": "From the other"})
    status, page = tab.post(q="yes", why="x" * 101, then="send")
    assert status == 422 and "From the other</textarea>" in page
    assert "plain" in ON_ONE_PAGE.findall(page)


def test_easy_read_loses_nothing_of_the_questions_that_it_leaves_out(
    app: Flask, client: FlaskClient, slug: str
) -> None:
    client.get(f"/surveys/{slug}/begin?easy=yes")
    tab = Tab(client, f"/surveys/{slug}/all")
    client.get(f"/surveys/{slug}/begin?easy=no")
    client.post(f"/surveys/{slug}/question/plain", data={"a.plain": "In the usual words"})
    client.get(f"/surveys/{slug}/begin?easy=yes")
    assert tab.post(good="In Easy Read", then="send")[0] == 303
    assert sent(app) == ["In Easy Read", "In the usual words"]


def test_saving_takes_nothing_from_another_tab(app: Flask, client: FlaskClient, slug: str) -> None:
    client.get(f"/surveys/{slug}/all")
    client.post(f"/surveys/{slug}/question/good", data={"a.good": "From one tab"})
    client.post(f"/surveys/{slug}/save?at=all", data={"a.good": "", "a.plain": "From the other"})
    assert kept(app) == {"good": "From one tab", "plain": "From the other"}


# --- A question that does not concern the person any more ---------------------------------------------------


def test_words_for_a_question_that_another_tab_took_away_are_kept(
    app: Flask, client: FlaskClient, slug: str
) -> None:
    address = f"/surveys/{slug}/question"
    client.post(f"{address}/q", data={"a.q": "yes"})
    tab = Tab(client, f"{address}/why")
    client.post(f"{address}/q", data={"a.q": "no"})
    assert tab.post(why=WORDS) == (303, f"{address}/good")
    assert kept(app) == {"q": "no", "why": WORDS}
    client.post(f"{address}/q", data={"a.q": "yes"})
    assert WORDS in read(client.get(f"{address}/why"))
    client.post(f"{address}/q", data={"a.q": "no"})
    change = client.post(f"{address}/why?change=1", data={"a.why": "Changed"})
    assert change.location == f"/surveys/{slug}/check"
    client.post(f"/surveys/{slug}/send")
    assert sent(app) == []


def test_words_that_do_not_fit_there_come_back_with_the_page(client: FlaskClient, slug: str) -> None:
    status, page = Tab(client, f"/surveys/{slug}/question/why").post(why="x" * 101)
    assert status == 422 and "x" * 101 in page


@pytest.fixture
def left_open(app: Flask, client: FlaskClient, slug: str) -> FlaskClient:
    """A browser that has forgotten everything since the page was opened."""
    app.config["WTF_CSRF_ENABLED"] = True
    return client


def test_a_page_left_open_for_days_keeps_words_that_a_condition_would_hide(
    app: Flask, left_open: FlaskClient, slug: str
) -> None:
    address = f"/surveys/{slug}/question/why"
    reply = left_open.post(address, data={"a.why": WORDS, "csrf_token": "stale"})
    page = read(reply)
    assert reply.status_code == 422
    assert "please press the button once more" in page
    assert WORDS in page
    token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page)[-1]
    reply = left_open.post(address, data={"a.why": WORDS, "csrf_token": token})
    assert (reply.status_code, reply.location) == (303, f"/surveys/{slug}/question/good")
    assert kept(app) == {"why": WORDS}


@pytest.mark.parametrize("page", ["question/plain", "all", "save?at=plain", "save?at=all"])
def test_words_for_a_question_that_is_gone_can_be_copied(
    app: Flask, left_open: FlaskClient, slug: str, page: str
) -> None:
    with app.app_context():
        made, by = db.session.scalars(sa.select(Survey)).one(), factories.user(Role.FACILITATOR)
        conversation = db.session.get_one(Conversation, made.conversation_id)
        new = document(FreeText(id="good", text=Text("Good <things>?")))
        services.save_draft(made, new, by=by, now=utcnow())
        services.publish_version(made, conversation, by=by, now=utcnow())
        db.session.commit()
    data = {"a.plain": WORDS, "a.good": "Tea", "a.q": "", "csrf_token": "stale"}
    reply = left_open.post(f"/surveys/{slug}/{page}", data=data)
    text = read(reply)
    assert reply.status_code == 422
    assert reply.headers["Cache-Control"] == "no-store"
    assert "Copy it before you leave this page." in text
    assert WORDS in text and "Tea" in text and "Good <things>?" in text
    assert text.count("<textarea") == 2
    assert left_open.post(f"/surveys/{slug}/question/plain", data={"a.plain": " "}).status_code == 404


@pytest.mark.parametrize("page", ["question/plain", "all", "save?at=plain"])
def test_words_for_a_survey_that_has_closed_can_be_copied(
    app: Flask, left_open: FlaskClient, slug: str, page: str
) -> None:
    with app.app_context():
        db.session.execute(sa.update(Survey).values(closes_on=utcnow().date() - timedelta(days=1)))
        db.session.commit()
    reply = left_open.post(f"/surveys/{slug}/{page}", data={"a.plain": WORDS, "a.q": "yes"})
    text = read(reply)
    assert reply.status_code == 422
    assert WORDS in text and "What else?" in text
    assert re.search(r">\s*Yes</textarea>", text)  # The choice in words.
    assert "Start the questions" not in text
    assert left_open.post(f"/surveys/{slug}/{page}", data={"a.plain": ""}).location == f"/surveys/{slug}"


# --- Sent twice ---------------------------------------------------------------------------------------------


def test_the_same_sent_twice_leads_to_the_thanks(app: Flask, client: FlaskClient, slug: str) -> None:
    tab = Tab(client, f"/surveys/{slug}/all")
    client.post(f"/surveys/{slug}/question/plain", data={"a.plain": "Before"})
    answers = {"q": "yes", "why": WORDS, "good": "Tea", "then": "send"}
    for _press in range(2):
        assert tab.post(**answers) == (303, f"/surveys/{slug}/thanks")
    assert count(app, Receipt) == count(app, Response) == 1
    assert tab.post(**answers, again="1")[0] == 303
    assert count(app, Receipt) == 2


@pytest.mark.parametrize("change", [{"good": "Coffee"}, {"q": "no"}, {"plain": "More"}, {"then": "check"}])
def test_what_differs_from_what_was_sent_is_not_lost(
    app: Flask, client: FlaskClient, slug: str, change: dict[str, str]
) -> None:
    tab = Tab(client, f"/surveys/{slug}/all")
    answers = {"q": "yes", "good": "Tea", "then": "send"}
    tab.post(**answers)
    status, page = tab.post(**{**answers, **change})
    assert status == 422
    assert "You have sent your answers already" in page
    assert 'name="again"' in page
    assert count(app, Receipt) == 1


def test_the_same_long_after_may_be_a_further_answer(app: Flask, client: FlaskClient, slug: str) -> None:
    tab = Tab(client, f"/surveys/{slug}/all")
    tab.post(good="Tea", then="send")
    with app.app_context():
        db.session.execute(sa.update(Receipt).values(received_at=utcnow() - timedelta(minutes=11)))
        db.session.commit()
    assert tab.post(good="Tea", then="send")[0] == 422
