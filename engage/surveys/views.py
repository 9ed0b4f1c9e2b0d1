"""The pages on which a resident answers: start, one question a page, check, send, thanks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engage import config
from engage.contributions import codes
from engage.contributions import queries as contributions
from engage.conversations.models import Conversation
from engage.conversations.stages import stages
from engage.db import db, utcnow
from engage.forms import LONGEST_TEXT, csrf, load_or_404
from engage.surveys import drafts, queries, services
from engage.surveys.drafts import Draft
from engage.surveys.forms import AnswerForm, SendForm, answer_form
from engage.surveys.models import Survey, SurveyVersion
from engage.surveys.questions import Answer, Question, read_questions

bp = Blueprint("surveys", __name__, url_prefix="/surveys/<slug>")
WITH_WORDS = {"surveys.check", "surveys.send", "surveys.thanks"}


@dataclass
class Sheet:
    """What a browser is answering: the survey, its questions, and the answers so far."""

    survey: Survey
    conversation: Conversation
    version: SurveyVersion
    draft: Draft
    answers: Mapping[str, Answer]
    is_sent: bool

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        return read_questions(self.version.questions)

    def question(self, number: int) -> Question:
        """The question with this number, from 1; else "not found"."""
        if not 1 <= number <= len(self.questions):
            abort(404)
        return self.questions[number - 1]


@bp.after_request
def keep_no_copy(response: Response) -> Response:
    """People share computers: pages with a code or with all answers must not come back after they leave."""
    if request.endpoint in WITH_WORDS:
        response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("")
def start(slug: str) -> ResponseReturnValue:
    survey, conversation = load_or_404(queries.published_survey(slug))
    if not survey.is_open(utcnow().date()):
        return _closed(survey, conversation)
    sheet = _sheet(slug)
    return render_template(
        "surveys/start.html",
        survey=survey,
        conversation_name=conversation.name,
        questions=len((sheet.version if sheet else queries.latest_version(survey.id)).questions),
        has_answers=bool(sheet and any(sheet.answers.values())),
        was_sent=bool(sheet and sheet.is_sent),
        form=SendForm() if sheet else None,
    )


@bp.route("/question/<int(max=999):number>", methods=["GET", "POST"])
@csrf.exempt
def question(slug: str, number: int) -> ResponseReturnValue:
    sheet = _sheet(slug, begin=True)
    if sheet is None:
        return redirect(url_for(".start", slug=slug), 303)
    asked = sheet.question(number)
    typed = request.form if request.method == "POST" else None
    form = answer_form(asked, sheet.answers.get(asked.id), typed)
    if typed is None and sheet.is_sent:
        return redirect(url_for(".thanks", slug=slug), 303)
    if typed is not None and form.validate() and _may_keep(sheet, form) and _keep(sheet, asked, form):
        return redirect(_after(sheet, number), 303)
    return _question_page(sheet, number, form)


def _keep(sheet: Sheet, asked: Question, form: AnswerForm) -> bool:
    """Keep an answer, and commit; False, said on the form, where another tab sent everything just now."""
    try:
        services.keep_answer(sheet.draft.nonce, sheet.version, asked, form.answer.data, now=utcnow())
    except services.AlreadySent:
        db.session.rollback()
        sheet.is_sent = True
        form.form_errors.append(_not_kept())
        return False
    db.session.commit()
    return True


def _may_keep(sheet: Sheet, form: AnswerForm) -> bool:
    """Whether an answer can be kept: not under what was sent, unless the person asked for a new set."""
    if not sheet.is_sent:
        return True
    if "again" in request.form and sheet.survey.is_open(utcnow().date()):
        sheet.draft = drafts.begin(sheet.survey.slug, sheet.version.id)
        return True
    form.form_errors.append(_not_kept())
    return False


def _not_kept() -> str:
    return _(
        "You have sent your answers already, so this is not kept yet. What you wrote is still here. "
        "You can begin a new set of answers with it."
    )


def _after(sheet: Sheet, number: int) -> str:
    """Where an answer leads: to the next question, or back to the check page for a change."""
    if "change" in request.args or number == len(sheet.questions):
        return url_for(".check", slug=sheet.survey.slug)
    return url_for(".question", slug=sheet.survey.slug, number=number + 1)


def _question_page(sheet: Sheet, number: int, form: AnswerForm) -> ResponseReturnValue:
    slug = sheet.survey.slug
    if "change" in request.args:
        back = url_for(".check", slug=slug)
    elif number > 1:
        back = url_for(".question", slug=slug, number=number - 1)
    else:
        back = url_for(".start", slug=slug)
    page = render_template(
        "surveys/question.html",
        question=sheet.question(number),
        number=number,
        total=len(sheet.questions),
        form=form,
        form_errors=bool(form.errors),
        back=back,
        is_change="change" in request.args,
        already_sent=sheet.is_sent and bool(form.errors),
        longest=LONGEST_TEXT,
        conversation_name=sheet.conversation.name,
    )
    return page, 422 if form.errors else 200


@bp.get("/check")
def check(slug: str) -> ResponseReturnValue:
    sheet = _sheet(slug)
    if sheet is None:
        return redirect(url_for(".start", slug=slug), 303)
    if sheet.is_sent:
        return redirect(url_for(".thanks", slug=slug), 303)
    return _check_page(sheet, SendForm())


def _check_page(sheet: Sheet, form: SendForm) -> ResponseReturnValue:
    rows = [
        {
            "key": question.text,
            "value": question.words(sheet.answers.get(question.id)),
            "empty": _("You did not answer this"),
            "url": url_for(".question", slug=sheet.survey.slug, number=number, change=1),
        }
        for number, question in enumerate(sheet.questions, 1)
    ]
    page = render_template(
        "surveys/check.html",
        survey=sheet.survey,
        rows=rows,
        last=len(rows),
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
    ready = queries.ready_to_send(slug, draft.nonce) if draft else None
    if draft is None or ready is None:
        return _nothing_to_send(slug, draft)
    unsent, conversation = ready
    sheet = Sheet(unsent.version.survey, conversation, unsent.version, draft, unsent.answers, is_sent=False)
    form = SendForm()
    if not form.validate() or _is_incomplete(sheet, form):
        return _check_page(sheet, form)
    services.submit_response(conversation, sheet.version, sheet.answers, nonce=draft.nonce, now=utcnow())
    db.session.commit()
    return redirect(url_for(".thanks", slug=slug), 303)


def _nothing_to_send(slug: str, draft: Draft | None) -> ResponseReturnValue:
    """Sent before; or nothing answered; or kept so long ago that the answers are gone."""
    if draft and contributions.receipt_by_nonce(draft.nonce):
        return redirect(url_for(".thanks", slug=slug), 303)
    sheet = _sheet(slug)
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
    if not any(sheet.answers.values()):
        form.form_errors.append(
            _("Answer at least one question. Any one will do: choose “Change” beside it.")
        )
    for question in sheet.questions:
        if question.required and not sheet.answers.get(question.id):
            form.form_errors.append(_("Answer this one too: %(question)s", question=question.text))
    return bool(form.form_errors)


@bp.get("/thanks")
def thanks(slug: str) -> ResponseReturnValue:
    survey, conversation = load_or_404(queries.published_survey(slug))
    draft = drafts.draft_of(slug)
    receipt = contributions.receipt_by_nonce(draft.nonce) if draft else None
    if draft is None or receipt is None:
        return redirect(url_for(".start", slug=slug), 303)
    today = utcnow().date()
    return render_template(
        "surveys/thanks.html",
        survey=survey,
        conversation_name=conversation.name,
        groups=codes.in_groups(codes.code_behind(receipt.code_hash, draft.nonce)),
        sent_at=receipt.received_at,
        said=len(contributions.contributions_of(receipt)),
        steps=stages(conversation, today),
        track_address=_spoken(config.of(current_app).base_url) + url_for("tracking.enter"),
        is_open=survey.is_open(today),
        form=SendForm(),
    )


def _spoken(address: str) -> str:
    """An address as one says it: without ``https://``."""
    return address.partition("://")[2].rstrip("/")


