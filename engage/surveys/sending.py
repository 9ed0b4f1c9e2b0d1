"""Looking over the answers, sending them, and the page of thanks with the code."""

from __future__ import annotations

from collections.abc import Callable

from flask import current_app, flash, get_template_attribute, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import to_user_timezone

from engage import config, i18n
from engage.contributions import codes
from engage.contributions import queries as contributions
from engage.conversations.stages import stages
from engage.db import db, utcnow
from engage.forms import csrf, load_or_404
from engage.surveys import drafts, journey, queries, rendered, responses
from engage.surveys.answering import Sheet
from engage.surveys.comforts import preferences
from engage.surveys.drafts import Draft
from engage.surveys.forms import SendForm
from engage.surveys.guarding import quarantine, suspicion
from engage.surveys.public import bp, sheet_of, spoken, token
from engage.surveys.questions import AnswerRefused
from engage.surveys.responses import Way


@bp.get("/check")
def check(slug: str) -> ResponseReturnValue:
    sheet = sheet_of(slug)
    if sheet is None:
        return redirect(url_for(".start", slug=slug), 303)
    if sheet.is_sent:
        return redirect(url_for(".thanks", slug=slug), 303)
    return _check_page(sheet, SendForm())


def _check_page(sheet: Sheet, form: SendForm) -> ResponseReturnValue:
    rows = [
        {
            "key": asked.text.said().words,
            "value": asked.words(sheet.answers.get(asked.id)),
            "empty": _("You did not answer this"),
            "url": url_for(".question", slug=sheet.survey.slug, question_id=asked.id, change=1),
        }
        for asked in sheet.shown
        if asked.is_asked
    ]
    page = render_template(
        "surveys/check.html",
        survey=sheet.survey,
        rows=rows,
        last=sheet.shown[-1].id,
        one_at_a_time=preferences.one_at_a_time(),
        form=form,
        form_errors=bool(form.errors),
        conversation_name=sheet.conversation.name,
    )
    return page, 422 if form.errors else 200


@bp.get("/send")
def look_at_send(slug: str) -> ResponseReturnValue:
    """Somebody who loads the address of the sending again sees where they are."""
    return redirect(url_for(".check", slug=slug), 303)


@bp.post("/send")
@csrf.exempt
def send(slug: str) -> ResponseReturnValue:
    draft = drafts.draft_of(slug)
    ready = queries.ready_to_send(slug, draft.code) if draft else None
    if draft is None or ready is None:
        return _nothing_to_send(slug, draft)
    unsent, conversation = ready
    sheet = Sheet(
        unsent.version.survey,
        conversation,
        unsent.version,
        draft,
        unsent.answers,
        is_sent=False,
        easy=preferences.easy_read(queries.content_of(unsent.version)),
    )
    form = SendForm()
    if not form.validate():
        return _check_page(sheet, form)
    return take(sheet, form, lambda: _check_page(sheet, form))


def take(sheet: Sheet, form: SendForm, came_from: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
    """Take in the answers on the sheet. What is missing is said on the page that they came from."""
    if _is_incomplete(sheet, form):
        return came_from()
    way = Way(language=i18n.page_language(), easy_read=sheet.easy)
    now, answered = utcnow(), sum(answer is not None for answer in sheet.answers.values())
    signs = suspicion.signs(
        request.form, address=request.remote_addr or "", draft=sheet.draft, answered=answered, now=now
    )
    try:
        responses.submit_response(
            sheet.conversation,
            sheet.version,
            sheet.answers,
            code=sheet.draft.code,
            now=now,
            way=way,
            signs=signs,
        )
    except AnswerRefused as refused:
        form.form_errors.append(str(refused))
        return came_from()
    db.session.commit()
    return redirect(url_for(".thanks", slug=sheet.survey.slug), 303)


def _nothing_to_send(slug: str, draft: Draft | None) -> ResponseReturnValue:
    """Sent before; or nothing answered; or kept so long ago that the answers are gone."""
    if draft and contributions.receipt_by_code(draft.code):
        return redirect(url_for(".thanks", slug=slug), 303)
    sheet = sheet_of(slug)
    if sheet is not None:
        form = SendForm()
        form.validate()
        _is_incomplete(sheet, form)
        return _check_page(sheet, form)
    hours = current_app.config["SESSION_HOURS"]
    flash(
        _("We have no answers of yours to send. Unsent answers stay for %(hours)s hours.", hours=hours),
        "warning",
    )
    return redirect(url_for(".start", slug=slug), 303)


def _is_incomplete(sheet: Sheet, form: SendForm) -> bool:
    """Say on the form what is missing; True where something is."""
    if not any(sheet.answers.get(asked.id) is not None for asked in sheet.shown):
        form.form_errors.append(
            _("Answer at least one question. Any one will do: choose “Change” beside it.")
        )
    for asked in sheet.unread():
        form.form_errors.append(
            _("Look at what you typed here once more: %(question)s", question=asked.text.said().words)
        )
    for asked in sheet.missing():
        form.form_errors.append(_("Answer this one too: %(question)s", question=asked.text.said().words))
    return bool(form.form_errors)


@bp.get("/thanks")
def thanks(slug: str) -> ResponseReturnValue:
    draft = drafts.draft_of(slug)
    found = journey.sent(slug, draft) if draft else None
    if draft is None or found is None:
        load_or_404(queries.published_survey(slug))
        return redirect(url_for(".start", slug=slug), 303)
    return _thanks_page(found, codes.in_groups(draft.code))


def _thanks_page(sent: journey.Sent, groups: list[list[tuple[str, str]]]) -> str:
    survey, conversation, receipt = sent.survey, sent.conversation, sent.receipt
    today = utcnow().date()
    said = sent.said or len(quarantine.voices_held(receipt))
    code = str(get_template_attribute("components/tracking_code.html", "tracking_code")(groups))

    def render() -> str:
        return render_template(
            "surveys/thanks.html",
            survey=survey,
            conversation_name=conversation.name,
            groups=groups,
            sent_at=receipt.received_at,
            said=said,
            steps=stages(conversation, today),
            track_address=spoken(config.of(current_app).base_url) + url_for("tracking.enter"),
            is_open=survey.is_open(today),
            form=SendForm(),
        )

    dates = (conversation.opens_on, conversation.closes_on, survey.opens_on, survey.closes_on, today)
    sent_on = to_user_timezone(receipt.received_at).date()
    shows = (survey.id, conversation.name, *dates, sent_on, said)
    return rendered.page(shows, [code, *token()], render)
