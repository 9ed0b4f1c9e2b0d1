"""Taking answers back out of every room: the ledger, the responses, the themes and the groups.

It looks into every room, so it stands beside ``tracking.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa

from engage.accounts.models import User
from engage.audit import services as audit
from engage.contributions import taking_back
from engage.contributions.models import Receipt
from engage.conversations import queries as conversations
from engage.db import db
from engage.priorities.models import Group, GroupMember
from engage.surveys.models import QuarantinedResponse, Response, Survey, SurveyVersion, UnsentResponse
from engage.themes.models import ThemeSuggestion


def surveys_of(receipts: Sequence[Receipt]) -> dict[int, Survey]:
    """The survey that was answered under each receipt, by the id of the receipt."""
    ids = [receipt.id for receipt in receipts]
    answered = sa.union_all(
        *(
            sa.select(table.receipt_id, table.version_id).where(table.receipt_id.in_(ids))
            for table in (Response, QuarantinedResponse)
        )
    ).subquery()
    query = (
        sa.select(answered.c.receipt_id, Survey)
        .join(SurveyVersion, SurveyVersion.id == answered.c.version_id)
        .join(Survey, Survey.id == SurveyVersion.survey_id)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}


def survey_of(receipt: Receipt) -> Survey | None:
    """The survey that was answered under a receipt; None where it came another way."""
    return surveys_of([receipt]).get(receipt.id)


def may_at_once(receipt: Receipt, today: date) -> bool:
    """Whether a person takes back what they said themselves; once all is closed, staff are asked."""
    survey = survey_of(receipt)
    if survey:
        return survey.closes_on >= today
    conversation = conversations.conversation(receipt.conversation_id)
    return bool(conversation and conversation.closes_on >= today)


def take_back(receipt: Receipt, *, now: datetime, by: User | None = None) -> None:
    """Remove all that came with a receipt from every room, for good. ``by``: who granted it, if staff did.

    Call ``contributions.taking_back.clear_traces.enqueue()`` after the commit.
    """
    voices = taking_back.take_back(receipt, now=now, by=by)
    _out_of_groups(voices)
    db.session.execute(sa.delete(ThemeSuggestion).where(ThemeSuggestion.contribution_id.in_(voices)))
    for table in (Response, QuarantinedResponse):
        db.session.execute(sa.delete(table).where(table.receipt_id == receipt.id))
    db.session.execute(sa.delete(UnsentResponse).where(UnsentResponse.code_hash == receipt.code_hash))
    db.session.flush()
    audit.record("take answers back", "receipt", receipt.id, by=by, now=now, things=len(voices))


def _out_of_groups(voices: Sequence[int]) -> None:
    """Out of every group, and out of titles that have their words."""
    db.session.execute(sa.delete(GroupMember).where(GroupMember.contribution_id.in_(voices)))
    db.session.execute(
        sa.update(Group).where(Group.title_from_id.in_(voices)).values(title="", suggested_title="")
    )
