"""Coming to a survey, and leaving the device to somebody else."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engage.conversations.models import Conversation
from engage.db import db, utcnow
from engage.forms import csrf, load_or_404
from engage.headers import without_copies
from engage.surveys import drafts, queries, responses
from engage.surveys.answering import Sheet
from engage.surveys.comforts import preferences, saving
from engage.surveys.forms import SendForm
from engage.surveys.models import Survey
from engage.surveys.public import bp, once_more, sheet_of


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
    to = _next_step(sheet) if one else url_for(".all_questions", slug=slug)
    return preferences.remember_way(redirect(to, 303), way)


def _next_step(sheet: Sheet) -> str:
    """Where somebody begins, or goes on with what they have said so far."""
    following = saving.next_step(sheet)
    if following is None:
        return url_for(".check", slug=sheet.survey.slug)
    return url_for(".question", slug=sheet.survey.slug, question_id=following)


def first_step(sheet: Sheet) -> str:
    """The address of the first question that a person meets."""
    return url_for(".question", slug=sheet.survey.slug, question_id=sheet.shown[0].id)


def _closed(survey: Survey, conversation: Conversation) -> ResponseReturnValue:
    """The page of a survey that people cannot begin now: it is over, or has not opened."""
    return render_template(
        "surveys/closed.html",
        survey=survey,
        content=queries.content_of(queries.latest_version(survey.id)),
        conversation_name=conversation.name,
        is_over=survey.closes_on < utcnow().date(),
    )


# --- Leaving the device to somebody else --------------------------------------------------------------------


@bp.post("/again")
@csrf.exempt
def again(slug: str) -> ResponseReturnValue:
    """A new set of answers from the same device, for somebody else."""
    survey, conversation = load_or_404(queries.published_survey(slug))
    if not survey.is_open(utcnow().date()):
        return _closed(survey, conversation)
    form = SendForm()
    if not form.validate():
        return once_more(slug, form)
    drafts.begin(slug, queries.latest_version(survey.id).id)
    return redirect(url_for(".begin", slug=slug), 303)


@bp.post("/forget")
@csrf.exempt
def forget(slug: str) -> ResponseReturnValue:
    """Leave nothing on this device: neither unsent answers nor the code.

    Whoever comes next must not destroy what somebody saved to come back to: it stays with us, unless its own
    person throws it away on the page with their answers.
    """
    load_or_404(queries.published_survey(slug))
    form = SendForm()
    if not form.validate():
        return once_more(slug, form)
    draft, is_gone = drafts.draft_of(slug), True
    if draft:
        is_gone = responses.forget_unsent(draft.code, even_saved="throw_away" in request.form)
        db.session.commit()
    drafts.forget(slug)
    flash(
        _("Nothing of yours is left on this device.")
        if is_gone
        else _("Closed on this device. Your code brings your answers back."),
        "success",
    )
    return without_copies(redirect(url_for("pages.home"), 303))
