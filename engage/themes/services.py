"""Deciding what a voice is about. The themes themselves are kept in ``frameworks.py``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from engage.accounts.models import User
from engage.audit import services as audit
from engage.contributions.models import Contribution, Status
from engage.db import db
from engage.themes import queries
from engage.themes.models import ContributionTheme, Theme, ThemeDecision


class NotApproved(Exception):
    """Only an approved voice has themes; somebody may have held it back or put it in the queue again."""


class NotOfThisFramework(Exception):
    """A theme that the voice's conversation does not use."""


def decide_themes(
    contribution: Contribution, themes: Sequence[Theme], *, by: User, now: datetime, reason: str = ""
) -> ThemeDecision:
    """Say what a voice is about. No theme at all is an answer too: none fits.

    The decision is added to those before it, together with what was suggested at that moment, and the
    voice's present themes become these. Raises NotApproved or NotOfThisFramework; nothing is changed then.
    """
    db.session.refresh(contribution, with_for_update=True)
    if contribution.status is not Status.APPROVED:
        raise NotApproved(contribution.status)
    known = {theme.id for theme in queries.themes_of_conversation(contribution.conversation_id)}
    if not {theme.id for theme in themes} <= known:
        raise NotOfThisFramework
    chosen = sorted({theme.id: theme for theme in themes}.values(), key=lambda theme: theme.position)
    suggested = queries.suggestions([contribution.id])[contribution.id]
    decision = ThemeDecision(
        contribution_id=contribution.id,
        theme_keys=[theme.key for theme in chosen],
        suggested=[one.theme.key for one in suggested if one.is_shown],
        reason=reason.strip() or None,
        decided_by_id=by.id,
        decided_at=now,
    )
    db.session.add(decision)
    db.session.flush()
    _write_present_themes(contribution, chosen, decision)
    audit.record("decide themes", "contribution", contribution.id, by=by, now=now, themes=decision.theme_keys)
    return decision


def _write_present_themes(
    contribution: Contribution, themes: Sequence[Theme], decision: ThemeDecision
) -> None:
    db.session.execute(
        sa.delete(ContributionTheme).where(ContributionTheme.contribution_id == contribution.id)
    )
    db.session.add_all(
        ContributionTheme(contribution_id=contribution.id, theme_id=theme.id, decision_id=decision.id)
        for theme in themes
    )
    db.session.flush()
