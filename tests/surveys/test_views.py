"""A resident's way through a survey, in the order in which things go right and wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from html import unescape

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from engage.accounts.models import Role
from engage.contributions import codes
from engage.contributions import queries as contributions
from engage.contributions.models import Channel, ContactDetails, Contribution, Receipt, Status
from engage.conversations.models import Conversation
from engage.db import db, utcnow
from engage.surveys import services
from engage.surveys.conditions import Condition, Test
from engage.surveys.content import Page
from engage.surveys.drafts import KEY
from engage.surveys.models import EqualityResponse, Response, Survey, UnsentResponse
from engage.surveys.questions import EasyRead, FreeText
from engage.surveys.texts import Text
from tests import factories
from tests.surveys.factories import document, one_choice
from tests.surveys.factories import survey as make_survey

# The questions of the Big Conversation that everybody meets, in their order.
ORDER = (
    "connection", "district", "good", "better", "reach", "information", "listened", "helps", "anything",
    "helped", "permission",
)  # fmt: skip
CONNECTION, DISTRICT, GOOD, BETTER, REACH, INFORMATION, LISTENED, HELPS, ANYTHING, HELPED, PERMISSION = ORDER


@dataclass
class Open:
    """An open survey's addresses."""

    slug: str
    survey_id: int

    def __call__(self, page: str = "") -> str:
        return f"/surveys/{self.slug}{page}"

    def question(self, question_id: str) -> str:
        return self(f"/question/{question_id}")


@pytest.fixture
def survey(app: Flask) -> Open:
    return _made(app)


def _made(app: Flask, **values: object) -> Open:
    with app.app_context():
        made = make_survey(**values)  # type: ignore[arg-type]
        db.session.commit()
        return Open(made.slug, made.id)


@contextmanager
def rows(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield
        db.session.rollback()


def _count(app: Flask, table: type) -> int:
    with rows(app):
        return db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def _texts(app: Flask) -> list[str]:
    with rows(app):
        return list(db.session.scalars(sa.select(Contribution.text).order_by(Contribution.id)))


def _page(client: FlaskClient, path: str, **kwargs: object) -> str:
    return unescape(client.get(path, **kwargs).get_data(as_text=True))


def _heading(page: str) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page, re.S)
    assert found
    return re.sub(r"<[^>]+>", "", found[1]).strip()


def _answer(client: FlaskClient, survey: Open, question: str, answer: object) -> None:
    reply = client.post(survey.question(question), data={f"a.{question}": answer})
    assert reply.status_code == 303, reply.get_data(as_text=True)


def _code(client: FlaskClient, survey: Open) -> str:
    with client.session_transaction() as session:
        code: str = session[KEY][survey.slug][0]
        return code


# --- The whole way ------------------------------------------------------------------------------------------


def test_the_whole_way(app: Flask, client: FlaskClient, survey: Open) -> None:
    start = _page(client, survey())
    assert "About 11 questions." in start
    assert client.get(survey("/begin")).location == survey.question(CONNECTION)
    given: list[object] = ["draws_on_care", "Gedling", "Good tea.", "Buses.\r\nMore of them.", "quite_easy"]
    given += ["", "sometimes", ["people", "home"], "No 😀", "yes", ["publish"]]
    following = [*map(survey.question, ORDER[1:]), survey("/check")]
    for place, (question, answer) in enumerate(zip(ORDER, given, strict=True), 1):
        page = _page(client, survey.question(question))
        assert f"Question {place} of about 11" in page
        reply = client.post(survey.question(question), data={f"a.{question}": answer})
        assert (reply.status_code, reply.location) == (303, following[place - 1])
    check = _page(client, survey("/check"))
    assert _heading(check) == "Check what you told us"
    for words in ("I draw on care or support myself", "Gedling", "Good tea.", "Buses.\nMore of them."):
        assert words in check
    assert "People who know me\nA home that suits me" in check
    assert check.count("You did not answer this") == 1
    assert _count(app, Receipt) == 0

    sent = client.post(survey("/send"))
    assert (sent.status_code, sent.location) == (303, survey("/thanks"))
    reply = client.get(survey("/thanks"))
    assert reply.headers["Cache-Control"] == "no-store"
    thanks = unescape(reply.get_data(as_text=True))
    assert "You told us 3 things in your own words. A person will read each of them." in thanks
    with app.app_context():
        code = _code(client, survey)
        receipt = contributions.receipt_by_code(codes.spaced(code))
        assert receipt
        said = [voice.text for voice in contributions.contributions_of(receipt)]
        assert said == ["Good tea.", "Buses.\nMore of them.", "No 😀"]
        response = db.session.scalars(sa.select(Response)).one()
        assert response.district == "Gedling"
        for group in codes.in_groups(code):
            assert "".join(symbol for symbol, _word in group) in thanks
            assert ", ".join(word for _symbol, word in group) in thanks
    assert _count(app, UnsentResponse) == 0


