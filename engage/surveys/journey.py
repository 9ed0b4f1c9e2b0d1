"""The statements on which answering stands: one for each page, put together once.

A survey, its conversation, its version and what is on the way come in one statement, and without the text of
the version, which ``queries.content_of`` has read before.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import defer

from engage.contributions import codes
from engage.contributions.models import Contribution, Receipt
from engage.conversations.models import Conversation
from engage.db import db
from engage.surveys.drafts import Draft
from engage.surveys.models import Survey, SurveyVersion, UnsentResponse
from engage.surveys.queries import SLUG

_WITHOUT_TEXT = (defer(SurveyVersion.content), defer(SurveyVersion.checks))
_HASHES: sa.BindParameter[list[str]] = sa.bindparam("hashes", expanding=True)
_NEWEST = (
    sa.select(sa.func.max(SurveyVersion.number))
    .where(SurveyVersion.survey_id == Survey.id)
    .correlate(Survey)
    .scalar_subquery()
)
_OPEN = (
    sa.select(Survey, Conversation, SurveyVersion)
    .join(Conversation, Conversation.id == Survey.conversation_id)
    .join(SurveyVersion, sa.and_(SurveyVersion.survey_id == Survey.id, SurveyVersion.number == _NEWEST))
    .where(Survey.slug == sa.bindparam("slug"))
    .options(*_WITHOUT_TEXT)
)
_UNDER_WAY = (
    sa.select(Survey, Conversation, SurveyVersion, UnsentResponse, Receipt.id)
    .join(Conversation, Conversation.id == Survey.conversation_id)
    .join(SurveyVersion, SurveyVersion.survey_id == Survey.id)
    .outerjoin(UnsentResponse, UnsentResponse.code_hash.in_(_HASHES))
    .outerjoin(Receipt, Receipt.code_hash.in_(_HASHES))
    .where(Survey.slug == sa.bindparam("slug"), SurveyVersion.id == sa.bindparam("version_id"))
    .options(*_WITHOUT_TEXT)
)
_SENT = (
    sa.select(
        Survey,
        Conversation,
        Receipt,
        sa.select(sa.func.count(Contribution.id))
        .where(Contribution.receipt_id == Receipt.id)
        .correlate(Receipt)
        .scalar_subquery(),
    )
    .join(Conversation, Conversation.id == Survey.conversation_id)
    .join(Receipt, Receipt.code_hash.in_(_HASHES))
    .where(Survey.slug == sa.bindparam("slug"))
)


@dataclass(frozen=True)
class Published:
    """A survey that people may know of, whether it is open or not, and its newest version."""

    survey: Survey
    conversation: Conversation
    version: SurveyVersion


@dataclass(frozen=True)
class UnderWay:
    """What somebody is answering, what they kept so far, and whether it was sent."""

    survey: Survey
    conversation: Conversation
    version: SurveyVersion
    unsent: UnsentResponse | None
    receipt_id: int | None


@dataclass(frozen=True)
class Sent:
    """What somebody sent: the receipt, and how many things they said in their own words."""

    survey: Survey
    conversation: Conversation
    receipt: Receipt
    said: int


def published(slug: str) -> Published | None:
    """The survey at this address; None where there is none, or nothing of it was published."""
    if not SLUG.fullmatch(slug):
        return None
    found = db.session.execute(_OPEN, {"slug": slug}).first()
    return Published(*found) if found else None


def under_way(slug: str, draft: Draft) -> UnderWay | None:
    """What this draft is about; None where the survey does not have its version."""
    hashes = codes.possible_hashes(draft.code)
    values = {"slug": slug, "version_id": draft.version_id, "hashes": hashes}
    found = db.session.execute(_UNDER_WAY, values).first()
    return UnderWay(*found) if found else None


def sent(slug: str, draft: Draft) -> Sent | None:
    """What was sent under this draft; None where nothing was."""
    values = {"slug": slug, "hashes": codes.possible_hashes(draft.code)}
    found = db.session.execute(_SENT, values).first()
    return Sent(*found) if found else None
