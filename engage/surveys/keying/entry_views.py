"""The desk on which staff key in what came on paper, by telephone, by letter or from an event."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date
from flask_babel import gettext as _

from engage import i18n
from engage.accounts.guard import signed_in_user, staff_blueprint
from engage.accounts.models import Role
from engage.contributions import codes
from engage.contributions.models import Channel
from engage.conversations.choice import the_conversation
from engage.db import db, utcnow
from engage.forms import csrf
from engage.surveys import queries, spoken
from engage.surveys.answering import Filled, read_all
from engage.surveys.content import Content
from engage.surveys.keying import entry, second_keying
from engage.surveys.keying.entry import Aloud
from engage.surveys.keying.entry_forms import ENTERED, EntryForm, WhatForm
from engage.surveys.models import Survey, SurveyVersion
from engage.surveys.printing.directions import directions
from engage.surveys.printing.paper import Size, as_printed
from engage.surveys.questions import AnswerRefused
from engage.surveys.responses import NothingAnswered, Way
from engage.surveys.staff_views import ONE, state_of, survey_in_hand

staff = staff_blueprint("staff_survey_entry", __name__, {Role.RECORDER, Role.FACILITATOR})
KEYED = "keyed_in"
"""In the signed session: what this browser keyed in last, so that its code can be read out."""


@dataclass(frozen=True)
class Desk:
    """The form that lies on the desk: a version, in one language, in standard print or in Easy Read."""

    survey: Survey
    version: SurveyVersion
    language: str
    easy: bool

    @property
    def content(self) -> Content:
        """The questions with the numbers that they have on paper, none of them required."""
        whole = queries.content_of(self.version)
        return entry.as_keyed(as_printed(whole, Size.EASY if self.easy else Size.STANDARD))

    @property
    def address(self) -> dict[str, Any]:
        """What an address says, so that the next form is of the same kind."""
        return {
            "survey_id": self.survey.id,
            "version": self.version.number,
            "language": self.language,
            "form": "easy" if self.easy else "standard",
        }


@staff.get("/surveys/answers")
def surveys() -> ResponseReturnValue:
    """The published surveys, for keying in and for paper."""
    lines = [
        (line, state_of(line.survey, line.number))
        for line in queries.surveys(the_conversation().id)
        if line.number is not None
    ]
    return render_template("surveys/entry_surveys.html", lines=lines)


@staff.route(f"{ONE}/enter", methods=["GET", "POST"])
@csrf.exempt
def enter(survey_id: int) -> ResponseReturnValue:
    """Key in one person's answers. The form checks the page's protection itself, and keeps what was typed."""
    survey = survey_in_hand(survey_id)
    if not survey.versions:
        return redirect(url_for(".surveys"), 303)
    desk = desk_for(survey)
    form = EntryForm(data=_usual(survey))
    form.about(survey, desk.version, utcnow().date())
    if request.method == "GET":
        return _page(desk, form, Filled())
    filled = read_all(desk.content, request.form)
    if form.validate() and not filled.wrong:
        saved = _save(desk, form, filled)
        if saved:
            again = {"channel": form.channel.data, "day": form.received_on.data, "saved": saved}
            return redirect(url_for(".enter", **desk.address, **again), 303)
    return _page(desk, form, filled)


def desk_for(survey: Survey) -> Desk:
    """The form that the address names; the latest version in English and standard print, unless it does."""
    wanted = request.args.get("version", "")
    version = next((one for one in survey.versions if str(one.number) == wanted), survey.versions[-1])
    content = queries.content_of(version)
    language = request.args.get("language", "")
    return Desk(
        survey,
        version,
        language if language in content.languages else i18n.DEFAULT,
        easy=request.args.get("form") == "easy" and has_easy(content),
    )


def has_easy(content: Content) -> bool:
    """Whether a version has an Easy Read form that asks something."""
    return any(question.has_twin for question in content.questions)


def _usual(survey: Survey) -> dict[str, Any]:
    """What stands in a fresh form: the same channel and day as in the last one, and a code of its own."""
    today = utcnow().date()
    channel = request.args.get("channel", "")
    try:
        day: date | None = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        day = today if survey.is_open(today) else None
    return {
        "channel": channel if channel in ENTERED else Channel.PAPER.value,
        "received_on": day,
        "fresh_code": codes.new_code(),
    }


def _save(desk: Desk, form: EntryForm, filled: Filled) -> int | None:
    """Keep the answers and commit. Returns the response's number, or None with the reason on the form."""
    code, channel, day = form.the_code(), Channel(form.channel.data), form.received_on.data
    if day is None:
        return None
    try:
        response = entry.key_in(
            the_conversation(),
            desk.version,
            filled.answers,
            code=code,
            received_on=day,
            way=Way(channel, desk.language, desk.easy),
            aloud=Aloud(form.agreed.data, form.helped_by.data or ""),
            by=signed_in_user(),
            now=utcnow(),
        )
    except (entry.CodeUsed, entry.BegunOnline, NothingAnswered, AnswerRefused) as reason:
        db.session.rollback()
        _say_why(form, reason)
        return None
    number = response.id
    session[KEYED] = [number, code, second_keying.is_sampled(response)]
    db.session.commit()
    return number


