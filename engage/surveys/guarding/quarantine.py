"""Answers that look like a machine's, kept apart and whole until a person has looked at them.

Nothing is refused and nothing is dropped: whoever sent them has a receipt and a code like everybody. They
count nowhere until they are released, and then with the moment at which they came.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, undefer

from engage.accounts.models import User
from engage.audit import services as audit
from engage.contributions import moderation
from engage.contributions import queries as contributions
from engage.contributions.models import Contribution, DecisionKind, Receipt, Status
from engage.contributions.services import Said
from engage.conversations.models import Conversation
from engage.db import db
from engage.surveys import queries, responses
from engage.surveys.models import QuarantinedResponse, QuarantineState, SurveyVersion
from engage.surveys.responses import Way

PAGE = 20
UNDECIDED = (QuarantineState.WAITING, QuarantineState.SPAM)
"""From here a response can still be released."""


# --- Deciding -----------------------------------------------------------------------------------------------


def release(conversation: Conversation, ids: Sequence[int], *, by: User, now: datetime) -> int:
    """Take in what a person says is a person's, as it was received. Returns how many."""
    found = _locked(conversation, ids, UNDECIDED)
    for held in found:
        _take_in(conversation, held, now=now)
        _decide(held, QuarantineState.RELEASED, by=by, now=now)
    return len(found)


def release_to_safeguarding(
    conversation: Conversation, held_id: int, reason: str, *, by: User, now: datetime
) -> bool:
    """Release one at once, and put all its words in the safeguarding lane.

    False where it has none; then it stays where it is. Raises moderation.ReasonMissing.
    """
    for held in _locked(conversation, [held_id], UNDECIDED):
        if not _said_in(held):
            return False
        receipt = held.receipt
        _take_in(conversation, held, now=now)
        _decide(held, QuarantineState.RELEASED, by=by, now=now)
        for voice in contributions.contributions_of(receipt):
            moderation.decide(voice, DecisionKind.RAISE_CONCERN, by=by, now=now, reason=reason)
        return True
    return False


def mark_as_spam(conversation: Conversation, ids: Sequence[int], *, by: User, now: datetime) -> int:
    """Say that these are no person's. They stay, and can come back."""
    return _move(conversation, ids, QuarantineState.WAITING, QuarantineState.SPAM, by=by, now=now)


def put_back(conversation: Conversation, ids: Sequence[int], *, by: User, now: datetime) -> int:
    """Let somebody look once more at what was called spam."""
    return _move(conversation, ids, QuarantineState.SPAM, QuarantineState.WAITING, by=by, now=now)


def _move(
    conversation: Conversation,
    ids: Sequence[int],
    before: QuarantineState,
    after: QuarantineState,
    *,
    by: User,
    now: datetime,
) -> int:
    found = _locked(conversation, ids, (before,))
    for held in found:
        _decide(held, after, by=by, now=now)
    return len(found)


def _locked(
    conversation: Conversation, ids: Sequence[int], states: Sequence[QuarantineState]
) -> Sequence[QuarantinedResponse]:
    """Those of this conversation that stand so, held until the commit with their receipts.

    The receipts first, as whoever takes answers back holds them first too: two who wait for one another would
    wait for ever.
    """
    _lock_receipts(conversation, ids)
    query = (
        sa.select(QuarantinedResponse)
        .join(QuarantinedResponse.receipt)
        .where(
            QuarantinedResponse.id.in_(ids),
            QuarantinedResponse.state.in_(states),
            Receipt.conversation_id == conversation.id,
        )
        .order_by(QuarantinedResponse.id)
        .with_for_update(of=QuarantinedResponse)
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(query).all()


def _lock_receipts(conversation: Conversation, ids: Sequence[int]) -> None:
    held = sa.select(QuarantinedResponse.receipt_id).where(QuarantinedResponse.id.in_(ids))
    db.session.scalars(
        sa.select(Receipt)
        .where(Receipt.id.in_(held), Receipt.conversation_id == conversation.id)
        .order_by(Receipt.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _take_in(conversation: Conversation, held: QuarantinedResponse, *, now: datetime) -> None:
    """The words go where they belong, and no second copy of them stays here."""
    given = responses.answers_given(queries.content_of(held.version), held.answers)
    way = Way(channel=held.receipt.channel, language=held.language, easy_read=held.easy_read)
    responses.take_in(conversation, held.version, given, receipt=held.receipt, way=way, now=now)
    held.answers = {}


def _decide(held: QuarantinedResponse, state: QuarantineState, *, by: User, now: datetime) -> None:
    held.state, held.decided_by_id, held.decided_at = state, by.id, now
    db.session.flush()
    audit.record(f"{state.value} (quarantine)", "quarantined response", held.id, by=by, now=now)


# --- Reading ------------------------------------------------------------------------------------------------


def waiting_count(conversation_id: int) -> int:
    """How many nobody has looked at yet."""
    query = sa.select(sa.func.count()).select_from(
        _of(conversation_id, QuarantineState.WAITING).with_only_columns(QuarantinedResponse.id).subquery()
    )
    return db.session.scalar(query) or 0


def page_of(
    conversation_id: int, state: QuarantineState, *, after: int = 0
) -> tuple[Sequence[QuarantinedResponse], int | None]:
    """A page of the list, the oldest first, and after which id the next one begins (None: there is none)."""
    query = (
        _of(conversation_id, state)
        .where(QuarantinedResponse.id > after)
        .order_by(QuarantinedResponse.id)
        .limit(PAGE + 1)
        .options(
            undefer(QuarantinedResponse.answers),
            joinedload(QuarantinedResponse.version).joinedload(SurveyVersion.survey),
        )
    )
    found = db.session.scalars(query).all()
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None


def _of(conversation_id: int, state: QuarantineState) -> sa.Select[QuarantinedResponse]:
    return (
        sa.select(QuarantinedResponse)
        .join(QuarantinedResponse.receipt)
        .where(QuarantinedResponse.state == state, Receipt.conversation_id == conversation_id)
    )


def held_under(receipt: Receipt) -> QuarantinedResponse | None:
    """What is kept apart under a receipt and not released."""
    return db.session.scalar(
        sa.select(QuarantinedResponse).where(
            QuarantinedResponse.receipt_id == receipt.id, QuarantinedResponse.state.in_(UNDECIDED)
        )
    )


def voices_held(receipt: Receipt) -> list[Contribution]:
    """What was said under a receipt, as if it waited to be read like everything else. No row is made of it.

    So whoever holds the code reads the same, whether the answers were kept apart or not.
    """
    held = held_under(receipt)
    if held is None:
        return []
    return [
        Contribution(
            conversation_id=receipt.conversation_id,
            receipt_id=receipt.id,
            channel=receipt.channel,
            status=Status.WAITING,
            prompt=one.prompt,
            text=one.words,
            voices=1,
            is_verbatim=True,
            received_at=receipt.received_at,
            answer_key=one.answer_key,
        )
        for one in _said_in(held)
    ]


def _said_in(held: QuarantinedResponse) -> list[Said]:
    """What would become a voice each if it were released."""
    content = queries.content_of(held.version)
    given = responses.answers_given(content, held.answers)
    return responses.own_words([(q, answer) for q, answer in given if q.id not in content.equality_ids])
