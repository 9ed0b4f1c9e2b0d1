"""The pages on which a resident answers: start, the questions, check, send, thanks."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    get_template_attribute,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import to_user_timezone
from flask_wtf.csrf import generate_csrf

from engage import config, i18n
from engage.contributions import codes
from engage.contributions import queries as contributions
from engage.conversations.models import Conversation
from engage.conversations.stages import stages
from engage.db import db, utcnow
from engage.forms import csrf, load_or_404
from engage.surveys import drafts, journey, queries, rendered, responses, spoken
from engage.surveys.answering import PREFIX, Filled, Sheet, read_all, read_form
from engage.surveys.comforts import preferences
from engage.surveys.drafts import Draft
from engage.surveys.forms import SendForm
from engage.surveys.guarding import quarantine, suspicion
from engage.surveys.models import Survey
from engage.surveys.questions import Answer, AnswerRefused, Question
from engage.surveys.responses import Way

bp = Blueprint("surveys", __name__, url_prefix="/surveys/<slug>")
WITH_ANSWERS = {"surveys.check", "surveys.send", "surveys.thanks"}


@bp.after_request
def keep_no_copy(response: Response) -> Response:
    """People share computers: pages with a code or with all answers must not come back after they leave."""
    if request.endpoint in WITH_ANSWERS:
        response.headers["Cache-Control"] = "no-store"
    return response


# --- Start --------------------------------------------------------------------------------------------------


@bp.get("")
def start(slug: str) -> ResponseReturnValue:
    survey, conversation = load_or_404(queries.published_survey(slug))
    if not survey.is_open(utcnow().date()):
        return _closed(survey, conversation)
    sheet = sheet_of(slug)
    version = sheet.version if sheet else queries.latest_version(survey.id)
    content = queries.content_of(version)
    return render_template(
        "surveys/start.html",
        survey=survey,
        content=content,
        version=version,
        conversation_name=conversation.name,
        questions=preferences.as_read(content).usual_length,
        has_answers=bool(sheet and any(sheet.answers.values())),
        was_sent=bool(sheet and sheet.is_sent),
        one_at_a_time=preferences.one_at_a_time(),
        reads_easy=preferences.easy_read(content),
        form=SendForm() if sheet else None,
    )


@bp.get("/begin")
def begin(slug: str) -> ResponseReturnValue:
    """To the questions, one at a time or all on one page, as the person chose now or the last time.

    With ``easy`` the person chooses Easy Read or the usual words, and is back at the start.
    """
    easy = request.args.get("easy", "")
    if easy in preferences.EASY:
        back = redirect(url_for(".start", slug=slug), 303)
        return preferences.remember(back, "easy_read", easy)
    sheet = sheet_of(slug, begin=True)
    if sheet is None:
        return redirect(url_for(".start", slug=slug), 303)
    way = request.args.get("way", "")
    one = preferences.one_at_a_time() if way not in preferences.WAYS else way == "one"
    to = _first_step(sheet) if one else url_for(".all_questions", slug=slug)
    return preferences.remember_way(redirect(to, 303), way)


# --- One question at a time ---------------------------------------------------------------------------------


@bp.route("/question/<question_id>", methods=["GET", "POST"])
@csrf.exempt
def question(slug: str, question_id: str) -> ResponseReturnValue:
    sheet = sheet_of(slug, begin=True)
    if sheet is None:
        return redirect(url_for(".start", slug=slug), 303)
    if sheet.is_sent and request.method == "GET":
        return redirect(url_for(".thanks", slug=slug), 303)
    if question_id not in queries.content_of(sheet.version).by_id:
        abort(404)
    sheet = _as_sent(sheet)
    asked = sheet.content.by_id.get(question_id)
    if asked is None or asked not in sheet.shown:
        return redirect(_first_step(sheet), 303)
    if request.method == "GET":
        return _question_page(sheet, asked, None, Filled())
    form = SendForm()
    filled = read_form([asked], request.form)
    if form.validate() and not filled.wrong and _may_keep(sheet, form) and _keep(sheet, filled, form):
        return redirect(_after(sheet, asked, filled), 303)
    return _question_page(sheet, asked, form, filled)


def _as_sent(sheet: Sheet) -> Sheet:
    """The form that the sent page was in. Whoever changed to Easy Read in another tab loses no answer."""
    sent = {key.removeprefix(PREFIX).partition(".")[0] for key in request.form if key.startswith(PREFIX)}
    return sheet if sent <= sheet.content.by_id.keys() else replace(sheet, easy=False)


def _first_step(sheet: Sheet) -> str:
    return url_for(".question", slug=sheet.survey.slug, question_id=sheet.shown[0].id)


def _keep(sheet: Sheet, filled: Filled, form: SendForm) -> bool:
    """Keep answers, and commit; False, said on the form, where another tab sent everything just now."""
    try:
        responses.keep_answers(sheet.draft.code, sheet.version, filled.answers, now=utcnow())
    except responses.AlreadySent:
        db.session.rollback()
        sheet.is_sent = True
        form.form_errors.append(_not_kept())
        return False
    db.session.commit()
    return True


def _may_keep(sheet: Sheet, form: SendForm) -> bool:
    """Whether an answer can be kept: not under what was sent, unless the person asked for a new set."""
    if not sheet.is_sent:
        return True
    if "again" in request.form and sheet.survey.is_open(utcnow().date()):
        sheet.draft = drafts.begin(sheet.survey.slug, sheet.version.id, begun=sheet.draft.begun)
        sheet.is_sent = False
        return True
    form.form_errors.append(_not_kept())
    return False


def _not_kept() -> str:
    return _(
        "You have sent your answers already, so this is not kept yet. What you wrote is still here. "
        "You can begin a new set of answers with it."
    )


def _after(sheet: Sheet, asked: Question, filled: Filled) -> str:
    """Where an answer leads: to the next question, or back to the check page for a change."""
    answers = {**sheet.answers, **filled.answers}
    is_change = "change" in request.args
    following = sheet.new_after(asked, answers) if is_change else sheet.after(asked, answers)
    if following is None:
        return url_for(".check", slug=sheet.survey.slug)
    change = 1 if is_change else None
    return url_for(".question", slug=sheet.survey.slug, question_id=following.id, change=change)


def _question_page(
    sheet: Sheet, asked: Question, form: SendForm | None, filled: Filled
) -> ResponseReturnValue:
    errors = _errors(form, filled)
    values = filled.typed.get(asked.id, {}) if filled.typed else sheet.values(asked)
    back, place, progress = _back(sheet, asked), sheet.shown.index(asked) + 1, sheet.progress(asked)

    def render() -> str:
        return render_template(
            "surveys/question.html",
            question=asked,
            slug=sheet.survey.slug,
            page=sheet.content.page_of(asked.id),
            easy=sheet.easy,
            values=values,
            wrong=filled.wrong.get(asked.id),
            place=place,
            total=len(sheet.shown),
            progress=progress,
            form=form or SendForm(),
            errors=errors,
            form_errors=bool(errors),
            back=back,
            is_change="change" in request.args,
            already_sent=sheet.is_sent,
            conversation_name=sheet.conversation.name,
        )

    if errors or any(values.values()) or sheet.is_sent:
        return render(), 422 if errors else 200
    return rendered.page((*_form_of(sheet), back, place, progress, len(sheet.shown)), _token(), render)


def _form_of(sheet: Sheet) -> tuple[Hashable, ...]:
    """The survey, word for word, in the form in which this person meets it."""
    version, is_usual = sheet.version, sheet.content is queries.content_of(sheet.version)
    return version.id, version.published_at, sheet.easy, is_usual, sheet.conversation.name


def _token() -> list[str]:
    """What stands in each form for this person alone: its protection against other sites."""
    return [generate_csrf()] if current_app.config["WTF_CSRF_ENABLED"] else []


def _back(sheet: Sheet, asked: Question) -> str:
    slug = sheet.survey.slug
    if "change" in request.args:
        return url_for(".check", slug=slug)
    before = sheet.before(asked)
    if before is None:
        return url_for(".start", slug=slug)
    return url_for(".question", slug=slug, question_id=before.id)


def _errors(form: SendForm | None, filled: Filled) -> list[tuple[str, str | None]]:
    """Everything that is wrong, with the field that it is about."""
    said = form.form_errors if form else ()
    general: list[tuple[str, str | None]] = [(str(words), None) for words in said]
    return general + [(wrong.message, wrong.field_id) for wrong in filled.wrong.values()]


# --- All questions on one page ------------------------------------------------------------------------------


@bp.route("/all", methods=["GET", "POST"])
@csrf.exempt
def all_questions(slug: str) -> ResponseReturnValue:
    sheet = sheet_of(slug, begin=True)
    if sheet is None:
        return redirect(url_for(".start", slug=slug), 303)
    if sheet.is_sent and request.method == "GET":
        return redirect(url_for(".thanks", slug=slug), 303)
    sheet = _as_sent(sheet)
    if request.method == "GET":
        return _all_page(sheet, None, Filled())
    form = SendForm()
    filled = read_all(sheet.content, request.form)
    wants_to_send = request.form.get("then") == "send"
    if not form.validate() or not _may_keep(sheet, form):
        return _all_page(sheet, form, filled)
    if wants_to_send and not filled.wrong:
        sheet.answers = filled.answers
        return _send(sheet, form, filled)
    if _keep(sheet, filled, form) and not filled.wrong:
        return redirect(url_for(".check", slug=slug), 303)
    return _all_page(sheet, form, filled)


def _all_page(sheet: Sheet, form: SendForm | None, filled: Filled) -> ResponseReturnValue:
    errors = _errors(form, filled)

    def render() -> str:
        so_far = {asked.id: sheet.values(asked) for asked in sheet.content.questions}
        return render_template(
            "surveys/all.html",
            content=sheet.content,
            slug=sheet.survey.slug,
            easy=sheet.easy,
            values=filled.typed or so_far,
            wrong=filled.wrong,
            only_if=lambda question: spoken.only_if(sheet.content, question),
            form=form or SendForm(),
            errors=errors,
            form_errors=bool(errors),
            already_sent=sheet.is_sent,
            conversation_name=sheet.conversation.name,
        )

    if errors or filled.typed or sheet.answers or sheet.is_sent:
        return render(), 422 if errors else 200
    return rendered.page(_form_of(sheet), _token(), render)


# --- Check and send -----------------------------------------------------------------------------------------


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
    return _send(sheet, form, None)


def _send(sheet: Sheet, form: SendForm, filled: Filled | None) -> ResponseReturnValue:
    """Take in the answers on the sheet. What is missing is said on the page that they came from."""
    if _is_incomplete(sheet, form):
        return _all_page(sheet, form, filled) if filled else _check_page(sheet, form)
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
        return _check_page(sheet, form)
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
            track_address=_spoken(config.of(current_app).base_url) + url_for("tracking.enter"),
            is_open=survey.is_open(today),
            form=SendForm(),
        )

    dates = (conversation.opens_on, conversation.closes_on, survey.opens_on, survey.closes_on, today)
    sent_on = to_user_timezone(receipt.received_at).date()
    shows = (survey.id, conversation.name, *dates, sent_on, said)
    return rendered.page(shows, [code, *_token()], render)


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
        return redirect(url_for(".begin", slug=slug), 303)
    return redirect(url_for(".start", slug=slug), 303)


@bp.post("/forget")
@csrf.exempt
def forget(slug: str) -> ResponseReturnValue:
    """Leave nothing on this device: neither unsent answers nor the code."""
    load_or_404(queries.published_survey(slug))
    draft = drafts.draft_of(slug)
    if draft and SendForm().validate():
        responses.forget_unsent(draft.code)
        db.session.commit()
        drafts.forget(slug)
        flash(_("Nothing of yours is left on this device."), "success")
    return redirect(url_for("pages.home"), 303)


def _closed(survey: Survey, conversation: Conversation) -> ResponseReturnValue:
    return render_template(
        "surveys/closed.html",
        survey=survey,
        content=queries.content_of(queries.latest_version(survey.id)),
        conversation_name=conversation.name,
        is_over=survey.closes_on < utcnow().date(),
    )


def sheet_of(slug: str, *, begin: bool = False) -> Sheet | None:
    """What this browser is answering; None where it has not begun, and may or shall not begin now.

    Whoever began while the survey was open may finish, even after the last day.
    """
    draft = drafts.draft_of(slug)
    found = journey.under_way(slug, draft) if draft else None
    if draft is None or found is None:
        return _begun_sheet(slug, begin)
    answers: Mapping[str, Answer] = found.unsent.answers if found.unsent else {}
    is_sent = found.unsent is None and found.receipt_id is not None
    easy = preferences.easy_read(queries.content_of(found.version))
    return Sheet(found.survey, found.conversation, found.version, draft, answers, is_sent, easy)


def _begun_sheet(slug: str, begin: bool) -> Sheet | None:
    """A new sheet, with a draft of its own, where somebody may and shall begin."""
    found: journey.Published = load_or_404(journey.published(slug))
    if not begin or not found.survey.is_open(utcnow().date()):
        return None
    draft = drafts.begin(slug, found.version.id)
    easy = preferences.easy_read(queries.content_of(found.version))
    return Sheet(found.survey, found.conversation, found.version, draft, {}, is_sent=False, easy=easy)
