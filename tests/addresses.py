"""An address for every route: which row each page is tried with.

Every parameter of every route has an example here. A new route whose parameters have none fails the tests
that walk the URL map, so no page is forgotten.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa
from flask import Flask, url_for
from werkzeug.routing import Rule

from engage.accounts.models import Invitation, SignIn, User
from engage.contributions.models import Contribution, SealedOriginal, Status, TakeBackRequest
from engage.conversations.models import Conversation
from engage.db import db, utcnow
from engage.notes.models import CommentImport, EventNote, ImportState, NotePoint
from engage.priorities.models import Group, Grouping, GroupMember
from engage.surveys import queries as surveys
from engage.surveys.content import Content
from engage.surveys.models import QuarantinedResponse, SecondKeying, StaffEntry, Survey, SurveyVersion
from engage.themes.models import ContributionTheme, Theme, ThemeFramework


def _first(column: sa.ColumnElement[int] | object, *where: object) -> int:
    return db.session.scalars(sa.select(column).where(*where).order_by(column).limit(1)).one()  # type: ignore[call-overload,arg-type]


def _voice(status: Status) -> Callable[[], int]:
    return lambda: _first(Contribution.id, Contribution.status == status)


def _themed() -> int:
    return _first(ContributionTheme.contribution_id)


def _undecided() -> int:
    themed = sa.exists().where(ContributionTheme.contribution_id == Contribution.id)
    return _first(Contribution.id, Contribution.status == Status.APPROVED, ~themed)


def _in_a_group() -> int:
    return _first(GroupMember.contribution_id, GroupMember.group_id == _first(Group.id))


def _sealed() -> int:
    return _first(SealedOriginal.contribution_id)


def _point() -> int:
    """A point that still waits and may be corrected."""
    hidden = sa.exists().where(SealedOriginal.contribution_id == Contribution.id)
    waiting = sa.select(Contribution.id).where(Contribution.status == Status.WAITING, ~hidden)
    return _first(NotePoint.contribution_id, NotePoint.contribution_id.in_(waiting))


def _note_of_the_point() -> int:
    return _first(NotePoint.event_note_id, NotePoint.contribution_id == _point())


def _import(*states: ImportState) -> Callable[[], int]:
    return lambda: _first(CommentImport.id, CommentImport.state.in_(states))


def _draft() -> Content:
    """What is being worked on in the first survey."""
    survey = db.session.scalars(sa.select(Survey).order_by(Survey.id).limit(1)).one()
    return surveys.draft_content(survey)


def _free_text() -> str:
    """A question of the first survey that is answered in own words."""
    return next(question.id for question in _draft().questions if question.kind == "free_text")


def _slug() -> str:
    published = sa.exists().where(SurveyVersion.survey_id == Survey.id)
    return db.session.scalars(sa.select(Survey.slug).where(published).order_by(Survey.id).limit(1)).one()


def _open_invitation() -> int:
    return _first(Invitation.id, Invitation.accepted_at.is_(None), Invitation.expires_at > utcnow())


def _paper(*, differs: bool) -> Callable[[], int]:
    """A paper that waits for its second keying, or for somebody to settle it."""
    keyed = sa.exists().where(SecondKeying.response_id == StaffEntry.response_id)
    sampled = StaffEntry.response_id % 10 == 0
    return lambda: _first(StaffEntry.response_id, sampled, keyed if differs else ~keyed)


# The usual example of a parameter, and exceptions for single endpoints.
USUAL: dict[str, Callable[[], object]] = {
    "contribution_id": _voice(Status.WAITING),
    "conversation_id": lambda: _first(Conversation.id),
    "file_format": lambda: "csv",
    "filename": lambda: "css/ground.css",
    "framework_id": lambda: _first(ThemeFramework.id),
    "group_id": lambda: _first(Group.id),
    "grouping_id": lambda: _first(Grouping.id),
    "held_id": lambda: _first(QuarantinedResponse.id),
    "import_id": _import(ImportState.DONE),
    "invitation_id": _open_invitation,
    "key": lambda: f"{0:064}.mp4",
    "language": lambda: "pl",
    "note_id": lambda: _first(EventNote.id),
    "number": lambda: 3,
    "response_id": _paper(differs=False),
    "request_id": lambda: _first(TakeBackRequest.id, TakeBackRequest.answered_at.is_(None)),
    "page_id": lambda: _draft().pages[0].id,
    "part": lambda: "sentence",
    "question_id": lambda: _draft().questions[0].id,
    "sign_in_id": lambda: _first(SignIn.id),
    "size": lambda: "standard",
    "slug": _slug,
    "survey_id": lambda: _first(Survey.id),
    "theme_id": lambda: _first(Theme.id),
    "token": lambda: "no-such-invitation",
    "user_id": lambda: _first(User.id),
}
EXCEPTIONS: dict[tuple[str, str], Callable[[], object]] = {
    ("staff_survey_exchange.download", "file_format"): lambda: "json",
    ("staff_grouping.place", "contribution_id"): _themed,
    ("staff_grouping.take_out", "contribution_id"): _in_a_group,
    ("staff_imports.discard", "import_id"): _import(ImportState.UPLOADED),
    ("staff_imports.mapping", "import_id"): _import(ImportState.UPLOADED),
    ("staff_imports.run", "import_id"): _import(ImportState.UPLOADED),
    ("staff_notes.correct_point", "contribution_id"): _point,
    ("staff_notes.correct_point", "note_id"): _note_of_the_point,
    ("staff_results.words", "question_id"): _free_text,
    ("staff_safeguarding.concern", "contribution_id"): _voice(Status.SAFEGUARDING),
    ("staff_safeguarding.original", "contribution_id"): _voice(Status.SAFEGUARDING),
    ("staff_safeguarding.release", "contribution_id"): _voice(Status.SAFEGUARDING),
    ("staff_safeguarding.take_on", "contribution_id"): _voice(Status.SAFEGUARDING),
    ("staff_second_keying.settle", "response_id"): _paper(differs=True),
    ("staff_themes.decide", "contribution_id"): _undecided,
    ("staff_voices.original", "contribution_id"): _sealed,
    ("staff_voices.reopen", "contribution_id"): _voice(Status.WITHHELD),
}


def routes(app: Flask) -> list[Rule]:
    """Every route, by endpoint."""
    return sorted(app.url_map.iter_rules(), key=lambda rule: rule.endpoint)


def address_of(app: Flask, rule: Rule) -> str:
    """The path of a route with an example for each of its parameters. Needs rows of every kind."""
    with app.app_context():
        values = {name: EXCEPTIONS.get((rule.endpoint, name), USUAL[name])() for name in rule.arguments}
        db.session.rollback()
    with app.test_request_context():
        return url_for(rule.endpoint, **values)


def day(offset: int) -> dict[str, str]:
    """Today plus so many days, in the three parts of a date field."""
    found = utcnow().date() + timedelta(days=offset)
    return {"day": str(found.day), "month": str(found.month), "year": str(found.year)}
