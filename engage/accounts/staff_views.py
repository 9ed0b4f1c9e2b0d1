"""One's own account, and the people who can sign in."""

from __future__ import annotations

import smtplib

import structlog
from flask import current_app, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, logout_user

from engage import config
from engage.accounts import labels, passwords, queries, services
from engage.accounts.forms import ChangePasswordForm, InvitationForm, PersonForm
from engage.accounts.guard import EVERYBODY_SIGNED_IN, signed_in_user, staff_blueprint
from engage.accounts.models import Invitation, Role, User
from engage.accounts.views import failed, hashed, let_in
from engage.db import db, only_looking, utcnow
from engage.forms import load_or_404
from engage.limits import limiter, sign_in_limit
from engage.messages import services as messages

log = structlog.get_logger(__name__)
mine = staff_blueprint("staff_accounts", __name__, EVERYBODY_SIGNED_IN)
people_pages = staff_blueprint("staff_people", __name__, {Role.ADMIN})
LATEST_LINK = "latest_invitation_link"


# --- My own account -----------------------------------------------------------------------------------------


@mine.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    services.end_sign_in(current_user.sign_in, by=signed_in_user(), now=utcnow())
    db.session.commit()
    logout_user()
    session.clear()
    flash(_("You are signed out."), "success")
    return redirect(url_for("accounts.sign_in"), 303)


@mine.get("/account")
def account() -> ResponseReturnValue:
    user = signed_in_user()
    return render_template(
        "accounts/account.html",
        user=user,
        here=current_user.sign_in,
        sign_ins=queries.live_sign_ins(user.id, now=utcnow()),
        labels=labels,
    )


@mine.post("/account/sign-ins/<int(max=2147483647):sign_in_id>/end")
def end_sign_in(sign_in_id: int) -> ResponseReturnValue:
    """End one of my own sign-ins elsewhere."""
    found = load_or_404(queries.sign_in(sign_in_id))
    if found.user_id != signed_in_user().id:
        load_or_404(None)
    if found.id == current_user.sign_in.id:
        return sign_out()
    if found.ended_at is None:
        services.end_sign_in(found, by=signed_in_user(), now=utcnow())
        db.session.commit()
    flash(_("That browser is signed out."), "success")
    return redirect(url_for(".account"), 303)


def by_sign_in() -> str:
    """What guesses at one's own password are counted by."""
    sign_in = getattr(current_user, "sign_in", None)
    return f"sign-in:{sign_in.id if sign_in else None}"


@mine.route("/account/password", methods=["GET", "POST"])
@limiter.limit(sign_in_limit, methods=["POST"], deduct_when=failed, key_func=by_sign_in)
def change_password() -> ResponseReturnValue:
    user = signed_in_user()
    form = ChangePasswordForm(email=user.email, owner=user.name)
    if form.validate_on_submit():
        password_hash = _new_hash(user, form.present.data or "", form.password.data or "")
        if password_hash:
            services.change_password(user, password_hash, by=user, now=utcnow())
            let_in(user)
            flash(_("Your password is changed. Everywhere else you are signed out."), "success")
            return redirect(url_for(".account"), 303)
        form.present.errors = [_("This is not the password that you use now. Type it again.")]
    page = render_template("accounts/change_password.html", form=form, form_errors=form.errors)
    return page, 422 if form.errors else 200


def _new_hash(user: User, present: str, new: str) -> str | None:
    """The hash of the new password, None where the present one is wrong. No transaction is open meanwhile."""
    stored = user.password_hash
    db.session.rollback()
    if not passwords.password_fits(stored, present):
        return None
    made = hashed(new)
    return made if user.password_hash == stored else None


# --- People -------------------------------------------------------------------------------------------------


@people_pages.get("/people")
def people() -> ResponseReturnValue:
    users = queries.users()
    return render_template(
        "accounts/people.html",
        users=users,
        addresses={user.email for user in users},
        invitations=queries.open_invitations(now=utcnow()),
        labels=labels,
    )


@people_pages.route("/people/invite", methods=["GET", "POST"])
def invite() -> ResponseReturnValue:
    form = InvitationForm()
    if form.validate_on_submit():
        try:
            made, token = services.invite(
                email=form.email.data or "",
                name=form.name.data or "",
                roles=form.chosen_roles,
                standpoint=form.chosen_standpoint,
                by=signed_in_user(),
                now=utcnow(),
            )
        except services.EmailTaken:
            form.email.errors = [
                _("Somebody with this address is among the people already. Open their page to change it.")
            ]
        else:
            db.session.commit()
            return _pass_on(made, token, "accounts/invitation_email.txt")
    page = render_template("accounts/invite.html", form=form, form_errors=form.errors, labels=labels)
    return page, 422 if form.errors else 200


