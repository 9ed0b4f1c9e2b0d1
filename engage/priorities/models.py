"""Groups of voices, and the runs that propose them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engage.db import Base, UTCDateTime, enum_type


class GroupingState(StrEnum):
    """How far a grouping is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Grouping(Base):
    """One run of the grouping over a conversation's approved and themed voices."""

    __tablename__ = "grouping"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(sa.ForeignKey("conversation.id"), index=True)
    state: Mapped[GroupingState] = mapped_column(enum_type(GroupingState))
    steps_total: Mapped[int] = mapped_column(default=0)
    steps_done: Mapped[int] = mapped_column(default=0)
    message: Mapped[str | None] = mapped_column(sa.Text)
    model: Mapped[str | None] = mapped_column(sa.String(120))
    started_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Group(Base):
    """Voices inside one theme that say much the same: a candidate priority.

    ``titled_by_id`` is set once a person has named it, or put a voice in or out; from then on every later run
    keeps it as it is. ``title_from_id`` is the voice whose own words the title has, suggested or typed: the
    title is shown only as long as that voice is approved and still has these words. ``suggested_title`` is
    empty where a person started the group.
    """

    __tablename__ = "group"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(sa.ForeignKey("conversation.id"))
    theme_id: Mapped[int] = mapped_column(sa.ForeignKey("theme.id"))
    grouping_id: Mapped[int] = mapped_column(sa.ForeignKey("grouping.id"))
    title: Mapped[str] = mapped_column(sa.String(200))
    suggested_title: Mapped[str] = mapped_column(sa.String(200))
    titled_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    title_from_id: Mapped[int | None] = mapped_column(sa.ForeignKey("contribution.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)

    __table_args__ = (sa.Index("ix_group_conversation_theme", "conversation_id", "theme_id"),)


class GroupMember(Base):
    """A voice in a group. A voice stands in at most one group a theme.

    ``centrality`` is the cosine of the voice's vector to the group's centre, 1 at the centre.
    """

    __tablename__ = "group_member"

    theme_id: Mapped[int] = mapped_column(sa.ForeignKey("theme.id"), primary_key=True)
    contribution_id: Mapped[int] = mapped_column(sa.ForeignKey("contribution.id"), primary_key=True)
    group_id: Mapped[int] = mapped_column(sa.ForeignKey("group.id", ondelete="CASCADE"), index=True)
    centrality: Mapped[float]