def _say_why(form: EntryForm, reason: Exception) -> None:
    if isinstance(reason, entry.CodeUsed):
        day = format_date(reason.at, "d MMMM y")
        message = _(
            "Answers with this code came in on %(day)s already. Compare the code on the paper.", day=day
        )
        form.code.errors = [message]
    elif isinstance(reason, entry.BegunOnline):
        form.code.errors = [
            _(
                "Somebody began to answer online with this code and has not sent it. Nothing of that may be "
                "lost: ask the person to send it, or leave this empty to give them a new code."
            )
        ]
    elif isinstance(reason, NothingAnswered):
        form.form_errors.append(_("Key in at least one answer. A form without any is not kept."))
    else:
        form.form_errors.append(str(reason))


def _page(desk: Desk, form: EntryForm, filled: Filled) -> ResponseReturnValue:
    content = desk.content
    errors = list(_errors(form, filled))
    page = render_template(
        "surveys/entry.html",
        desk=desk,
        survey=desk.survey,
        content=content,
        numbers=directions(content).numbers,
        only_if=lambda question: spoken.only_if(content, question),
        form=form,
        what=_what(desk),
        values=filled.typed,
        wrong=filled.wrong,
        errors=errors,
        form_errors=bool(errors),
        is_over=desk.survey.closes_on < utcnow().date(),
        saved=None if errors else _saved(),
    )
    return page, 422 if errors else 200


def _errors(form: EntryForm, filled: Filled) -> Iterator[tuple[str, str | None]]:
    """Everything to put right, with the field that each is about."""
    yield from ((str(message), None) for message in form.form_errors)
    yield from ((str(field.errors[0]), field.id) for field in form if field.errors)
    yield from (
        (_("%(question)s – %(message)s", question=one.question.text, message=one.message), one.field_id)
        for one in filled.wrong.values()
    )


def _what(desk: Desk) -> WhatForm:
    """The choice of another version, language or form."""
    content = queries.content_of(desk.version)
    what = WhatForm(
        formdata=None,
        data={
            "version": str(desk.version.number),
            "language": desk.language,
            "form": "easy" if desk.easy else "standard",
        },
    )
    published = [(str(one.number), one.published_at) for one in reversed(desk.survey.versions)]
    what.offer(published, content.languages, has_easy=has_easy(content))
    return what


def _saved() -> dict[str, Any] | None:
    """What was keyed in last, where the page follows on it: its number, and its code to read out."""
    number, code, is_sampled = session.get(KEYED, (None, "", False))
    if number is None or request.args.get("saved") != str(number):
        return None
    return {"number": number, "groups": codes.in_groups(code), "is_sampled": is_sampled}
