"""The contribution and all that belongs to it.

``Contribution.text`` is what readers see. As long as nothing is hidden it is the verbatim text; the first
redaction moves the verbatim text to ``SealedOriginal``, which only a reveal on the record can open.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engage.db import Base, JSONType, UTCDateTime, enum_type


class Channel(StrEnum):
    """How a voice reached us."""

    ONLINE = "online"
    PHONE = "phone"
    PAPER = "paper"
    EVENT = "event"
    LETTER = "letter"
    IMPORT = "import"


class Speaker(StrEnum):
    """Who speaks, as they describe themselves."""

    DRAWS_ON_CARE = "draws_on_care"
    UNPAID_CARER = "unpaid_carer"
    FAMILY_OR_FRIEND = "family_or_friend"
    STAFF = "staff"
    PROVIDER = "provider"
    NOT_SAID = "not_said"


class Status(StrEnum):
    """Where a contribution stands in moderation."""

    WAITING = "waiting"
    APPROVED = "approved"
    WITHHELD = "withheld"
    SAFEGUARDING = "safeguarding"


class DecisionKind(StrEnum):
    """What a person decided about a contribution."""

    APPROVE = "approve"
    WITHHOLD = "withhold"
    REDACT = "redact"
    REOPEN = "reopen"
    RAISE_CONCERN = "raise_concern"
    ACKNOWLEDGE_CONCERN = "acknowledge_concern"
    RELEASE_CONCERN = "release_concern"


class Receipt(Base):
    """What a person gets for telling us something: a tracking code, stored only as a keyed hash.

    The code is made before anything is sent, so sending twice is harmless: it gives the same receipt.
    ``may_publish``, ``may_contact`` and ``wants_to_join`` are what the person allows us, whatever way they
    told us; None where they were not asked, which allows nothing.
    """

    __tablename__ = "receipt"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(sa.ForeignKey("conversation.id"), index=True)
    code_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    channel: Mapped[Channel] = mapped_column(enum_type(Channel))
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    may_publish: Mapped[bool | None]
    may_contact: Mapped[bool | None]
    wants_to_join: Mapped[bool | None]


class ContactDetails(Base):
    """How to reach a person, apart from all that they said, and what we may use it for."""

    __tablename__ = "contact_details"

    receipt_id: Mapped[int] = mapped_column(sa.ForeignKey("receipt.id"), primary_key=True)
    name: Mapped[str | None] = mapped_column(sa.String(120))
    email: Mapped[str | None] = mapped_column(sa.String(254))
    phone: Mapped[str | None] = mapped_column(sa.String(40))
    address: Mapped[str | None] = mapped_column(sa.Text)
    uses: Mapped[list[str]] = mapped_column(JSONType)
    given_at: Mapped[datetime] = mapped_column(UTCDateTime)


class TakeBackRequest(Base):
    """That a person asked for their answers back after the survey closed. Staff answer it."""

    __tablename__ = "take_back_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    receipt_id: Mapped[int] = mapped_column(sa.ForeignKey("receipt.id"), unique=True)
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    answered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    answer: Mapped[str | None] = mapped_column(sa.Text)


class Contribution(Base):
    """One piece of what somebody said, whatever way it came."""

    __tablename__ = "contribution"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(sa.ForeignKey("conversation.id"))
    receipt_id: Mapped[int | None] = mapped_column(sa.ForeignKey("receipt.id"), index=True)
    channel: Mapped[Channel] = mapped_column(enum_type(Channel))
    status: Mapped[Status] = mapped_column(enum_type(Status))
    speaker: Mapped[Speaker] = mapped_column(enum_type(Speaker))
    district: Mapped[str | None] = mapped_column(sa.String(80))
    prompt: Mapped[str | None] = mapped_column(sa.Text)
    text: Mapped[str] = mapped_column(sa.Text)
    voices: Mapped[int] = mapped_column(default=1)
    is_verbatim: Mapped[bool] = mapped_column(default=True)
    language: Mapped[str | None] = mapped_column(sa.String(12))
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    import_key: Mapped[str | None] = mapped_column(sa.String(64))
    answer_key: Mapped[str | None] = mapped_column(sa.String(130))
    """Which answer of a survey it is, so that an export can put it beside the others of its response."""

    taken_back_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When the person took it back: its words are gone, and nobody can bring it into the count again."""

    __table_args__ = (
        sa.CheckConstraint("voices >= 1", name="at_least_one_voice"),
        sa.UniqueConstraint("conversation_id", "import_key"),
        sa.Index("ix_contribution_queue", "conversation_id", "status", "received_at", "id"),
        sa.Index("ix_contribution_list", "conversation_id", "received_at", "id"),
    )


class SealedOriginal(Base):
    """The verbatim text of a contribution of which something is hidden. Every look at it is audited."""

    __tablename__ = "sealed_original"

    contribution_id: Mapped[int] = mapped_column(sa.ForeignKey("contribution.id"), primary_key=True)
    text: Mapped[str] = mapped_column(sa.Text)
    sealed_at: Mapped[datetime] = mapped_column(UTCDateTime)


class ModerationDecision(Base):
    """One decision about a contribution; the database refuses to change or remove it."""

    __tablename__ = "moderation_decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    contribution_id: Mapped[int] = mapped_column(sa.ForeignKey("contribution.id"), index=True)
    kind: Mapped[DecisionKind] = mapped_column(enum_type(DecisionKind))
    reason: Mapped[str | None] = mapped_column(sa.Text)
    made_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    status_before: Mapped[Status] = mapped_column(enum_type(Status, "status_before"))
    status_after: Mapped[Status] = mapped_column(enum_type(Status, "status_after"))


class Redaction(Base):
    """A passage that is hidden: characters ``start`` to ``end`` of the verbatim text read as ``[label]``."""

    __tablename__ = "redaction"

    id: Mapped[int] = mapped_column(primary_key=True)
    contribution_id: Mapped[int] = mapped_column(sa.ForeignKey("contribution.id"), index=True)
    decision_id: Mapped[int] = mapped_column(sa.ForeignKey("moderation_decision.id"))
    start: Mapped[int] = mapped_column("starts_at")
    end: Mapped[int] = mapped_column("ends_at")
    label: Mapped[str] = mapped_column(sa.String(40))

    __table_args__ = (sa.CheckConstraint("ends_at > starts_at AND starts_at >= 0", name="has_a_length"),)


class Embedding(Base):
    """The sentence vector of a contribution's present text: little-endian float32 values, unit length."""

    __tablename__ = "embedding"

    contribution_id: Mapped[int] = mapped_column(
        sa.ForeignKey("contribution.id", ondelete="CASCADE"), primary_key=True
    )
    model: Mapped[str] = mapped_column(sa.String(120), primary_key=True)
    vector: Mapped[bytes] = mapped_column(sa.LargeBinary)


class ContributionCount(Base):
    """How many contributions and voices stand where. Kept by triggers; nothing writes it from Python."""

    __tablename__ = "contribution_count"

    conversation_id: Mapped[int] = mapped_column(sa.ForeignKey("conversation.id"), primary_key=True)
    status: Mapped[Status] = mapped_column(enum_type(Status), primary_key=True)
    channel: Mapped[Channel] = mapped_column(enum_type(Channel), primary_key=True)
    contributions: Mapped[int] = mapped_column(default=0)
    voices: Mapped[int] = mapped_column(default=0)
