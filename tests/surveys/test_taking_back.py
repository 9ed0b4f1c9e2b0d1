"""Taking answers back by code: what goes, what stays, and what nobody can tell."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engage import taking_back as everywhere
from engage.accounts.models import Role
from engage.audit.models import AuditEntry
from engage.contributions import codes, moderation, queries, taking_back
from engage.contributions.models import (
    ContactDetails,
    Contribution,
    DecisionKind,
    Embedding,
    Receipt,
    Redaction,
    SealedOriginal,
    Status,
    TakeBackRequest,
)
from engage.contributions.moderation import Passage
from engage.conversations.models import Conversation
from engage.db import db, utcnow
from engage.priorities.models import Group, Grouping, GroupingState, GroupMember
from engage.surveys.models import EqualityResponse, Response, Survey, SurveyVersion, UnsentResponse
from engage.surveys.questions import Contact, FreeText
from engage.surveys.responses import submit_response
from engage.surveys.texts import Text
from engage.themes.models import ThemeSuggestion
from engage.themes.queries import themes_of_conversation
from tests import factories
from tests.conftest import StatementCounter
from tests.surveys.factories import one_choice, survey

WORDS = "My neighbour Quetzalcoatlus-Wimbledon brings the zibbleflower tea."
Enter = Callable[..., int]


class Told:
    """A person who answered a survey, and somebody on the staff."""

    def __init__(self, closes_in: int = 10) -> None:
        self.staff = factories.user(Role.MODERATOR, Role.FACILITATOR)
        self.conversation: Conversation = factories.conversation(by=self.staff)
        questions = [
            one_choice("a"),
            FreeText(id="b", text=Text("What helps?")),
            FreeText(id="c", text=Text("What else?")),
            Contact(id="d", text=Text("How can we reach you?")),
        ]
        made: Survey = survey(self.conversation, by=self.staff, questions=questions, closes_in=closes_in)
        self.code = codes.new_code()
        answers = {
            "a": "yes",
            "b": WORDS,
            "c": "The second thing.",
            "d": {"name": "Kim Zibbleflower", "email": "kim@example.org", "uses": ["ask_more"]},
        }
        self.receipt: Receipt = submit_response(
            self.conversation, made.versions[-1], answers, code=self.code, now=utcnow()
        )
        self.voices = list(queries.contributions_of(self.receipt))


@pytest.fixture
def told(app: Flask) -> str:
    with app.app_context():
        made = Told()
        db.session.commit()
        return made.code


@pytest.fixture
def told_late(app: Flask) -> str:
    """The code of somebody who answered a survey that is closed by now."""
    with app.app_context():
        made = Told(closes_in=-1)
        db.session.commit()
        return made.code


def read(reply: TestResponse) -> str:
    return unescape(reply.get_data(as_text=True))


def look(app: Flask, code: str) -> str:
    """What whoever holds the code reads, on a new device."""
    return read(app.test_client().post("/track", data={"code": code}, follow_redirects=True))


def take_back(client: FlaskClient, code: str) -> str:
    client.post("/track", data={"code": code})
    assert client.get("/track/take-back").status_code == 200
    reply = client.post("/track/take-back")
    assert (reply.status_code, reply.location) == (303, "/track/what-became")
    return read(client.get("/track/what-became"))


def count(app: Flask, table: type) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_what_was_said_is_gone_and_the_code_says_so(app: Flask, client: FlaskClient, told: str) -> None:
    assert "Take my answers back" in look(app, told)
    page = take_back(client, told)
    today = utcnow().date()
    assert f"You took it back on {today.day} {today:%B %Y}." in page
    assert "Take my answers back" not in page
    assert look(app, told).split("<main")[1] == page.split("<main")[1]
    for table in (Response, EqualityResponse, ContactDetails):
        assert count(app, table) == 0
    assert count(app, Receipt) == 1
    with app.app_context():
        rows = db.session.scalars(sa.select(Contribution)).all()
        assert [(row.text, row.status) for row in rows] == [("", Status.WITHHELD)] * 2
        assert all(row.taken_back_at for row in rows)
        assert not db.session.scalars(
            sa.select(Contribution.id).where(queries.matching("zibbleflower"))
        ).all()
        recorded = db.session.scalars(sa.select(AuditEntry)).all()
        assert "take answers back" in [entry.action for entry in recorded]
        assert not any("zibble" in str(entry.detail) for entry in recorded)


def test_hidden_words_groups_and_suggestions_go_too(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        told = Told()
        voice, by = told.voices[0], told.staff
        moderation.redact(voice, [Passage("neighbour", "name")], by=by, now=utcnow(), reason="A name")
        moderation.decide(voice, DecisionKind.APPROVE, by=by, now=utcnow())
        theme = themes_of_conversation(told.conversation.id)[0]
        times = {"started_at": utcnow(), "updated_at": utcnow()}
        grouping = Grouping(conversation_id=told.conversation.id, state=GroupingState.DONE, **times)
        db.session.add(grouping)
        db.session.flush()
        group = Group(
            conversation_id=told.conversation.id,
            theme_id=theme.id,
            grouping_id=grouping.id,
            title="brings the zibbleflower tea",
            suggested_title="brings the zibbleflower tea",
            title_from_id=voice.id,
            created_at=utcnow(),
            updated_at=utcnow(),
        )
        db.session.add(group)
        db.session.flush()
        place = {"theme_id": theme.id, "contribution_id": voice.id}
        db.session.add(GroupMember(group_id=group.id, centrality=0.9, **place))
        because = {"words": ["zibbleflower"]}
        db.session.add(
            ThemeSuggestion(score=0.5, is_likely=True, because=because, suggested_at=utcnow(), **place)
        )
        db.session.add(Embedding(contribution_id=voice.id, model="any", vector=b"\x00" * 8))
        db.session.commit()
        code = told.code
    take_back(client, code)
    for table in (SealedOriginal, Redaction, Embedding, GroupMember, ThemeSuggestion):
        assert count(app, table) == 0, table
    with app.app_context():
        found = db.session.scalars(sa.select(Group)).one()
        assert (found.title, found.suggested_title) == ("", "")


def test_no_byte_of_it_stays_in_the_file(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    with app.app_context():
        if db.engine.dialect.name != "sqlite":
            return  # PostgreSQL keeps old rows until it vacuums; nothing reads them.
        told = Told()
        for number in range(50):
            factories.contribution(told.conversation, f"Somebody else, number {number}, about the bus.")
        db.session.commit()
        code = told.code
    assert residue(tmp_path) > 0
    take_back(client, code)
    with app.app_context():
        taking_back.clear_traces()
    assert residue(tmp_path) == 0
    with sqlite3.connect(tmp_path / "engage.db") as raw:
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def residue(folder: Path) -> int:
    """How often rare words of what was said stand in the files of the database."""
    content = b"".join(path.read_bytes() for path in folder.glob("engage.db*"))
    return sum(content.lower().count(word) for word in (b"zibbleflower", b"quetzalcoatlus", b"bbleflow"))


def test_a_voice_with_a_safeguarding_lead_keeps_its_words_and_nobody_can_tell(
    app: Flask, client: FlaskClient, sign_in: Enter
) -> None:
    with app.app_context():
        plain, raised = Told(), Told()
        moderation.decide(
            raised.voices[0], DecisionKind.RAISE_CONCERN, by=raised.staff, now=utcnow(), reason="Hurt"
        )
        db.session.commit()
        raised_id = raised.voices[0].id
        answers = (plain.code, raised.code)
    pages = [take_back(app.test_client(), code).split("<main")[1] for code in answers]
    names = [page.replace(name, "") for page, name in zip(pages, _names(app), strict=True)]
    assert names[0] == names[1]
    with app.app_context():
        voice = db.session.get_one(Contribution, raised_id)
        assert (voice.text, voice.status) == (WORDS, Status.SAFEGUARDING)
    lead = app.test_client()
    sign_in(lead, Role.SAFEGUARDING_LEAD)
    assert "asked for this back" in read(lead.get(f"/staff/safeguarding/{raised_id}"))
    facilitator = app.test_client()
    sign_in(facilitator, Role.FACILITATOR)
    assert "Nobody asks at the moment" in read(facilitator.get("/staff/take-backs"))
    lead.post(f"/staff/safeguarding/{raised_id}/release", data={"reason": "Looked after."})
    with app.app_context():
        voice = db.session.get_one(Contribution, raised_id)
        assert (voice.text, voice.status) == ("", Status.WITHHELD)


def test_nothing_that_is_still_on_the_way_under_the_code_outlives_it(
    app: Flask, client: FlaskClient, told: str
) -> None:
    """The database removes it when it is sent; should anything be left, it goes with the rest."""
    with app.app_context():
        version = db.session.scalars(sa.select(SurveyVersion)).one()
        late = factories.NOW
        db.session.add(
            UnsentResponse(
                code_hash=codes.code_hash(told),
                version_id=version.id,
                answers={"b": WORDS},
                begun_at=late,
                updated_at=late,
                kept_until=utcnow() + timedelta(days=1),
            )
        )
        db.session.commit()
    take_back(client, told)
    assert count(app, UnsentResponse) == 0


def _names(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(sa.select(Conversation.name).order_by(Conversation.id)))


def test_nobody_can_bring_it_into_the_count_again(app: Flask, client: FlaskClient, sign_in: Enter) -> None:
    with app.app_context():
        told = Told()
        everywhere.take_back(told.receipt, now=utcnow())
        db.session.commit()
        voice, by = told.voices[0], told.staff
        for kind in set(DecisionKind) - {DecisionKind.REDACT}:
            with pytest.raises(moderation.NotAllowed):
                moderation.decide(voice, kind, by=by, now=utcnow(), reason="Again")
        with pytest.raises(moderation.TakenBack):
            moderation.decide(voice, DecisionKind.REOPEN, by=by, now=utcnow(), reason="Again")
        with pytest.raises(moderation.TakenBack):
            moderation.redact(voice, [Passage("tea", "name")], by=by, now=utcnow(), reason="Again")
        db.session.rollback()
        voice_id = voice.id
    moderator = app.test_client()
    sign_in(moderator, Role.MODERATOR)
    reply = moderator.post(
        f"/staff/voices/{voice_id}/reopen", data={"reason": "Again"}, follow_redirects=True
    )
    assert "The person took this back." in read(reply)
    page = read(moderator.get(f"/staff/voices/{voice_id}"))
    assert "Its words are gone" in page
    assert "Put back in the queue…" not in page
    assert f"/staff/voices/{voice_id}" not in read(moderator.get("/staff/voices?status=withheld"))


def test_taking_back_twice_is_once(app: Flask, client: FlaskClient, told: str) -> None:
    take_back(client, told)
    assert client.get("/track/take-back").location == "/track/what-became"
    assert client.post("/track/take-back").status_code == 303
    assert count(app, TakeBackRequest) == 1


def test_without_a_code_nothing_happens(app: Flask, client: FlaskClient, told: str) -> None:
    assert client.get("/track/take-back").location == "/track"
    assert client.post("/track/take-back").location == "/track"
    assert count(app, Response) == 1


def test_another_site_cannot_take_answers_back(app: Flask, client: FlaskClient, told: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    client.post("/track", data={"code": told})
    reply = client.post("/track/take-back")
    assert reply.status_code == 422
    assert "press the button once more" in read(reply)
    assert count(app, Response) == 1


# --- After the close ----------------------------------------------------------------------------------------


def test_after_the_close_staff_are_asked_and_give_back(
    app: Flask, client: FlaskClient, told_late: str, sign_in: Enter
) -> None:
    page = take_back(client, told_late)
    assert "A person decides about it" in page
    assert count(app, Response) == 1
    facilitator = app.test_client()
    sign_in(facilitator, Role.FACILITATOR)
    assert "person asks for their answers back" in read(facilitator.get("/staff/", follow_redirects=True))
    listed = read(facilitator.get("/staff/take-backs"))
    assert "2 things in their own words" in listed
    assert "zibbleflower" not in listed
    request_id = only_request(app)
    assert "zibbleflower" not in read(facilitator.get(f"/staff/take-backs/{request_id}"))
    facilitator.post(f"/staff/take-backs/{request_id}/grant")
    assert count(app, Response) == 0
    assert "You took it back on" in look(app, told_late)
    assert facilitator.post(f"/staff/take-backs/{request_id}/grant").status_code == 404


def only_request(app: Flask) -> int:
    with app.app_context():
        return db.session.scalars(sa.select(TakeBackRequest.id)).one()


def test_an_answer_with_a_reason_is_read_with_the_code(
    app: Flask, client: FlaskClient, told_late: str, sign_in: Enter
) -> None:
    take_back(client, told_late)
    facilitator = app.test_client()
    sign_in(facilitator, Role.FACILITATOR)
    address = f"/staff/take-backs/{only_request(app)}/answer"
    assert facilitator.post(address, data={"reason": " "}).status_code == 422
    long = facilitator.post(address, data={"reason": "y" * 1_000_000})
    assert long.status_code == 422
    assert "y" * 1_000_000 in read(long)
    reason = "The report <b>is printed</b> 😀\x00"
    assert facilitator.post(address, data={"reason": reason}).status_code == 303
    page = look(app, told_late)
    assert "The report <b>is printed</b> 😀" in page
    assert "On " in page
    assert count(app, Response) == 1
    assert "person asks" not in read(facilitator.get("/staff/take-backs"))


def test_a_request_of_another_conversation_is_not_found(
    app: Flask, client: FlaskClient, told_late: str, sign_in: Enter
) -> None:
    take_back(client, told_late)
    request_id = only_request(app)
    with app.app_context():
        other_id = factories.conversation().id
        db.session.commit()
    facilitator = app.test_client()
    sign_in(facilitator, Role.FACILITATOR)
    facilitator.post(f"/staff/conversations/{other_id}/take-in-hand")
    assert "Nobody asks" in read(facilitator.get("/staff/take-backs"))
    for number in (request_id, 2**31 - 1, 10**30):
        assert facilitator.get(f"/staff/take-backs/{number}").status_code == 404
        assert facilitator.post(f"/staff/take-backs/{number}/grant").status_code == 404
    assert facilitator.get("/staff/take-backs?after=99999999999999999999").status_code == 200
    assert count(app, Response) == 1


def test_after_the_close_a_concern_is_not_counted(app: Flask, client: FlaskClient, sign_in: Enter) -> None:
    with app.app_context():
        told = Told(closes_in=-1)
        moderation.decide(
            told.voices[0], DecisionKind.RAISE_CONCERN, by=told.staff, now=utcnow(), reason="Hurt"
        )
        db.session.commit()
        code = told.code
    take_back(client, code)
    facilitator = app.test_client()
    sign_in(facilitator, Role.FACILITATOR)
    assert "One thing in their own words" in read(facilitator.get("/staff/take-backs"))


def test_the_survey_may_have_other_dates_than_the_conversation(app: Flask) -> None:
    with app.app_context():
        told, today = Told(), utcnow().date()
        assert everywhere.may_at_once(told.receipt, today)
        assert not everywhere.may_at_once(told.receipt, today + timedelta(days=11))
        by_phone, _code = factories.receipt(told.conversation)
        assert everywhere.may_at_once(by_phone, today + timedelta(days=11))
        assert not everywhere.may_at_once(by_phone, today + timedelta(days=31))


def test_a_page_of_requests_takes_few_statements(
    app: Flask, statements: StatementCounter, sign_in: Enter
) -> None:
    with app.app_context():
        told = Told()
        taking_back.ask(told.receipt, now=utcnow())
        db.session.commit()
        conversation = told.conversation.id
    facilitator = app.test_client()
    sign_in(facilitator, Role.FACILITATOR)
    facilitator.get("/staff/take-backs")
    with statements:
        facilitator.get("/staff/take-backs")
    few = statements.count
    with app.app_context():
        found = db.session.get_one(Conversation, conversation)
        for _number in range(54):
            taking_back.ask(factories.receipt(found)[0], now=utcnow())
        db.session.commit()
    with statements:
        page = read(facilitator.get("/staff/take-backs"))
    assert statements.count == few
    assert page.count("Asked on") == 50
    assert 'rel="next"' in page
