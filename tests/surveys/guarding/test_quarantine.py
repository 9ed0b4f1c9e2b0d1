"""What is kept apart: nobody can tell from outside, nothing counts, and a person decides."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from engage import taking_back as everywhere
from engage.accounts.models import Role
from engage.audit import services as audit
from engage.audit.models import AuditEntry
from engage.contributions import codes
from engage.contributions import queries as contributions
from engage.contributions.models import ContactDetails, Contribution, Receipt, Status
from engage.conversations.models import Conversation
from engage.db import db, utcnow
from engage.surveys import queries
from engage.surveys.content import Content, Page
from engage.surveys.guarding import quarantine
from engage.surveys.guarding.suspicion import TRAP
from engage.surveys.models import EqualityResponse, QuarantinedResponse, QuarantineState, Response
from engage.surveys.questions import Answer, Contact, FreeText
from engage.surveys.responses import Way, submit_response
from engage.surveys.texts import Text
from tests import factories
from tests.conftest import StatementCounter
from tests.surveys import factories as surveys

Enter = Callable[..., int]
WORDS = "The bus came late again, says somebody quick."
LIST = "/staff/quarantine"
ANSWERS: dict[str, Answer] = {
    "a": "yes",
    "b": WORDS,
    "c": {"name": "Wilhelmina Ostrowski", "email": "w@example.org", "uses": ["ask_more"]},
    "e": "no",
}


def content() -> Content:
    """Every kind of thing that goes somewhere of its own: words, contact details, equality monitoring."""
    asked = (
        surveys.one_choice("a"),
        FreeText(id="b", text=Text("What helps?")),
        Contact(id="c", text=Text("How can we reach you?")),
    )
    equality = Page(id="page_2", equality=True, questions=(surveys.one_choice("e"),))
    return surveys.document().model_copy(update={"pages": (Page(id="page_1", questions=asked), equality)})


class Kept:
    """A conversation with responses that are kept apart."""

    def __init__(self, number: int = 1) -> None:
        self.staff = factories.user(Role.MODERATOR)
        self.survey = surveys.survey(content=content())
        self.conversation = db.session.get_one(Conversation, self.survey.conversation_id)
        self.version = queries.latest_version(self.survey.id)
        self.codes = [codes.new_code() for _number in range(number)]
        self.at = utcnow() - timedelta(hours=3)
        for code in self.codes:
            self.send(code)
        self.ids = list(db.session.scalars(sa.select(QuarantinedResponse.id)))
        db.session.commit()

    def send(self, code: str, *signs: str, answers: dict[str, Answer] = ANSWERS) -> Receipt:
        return submit_response(
            self.conversation,
            self.version,
            answers,
            code=code,
            now=self.at,
            way=Way(language="pl"),
            signs=signs or ("burst", "honeypot"),
        )

    def counts(self) -> tuple[int, int, int, int]:
        """Responses, voices, contact details and equality monitoring."""
        tables = (Response, Contribution, ContactDetails, EqualityResponse)
        found = [db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for table in tables]
        return found[0], found[1], found[2], found[3]

    def state(self) -> QuarantineState:
        db.session.expire_all()
        return db.session.get_one(QuarantinedResponse, self.ids[0]).state


# --- Services -----------------------------------------------------------------------------------------------


def test_what_is_kept_apart_counts_nowhere(ctx: Flask) -> None:
    kept = Kept(3)
    assert kept.counts() == (0, 0, 0, 0)
    assert contributions.counts(kept.conversation.id).contributions == 0
    assert queries.response_count([kept.version.id]) == 0
    assert quarantine.waiting_count(kept.conversation.id) == 3


def test_sent_twice_it_is_kept_once_whatever_the_signs(ctx: Flask) -> None:
    kept = Kept()
    first = contributions.receipt_by_code(kept.codes[0])
    assert first and kept.send(kept.codes[0], "too_fast").id == first.id
    again = submit_response(kept.conversation, kept.version, ANSWERS, code=kept.codes[0], now=kept.at)
    assert again.id == first.id and kept.counts() == (0, 0, 0, 0)
    assert db.session.scalar(sa.select(sa.func.count(QuarantinedResponse.id))) == 1


def test_released_it_is_as_if_nothing_had_been(ctx: Flask) -> None:
    kept = Kept()
    assert quarantine.release(kept.conversation, kept.ids, by=kept.staff, now=utcnow()) == 1
    db.session.commit()
    assert kept.counts() == (1, 1, 1, 1) and kept.state() is QuarantineState.RELEASED
    response = db.session.scalars(sa.select(Response)).one()
    voice = db.session.scalars(sa.select(Contribution)).one()
    assert response.received_at == voice.received_at == kept.at
    assert (voice.text, voice.status, voice.answer_key) == (WORDS, Status.WAITING, "b")
    assert (response.language, response.answers["a"]) == ("pl", "yes")
    assert db.session.get_one(QuarantinedResponse, kept.ids[0]).answers == {}  # No second copy.
    assert quarantine.release(kept.conversation, kept.ids, by=kept.staff, now=utcnow()) == 0
    assert kept.counts() == (1, 1, 1, 1) and audit.verify().is_whole


def test_the_record_says_when_it_was_released_and_when_it_came(ctx: Flask) -> None:
    kept, now = Kept(), utcnow()
    quarantine.release(kept.conversation, kept.ids, by=kept.staff, now=now)
    db.session.commit()
    sent = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "send response")).one()
    assert (sent.at, sent.detail) == (now, {"free_texts": 1, "received_at": kept.at.isoformat()})
    moments = db.session.scalars(sa.select(AuditEntry.at).order_by(AuditEntry.id)).all()
    assert moments == sorted(moments)


def test_spam_stays_and_can_come_back(ctx: Flask) -> None:
    kept = Kept()
    for act, state in (
        (quarantine.mark_as_spam, QuarantineState.SPAM),
        (quarantine.put_back, QuarantineState.WAITING),
        (quarantine.mark_as_spam, QuarantineState.SPAM),
        (quarantine.release, QuarantineState.RELEASED),
    ):
        assert act(kept.conversation, kept.ids, by=kept.staff, now=utcnow()) == 1
        assert kept.state() is state
    assert kept.counts() == (1, 1, 1, 1)
    assert quarantine.mark_as_spam(kept.conversation, kept.ids, by=kept.staff, now=utcnow()) == 0


def test_another_conversation_reaches_none_of_it(ctx: Flask) -> None:
    kept, other = Kept(), factories.conversation()
    for act in (quarantine.release, quarantine.mark_as_spam):
        assert act(other, kept.ids, by=kept.staff, now=utcnow()) == 0
    assert not quarantine.release_to_safeguarding(other, kept.ids[0], "x", by=kept.staff, now=utcnow())
    assert kept.state() is QuarantineState.WAITING
    assert quarantine.page_of(other.id, QuarantineState.WAITING) == ([], None)


def test_a_worry_takes_it_out_at_once_and_only_to_safeguarding(ctx: Flask) -> None:
    kept = Kept()
    assert quarantine.release_to_safeguarding(
        kept.conversation, kept.ids[0], "At risk.", by=kept.staff, now=utcnow()
    )
    assert db.session.scalars(sa.select(Contribution.status)).all() == [Status.SAFEGUARDING]
    assert contributions.concerns_not_taken_on() == 1


def test_without_own_words_a_worry_changes_nothing(ctx: Flask) -> None:
    kept = Kept(0)
    kept.send(codes.new_code(), answers={"a": "yes", "e": "no"})
    kept.ids = list(db.session.scalars(sa.select(QuarantinedResponse.id)))
    db.session.commit()
    assert not quarantine.release_to_safeguarding(
        kept.conversation, kept.ids[0], "At risk.", by=kept.staff, now=utcnow()
    )
    db.session.commit()
    assert kept.counts() == (0, 0, 0, 0) and kept.state() is QuarantineState.WAITING


def test_a_page_costs_the_same_for_one_and_for_twenty(app: Flask, statements: StatementCounter) -> None:
    found = []
    with app.app_context():
        kept = Kept()
        for more in (0, 25):
            for _number in range(more):
                kept.send(codes.new_code())
            db.session.commit()
            db.session.expunge_all()
            with statements:
                page, following = quarantine.page_of(1, QuarantineState.WAITING)
                [(one.answers, one.version.survey.title) for one in page]
            found.append((statements.count, len(page), following is None))
    assert found == [(1, 1, True), (1, quarantine.PAGE, False)]


def _at_once(app: Flask, *acts: Callable[[], object]) -> None:
    """Do these things at the same moment, each in a transaction of its own."""
    together = Barrier(len(acts))

    def one(act: Callable[[], object]) -> None:
        with app.app_context():
            together.wait()
            act()
            db.session.commit()

    with ThreadPoolExecutor(len(acts)) as pool:
        list(pool.map(one, acts))


def test_released_and_taken_back_at_once_neither_waits_for_ever_and_no_words_stay(app: Flask) -> None:
    with app.app_context():
        kept = Kept(12)
        receipts = [one.receipt_id for one in db.session.scalars(sa.select(QuarantinedResponse)).all()]
        conversation, staff = kept.conversation, kept.staff
    for held_id, receipt_id in zip(kept.ids, receipts, strict=True):

        def release(held_id: int = held_id) -> None:
            quarantine.release(conversation, [held_id], by=staff, now=utcnow())

        def take_back(receipt_id: int = receipt_id) -> None:
            everywhere.take_back(db.session.get_one(Receipt, receipt_id), now=utcnow())

        _at_once(app, release, take_back)
    with app.app_context():
        assert not any(db.session.scalars(sa.select(Contribution.text)))
        assert not db.session.scalars(sa.select(QuarantinedResponse)).all()
        assert audit.verify().is_whole


# --- From outside -------------------------------------------------------------------------------------------


def _pages(app: Flask, slug: str, trap: str) -> tuple[str, str]:
    """Thanks and "what became of it" for somebody who answered, without what differs for everybody."""
    client = app.test_client()
    data = {"a.a": "yes", "a.b": WORDS, "then": "send", TRAP: trap}
    assert client.post(f"/surveys/{slug}/all", data=data).status_code == 303
    thanks = client.get(f"/surveys/{slug}/thanks").get_data(as_text=True)
    code = "".join(re.findall(r'<b translate="no">([0-9A-Z]{4})</b>', thanks))
    assert client.post("/track", data={"code": code}).status_code == 303
    became = client.get("/track/what-became").get_data(as_text=True)
    words = rf"{code[:4]}|{code[4:8]}|{code[8:]}|" + "|".join(set(codes.WORDS.values()))
    return re.sub(rf"\b({words})\b", "", thanks), became


def test_nobody_can_tell_from_outside(app: Flask) -> None:
    with app.app_context():
        slug = surveys.survey(content=content()).slug
        db.session.commit()
    plain, held = _pages(app, slug, ""), _pages(app, slug, "I am a machine")
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(QuarantinedResponse.id))) == 1
    assert held == plain
    assert "thing in your own words. A person will read it." in held[0]


def test_what_was_put_aside_reads_the_same_as_what_waits(app: Flask) -> None:
    with app.app_context():
        kept = Kept()
        quarantine.mark_as_spam(kept.conversation, kept.ids, by=kept.staff, now=utcnow())
        receipt = contributions.receipt_by_code(kept.codes[0])
        assert receipt
        assert [voice.status for voice in quarantine.voices_held(receipt)] == [Status.WAITING]
        assert not db.session.new
        db.session.commit()


# --- The page -----------------------------------------------------------------------------------------------


@pytest.fixture
def kept(app: Flask) -> tuple[list[int], int]:
    """Ids of two that are kept apart, and the id of their conversation."""
    with app.app_context():
        made = Kept(2)
        return made.ids, made.conversation.id


def read(client: FlaskClient, address: str = LIST) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_the_page_says_why_and_shows_what_was_said(
    client: FlaskClient, sign_in: Enter, kept: tuple[list[int], int]
) -> None:
    sign_in(client, Role.MODERATOR)
    page = read(client)
    assert "2 responses are kept apart" in page and WORDS in page
    assert "Something was written in a field that people do not see." in page
    assert "Left contact details." in page
    assert "Ostrowski" not in page and "w@example.org" not in page
    assert "Question e?" not in page  # Equality monitoring.
    assert "responses look like a machine’s" in read(client, "/staff/")


def test_one_can_be_released_and_the_other_put_aside(
    app: Flask, client: FlaskClient, sign_in: Enter, kept: tuple[list[int], int]
) -> None:
    (one, other), _conversation = kept
    sign_in(client, Role.MODERATOR)
    assert client.post(LIST, data={"held": one, "release": "1"}).status_code == 303
    assert "Released. They count now." in read(client)
    client.post(LIST, data={"held": other, "spam": "1"})
    assert "No response is kept apart" in read(client)
    assert WORDS in read(client, f"{LIST}?state=spam")
    answer = client.post(f"{LIST}?state=spam", data={"held": other, "put_back": "1"})
    assert answer.location == f"{LIST}?state=spam"
    with app.app_context():
        states = dict(db.session.execute(sa.select(QuarantinedResponse.id, QuarantinedResponse.state)).all())
    assert states == {one: QuarantineState.RELEASED, other: QuarantineState.WAITING}


def test_many_are_released_at_once_and_twice_does_no_harm(
    app: Flask, client: FlaskClient, sign_in: Enter, kept: tuple[list[int], int]
) -> None:
    sign_in(client, Role.MODERATOR)
    for _time in range(2):
        assert client.post(LIST, data={"held": kept[0], "release": "1"}).status_code == 303
    assert "Somebody else decided about these a moment ago." in read(client)
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(Response.id))) == 2


def test_a_worry_goes_to_the_safeguarding_leads(
    app: Flask, client: FlaskClient, sign_in: Enter, kept: tuple[list[int], int]
) -> None:
    sign_in(client, Role.MODERATOR)
    assert client.post(f"{LIST}/{kept[0][0]}/at-risk").status_code == 303
    assert "A safeguarding lead has it now" in read(client)
    assert "1 response is kept apart" in read(client)
    with app.app_context():
        assert contributions.concerns_not_taken_on() == 1


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"release": "1"},
        {"held": "1"},
        {"held": ["1", "x"], "release": "1"},
        {"held": str(2**70), "release": "1"},
        {"held": "-1", "spam": "1"},
        {"held": "0", "put_back": "1"},
        {"held": "\x00", "release": "1"},
    ],
)
def test_nothing_happens_where_nothing_sensible_is_sent(
    app: Flask, client: FlaskClient, sign_in: Enter, kept: tuple[list[int], int], sent: dict[str, object]
) -> None:
    sign_in(client, Role.MODERATOR)
    assert client.post(LIST, data=sent).status_code in (200, 422)
    with app.app_context():
        assert quarantine.waiting_count(kept[1]) == 2


@pytest.mark.parametrize(
    "query", ["after=x", f"after={2**80}", "after=-3", "state=nonsense", "state=released"]
)
def test_odd_addresses_show_a_list(
    client: FlaskClient, sign_in: Enter, kept: tuple[list[int], int], query: str
) -> None:
    sign_in(client, Role.MODERATOR)
    read(client, f"{LIST}?{query}")