def test_every_box_for_words_says_whom_to_call(client: FlaskClient, survey: Open) -> None:
    for question in (GOOD, BETTER, INFORMATION, ANYTHING):
        page = _page(client, survey.question(question))
        assert "nobody watches this page all the time" in page
        assert 'href="tel:999"' in page


def test_going_back_finds_the_answer_again(client: FlaskClient, survey: Open) -> None:
    _answer(client, survey, GOOD, "The garden <b>club</b>")
    _answer(client, survey, REACH, "very_hard")
    _answer(client, survey, HELPS, ["money", "doing"])
    raw = client.get(survey.question(GOOD)).get_data(as_text=True)
    assert "The garden &lt;b&gt;club&lt;/b&gt;</textarea>" in raw
    assert re.search(r'value="very_hard" checked', _page(client, survey.question(REACH)))
    assert _page(client, survey.question(HELPS)).count(" checked") == 2


def test_a_change_leads_back_to_the_check_page(client: FlaskClient, survey: Open) -> None:
    _answer(client, survey, GOOD, "First")
    check = _page(client, survey("/check"))
    assert f"{survey.question(GOOD)}?change=1" in check
    reply = client.post(survey.question(GOOD) + "?change=1", data={f"a.{GOOD}": "Second"})
    assert reply.location == survey("/check")
    assert "Second" in _page(client, survey("/check"))


def test_everything_may_be_skipped_but_not_everything_at_once(
    app: Flask, client: FlaskClient, survey: Open
) -> None:
    for question in ORDER:
        _answer(client, survey, question, "")
    reply = client.post(survey("/send"))
    page = unescape(reply.get_data(as_text=True))
    assert reply.status_code == 422
    assert "Answer at least one question." in page
    assert page.count("<title>Error:") == 1
    assert _count(app, Receipt) == 0
    _answer(client, survey, REACH, "very_easy")
    assert client.post(survey("/send")).location == survey("/thanks")
    assert "We count the answers that you chose" in _page(client, survey("/thanks"))


def test_sending_with_nothing_kept_asks_kindly(client: FlaskClient, survey: Open) -> None:
    assert client.post(survey("/send")).location == survey()
    client.get(survey.question(CONNECTION))
    reply = client.post(survey("/send"))
    assert reply.status_code == 422
    assert "Answer at least one question." in reply.get_data(as_text=True)


# --- Sending more than once ---------------------------------------------------------------------------------


def test_sending_twice_gives_the_same_code(app: Flask, client: FlaskClient, survey: Open) -> None:
    _answer(client, survey, GOOD, "Once")
    assert client.post(survey("/send")).location == survey("/thanks")
    first = _page(client, survey("/thanks"))
    assert client.post(survey("/send")).location == survey("/thanks")
    assert _page(client, survey("/thanks")) == first
    assert (_count(app, Receipt), _count(app, Response), _texts(app)) == (1, 1, ["Once"])


def test_twenty_browsers_tabs_sending_at_once_make_one_response(
    app: Flask, client: FlaskClient, survey: Open
) -> None:
    _answer(client, survey, GOOD, "All at once")
    cookie = client.get_cookie("engage")
    assert cookie

    def send(_number: int) -> tuple[int, str | None]:
        tab = app.test_client()
        tab.set_cookie("engage", cookie.value)
        reply = tab.post(survey("/send"))
        return reply.status_code, reply.location

    with ThreadPoolExecutor(20) as threads:
        replies = list(threads.map(send, range(20)))
    assert set(replies) == {(303, survey("/thanks"))}
    assert (_count(app, Receipt), _count(app, Response), _texts(app)) == (1, 1, ["All at once"])


