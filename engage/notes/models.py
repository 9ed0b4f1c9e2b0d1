"""Event notes, their points, and imports of comments."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engage.db import Base, JSONType, UTCDateTime, enum_type

MOST_PEOPLE = 100_000


class EventNote(Base):
    """What was said at an event: where, when, how many people were there."""

    __tablename__ = "event_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(sa.ForeignKey("conversation.id"), index=True)
    title: Mapped[str] = mapped_column(sa.String(200))
    venue: Mapped[str] = mapped_column(sa.String(200))
    district: Mapped[str | None] = mapped_column(sa.String(80))
    held_on: Mapped[date]
    people_count: Mapped[int]
    summary: Mapped[str] = mapped_column(sa.Text, default="")
    recorded_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    recorded_at: Mapped[datetime] = mapped_column(UTCDateTime)

    __table_args__ = (sa.CheckConstraint("people_count >= 0", name="people_counted"),)


class NotePoint(Base):
    """One point of an event note; its words are the contribution that it leads to."""

    __tablename__ = "note_point"

    contribution_id: Mapped[int] = mapped_column(sa.ForeignKey("contribution.id"), primary_key=True)
    event_note_id: Mapped[int] = mapped_column(sa.ForeignKey("event_note.id"), index=True)
    position: Mapped[int]
    written_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))


class ImportState(StrEnum):
    """How far an import is."""

    UPLOADED = "uploaded"
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class CommentImport(Base):
    """A file of comments: uploaded, mapped, taken in.

    ``report`` says what was taken and what not and why: counts, and the first rows of each reason.
    """

    __tablename__ = "comment_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(sa.ForeignKey("conversation.id"), index=True)
    file_name: Mapped[str] = mapped_column(sa.String(255))
    mapping: Mapped[dict[str, Any]] = mapped_column(JSONType, default=dict)
    state: Mapped[ImportState] = mapped_column(enum_type(ImportState))
    rows_total: Mapped[int] = mapped_column(default=0)
    rows_done: Mapped[int] = mapped_column(default=0)
    report: Mapped[dict[str, Any]] = mapped_column(JSONType, default=dict)
    message: Mapped[str | None] = mapped_column(sa.Text)
    started_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ImportFile(Base):
    """The file itself, as long as the import is not done. A row of its own: see migration 0012."""

    __tablename__ = "import_file"

    comment_import_id: Mapped[int] = mapped_column(
        sa.ForeignKey("comment_import.id", ondelete="CASCADE"), primary_key=True
    )
    content: Mapped[bytes] = mapped_column(sa.LargeBinary)
