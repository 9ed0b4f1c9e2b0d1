"""What stands behind a group: who is in it now, how many, and whose words its title may show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVarTuple

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import aliased

from engage.contributions.models import Channel, Contribution, Status
from engage.db import db
from engage.priorities.models import Group, GroupMember
from engage.priorities.new_groups import occurs
from engage.themes.models import ContributionTheme, Theme

CENTRAL = 3
READABLE = (30, 420)
"""A voice of so many characters, at least and at most, can stand for a group on a card."""

Ts = TypeVarTuple("Ts")
source_of_title = aliased(Contribution)


@dataclass(frozen=True)
class GroupSize:
    """How many voices (contributions) and people a group has, in all and by channel.

    A point of an event note may stand for several people; two voices under one receipt are one person's.
    """

    by_channel: dict[Channel, int] = field(default_factory=dict)
    voices: int = 0
    people: int = 0


def standing(query: sa.Select[*Ts]) -> sa.Select[*Ts]:
    """Narrow a select from ``GroupMember`` to voices that are approved and still have the group's theme."""
    return query.join(
        Contribution,
        sa.and_(Contribution.id == GroupMember.contribution_id, Contribution.status == Status.APPROVED),
    ).join(
        ContributionTheme,
        sa.and_(
            ContributionTheme.contribution_id == GroupMember.contribution_id,
            ContributionTheme.theme_id == GroupMember.theme_id,
        ),
    )


def shown_title(group: Group, source: Contribution | None, theme_name: str) -> str:
    """The title, unless its words are those of a voice that is not to be read any more, or not like that.

    A title that a person made up is shown always; a suggested one only with a voice that stands behind it.
    """
    is_made_up = group.titled_by_id is not None and group.title != group.suggested_title
    if group.title_from_id is None and is_made_up:
        return group.title
    if source and source.status is Status.APPROVED and occurs(group.title, source.text):
        return group.title
    return _("A group without a title (%(theme)s)", theme=theme_name)


def named_groups(*narrowed: sa.ColumnElement[bool]) -> list[tuple[Group, Theme, str]]:
    query = (
        sa.select(Group, Theme, source_of_title)
        .join(Theme, Theme.id == Group.theme_id)
        .outerjoin(source_of_title, source_of_title.id == Group.title_from_id)
        .where(*narrowed)
        .order_by(Theme.position, Group.id)
    )
    rows = db.session.execute(query)
    return [(group, theme, shown_title(group, source, theme.name)) for group, theme, source in rows]


def sizes_of(*narrowed: sa.ColumnElement[bool]) -> dict[int, GroupSize]:
    """The size of each group, by channel, in one statement."""
    same_person = sa.func.count(Contribution.receipt_id) - sa.func.count(sa.distinct(Contribution.receipt_id))
    query = (
        standing(
            sa.select(
                GroupMember.group_id,
                Contribution.channel,
                sa.func.count(),
                sa.func.sum(Contribution.voices) - same_person,
            )
            .select_from(GroupMember)
            .join(Group, Group.id == GroupMember.group_id)
        )
        .where(*narrowed)
        .group_by(GroupMember.group_id, Contribution.channel)
    )
    channels: dict[int, dict[Channel, int]] = {}
    people: dict[int, int] = {}
    for group_id, channel, voices, persons in db.session.execute(query):
        channels.setdefault(group_id, {})[channel] = voices
        people[group_id] = people.get(group_id, 0) + int(persons)
    return {i: GroupSize(counts, sum(counts.values()), people[i]) for i, counts in channels.items()}


def central_voices(group_ids: Sequence[int], most: int = CENTRAL) -> dict[int, list[Contribution]]:
    """The voices that stand for each group best: near its centre, and neither too short nor too long."""
    if not group_ids:
        return {}
    readable = sa.func.length(Contribution.text).between(*READABLE)
    place = sa.func.row_number().over(
        partition_by=GroupMember.group_id,
        order_by=(sa.case((readable, 0), else_=1), GroupMember.centrality.desc(), Contribution.id),
    )
    ranked = (
        standing(
            sa.select(GroupMember.group_id, Contribution.id.label("voice_id"), place.label("place"))
            .select_from(GroupMember)
            .where(GroupMember.group_id.in_(group_ids))
        )
    ).subquery()
    query = (
        sa.select(ranked.c.group_id, Contribution)
        .join(Contribution, Contribution.id == ranked.c.voice_id)
        .where(ranked.c.place <= most)
        .order_by(ranked.c.group_id, ranked.c.place)
    )
    found: dict[int, list[Contribution]] = {}
    for group_id, contribution in db.session.execute(query):
        found.setdefault(group_id, []).append(contribution)
    return found
