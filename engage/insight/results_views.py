"""What people answered to a survey: counts for the group that decides, own words that were approved.

Members of the co-production group see people counted in tens: the first ten, twenty and so on that were
taken in. So nobody who looks twice can take one count from the other while a single person answers, on
whatever day. Facilitators see the present counts, since they may download every row; but equality monitoring,
which is in no download, is counted in tens for them too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from babel import Locale
from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from engage.accounts.guard import signed_in_user, staff_blueprint
from engage.accounts.models import Role
from engage.contributions import queries as ledger
from engage.contributions.labels import CHANNELS, SPEAKERS
from engage.contributions.models import Channel, Contribution, Speaker, Status
from engage.contributions.queries import Cursor, VoiceFilter
from engage.conversations.choice import the_conversation
from engage.forms import load_or_404
from engage.insight import reach as reaching
from engage.insight.answer_counts import CHARACTERISTICS, TENS, answer_counts, last_counted
from engage.insight.asked import Asked, asked_questions
from engage.insight.protect import Names
from engage.insight.results import results
from engage.surveys import queries
from engage.surveys.models import Response, Survey
from engage.surveys.questions import Choosing, Contact, Writing

staff = staff_blueprint("staff_results", __name__, {Role.FACILITATOR, Role.MEMBER})
BY = {
    "speaker": _l("By kind of respondent"),
    "channel": _l("By how it reached us"),
    "district": _l("By district"),
}
REACHED = {
    "speaker": _l("Who answered"),
    "channel": _l("How it reached us"),
    "district": _l("Where they live"),
    "language": _l("In which language"),
    "easy_read": _l("In which form"),
}
GROUPS: dict[str, Callable[[str], Any]] = {
    "speaker": lambda name: SPEAKERS[Speaker(name)],
    "channel": lambda name: CHANNELS[Channel(name)],
    "district": lambda name: name or _("Did not say where"),
    "language": lambda name: Locale.parse(name).get_display_name("en") or name,
    "easy_read": lambda name: _("Easy Read") if name == "yes" else _("Usual form"),
}


def group_words(by: str, names: Names) -> str:
    """What a group of people is called: several that were put together stand one after the other."""
    return ", ".join(str(GROUPS[by](name)) for name in names)


@staff.get("/results")
def surveys() -> ResponseReturnValue:
    """The surveys of which there are results."""
    lines = [line for line in queries.surveys(the_conversation().id) if line.number is not None]
    return render_template("insight/results_surveys.html", lines=lines)


@staff.get("/surveys/<int:survey_id>/results")
def survey(survey_id: int) -> ResponseReturnValue:
    """Counts for each question, whom the survey reached, and where people stopped."""
    found = _survey_in_hand(survey_id)
    by = request.args.get("by", "")
    by = by if by in CHARACTERISTICS else ""
    newest_first = found.versions[::-1]
    ids, contents = [v.id for v in newest_first], [queries.content_of(v) for v in newest_first]
    last = last_counted(ids)
    cut = last if counts_in_tens() else None
    reached = reaching.reach(ids, cut)
    whole = frozenset(name for name in CHARACTERISTICS if reached.is_whole(name))
    groups = list(reached.groups[by]) if by else []
    asked = [one for one in asked_questions(contents) if not isinstance(one.question, Contact)]
    shown = results(asked, answer_counts(ids, cut=cut, equality_cut=last), whole=whole, by=by, groups=groups)
    return render_template(
        "insight/results.html",
        survey=found,
        reach=reached,
        moments=reaching.moments(ids, cut),
        way=reaching.way(ids, contents, reached.responses, in_tens=cut is not None),
        present=[one for one in shown if one.asked.still_asked and not one.asked.is_equality],
        gone=[one for one in shown if not one.asked.still_asked and not one.asked.is_equality],
        equality=[one for one in shown if one.asked.is_equality] if cut is None else [],
        in_tens=cut is not None,
        counted=reached.responses // TENS * TENS,
        by=by,
        by_names=BY,
        reached_names=REACHED,
        group_words=group_words,
        may_export=Role.FACILITATOR in signed_in_user().roles,
    )


def counts_in_tens() -> bool:
    """Whether the person who looks sees only whole tens of responses."""
    return Role.FACILITATOR not in signed_in_user().roles


@staff.get("/surveys/<int:survey_id>/results/<question_id>")
def words(survey_id: int, question_id: str) -> ResponseReturnValue:
    """What people wrote to one question: the voices that were approved."""
    found = _survey_in_hand(survey_id)
    one = _with_own_words(found, question_id)
    conversation = the_conversation()
    ids = [version.id for version in found.versions]
    chosen = VoiceFilter(conversation.id, frozenset({Status.APPROVED}))
    before = Cursor.read(request.args.get("before"))
    receipts = sa.select(Response.receipt_id).where(Response.version_id.in_(ids))
    if counts_in_tens():
        receipts = receipts.where(Response.id <= last_counted(ids))
    of_question = sa.and_(
        Contribution.answer_key.in_(_own_words_keys(one)), Contribution.receipt_id.in_(receipts)
    )
    page = ledger.voices(chosen, before=before, only=of_question)
    return render_template(
        "insight/results_words.html",
        survey=found,
        question=one.question,
        page=page,
        is_later=before is not None,
        older_url=url_for(".words", survey_id=survey_id, question_id=question_id, before=str(page.older))
        if page.older
        else None,
    )


def _with_own_words(survey: Survey, question_id: str) -> Asked:
    contents = [queries.content_of(version) for version in survey.versions[::-1]]
    found = (one for one in asked_questions(contents) if one.question.id == question_id)
    one: Asked = load_or_404(next(found, None))
    if one.is_equality or not _own_words_keys(one):
        abort(404)
    return one


def _own_words_keys(one: Asked) -> list[str]:
    """Under which keys the ledger has what people wrote to this question."""
    if not isinstance(one.question, Writing | Choosing):
        return []
    return [column.key for column in one.question.columns() if column.holds == "words"]


def _survey_in_hand(survey_id: int) -> Survey:
    found: Survey = load_or_404(queries.survey(survey_id, the_conversation().id))
    return found
