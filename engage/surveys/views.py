"""The pages on which a resident answers: one question at a time, or all of them on one page."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engage.db import db, utcnow
from engage.forms import csrf
from engage.surveys import drafts, queries, rendered, resending, responses, spoken
from engage.surveys.answering import HAD, Filled, Sheet, Values, is_blank, read_all, read_form, together
from engage.surveys.forms import SendForm
from engage.surveys.public import NO_COPY, as_sent, bp, sheet_of, token, too_late
from engage.surveys.questions import Question
from engage.surveys.sending import take
from engage.surveys.start import first_step

# --- One question at a time ---------------------------------------------------------------------------------


@bp.route("/question/<question_id>", methods=["GET", "POST"])
@csrf.exempt
def question(slug: str, question_id: str) -> ResponseReturnValue:
    sheet = sheet_of(slug, begin=True)
    if request.method == "POST":
        return _answer_question(slug, sheet, question_id)
    if sheet is None:
        return redirect(url_for(".start", slug=slug), 303)
    if sheet.is_sent:
        return redirect(url_for(".thanks", slug=slug), 303)
    if question_id not in queries.content_of(sheet.version).by_id:
        abort(404)
    asked = sheet.content.by_id.get(question_id)
    if asked is None or asked not in sheet.shown:
        return redirect(first_step(sheet), 303)
    return _question_page(sheet, asked, None, Filled())


def _answer_question(slug: str, sheet: Sheet | None, question_id: str) -> ResponseReturnValue:
    """Keep an answer and go on, also where the question does not concern the person any more.

    The page was in front of them, so what they wrote stays. It only counts where the question does.
    """
    lost = too_late(slug, queries.content_of(sheet.version) if sheet else None)
    if lost:
        return lost
    if sheet is None:
        return redirect(url_for(".start", slug=slug), 303)
    if question_id not in queries.content_of(sheet.version).by_id:
        abort(404)
    sheet = as_sent(sheet, question_id)
    asked, sheet.on_screen = sheet.content.by_id[question_id], question_id
    form = SendForm()
    filled = read_form([asked], request.form, sheet.answers)
    if form.validate() and not filled.wrong and _may_keep(sheet, form) and _keep(sheet, filled, form):
        return redirect(_after(sheet, asked, filled), 303)
    return _question_page(sheet, asked, form, filled)


def _keep(sheet: Sheet, filled: Filled, form: SendForm) -> bool:
    """Keep answers, and commit; False, said on the form, where another tab sent everything just now."""
    try:
        responses.keep_answers(
            sheet.draft.code, sheet.version, filled.answers, now=utcnow(), unseen=filled.unseen
        )
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
    answers = together(sheet.answers, filled.answers, filled.unseen)
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
    values = sheet.values_on(filled, asked)
    had = _had(asked.id, values)
    back, place, progress = _back(sheet, asked), sheet.shown.index(asked) + 1, sheet.progress(asked)

    def render() -> str:
        return render_template(
            "surveys/question.html",
            question=asked,
            slug=sheet.survey.slug,
            page=sheet.content.page_of(asked.id),
            easy=sheet.easy,
            values=values,
            had=had,
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

    if errors or had or sheet.is_sent:
        return render(), 422 if errors else 200, NO_COPY
    return rendered.page((*_form_of(sheet), back, place, progress, len(sheet.shown)), token(), render)


def _form_of(sheet: Sheet) -> tuple[Hashable, ...]:
    """The survey, word for word, in the form in which this person meets it."""
    version, is_usual = sheet.version, sheet.content is queries.content_of(sheet.version)
    return version.id, version.published_at, sheet.easy, is_usual, sheet.conversation.name


def _had(question_id: str, values: Values) -> bool:
    """Whether a page shows an answer, or showed one before it came back: then a blank means to remove it."""
    return not is_blank(values) or question_id in request.form.getlist(HAD)


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
    if request.method == "POST":
        return _answer_all(slug, sheet)
    if sheet is None:
        return redirect(url_for(".start", slug=slug), 303)
    if sheet.is_sent:
        return redirect(url_for(".thanks", slug=slug), 303)
    return _all_page(sheet, None, Filled())


def _answer_all(slug: str, sheet: Sheet | None) -> ResponseReturnValue:
    """Keep or send all that stands on the page, together with what was answered elsewhere meanwhile."""
    lost = too_late(slug, queries.content_of(sheet.version) if sheet else None)
    if lost:
        return lost
    if sheet is None:
        return redirect(url_for(".start", slug=slug), 303)
    sheet = as_sent(sheet)
    form = SendForm()
    filled = read_all(sheet.content, request.form, sheet.answers)
    if not form.validate():
        return _all_page(sheet, form, filled)
    wants_to_send = request.form.get("then") == "send" and not filled.wrong
    if wants_to_send and sheet.is_sent and "again" not in request.form and _is_same(sheet, filled):
        return redirect(url_for(".thanks", slug=slug), 303)
    if not _may_keep(sheet, form):
        return _all_page(sheet, form, filled)
    if wants_to_send:
        return _send_all(sheet, form, filled)
    if _keep(sheet, filled, form) and not filled.wrong:
        return redirect(url_for(".check", slug=slug), 303)
    return _all_page(sheet, form, filled)


def _send_all(sheet: Sheet, form: SendForm, filled: Filled) -> ResponseReturnValue:
    kept = responses.kept_with(sheet.draft.code, filled) if sheet.answers else filled.answers
    together_now = replace(sheet, answers=kept)
    return take(together_now, form, lambda: _all_page(together_now, form, filled))


def _is_same(sheet: Sheet, filled: Filled) -> bool:
    """Whether this was sent just now already: somebody pressed the button twice, or went back and on."""
    return resending.is_same(sheet.draft.code, sheet.version, filled.answers, now=utcnow())


def _all_page(sheet: Sheet, form: SendForm | None, filled: Filled) -> ResponseReturnValue:
    errors = _errors(form, filled)
    values = {asked.id: sheet.values_on(filled, asked) for asked in sheet.content.questions}

    def render() -> str:
        return render_template(
            "surveys/all.html",
            content=sheet.content,
            slug=sheet.survey.slug,
            easy=sheet.easy,
            values=values,
            had={key for key, one in values.items() if _had(key, one)},
            wrong=filled.wrong,
            only_if=lambda question: spoken.only_if(sheet.content, question),
            form=form or SendForm(),
            errors=errors,
            form_errors=bool(errors),
            already_sent=sheet.is_sent,
            conversation_name=sheet.conversation.name,
        )

    if errors or filled.typed or sheet.answers or sheet.is_sent:
        return render(), 422 if errors else 200, NO_COPY
    return rendered.page(_form_of(sheet), token(), render)
