"""Reading users, invitations and sign-ins."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from engage.accounts.models import Invitation, Role, SignIn, User, UserRole
from engage.db import db


def token_hash(token: str) -> str:
    """What the database keeps of a random token (tokens have 256 bits, so a plain hash is enough)."""
    return hashlib.sha256(token.encode()).hexdigest()


def users() -> Sequence[User]:
    """Everybody who can or could sign in, by name."""
    return db.session.scalars(sa.select(User).order_by(User.name, User.id)).all()


def user(user_id: int) -> User | None:
    return db.session.get(User, user_id)


def user_by_email(email: str) -> User | None:
    return db.session.scalar(sa.select(User).where(User.email == email.strip().lower()))


def active_admin_ids(*, lock: bool = False) -> set[int]:
    """The admins who can sign in. With ``lock`` nobody else can change them until the commit.

    Rows that name them can still be added meanwhile. Else this could wait for somebody who holds the end of
    the record and waits to add such a row, while whoever has this lock waits for the end of the record.
    """
    query = sa.select(User.id).join(User.held_roles).where(UserRole.role == Role.ADMIN, User.is_active)
    return set(db.session.scalars(query.with_for_update(key_share=True) if lock else query))


def live_sign_in(token: str, *, now: datetime) -> SignIn | None:
    """The sign-in of this token, if it is neither ended nor too old and its user is active."""
    query = (
        sa.select(SignIn)
        .join(SignIn.user)
        .where(
            SignIn.token_hash == token_hash(token),
            SignIn.ended_at.is_(None),
            SignIn.expires_at > now,
            User.is_active,
        )
    )
    return db.session.scalar(query)


def live_sign_ins(user_id: int, *, now: datetime) -> Sequence[SignIn]:
    """Where a user is signed in at present, the newest first."""
    query = (
        sa.select(SignIn)
        .where(SignIn.user_id == user_id, SignIn.ended_at.is_(None), SignIn.expires_at > now)
        .order_by(SignIn.started_at.desc(), SignIn.id.desc())
    )
    return db.session.scalars(query).all()


def open_invitation(token: str, *, now: datetime) -> Invitation | None:
    """The invitation of a link, if it was not yet used and is not too old."""
    query = sa.select(Invitation).where(
        Invitation.token_hash == token_hash(token),
        Invitation.accepted_at.is_(None),
        Invitation.expires_at > now,
    )
    return db.session.scalar(query)


def open_invitations(*, now: datetime) -> Sequence[Invitation]:
    """Invitations that nobody has used yet, the newest first."""
    query = (
        sa.select(Invitation)
        .where(Invitation.accepted_at.is_(None), Invitation.expires_at > now)
        .order_by(Invitation.invited_at.desc(), Invitation.id.desc())
    )
    return db.session.scalars(query).all()


def invitation(invitation_id: int) -> Invitation | None:
    return db.session.get(Invitation, invitation_id)


def sign_in(sign_in_id: int) -> SignIn | None:
    return db.session.get(SignIn, sign_in_id)
