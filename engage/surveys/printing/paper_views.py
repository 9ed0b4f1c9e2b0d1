"""Paper copies: for staff, as many as they need, each with a code; for anybody, one to print at home."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from threading import Lock
from zipfile import ZipFile, ZipInfo

from flask import Blueprint, Response, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engage import config, i18n, pdf
from engage.accounts.guard import staff_blueprint
from engage.accounts.models import Role
from engage.contributions import codes
from engage.db import utcnow
from engage.forms import load_or_404
from engage.limits import limiter
from engage.surveys import queries
from engage.surveys.content import Content
from engage.surveys.keying.entry_forms import PaperForm
from engage.surveys.models import Survey, SurveyVersion
from engage.surveys.printing import paper
from engage.surveys.printing.paper import Order, Print, Size
from engage.surveys.staff_views import ONE, survey_in_hand
from engage.surveys.wording import texts

bp = Blueprint("survey_paper", __name__, url_prefix="/surveys/<slug>/paper")
staff = staff_blueprint("staff_survey_paper", __name__, {Role.RECORDER, Role.FACILITATOR})

MOST_AT_HOME = "30 per 5 minutes"
MANY = 5
IN_ONE_FILE = 20
"""Copies in one file: laying out 20 of seven pages takes about 300 MB, and 200 at once would take 1.7 GB."""
_many = Lock()
"""Only one large set is made at a time, so that a second processor stays free for everybody else."""


@bp.get("/<any(standard, large, easy):size>.pdf")
@limiter.limit(MOST_AT_HOME)
def copy(slug: str, size: str) -> ResponseReturnValue:
    """One copy with a code of its own, in the page's language. Nothing about the code is stored."""
    survey, _conversation = load_or_404(queries.published_survey(slug))
    version = queries.latest_version(survey.id)
    if not survey.is_open(utcnow().date()) or size not in sizes(queries.content_of(version)):
        return redirect(url_for("surveys.start", slug=slug), 303)
    order = Order(i18n.page_language(), Size(size))
    return _file(survey, version, order, [codes.new_code()])


@staff.route(f"{ONE}/paper", methods=["GET", "POST"])
def order(survey_id: int) -> ResponseReturnValue:
    """Choose language, size of print and number of copies; the answer is the file."""
    survey = survey_in_hand(survey_id)
    if not survey.versions:
        return render_template("surveys/paper.html", survey=survey, version=None)
    version = survey.versions[-1]
    content = queries.content_of(version)
    form = PaperForm(data={"language": i18n.DEFAULT, "size": Size.STANDARD.value, "copies": "1"})
    form.offer(content.languages, sizes(content))
    if form.validate_on_submit():
        made = [codes.new_code() for _copy in range(form.number_of_copies())]
        return _made(survey, version, form.order(), made)
    page = render_template(
        "surveys/paper.html",
        survey=survey,
        version=version,
        form=form,
        form_errors=bool(form.errors),
        gaps=_gaps(content),
    )
    return page, 422 if form.errors else 200


def sizes(content: Content) -> list[Size]:
    """The kinds of copy that a survey has: Easy Read only where it is offered and asks something."""
    has_easy = content.easy_read and any(question.has_twin for question in content.questions)
    return [Size.STANDARD, Size.LARGE, *([Size.EASY] if has_easy else [])]


def _gaps(content: Content) -> str:
    """Letters of the survey that no font has, which a copy shows as gaps."""
    return pdf.unprintable("".join(words for _key, text in texts(content) for words in text.root.values()))


def _made(survey: Survey, version: SurveyVersion, wanted: Order, made: Sequence[str]) -> ResponseReturnValue:
    if len(made) < MANY:
        return _file(survey, version, wanted, made)
    if not _many.acquire(blocking=False):
        flash(_("Somebody else is having many copies made. Try again in half a minute."), "warning")
        return redirect(url_for(".order", survey_id=survey.id), 303)
    try:
        return _file(survey, version, wanted, made)
    finally:
        _many.release()


def _file(survey: Survey, version: SurveyVersion, wanted: Order, made: Sequence[str]) -> Response:
    """The copies: a PDF file, or where they are many, several in an archive, so that memory stays small."""
    settings = config.of(current_app)
    address = settings.base_url.rstrip("/") + url_for("tracking.enter")
    printed = Print(queries.content_of(version), version.number, survey.closes_on, address)
    name = f"{survey.slug}-version-{version.number}-{wanted.language}-{wanted.size}"
    if len(made) <= IN_ONE_FILE:
        return _attached(paper.make(printed, wanted, settings, made), f"{name}.pdf", wanted.language)
    archive = BytesIO()
    with ZipFile(archive, "w") as files:
        for begin in range(0, len(made), IN_ONE_FILE):
            part = made[begin : begin + IN_ONE_FILE]
            within = ZipInfo(f"{name}-copies-{begin + 1:03}-to-{begin + len(part):03}.pdf")
            files.writestr(within, paper.make(printed, wanted, settings, part))
    return _attached(archive.getvalue(), f"{name}.zip", wanted.language)


def _attached(file: bytes, name: str, language: str) -> Response:
    return Response(
        file,
        mimetype="application/zip" if name.endswith(".zip") else "application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Language": language,
            "Cache-Control": "no-store",
            "X-Robots-Tag": "noindex",
        },
    )
