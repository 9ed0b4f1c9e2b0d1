"""The record of changes, for admins."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectChoice

from engage.accounts import queries as accounts
from engage.accounts.guard import staff_blueprint
from engage.accounts.models import Role
from engage.audit import queries, services
from engage.audit.forms import CheckForm, EntryFilterForm
from engage.db import db, only_looking
from engage.forms import clean_line

staff = staff_blueprint("staff_audit", __name__, {Role.ADMIN})
LARGEST_NUMBER = 2**31 - 1


@staff.get("/audit")
def entries() -> ResponseReturnValue:
    form = EntryFilterForm(formdata=request.args)
    form.action.choices = [
        SelectChoice("", _("Every change")),
        *(SelectChoice(action, action) for action in queries.actions()),
    ]
    form.person.choices = [
        SelectChoice("", _("Everybody")),
        SelectChoice(str(queries.NOBODY), _("Nobody signed in")),
        *(SelectChoice(str(user.id), user.name) for user in accounts.users()),
    ]
    action = clean_line(form.action.data) or None
    page = queries.page_of_entries(
        action=action,
        actor_id=_number("person"),
        before=_number("before"),
        after=_number("after"),
    )
    narrowed: dict[str, Any] = {"action": action, "person": _number("person")}
    return render_template(
        "audit/entries.html",
        form=form,
        page=page,
        is_narrowed=any(value is not None for value in narrowed.values()),
        newer_url=url_for(".entries", **narrowed, after=page.newer_than) if page.newer_than else None,
        older_url=url_for(".entries", **narrowed, before=page.older_than) if page.older_than else None,
    )


def _number(name: str) -> int | None:
    """A whole number from the address, or None where it is none that a row could have."""
    found = request.args.get(name, type=int)
    return found if found is not None and 0 <= found <= LARGEST_NUMBER else None


@staff.route("/audit/check", methods=["GET", "POST"])
def check() -> ResponseReturnValue:
    """Walk the whole chain. Only looks, so that nobody has to wait with writing meanwhile."""
    form = CheckForm()
    verdict = None
    if form.validate_on_submit():
        db.session.rollback()
        with only_looking():
            verdict = services.verify(form.head.data or None)
            page = render_template("audit/check.html", form=form, form_errors={}, verdict=verdict)
            db.session.rollback()
        return page
    page = render_template("audit/check.html", form=form, form_errors=form.errors, verdict=None)
    return page, 422 if form.errors else 200