def test_the_code_stays_the_same_when_the_secret_key_changes(
    app: Flask, client: FlaskClient, survey: Open
) -> None:
    _answer(client, survey, GOOD, "Words")
    client.post(survey("/send"))
    before = re.findall(r'translate="no">(\w{4})<', _page(client, survey("/thanks")))
    old = app.config["SECRET_KEY"]
    app.config.update(SECRET_KEY="another-key-that-is-long-enough-0123456789", SECRET_KEY_FALLBACKS=[old])
    assert re.findall(r'translate="no">(\w{4})<', _page(client, survey("/thanks"))) == before
    assert len(before) == 3
    reply = client.post("/track", data={"code": "".join(before)}, follow_redirects=True)
    assert "You told us one thing." in reply.get_data(as_text=True)


def test_after_sending_the_back_button_leads_to_the_code(client: FlaskClient, survey: Open) -> None:
    _answer(client, survey, GOOD, "Sent")
    client.post(survey("/send"))
    for page in (survey.question(GOOD), survey("/check"), survey("/send")):
        assert client.get(page, follow_redirects=True).request.path == survey("/thanks")


def test_words_added_after_sending_are_not_lost(app: Flask, client: FlaskClient, survey: Open) -> None:
    _answer(client, survey, GOOD, "Sent")
    client.post(survey("/send"))
    reply = client.post(survey.question(BETTER), data={f"a.{BETTER}": "One thing more"})
    page = unescape(reply.get_data(as_text=True))
    assert reply.status_code == 422
    assert "You have sent your answers already" in page
    assert "One thing more</textarea>" in page
    assert 'name="again"' in page
    client.post(survey.question(BETTER), data={f"a.{BETTER}": "One thing more", "again": "1"})
    assert client.post(survey("/send")).location == survey("/thanks")
    assert _texts(app) == ["Sent", "One thing more"]
    assert _count(app, Response) == 2


def test_words_kept_while_another_tab_sends_are_not_lost(
    app: Flask, client: FlaskClient, survey: Open
) -> None:
    """On SQLite one request writes after the other; on PostgreSQL the sending falls into the keeping."""
    _answer(client, survey, GOOD, "Sent")
    other_tab = app.test_client()
    cookie = client.get_cookie("engage")
    assert cookie
    other_tab.set_cookie("engage", cookie.value)
    sent: list[str] = []

    def send(*details: object) -> None:
        if "FOR UPDATE" in str(details[2]) and not sent:
            sent.append("")
            with ThreadPoolExecutor(1) as thread:
                sent[0] = thread.submit(lambda: other_tab.post(survey("/send")).location).result(30)

    with app.app_context():
        engine = db.engine
    if engine.dialect.name == "sqlite":
        sent.append(other_tab.post(survey("/send")).location)
    sa.event.listen(engine, "before_cursor_execute", send)
    try:
        reply = client.post(survey.question(BETTER), data={f"a.{BETTER}": "One thing more"})
    finally:
        sa.event.remove(engine, "before_cursor_execute", send)
    page = unescape(reply.get_data(as_text=True))
    assert sent == [survey("/thanks")]
    assert reply.status_code == 422
    assert "You have sent your answers already" in page
    assert "One thing more</textarea>" in page
    assert 'name="again"' in page
    client.post(survey.question(BETTER), data={f"a.{BETTER}": "One thing more", "again": "1"})
    assert client.post(survey("/send")).location == survey("/thanks")
    assert _texts(app) == ["Sent", "One thing more"]


def test_three_people_on_one_device_count_three_times(app: Flask, client: FlaskClient, survey: Open) -> None:
    seen = set()
    for person in ("First", "Second", "Third"):
        _answer(client, survey, GOOD, person)
        client.post(survey("/send"))
        seen.add(_code(client, survey))
        assert "Answer again for somebody else" in _page(client, survey("/thanks"))
        assert client.post(survey("/again")).location == survey("/begin")
        assert person not in _page(client, survey.question(GOOD))
    assert len(seen) == 3
    assert _texts(app) == ["First", "Second", "Third"]
    assert _count(app, Response) == _count(app, Receipt) == 3


