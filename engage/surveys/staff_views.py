"""Surveys for facilitators: the list, starting one, its page, publishing, and when it is open."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engage import config
from engage.accounts.guard import signed_in_user, staff_blueprint
from engage.accounts.models import Role
from engage.conversations.choice import the_conversation
from engage.db import db, utcnow
from engage.forms import load_or_404
from engage.surveys import queries, routing, services, templates
from engage.surveys.content import Content
from engage.surveys.forms import DatesForm, StartForm
from engage.surveys.models import Survey
from engage.surveys.texts import Text

staff = staff_blueprint("staff_surveys", __name__, {Role.FACILITATOR})
ONE = "/surveys/<int:survey_id>"
SCRATCH = "scratch"


@staff.get("/surveys")
def surveys() -> ResponseReturnValue:
    conversation = the_conversation()
    lines = [(line, state_of(line.survey, line.number)) for line in queries.surveys(conversation.id)]
    return render_template("surveys/surveys.html", lines=lines)


@staff.route("/surveys/start", methods=["GET", "POST"])
def start() -> ResponseReturnValue:
    conversation = the_conversation()
    form = StartForm(
        data={
            "title": conversation.name,
            "begin_with": templates.NAMES[0],
            "opens_on": conversation.opens_on,
            "closes_on": conversation.closes_on,
        }
    )
    earlier = [line.survey for line in queries.surveys(conversation.id)]
    form.offer(
        [
            *((name, str(templates.template(name).title)) for name in templates.NAMES),
            *((f"copy-{one.id}", _("A copy of “%(title)s”", title=one.title)) for one in earlier),
            (SCRATCH, _("An empty survey")),
        ]
    )
    if form.validate_on_submit():
        content = _begun_with(form.begin_with.data, earlier).model_copy(
            update={"title": Text(form.title.data)}
        )
        made = services.start_survey(
            conversation,
            content,
            **form.values(),
            by=signed_in_user(),
            now=utcnow(),
        )
        db.session.commit()
        return redirect(url_for(".survey", survey_id=made.id), 303)
    page = render_template("surveys/start_survey.html", form=form, form_errors=bool(form.errors))
    return page, 422 if form.errors else 200


def _begun_with(choice: str, earlier: list[Survey]) -> Content:
    if choice in templates.NAMES:
        return templates.template(choice)
    for one in earlier:
        if choice == f"copy-{one.id}":
            return queries.draft_content(one)
    return templates.empty("")


@staff.get(ONE)
def survey(survey_id: int) -> ResponseReturnValue:
    found = survey_in_hand(survey_id)
    latest = found.versions[-1] if found.versions else None
    content = queries.draft_content(found)
    published = queries.content_of(latest) if latest else None
    settings = config.of(current_app)
    return render_template(
        "surveys/survey.html",
        survey=found,
        state=state_of(found, latest.number if latest else None),
        latest=latest,
        content=content,
        problems=routing.problems(_as_published(content)),
        has_news=published is None or published != _as_published(content),
        responses=queries.response_count([version.id for version in found.versions]),
        address=settings.base_url.rstrip("/") + url_for("surveys.start", slug=found.slug),
    )


def _as_published(content: Content) -> Content:
    return services.as_published(content, the_conversation())


@staff.route(f"{ONE}/dates", methods=["GET", "POST"])
def dates(survey_id: int) -> ResponseReturnValue:
    """When people can answer: with it, a survey is closed and opened again."""
    found = survey_in_hand(survey_id)
    form = DatesForm(obj=found)
    if form.validate_on_submit():
        services.change_dates(
            found,
            **form.values(),
            by=signed_in_user(),
            now=utcnow(),
        )
        db.session.commit()
        flash(_("Saved."), "success")
        return redirect(url_for(".survey", survey_id=survey_id), 303)
    page = render_template("surveys/dates.html", form=form, form_errors=bool(form.errors), survey=found)
    return page, 422 if form.errors else 200


def state_of(survey: Survey, number: int | None) -> tuple[str, str]:
    """What people can do with a survey today, in words, and the kind of tag."""
    today = utcnow().date()
    if number is None:
        return _("Not published"), "plain"
    if survey.is_open(today):
        return _("Open"), "good"
    return (_("Closed"), "plain") if today > survey.closes_on else (_("Not open yet"), "wait")


def survey_in_hand(survey_id: int) -> Survey:
    """The survey, if it belongs to the conversation in hand; else "not found"."""
    found: Survey = load_or_404(queries.survey(survey_id, the_conversation().id))
    return found
