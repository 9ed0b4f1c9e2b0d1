"""Approved voices that stand in no group yet. With the groups they make up all that is approved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from engage.contributions.models import Contribution, Status
from engage.contributions.queries import Cursor
from engage.db import db
from engage.priorities.models import GroupMember
from engage.themes.models import ContributionTheme, Theme, ThemeDecision
from engage.themes.queries import older_than

PAGE_SIZE = 50


@dataclass(frozen=True)
class UnplacedVoice:
    """A voice in the inbox, and why: no theme yet, none fits, or themes in which it stands in no group."""

    contribution: Contribution
    themes: Sequence[Theme]
    none_fits: bool


@dataclass(frozen=True)
class InboxPage:
    """One page of the inbox, newest first, and where the next (older) one starts."""

    voices: Sequence[UnplacedVoice]
    older: Cursor | None = None


def _is_unplaced() -> sa.ColumnElement[bool]:
    """Whether a contribution lacks a theme, or stands in no group of at least one of its themes."""
    has_theme = sa.exists().where(ContributionTheme.contribution_id == Contribution.id)
    placed = sa.exists().where(
        GroupMember.theme_id == ContributionTheme.theme_id,
        GroupMember.contribution_id == ContributionTheme.contribution_id,
    )
    lacks_group = sa.exists().where(
        ContributionTheme.contribution_id == Contribution.id, ~placed.correlate(ContributionTheme)
    )
    return sa.or_(~has_theme, lacks_group)


def inbox_count(conversation_id: int) -> int:
    """How many approved voices are not, or not wholly, in groups."""
    query = (
        sa.select(sa.func.count())
        .select_from(Contribution)
        .where(
            Contribution.conversation_id == conversation_id,
            Contribution.status == Status.APPROVED,
            _is_unplaced(),
        )
    )
    return db.session.scalar(query) or 0


def inbox(conversation_id: int, *, before: Cursor | None = None, size: int = PAGE_SIZE) -> InboxPage:
    """Approved voices that are not, or not wholly, in groups, the newest first. Three statements."""
    query = (
        sa.select(Contribution)
        .where(
            Contribution.conversation_id == conversation_id,
            Contribution.status == Status.APPROVED,
            _is_unplaced(),
        )
        .order_by(Contribution.received_at.desc(), Contribution.id.desc())
    )
    if before:
        query = query.where(older_than(before))
    found = db.session.scalars(query.limit(size + 1)).all()
    voices = unplaced(found[:size])
    if len(found) <= size:
        return InboxPage(voices)
    last = found[size - 1]
    return InboxPage(voices, Cursor(last.received_at, last.id))


def unplaced(voices: Sequence[Contribution]) -> list[UnplacedVoice]:
    """Why each of these voices is in the inbox. Two statements."""
    ids = [voice.id for voice in voices]
    lacking: dict[int, list[Theme]] = {i: [] for i in ids}
    placed = sa.exists().where(
        GroupMember.theme_id == ContributionTheme.theme_id,
        GroupMember.contribution_id == ContributionTheme.contribution_id,
    )
    query = (
        sa.select(ContributionTheme.contribution_id, Theme)
        .join(Theme, Theme.id == ContributionTheme.theme_id)
        .where(ContributionTheme.contribution_id.in_(ids), ~placed)
        .order_by(Theme.position)
    )
    for contribution_id, theme in db.session.execute(query).tuples():
        lacking[contribution_id].append(theme)
    decided = set(
        db.session.scalars(
            sa.select(ThemeDecision.contribution_id).where(ThemeDecision.contribution_id.in_(ids)).distinct()
        )
    )
    return [
        UnplacedVoice(voice, lacking[voice.id], none_fits=voice.id in decided and not lacking[voice.id])
        for voice in voices
    ]
