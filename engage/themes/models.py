"""Themes come as rows, so that a council can have its own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engage.db import Base, JSONType, UTCDateTime


class ThemeFramework(Base):
    """A set of themes, such as "Making It Real"."""

    __tablename__ = "theme_framework"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(120), unique=True)

    themes: Mapped[list[Theme]] = relationship(order_by="Theme.position", back_populates="framework")


class Theme(Base):
    """One theme: its name, what it means in plain words, and phrases that people might say about it.

    ``position`` (from 1) gives its mark: a shape and a colour, the same everywhere.
    """

    __tablename__ = "theme"

    id: Mapped[int] = mapped_column(primary_key=True)
    framework_id: Mapped[int] = mapped_column(sa.ForeignKey("theme_framework.id"))
    key: Mapped[str] = mapped_column(sa.String(40))
    name: Mapped[str] = mapped_column(sa.String(120))
    description: Mapped[str] = mapped_column(sa.Text)
    seed_phrases: Mapped[list[str]] = mapped_column(JSONType)
    position: Mapped[int]

    framework: Mapped[ThemeFramework] = relationship(back_populates="themes")

    __table_args__ = (
        sa.UniqueConstraint("framework_id", "key"),
        sa.UniqueConstraint("framework_id", "name"),
        sa.UniqueConstraint("framework_id", "position"),
    )


class ThemeSuggestion(Base):
    """The software's suggestion of one theme for one contribution, and why. Never a decision."""

    __tablename__ = "theme_suggestion"

    contribution_id: Mapped[int] = mapped_column(
        sa.ForeignKey("contribution.id", ondelete="CASCADE"), primary_key=True
    )
    theme_id: Mapped[int] = mapped_column(sa.ForeignKey("theme.id", ondelete="CASCADE"), primary_key=True)
    score: Mapped[float]
    is_likely: Mapped[bool]
    because: Mapped[dict[str, Any]] = mapped_column(JSONType)
    suggested_at: Mapped[datetime] = mapped_column(UTCDateTime)


class ThemeDecision(Base):
    """A person's decision about a contribution's themes; an empty list means that none fits.

    ``suggested`` keeps what the software had proposed at that moment, so that its worth can be measured.
    The database refuses to change or remove a decision.
    """

    __tablename__ = "theme_decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    contribution_id: Mapped[int] = mapped_column(sa.ForeignKey("contribution.id"), index=True)
    theme_keys: Mapped[list[str]] = mapped_column(JSONType)
    suggested: Mapped[list[str]] = mapped_column(JSONType)
    reason: Mapped[str | None] = mapped_column(sa.Text)
    decided_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    decided_at: Mapped[datetime] = mapped_column(UTCDateTime)


class ContributionTheme(Base):
    """A theme that a contribution has now, by the latest decision."""

    __tablename__ = "contribution_theme"

    contribution_id: Mapped[int] = mapped_column(sa.ForeignKey("contribution.id"), primary_key=True)
    theme_id: Mapped[int] = mapped_column(sa.ForeignKey("theme.id"), primary_key=True, index=True)
    decision_id: Mapped[int] = mapped_column(sa.ForeignKey("theme_decision.id"))
