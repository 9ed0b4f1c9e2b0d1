"""Asking for one's answers back, and the page on which staff answer those who ask after the close."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engage import taking_back
from engage.accounts.guard import signed_in_user, staff_blueprint
from engage.accounts.models import Role
from engage.contributions import taking_back as contributions
from engage.contributions.forms import ReasonForm
from engage.conversations import queries as conversations
from engage.conversations.choice import the_conversation
from engage.db import db, utcnow
from engage.forms import PatientForm, csrf, load_or_404
from engage.tracking import receipt_in_hand

bp = Blueprint("take_back", __name__, url_prefix="/track")
staff = staff_blueprint("staff_take_backs", __name__, {Role.FACILITATOR})
PAGE = 50


@bp.after_request
def keep_no_copy(response: Response) -> Response:
    """Nothing about what somebody said comes back on a shared device with the back button."""
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.route("/take-back", methods=["GET", "POST"])
@csrf.exempt
def ask() -> ResponseReturnValue:
    """Say what will happen, and do it: at once while the survey is open, else staff are asked."""
    receipt = receipt_in_hand()
    if receipt is None:
        return redirect(url_for("tracking.enter"), 303)
    if contributions.request_of(receipt):
        return redirect(url_for("tracking.what_became"), 303)
    form, now = PatientForm(), utcnow()
    at_once = taking_back.may_at_once(receipt, now.date())
    if request.method == "POST" and form.validate():
        if at_once:
            taking_back.take_back(receipt, now=now)
        else:
            contributions.ask(receipt, now=now)
        db.session.commit()
        contributions.clear_traces.enqueue()
        return redirect(url_for("tracking.what_became"), 303)
    conversation = conversations.conversation(receipt.conversation_id)
    page = render_template(
        "tracking/take_back.html",
        at_once=at_once,
        conversation_name=conversation.name if conversation else None,
        form=form,
        form_errors=bool(form.form_errors),
    )
    return page, 422 if form.form_errors else 200


# --- Staff --------------------------------------------------------------------------------------------------


@staff.get("/take-backs")
def requests() -> ResponseReturnValue:
    """Everybody who waits for an answer, the longest first."""
    conversation = the_conversation()
    after = request.args.get("after", 0, int)
    found = contributions.waiting(conversation.id, after=max(0, min(after, 2**31 - 1)), size=PAGE + 1)
    shown = found[:PAGE]
    surveys = taking_back.surveys_of([one.receipt for one in shown])
    return render_template(
        "take_backs/requests.html",
        asked=shown,
        surveys=surveys,
        total=contributions.waiting_count(conversation.id),
        newest_url=url_for(".requests") if after else None,
        older_url=url_for(".requests", after=shown[-1].request.id) if len(found) > PAGE else None,
    )


@staff.get("/take-backs/<int:request_id>")
def one_request(request_id: int) -> ResponseReturnValue:
    return _page(_waiting_or_404(request_id), ReasonForm(formdata=None))


def _waiting_or_404(request_id: int) -> contributions.Asked:
    found = contributions.waiting(the_conversation().id, request_id=request_id)
    asked: contributions.Asked = load_or_404(found[0] if found else None)
    return asked


def _page(asked: contributions.Asked, form: ReasonForm) -> ResponseReturnValue:
    page = render_template(
        "take_backs/request.html",
        asked=asked,
        survey=taking_back.survey_of(asked.receipt),
        form=form,
        form_errors=bool(form.errors),
    )
    return page, 422 if form.errors else 200


@staff.post("/take-backs/<int:request_id>/grant")
def grant(request_id: int) -> ResponseReturnValue:
    """Give the answers back: what the person said goes for good."""
    asked = _waiting_or_404(request_id)
    taking_back.take_back(asked.receipt, now=utcnow(), by=signed_in_user())
    db.session.commit()
    contributions.clear_traces.enqueue()
    flash(_("Done. What this person said is gone, and their code says so."), "success")
    return redirect(url_for(".requests"), 303)


@staff.post("/take-backs/<int:request_id>/answer")
def answer(request_id: int) -> ResponseReturnValue:
    """Say why the answers stay; the person reads it with their code."""
    asked = _waiting_or_404(request_id)
    form = ReasonForm()
    if not form.validate_on_submit():
        return _page(asked, form)
    contributions.refuse(asked.request, form.reason.data, by=signed_in_user(), now=utcnow())
    db.session.commit()
    flash(_("Answered. The person reads your reason with their code."), "success")
    return redirect(url_for(".requests"), 303)
