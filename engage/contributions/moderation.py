"""Deciding about a voice. Every decision is appended to its history, with who and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from engage.accounts.models import User
from engage.audit import services as audit
from engage.contributions.models import (
    Contribution,
    DecisionKind,
    Embedding,
    ModerationDecision,
    Redaction,
    SealedOriginal,
    Status,
)
from engage.contributions.taking_back import erase_words
from engage.db import db

ALLOWED = {
    DecisionKind.APPROVE: ({Status.WAITING}, Status.APPROVED),
    DecisionKind.WITHHOLD: ({Status.WAITING, Status.APPROVED}, Status.WITHHELD),
    DecisionKind.REOPEN: ({Status.APPROVED, Status.WITHHELD}, Status.WAITING),
    DecisionKind.RAISE_CONCERN: ({Status.WAITING, Status.APPROVED, Status.WITHHELD}, Status.SAFEGUARDING),
    DecisionKind.ACKNOWLEDGE_CONCERN: ({Status.SAFEGUARDING}, Status.SAFEGUARDING),
    DecisionKind.RELEASE_CONCERN: ({Status.SAFEGUARDING}, Status.WAITING),
}
NEEDS_REASON = set(DecisionKind) - {DecisionKind.APPROVE, DecisionKind.ACKNOWLEDGE_CONCERN}


class NotAllowed(Exception):
    """The decision does not fit where the contribution stands now; somebody else may have been faster."""


class TakenBack(NotAllowed):
    """The person took it back: its words are gone, and nobody can bring it into the count again."""


class ReasonMissing(Exception):
    """The decision needs a reason."""


class WordsNotFound(Exception):
    """The words to hide do not occur in the text, or are hidden already."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


@dataclass(frozen=True)
class Passage:
    """Words to hide, exactly as they stand in the text, and what to show instead, such as ``name``."""

    words: str
    label: str


def decide(
    contribution: Contribution, kind: DecisionKind, *, by: User, now: datetime, reason: str = ""
) -> ModerationDecision:
    """Approve, withhold, reopen, or move in and out of the safeguarding lane.

    Raises ReasonMissing, or NotAllowed where the contribution is not where this decision starts from.
    """
    before, after = ALLOWED[kind]
    _lock(contribution)
    if contribution.status not in before:
        _refuse_taken_back(contribution)
        raise NotAllowed(f"{kind} does not follow {contribution.status}")
    if contribution.status is not Status.SAFEGUARDING:
        _refuse_taken_back(contribution)
    if contribution.taken_back_at and kind is DecisionKind.RELEASE_CONCERN:
        # The person asked for it back while a lead looked after it: now its words go.
        decision = _append(contribution, kind, Status.WITHHELD, by=by, now=now, reason=reason)
        erase_words(contribution)
        return decision
    return _append(contribution, kind, after, by=by, now=now, reason=reason)


def _refuse_taken_back(contribution: Contribution) -> None:
    if contribution.taken_back_at:
        raise TakenBack("the person took it back")


def redact(
    contribution: Contribution, passages: Sequence[Passage], *, by: User, now: datetime, reason: str
) -> ModerationDecision:
    """Hide passages wherever they occur. The verbatim text is sealed; readers see ``[label]``.

    Raises WordsNotFound, ReasonMissing or NotAllowed; nothing is changed then.
    """
    _lock(contribution)
    _refuse_taken_back(contribution)
    if contribution.status not in (Status.WAITING, Status.APPROVED):
        raise NotAllowed(f"redact does not follow {contribution.status}")
    sealed = db.session.get(SealedOriginal, contribution.id)
    original = sealed.text if sealed else contribution.text
    hidden = list(
        db.session.scalars(sa.select(Redaction).where(Redaction.contribution_id == contribution.id))
    )
    new = _new_redactions(original, passages, hidden)
    decision = _append(contribution, DecisionKind.REDACT, contribution.status, by=by, now=now, reason=reason)
    for redaction in new:
        redaction.contribution_id, redaction.decision_id = contribution.id, decision.id
    db.session.add_all(new)
    if not sealed:
        db.session.add(SealedOriginal(contribution_id=contribution.id, text=original, sealed_at=now))
    contribution.text = cleared(original, [*hidden, *new])
    # The old vector was made from words that are hidden now.
    db.session.execute(sa.delete(Embedding).where(Embedding.contribution_id == contribution.id))
    db.session.flush()
    return decision


def reveal(contribution: Contribution, *, by: User, now: datetime, reason: str) -> str:
    """Open the sealed original; the look is put on record. Raises ReasonMissing."""
    if not reason.strip():
        raise ReasonMissing
    audit.record("look at sealed original", "contribution", contribution.id, by=by, now=now, reason=reason)
    sealed = db.session.get(SealedOriginal, contribution.id)
    return sealed.text if sealed else contribution.text


def cleared(original: str, redactions: Sequence[Redaction]) -> str:
    """The text with every redacted passage replaced by its label in square brackets."""
    parts, at = [], 0
    for redaction in sorted(redactions, key=lambda r: r.start):
        parts += [original[at : redaction.start], f"[{redaction.label}]"]
        at = redaction.end
    return "".join([*parts, original[at:]])


def _new_redactions(
    original: str, passages: Sequence[Passage], hidden: Sequence[Redaction]
) -> list[Redaction]:
    taken = [(r.start, r.end) for r in hidden]
    new = []
    for passage in passages:
        spans = [s for s in _occurrences(original, passage.words) if not _overlaps(s, taken)]
        if not spans:
            raise WordsNotFound(passage.words)
        taken += spans
        new += [Redaction(start=start, end=end, label=passage.label) for start, end in spans]
    return new


def _occurrences(text: str, words: str) -> list[tuple[int, int]]:
    found, at = [], text.find(words)
    while words and at >= 0:
        found.append((at, at + len(words)))
        at = text.find(words, at + len(words))
    return found


def _overlaps(span: tuple[int, int], others: Sequence[tuple[int, int]]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in others)


def _lock(contribution: Contribution) -> None:
    """Read the row again and keep it, so that of two people who decide at once the second sees the first."""
    db.session.refresh(contribution, with_for_update=True)


def _append(
    contribution: Contribution, kind: DecisionKind, after: Status, *, by: User, now: datetime, reason: str
) -> ModerationDecision:
    reason = reason.strip()
    if kind in NEEDS_REASON and not reason:
        raise ReasonMissing
    decision = ModerationDecision(
        contribution_id=contribution.id,
        kind=kind,
        reason=reason or None,
        made_by_id=by.id,
        made_at=now,
        status_before=contribution.status,
        status_after=after,
    )
    contribution.status = after
    db.session.add(decision)
    db.session.flush()
    audit.record(kind.value.replace("_", " "), "contribution", contribution.id, by=by, now=now)
    return decision
