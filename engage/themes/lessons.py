"""Learning themes from what people decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import current_app

from engage import analysis
from engage.analysis.themes import ThemeDescription, ThemeSuggester
from engage.contributions import queries as contributions
from engage.contributions.models import Contribution, Status
from engage.conversations.models import Conversation
from engage.db import db, only_looking
from engage.themes.models import ContributionTheme, Theme, ThemeDecision

READ_OR_TO_READ = (Status.WAITING, Status.APPROVED)
LEARNED_FROM = 5_000
"""The latest so many decisions are learned from; the models gain next to nothing beyond."""


@dataclass(frozen=True)
class Lesson:
    """A suggester, what it learned from, and what would make it out of date."""

    suggester: ThemeSuggester
    theme_ids: dict[str, int]
    decided_ids: Sequence[int]
    words: tuple[Any, ...]
    decisions: int

    def still_holds(self, words: tuple[Any, ...], decisions: int) -> bool:
        """Whether the themes read the same, and hardly anything was decided since."""
        return self.words == words and abs(decisions - self.decisions) <= decisions // 20


def lesson(framework_id: int) -> Lesson | None:
    """What can be learned at present; None where there are no themes. Kept while it holds."""
    kept: dict[int, Lesson] = current_app.extensions.setdefault("engage.lessons", {})
    with looking():
        themes = db.session.scalars(
            sa.select(Theme).where(Theme.framework_id == framework_id).order_by(Theme.position)
        ).all()
        if not themes:
            return None
        theme_ids = {theme.key: theme.id for theme in themes}
        described = {
            theme.key: ThemeDescription(theme.name, theme.description, tuple(theme.seed_phrases))
            for theme in themes
        }
        decided = _decided(framework_id)
        words = (analysis.model_name(), *described.items(), *theme_ids.items())
        held = kept.get(framework_id)
        if held and held.still_holds(words, len(decided)):
            return held
        ids, vectors = contributions.embeddings(list(decided))
        texts = texts_of_many(ids)
    ids_and_rows = [(i, row) for row, i in enumerate(ids) if i in texts]
    suggester = ThemeSuggester(described)
    if ids_and_rows:
        chosen = [i for i, _ in ids_and_rows]
        suggester.fit(
            [texts[i] for i in chosen],
            [decided[i] for i in chosen],
            embeddings=vectors[[row for _, row in ids_and_rows]],
        )
    learned = Lesson(suggester, theme_ids, [i for i, _ in ids_and_rows], words, len(decided))
    kept[framework_id] = learned
    return learned


def _decided(framework_id: int) -> dict[int, set[str]]:
    """The latest decided and approved voices of every conversation with this framework, and their themes."""
    latest = (
        sa.select(sa.func.max(ThemeDecision.id).label("decision_id"), ThemeDecision.contribution_id)
        .join(Contribution, Contribution.id == ThemeDecision.contribution_id)
        .join(Conversation, Conversation.id == Contribution.conversation_id)
        .where(Conversation.framework_id == framework_id, Contribution.status == Status.APPROVED)
        .group_by(ThemeDecision.contribution_id)
        .order_by(sa.desc("decision_id"))
        .limit(LEARNED_FROM)
        .subquery()
    )
    query = (
        sa.select(latest.c.contribution_id, Theme.key)
        .outerjoin(ContributionTheme, ContributionTheme.contribution_id == latest.c.contribution_id)
        .outerjoin(Theme, Theme.id == ContributionTheme.theme_id)
        .order_by(latest.c.contribution_id)
    )
    found: dict[int, set[str]] = {}
    for contribution_id, key in db.session.execute(query):
        found.setdefault(contribution_id, set()).update([key] if key else [])
    return found


def texts_of_many(contribution_ids: Sequence[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for start in range(0, len(contribution_ids), 500):
        found |= present_texts(contribution_ids[start : start + 500])
    return found


def present_texts(contribution_ids: Sequence[int], *, lock: bool = False) -> dict[int, str]:
    query = sa.select(Contribution.id, Contribution.text).where(
        Contribution.id.in_(contribution_ids), Contribution.status.in_(READ_OR_TO_READ)
    )
    if lock:
        query = query.order_by(Contribution.id).with_for_update()
    return dict(db.session.execute(query).all())


@contextmanager
def looking() -> Iterator[None]:
    """Read, and let go of the database before any long computation. Nothing unsaved may be at hand."""
    with only_looking():
        db.session.rollback()
        try:
            yield
        finally:
            db.session.rollback()
