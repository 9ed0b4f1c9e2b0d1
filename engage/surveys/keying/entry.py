"""Keying in what people said on paper, by telephone, by letter or at an event.

Staff key the answers into the same questions that are asked online, and they arrive by the same door, so that
a response is the same whatever way it came. Only who keyed it in, who helped, and that the person agreed, are
kept beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

import sqlalchemy as sa

from engage.accounts.models import User
from engage.audit import services as audit
from engage.contributions import queries as contributions
from engage.contributions.models import Receipt
from engage.conversations.models import Conversation
from engage.db import db
from engage.surveys import queries, responses
from engage.surveys.content import Content
from engage.surveys.models import Response, StaffEntry, SurveyVersion
from engage.surveys.questions import Answer
from engage.surveys.responses import Way

NOON = time(12, tzinfo=UTC)
"""The hour that stands for a day of which only the date is known."""


class CodeUsed(Exception):
    """Answers with this code have come in already, at ``at``."""

    def __init__(self, at: datetime) -> None:
        super().__init__(at)
        self.at = at


class BegunOnline(Exception):
    """Somebody began to answer online with this code and has not sent it; keying in would remove that."""


@dataclass(frozen=True)
class Aloud:
    """What was said beside the answers: whether the person agreed to it all, and who helped them."""

    consent_read_out: bool = False
    helped_by: str = ""


def as_keyed(content: Content, *, easy_read: bool = False) -> Content:
    """The questions of a form on the desk. A pen may leave any of them out, so none has to be answered."""
    chosen = content.for_easy_read() if easy_read else content
    pages = [
        page.model_copy(
            update={"questions": tuple(q.model_copy(update={"required": False}) for q in page.questions)}
        )
        for page in chosen.pages
    ]
    return chosen.model_copy(update={"pages": tuple(pages)})


def received_at(day: date, now: datetime) -> datetime:
    """The moment that a response of this day gets: now for today's, else noon."""
    return now if day >= now.date() else datetime.combine(day, NOON)


def key_in(
    conversation: Conversation,
    version: SurveyVersion,
    answers: Mapping[str, Answer],
    *,
    code: str,
    received_on: date,
    way: Way,
    aloud: Aloud,
    by: User,
    now: datetime,
) -> Response:
    """Take in what somebody said on paper or aloud. Raises CodeUsed, BegunOnline or NothingAnswered."""
    earlier = contributions.receipt_by_code(code)
    if earlier:
        raise CodeUsed(_arrived(earlier))
    if queries.unsent_response(code):
        raise BegunOnline
    receipt = responses.submit_response(
        conversation,
        version,
        answers,
        code=code,
        now=now,
        way=way,
        received_at=received_at(received_on, now),
    )
    response = db.session.scalars(sa.select(Response).where(Response.receipt_id == receipt.id)).one()
    if db.session.get(StaffEntry, response.id):
        raise CodeUsed(_arrived(receipt))  # Two people pressed at the same moment.
    db.session.add(
        StaffEntry(
            response_id=response.id,
            entered_by_id=by.id,
            entered_at=now,
            consent_read_out=aloud.consent_read_out,
            helped_by=aloud.helped_by or None,
        )
    )
    db.session.flush()
    audit.record(
        "key in response",
        "response",
        response.id,
        by=by,
        now=now,
        channel=way.channel,
        received_on=received_on,
        consent_read_out=aloud.consent_read_out,
    )
    return response


def _arrived(receipt: Receipt) -> datetime:
    """When what stands under this code came in: when it was keyed in, else when it was sent."""
    entered = db.session.scalar(
        sa.select(StaffEntry.entered_at)
        .join(Response, Response.id == StaffEntry.response_id)
        .where(Response.receipt_id == receipt.id)
    )
    return entered or receipt.received_at
