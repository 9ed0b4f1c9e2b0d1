"""Writing down what was said at an event. Each point becomes a voice of its own in the ledger."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa

from engage.accounts.models import User
from engage.audit import services as audit
from engage.contributions import services as contributions
from engage.contributions.models import Channel, Contribution, Embedding, SealedOriginal, Speaker, Status
from engage.conversations.models import Conversation
from engage.db import db
from engage.forms import clean_text
from engage.notes.models import EventNote, NotePoint


class NotYours(Exception):
    """Only the one who wrote a point down may correct it, and only as long as nobody has decided about it."""


def write_note(
    conversation: Conversation,
    *,
    title: str,
    venue: str,
    district: str | None,
    held_on: date,
    people_count: int,
    by: User,
    now: datetime,
    summary: str = "",
) -> EventNote:
    """Begin the note of an event; its points follow one by one."""
    note = EventNote(
        conversation_id=conversation.id,
        title=title,
        venue=venue,
        district=district or None,
        held_on=held_on,
        people_count=people_count,
        summary=summary,
        recorded_by_id=by.id,
        recorded_at=now,
    )
    db.session.add(note)
    db.session.flush()
    audit.record("write event note", "event_note", note.id, by=by, now=now)
    return note


def change_note(
    note: EventNote,
    *,
    title: str,
    venue: str,
    district: str | None,
    held_on: date,
    people_count: int,
    by: User,
    now: datetime,
    summary: str = "",
) -> None:
    """Put right what stands in a note's head. Its points follow it into another district."""
    if note.district != (district or None):
        points = sa.select(NotePoint.contribution_id).where(NotePoint.event_note_id == note.id)
        db.session.execute(
            sa.update(Contribution).where(Contribution.id.in_(points)).values(district=district or None)
        )
    note.title, note.venue, note.district = title, venue, district or None
    note.held_on, note.people_count, note.summary = held_on, people_count, summary
    db.session.flush()
    audit.record("change event note", "event_note", note.id, by=by, now=now)


def add_point(
    note: EventNote,
    words: str,
    *,
    by: User,
    now: datetime,
    voices: int = 1,
    is_verbatim: bool = True,
    speaker: Speaker = Speaker.NOT_SAID,
    prompt: str | None = None,
) -> NotePoint:
    """Write down the next point. ``voices`` is how many people said or shared it.

    Raises ValueError where there are no words.
    """
    # Of two people who add to one note at once, the second waits, so that no position comes twice.
    db.session.refresh(note, with_for_update=True)
    contribution = contributions.receive(
        db.session.get_one(Conversation, note.conversation_id),
        words,
        channel=Channel.EVENT,
        received_at=now,
        speaker=speaker,
        district=note.district,
        prompt=prompt or None,
        voices=voices,
        is_verbatim=is_verbatim,
    )
    db.session.flush()
    last = db.session.scalar(
        sa.select(sa.func.max(NotePoint.position)).where(NotePoint.event_note_id == note.id)
    )
    point = NotePoint(
        contribution_id=contribution.id,
        event_note_id=note.id,
        position=(last or 0) + 1,
        written_by_id=by.id,
    )
    db.session.add(point)
    db.session.flush()
    audit.record(
        "write point", "contribution", contribution.id, by=by, now=now, note=note.id, position=point.position
    )
    return point


def correct_point(
    point: NotePoint,
    words: str,
    *,
    by: User,
    now: datetime,
    voices: int,
    is_verbatim: bool,
    speaker: Speaker,
    prompt: str | None,
) -> Contribution:
    """Put right what was written down wrongly. Raises NotYours, or ValueError where no words are left."""
    db.session.execute(
        sa.select(Contribution.id).where(Contribution.id == point.contribution_id).with_for_update()
    )
    contribution = correctable(point, by=by)
    if not contribution:
        raise NotYours
    text = clean_text(words)
    if not text:
        raise ValueError("a point needs words")
    if text != contribution.text:
        db.session.execute(sa.delete(Embedding).where(Embedding.contribution_id == contribution.id))
    contribution.text, contribution.voices, contribution.is_verbatim = text, voices, is_verbatim
    contribution.speaker, contribution.prompt = speaker, prompt or None
    db.session.flush()
    audit.record("correct point", "contribution", contribution.id, by=by, now=now)
    return contribution


def correctable(point: NotePoint, *, by: User) -> Contribution | None:
    """The voice of a point, if it still waits just as this person wrote it down; else None."""
    if point.written_by_id != by.id:
        return None
    hidden = sa.exists().where(SealedOriginal.contribution_id == Contribution.id)
    return db.session.scalar(
        sa.select(Contribution)
        .where(Contribution.id == point.contribution_id, Contribution.status == Status.WAITING, ~hidden)
        .execution_options(populate_existing=True)
    )
