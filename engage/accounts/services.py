"""Inviting people, letting them in, and ending a sign-in from here."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from engage.accounts import queries
from engage.accounts.models import Invitation, Role, SignIn, Standpoint, User, UserRole
from engage.audit import services as audit
from engage.db import db

INVITATION_DAYS = 14
SHORTEST_PASSWORD = 12
_hasher = PasswordHasher()


class EmailTaken(Exception):
    """Somebody with this e-mail address can sign in already."""


def add_user(
    *,
    email: str,
    name: str,
    password: str,
    roles: Iterable[Role],
    standpoint: Standpoint,
    by: User | None,
    now: datetime,
) -> User:
    """Add somebody who can sign in. Raises EmailTaken."""
    if queries.user_by_email(email):
        raise EmailTaken(email)
    user = User(
        email=email.strip().lower(),
        name=name,
        standpoint=standpoint,
        password_hash=_hasher.hash(password),
        created_at=now,
        held_roles=[UserRole(role=role) for role in sorted(set(roles))],
    )
    db.session.add(user)
    db.session.flush()
    audit.record(
        "add user", "user", user.id, by=by, now=now, on_behalf="the command line", roles=sorted(user.roles)
    )
    return user


def invite(
    *, email: str, name: str, roles: Iterable[Role], standpoint: Standpoint, by: User, now: datetime
) -> tuple[Invitation, str]:
    """Invite somebody; returns the invitation and the token for its link. Raises EmailTaken."""
    if queries.user_by_email(email):
        raise EmailTaken(email)
    token = secrets.token_urlsafe(32)
    invitation = Invitation(
        token_hash=queries.token_hash(token),
        email=email.strip().lower(),
        name=name,
        roles=sorted(set(roles)),
        standpoint=standpoint,
        invited_by_id=by.id,
        invited_at=now,
        expires_at=now + timedelta(days=INVITATION_DAYS),
    )
    db.session.add(invitation)
    db.session.flush()
    audit.record("invite", "invitation", invitation.id, by=by, now=now, roles=invitation.roles)
    return invitation, token


def accept_invitation(invitation: Invitation, *, name: str, password: str, now: datetime) -> User:
    """Make a user of an invited person. Raises EmailTaken where another invitation was faster."""
    invitation.accepted_at = now
    inviter = queries.user(invitation.invited_by_id) if invitation.invited_by_id else None
    return add_user(
        email=invitation.email,
        name=name,
        password=password,
        roles=[Role(role) for role in invitation.roles],
        standpoint=invitation.standpoint,
        by=inviter,
        now=now,
    )


def withdraw_invitation(invitation: Invitation, *, by: User, now: datetime) -> None:
    """Make an invitation's link worthless."""
    invitation.expires_at = now
    audit.record("withdraw invitation", "invitation", invitation.id, by=by, now=now)


def user_with_password(email: str, password: str) -> User | None:
    """The active user with this address and password. Takes the same time whether or not there is one."""
    user = queries.user_by_email(email)
    try:
        _hasher.verify(user.password_hash if user else _nobodys_hash(), password)
    except (VerificationError, InvalidHashError):
        return None
    if not user or not user.is_active:
        return None
    if _hasher.check_needs_rehash(user.password_hash):
        user.password_hash = _hasher.hash(password)
    return user


@cache
def _nobodys_hash() -> str:
    return _hasher.hash(secrets.token_urlsafe(16))


def start_sign_in(user: User, *, device: str, hours: int, now: datetime) -> str:
    """Begin a sign-in and return its token, which only the browser keeps."""
    token = secrets.token_urlsafe(32)
    sign_in = SignIn(
        token_hash=queries.token_hash(token),
        user_id=user.id,
        device=device[:120],
        started_at=now,
        expires_at=now + timedelta(hours=hours),
    )
    db.session.add(sign_in)
    db.session.flush()
    audit.record("sign in", "user", user.id, by=user, now=now)
    return token


def end_sign_in(sign_in: SignIn, *, by: User, now: datetime) -> None:
    """End one sign-in, wherever that browser is."""
    sign_in.ended_at = now
    audit.record("end sign-in", "user", sign_in.user_id, by=by, now=now)


def end_sign_ins(user: User, *, now: datetime) -> None:
    """End every sign-in of a user."""
    db.session.execute(
        sa.update(SignIn).where(SignIn.user_id == user.id, SignIn.ended_at.is_(None)).values(ended_at=now)
    )


def change_roles(
    user: User, *, roles: Iterable[Role], standpoint: Standpoint, is_active: bool, by: User, now: datetime
) -> None:
    """Change what a user may do. Somebody who may no longer sign in is signed out everywhere."""
    wanted = set(roles)
    user.held_roles = [held for held in user.held_roles if held.role in wanted] + [
        UserRole(role=role) for role in sorted(wanted - user.roles)
    ]
    user.standpoint, user.is_active = standpoint, is_active
    if not is_active:
        end_sign_ins(user, now=now)
    db.session.flush()
    audit.record("change user", "user", user.id, by=by, now=now, roles=sorted(wanted), active=is_active)


def change_password(user: User, password: str, *, by: User, now: datetime) -> None:
    """Set a new password and sign the user out everywhere."""
    user.password_hash = _hasher.hash(password)
    end_sign_ins(user, now=now)
    audit.record("change password", "user", user.id, by=by, now=now)