def test_nothing_is_left_on_a_device_after_forgetting(app: Flask, client: FlaskClient, survey: Open) -> None:
    _answer(client, survey, GOOD, "Private")
    start = _page(client, survey())
    assert "There are answers on this device that have not been sent." in start
    assert "Private" not in start
    assert client.post(survey("/forget")).location == "/"
    assert _count(app, UnsentResponse) == 0
    assert client.get(survey("/check")).location == survey()
    _answer(client, survey, GOOD, "Sent")
    client.post(survey("/send"))
    client.post(survey("/forget"))
    assert client.get(survey("/thanks")).location == survey()
    assert _texts(app) == ["Sent"]


def test_two_tabs_add_to_the_same_answers(app: Flask, client: FlaskClient, survey: Open) -> None:
    client.get(survey.question(CONNECTION))
    cookie = client.get_cookie("engage")
    assert cookie
    other = app.test_client()
    other.set_cookie("engage", cookie.value)
    _answer(client, survey, GOOD, "From one tab")
    _answer(other, survey, BETTER, "From the other")
    check = _page(client, survey("/check"))
    assert "From one tab" in check
    assert "From the other" in check


# --- Time ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("opens_in", "closes_in", "heading"),
    [(-9, -1, "These questions are closed"), (1, 9, "These questions are not open yet")],
)
def test_outside_its_days_a_survey_says_so_kindly(
    app: Flask, client: FlaskClient, opens_in: int, closes_in: int, heading: str
) -> None:
    survey = _made(app, opens_in=opens_in, closes_in=closes_in)
    page = _page(client, survey())
    assert _heading(page) == heading
    assert "0808 157 0163" in page
    assert str((utcnow() + timedelta(days=closes_in)).year) in page
    for path in (survey.question(CONNECTION), survey("/check"), survey("/thanks")):
        assert client.get(path).location == survey()
    assert _heading(client.post(survey("/again")).get_data(as_text=True)) == heading


def test_an_unpublished_or_unknown_survey_is_not_found(app: Flask, client: FlaskClient) -> None:
    survey = _made(app, published=False)
    for path in (
        survey(),
        survey.question(CONNECTION),
        "/surveys/nothing",
        "/surveys/%00",
        "/surveys/" + "x" * 5000,
    ):
        assert client.get(path).status_code == 404


def test_whoever_began_in_time_may_finish(app: Flask, client: FlaskClient, survey: Open) -> None:
    _answer(client, survey, GOOD, "In time")
    with app.app_context():
        db.session.execute(sa.update(Survey).values(closes_on=utcnow().date() - timedelta(days=1)))
        db.session.commit()
    _answer(client, survey, BETTER, "Just after")
    assert client.post(survey("/send")).location == survey("/thanks")
    assert "Answer again" not in _page(client, survey("/thanks"))
    assert _texts(app) == ["In time", "Just after"]


def test_a_new_version_does_not_move_the_questions_of_who_has_begun(
    app: Flask, client: FlaskClient, survey: Open
) -> None:
    _answer(client, survey, GOOD, "Under the first version")
    with app.app_context():
        made, by = db.session.get_one(Survey, survey.survey_id), factories.user(Role.FACILITATOR)
        conversation = db.session.get_one(Conversation, made.conversation_id)
        services.save_draft(made, document(FreeText(id="only", text=Text("Only this?"))), by=by, now=utcnow())
        services.publish_version(made, conversation, by=by, now=utcnow())
        db.session.commit()
    assert "Question 4 of about 11" in _page(client, survey.question(BETTER))
    client.post(survey("/send"))
    with rows(app):
        assert db.session.scalars(sa.select(Response)).one().answers == {"good": True}
    assert "Question 1 of 1" in _page(app.test_client(), survey.question("only"))


def test_a_page_that_was_open_too_long_keeps_what_was_typed(
    app: Flask, client: FlaskClient, survey: Open
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    client.get(survey.question(GOOD))
    client.delete_cookie("engage")
    reply = client.post(survey.question(GOOD), data={f"a.{GOOD}": "Long thought", "csrf_token": "stale"})
    page = unescape(reply.get_data(as_text=True))
    assert reply.status_code == 422
    assert "please press the button once more" in page
    assert "CSRF" not in page
    assert "Long thought</textarea>" in page
    token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page)[-1]
    reply = client.post(survey.question(GOOD), data={f"a.{GOOD}": "Long thought", "csrf_token": token})
    assert (reply.status_code, reply.location) == (303, survey.question(BETTER))
    reply = client.post(survey("/send"), data={"csrf_token": "stale"})
    assert reply.status_code == 422
    assert "Long thought" in reply.get_data(as_text=True)
    assert _count(app, Receipt) == 0
    assert client.post(survey("/send"), data={"csrf_token": token}).location == survey("/thanks")
    assert _texts(app) == ["Long thought"]


