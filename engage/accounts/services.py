"""Inviting people, letting them in, and ending a sign-in from here."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from engage.accounts import passwords, queries
from engage.accounts.models import Invitation, Role, SignIn, Standpoint, User, UserRole
from engage.audit import services as audit
from engage.db import db

INVITATION_DAYS = 14
NEW_PASSWORD_DAYS = 2
SHORTEST_PASSWORD = passwords.SHORTEST_PASSWORD


class EmailTaken(Exception):
    """Somebody with this e-mail address can sign in already."""


class LastAdmin(Exception):
    """Without this person nobody could invite others or look after the record."""


class OwnAccount(Exception):
    """People cannot lock themselves out."""


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
    """Add somebody who can sign in. Raises EmailTaken.

    Hashes the password before anything else: call it with no transaction open, so that nobody waits.
    """
    password_hash = passwords.hash_password(password)
    return _add_user(
        email=email,
        name=name,
        password_hash=password_hash,
        roles=roles,
        standpoint=standpoint,
        by=by,
        now=now,
    )


def _add_user(
    *,
    email: str,
    name: str,
    password_hash: str,
    roles: Iterable[Role],
    standpoint: Standpoint,
    by: User | None,
    now: datetime,
) -> User:
    if queries.user_by_email(email):
        raise EmailTaken(email)
    user = User(
        email=email.strip().lower(),
        name=name,
        standpoint=standpoint,
        password_hash=password_hash,
        created_at=now,
        held_roles=[UserRole(role=role) for role in sorted(set(roles))],
    )
    try:
        with db.session.begin_nested():
            db.session.add(user)
    except IntegrityError as error:  # Somebody else was faster between the look and the insert.
        raise EmailTaken(email) from error
    audit.record(
        "add user", "user", user.id, by=by, now=now, on_behalf="the command line", roles=sorted(user.roles)
    )
    return user


def invite(
    *, email: str, name: str, roles: Iterable[Role], standpoint: Standpoint, by: User, now: datetime
) -> tuple[Invitation, str]:
    """Invite somebody; returns the invitation and the token for its link. Raises EmailTaken.

    An earlier invitation to the same address stops working, so that one link at most is about.
    """
    if queries.user_by_email(email):
        raise EmailTaken(email)
    invitation, token = _new_invitation(
        email, name, roles, standpoint, by=by, now=now, lasts=timedelta(days=INVITATION_DAYS)
    )
    audit.record("invite", "invitation", invitation.id, by=by, now=now, roles=invitation.roles)
    return invitation, token


def offer_new_password(user: User, *, by: User, now: datetime) -> tuple[Invitation, str]:
    """A link with which somebody who forgot the password chooses a new one; the old one works until then."""
    invitation, token = _new_invitation(
        user.email,
        user.name,
        user.roles,
        user.standpoint,
        by=by,
        now=now,
        lasts=timedelta(days=NEW_PASSWORD_DAYS),
    )
    audit.record("offer new password", "user", user.id, by=by, now=now)
    return invitation, token


def _new_invitation(
    email: str,
    name: str,
    roles: Iterable[Role],
    standpoint: Standpoint,
    *,
    by: User,
    now: datetime,
    lasts: timedelta,
) -> tuple[Invitation, str]:
    address = email.strip().lower()
    earlier = (Invitation.email == address, Invitation.accepted_at.is_(None), Invitation.expires_at > now)
    db.session.execute(sa.update(Invitation).where(*earlier).values(expires_at=now))
    token = secrets.token_urlsafe(32)
    invitation = Invitation(
        token_hash=queries.token_hash(token),
        email=address,
        name=name,
        roles=sorted(set(roles)),
        standpoint=standpoint,
        invited_by_id=by.id,
        invited_at=now,
        expires_at=now + lasts,
    )
    db.session.add(invitation)
    db.session.flush()
    return invitation, token


def accept_invitation(invitation: Invitation, *, name: str, password_hash: str, now: datetime) -> User:
    """Make a user of an invited person, or give an existing user the new password that the link is for.

    The hash is made by ``passwords.hash_password`` before the transaction begins: it takes a while.

    Raises EmailTaken where another invitation was faster, or the person may no longer sign in.
    """
    user = queries.user_by_email(invitation.email)
    if user:
        if invitation.invited_at < user.created_at or not user.is_active:
            raise EmailTaken(invitation.email)
        change_password(user, password_hash, by=user, now=now)
    else:
        inviter = queries.user(invitation.invited_by_id) if invitation.invited_by_id else None
        user = _add_user(
            email=invitation.email,
            name=name,
            password_hash=password_hash,
            roles=[Role(role) for role in invitation.roles],
            standpoint=invitation.standpoint,
            by=inviter,
            now=now,
        )
    invitation.accepted_at = now
    db.session.flush()
    return user


def withdraw_invitation(invitation: Invitation, *, by: User, now: datetime) -> None:
    """Make an invitation's link worthless."""
    invitation.expires_at = now
    audit.record("withdraw invitation", "invitation", invitation.id, by=by, now=now)


def user_with_password(email: str, password: str) -> User | None:
    """The active user with this address and password. Takes the same time whether or not there is one."""
    user = queries.user_by_email(email)
    fits = passwords.password_fits(user.password_hash if user else None, password)
    return user if user and fits and user.is_active else None


def renew_hash(user: User, password_hash: str) -> None:
    """Keep a new hash of a password that has just proved right, where the stored one is weaker."""
    if passwords.is_dated(user.password_hash):
        user.password_hash = password_hash


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
    """End every sign-in of a user, as part of a change that is recorded."""
    db.session.execute(
        sa.update(SignIn).where(SignIn.user_id == user.id, SignIn.ended_at.is_(None)).values(ended_at=now)
    )


def sign_out_everywhere(user: User, *, by: User, now: datetime) -> None:
    """End every sign-in of a user, as a change of its own."""
    end_sign_ins(user, now=now)
    audit.record("end all sign-ins", "user", user.id, by=by, now=now)


def change_roles(
    user: User, *, roles: Iterable[Role], standpoint: Standpoint, is_active: bool, by: User, now: datetime
) -> None:
    """Change what a user may do. Somebody who may no longer sign in is signed out everywhere.

    Raises OwnAccount where an admin would lock themselves out, LastAdmin where no active admin would be left.
    """
    wanted = set(roles)
    if not wanted:
        raise ValueError("a user needs a role")
    if not (is_active and Role.ADMIN in wanted):
        _keep_an_admin(user, by=by)
    user.held_roles = [held for held in user.held_roles if held.role in wanted] + [
        UserRole(role=role) for role in sorted(wanted - user.roles)
    ]
    user.standpoint, user.is_active = standpoint, is_active
    if not is_active:
        end_sign_ins(user, now=now)
    db.session.flush()
    audit.record(
        "change user",
        "user",
        user.id,
        by=by,
        now=now,
        roles=sorted(wanted),
        standpoint=standpoint,
        active=is_active,
    )


def _keep_an_admin(user: User, *, by: User) -> None:
    admins = queries.active_admin_ids(lock=True)
    if user.id not in admins:
        return
    if len(admins) == 1:
        raise LastAdmin
    if user.id == by.id:
        raise OwnAccount


def change_password(user: User, password_hash: str, *, by: User, now: datetime) -> None:
    """Set a new password, hashed before the transaction began, and sign the user out everywhere."""
    user.password_hash = password_hash
    end_sign_ins(user, now=now)
    db.session.flush()
    audit.record("change password", "user", user.id, by=by, now=now)
