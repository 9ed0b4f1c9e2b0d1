"""A survey, its draft and immutable published versions, responses, and what belongs to them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from engage.contributions.models import Channel, Receipt, Speaker
from engage.db import Base, JSONType, UTCDateTime, enum_type


class Survey(Base):
    """A set of questions in a conversation, open between two dates (both included).

    ``title`` is the draft's, in English, for lists; people read the title of the published version.
    """

    __tablename__ = "survey"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(sa.ForeignKey("conversation.id"), index=True)
    slug: Mapped[str] = mapped_column(sa.String(80), unique=True)
    title: Mapped[str] = mapped_column(sa.String(200))
    opens_on: Mapped[date]
    closes_on: Mapped[date]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    versions: Mapped[list[SurveyVersion]] = relationship(
        order_by="SurveyVersion.number", back_populates="survey"
    )
    draft: Mapped[SurveyDraft] = relationship(back_populates="survey")

    __table_args__ = (sa.CheckConstraint("closes_on >= opens_on", name="closes_after_it_opens"),)

    def is_open(self, today: date) -> bool:
        return self.opens_on <= today <= self.closes_on


class SurveyDraft(Base):
    """What facilitators are working on: a ``content.Content`` as JSON. ``revision`` counts its changes."""

    __tablename__ = "survey_draft"

    survey_id: Mapped[int] = mapped_column(sa.ForeignKey("survey.id"), primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSONType)
    revision: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    changed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))

    survey: Mapped[Survey] = relationship(back_populates="draft")


class TextCheck(Base):
    """Who checked the words of one text in one language, or who tested the Easy Read form.

    ``key`` says which text; ``fingerprint`` is a digest of the words as they were, English and translation,
    so that a check ends by itself when either changes.
    """

    __tablename__ = "text_check"

    id: Mapped[int] = mapped_column(primary_key=True)
    survey_id: Mapped[int] = mapped_column(sa.ForeignKey("survey.id"))
    language: Mapped[str] = mapped_column(sa.String(12))
    key: Mapped[str] = mapped_column(sa.String(160))
    fingerprint: Mapped[str] = mapped_column(sa.String(64))
    checked_by: Mapped[str] = mapped_column(sa.String(200))
    checked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    recorded_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))

    __table_args__ = (sa.UniqueConstraint("survey_id", "language", "key"),)


class SurveyVersion(Base):
    """What was published, word for word. Every response points at the version that it answered.

    ``checks`` is what was known at publishing: ``{"unchecked": ["ur"], "tested_by": "…", "agreed": […]}``.
    """

    __tablename__ = "survey_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    survey_id: Mapped[int] = mapped_column(sa.ForeignKey("survey.id"))
    number: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSONType)
    checks: Mapped[dict[str, Any]] = mapped_column(JSONType)
    published_at: Mapped[datetime] = mapped_column(UTCDateTime)
    published_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))

    survey: Mapped[Survey] = relationship(back_populates="versions")

    __table_args__ = (sa.UniqueConstraint("survey_id", "number"),)


class Response(Base):
    """One person's answers, sent. Closed answers stand in ``answers``; free text is a contribution each.

    Contact details, permissions and equality monitoring are not among them: each has a table of its own.
    ``language`` and ``easy_read`` say in which form the person answered.
    """

    __tablename__ = "response"

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("survey_version.id"))
    receipt_id: Mapped[int] = mapped_column(sa.ForeignKey("receipt.id"), unique=True)
    channel: Mapped[Channel] = mapped_column(enum_type(Channel))
    speaker: Mapped[Speaker] = mapped_column(enum_type(Speaker))
    district: Mapped[str | None] = mapped_column(sa.String(80))
    language: Mapped[str] = mapped_column(sa.String(12), default="en", server_default="en")
    easy_read: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    answers: Mapped[dict[str, Any]] = deferred(mapped_column(JSONType))

    __table_args__ = (sa.Index("ix_response_list", "version_id", "received_at", "id"),)


class EqualityResponse(Base):
    """Equality monitoring of one response. Joined only for counts that hide small numbers."""

    __tablename__ = "equality_response"

    response_id: Mapped[int] = mapped_column(
        sa.ForeignKey("response.id", ondelete="CASCADE"), primary_key=True
    )
    answers: Mapped[dict[str, Any]] = mapped_column(JSONType)


class StaffEntry(Base):
    """That a member of staff keyed in a response from paper or the phone, and what was agreed aloud."""

    __tablename__ = "staff_entry"

    response_id: Mapped[int] = mapped_column(
        sa.ForeignKey("response.id", ondelete="CASCADE"), primary_key=True
    )
    entered_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    entered_at: Mapped[datetime] = mapped_column(UTCDateTime)
    consent_read_out: Mapped[bool]
    helped_by: Mapped[str | None] = mapped_column(sa.String(200))


class SecondKeying(Base):
    """The same paper keyed a second time by somebody else, and where the two differ."""

    __tablename__ = "second_keying"

    response_id: Mapped[int] = mapped_column(
        sa.ForeignKey("response.id", ondelete="CASCADE"), primary_key=True
    )
    answers: Mapped[dict[str, Any]] = deferred(mapped_column(JSONType))
    differences: Mapped[list[str]] = mapped_column(JSONType)
    keyed_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    keyed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class QuarantineState(StrEnum):
    """What was decided about a response that looked like a machine's."""

    WAITING = "waiting"
    RELEASED = "released"
    SPAM = "spam"


class QuarantinedResponse(Base):
    """A response that looks like a machine's, kept whole until a person has looked. It counts nowhere.

    ``signs`` says why: ``["honeypot", "too_fast", "burst", "sustained", "no_proof"]``.
    """

    __tablename__ = "quarantined_response"

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("survey_version.id"))
    receipt_id: Mapped[int] = mapped_column(sa.ForeignKey("receipt.id"), unique=True)
    language: Mapped[str] = mapped_column(sa.String(12))
    easy_read: Mapped[bool]
    answers: Mapped[dict[str, Any]] = deferred(mapped_column(JSONType))
    signs: Mapped[list[str]] = mapped_column(JSONType)
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    state: Mapped[QuarantineState] = mapped_column(enum_type(QuarantineState))
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    version: Mapped[SurveyVersion] = relationship()
    receipt: Mapped[Receipt] = relationship()

    __table_args__ = (sa.Index("ix_quarantined_response_queue", "state", "received_at", "id"),)


class UnsentResponse(Base):
    """Answers on the way: kept while a person goes from question to question, removed when they send.

    They are kept under a hash of the code with which a person comes back, and go at ``kept_until``.
    """

    __tablename__ = "unsent_response"

    code_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("survey_version.id"))
    answers: Mapped[dict[str, Any]] = mapped_column(JSONType)
    last_question: Mapped[str | None] = mapped_column(sa.String(40))
    is_saved: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    language: Mapped[str | None] = mapped_column(sa.String(12))
    """How the person reads who saved it, for the day when they come back."""

    easy_read: Mapped[bool | None]
    begun_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    kept_until: Mapped[datetime] = mapped_column(UTCDateTime, index=True)

    version: Mapped[SurveyVersion] = relationship()


class Abandoned(Base):
    """How many people began a version and did not send it, by the last question that they answered."""

    __tablename__ = "abandoned"

    version_id: Mapped[int] = mapped_column(sa.ForeignKey("survey_version.id"), primary_key=True)
    question: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    people: Mapped[int] = mapped_column(default=0)