def _pass_on(made: Invitation, token: str, template: str) -> ResponseReturnValue:
    """Send the link where mail is set up, and in any case show it: a mail that fails loses nothing.

    Call it after the commit. While the mail server takes its time no transaction is open.
    """
    link = messages.link("accounts.invitation", token=token)
    place = redirect(url_for(".invitation_link", invitation_id=made.id), 303)
    session[LATEST_LINK] = {"id": made.id, "link": link}
    if not messages.can_send():
        return place
    council, address = config.of(current_app).council_name, made.email
    with only_looking():
        body = render_template(template, invitation=made, link=link, council_name=council)
        db.session.rollback()
    try:
        messages.send(address, _("Your link for Engage at %(council)s", council=council), body)
    except (OSError, smtplib.SMTPException) as error:
        log.warning("an invitation could not be sent", error_type=type(error).__name__)
        flash(
            _("The e-mail could not be sent, but the link works. Pass it on yourself in another way."),
            "warning",
        )
    else:
        flash(_("We sent the link to %(email)s.", email=address), "success")
    return place


@people_pages.get("/people/invitations/<int(max=2147483647):invitation_id>")
def invitation_link(invitation_id: int) -> ResponseReturnValue:
    """The link to pass on. Only the browser of the admin who made it has it; we keep but its hash."""
    found = load_or_404(queries.invitation(invitation_id))
    kept = session.get(LATEST_LINK) or {}
    return render_template(
        "accounts/invitation_link.html",
        invitation=found,
        is_open=found.accepted_at is None and found.expires_at > utcnow(),
        joined=queries.user_by_email(found.email),
        link=kept.get("link") if kept.get("id") == found.id else None,
    )


@people_pages.post("/people/invitations/<int(max=2147483647):invitation_id>/withdraw")
def withdraw(invitation_id: int) -> ResponseReturnValue:
    found = load_or_404(queries.invitation(invitation_id))
    if found.accepted_at is None and found.expires_at > utcnow():
        services.withdraw_invitation(found, by=signed_in_user(), now=utcnow())
        db.session.commit()
    session.pop(LATEST_LINK, None)
    flash(_("The link for %(name)s no longer works.", name=found.name), "success")
    return redirect(url_for(".people"), 303)


@people_pages.route("/people/<int(max=2147483647):user_id>", methods=["GET", "POST"])
def person(user_id: int) -> ResponseReturnValue:
    user: User = load_or_404(queries.user(user_id))
    form = PersonForm(
        data={
            "roles": [role.value for role in user.roles],
            "standpoint": user.standpoint.value,
            "is_active": user.is_active,
        }
    )
    if form.validate_on_submit() and _changed(user, form):
        flash(_("What %(name)s may do is changed.", name=user.name), "success")
        return redirect(url_for(".people"), 303)
    page = render_template(
        "accounts/person.html",
        user=user,
        form=form,
        form_errors=form.errors,
        sign_ins=queries.live_sign_ins(user.id, now=utcnow()),
        labels=labels,
    )
    return page, 422 if form.errors else 200


def _changed(user: User, form: PersonForm) -> bool:
    """Change roles, or say on the form why that cannot be."""
    try:
        services.change_roles(
            user,
            roles=form.chosen_roles,
            standpoint=form.chosen_standpoint,
            is_active=bool(form.is_active.data),
            by=signed_in_user(),
            now=utcnow(),
        )
    except services.LastAdmin:
        form.form_errors.append(
            _(
                "%(name)s is the only admin who can sign in. Make somebody else admin first.",
                name=user.name,
            )
        )
    except services.OwnAccount:
        form.form_errors.append(_("You cannot take your own access away. Ask another admin to do it."))
    else:
        db.session.commit()
        return True
    db.session.rollback()
    return False


@people_pages.post("/people/<int(max=2147483647):user_id>/end-sign-ins")
def end_sign_ins(user_id: int) -> ResponseReturnValue:
    user: User = load_or_404(queries.user(user_id))
    services.sign_out_everywhere(user, by=signed_in_user(), now=utcnow())
    db.session.commit()
    flash(_("%(name)s is signed out everywhere.", name=user.name), "success")
    return redirect(url_for(".person", user_id=user.id), 303)


@people_pages.post("/people/<int(max=2147483647):user_id>/new-password")
def offer_new_password(user_id: int) -> ResponseReturnValue:
    """A link for somebody who forgot the password."""
    user: User = load_or_404(queries.user(user_id))
    if not user.is_active:
        flash(_("%(name)s cannot sign in. Let them in first.", name=user.name), "warning")
        return redirect(url_for(".person", user_id=user.id), 303)
    made, token = services.offer_new_password(user, by=signed_in_user(), now=utcnow())
    db.session.commit()
    return _pass_on(made, token, "accounts/new_password_email.txt")
