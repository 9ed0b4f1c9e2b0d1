"""Taking words back: what a person said goes for good, and what they asked of us is kept.

The rows stay, without words, so that what was decided about them can still be followed. What a safeguarding
lead looks after keeps its words until the lead is done with it. Whoever holds the code cannot tell, as they
might not be the person who spoke.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from engage.accounts.models import User
from engage.audit import services as audit
from engage.contributions.models import (
    ContactDetails,
    Contribution,
    Embedding,
    Receipt,
    Redaction,
    SealedOriginal,
    Status,
    TakeBackRequest,
)
from engage.db import db
from engage.tasks import task


@dataclass(frozen=True)
class Asked:
    """A request as a list shows it: how many things were said, as far as everybody may know."""

    request: TakeBackRequest
    receipt: Receipt
    things: int


def request_of(receipt: Receipt) -> TakeBackRequest | None:
    """What this person asked about taking back, and what was answered."""
    return db.session.scalar(sa.select(TakeBackRequest).where(TakeBackRequest.receipt_id == receipt.id))


def waiting_count(conversation_id: int) -> int:
    """How many people wait for an answer."""
    query = (
        sa.select(sa.func.count(TakeBackRequest.id))
        .join(Receipt, Receipt.id == TakeBackRequest.receipt_id)
        .where(Receipt.conversation_id == conversation_id, TakeBackRequest.answered_at.is_(None))
    )
    return db.session.scalar(query) or 0


def waiting(
    conversation_id: int, *, request_id: int | None = None, after: int = 0, size: int = 50
) -> list[Asked]:
    """Requests that nobody has answered, the oldest first, from the one after ``after``.

    Things in the safeguarding lane are not counted: the number must not tell that they are there.
    """
    things = (
        sa.select(sa.func.count(Contribution.id))
        .where(Contribution.receipt_id == Receipt.id, Contribution.status != Status.SAFEGUARDING)
        .correlate(Receipt)
        .scalar_subquery()
    )
    query = (
        sa.select(TakeBackRequest, Receipt, things)
        .join(Receipt, Receipt.id == TakeBackRequest.receipt_id)
        .where(
            Receipt.conversation_id == conversation_id,
            TakeBackRequest.answered_at.is_(None),
            TakeBackRequest.id > after,
        )
        .order_by(TakeBackRequest.id)
        .limit(size)
    )
    if request_id is not None:
        query = query.where(TakeBackRequest.id == request_id)
    return [Asked(*row) for row in db.session.execute(query)]


def ask(receipt: Receipt, *, now: datetime) -> TakeBackRequest:
    """Note that a person asks for their answers back. Asked twice, it is the same request."""
    _lock(receipt)
    found = request_of(receipt)
    if found is None:
        found = TakeBackRequest(receipt_id=receipt.id, asked_at=now)
        db.session.add(found)
        db.session.flush()
        audit.record("ask for answers back", "receipt", receipt.id, by=None, now=now)
    return found


def refuse(request: TakeBackRequest, reason: str, *, by: User, now: datetime) -> None:
    """Answer a request with a reason, which the person reads with their code."""
    request.answered_at, request.answered_by_id, request.answer = now, by.id, reason
    db.session.flush()
    audit.record("answer take back request", "take_back_request", request.id, by=by, now=now)


def take_back(receipt: Receipt, *, now: datetime, by: User | None = None) -> Sequence[int]:
    """Remove the words and the contact details that came with a receipt, for good. Returns the voices' ids.

    The receipt stays, so that the code still says what became of it.
    """
    _lock(receipt)
    voices = db.session.scalars(
        sa.select(Contribution)
        .where(Contribution.receipt_id == receipt.id)
        .order_by(Contribution.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for voice in voices:
        voice.taken_back_at = voice.taken_back_at or now
        if voice.status is not Status.SAFEGUARDING:
            erase_words(voice)
    db.session.execute(sa.delete(ContactDetails).where(ContactDetails.receipt_id == receipt.id))
    request = request_of(receipt) or TakeBackRequest(receipt_id=receipt.id, asked_at=now)
    request.answered_at, request.answered_by_id, request.answer = now, by.id if by else None, None
    db.session.add(request)
    db.session.flush()
    return [voice.id for voice in voices]


def erase_words(voice: Contribution) -> None:
    """Remove the words of one contribution wherever this room keeps them, and take it out of the count."""
    voice.text, voice.status = "", Status.WITHHELD
    for table in (SealedOriginal, Redaction, Embedding):
        db.session.execute(sa.delete(table).where(table.contribution_id == voice.id))
    db.session.flush()


def _lock(receipt: Receipt) -> None:
    """Of two who take back or answer at once, the second sees what the first did."""
    db.session.refresh(receipt, with_for_update=True)


@task
def clear_traces() -> None:
    """On SQLite, take what was removed out of the file too: out of the search index and the write-ahead log.

    Deleted rows are overwritten at once (``secure_delete``), but an FTS5 index keeps old terms until its
    parts are merged, and the log keeps old pages until a checkpoint.
    """
    if db.engine.dialect.name != "sqlite":
        return
    db.session.execute(sa.text("INSERT INTO contribution_text (contribution_text) VALUES ('optimize')"))
    db.session.commit()
    raw = db.engine.raw_connection()
    try:
        raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        raw.close()
