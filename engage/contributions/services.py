"""Taking voices in. What is decided about them is in ``moderation.py``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import numpy as np
import sqlalchemy as sa

from engage import analysis
from engage.contributions import codes
from engage.contributions.models import Channel, Contribution, Embedding, Receipt, Speaker, Status
from engage.conversations.models import Conversation
from engage.db import db
from engage.forms import clean_text

EMBED_BATCH = 256


@dataclass(frozen=True)
class Permission:
    """What a person allows us. What they did not tick is not allowed."""

    may_publish: bool
    may_contact: bool
    wants_to_join: bool


def issue_receipt(
    conversation: Conversation,
    *,
    code: str,
    channel: Channel,
    now: datetime,
    permission: Permission | None = None,
) -> Receipt:
    """Add the receipt for what a person sends under their code; ``permission`` None: they were not asked.

    Raises sqlalchemy.exc.IntegrityError at the flush where something was sent under this code before.
    """
    receipt = Receipt(
        conversation_id=conversation.id,
        code_hash=codes.code_hash(code),
        channel=channel,
        received_at=now,
        **(asdict(permission) if permission else {}),
    )
    db.session.add(receipt)
    return receipt


def receive(
    conversation: Conversation,
    text: str,
    *,
    channel: Channel,
    received_at: datetime,
    speaker: Speaker = Speaker.NOT_SAID,
    district: str | None = None,
    prompt: str | None = None,
    receipt: Receipt | None = None,
    voices: int = 1,
    is_verbatim: bool = True,
    language: str | None = None,
    import_key: str | None = None,
) -> Contribution:
    """Add one piece of what somebody said to the ledger, waiting to be read.

    Raises ValueError where there are no words.
    """
    words = clean_text(text)
    if not words:
        raise ValueError("a contribution needs words")
    contribution = Contribution(
        conversation_id=conversation.id,
        receipt_id=receipt.id if receipt else None,
        channel=channel,
        status=Status.WAITING,
        speaker=speaker,
        district=district,
        prompt=prompt,
        text=words,
        voices=voices,
        is_verbatim=is_verbatim,
        language=language,
        received_at=received_at,
        import_key=import_key,
    )
    db.session.add(contribution)
    return contribution


@dataclass(frozen=True)
class Said:
    """Own words in an answer: what was asked, what was said, and which answer it is."""

    prompt: str
    words: str
    answer_key: str | None = None


_TOGETHER = sa.insert(Contribution.__table__)  # type: ignore[arg-type] # No objects are made of these.


def receive_together(
    conversation: Conversation,
    said: Sequence[Said],
    *,
    receipt: Receipt,
    channel: Channel,
    received_at: datetime,
    speaker: Speaker,
    district: str | None,
) -> None:
    """Add all that one person said at once, in their order and in one statement.

    Raises ValueError where there are no words.
    """
    rows = [
        {
            "conversation_id": conversation.id,
            "receipt_id": receipt.id,
            "channel": channel,
            "status": Status.WAITING,
            "speaker": speaker,
            "district": district,
            "prompt": one.prompt,
            "text": clean_text(one.words),
            "voices": 1,
            "is_verbatim": True,
            "received_at": received_at,
            "answer_key": one.answer_key,
        }
        for one in said
    ]
    if not all(row["text"] for row in rows):
        raise ValueError("a contribution needs words")
    if rows:
        db.session.execute(_TOGETHER, rows)


def embed_missing(
    conversation_id: int,
    *,
    progress: Callable[[int, int], None] | None = None,
    save: Callable[[], None] | None = None,
) -> int:
    """Give every contribution of a conversation the vector of its present text. Returns how many were new.

    ``progress`` is called with (done, total) and ``save`` after each batch, so that a long run commits as
    it goes and other writers need not wait.
    """
    name = analysis.model_name()
    missing = (
        sa.select(Contribution.id, Contribution.text)
        .outerjoin(Embedding, (Embedding.contribution_id == Contribution.id) & (Embedding.model == name))
        .where(
            Contribution.conversation_id == conversation_id,
            Contribution.taken_back_at.is_(None),
            Embedding.contribution_id.is_(None),
        )
        .order_by(Contribution.id)
    )
    rows = db.session.execute(missing).all()
    db.session.rollback()
    for start in range(0, len(rows), EMBED_BATCH):
        batch = rows[start : start + EMBED_BATCH]
        vectors = analysis.embed([row.text for row in batch])
        keep_embeddings([row.id for row in batch], vectors, [row.text for row in batch])
        if save:
            save()
        if progress:
            progress(start + len(batch), len(rows))
    return len(rows)


def keep_embeddings(ids: Sequence[int], vectors: np.ndarray, texts: Sequence[str]) -> None:
    """Store vectors (n, d) for contributions whose text is still the one that was embedded."""
    name = analysis.model_name()
    unchanged = dict(
        db.session.execute(
            sa.select(Contribution.id, Contribution.text)
            .where(Contribution.id.in_(ids))
            .order_by(Contribution.id)
            .with_for_update()
        ).all()
    )
    rows = [
        {"contribution_id": i, "model": name, "vector": np.asarray(v, dtype="<f4").tobytes()}
        for i, v, text in zip(ids, vectors, texts, strict=True)
        if unchanged.get(i) == text
    ]
    db.session.execute(
        sa.delete(Embedding).where(Embedding.contribution_id.in_([r["contribution_id"] for r in rows]))
    )
    if rows:
        db.session.execute(sa.insert(Embedding), rows)
    db.session.flush()
