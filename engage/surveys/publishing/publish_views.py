"""Publishing a survey after going through its check list, and the history of what was published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engage.accounts.guard import signed_in_user, staff_blueprint
from engage.accounts.models import Role
from engage.conversations.choice import the_conversation
from engage.db import db, utcnow
from engage.forms import clean_line, clean_text
from engage.surveys import queries, services
from engage.surveys.content import BrokenSurvey, Content
from engage.surveys.forms import PublishForm
from engage.surveys.models import Survey, SurveyVersion
from engage.surveys.publishing import check_list, promises
from engage.surveys.publishing.changes import changes
from engage.surveys.publishing.check_list import PRINCIPLES, Check, State
from engage.surveys.publishing.promises import PROMISES, Said
from engage.surveys.staff_views import ONE, survey_in_hand

staff = staff_blueprint("staff_survey_publishing", __name__, {Role.FACILITATOR})


@dataclass(frozen=True)
class HistoryLine:
    """One version: who published it, how many answered it, and what changed since the one before."""

    version: SurveyVersion
    by: str
    responses: int
    changes: list[str]
    promises: list[str]


@staff.route(f"{ONE}/publish", methods=["GET", "POST"])
def publish(survey_id: int) -> ResponseReturnValue:
    """The check list; with it in order, or what is missing explained, a version that never changes."""
    survey, conversation = survey_in_hand(survey_id), the_conversation()
    if request.method == "POST":
        services.draft_for_change(survey)  # Whoever publishes at the same moment comes before or after us.
    content = services.as_published(queries.draft_content(survey), conversation)
    if _is_published(survey, content):
        return render_template("surveys/publish.html", survey=survey, checks=None)
    checks = check_list.check_list(survey, content, utcnow().date())
    form = PublishForm()
    if request.method == "GET":
        return _page(survey, checks, form, _said_last(survey), [])
    said = _said_now(checks)
    wrong = _wrong(survey, form, checks, said)
    if wrong:
        return _page(survey, checks, form, said, wrong)
    try:
        version = services.publish_version(
            survey,
            conversation,
            by=signed_in_user(),
            now=utcnow(),
            checks=promises.kept(survey, content, checks, said),
        )
    except BrokenSurvey as broken:
        return _page(survey, checks, form, said, [(str(broken), None)])
    db.session.commit()
    flash(_("Version %(number)s is published.", number=version.number), "success")
    return redirect(url_for("staff_surveys.survey", survey_id=survey_id), 303)


def _is_published(survey: Survey, content: Content) -> bool:
    return bool(survey.versions) and queries.content_of(survey.versions[-1]) == content


def _wrong(
    survey: Survey, form: PublishForm, checks: list[Check], said: Said
) -> list[tuple[str, str | None]]:
    """Everything that keeps the draft from being published, with the field that it is about."""
    form.validate()
    wrong: list[tuple[str, str | None]] = [
        (str(words), None) for errors in form.errors.values() for words in errors
    ]
    if clean_line(request.form.get("revision")) != str(services.draft_for_change(survey).revision):
        message = _("Somebody changed the survey since you read this page. Look at the check list again.")
        wrong.append((message, None))
    stops = {check.key for check in checks if check.state is State.STOP}
    for message, key in promises.open_points(checks, said):
        wrong.append((message, f"check-{key}" if key in stops else f"reason-{key}"))
    return wrong


def _said_now(checks: list[Check]) -> Said:
    """What was sent: each promise that was ticked, and each reason that has words."""
    agreed = frozenset(promise.key for promise in PROMISES if f"agreed-{promise.key}" in request.form)
    keys = [check.key for check in checks] + [promise.key for promise in PROMISES]
    reasons = {key: clean_text(request.form.get(f"reason-{key}")) for key in keys}
    return Said(agreed, {key: words for key, words in reasons.items() if words})


def _said_last(survey: Survey) -> Said:
    """The reasons given for the version before, so that they need not be written again. Promises are new."""
    if not survey.versions:
        return Said()
    aside: Mapping[str, Mapping[str, str]] = survey.versions[-1].checks.get("set_aside", {})
    return Said(reasons={key: one["reason"] for key, one in aside.items()})


def _page(
    survey: Survey, checks: list[Check], form: PublishForm, said: Said, wrong: list[tuple[str, str | None]]
) -> ResponseReturnValue:
    page = render_template(
        "surveys/publish.html",
        survey=survey,
        number=len(survey.versions) + 1,
        checks=checks,
        principles=PRINCIPLES,
        promises=PROMISES,
        said=said,
        wrong=wrong,
        wrong_by_field={field: message for message, field in wrong},
        form=form,
        form_errors=bool(wrong),
        longest=promises.LONGEST_REASON,
    )
    return page, 422 if wrong else 200


@staff.get(f"{ONE}/versions")
def versions(survey_id: int) -> ResponseReturnValue:
    """Every version that was published, the newest first."""
    survey = survey_in_hand(survey_id)
    return render_template("surveys/versions.html", survey=survey, lines=_history(survey))


def _history(survey: Survey) -> list[HistoryLine]:
    counts = queries.responses_by_version([version.id for version in survey.versions])
    names = queries.publishers(survey)
    words = {promise.key: str(promise.words) for promise in PROMISES}
    lines = []
    before: Content | None = None
    for version in survey.versions:
        content = queries.content_of(version)
        lines.append(
            HistoryLine(
                version,
                names.get(version.id, ""),
                counts.get(version.id, 0),
                changes(before, content) if before else [],
                [words[key] for key in version.checks.get("agreed", ()) if key in words],
            )
        )
        before = content
    return lines[::-1]
