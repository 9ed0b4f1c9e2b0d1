"""Users, what they may do, how they were invited and where they are signed in."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engage.db import Base, JSONType, UTCDateTime, enum_type


class Role(StrEnum):
    """What a person may do. One person may hold several."""

    RECORDER = "recorder"
    MODERATOR = "moderator"
    MEMBER = "member"
    FACILITATOR = "facilitator"
    SAFEGUARDING_LEAD = "safeguarding_lead"
    ADMIN = "admin"


class Standpoint(StrEnum):
    """Where a person speaks from; shown beside what they decide."""

    LIVED_EXPERIENCE = "lived_experience"
    STAFF = "staff"


class User(Base):
    """Somebody who can sign in."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    standpoint: Mapped[Standpoint] = mapped_column(enum_type(Standpoint))
    password_hash: Mapped[str] = mapped_column(sa.String(200))
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    held_roles: Mapped[list[UserRole]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="UserRole.role"
    )

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(held.role for held in self.held_roles)


class UserRole(Base):
    """One role that a user holds."""

    __tablename__ = "user_role"

    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[Role] = mapped_column(enum_type(Role), primary_key=True)


class Invitation(Base):
    """A link that lets one person choose a password. Used once; the token is stored hashed."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    email: Mapped[str] = mapped_column(sa.String(254), index=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    roles: Mapped[list[str]] = mapped_column(JSONType)
    standpoint: Mapped[Standpoint] = mapped_column(enum_type(Standpoint))
    invited_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    invited_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class SignIn(Base):
    """One signed-in browser, kept on the server so that it can be ended from here."""

    __tablename__ = "sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id", ondelete="CASCADE"), index=True)
    device: Mapped[str] = mapped_column(sa.String(120))
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    user: Mapped[User] = relationship(lazy="joined")
