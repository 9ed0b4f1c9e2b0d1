"""Reading event notes, their points, and imports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from engage.accounts.models import User
from engage.contributions.models import Contribution, SealedOriginal, Speaker, Status
from engage.db import db
from engage.notes.models import CommentImport, EventNote, ImportFile, NotePoint

PAGE_SIZE = 50
LARGEST_ID = 2**31 - 1


@dataclass(frozen=True)
class NoteLine:
    """A note as the list shows it."""

    note: EventNote
    points: int


@dataclass(frozen=True)
class NoteCursor:
    """A place in the list of notes, ordered by (held_on, id), newest first."""

    held_on: date
    note_id: int

    def __str__(self) -> str:
        return f"{self.held_on.isoformat()}_{self.note_id}"

    @classmethod
    def read(cls, written: str | None) -> NoteCursor | None:
        """The cursor that an address carries, or None where it is missing or broken."""
        try:
            day, number = (written or "").split("_")
            return cls(date.fromisoformat(day), min(int(number), LARGEST_ID))
        except ValueError:
            return None


def notes(
    conversation_id: int, *, before: NoteCursor | None = None, size: int = PAGE_SIZE
) -> tuple[list[NoteLine], NoteCursor | None]:
    """A page of notes and their numbers of points, the newest event first, and where the next page starts."""
    points = (
        sa.select(sa.func.count())
        .select_from(NotePoint)
        .where(NotePoint.event_note_id == EventNote.id)
        .correlate(EventNote)
        .scalar_subquery()
    )
    query = (
        sa.select(EventNote, points)
        .where(EventNote.conversation_id == conversation_id)
        .order_by(EventNote.held_on.desc(), EventNote.id.desc())
        .limit(size + 1)
    )
    if before:
        query = query.where(
            sa.tuple_(EventNote.held_on, EventNote.id)
            < sa.tuple_(sa.literal(before.held_on, sa.Date), sa.literal(before.note_id))
        )
    found = [NoteLine(note, count) for note, count in db.session.execute(query)]
    if len(found) <= size:
        return found, None
    last = found[size - 1].note
    return found[:size], NoteCursor(last.held_on, last.id)


def note(note_id: int, conversation_id: int) -> EventNote | None:
    """The note, if it belongs to this conversation."""
    return _of_conversation(EventNote, note_id, conversation_id)


@dataclass(frozen=True)
class PointLine:
    """A point as its writer or a colleague may see it.

    ``words`` is None where they may not read it; in the safeguarding lane nothing but the status is known.
    """

    contribution_id: int
    position: int
    status: Status
    words: str | None
    prompt: str | None
    voices: int | None
    is_verbatim: bool | None
    speaker: Speaker | None
    is_mine: bool
    has_hidden_words: bool

    @property
    def is_out_of_sight(self) -> bool:
        """Held back or in the safeguarding lane: nobody may tell from the page which of the two."""
        return self.status in (Status.WITHHELD, Status.SAFEGUARDING)

    @property
    def can_be_corrected(self) -> bool:
        return self.is_mine and self.status is Status.WAITING and not self.has_hidden_words


def points(
    note: EventNote, *, reader: User, before: int | None = None, size: int = PAGE_SIZE
) -> tuple[list[PointLine], int | None]:
    """A page of a note's points, the last one first, and the position where the next page starts.

    Words come along where they are approved, or wait and were written down by the reader: the database
    hands over no others.
    """
    mine = NotePoint.written_by_id == reader.id
    may_see = (Contribution.status == Status.APPROVED) | ((Contribution.status == Status.WAITING) & mine)
    known = Contribution.status != Status.SAFEGUARDING
    hidden = sa.exists().where(SealedOriginal.contribution_id == Contribution.id)
    query = (
        sa.select(
            Contribution.id,
            NotePoint.position,
            Contribution.status,
            sa.case((may_see, Contribution.text), else_=None),
            sa.case((may_see, Contribution.prompt), else_=None),
            sa.case((known, Contribution.voices), else_=None),
            sa.case((known, Contribution.is_verbatim), else_=None),
            sa.case((known, Contribution.speaker), else_=None),
            mine,
            hidden,
        )
        .join(NotePoint, NotePoint.contribution_id == Contribution.id)
        .where(NotePoint.event_note_id == note.id)
        .order_by(NotePoint.position.desc())
        .limit(size + 1)
    )
    if before is not None:
        query = query.where(NotePoint.position < min(before, LARGEST_ID))
    found = [PointLine(*row) for row in db.session.execute(query)]
    return found[:size], found[size - 1].position if len(found) > size else None


def point_count(note: EventNote) -> int:
    query = sa.select(sa.func.count()).where(NotePoint.event_note_id == note.id)
    return db.session.scalar(query) or 0


def point(note: EventNote, contribution_id: int) -> NotePoint | None:
    """The point of this note that became this contribution."""
    if contribution_id > LARGEST_ID:
        return None
    found = db.session.get(NotePoint, contribution_id)
    return found if found and found.event_note_id == note.id else None


def imports(
    conversation_id: int, *, before: int | None = None, size: int = PAGE_SIZE
) -> tuple[Sequence[CommentImport], int | None]:
    """A page of imports, the newest first, and the id where the next page starts."""
    query = (
        sa.select(CommentImport)
        .where(CommentImport.conversation_id == conversation_id)
        .order_by(CommentImport.id.desc())
        .limit(size + 1)
    )
    if before is not None:
        query = query.where(CommentImport.id < min(before, LARGEST_ID))
    found = db.session.scalars(query).all()
    return found[:size], found[size - 1].id if len(found) > size else None


def comment_import(import_id: int, conversation_id: int) -> CommentImport | None:
    """The import, if it belongs to this conversation."""
    return _of_conversation(CommentImport, import_id, conversation_id)


def import_content(comment_import: CommentImport) -> bytes | None:
    """The file of an import; None once it is done."""
    return db.session.scalar(
        sa.select(ImportFile.content).where(ImportFile.comment_import_id == comment_import.id)
    )


def known_keys(conversation_id: int, keys: Sequence[str]) -> set[str]:
    """Which of these import keys are in the ledger, in one statement.

    Each key is looked up by itself inside it. With ``IN``, PostgreSQL read every row of the conversation for
    each thousand keys as long as it had no statistics: 20 of 36 seconds for 60,000 rows.
    """
    if not keys:
        return set()
    wanted = sa.values(sa.column("key", sa.String(64)), name="wanted").data([(key,) for key in keys]).cte()
    there = (
        sa.select(Contribution.import_key)
        .where(Contribution.conversation_id == conversation_id, Contribution.import_key == wanted.c.key)
        .limit(1)
        .correlate(wanted)
        .scalar_subquery()
    )
    return {key for key in db.session.scalars(sa.select(there).select_from(wanted)) if key}


def _of_conversation(model: Any, row_id: int, conversation_id: int) -> Any:
    found = db.session.get(model, row_id) if 0 < row_id <= LARGEST_ID else None
    return found if found and found.conversation_id == conversation_id else None
