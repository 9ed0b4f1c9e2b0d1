"""What people do with groups: name them, and say where a voice belongs.

A group that a person has named, or put a voice in or out of, is kept by every later grouping as it is.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np
import sqlalchemy as sa

from engage.accounts.models import User
from engage.audit import services as audit
from engage.contributions import queries as contributions
from engage.contributions.models import Contribution, Status
from engage.db import db
from engage.priorities.evidence import standing
from engage.priorities.models import Group, Grouping, GroupingState, GroupMember
from engage.priorities.new_groups import LONGEST_TITLE, same_words, take_turns, whose_words
from engage.themes.models import ContributionTheme, Theme

LOOKED_AT = 500
"""So many of a group's voices, the most central ones, tell where its centre is."""


class GroupGone(Exception):
    """A grouping has put other groups in the place of this one meanwhile."""


class NotForThisGroup(Exception):
    """The voice is not approved, or does not have the group's theme."""


class BadTitle(ValueError):
    """A title needs 1 to 200 characters."""


def rename_group(group: Group, title: str, *, by: User, now: datetime) -> None:
    """Name a group. From now on every grouping keeps it. Raises BadTitle or GroupGone."""
    checked = _checked_title(title)
    found = _locked(group)
    is_as_before = same_words(checked, found.title) or same_words(checked, found.suggested_title)
    found.title_from_id = _whose_words(found.id, checked) or (found.title_from_id if is_as_before else None)
    found.title = checked
    _keep(found, by, now)
    audit.record("name group", "group", found.id, by=by, now=now)


def put_in_group(contribution: Contribution, group: Group, *, by: User, now: datetime) -> None:
    """Put a voice into a group of one of its themes, out of any other group there.

    From now on every grouping keeps the group. Raises NotForThisGroup or GroupGone.
    """
    found = _locked(group)
    _refuse_unfit(contribution, found.conversation_id, found.theme_id)
    before = db.session.get(GroupMember, (found.theme_id, contribution.id))
    centrality = _centrality(contribution, found)
    if before:
        before.group_id, before.centrality = found.id, centrality
    else:
        db.session.add(
            GroupMember(
                theme_id=found.theme_id,
                contribution_id=contribution.id,
                group_id=found.id,
                centrality=centrality,
            )
        )
    db.session.flush()
    found.title_from_id = _whose_words(found.id, found.title) or found.title_from_id
    _keep(found, by, now)
    audit.record("put in group", "group", found.id, by=by, now=now, contribution=contribution.id)


def start_group(contribution: Contribution, theme: Theme, title: str, *, by: User, now: datetime) -> Group:
    """Start a group with this voice, in one of its themes. Raises BadTitle or NotForThisGroup."""
    checked = _checked_title(title)
    take_turns(contribution.conversation_id)
    _refuse_unfit(contribution, contribution.conversation_id, theme.id)
    made = Group(
        conversation_id=contribution.conversation_id,
        theme_id=theme.id,
        grouping_id=_a_grouping(contribution.conversation_id, by, now).id,
        title=checked,
        suggested_title="",
        titled_by_id=by.id,
        created_at=now,
        updated_at=now,
    )
    db.session.add(made)
    db.session.flush()
    put_in_group(contribution, made, by=by, now=now)
    return made


def take_out(contribution: Contribution, group: Group, *, by: User, now: datetime) -> None:
    """Take a voice out of a group; it goes to the inbox, and the group is kept from now. Raises GroupGone."""
    found = _locked(group)
    db.session.execute(
        sa.delete(GroupMember).where(
            GroupMember.group_id == found.id, GroupMember.contribution_id == contribution.id
        )
    )
    _keep(found, by, now)
    audit.record("take out of group", "group", found.id, by=by, now=now, contribution=contribution.id)


def _checked_title(title: str) -> str:
    checked = " ".join(title.split())
    if not 0 < len(checked) <= LONGEST_TITLE:
        raise BadTitle(title[:LONGEST_TITLE])
    return checked


def _whose_words(group_id: int, title: str) -> int | None:
    """The most central approved voice of a group that has these words, whoever typed them."""
    query = (
        standing(sa.select(Contribution.id, Contribution.text).select_from(GroupMember))
        .where(GroupMember.group_id == group_id)
        .order_by(GroupMember.centrality.desc(), Contribution.id)
    )
    return whose_words(title, db.session.execute(query).all())


def _locked(group: Group) -> Group:
    """The group as it is now, while no grouping may touch it."""
    group_id = group.id
    take_turns(group.conversation_id)
    found = db.session.scalar(
        sa.select(Group).where(Group.id == group_id).execution_options(populate_existing=True)
    )
    if found is None:
        raise GroupGone
    return found


def _refuse_unfit(contribution: Contribution, conversation_id: int, theme_id: int) -> None:
    db.session.refresh(contribution, with_for_update=True)
    has_theme = db.session.get(ContributionTheme, (contribution.id, theme_id))
    if (
        contribution.status is not Status.APPROVED
        or contribution.conversation_id != conversation_id
        or not has_theme
    ):
        raise NotForThisGroup


def _keep(group: Group, by: User, now: datetime) -> None:
    group.titled_by_id, group.updated_at = by.id, now
    db.session.flush()


def _centrality(contribution: Contribution, group: Group) -> float:
    """The cosine of a voice to the centre of the group that it joins; 1 in a group that is empty.

    0 where the voice has no vector yet; it then stands last in the group until it is put in again.
    """
    query = (
        sa.select(GroupMember.contribution_id)
        .where(GroupMember.group_id == group.id, GroupMember.contribution_id != contribution.id)
        .order_by(GroupMember.centrality.desc())
        .limit(LOOKED_AT)
    )
    own, vector = contributions.embeddings([contribution.id])
    ids, vectors = contributions.embeddings(db.session.scalars(query).all())
    if not ids or not own:
        return 0.0 if ids else 1.0
    centre = vectors.mean(axis=0)
    return float(vector[0] @ centre / max(float(np.linalg.norm(centre)), 1e-9))


def _a_grouping(conversation_id: int, by: User, now: datetime) -> Grouping:
    """The latest run, which a group made by hand hangs on; one that is done already where there was none."""
    query = sa.select(Grouping).where(Grouping.conversation_id == conversation_id)
    found = db.session.scalar(query.order_by(Grouping.id.desc()).limit(1))
    if found:
        return found
    made = Grouping(
        conversation_id=conversation_id,
        state=GroupingState.DONE,
        started_by_id=by.id,
        started_at=now,
        updated_at=now,
        finished_at=now,
    )
    db.session.add(made)
    db.session.flush()
    return made
