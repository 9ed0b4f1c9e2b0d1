"""Save and come back later: the page with the code, the mail with the way back, and coming back by code."""

from __future__ import annotations

from collections.abc import Callable
from smtplib import SMTPException

import structlog
from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engage import config, i18n
from engage.contributions import codes
from engage.contributions import queries as contributions
from engage.conversations.models import Conversation
from engage.db import db, utcnow
from engage.forms import csrf, load_or_404
from engage.headers import without_copies
from engage.limits import limit_wrong_codes
from engage.messages import services as messages
from engage.surveys import drafts, queries, responses
from engage.surveys.answering import Filled, Sheet, read_all, read_form
from engage.surveys.comforts import preferences, saving
from engage.surveys.forms import ComeBackForm, MailForm, SendForm
from engage.surveys.models import UnsentResponse
from engage.surveys.public import as_sent, once_more, sheet_of, spoken, too_late

log = structlog.get_logger(__name__)
bp = Blueprint("saving", __name__)
ALL = "all"


@bp.after_request
def keep_no_copy(response: Response) -> Response:
    """A page with a code must not come back on a shared device with the back button."""
    response.headers["Cache-Control"] = "no-store"
    return response


# --- Save ---------------------------------------------------------------------------------------------------


@bp.post("/surveys/<slug>/save")
@csrf.exempt
def save(slug: str) -> ResponseReturnValue:
    """Keep all that stands on the page, whether it is complete or not, and show the code to come back with.

    Where it cannot be kept, the page that it came from takes the same form and says why, with all of it.
    """
    sheet = sheet_of(slug, begin=True)
    lost = too_late(slug, queries.content_of(sheet.version) if sheet else None)
    if lost:
        return lost
    if sheet is None:
        return redirect(url_for("surveys.start", slug=slug), 303)
    at = request.args.get("at", "")
    sheet = as_sent(sheet) if at in ("", ALL) else as_sent(sheet, at)
    if at not in ("", ALL) and at not in sheet.content.by_id:
        return redirect(url_for("surveys.check", slug=slug), 303)
    came_from = _came_from(sheet, at)
    if sheet.is_sent or not SendForm().validate():
        return redirect(came_from, 307)
    try:
        saving.save(
            sheet.draft.code,
            sheet.version,
            _read(sheet),
            language=i18n.page_language(),
            easy_read=sheet.easy,
            now=utcnow(),
        )
    except (saving.TooMuch, responses.AlreadySent):
        db.session.rollback()
        return redirect(came_from, 307)
    db.session.commit()
    return redirect(url_for(".saved", slug=slug), 303)


def _came_from(sheet: Sheet, at: str) -> str:
    """The page on which the button was pressed."""
    slug = sheet.survey.slug
    if at == ALL:
        return url_for("surveys.all_questions", slug=slug)
    if at in sheet.content.by_id:
        change = 1 if "change" in request.args else None
        return url_for("surveys.question", slug=slug, question_id=at, change=change)
    return url_for("surveys.send", slug=slug)


def _read(sheet: Sheet) -> Filled:
    """What stands on the page that the button was on; nothing for the check page."""
    at = request.args.get("at", "")
    if at == ALL:
        return read_all(sheet.content, request.form, sheet.answers)
    asked = sheet.content.by_id.get(at)
    return read_form([asked], request.form, sheet.answers) if asked else Filled()


@bp.route("/surveys/<slug>/saved", methods=["GET", "POST"])
@csrf.exempt
def saved(slug: str) -> ResponseReturnValue:
    """The code, and the ways back. Posting sends the way back to an e-mail address, once."""
    sheet = sheet_of(slug)
    unsent = queries.unsent_response(sheet.draft.code) if sheet else None
    if sheet is None or unsent is None or not unsent.is_saved:
        return redirect(url_for("surveys.start", slug=slug), 303)
    form = MailForm()
    if request.method == "POST" and messages.can_send() and form.validate():
        kept_until = unsent.kept_until
        to = str(form.email.data)
        if mailed(form, sheet.draft.code, to, lambda: saving.mail_way_back(to, sheet, kept_until)):
            flash(_("Sent. Look in your e-mail; it can take a few minutes."), "success")
            return redirect(url_for(".saved", slug=slug), 303)
    return _saved_page(sheet, unsent, form)


