"""Suggesting themes and saying why. A suggestion is never a decision."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engage import analysis
from engage.analysis.themes import Because
from engage.contributions import queries as contributions
from engage.contributions import services as ledger
from engage.contributions.models import Contribution, DecisionKind, Embedding, ModerationDecision
from engage.conversations.models import Conversation
from engage.db import db, utcnow
from engage.tasks import every_minute, task
from engage.themes.lessons import READ_OR_TO_READ, Lesson, lesson, looking, present_texts
from engage.themes.models import Theme, ThemeDecision, ThemeSuggestion

BATCH = 200
KEPT = 3
"""So many themes are kept a voice, and every likely one beyond."""

FIRST_LESSON = 20
GROWTH = 1.5
"""Suggestions are made again once people have decided on half as many voices again, from the 20th on."""

Progress = Callable[[int, int], None]


# --- What is to be done -------------------------------------------------------------------------------------


def conversations_to_suggest() -> Sequence[int]:
    """Conversations with a voice that has no suggestion yet, or one made before its words were hidden."""
    with looking():
        query = sa.select(Conversation.id).where(
            sa.exists().where(Theme.framework_id == Conversation.framework_id),
            sa.or_(
                sa.exists().where(Contribution.conversation_id == Conversation.id, _lacks_suggestion()),
                sa.exists().where(Contribution.conversation_id == Conversation.id, _reads_otherwise()),
            ),
        )
        waiting = set(db.session.scalars(query))
        return sorted(waiting | set(_with_more_to_learn()))


def _lacks_suggestion() -> sa.ColumnElement[bool]:
    has_one = sa.exists().where(ThemeSuggestion.contribution_id == Contribution.id)
    return sa.and_(Contribution.status.in_(READ_OR_TO_READ), ~has_one)


def _reads_otherwise() -> sa.ColumnElement[bool]:
    """Voices that have a suggestion whose reason may hold words that were hidden since."""
    return sa.exists().where(
        ThemeSuggestion.contribution_id == Contribution.id,
        ModerationDecision.contribution_id == Contribution.id,
        ModerationDecision.kind == DecisionKind.REDACT,
        ModerationDecision.made_at >= ThemeSuggestion.suggested_at,
    )


def _with_more_to_learn() -> Iterator[int]:
    for conversation_id, framework_id in db.session.execute(
        sa.select(Conversation.id, Conversation.framework_id)
    ):
        since = _outdated_before(framework_id)
        if since and db.session.scalar(
            sa.select(
                sa.exists().where(Contribution.conversation_id == conversation_id, _learned_less(since))
            )
        ):
            yield conversation_id


def _learned_less(since: datetime) -> sa.ColumnElement[bool]:
    """Voices that nobody decided about, whose suggestion was made before ``since``."""
    return sa.and_(
        Contribution.status.in_(READ_OR_TO_READ),
        ~sa.exists().where(ThemeDecision.contribution_id == Contribution.id),
        sa.exists().where(
            ThemeSuggestion.contribution_id == Contribution.id, ThemeSuggestion.suggested_at < since
        ),
    )


def _outdated_before(framework_id: int) -> datetime | None:
    """When people had decided on so few voices that suggestions from before are worth making again."""
    made = (
        sa.select(ThemeDecision.decided_at)
        .join(Contribution, Contribution.id == ThemeDecision.contribution_id)
        .join(Conversation, Conversation.id == Contribution.conversation_id)
        .where(Conversation.framework_id == framework_id)
        .order_by(ThemeDecision.id)
    )
    number = db.session.scalar(sa.select(sa.func.count()).select_from(made.order_by(None).subquery())) or 0
    if number < FIRST_LESSON:
        return None
    return db.session.scalar(made.offset(max(int(number / GROWTH), FIRST_LESSON) - 1).limit(1))


# --- Doing it -----------------------------------------------------------------------------------------------


@task
def suggest(conversation_id: int) -> None:
    """Suggest themes for a conversation's voices that have no suggestion, in the background."""
    conversation = db.session.get(Conversation, conversation_id)
    if conversation:
        suggest_missing(conversation, save=db.session.commit)