@bp.post("/again")
@csrf.exempt
def again(slug: str) -> ResponseReturnValue:
    """A new set of answers from the same device, for somebody else."""
    survey, conversation = load_or_404(queries.published_survey(slug))
    if not survey.is_open(utcnow().date()):
        return _closed(survey, conversation)
    if SendForm().validate():
        drafts.begin(slug, queries.latest_version(survey.id).id)
        return redirect(url_for(".question", slug=slug, number=1), 303)
    return redirect(url_for(".start", slug=slug), 303)


@bp.post("/forget")
@csrf.exempt
def forget(slug: str) -> ResponseReturnValue:
    """Leave nothing on this device: neither unsent answers nor the code."""
    load_or_404(queries.published_survey(slug))
    draft = drafts.draft_of(slug)
    if draft and SendForm().validate():
        services.forget_unsent(draft.nonce)
        db.session.commit()
        drafts.forget(slug)
        flash(_("Nothing of yours is left on this device."), "success")
    return redirect(url_for("pages.home"), 303)


def _closed(survey: Survey, conversation: Conversation) -> ResponseReturnValue:
    return render_template(
        "surveys/closed.html",
        survey=survey,
        conversation_name=conversation.name,
        is_over=survey.closes_on < utcnow().date(),
    )


def _sheet(slug: str, *, begin: bool = False) -> Sheet | None:
    """What this browser is answering; None where it has not begun, and may or shall not begin now.

    Whoever began while the survey was open may finish, even after the last day.
    """
    survey, conversation = load_or_404(queries.published_survey(slug))
    draft = drafts.draft_of(slug)
    version = queries.version(draft.version_id, survey.id) if draft else None
    if draft is None or version is None:
        if not begin or not survey.is_open(utcnow().date()):
            return None
        version = queries.latest_version(survey.id)
        draft = drafts.begin(slug, version.id)
        return Sheet(survey, conversation, version, draft, {}, is_sent=False)
    unsent = queries.unsent_response(draft.nonce)
    is_sent = unsent is None and contributions.receipt_by_nonce(draft.nonce) is not None
    return Sheet(survey, conversation, version, draft, unsent.answers if unsent else {}, is_sent)