def test_other_sites_cannot_clear_or_restart(app: Flask, client: FlaskClient, survey: Open) -> None:
    _answer(client, survey, GOOD, "Mine")
    app.config["WTF_CSRF_ENABLED"] = True
    client.post(survey("/forget"))
    client.post(survey("/again"))
    assert "Mine" in _page(client, survey("/check"))


# --- Bad input ----------------------------------------------------------------------------------------------


def test_a_megabyte_stays_on_the_page_with_a_clear_message(
    app: Flask, client: FlaskClient, survey: Open
) -> None:
    reply = client.post(survey.question(GOOD), data={f"a.{GOOD}": "x" * 1_000_000})
    page = reply.get_data(as_text=True)
    assert reply.status_code == 422
    assert "This is 990,000 characters longer than we can take." in page
    assert page.count("x" * 1_000_000) == 1
    assert _count(app, UnsentResponse) == 0


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\x00b", "ab"),
        ("‏مرحبا بالعالم‏", "‏مرحبا بالعالم‏"),
        ("👩🏽‍🦽 family 👨‍👩‍👧", "👩🏽‍🦽 family 👨‍👩‍👧"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("{{ 7 * 7 }} %s %(x)s", "{{ 7 * 7 }} %s %(x)s"),
        ("'; DROP TABLE receipt; --", "'; DROP TABLE receipt; --"),
    ],
)
def test_words_are_kept_as_they_are(
    app: Flask, client: FlaskClient, survey: Open, typed: str, kept: str
) -> None:
    _answer(client, survey, GOOD, typed)
    assert client.get(survey("/check")).status_code == 200
    assert "<script>alert" not in client.get(survey("/check")).get_data(as_text=True)
    client.post(survey("/send"))
    assert _texts(app) == [kept]


def test_an_answer_that_was_not_offered_is_refused(app: Flask, client: FlaskClient, survey: Open) -> None:
    for question, answer in ((CONNECTION, "king"), (DISTRICT, "Atlantis\x00"), (HELPS, ["people", "gold"])):
        reply = client.post(survey.question(question), data={f"a.{question}": answer})
        assert reply.status_code == 422
        assert "Choose from the answers on this page." in reply.get_data(as_text=True)
    assert _count(app, UnsentResponse) == 0


def test_a_required_question_must_be_answered(app: Flask, client: FlaskClient) -> None:
    asked = (one_choice("q", required=True), FreeText(id="w", text=Text("Why?")))
    survey = _made(app, questions=asked)
    reply = client.post(survey.question("q"), data={})
    assert reply.status_code == 422
    assert "Choose one of the answers." in reply.get_data(as_text=True)
    _answer(client, survey, "w", "Because")
    reply = client.post(survey("/send"))
    assert reply.status_code == 422
    assert "Answer this one too: Question q?" in reply.get_data(as_text=True)
    _answer(client, survey, "q", "yes")
    assert client.post(survey("/send")).location == survey("/thanks")


@pytest.mark.parametrize("question", ["0", "x" * 5000, "GOOD", "good%00", "..%2Fcheck", "-1", "one"])
def test_questions_that_do_not_exist_are_not_found(client: FlaskClient, survey: Open, question: str) -> None:
    assert client.get(survey(f"/question/{question}")).status_code == 404


