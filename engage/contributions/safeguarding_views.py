"""The safeguarding lane: only safeguarding leads see what is in it."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engage.accounts.guard import signed_in_user, staff_blueprint
from engage.accounts.models import Role
from engage.contributions import labels, moderation, queries
from engage.contributions.forms import ReasonForm
from engage.contributions.models import Contribution, DecisionKind, Status
from engage.db import db, utcnow
from engage.forms import load_or_404

LANE = frozenset({Status.SAFEGUARDING})
staff = staff_blueprint("staff_safeguarding", __name__, {Role.SAFEGUARDING_LEAD})


@staff.get("/safeguarding")
def lane() -> ResponseReturnValue:
    """Everything in the lane, of every conversation, the oldest concern first."""
    concerns = queries.concerns()
    return render_template("safeguarding/lane.html", concerns=concerns, labels=labels)


@staff.get("/safeguarding/<int:contribution_id>")
def concern(contribution_id: int) -> ResponseReturnValue:
    return _page(_concern_or_404(contribution_id), ReasonForm(formdata=None))


def _concern_or_404(contribution_id: int) -> Contribution:
    concern: Contribution = load_or_404(queries.contribution(contribution_id, LANE))
    return concern


def _page(voice: Contribution, form: ReasonForm) -> ResponseReturnValue:
    history = queries.history(voice.id)
    page = render_template(
        "safeguarding/concern.html",
        voice=voice,
        history=history,
        is_sealed=queries.is_sealed(voice.id),
        is_taken_on=history[-1][0].kind is DecisionKind.ACKNOWLEDGE_CONCERN,
        form=form,
        labels=labels,
        form_errors=bool(form.errors),
    )
    return page, 422 if form.errors else 200


@staff.post("/safeguarding/<int:contribution_id>/take-on")
def take_on(contribution_id: int) -> ResponseReturnValue:
    """Say that you look after it, so that the others know."""
    voice = _concern_or_404(contribution_id)
    if not _decided(voice, DecisionKind.ACKNOWLEDGE_CONCERN, ""):
        return redirect(url_for(".lane"), 303)
    flash(_("You look after this now."), "success")
    return redirect(url_for(".concern", contribution_id=voice.id), 303)


def _decided(voice: Contribution, kind: DecisionKind, reason: str) -> bool:
    """Decide and commit; False, with a message, where another lead was faster."""
    try:
        moderation.decide(voice, kind, by=signed_in_user(), now=utcnow(), reason=reason)
    except moderation.NotAllowed:
        db.session.rollback()
        flash(_("Another safeguarding lead did this a moment ago."), "warning")
        return False
    db.session.commit()
    return True


@staff.post("/safeguarding/<int:contribution_id>/original")
def original(contribution_id: int) -> ResponseReturnValue:
    """Open the sealed original, on record: a lead must be able to learn who is at risk."""
    voice = _concern_or_404(contribution_id)
    form = ReasonForm()
    if not form.validate_on_submit():
        flash(_("Write why you need to see the original. The look is put on record."), "error")
        return redirect(url_for(".concern", contribution_id=voice.id), 303)
    text = moderation.reveal(voice, by=signed_in_user(), now=utcnow(), reason=form.reason.data)
    db.session.commit()
    back_url = url_for(".concern", contribution_id=voice.id)
    return render_template("voices/original.html", voice=voice, text=text, back_url=back_url)


@staff.post("/safeguarding/<int:contribution_id>/release")
def release(contribution_id: int) -> ResponseReturnValue:
    """Record what was done, and put the voice back in the moderation queue."""
    voice = _concern_or_404(contribution_id)
    form = ReasonForm()
    if not form.validate_on_submit():
        return _page(voice, form)
    if _decided(voice, DecisionKind.RELEASE_CONCERN, form.reason.data):
        flash(_("Written down. The voice is back in the queue, to be read like any other."), "success")
    return redirect(url_for(".lane"), 303)
