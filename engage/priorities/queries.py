"""Reading groups and the voices in them. Only approved voices ever appear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from engage.contributions.models import Contribution, Status
from engage.db import db
from engage.priorities.evidence import (
    GroupSize,
    central_voices,
    named_groups,
    shown_title,
    sizes_of,
    source_of_title,
    standing,
)
from engage.priorities.models import Group, Grouping, GroupingState, GroupMember
from engage.themes.models import ContributionTheme, Theme, ThemeDecision
from engage.themes.queries import themes_of_conversation

PAGE_SIZE = 50


@dataclass(frozen=True)
class GroupCard:
    """A candidate priority: its title, its size, and the voices that stand for it best."""

    id: int
    title: str
    is_named: bool
    theme: Theme
    size: GroupSize
    central: Sequence[Contribution] = ()


@dataclass(frozen=True)
class ThemePart:
    """A theme with its groups, the largest first."""

    theme: Theme
    groups: Sequence[GroupCard]

    @property
    def voices(self) -> int:
        return sum(group.size.voices for group in self.groups)


@dataclass(frozen=True)
class Place:
    """A place in a group's list of voices, which is ordered by (centrality, from the centre out; id)."""

    centrality: float
    contribution_id: int

    def __str__(self) -> str:
        return f"{self.centrality!r}_{self.contribution_id}"

    @classmethod
    def read(cls, written: str | None) -> Place | None:
        """The place that an address carries, or None where it is missing or broken."""
        try:
            centrality, number = (written or "").split("_")
            place = cls(float(centrality), int(number))
        except ValueError:
            return None
        return place if -2 < place.centrality < 2 and 0 < place.contribution_id < 2**31 else None


@dataclass(frozen=True)
class MembersPage:
    """One page of a group's voices, the most central first."""

    voices: Sequence[Contribution]
    next: Place | None = None


@dataclass(frozen=True)
class GroupPlace:
    """Where a voice stands: the group's title, its theme, and how many other voices are in it."""

    title: str
    theme_name: str
    others: int
    group_id: int
    is_named: bool
    """Whether a person chose the title."""


@dataclass(frozen=True)
class Readiness:
    """How far the voices of a conversation are on their way into groups."""

    approved: int
    themed: int
    undecided: int


# --- The candidate priorities -------------------------------------------------------------------------------


def candidates(
    conversation_id: int, *, only: Theme | None = None, most: int | None = None
) -> list[ThemePart]:
    """Every theme with its groups, the largest first. Four statements, however many there are.

    ``only`` narrows to one theme. ``most``: so many groups a theme, the largest, get their central voices.
    A group of which no voice may be shown is left out.
    """
    themes = [only] if only else themes_of_conversation(conversation_id)
    narrowed = [Group.conversation_id == conversation_id]
    if only:
        narrowed.append(Group.theme_id == only.id)
    named, sizes = named_groups(*narrowed), sizes_of(*narrowed)
    by_theme: dict[int, list[tuple[Group, Theme, str]]] = {theme.id: [] for theme in themes}
    for group, theme, title in named:
        if group.id in sizes and theme.id in by_theme:
            by_theme[theme.id].append((group, theme, title))
    for groups in by_theme.values():
        groups.sort(key=lambda one: (-sizes[one[0].id].voices, one[0].id))
    central = central_voices(
        [group.id for groups in by_theme.values() for group, _theme, _title in groups[:most]]
    )
    return [
        ThemePart(
            theme,
            [
                _card(group, theme, title, sizes[group.id], central.get(group.id, ()))
                for group, _theme, title in by_theme[theme.id]
            ],
        )
        for theme in themes
    ]


def _card(
    group: Group, theme: Theme, title: str, size: GroupSize, central: Sequence[Contribution] = ()
) -> GroupCard:
    return GroupCard(group.id, title, group.titled_by_id is not None, theme, size, central)


def readiness(conversation_id: int) -> Readiness:
    """How many voices are approved, have a theme, and wait for one. One statement."""
    has_theme = sa.exists().where(ContributionTheme.contribution_id == Contribution.id)
    decided = sa.exists().where(ThemeDecision.contribution_id == Contribution.id)
    query = sa.select(
        sa.func.count(),
        sa.func.coalesce(sa.func.sum(sa.case((has_theme, 1), else_=0)), 0),
        sa.func.coalesce(sa.func.sum(sa.case((decided, 0), else_=1)), 0),
    ).where(Contribution.conversation_id == conversation_id, Contribution.status == Status.APPROVED)
    approved, themed, undecided = db.session.execute(query).one()
    return Readiness(approved, int(themed), int(undecided))


