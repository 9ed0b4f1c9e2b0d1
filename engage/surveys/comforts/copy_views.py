"""The copy of what somebody sent: on a page that prints well, and by e-mail."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engage.contributions import codes
from engage.contributions import queries as contributions
from engage.db import utcnow
from engage.forms import csrf, load_or_404
from engage.messages import services as messages
from engage.surveys import drafts, queries
from engage.surveys.comforts import copies, saving
from engage.surveys.comforts.saving_views import mailed
from engage.surveys.forms import MailForm

bp = Blueprint("copy", __name__)


@bp.after_request
def keep_no_copy(response: Response) -> Response:
    """All answers stand on this page: it must not come back on a shared device with the back button."""
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.route("/surveys/<slug>/copy", methods=["GET", "POST"])
@csrf.exempt
def copy(slug: str) -> ResponseReturnValue:
    """Show the copy to the device that sent it; posting mails it, twice at most."""
    _survey, conversation = load_or_404(queries.published_survey(slug))
    draft = drafts.draft_of(slug)
    receipt = contributions.receipt_by_code(draft.code) if draft else None
    found = copies.copy_of(receipt) if receipt and copies.is_given(receipt, utcnow()) else None
    if draft is None or found is None:
        return redirect(url_for("surveys.thanks", slug=slug), 303)
    name, form = conversation.name, MailForm()
    if request.method == "POST" and messages.can_send() and form.validate():
        to = str(form.email.data)
        send = partial(copies.mail_copy, to, found, draft.code)
        if mailed(form, draft.code, to, send, limits=saving.COPY_MAILS):
            flash(_("Sent. Look in your e-mail; it can take a few minutes."), "success")
            return redirect(url_for(".copy", slug=slug), 303)
    page = render_template(
        "surveys/copy.html",
        slug=slug,
        conversation_name=name,
        copy=found,
        rows=[{"key": one.question.words, "value": one.words} for one in found.answered],
        groups=codes.in_groups(draft.code),
        can_mail=messages.can_send(),
        form=form,
        form_errors=bool(form.errors),
    )
    return page, 422 if form.errors else 200
