"""The pages on which notes of events are written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from engage.accounts.models import Role, User
from engage.contributions import moderation
from engage.contributions.models import Contribution, DecisionKind, Speaker, Status
from engage.conversations.models import Conversation
from engage.db import db, utcnow
from engage.notes import services
from engage.notes.models import EventNote, NotePoint
from tests import factories
from tests.conftest import StatementCounter

SignIn = Callable[..., int]


def note_form(**changes: str) -> dict[str, str]:
    day = utcnow().date() - timedelta(days=3)
    filled = {
        "title": "Listening morning",
        "venue": "Worksop Library",
        "district": "Bassetlaw",
        "held_on-day": str(day.day),
        "held_on-month": str(day.month),
        "held_on-year": str(day.year),
        "people_count": "34",
        "summary": "",
    }
    return filled | changes


def point_form(**changes: str) -> dict[str, str]:
    filled = {"words": "The bus was late.", "voices": "1", "kind": "own", "speaker": "not_said", "prompt": ""}
    return filled | changes


@pytest.fixture
def conversation_id(app: Flask) -> int:
    with app.app_context():
        made = factories.conversation()
        db.session.commit()
        return made.id


@pytest.fixture
def recorder_id(client: FlaskClient, sign_in: SignIn, conversation_id: int) -> int:
    return sign_in(client, Role.RECORDER)


@pytest.fixture
def note_path(client: FlaskClient, recorder_id: int) -> str:
    answer = client.post("/staff/notes/new", data=note_form())
    assert answer.status_code == 303
    return answer.headers["Location"].partition("?")[0]


def page(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def points(app: Flask) -> list[Contribution]:
    with app.app_context():
        query = sa.select(Contribution).join(NotePoint).order_by(NotePoint.position)
        return list(db.session.scalars(query))


def test_an_empty_list_says_what_to_do(client: FlaskClient, recorder_id: int) -> None:
    text = page(client, "/staff/notes")
    assert "No notes yet" in text
    assert "Write the first note" in text


def test_a_note_from_the_first_page_to_its_points(app: Flask, client: FlaskClient, note_path: str) -> None:
    answer = client.post(
        note_path, data=point_form(voices="12", speaker="staff", kind="summary", prompt="Why?")
    )
    assert answer.status_code == 303
    text = page(client, answer.headers["Location"])
    assert "Point 1 is kept." in text
    assert "The bus was late." in text
    assert "autofocus" in text
    assert 'value="Why?"' in text
    assert "Point 2" in text
    (voice,) = points(app)
    assert (voice.voices, voice.speaker, voice.is_verbatim) == (12, Speaker.STAFF, False)
    assert (voice.prompt, voice.district) == ("Why?", "Bassetlaw")
    listed = page(client, "/staff/notes")
    assert "Listening morning" in listed
    assert "Worksop Library" in listed


def test_several_points_at_once(app: Flask, client: FlaskClient, note_path: str) -> None:
    text = page(client, f"{note_path}?several=1&next=1")
    assert text.count("<textarea") == 6
    sent = point_form(words="One") | {"words_2": "Two", "voices_2": "3", "words_3": " ", "words_5": "Three"}
    answer = client.post(f"{note_path}?several=1", data=sent)
    assert "several=1" in answer.headers["Location"]
    assert "Points 1 to 3 are kept." in page(client, answer.headers["Location"])
    assert [(voice.text, voice.voices) for voice in points(app)] == [("One", 1), ("Two", 3), ("Three", 1)]


def test_a_slip_in_one_of_several_keeps_all_that_was_typed(
    app: Flask, client: FlaskClient, note_path: str
) -> None:
    sent = point_form(words="One") | {"words_2": "Two", "voices_2": "many"}
    answer = client.post(f"{note_path}?several=1", data=sent)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Enter a whole number from 1 to 100,000, like 12." in text
    assert 'href="#voices_2"' in text
    assert "Two</textarea>" in text
    assert 'value="many"' in text
    assert points(app) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": " "}, "Write what it was"),
        ({"venue": ""}, "Write where it was"),
        ({"people_count": "some"}, "Enter a whole number from 1 to 100,000"),
        ({"people_count": "9" * 40}, "Enter a whole number from 1 to 100,000"),
        ({"people_count": "0"}, "Enter a whole number from 1 to 100,000"),
        ({"people_count": ""}, "Enter how many people came"),
        ({"held_on-year": "2199"}, "This one is still to come"),
        ({"held_on-year": "1950"}, "more than 20 years ago"),
        ({"held_on-day": "", "held_on-month": "", "held_on-year": ""}, "Enter the day on which it was"),
        ({"district": "Atlantis"}, "Choose a district from the list"),
        ({"title": "x" * 201}, "1 character too long"),
    ],
)
def test_a_note_says_what_to_put_right(
    client: FlaskClient, recorder_id: int, changes: dict[str, str], words: str
) -> None:
    answer = client.post("/staff/notes/new", data=note_form(summary="It went well <3", **changes))
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert words in text
    assert "It went well &lt;3" in text
    assert "<title>Error:" in text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"words": " \x00 "}, "Write down what was said."),
        ({"words": "x" * 1_000_000}, "990,000 characters too long"),
        ({"voices": "-1"}, "Enter a whole number"),
        ({"voices": "٣"}, "Enter a whole number"),
        ({"kind": "else"}, "Choose whether these are their own words."),
        ({"speaker": "martian"}, "Choose who said it from the list."),
    ],
)
def test_a_point_says_what_to_put_right(
    app: Flask, client: FlaskClient, note_path: str, changes: dict[str, str], words: str
) -> None:
    answer = client.post(note_path, data=point_form(prompt="What was asked, kept", **changes))
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert words in text
    assert "What was asked, kept" in text
    assert points(app) == []


def test_words_of_every_kind_are_kept_and_shown(app: Flask, client: FlaskClient, note_path: str) -> None:
    words = "مرحبا 🚌 <script>alert(1)</script> ' \" \u202e"
    client.post(note_path, data=point_form(words=words))
    assert [voice.text for voice in points(app)] == [words.strip()]
    assert "<script>alert(1)" not in page(client, note_path)
    assert "مرحبا 🚌 &lt;script&gt;" in page(client, note_path)


def test_a_point_is_corrected_by_its_writer(app: Flask, client: FlaskClient, note_path: str) -> None:
    client.post(note_path, data=point_form(words="The bsu was late."))
    (voice,) = points(app)
    path = f"{note_path}/points/{voice.id}"
    assert path in page(client, note_path)
    assert "The bsu was late." in page(client, path)
    assert client.post(path, data=point_form(words="")).status_code == 422
    assert client.post(path, data=point_form(words="The bus was late.")).status_code == 303
    assert [voice.text for voice in points(app)] == ["The bus was late."]
    assert "Point 1 is put right." in page(client, note_path)


def test_a_point_of_somebody_else_is_neither_shown_nor_changed(
    app: Flask, client: FlaskClient, note_path: str, sign_in: SignIn
) -> None:
    client.post(note_path, data=point_form(words="Said in confidence"))
    (voice,) = points(app)
    colleague = app.test_client()
    sign_in(colleague, Role.RECORDER)
    text = page(colleague, note_path)
    assert "Said in confidence" not in text
    assert "Point 1 was written down by a colleague." in text
    path = f"{note_path}/points/{voice.id}"
    assert colleague.get(path).status_code == 303
    assert colleague.post(path, data=point_form(words="Other")).status_code == 303
    assert "can no longer be changed here" in page(colleague, note_path)
    assert [voice.text for voice in points(app)] == ["Said in confidence"]


def test_a_point_in_the_safeguarding_lane_looks_like_one_that_was_held_back(
    app: Flask, client: FlaskClient, note_path: str
) -> None:
    client.post(note_path, data=point_form(words="The bus was late", voices="12"))
    (voice,) = points(app)
    shown = []
    for kind in (DecisionKind.WITHHOLD, DecisionKind.RAISE_CONCERN):
        with app.app_context():
            found = db.session.get_one(Contribution, voice.id)
            found.status = Status.WAITING
            moderator = factories.user(Role.MODERATOR)
            moderation.decide(found, kind, by=moderator, now=utcnow(), reason="off topic")
            db.session.commit()
        text = page(client, note_path)
        shown.append(text.partition('id="point-1"')[2].partition("</li>")[0])
    assert "Point 1 is not shown at the moment." in shown[0]
    assert shown[0] == shown[1]


def test_a_point_in_the_safeguarding_lane_shows_nothing_of_itself(
    app: Flask, client: FlaskClient, note_path: str
) -> None:
    client.post(
        note_path, data=point_form(words="He hits her", prompt="Secret?", speaker="staff", voices="77")
    )
    (voice,) = points(app)
    assert f"/staff/voices/{voice.id}/concern" in page(client, note_path)
    with app.app_context():
        moderator = factories.user(Role.MODERATOR)
        found = db.session.get_one(Contribution, voice.id)
        moderation.decide(found, DecisionKind.RAISE_CONCERN, by=moderator, now=utcnow(), reason="worry")
        db.session.commit()
    text = page(client, note_path)
    assert "Point 1 is not shown at the moment." in text
    for hidden in ("He hits her", "Secret?", "77 people", f"/staff/voices/{voice.id}", f"points/{voice.id}"):
        assert hidden not in text
    assert client.get(f"{note_path}/points/{voice.id}").status_code == 303


def test_where_and_when_can_be_changed(app: Flask, client: FlaskClient, note_path: str) -> None:
    path = f"{note_path}/change"
    assert 'value="Worksop Library"' in page(client, path)
    assert client.post(path, data=note_form(venue="")).status_code == 422
    assert client.post(path, data=note_form(venue="The Crossing", district="")).status_code == 303
    text = page(client, note_path)
    assert "The Crossing" in text
    assert "Your changes are kept." in text


@pytest.mark.parametrize("number", ["0", "999", "2147483648", "9" * 30])
def test_numbers_that_belong_to_nothing(client: FlaskClient, note_path: str, number: str) -> None:
    for path in (f"/staff/notes/{number}", f"/staff/notes/{number}/change", f"{note_path}/points/{number}"):
        assert client.get(path).status_code == 404
    for broken in (number, "-1", "x", "2026-13-01_1", f"2026-01-01_{number}", "\x00"):
        assert client.get("/staff/notes", query_string={"before": broken}).status_code == 200
        assert client.get(note_path, query_string={"before": broken}).status_code == 200


def elsewhere() -> tuple[EventNote, NotePoint]:
    """A note and a point of another conversation, which is over."""
    by: User = factories.user(Role.RECORDER)
    other = factories.conversation(by=by)
    other.opens_on = other.closes_on = utcnow().date() - timedelta(days=400)
    note = services.write_note(
        other,
        title="Elsewhere",
        venue="There",
        district=None,
        held_on=utcnow().date(),
        people_count=1,
        by=by,
        now=utcnow(),
    )
    return note, services.add_point(note, "Elsewhere", by=by, now=utcnow())


def test_notes_of_another_conversation_are_not_found(app: Flask, client: FlaskClient, note_path: str) -> None:
    with app.app_context():
        note, point = elsewhere()
        db.session.commit()
        note_id, point_id = note.id, point.contribution_id
    for path in (f"/staff/notes/{note_id}", f"/staff/notes/{note_id}/change"):
        assert client.get(path).status_code == 404
        assert client.post(path, data=note_form()).status_code == 404
    assert client.get(f"{note_path}/points/{point_id}").status_code == 404
    assert "Elsewhere" not in page(client, "/staff/notes")


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.MEMBER, Role.SAFEGUARDING_LEAD, Role.ADMIN])
def test_other_roles_stay_outside(
    app: Flask, client: FlaskClient, note_path: str, sign_in: SignIn, role: Role
) -> None:
    other = app.test_client()
    sign_in(other, role)
    for path in ("/staff/notes", "/staff/notes/new", note_path):
        assert other.get(path).status_code == 403
    assert app.test_client().get(note_path).status_code == 303


def test_lists_cost_the_same_for_one_row_and_for_fifty(
    app: Flask,
    client: FlaskClient,
    note_path: str,
    recorder_id: int,
    conversation_id: int,
    statements: StatementCounter,
) -> None:
    client.post(note_path, data=point_form())
    page(client, note_path)
    counts = []
    for _round in range(2):
        for path in ("/staff/notes", note_path):
            with statements:
                page(client, path)
            counts.append(statements.count)
        with app.app_context():
            by = db.session.get_one(User, recorder_id)
            note = db.session.scalars(sa.select(EventNote).order_by(EventNote.id)).first()
            for number in range(49):
                services.add_point(note, "Late again", by=by, now=utcnow())
                services.write_note(
                    db.session.get_one(Conversation, conversation_id),
                    title=f"Event {number}",
                    venue="There",
                    district=None,
                    held_on=note.held_on,
                    people_count=1,
                    by=by,
                    now=utcnow(),
                )
            db.session.commit()
    assert counts[:2] == counts[2:]