def test_fields_that_nobody_offered_change_nothing(app: Flask, client: FlaskClient, survey: Open) -> None:
    extra = {
        "status": "approved",
        "role": "admin",
        "channel": "phone",
        "speaker": "provider",
        "district": "Rushcliffe",
        "voices": "1000",
        "conversation_id": "99",
        "receipt_id": "99",
        "version_id": "99",
        "is_published": "1",
    }
    client.post(survey.question(GOOD), data={f"a.{GOOD}": "Only this", **extra})
    assert client.post(survey("/send"), data=extra).status_code == 303
    with rows(app):
        voice = db.session.scalars(sa.select(Contribution)).one()
        assert (voice.status, voice.channel, voice.voices) == (Status.WAITING, Channel.ONLINE, 1)
        assert (voice.speaker.value, voice.district) == ("not_said", None)
        assert voice.conversation_id == db.session.scalars(sa.select(Conversation.id)).one()
        response = db.session.scalars(sa.select(Response)).one()
        assert (response.channel, response.speaker.value) == (Channel.ONLINE, "not_said")


def test_a_strange_host_never_gets_into_the_thanks_page(client: FlaskClient, survey: Open) -> None:
    _answer(client, survey, GOOD, "Words")
    client.post(survey("/send"))
    page = _page(client, survey("/thanks"), headers={"X-Forwarded-Host": "evil.example"})
    assert "evil.example" not in page
    assert "Type it in at localhost/track" in page
    other = client.get(survey(), headers={"Host": "evil.example"})
    assert "evil.example" not in other.get_data(as_text=True)


def test_a_damaged_cookie_begins_afresh(client: FlaskClient, survey: Open) -> None:
    client.set_cookie("engage", "eyJzdXJ2ZXlzIjp7fX0.broken.cookie")
    assert client.get(survey.question(GOOD)).status_code == 200
    client.set_cookie("engage", "%F0%9F%98%80")
    assert client.get(survey.question(GOOD)).status_code == 200


def test_the_code_is_not_in_the_database(app: Flask, client: FlaskClient, survey: Open) -> None:
    _answer(client, survey, GOOD, "Words")
    code = _code(client, survey)
    with rows(app):
        kept = db.session.scalars(sa.select(UnsentResponse)).one()
        assert code not in kept.code_hash.upper()
    client.post(survey("/send"))
    with rows(app):
        receipt = db.session.scalars(sa.select(Receipt)).one()
        assert code not in receipt.code_hash.upper()
        assert receipt.code_hash == codes.code_hash(code)


# --- All questions on one page ------------------------------------------------------------------------------


def test_everything_is_answered_on_one_page(app: Flask, client: FlaskClient, survey: Open) -> None:
    assert client.get(survey("/begin?way=all")).location == survey("/all")
    assert client.get(survey("/begin")).location == survey("/all")
    page = _page(client, survey("/all"))
    assert all(f'name="a.{question}"' in page for question in ORDER)
    data = {"a.connection": "unpaid_carer", "a.good": "Tea", "a.helps": ["people", "money"], "then": "check"}
    assert client.post(survey("/all"), data=data).location == survey("/check")
    assert "Tea" in _page(client, survey("/check"))
    assert ">Tea</textarea>" in _page(client, survey("/all")).replace("\n", "")
    assert client.post(survey("/all"), data={**data, "then": "send"}).location == survey("/thanks")
    with rows(app):
        response = db.session.scalars(sa.select(Response)).one()
        assert response.answers == {"connection": "unpaid_carer", "good": True, "helps": ["people", "money"]}
    assert (_texts(app), _count(app, UnsentResponse)) == (["Tea"], 0)


def test_easy_read_is_chosen_at_the_start_and_can_be_left_again(app: Flask, client: FlaskClient) -> None:
    twin = EasyRead(text=Text("Do you get help?"), picture="home")
    content = document(one_choice("q", easy=twin), one_choice("plain"))
    survey = _made(app, content=content.model_copy(update={"easy_read": True}))
    assert "About 2 questions." in _page(client, survey())
    assert client.get(survey("/begin?easy=yes")).location == survey()
    start = _page(client, survey())
    assert "You read the questions in Easy Read" in start
    assert "One question." in start
    assert "Do you get help?" in _page(client, survey.question("q"))
    client.get(survey("/begin?easy=no"))
    assert "Question q?" in _page(client, survey.question("q"))
    client.get(survey("/begin?easy=perhaps"))
    assert "Question q?" in _page(client, survey.question("q"))