def mailed(
    form: MailForm, code: str, to: str, send: Callable[[], None], limits: saving.Limits = saving.MAILS
) -> bool:
    """Send a message; False, said on the form, where it cannot go. No transaction stays open meanwhile."""
    db.session.expunge_all()
    db.session.rollback()
    try:
        saving.count_mail(code, to, request.remote_addr or "", limits)
        send()
    except saving.TooManyMails:
        form.email.errors = [_("We have sent several messages already. Write the code down instead.")]
    except (OSError, SMTPException) as error:
        log.warning("a message could not be sent", error_type=type(error).__name__)
        form.email.errors = [
            _("We could not send it. Check the address, or write the code down: that is all you need.")
        ]
    else:
        return True
    return False


def _saved_page(sheet: Sheet, unsent: UnsentResponse, form: MailForm) -> ResponseReturnValue:
    page = render_template(
        "surveys/saved.html",
        survey=sheet.survey,
        content=sheet.content,
        conversation_name=sheet.conversation.name,
        groups=codes.in_groups(sheet.draft.code),
        kept_until=unsent.kept_until,
        closes_first=sheet.survey.closes_on < unsent.kept_until.date(),
        address=spoken(config.of(current_app).base_url) + url_for(".come_back"),
        next_url=step_url(sheet),
        can_mail=messages.can_send(),
        form=form,
        form_errors=bool(form.errors),
    )
    return page, 422 if form.errors else 200


def step_url(sheet: Sheet) -> str:
    """Where somebody goes on with their answers, in the way in which they like to answer."""
    slug = sheet.survey.slug
    if not preferences.one_at_a_time():
        return url_for("surveys.all_questions", slug=slug)
    following = saving.next_step(sheet)
    if following is None:
        return url_for("surveys.check", slug=slug)
    return url_for("surveys.question", slug=slug, question_id=following)


@bp.post("/surveys/<slug>/leave")
@csrf.exempt
def leave(slug: str) -> ResponseReturnValue:
    """Close saved answers on this device, so that the next person does not see them. They stay with us."""
    load_or_404(queries.published_survey(slug))
    form = SendForm()
    if not form.validate():
        return once_more(slug, form)
    drafts.forget(slug)
    flash(_("Closed on this device. Your code brings your answers back."), "success")
    return without_copies(redirect(url_for("surveys.start", slug=slug), 303))


# --- Come back ----------------------------------------------------------------------------------------------


@bp.route("/continue", methods=["GET", "POST"])
@csrf.exempt
@limit_wrong_codes
def come_back() -> ResponseReturnValue:
    """Take a code, in the body of the request alone. Wrong, unknown and expired codes get the same answer."""
    form = ComeBackForm()
    if request.method == "POST" and form.validate():
        found = saving.unsent_by_code(form.code.data or "")
        if found:
            return _carry_on(*found, code=codes.tidy(form.code.data or ""))
        if contributions.receipt_by_code(form.code.data or ""):
            # What was sent is shown by the tracking page, which takes the same form.
            return redirect(url_for("tracking.enter"), 307)
        form.code.errors = [
            _(
                "We have no answers under this code. Check each letter and number: there are twelve, in "
                "three groups of four. Answers that were not sent are removed after %(days)s days.",
                days=responses.SAVED_DAYS,
            )
        ]
    page = render_template("surveys/come_back.html", form=form, form_errors=bool(form.errors))
    return page, 422 if form.errors else 200


def _carry_on(unsent: UnsentResponse, conversation: Conversation, *, code: str) -> ResponseReturnValue:
    version, survey = unsent.version, unsent.version.survey
    draft = drafts.carry_on(survey.slug, code, version.id, begun=int(unsent.begun_at.timestamp()))
    easy = bool(unsent.easy_read) and queries.content_of(version).easy_read
    sheet = Sheet(survey, conversation, version, draft, unsent.answers, is_sent=False, easy=easy)
    # The address names another language, and the page that it leads to remembers it on this device.
    is_other = unsent.language and unsent.language != i18n.page_language()
    language = f"?{i18n.COOKIE}={unsent.language}" if is_other else ""
    back = redirect(step_url(sheet) + language, 303)
    if unsent.easy_read is None:
        return back
    return preferences.remember(back, "easy_read", "yes" if unsent.easy_read else "no")
