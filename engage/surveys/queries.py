"""Reading surveys, what is on the way, and how many answered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from engage.accounts.models import User
from engage.contributions import codes
from engage.conversations.models import Conversation
from engage.db import db
from engage.surveys.content import Content, read_content
from engage.surveys.models import Response, Survey, SurveyVersion, UnsentResponse

SLUG = re.compile(r"[a-z0-9-]{1,80}")
# Every page of a survey asks for these two, so they are put together once.
_PUBLISHED = (
    sa.select(Survey, Conversation)
    .join(Conversation, Conversation.id == Survey.conversation_id)
    .where(
        Survey.slug == sa.bindparam("slug"),
        sa.exists().where(SurveyVersion.survey_id == Survey.id),
    )
)
_VERSION = sa.select(SurveyVersion).where(
    SurveyVersion.id == sa.bindparam("version_id"), SurveyVersion.survey_id == sa.bindparam("survey_id")
)

MOST_READ = 200
_read: dict[tuple[str, int, datetime], Content] = {}
"""Versions that were read, by database, number and moment of publishing."""


@dataclass(frozen=True)
class SurveyLine:
    """A survey as a list shows it: ``number`` of the latest version (None: not published) and responses."""

    survey: Survey
    number: int | None
    responses: int


def surveys(conversation_id: int) -> list[SurveyLine]:
    """All surveys of a conversation with their counts, the newest first, in one statement."""
    number = (
        sa.select(sa.func.max(SurveyVersion.number))
        .where(SurveyVersion.survey_id == Survey.id)
        .scalar_subquery()
    )
    responses = (
        sa.select(sa.func.count(Response.id))
        .join(SurveyVersion, SurveyVersion.id == Response.version_id)
        .where(SurveyVersion.survey_id == Survey.id)
        .scalar_subquery()
    )
    query = (
        sa.select(Survey, number, responses)
        .where(Survey.conversation_id == conversation_id)
        .order_by(Survey.opens_on.desc(), Survey.id.desc())
    )
    return [SurveyLine(*row) for row in db.session.execute(query)]


def survey(survey_id: int, conversation_id: int) -> Survey | None:
    """A survey with its versions, if it belongs to this conversation."""
    return db.session.scalar(
        sa.select(Survey)
        .where(Survey.id == survey_id, Survey.conversation_id == conversation_id)
        .options(joinedload(Survey.versions), joinedload(Survey.draft))
    )


def slug_is_taken(slug: str) -> bool:
    return db.session.scalar(sa.select(sa.exists().where(Survey.slug == slug))) or False


def published_survey(slug: str) -> tuple[Survey, Conversation] | None:
    """A survey that people may know of, whether it is open or not, and its conversation."""
    if not SLUG.fullmatch(slug):
        return None
    found = db.session.execute(_PUBLISHED, {"slug": slug}).first()
    return (found[0], found[1]) if found else None


def open_surveys_of(conversation_id: int, today: date) -> Sequence[SurveyVersion]:
    """What people can answer in a conversation today: the latest version of each open survey.

    The one that opened first comes first, so that a new survey never takes the place of one that runs.
    """
    other = sa.orm.aliased(SurveyVersion)
    newer = sa.exists().where(other.survey_id == SurveyVersion.survey_id, other.number > SurveyVersion.number)
    return db.session.scalars(
        sa.select(SurveyVersion)
        .join(SurveyVersion.survey)
        .where(
            Survey.conversation_id == conversation_id,
            Survey.opens_on <= today,
            Survey.closes_on >= today,
            ~newer,
        )
        .order_by(Survey.opens_on, Survey.id)
        .options(contains_eager(SurveyVersion.survey))
    ).all()


def latest_version(survey_id: int) -> SurveyVersion:
    """What was published last. Raises NoResultFound where nothing was."""
    return db.session.scalars(
        sa.select(SurveyVersion)
        .where(SurveyVersion.survey_id == survey_id)
        .order_by(SurveyVersion.number.desc())
        .limit(1)
    ).one()


def version(version_id: int, survey_id: int) -> SurveyVersion | None:
    """One version of this survey."""
    return db.session.scalar(_VERSION, {"version_id": version_id, "survey_id": survey_id})


def unsent_response(code: str) -> UnsentResponse | None:
    """The answers that were kept under a code and not sent yet."""
    return db.session.scalar(
        sa.select(UnsentResponse).where(UnsentResponse.code_hash.in_(codes.possible_hashes(code)))
    )


def content_of(version: SurveyVersion) -> Content:
    """The survey that a version has word for word. Versions never change, so each is read once."""
    key = (str(db.engine.url), version.id, version.published_at)
    content = _read.get(key)
    if content is None:
        if len(_read) >= MOST_READ:
            _read.clear()
        content = _read[key] = read_content(version.content)
    return content


def draft_content(survey: Survey) -> Content:
    """What the facilitators are working on."""
    return read_content(survey.draft.content)


def ready_to_send(slug: str, code: str) -> tuple[UnsentResponse, Conversation] | None:
    """The answers under a code with version, survey and conversation, in one statement.

    They are held until the commit: what another tab keeps at that moment is in them, or is not kept.
    """
    found = db.session.execute(
        sa.select(UnsentResponse, Conversation)
        .join(UnsentResponse.version)
        .join(SurveyVersion.survey)
        .join(Conversation, Conversation.id == Survey.conversation_id)
        .where(UnsentResponse.code_hash.in_(codes.possible_hashes(code)), Survey.slug == slug)
        .options(contains_eager(UnsentResponse.version).contains_eager(SurveyVersion.survey))
        .with_for_update(of=UnsentResponse)
    ).first()
    return (found[0], found[1]) if found else None


def response_count(version_ids: Sequence[int]) -> int:
    """How many people answered these versions."""
    return (
        db.session.scalar(sa.select(sa.func.count(Response.id)).where(Response.version_id.in_(version_ids)))
        or 0
    )


def responses_by_version(version_ids: Sequence[int]) -> dict[int, int]:
    """How many people answered each of these versions; those that nobody answered are left out."""
    query = (
        sa.select(Response.version_id, sa.func.count(Response.id))
        .where(Response.version_id.in_(version_ids))
        .group_by(Response.version_id)
    )
    return dict(db.session.execute(query).all())


def publishers(survey: Survey) -> dict[int, str]:
    """Who published each version of a survey: names by the version's number in the table."""
    query = (
        sa.select(SurveyVersion.id, User.name)
        .join(User, User.id == SurveyVersion.published_by_id)
        .where(SurveyVersion.survey_id == survey.id)
    )
    return dict(db.session.execute(query).all())
