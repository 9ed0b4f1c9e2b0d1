"""Approved voices that stand in no group yet. With the groups they make up all that is approved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVarTuple

import sqlalchemy as sa

from engage.contributions.models import Contribution, Status
from engage.contributions.queries import Cursor
from engage.db import db
from engage.priorities.models import GroupMember
from engage.themes.models import ContributionTheme, Theme, ThemeDecision
from engage.themes.queries import older_than

PAGE_SIZE = 50
Ts = TypeVarTuple("Ts")


class Why(StrEnum):
    """Why a voice is in the inbox."""

    NO_THEME = "no-theme"
    NONE_FITS = "none-fits"
    NO_GROUP = "no-group"


@dataclass(frozen=True)
class UnplacedVoice:
    """A voice in the inbox, and why; ``themes`` are those in which it stands in no group."""

    contribution: Contribution
    why: Why
    themes: Sequence[Theme]


@dataclass(frozen=True)
class InboxPage:
    """One page of the inbox, newest first, and where the next (older) one starts."""

    voices: Sequence[UnplacedVoice]
    older: Cursor | None = None


def _reasons() -> dict[Why, sa.ColumnElement[bool]]:
    """When a contribution is in the inbox, by reason. No two hold at once."""
    has_theme = sa.exists().where(ContributionTheme.contribution_id == Contribution.id)
    is_decided = sa.exists().where(ThemeDecision.contribution_id == Contribution.id)
    placed = sa.exists().where(
        GroupMember.theme_id == ContributionTheme.theme_id,
        GroupMember.contribution_id == ContributionTheme.contribution_id,
    )
    lacks_group = sa.exists().where(
        ContributionTheme.contribution_id == Contribution.id, ~placed.correlate(ContributionTheme)
    )
    return {
        Why.NO_THEME: sa.and_(~has_theme, ~is_decided),
        Why.NONE_FITS: sa.and_(~has_theme, is_decided),
        Why.NO_GROUP: lacks_group,
    }


def _approved(query: sa.Select[*Ts], conversation_id: int) -> sa.Select[*Ts]:
    return query.where(
        Contribution.conversation_id == conversation_id, Contribution.status == Status.APPROVED
    )


def inbox_counts(conversation_id: int) -> dict[Why, int]:
    """How many approved voices are not, or not wholly, in groups, by reason. One statement."""
    reasons = _reasons()
    numbers = [sa.func.coalesce(sa.func.sum(sa.case((held, 1), else_=0)), 0) for held in reasons.values()]
    found = db.session.execute(_approved(sa.select(*numbers), conversation_id)).one()
    return {why: int(number) for why, number in zip(reasons, found, strict=True)}


def inbox_count(conversation_id: int) -> int:
    """How many approved voices are not, or not wholly, in groups."""
    return sum(inbox_counts(conversation_id).values())


def inbox(
    conversation_id: int, *, why: Why | None = None, before: Cursor | None = None, size: int = PAGE_SIZE
) -> InboxPage:
    """Approved voices that are not, or not wholly, in groups, the newest first. Three statements.

    ``why`` narrows to one reason.
    """
    reasons = _reasons()
    held = reasons[why] if why else sa.or_(*reasons.values())
    query = (
        _approved(sa.select(Contribution), conversation_id)
        .where(held)
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
    for contribution_id, theme in db.session.execute(query):
        lacking[contribution_id].append(theme)
    decided = set(
        db.session.scalars(
            sa.select(ThemeDecision.contribution_id).where(ThemeDecision.contribution_id.in_(ids)).distinct()
        )
    )
    return [
        UnplacedVoice(
            voice,
            Why.NO_GROUP if lacking[voice.id] else (Why.NONE_FITS if voice.id in decided else Why.NO_THEME),
            lacking[voice.id],
        )
        for voice in voices
    ]
