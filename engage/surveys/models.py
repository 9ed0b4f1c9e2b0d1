"""A survey, its immutable published versions, and responses."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from engage.contributions.models import Channel, Speaker
from engage.db import Base, JSONType, UTCDateTime, enum_type


class Survey(Base):
    """A set of questions in a conversation, open between two dates (both included)."""

    __tablename__ = "survey"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(sa.ForeignKey("conversation.id"), index=True)
    slug: Mapped[str] = mapped_column(sa.String(80), unique=True)
    title: Mapped[str] = mapped_column(sa.String(200))
    introduction: Mapped[str] = mapped_column(sa.Text)
    opens_on: Mapped[date]
    closes_on: Mapped[date]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    versions: Mapped[list[SurveyVersion]] = relationship(
        order_by="SurveyVersion.number", back_populates="survey"
    )

    __table_args__ = (sa.CheckConstraint("closes_on >= opens_on", name="closes_after_it_opens"),)

    def is_open(self, today: date) -> bool:
        return self.opens_on <= today <= self.closes_on


class SurveyVersion(Base):
    """What was published, word for word. Every response points at the version that it answered."""

    __tablename__ = "survey_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    survey_id: Mapped[int] = mapped_column(sa.ForeignKey("survey.id"))
    number: Mapped[int]
    questions: Mapped[list[dict[str, Any]]] = mapped_column(JSONType)
    published_at: Mapped[datetime] = mapped_column(UTCDateTime)
    published_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))

    survey: Mapped[Survey] = relationship(back_populates="versions")

    __table_args__ = (sa.UniqueConstraint("survey_id", "number"),)


class Response(Base):
    """One person's answers, sent. Closed answers stand in ``answers``; free text is a contribution each."""

    __tablename__ = "response"

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("survey_version.id"))
    receipt_id: Mapped[int] = mapped_column(sa.ForeignKey("receipt.id"), unique=True)
    channel: Mapped[Channel] = mapped_column(enum_type(Channel))
    speaker: Mapped[Speaker] = mapped_column(enum_type(Speaker))
    district: Mapped[str | None] = mapped_column(sa.String(80))
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    answers: Mapped[dict[str, Any]] = deferred(mapped_column(JSONType))

    __table_args__ = (sa.Index("ix_response_list", "version_id", "received_at", "id"),)


class UnsentResponse(Base):
    """Answers on the way: kept while a person goes from question to question, removed when they send."""

    __tablename__ = "unsent_response"

    nonce_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("survey_version.id"))
    answers: Mapped[dict[str, Any]] = mapped_column(JSONType)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)

    version: Mapped[SurveyVersion] = relationship()