@every_minute
def suggest_where_missing() -> None:
    """Find voices that no job has looked at."""
    for conversation_id in conversations_to_suggest():
        suggest(conversation_id)


def suggest_missing(
    conversation: Conversation, *, save: Callable[[], None], progress: Progress | None = None
) -> int:
    """Suggest themes for every voice, waiting or approved, that has no suggestion of its present text.

    ``save`` is called after each batch, so that nobody waits while texts are read; ``progress`` with (steps
    done, steps in all). Returns for how many voices themes were suggested. The session is rolled back first.
    """
    conversation_id, framework_id = conversation.id, conversation.framework_id
    db.session.rollback()
    _forget_outdated(conversation_id)
    save()
    wanted = _wanted(conversation_id, framework_id)
    read = 0

    def embedding(done: int, _total: int) -> None:
        nonlocal read
        read = done
        if progress:
            progress(done, done + len(wanted))

    ledger.embed_missing(conversation_id, progress=embedding, save=save)
    learned = lesson(framework_id) if wanted else None
    if learned is None:
        return 0
    for start in range(0, len(wanted), BATCH):
        _suggest_batch(wanted[start : start + BATCH], learned)
        save()
        if progress:
            progress(read + min(start + BATCH, len(wanted)), read + len(wanted))
    return len(wanted)


def _forget_outdated(conversation_id: int) -> None:
    """Remove suggestions made from words that are hidden now, or from a text that has no vector any more."""
    has_vector = sa.exists().where(
        Embedding.contribution_id == Contribution.id, Embedding.model == analysis.model_name()
    )
    changed = sa.select(Contribution.id).where(
        Contribution.conversation_id == conversation_id, sa.or_(~has_vector, _reads_otherwise())
    )
    db.session.execute(sa.delete(ThemeSuggestion).where(ThemeSuggestion.contribution_id.in_(changed)))
    db.session.flush()


def _wanted(conversation_id: int, framework_id: int) -> Sequence[int]:
    with looking():
        since = _outdated_before(framework_id)
        wanted = _lacks_suggestion()
        if since:
            wanted = sa.or_(wanted, _learned_less(since))
        query = sa.select(Contribution.id).where(Contribution.conversation_id == conversation_id, wanted)
        return db.session.scalars(query.order_by(Contribution.id)).all()


def _suggest_batch(contribution_ids: Sequence[int], lesson: Lesson) -> None:
    with looking():
        texts = present_texts(contribution_ids)
        ids, vectors = contributions.embeddings([i for i in contribution_ids if i in texts])
    if not ids:
        return
    words = [texts[i] for i in ids]
    scores = lesson.suggester.suggest(words, embeddings=vectors)
    likely = lesson.suggester.decide(words, embeddings=vectors)
    reasons = lesson.suggester.because(words, embeddings=vectors)
    rows: list[dict[str, Any]] = []
    now = utcnow()
    unchanged = present_texts(ids, lock=True)
    for i, text, score, chosen, reason in zip(ids, words, scores, likely, reasons, strict=True):
        if unchanged.get(i) != text:
            continue
        kept = [key for place, key in enumerate(score) if place < KEPT or key in chosen]
        rows += [
            {
                "contribution_id": i,
                "theme_id": lesson.theme_ids[key],
                "score": score[key],
                "is_likely": key in chosen,
                "because": _because(reason[key], lesson.decided_ids),
                "suggested_at": now,
            }
            for key in kept
        ]
    db.session.execute(sa.delete(ThemeSuggestion).where(ThemeSuggestion.contribution_id.in_(ids)))
    if rows:
        db.session.execute(sa.insert(ThemeSuggestion), rows)
    db.session.flush()


def _because(reason: Because, decided_ids: Sequence[int]) -> dict[str, Any]:
    """The reason as it is kept: a decided voice by its number alone, for its words may yet be hidden."""
    kept: dict[str, Any] = {"words": list(reason.words)}
    if reason.nearest_index is not None:
        kept["voice"] = decided_ids[reason.nearest_index]
    elif reason.nearest:
        kept["phrase"] = reason.nearest
    return kept
