"""Surveys for facilitators: the list, starting one, publishing its questions, and when it is open."""

from __future__ import annotations

from collections.abc import Mapping

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engage import config
from engage.accounts.guard import signed_in_user, staff_blueprint
from engage.accounts.models import Role
from engage.conversations.choice import the_conversation
from engage.db import db, utcnow
from engage.forms import load_or_404
from engage.surveys import queries, services
from engage.surveys.forms import PublishForm, SurveyForm
from engage.surveys.models import Survey
from engage.surveys.questions import Question, big_conversation, read_questions

staff = staff_blueprint("staff_surveys", __name__, {Role.FACILITATOR})
ONE = "/surveys/<int(max=2147483647):survey_id>"


@staff.get("/surveys")
def surveys() -> ResponseReturnValue:
    conversation = the_conversation()
    lines = [(line, state_of(line.survey, line.number)) for line in queries.surveys(conversation.id)]
    return render_template("surveys/surveys.html", lines=lines)


@staff.route("/surveys/start", methods=["GET", "POST"])
def start() -> ResponseReturnValue:
    conversation = the_conversation()
    form = SurveyForm(
        data={
            "title": conversation.name,
            "introduction": conversation.purpose,
            "opens_on": conversation.opens_on,
            "closes_on": conversation.closes_on,
        }
    )
    if form.validate_on_submit():
        survey = services.start_survey(
            conversation,
            **form.values(),
            by=signed_in_user(),
            now=utcnow(),
        )
        db.session.commit()
        return redirect(url_for(".survey", survey_id=survey.id), 303)
    page = render_template("surveys/start_survey.html", form=form, form_errors=bool(form.errors), survey=None)
    return page, 422 if form.errors else 200


@staff.get(ONE)
def survey(survey_id: int) -> ResponseReturnValue:
    conversation = the_conversation()
    found = _survey(survey_id)
    latest = found.versions[-1] if found.versions else None
    present = big_conversation(conversation.districts)
    published = read_questions(latest.questions) if latest else ()
    settings = config.of(current_app)
    counted = queries.answer_counts([version.id for version in found.versions])
    return render_template(
        "surveys/survey.html",
        chosen={question.id: _bars(question, counted[question.id]) for question in published},
        survey=found,
        state=state_of(found, latest.number if latest else None),
        latest=latest,
        questions=published or present,
        has_news=published != present,
        responses=queries.response_count([version.id for version in found.versions]),
        address=settings.base_url.rstrip("/") + url_for("surveys.start", slug=found.slug),
        form=PublishForm(),
    )


def _bars(question: Question, counted: Mapping[str, int]) -> list[tuple[str, int | None, int]]:
    """Rows for a list of bars: the answer's words, how many chose it (None: under 5), the longest bar."""
    counts = {choice.value: counted.get(choice.value, 0) for choice in question.choices}
    shown = queries.without_small(counts)
    most = max((count for count in shown.values() if count), default=0)
    return [(choice.label, shown[choice.value], most) for choice in question.choices]


@staff.get(f"{ONE}/preview")
def preview(survey_id: int) -> ResponseReturnValue:
    """Every question as people meet it, on one page, with nothing to send."""
    found = _survey(survey_id)
    latest = found.versions[-1] if found.versions else None
    questions = read_questions(latest.questions) if latest else big_conversation(the_conversation().districts)
    return render_template(
        "surveys/preview.html",
        survey=found,
        asked=questions,
    )


@staff.post(f"{ONE}/publish")
def publish(survey_id: int) -> ResponseReturnValue:
    """Publish the questions of a Big Conversation with the conversation's present districts."""
    found = _survey(survey_id)
    if PublishForm().validate():
        version = services.publish_version(
            found, big_conversation(the_conversation().districts), by=signed_in_user(), now=utcnow()
        )
        db.session.commit()
        flash(_("Version %(number)s is published.", number=version.number), "success")
    return redirect(url_for(".survey", survey_id=survey_id), 303)


@staff.route(f"{ONE}/change", methods=["GET", "POST"])
def change(survey_id: int) -> ResponseReturnValue:
    found = _survey(survey_id)
    form = SurveyForm(obj=found)
    if form.validate_on_submit():
        services.change_survey(
            found,
            **form.values(),
            by=signed_in_user(),
            now=utcnow(),
        )
        db.session.commit()
        flash(_("Saved."), "success")
        return redirect(url_for(".survey", survey_id=survey_id), 303)
    page = render_template(
        "surveys/start_survey.html", form=form, form_errors=bool(form.errors), survey=found
    )
    return page, 422 if form.errors else 200


def state_of(survey: Survey, number: int | None) -> tuple[str, str]:
    """What people can do with a survey today, in words, and the kind of tag."""
    today = utcnow().date()
    if number is None:
        return _("Not published"), "plain"
    if survey.is_open(today):
        return _("Open"), "good"
    return (_("Closed"), "plain") if today > survey.closes_on else (_("Not open yet"), "wait")


def _survey(survey_id: int) -> Survey:
    found: Survey = load_or_404(queries.survey(survey_id, the_conversation().id))
    return found
