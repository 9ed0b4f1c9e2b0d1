"""Notes of events and their points."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from engage.accounts.models import Role, User
from engage.audit.models import AuditEntry
from engage.contributions import moderation
from engage.contributions.models import Channel, Contribution, DecisionKind, Embedding, Speaker, Status
from engage.db import db
from engage.notes import queries, services
from engage.notes.models import EventNote, NotePoint
from tests import factories

ABOUT: dict[str, Any] = {
    "title": "Listening morning",
    "venue": "Worksop Library",
    "held_on": date(2026, 6, 1),
    "people_count": 34,
}
POINT: dict[str, Any] = {"voices": 1, "is_verbatim": True, "speaker": Speaker.NOT_SAID, "prompt": None}


def write_note(by: User, district: str | None = "Bassetlaw") -> EventNote:
    conversation = factories.conversation(by=by)
    return services.write_note(conversation, district=district, by=by, now=factories.NOW, **ABOUT)


def add_point(note: EventNote, by: User, words: str = "The bus was late.", **about: Any) -> NotePoint:
    return services.add_point(note, words, by=by, now=factories.NOW, **about)


def actions(subject: str) -> list[str]:
    query = sa.select(AuditEntry.action).where(AuditEntry.subject == subject).order_by(AuditEntry.id)
    return list(db.session.scalars(query))


def test_each_point_becomes_a_voice(ctx: Flask) -> None:
    recorder = factories.user(Role.RECORDER)
    note = write_note(recorder)
    point = add_point(
        note,
        recorder,
        "Nobody picks up the phone.",
        voices=7,
        is_verbatim=False,
        speaker=Speaker.UNPAID_CARER,
        prompt="What is hard?",
    )
    voice = db.session.get_one(Contribution, point.contribution_id)
    assert (voice.channel, voice.status, voice.district) == (Channel.EVENT, Status.WAITING, "Bassetlaw")
    assert (voice.voices, voice.is_verbatim, voice.speaker) == (7, False, Speaker.UNPAID_CARER)
    assert (voice.prompt, voice.received_at) == ("What is hard?", factories.NOW)
    assert voice.conversation_id == note.conversation_id
    assert add_point(note, recorder).position == 2
    assert actions("event_note") == ["write event note"]
    assert actions("contribution") == ["write point", "write point"]


def test_no_words_stand_in_the_record(ctx: Flask) -> None:
    recorder = factories.user(Role.RECORDER)
    add_point(write_note(recorder), recorder, "A very private matter", prompt="What is private?")
    details = str(db.session.scalars(sa.select(AuditEntry.detail)).all())
    assert "private" not in details


def test_a_point_needs_words(ctx: Flask) -> None:
    recorder = factories.user(Role.RECORDER)
    note = write_note(recorder)
    with pytest.raises(ValueError, match="needs words"):
        add_point(note, recorder, " \x00 ")


def test_points_follow_their_note_into_another_district(ctx: Flask) -> None:
    recorder = factories.user(Role.RECORDER)
    note = write_note(recorder)
    point, other = (
        add_point(note, recorder),
        factories.contribution(factories.conversation(), district="Bassetlaw"),
    )
    services.change_note(note, district="Mansfield", by=recorder, now=factories.NOW, **ABOUT)
    db.session.commit()
    db.session.expire_all()
    assert note.district == "Mansfield"
    assert db.session.get_one(Contribution, point.contribution_id).district == "Mansfield"
    assert db.session.get_one(Contribution, other.id).district == "Bassetlaw"
    assert actions("event_note") == ["write event note", "change event note"]


def test_the_writer_can_correct_a_point_that_waits(ctx: Flask) -> None:
    recorder = factories.user(Role.RECORDER)
    point = add_point(write_note(recorder), recorder, "The bsu was late.")
    db.session.add(Embedding(contribution_id=point.contribution_id, model="m", vector=b"1234"))
    db.session.flush()
    voice = services.correct_point(
        point, "The bus was late.", by=recorder, now=factories.NOW, **(POINT | {"voices": 3})
    )
    assert (voice.text, voice.voices) == ("The bus was late.", 3)
    assert actions("contribution") == ["write point", "correct point"]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Embedding)) == 0


def test_nobody_else_can_correct_it_and_nobody_once_it_is_read(ctx: Flask) -> None:
    recorder, other = factories.user(Role.RECORDER), factories.user(Role.RECORDER)
    moderator = factories.user(Role.MODERATOR)
    note = write_note(recorder)
    point, redacted = add_point(note, recorder), add_point(note, recorder, "Ask Mary about the bus.")
    with pytest.raises(services.NotYours):
        services.correct_point(point, "Other words", by=other, now=factories.NOW, **POINT)
    voice = db.session.get_one(Contribution, point.contribution_id)
    moderation.decide(voice, DecisionKind.APPROVE, by=moderator, now=factories.NOW)
    with pytest.raises(services.NotYours):
        services.correct_point(point, "Other words", by=recorder, now=factories.NOW, **POINT)
    passage = moderation.Passage("Mary", "name")
    hidden = db.session.get_one(Contribution, redacted.contribution_id)
    moderation.redact(hidden, [passage], by=moderator, now=factories.NOW, reason="a name")
    with pytest.raises(services.NotYours):
        services.correct_point(redacted, "Ask Mary", by=recorder, now=factories.NOW, **POINT)
    assert hidden.text == "Ask [name] about the bus."


def decided(point: NotePoint, kind: DecisionKind, by: User) -> None:
    voice = db.session.get_one(Contribution, point.contribution_id)
    moderation.decide(voice, kind, by=by, now=factories.NOW, reason="a reason")


def test_who_reads_which_words(ctx: Flask) -> None:
    recorder, other = factories.user(Role.RECORDER), factories.user(Role.RECORDER)
    moderator = factories.user(Role.MODERATOR)
    note = write_note(recorder)
    about = {"prompt": "What is hard?", "speaker": Speaker.STAFF, "voices": 4}
    made = [add_point(note, recorder, f"Point {n}", **about) for n in range(1, 5)]
    decided(made[1], DecisionKind.APPROVE, moderator)
    decided(made[2], DecisionKind.WITHHOLD, moderator)
    decided(made[3], DecisionKind.RAISE_CONCERN, moderator)
    mine, _older = queries.points(note, reader=recorder)
    theirs, _older = queries.points(note, reader=other)
    assert [point.words for point in reversed(mine)] == ["Point 1", "Point 2", None, None]
    assert [point.words for point in reversed(theirs)] == [None, "Point 2", None, None]
    assert [point.prompt for point in reversed(theirs)] == [None, "What is hard?", None, None]
    assert [point.can_be_corrected for point in reversed(mine)] == [True, False, False, False]
    assert not any(point.can_be_corrected for point in theirs)
    in_the_lane = mine[0]
    assert (in_the_lane.speaker, in_the_lane.voices, in_the_lane.is_verbatim) == (None, None, None)


def test_after_a_redaction_the_writer_reads_the_cleared_text(ctx: Flask) -> None:
    recorder, moderator = factories.user(Role.RECORDER), factories.user(Role.MODERATOR)
    note = write_note(recorder)
    point = add_point(note, recorder, "Ask Mary about the bus.")
    voice = db.session.get_one(Contribution, point.contribution_id)
    moderation.redact(
        voice, [moderation.Passage("Mary", "name")], by=moderator, now=factories.NOW, reason="a name"
    )
    ((line,), _older) = queries.points(note, reader=recorder)
    assert (line.words, line.can_be_corrected) == ("Ask [name] about the bus.", False)


def test_lists_go_on_where_a_page_ends(ctx: Flask) -> None:
    recorder = factories.user(Role.RECORDER)
    conversation = factories.conversation(by=recorder)
    titles = [f"Event {n}" for n in range(5)]
    for number, title in enumerate(titles):
        about = ABOUT | {"title": title, "held_on": date(2026, 6, 1 + number // 2)}
        services.write_note(conversation, district=None, by=recorder, now=factories.NOW, **about)
    seen, before = [], None
    for _page in range(3):
        lines, before = queries.notes(conversation.id, before=before, size=2)
        seen += [line.note.title for line in lines]
        before = queries.NoteCursor.read(str(before)) if before else None
    assert seen == titles[::-1]
    assert before is None
    note = lines[0].note
    for _point in range(5):
        add_point(note, recorder)
    first, older = queries.points(note, reader=recorder, size=3)
    rest, end = queries.points(note, reader=recorder, size=3, before=older)
    assert [point.position for point in [*first, *rest]] == [5, 4, 3, 2, 1]
    assert end is None
