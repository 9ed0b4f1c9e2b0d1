"""Reading the ledger: lists by page, counts, search, and what became of a voice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
import sqlalchemy as sa

from engage import analysis
from engage.accounts.models import User
from engage.contributions import codes
from engage.contributions.models import (
    Channel,
    Contribution,
    ContributionCount,
    DecisionKind,
    Embedding,
    ModerationDecision,
    Receipt,
    SealedOriginal,
    Speaker,
    Status,
)
from engage.db import db

PAGE_SIZE = 50
LARGEST_ID = 2**31 - 1


@dataclass(frozen=True)
class VoiceFilter:
    """What a list shows. ``statuses`` is a set that the page allows; empty fields do not narrow."""

    conversation_id: int
    statuses: frozenset[Status]
    channel: Channel | None = None
    speaker: Speaker | None = None
    district: str | None = None
    words: str = ""


@dataclass(frozen=True)
class Cursor:
    """A place in a list ordered by (received_at, id), newest first."""

    received_at: datetime
    contribution_id: int

    def __str__(self) -> str:
        return f"{self.received_at.timestamp():.6f}-{self.contribution_id}"

    @classmethod
    def read(cls, written: str | None) -> Cursor | None:
        """The cursor that an address carries, or None where it is missing or broken."""
        try:
            at, number = (written or "").rsplit("-", 1)
            cursor = cls(datetime.fromtimestamp(float(at), UTC), int(number))
        except (ValueError, OverflowError, OSError):
            return None
        return cursor if 0 < cursor.contribution_id <= LARGEST_ID else None


@dataclass(frozen=True)
class Page:
    """One page of voices, and where the next (older) one starts."""

    voices: Sequence[Contribution]
    older: Cursor | None = None


def voices(
    chosen: VoiceFilter,
    *,
    before: Cursor | None = None,
    size: int = PAGE_SIZE,
    only: sa.ColumnElement[bool] | None = None,
) -> Page:
    """A page of voices, the newest first, by keyset: the same cost on page 1 and on page 20,000.

    ``only`` narrows them further by what rooms above know, such as a survey's question.
    """
    query = narrowed(sa.select(Contribution), chosen).order_by(
        Contribution.received_at.desc(), Contribution.id.desc()
    )
    if only is not None:
        query = query.where(only)
    if before:
        query = query.where(
            sa.tuple_(Contribution.received_at, Contribution.id)
            < sa.tuple_(
                sa.literal(before.received_at, Contribution.received_at.type),
                sa.literal(before.contribution_id),
            )
        )
    found = db.session.scalars(query.limit(size + 1)).all()
    if len(found) <= size:
        return Page(found)
    last = found[size - 1]
    return Page(found[:size], Cursor(last.received_at, last.id))


def narrowed(query: sa.Select[Any], chosen: VoiceFilter) -> sa.Select[Any]:
    """Narrow any select over ``Contribution`` by a filter. What was taken back is in no list."""
    query = query.where(
        Contribution.conversation_id == chosen.conversation_id,
        Contribution.status.in_(chosen.statuses),
        Contribution.taken_back_at.is_(None),
    )
    if chosen.channel:
        query = query.where(Contribution.channel == chosen.channel)
    if chosen.speaker:
        query = query.where(Contribution.speaker == chosen.speaker)
    if chosen.district:
        query = query.where(Contribution.district == chosen.district)
    if chosen.words.strip():
        query = query.where(matching(chosen.words))
    return query


def matching(words: str) -> sa.ColumnElement[bool]:
    """Contributions whose text has all these words, the last one also as a beginning. Both databases.

    A search for punctuation alone finds nothing.
    """
    wanted = "".join(c if c.isalnum() else " " for c in words).split()[:20]
    if not wanted:
        return sa.false()
    if db.engine.dialect.name == "sqlite":
        match = " ".join(f'"{word}"' for word in wanted) + " *"
        found = sa.text("SELECT rowid FROM contribution_text WHERE contribution_text MATCH :match")
        return Contribution.id.in_(found.bindparams(match=match).columns(sa.column("rowid", sa.Integer)))
    search = " & ".join(f"'{word}'" for word in wanted) + ":*"
    return sa.literal_column("contribution.words").op("@@")(sa.func.to_tsquery("simple", search))


def contribution(contribution_id: int, statuses: frozenset[Status]) -> Contribution | None:
    """One contribution, if it stands where the reader may see it."""
    found = db.session.get(Contribution, contribution_id)
    return found if found and found.status in statuses else None


def next_waiting(conversation_id: int, after: Contribution | None = None) -> Contribution | None:
    """The next voice to read: the newest that waits, or the next older than ``after``."""
    chosen = VoiceFilter(conversation_id, frozenset({Status.WAITING}))
    cursor = Cursor(after.received_at, after.id) if after else None
    page = voices(chosen, before=cursor, size=1)
    if not page.voices and after:
        page = voices(chosen, size=1)
    return page.voices[0] if page.voices else None


@dataclass(frozen=True)
class Counts:
    """Contributions and voices of a conversation, by status and channel, as the triggers keep them.

    What is in the safeguarding lane is counted in ``by_status`` alone, for the leads; nobody may work it out
    from a total.
    """

    by_status: dict[Status, int] = field(default_factory=dict)
    by_channel: dict[Channel, int] = field(default_factory=dict)
    voices: int = 0

    @property
    def contributions(self) -> int:
        return sum(self.by_channel.values())


def counts(conversation_id: int) -> Counts:
    """Counts without counting: a handful of rows, whatever the size of the ledger."""
    rows = db.session.scalars(
        sa.select(ContributionCount).where(ContributionCount.conversation_id == conversation_id)
    ).all()
    by_status = dict.fromkeys(Status, 0)
    by_channel = dict.fromkeys(Channel, 0)
    for row in rows:
        by_status[row.status] += row.contributions
    open_rows = [row for row in rows if row.status is not Status.SAFEGUARDING]
    for row in open_rows:
        by_channel[row.channel] += row.contributions
    return Counts(by_status, by_channel, sum(row.voices for row in open_rows))


def oldest_waiting(conversation_id: int) -> datetime | None:
    """Since when the oldest unread voice waits."""
    return db.session.scalar(
        sa.select(sa.func.min(Contribution.received_at)).where(
            Contribution.conversation_id == conversation_id, Contribution.status == Status.WAITING
        )
    )


def history(contribution_id: int) -> Sequence[tuple[ModerationDecision, User]]:
    """Every decision about a contribution with who made it, the first one first."""
    query = (
        sa.select(ModerationDecision, User)
        .join(User, User.id == ModerationDecision.made_by_id)
        .where(ModerationDecision.contribution_id == contribution_id)
        .order_by(ModerationDecision.id)
    )
    return db.session.execute(query).all()


def concerns() -> Sequence[tuple[Contribution, ModerationDecision]]:
    """Contributions in the safeguarding lane with the last decision about each, the oldest one first.

    Of every conversation: nobody's safety may depend on which one a lead has in hand.
    """
    last = (
        sa.select(sa.func.max(ModerationDecision.id))
        .where(ModerationDecision.contribution_id == Contribution.id)
        .correlate(Contribution)
        .scalar_subquery()
    )
    query = (
        sa.select(Contribution, ModerationDecision)
        .join(ModerationDecision, ModerationDecision.id == last)
        .where(Contribution.status == Status.SAFEGUARDING)
        .order_by(ModerationDecision.id)
    )
    return db.session.execute(query).all()


def concerns_not_taken_on() -> int:
    """How many concerns no safeguarding lead has taken on yet."""
    return sum(decision.kind is not DecisionKind.ACKNOWLEDGE_CONCERN for _voice, decision in concerns())


def is_sealed(contribution_id: int) -> bool:
    """Whether something of this contribution is hidden."""
    return (
        db.session.scalar(sa.select(sa.exists().where(SealedOriginal.contribution_id == contribution_id)))
        or False
    )


def receipt_by_code(typed: str) -> Receipt | None:
    """The receipt that a code belongs to; None for wrong, unknown and unreadable codes alike."""
    code = codes.tidy(typed)
    return db.session.scalar(
        sa.select(Receipt).where(Receipt.code_hash.in_(codes.possible_hashes(code or "no code")))
    )


def contributions_of(receipt: Receipt) -> Sequence[Contribution]:
    """All that came with one receipt, in the order in which it was said."""
    return db.session.scalars(
        sa.select(Contribution).where(Contribution.receipt_id == receipt.id).order_by(Contribution.id)
    ).all()


def embeddings(contribution_ids: Sequence[int]) -> tuple[list[int], np.ndarray]:
    """The stored vectors of these contributions: (identifiers that have one, float32 array (n, d))."""
    name, found = analysis.model_name(), {}
    for start in range(0, len(contribution_ids), 500):
        part = contribution_ids[start : start + 500]
        rows = db.session.execute(
            sa.select(Embedding.contribution_id, Embedding.vector).where(
                Embedding.model == name, Embedding.contribution_id.in_(part)
            )
        )
        found.update({row.contribution_id: row.vector for row in rows})
    ids = [i for i in contribution_ids if i in found]
    if not ids:
        return [], np.zeros((0, 0), dtype=np.float32)
    return ids, np.stack([np.frombuffer(found[i], dtype="<f4") for i in ids])