def latest_grouping(conversation_id: int) -> Grouping | None:
    """The run that was started last."""
    query = (
        sa.select(Grouping)
        .where(Grouping.conversation_id == conversation_id)
        .order_by(Grouping.id.desc())
        .limit(1)
    )
    return db.session.scalar(query)


def grouping(grouping_id: int) -> Grouping | None:
    return db.session.get(Grouping, grouping_id)


def is_under_way(grouping: Grouping | None) -> bool:
    """Whether this run is queued or at work."""
    return bool(grouping and grouping.state in (GroupingState.QUEUED, GroupingState.RUNNING))


# --- One group ----------------------------------------------------------------------------------------------


def group(group_id: int, conversation_id: int) -> GroupCard | None:
    """One group of a conversation with its size; None where there is none, or no voice of it may be shown."""
    narrowed = (Group.id == group_id, Group.conversation_id == conversation_id)
    named, sizes = named_groups(*narrowed), sizes_of(*narrowed)
    if not named or group_id not in sizes:
        return None
    found, theme, title = named[0]
    return _card(found, theme, title, sizes[group_id])


def members(group_id: int, *, after: Place | None = None, size: int = PAGE_SIZE) -> MembersPage:
    """A page of a group's voices, from its centre outwards, by keyset."""
    query = (
        standing(sa.select(Contribution, GroupMember.centrality).select_from(GroupMember))
        .where(GroupMember.group_id == group_id)
        .order_by(GroupMember.centrality.desc(), GroupMember.contribution_id)
    )
    if after:
        query = query.where(
            sa.or_(
                GroupMember.centrality < after.centrality,
                sa.and_(
                    GroupMember.centrality == after.centrality,
                    GroupMember.contribution_id > after.contribution_id,
                ),
            )
        )
    found = db.session.execute(query.limit(size + 1)).all()
    voices = [contribution for contribution, _centrality in found[:size]]
    if len(found) <= size:
        return MembersPage(voices)
    last, centrality = found[size - 1]
    return MembersPage(voices, Place(centrality, last.id))


def groups_in_themes(conversation_id: int, theme_ids: Sequence[int]) -> list[GroupCard]:
    """The groups into which a voice with these themes can be put, the largest first."""
    narrowed = (Group.conversation_id == conversation_id, Group.theme_id.in_(theme_ids))
    sizes = sizes_of(*narrowed)
    cards = [
        _card(group, theme, title, sizes.get(group.id, GroupSize()))
        for group, theme, title in named_groups(*narrowed)
    ]
    return sorted(cards, key=lambda card: (card.theme.position, -card.size.voices, card.id))


def groups_of(contribution_ids: Sequence[int]) -> dict[int, list[GroupPlace]]:
    """Where each of these voices stands; voices that are not approved stand nowhere. One statement.

    At most 30,000 contributions at a time, which is what a database takes.
    """
    found: dict[int, list[GroupPlace]] = {i: [] for i in contribution_ids}
    if not contribution_ids:
        return found
    other = aliased(GroupMember)
    other_voice, other_theme = aliased(Contribution), aliased(ContributionTheme)
    others = (
        sa.select(sa.func.count())
        .select_from(other)
        .join(other_voice, other_voice.id == other.contribution_id)
        .join(
            other_theme,
            sa.and_(
                other_theme.contribution_id == other.contribution_id, other_theme.theme_id == other.theme_id
            ),
        )
        .where(
            other.group_id == Group.id,
            other.contribution_id != ContributionTheme.contribution_id,
            other_voice.status == Status.APPROVED,
        )
        .correlate(Group, ContributionTheme)
        .scalar_subquery()
    )
    query = (
        sa.select(ContributionTheme.contribution_id, Group, Theme.name, source_of_title, others)
        .join(Contribution, Contribution.id == ContributionTheme.contribution_id)
        .join(
            GroupMember,
            sa.and_(
                GroupMember.theme_id == ContributionTheme.theme_id,
                GroupMember.contribution_id == ContributionTheme.contribution_id,
            ),
        )
        .join(Group, Group.id == GroupMember.group_id)
        .join(Theme, Theme.id == Group.theme_id)
        .outerjoin(source_of_title, source_of_title.id == Group.title_from_id)
        .where(
            ContributionTheme.contribution_id.in_(contribution_ids), Contribution.status == Status.APPROVED
        )
        .order_by(Theme.position)
    )
    for contribution_id, group, theme_name, source, count in db.session.execute(query):
        title = shown_title(group, source, theme_name)
        found[contribution_id].append(
            GroupPlace(title, theme_name, count, group.id, group.titled_by_id is not None)
        )
    return found
