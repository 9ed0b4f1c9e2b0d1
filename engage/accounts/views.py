"""The way in: signing in, and taking up an invitation."""

from __future__ import annotations

import hashlib

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_user
from werkzeug import Response as WerkzeugResponse

from engage.accounts import passwords, queries, services
from engage.accounts.devices import device_name
from engage.accounts.forms import ChoosePasswordForm, JoinForm, SignInForm, typed_email
from engage.accounts.guard import SignedIn, load_sign_in, local_path
from engage.accounts.models import User
from engage.db import db, only_looking, utcnow
from engage.limits import limiter, sign_in_limit

bp = Blueprint("accounts", __name__)
LONGEST_NEXT = 2_000


def by_typed_email() -> str:
    """What sign-in tries are counted by, besides the address that they come from."""
    typed = typed_email(request.form.get("email"))
    return "email:" + hashlib.sha256(typed.encode(errors="replace")).hexdigest()


def failed(response: WerkzeugResponse) -> bool:
    """Only failed tries count, so that a whole office behind one address can sign in."""
    return response.status_code != 303


@bp.route("/sign-in", methods=["GET", "POST"])
@limiter.limit(sign_in_limit, methods=["POST"], deduct_when=failed)
@limiter.limit(sign_in_limit, methods=["POST"], deduct_when=failed, key_func=by_typed_email)
def sign_in() -> ResponseReturnValue:
    target = local_path(request.values.get("next", "")[:LONGEST_NEXT])
    if request.method == "GET" and current_user.is_authenticated:
        return redirect(target or url_for("staff_today.today"), 303)
    form = SignInForm()
    if form.validate_on_submit():
        user, renewed = _who_is_it(form.email.data or "", form.password.data or "")
        if user:
            if renewed:
                services.renew_hash(user, renewed)
            let_in(user)
            return redirect(target or url_for("staff_today.today"), 303)
        form.form_errors.append(_("The e-mail address or the password is wrong. Check both and try again."))
    page = render_template("accounts/sign_in.html", form=form, form_errors=form.errors, target=target)
    return page, 422 if form.errors else 200


def _who_is_it(email: str, password: str) -> tuple[User | None, str | None]:
    """Look without writing: hashing takes a while, and nobody else could write in the meantime.

    Returns the user, and a new hash of the password where the stored one is weaker than we make them now.
    """
    db.session.rollback()
    with only_looking():
        user = services.user_with_password(email, password)
        is_dated = user is not None and passwords.is_dated(user.password_hash)
        db.session.rollback()
    return user, passwords.hash_password(password) if is_dated else None


def hashed(password: str) -> str:
    """A password's hash, made with no transaction open; nothing may have been changed before."""
    db.session.rollback()
    return passwords.hash_password(password)


def let_in(user: User) -> None:
    """Begin a sign-in of this browser, with nothing left of what it did before, and commit."""
    token = services.start_sign_in(
        user,
        device=device_name(request.user_agent.string),
        hours=current_app.config["SESSION_HOURS"],
        now=utcnow(),
    )
    db.session.commit()
    signed_in = load_sign_in(token)
    assert isinstance(signed_in, SignedIn)  # noqa: S101 - it has just begun
    session.clear()
    session.permanent = True
    login_user(signed_in)


@bp.route("/invitation/<token>", methods=["GET", "POST"])
def invitation(token: str) -> ResponseReturnValue:
    """Choose a name and a password; or, for somebody who forgot it, a new password alone."""
    found = queries.open_invitation(token, now=utcnow())
    if found is None:
        return render_template("accounts/no_invitation.html"), 404
    joined = queries.user_by_email(found.email)
    form: ChoosePasswordForm
    if joined:
        form = ChoosePasswordForm(email=joined.email, owner=joined.name)
    else:
        form = JoinForm(email=found.email, obj=found)
    if form.validate_on_submit():
        return _joined(token, form)
    page = render_template(
        "accounts/invitation.html", form=form, form_errors=form.errors, invitation=found, joined=joined
    )
    return page, 422 if form.errors else 200


def _joined(token: str, form: ChoosePasswordForm) -> ResponseReturnValue:
    """Let the invited person in, unless the link was used up while the password was hashed."""
    password_hash = hashed(form.password.data or "")
    found = queries.open_invitation(token, now=utcnow())
    try:
        if found is None:
            raise services.EmailTaken
        name = form.name.data if isinstance(form, JoinForm) else found.name
        user = services.accept_invitation(found, name=name, password_hash=password_hash, now=utcnow())
    except services.EmailTaken:
        db.session.rollback()
        return render_template("accounts/no_invitation.html"), 404
    let_in(user)
    flash(_("Your password is set and you are signed in."), "success")
    return redirect(url_for("staff_today.today"), 303)
