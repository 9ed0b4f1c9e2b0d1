"""Clips of questions: facilitators add and remove them, people watch and listen."""

from __future__ import annotations

from contextlib import suppress

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import RequestEntityTooLarge

from engage import files, i18n
from engage.accounts.guard import signed_in_user, staff_blueprint
from engage.accounts.models import Role
from engage.db import db, utcnow
from engage.forms import csrf, load_or_404
from engage.surveys import queries, services
from engage.surveys.content import read_content
from engage.surveys.models import Survey
from engage.surveys.staff_views import ONE, survey_in_hand
from engage.surveys.words import clips
from engage.surveys.words.clips import LARGEST, ClipRefused
from engage.surveys.words.translating import is_language
from engage.surveys.words.translation_forms import ClipForm, RemoveClipForm

staff = staff_blueprint("staff_clips", __name__, {Role.FACILITATOR})
bp = Blueprint("clips", __name__, url_prefix="/surveys/<slug>/clips")

ROOM_FOR_WORDS = 4 * 1024 * 1024
UPLOAD = "staff_clips.question"
SIGNED_IN = "_user_id"  # Where Flask-Login keeps the token of the sign-in.
FOR_A_YEAR = "public, max-age=31536000, immutable"
ONLY_THIS_BROWSER = "private, max-age=3600"


# --- For everybody ------------------------------------------------------------------------------------------


@bp.get("/<key>")
def show(slug: str, key: str) -> ResponseReturnValue:
    """A film, a recording or captions of a published survey. Its name comes from its content, so it stays."""
    survey, _conversation = load_or_404(queries.published_survey(slug))
    if not clips.is_published(survey, key):
        abort(404)
    return _sent(key, FOR_A_YEAR)


@bp.app_template_global("clip_address")
def clip_address(key: str) -> str:
    """Where a page fetches a file: on staff pages through the draft, else through the published survey."""
    place = request.view_args or {}
    if "survey_id" in place:
        return url_for("staff_clips.show_draft", survey_id=place["survey_id"], key=key)
    return url_for("clips.show", slug=place["slug"], key=key) if "slug" in place else ""


@bp.app_template_global("language_name")
def language_name(code: str) -> str:
    """What a language calls itself."""
    return i18n.own_name(code) if is_language(code) else code


def _sent(key: str, caching: str) -> Response:
    try:
        response = files.send_stored(key)
    except FileNotFoundError:
        abort(404)
    response.headers["Cache-Control"] = caching
    return response


# --- For facilitators ---------------------------------------------------------------------------------------


@staff.get(f"{ONE}/clips/file/<key>")
def show_draft(survey_id: int, key: str) -> ResponseReturnValue:
    """A file of the draft, for the preview, or of an earlier version."""
    survey = survey_in_hand(survey_id)
    if key not in clips.keys_in(queries.draft_content(survey)) and not clips.is_published(survey, key):
        abort(404)
    return _sent(key, ONLY_THIS_BROWSER)


@staff.get(f"{ONE}/clips")
def overview(survey_id: int) -> ResponseReturnValue:
    survey = survey_in_hand(survey_id)
    return render_template("surveys/clips.html", survey=survey, content=queries.draft_content(survey))


@staff.before_app_request
def read_the_film_first() -> None:
    """Read a large file before anything asks the database: a slow upload must hold up nobody who writes.

    Only for browsers that are signed in; the guard then looks at the sign-in itself.
    """
    if request.endpoint != UPLOAD or request.method != "POST":
        return
    if SIGNED_IN in session:
        request.max_content_length = LARGEST + ROOM_FOR_WORDS
        with suppress(RequestEntityTooLarge):
            request.form  # noqa: B018 - reading is what is wanted


@staff.route(f"{ONE}/clips/<question_id>", methods=["GET", "POST"])
@csrf.exempt
def question(survey_id: int, question_id: str) -> ResponseReturnValue:
    """The clips of one question, and one more. The form makes the check against other sites itself."""
    survey = survey_in_hand(survey_id)
    try:
        form = _form()
    except RequestEntityTooLarge:
        return _too_large(survey, question_id)
    if form.validate_on_submit() and _add(survey, question_id, form):
        flash(_("The clip is kept. People see it from the next version on."), "success")
        return redirect(url_for(".question", survey_id=survey_id, question_id=question_id), 303)
    return _page(survey, question_id, form)


def _form() -> ClipForm:
    form = ClipForm()
    form.language.choices = [(code, i18n.own_name(code)) for code in i18n.languages()]
    return form


def _too_large(survey: Survey, question_id: str) -> ResponseReturnValue:
    """What was sent could not be read, so that only the file is missing, and what was written beside it."""
    form = ClipForm(formdata=None)
    form.language.choices = [(code, i18n.own_name(code)) for code in i18n.languages()]
    message = _(
        "The file has more than %(most)s MB. Save it smaller or shorter, then choose it again. What you "
        "wrote beside it is still there when you go back one page.",
        most=LARGEST // (1024 * 1024),
    )
    form.file.errors = [message]
    page, _status = _page(survey, question_id, form)
    return page, 413


def _add(survey: Survey, question_id: str, form: ClipForm) -> bool:
    """Keep the clip in the draft; False, said on the form, where it cannot be taken."""
    content = read_content(services.draft_for_change(survey).content)
    if question_id not in content.by_id:
        abort(404)
    try:
        clip = clips.take_in(
            kind=form.kind.data,
            language=form.language.data,
            file=request.files.get("file"),
            captions=request.files.get("captions"),
            transcript=form.transcript.data,
            silent=form.silent.data,
        )
        changed = clips.with_clip(content, question_id, clip)
    except ClipRefused as refused:
        form[refused.field].errors = [*form[refused.field].errors, str(refused)]
        return False
    services.save_draft(survey, changed, by=signed_in_user(), now=utcnow())
    db.session.commit()
    return True


def _page(survey: Survey, question_id: str, form: ClipForm) -> tuple[str, int]:
    content = queries.draft_content(survey)
    found = content.by_id.get(question_id) or abort(404)
    wrong = bool(form.errors or form.form_errors)
    page = render_template(
        "surveys/clips_question.html",
        survey=survey,
        question=found,
        form=form,
        remove_form=RemoveClipForm(formdata=None),
        most=clips.MOST,
        largest=LARGEST // (1024 * 1024),
        form_errors=wrong,
    )
    return page, 422 if wrong else 200


@staff.post(f"{ONE}/clips/<question_id>/remove")
def remove(survey_id: int, question_id: str) -> ResponseReturnValue:
    """Take a clip out of the draft. Its file stays, since published versions may show it."""
    survey = survey_in_hand(survey_id)
    if RemoveClipForm().validate():
        content = read_content(services.draft_for_change(survey).content)
        if question_id not in content.by_id:
            abort(404)
        changed = clips.without_clip(content, question_id, request.form.get("file", ""))
        if changed != content:
            services.save_draft(survey, changed, by=signed_in_user(), now=utcnow())
            flash(_("The clip is gone from the draft. Published versions keep it."), "success")
        db.session.commit()
    return redirect(url_for(".question", survey_id=survey_id, question_id=question_id), 303)
