"""Answers that look like a machine's: somebody who reads voices anyway looks at them and decides."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import SelectMultipleField, SubmitField
from wtforms.validators import ValidationError

from engage.accounts.guard import signed_in_user, staff_blueprint
from engage.accounts.models import Role
from engage.contributions.queries import LARGEST_ID
from engage.conversations.choice import the_conversation
from engage.db import db, utcnow
from engage.forms import Form
from engage.surveys import queries
from engage.surveys.guarding import quarantine
from engage.surveys.guarding.suspicion import Sign
from engage.surveys.models import QuarantinedResponse, QuarantineState
from engage.surveys.questions import Contact

staff = staff_blueprint("staff_quarantine", __name__, {Role.MODERATOR})

SIGNS = {
    Sign.HONEYPOT: _l("Something was written in a field that people do not see."),
    Sign.TOO_FAST: _l("It was answered faster than a person reads."),
    Sign.BURST: _l("Very many came from one address within a minute or so."),
    Sign.SUSTAINED: _l("Very many came from one address within some hours."),
    Sign.NO_PROOF: _l("It came during an attack, from a device that could not show that it is no machine."),
}
DECIDE = {
    "release": (quarantine.release, _l("Released. They count now.")),
    "spam": (quarantine.mark_as_spam, _l("Put aside as spam. You can bring them back.")),
    "put_back": (quarantine.put_back, _l("Brought back. They wait here again.")),
}


class DecideForm(Form):
    """What is decided about the ticked responses, or that somebody in one of them may be at risk."""

    held = SelectMultipleField(_l("Responses"), coerce=int, validate_choice=False)
    release = SubmitField()
    spam = SubmitField()
    put_back = SubmitField()

    def validate_held(self, field: SelectMultipleField) -> None:
        if not field.data or not all(0 < one <= LARGEST_ID for one in field.data):
            raise ValidationError(_("Tick at least one response."))

    @property
    def decision(self) -> str:
        """The button that was pressed."""
        return next((name for name in DECIDE if self[name].data), "")


@staff.get("/quarantine")
def waiting() -> ResponseReturnValue:
    """What waits, or with ``?state=spam`` what was put aside."""
    return _list(DecideForm(formdata=None))


def _list(form: DecideForm) -> ResponseReturnValue:
    conversation = the_conversation()
    is_spam = request.args.get("state") == QuarantineState.SPAM
    state = QuarantineState.SPAM if is_spam else QuarantineState.WAITING
    after = request.args.get("after", 0, type=int)
    held, following = quarantine.page_of(conversation.id, state, after=min(max(after, 0), LARGEST_ID))
    waiting = quarantine.waiting_count(conversation.id)
    page = render_template(
        "surveys/quarantine.html",
        title=_title(is_spam, waiting),
        is_spam=is_spam,
        held=[(one, signs_of(one), answers_of(one)) for one in held],
        narrowing={"state": "spam"} if is_spam else {},
        is_later_page=after > 0,
        following=following,
        form=form,
        form_errors=bool(form.errors),
    )
    return page, 422 if form.errors else 200


def _title(is_spam: bool, waiting: int) -> str:
    if is_spam:
        return _("Put aside as spam")
    if not waiting:
        return _("No response is kept apart")
    return ngettext("%(num)d response is kept apart", "%(num)d responses are kept apart", waiting)


def signs_of(held: QuarantinedResponse) -> list[str]:
    """Why it is kept apart, in sentences."""
    return [str(SIGNS[Sign(sign)]) for sign in held.signs]


def answers_of(held: QuarantinedResponse) -> list[tuple[str, str]]:
    """What was asked and answered, raw. Equality monitoring and contact details are not shown."""
    content = queries.content_of(held.version)
    shown = [(q, held.answers.get(q.id)) for q in content.questions if q.id not in content.equality_ids]
    return [
        (str(question.text), _("Left contact details.") if isinstance(question, Contact) else words)
        for question, answer in shown
        if answer is not None and (words := question.words(answer))
    ]


@staff.post("/quarantine")
def decide() -> ResponseReturnValue:
    """Release, put aside as spam, or bring back what is ticked."""
    form = DecideForm()
    if not form.validate() or not form.decision:
        return _list(form)
    act: Callable[..., int]
    act, message = DECIDE[form.decision]
    number = act(the_conversation(), form.held.data, by=signed_in_user(), now=utcnow())
    db.session.commit()
    if number:
        flash(str(message), "success")
    else:
        flash(_("Somebody else decided about these a moment ago."), "warning")
    return redirect(url_for(".waiting", state=request.args.get("state")), 303)


@staff.post("/quarantine/<int:held_id>/at-risk")
def at_risk(held_id: int) -> ResponseReturnValue:
    """Somebody may be at risk: release it at once, and hand what was said to a safeguarding lead."""
    if not Form().validate():
        return redirect(url_for(".waiting"), 303)
    reason = _("Found among responses that were kept apart as possible spam.")
    by = signed_in_user()
    found = quarantine.release_to_safeguarding(the_conversation(), held_id, reason, by=by, now=utcnow())
    db.session.commit()
    if found:
        flash(_("Thank you. A safeguarding lead has it now, and it is off every other screen."), "success")
    else:
        flash(_("There are no words in it to hand over, or somebody else decided a moment ago."), "warning")
    return redirect(url_for(".waiting"), 303)
