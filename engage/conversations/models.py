"""The conversation that every voice belongs to."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engage.db import Base, JSONType, UTCDateTime


class Conversation(Base):
    """A round of listening, such as "Big Conversation 2025"."""

    __tablename__ = "conversation"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(80), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120), unique=True)
    purpose: Mapped[str] = mapped_column(sa.Text)
    opens_on: Mapped[date]
    closes_on: Mapped[date]
    framework_id: Mapped[int] = mapped_column(sa.ForeignKey("theme_framework.id"))
    districts: Mapped[list[str]] = mapped_column(JSONType)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    __table_args__ = (sa.CheckConstraint("closes_on >= opens_on", name="closes_after_it_opens"),)

    def is_open(self, today: date) -> bool:
        return self.opens_on <= today <= self.closes_on
