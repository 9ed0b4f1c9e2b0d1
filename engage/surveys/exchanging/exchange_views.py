"""Taking a survey out as a file, and starting one from a file."""

from __future__ import annotations

import json
from collections.abc import Sequence

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import FileStorage
from wtforms import FileField, HiddenField

from engage.accounts.guard import signed_in_user, staff_blueprint
from engage.accounts.models import Role
from engage.conversations.choice import the_conversation
from engage.db import db, utcnow
from engage.forms import Form, LineField, Required
from engage.surveys import queries, routing, services
from engage.surveys.content import Content
from engage.surveys.exchanging import exchange, xlsform, xlsform_in
from engage.surveys.exchanging.exchange import LARGEST_FILE, Brought, FileRefused
from engage.surveys.forms import DatesForm
from engage.surveys.models import Survey
from engage.surveys.staff_views import ONE, survey_in_hand
from engage.surveys.texts import Text

staff = staff_blueprint("staff_survey_exchange", __name__, {Role.FACILITATOR})
FORMATS = {
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
MOST_NOTES = 200


class FileForm(Form):
    """The file to begin with."""

    file = FileField(_l("The file"))


class BroughtForm(DatesForm):
    """A survey that was read from a file, before it is made. ``content`` is the survey, written once more."""

    title = LineField(
        _l("What it is called"),
        [Required(_l("Give the survey a name that people will understand."))],
        longest=120,
    )
    content = HiddenField()


# --- Out ----------------------------------------------------------------------------------------------------


@staff.get(f"{ONE}/take-out")
def take_out(survey_id: int) -> ResponseReturnValue:
    """The files that there are, and what each leaves out."""
    survey = survey_in_hand(survey_id)
    content, number = _chosen(survey)
    return render_template(
        "surveys/exchange_out.html",
        survey=survey,
        number=number,
        left_out={
            "json": [note for note in (exchange.clip_note(content),) if note],
            "xlsx": xlsform.left_out(content),
        },
    )


@staff.get(f"{ONE}/take-out/<file_format>")
def download(survey_id: int, file_format: str) -> ResponseReturnValue:
    survey = survey_in_hand(survey_id)
    if file_format not in FORMATS:
        abort(404)
    content, number = _chosen(survey)
    data = (
        exchange.as_file(content)
        if file_format == "json"
        else xlsform.as_workbook(content.with_places(the_conversation().districts), name=survey.slug)
    )
    response = Response(data, content_type=FORMATS[file_format])
    name = f"{survey.slug}-{f'version-{number}' if number else 'draft'}.{file_format}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _chosen(survey: Survey) -> tuple[Content, int | None]:
    """The version that the address names, or the draft. Another version is not found."""
    wanted = request.args.get("version", "")
    if not wanted:
        return queries.draft_content(survey), None
    found = next((one for one in survey.versions if str(one.number) == wanted), None)
    if found is None:
        abort(404)
    return queries.content_of(found), found.number


# --- In -----------------------------------------------------------------------------------------------------


@staff.route("/surveys/from-a-file", methods=["GET", "POST"])
def bring_in() -> ResponseReturnValue:
    """Choose a file; then see what came of it, before anything is made."""
    form = FileForm()
    if request.method == "GET":
        return render_template("surveys/exchange_in.html", form=form, wrong=[])
    if not form.validate():
        return _refused(form, [str(words) for errors in form.errors.values() for words in errors])
    try:
        brought = _read(request.files.get("file"))
    except FileRefused as refused:
        return _refused(form, list(refused.messages))
    conversation = the_conversation()
    made = BroughtForm(
        formdata=None,
        data={
            "title": str(brought.content.title)[:120] or conversation.name,
            "content": json.dumps(brought.content.as_json(), ensure_ascii=False),
            "opens_on": conversation.opens_on,
            "closes_on": conversation.closes_on,
        },
    )
    return _report(made, brought.content, brought.left_out)


def _refused(form: FileForm, messages: list[str]) -> ResponseReturnValue:
    wrong = [(message, "file") for message in messages]
    return render_template("surveys/exchange_in.html", form=form, wrong=wrong, form_errors=True), 422


def _read(file: FileStorage | None) -> Brought:
    if file is None or not file.filename:
        raise FileRefused(_("Choose a file."))
    with file.stream:
        data = file.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise FileRefused(_("This file is larger than 2 megabytes. A survey is much smaller."))
    return xlsform_in.read_workbook(data) if data.startswith(b"PK") else exchange.read_file(data)


@staff.post("/surveys/from-a-file/start")
def start() -> ResponseReturnValue:
    """Make the survey that was shown. What comes back from the page is read like any other file."""
    form = BroughtForm()
    try:
        brought = exchange.read_file((form.content.data or "").encode(errors="replace"))
    except FileRefused as refused:
        return _refused(FileForm(formdata=None), list(refused.messages))
    if not form.validate():
        return _report(form, brought.content, request.form.getlist("left_out")[:MOST_NOTES])
    survey = services.start_survey(
        the_conversation(),
        brought.content.model_copy(update={"title": brought.content.title.with_words("en", form.title.data)}),
        **form.values(),
        by=signed_in_user(),
        now=utcnow(),
    )
    db.session.commit()
    flash(_("The survey is made. Nobody sees it before you publish it."), "success")
    return redirect(url_for("staff_surveys.survey", survey_id=survey.id), 303)


def _report(form: BroughtForm, content: Content, left_out: Sequence[str]) -> ResponseReturnValue:
    problems = [
        _("“%(question)s”: %(message)s", question=_named(content, one.question), message=one.message)
        if one.question
        else one.message
        for one in routing.problems(services.as_published(content, the_conversation()))
    ]
    page = render_template(
        "surveys/exchange_report.html",
        form=form,
        form_errors=bool(form.errors),
        content=content,
        left_out=left_out,
        problems=problems,
    )
    return page, 422 if form.errors else 200


def _named(content: Content, question_id: str) -> Text | str:
    """A question by its words, or by its id where it has none."""
    question = content.by_id.get(question_id)
    return question.text if question and question.text else question_id
