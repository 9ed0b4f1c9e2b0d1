"""What the pages on which a resident answers have in common: their blueprint, and what a browser answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf
from werkzeug.datastructures import MultiDict

from engage.db import utcnow
from engage.forms import load_or_404
from engage.surveys import drafts, journey, queries
from engage.surveys.answering import PREFIX, Sheet, Values, is_blank
from engage.surveys.comforts import preferences
from engage.surveys.content import Content
from engage.surveys.forms import SendForm
from engage.surveys.questions import Answer, AnswerRefused

bp = Blueprint("surveys", __name__, url_prefix="/surveys/<slug>")
WITH_ANSWERS = {"surveys.check", "surveys.send", "surveys.thanks"}
NO_COPY = {"Cache-Control": "no-store"}
"""The header of a page with somebody's words, which must not come back on a shared device."""


@bp.after_request
def keep_no_copy(response: Response) -> Response:
    """People share computers: pages with a code or with all answers must not come back after they leave."""
    if request.endpoint in WITH_ANSWERS:
        response.headers.update(NO_COPY)
    return response


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


def token() -> list[str]:
    """What stands in each form for this person alone: its protection against other sites."""
    return [generate_csrf()] if current_app.config["WTF_CSRF_ENABLED"] else []


def once_more(slug: str, form: SendForm) -> ResponseReturnValue:
    """Say at the start that a button did nothing, since its page was open for too long."""
    flash(str(form.form_errors[0]), "warning")
    return redirect(url_for("surveys.start", slug=slug), 303)


# --- Words for which there is no place any more -------------------------------------------------------------


def as_sent(sheet: Sheet, *also: str) -> Sheet:
    """The form that the sent page was in. Whoever changed to Easy Read in another tab loses no answer."""
    sent = {*_fields(request.form), *also}
    return sheet if sent <= sheet.content.by_id.keys() else replace(sheet, easy=False)


def too_late(slug: str, content: Content | None) -> ResponseReturnValue | None:
    """Words on a page to copy them from, where what was sent has no place in ``content``; None where it has.

    So it is when somebody was away for so long that they would begin again, and meanwhile the survey closed
    (there is no content for them) or has other questions.
    """
    found = _fields(request.form)
    gone = {key: values for key, values in found.items() if content is None or key not in content.by_id}
    if all(map(is_blank, gone.values())):
        return None
    survey, conversation = load_or_404(queries.published_survey(slug))
    newest = content or queries.content_of(queries.latest_version(survey.id))
    page = render_template(
        "surveys/too_late.html",
        survey=survey,
        conversation_name=conversation.name,
        content=newest,
        is_open=content is not None,
        words=[_as_written(newest, key, values) for key, values in found.items() if not is_blank(values)],
        form_errors=True,
    )
    return page, 422, NO_COPY


def _fields(form: MultiDict[str, str]) -> dict[str, Values]:
    """The fields with answers that a form sent, by question."""
    found: dict[str, Values] = {}
    for key in form:
        name, _dot, part = key.removeprefix(PREFIX).partition(".")
        if key.startswith(PREFIX):
            found.setdefault(name, {})[part] = form.getlist(key)
    return found


def _as_written(content: Content, question_id: str, values: Values) -> tuple[str, str]:
    """The question, where there is still one, and what was chosen or written."""
    asked = content.by_id.get(question_id)
    written = "\n".join(value for part in values.values() for value in part if value.strip())
    if asked is None:
        return "", written
    try:
        return asked.text.said().words, asked.words(asked.read(values))
    except AnswerRefused:
        return asked.text.said().words, written


def spoken(address: str) -> str:
    """An address as one says it: without ``https://``."""
    return address.partition("://")[2].rstrip("/")