def test_what_is_wrong_on_one_page_is_listed_and_nothing_is_lost(
    app: Flask, client: FlaskClient, survey: Open
) -> None:
    data = {"a.district": "Atlantis", "a.good": "x" * 10_001, "a.better": "Buses", "then": "send"}
    reply = client.post(survey("/all"), data=data)
    page = unescape(reply.get_data(as_text=True))
    assert reply.status_code == 422
    assert "2 things before we go on" in page
    for field, words in (
        ("a-district", "Choose from the answers"),
        ("a-good", "This is one character longer"),
    ):
        assert re.search(rf'<a href="#{field}">{words}', page)
    assert "x" * 10_001 in page
    assert "Buses" in page
    assert _count(app, Receipt) == 0


def test_a_condition_decides_what_is_asked_and_counted(app: Flask, client: FlaskClient) -> None:
    only_if = Condition(tests=(Test(question="q", value="yes"),))
    asked = (
        one_choice("q"),
        FreeText(id="why", text=Text("Why?"), required=True, shown_if=only_if),
        one_choice("end"),
    )
    survey = _made(app, questions=asked)
    assert client.get(survey.question("why")).location == survey.question("q")
    reply = client.post(survey.question("q"), data={"a.q": "no"})
    assert reply.location == survey.question("end")
    assert client.post(survey.question("q"), data={"a.q": "yes"}).location == survey.question("why")
    assert client.post(survey.question("why"), data={}).status_code == 422
    _answer(client, survey, "why", "Because")
    assert "Because" in _page(client, survey("/check"))
    change = client.post(survey.question("q") + "?change=1", data={"a.q": "no"})
    assert change.location == survey("/check")
    assert "Because" not in _page(client, survey("/check"))
    back = client.post(survey.question("q") + "?change=1", data={"a.q": "yes"})
    assert back.location == survey("/check")
    assert "Because" in _page(client, survey("/check"))
    client.post(survey.question("q") + "?change=1", data={"a.q": "no"})
    client.post(survey("/send"))
    with rows(app):
        assert db.session.scalars(sa.select(Response)).one().answers == {"q": "no"}
    assert _texts(app) == []


def test_a_changed_answer_leads_to_the_question_that_it_brings_up(app: Flask, client: FlaskClient) -> None:
    only_if = Condition(tests=(Test(question="q", value="yes"),))
    survey = _made(app, questions=(one_choice("q"), FreeText(id="why", text=Text("Why?"), shown_if=only_if)))
    _answer(client, survey, "q", "no")
    reply = client.post(survey.question("q") + "?change=1", data={"a.q": "yes"})
    assert reply.location == survey.question("why") + "?change=1"


def test_contact_details_and_permission_stand_apart(app: Flask, client: FlaskClient, survey: Open) -> None:
    _answer(client, survey, GOOD, "Tea")
    assert client.post(
        survey.question(PERMISSION), data={"a.permission": ["publish", "contact"]}
    ).location == (survey.question("contact"))
    reply = client.post(survey.question("contact"), data={"a.contact.email": "ada@example.org"})
    assert "Say what we may use these for" in reply.get_data(as_text=True)
    given = {"a.contact.email": "ada@example.org", "a.contact.uses": ["tell_result"]}
    assert client.post(survey.question("contact"), data=given).location == survey("/check")
    client.post(survey("/send"))
    with rows(app):
        receipt = db.session.scalars(sa.select(Receipt)).one()
        assert (receipt.may_publish, receipt.may_contact, receipt.wants_to_join) == (True, True, False)
        details = db.session.scalars(sa.select(ContactDetails)).one()
        assert (details.receipt_id, details.email, details.uses) == (
            receipt.id,
            "ada@example.org",
            ["tell_result"],
        )
        assert "ada@example.org" not in str(db.session.scalars(sa.select(Response.answers)).one())


def test_equality_monitoring_has_a_table_of_its_own(app: Flask, client: FlaskClient) -> None:
    content = document(one_choice("q"))
    monitored = Page(id="equality", equality=True, questions=(one_choice("faith", "One", "Not said"),))
    survey = _made(app, content=content.model_copy(update={"pages": (*content.pages, monitored)}))
    _answer(client, survey, "q", "yes")
    _answer(client, survey, "faith", "one")
    client.post(survey("/send"))
    with rows(app):
        assert db.session.scalars(sa.select(Response)).one().answers == {"q": "yes"}
        assert db.session.scalars(sa.select(EqualityResponse)).one().answers == {"faith": "one"}
