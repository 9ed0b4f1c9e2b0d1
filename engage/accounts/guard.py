"""Who may see which signed-in page. Access is a property of the blueprint and nothing else."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager
from flask_login import current_user as login_user_proxy

from engage.accounts import queries
from engage.accounts.labels import role_line
from engage.accounts.models import Role, User
from engage.db import utcnow

login_manager = LoginManager()
EVERYBODY_SIGNED_IN = frozenset(Role)


class StaffBlueprint(Blueprint):
    """A blueprint whose pages only people with one of ``roles`` may see."""

    roles: frozenset[Role]


def staff_blueprint(name: str, import_name: str, roles: frozenset[Role] | set[Role]) -> StaffBlueprint:
    """A blueprint under ``/staff`` for people who hold at least one of ``roles``. Empty roles raise."""
    if not roles:
        raise ValueError("a signed-in page needs roles")
    blueprint = StaffBlueprint(name, import_name, url_prefix="/staff")
    blueprint.roles = frozenset(roles)
    blueprint.before_request(lambda: _guard(blueprint.roles))
    return blueprint


def _guard(roles: frozenset[Role]) -> ResponseReturnValue | None:
    if not login_user_proxy.is_authenticated:
        target = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("accounts.sign_in", next=target), 303)
    if not signed_in_user().roles & roles:
        abort(403)
    return None


def signed_in_user() -> User:
    """The user who makes this request. Only for pages behind the guard."""
    user: User = login_user_proxy.sign_in.user
    return user


class SignedIn:
    """What Flask-Login keeps for a request: the sign-in and its user."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, sign_in: Any, token: str) -> None:
        self.sign_in = sign_in
        self.user: User = sign_in.user
        self._token = token

    def get_id(self) -> str:
        return self._token

    @property
    def name(self) -> str:
        return self.user.name

    @property
    def role_line(self) -> str:
        """What the person may do and where they speak from, such as "Moderator · lived experience"."""
        return role_line(self.user.roles, self.user.standpoint)


@login_manager.user_loader
def load_sign_in(token: str) -> SignedIn | None:
    """The sign-in that a browser's token belongs to, unless it has ended."""
    sign_in = queries.live_sign_in(token, now=utcnow())
    return SignedIn(sign_in, token) if sign_in else None


def local_path(target: str | None) -> str | None:
    """``target`` if it is a path on this site and nothing else, else None.

    Browsers take a backslash for a slash and drop tabs and line ends, so that neither may be in it.
    """
    if not target or not target.startswith("/") or re.search(r"[\x00-\x20\x7f\\]", target):
        return None
    try:
        parts = urlsplit(target)
    except ValueError:
        return None
    return None if target.startswith("//") or parts.scheme or parts.netloc else target
