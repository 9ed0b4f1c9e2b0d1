"""Working out the groups of a theme, and writing them in the place of those that no person touched."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

import sqlalchemy as sa

from engage import analysis
from engage.contributions import queries as contributions
from engage.contributions.models import Contribution, Status
from engage.conversations.models import Conversation
from engage.db import db, only_looking
from engage.priorities.models import Group, Grouping, GroupMember
from engage.themes.models import ContributionTheme

SMALLEST_GROUP = 2
LONGEST_TITLE = 200
MAY_BE_CUT = 40
"""From so many characters a suggested title may end in the middle of a word."""

_WORD = re.compile(r"\w+")
_MARK = re.compile(r"\[[^\]]*\]")
_NUMBERED = re.compile(r"\s+\(\d+\)$")
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class NewGroup:
    """A group that a run found: its voices with their centrality, the most central one first."""

    theme_id: int
    title: str
    title_from_id: int | None
    members: Sequence[tuple[int, float]]

    def narrowed_to(self, pairs: AbstractSet[tuple[int, int]]) -> Self:
        """The same group with those voices alone whose (theme, contribution) is among ``pairs``."""
        return replace(self, members=[m for m in self.members if (self.theme_id, m[0]) in pairs])


def take_turns(conversation_id: int) -> None:
    """Wait until nobody else changes the groups of this conversation, until the present transaction ends."""
    query = sa.select(Conversation.id).where(Conversation.id == conversation_id)
    db.session.execute(query.with_for_update(key_share=True))


def groups_of_theme(theme_id: int, contribution_ids: Sequence[int], progress: Progress) -> list[NewGroup]:
    """Which of these voices say much the same. A voice that is alone with what it says is in no group."""
    with looking():
        ids, vectors = contributions.embeddings(contribution_ids)
        texts = _texts(ids)
    if len(ids) < SMALLEST_GROUP:
        return []
    words = [texts.get(i, "") for i in ids]
    result = analysis.group(vectors, progress=progress)
    names = analysis.titles(words, result.labels, result.centrality)
    found = []
    for label, name in enumerate(names):
        rows = [row for row in range(len(ids)) if result.labels[row] == label and ids[row] in texts]
        if len(rows) < SMALLEST_GROUP:
            continue
        rows.sort(key=lambda row: (-float(result.centrality[row]), ids[row]))
        title = name[:LONGEST_TITLE]
        found.append(
            NewGroup(
                theme_id,
                title,
                whose_words(title, ((ids[row], words[row]) for row in rows)),
                [(ids[row], float(result.centrality[row])) for row in rows],
            )
        )
    return found


def whose_words(title: str, members: Iterable[tuple[int, str]]) -> int | None:
    """The first of these voices, the most central one first, that has the title's words; None where none."""
    return next((i for i, text in members if occurs(title, text)), None)


def occurs(title: str, text: str) -> bool:
    """Whether a text has these words in this order, whatever stands between them.

    A suggested title has lost the quotes, stops and marks like “[name]” of the voice that it comes from, may
    have a number behind it that tells it from another, and may be cut off.
    """
    bare = _NUMBERED.sub("", title).rstrip("….")
    wanted = _words(bare)
    if not wanted.strip():
        return False
    if len(bare) >= MAY_BE_CUT:
        wanted = wanted[:-1]
    return wanted in _words(text) or wanted in _words(_MARK.sub(" ", text))


def same_words(one: str, other: str) -> bool:
    """Whether two titles say the same but for case, stops and a number behind."""
    return _words(_NUMBERED.sub("", one)) == _words(_NUMBERED.sub("", other))


def _words(text: str) -> str:
    """The words alone, each between two spaces, in small letters."""
    return f" {' '.join(_WORD.findall(unicodedata.normalize('NFD', text).casefold()))} "


def pairs_to_group(conversation_id: int) -> Sequence[tuple[int, int]]:
    """(theme, contribution) of every approved voice, less those that stand in a group that a person named."""
    kept = (
        sa.select(GroupMember.contribution_id)
        .join(Group, Group.id == GroupMember.group_id)
        .where(
            GroupMember.contribution_id == ContributionTheme.contribution_id,
            GroupMember.theme_id == ContributionTheme.theme_id,
            Group.titled_by_id.is_not(None),
        )
    )
    query = (
        sa.select(ContributionTheme.theme_id, ContributionTheme.contribution_id)
        .join(Contribution, Contribution.id == ContributionTheme.contribution_id)
        .where(
            Contribution.conversation_id == conversation_id,
            Contribution.status == Status.APPROVED,
            ~kept.exists(),
        )
        .order_by(ContributionTheme.theme_id, ContributionTheme.contribution_id)
    )
    return db.session.execute(query).all()


def _texts(contribution_ids: Sequence[int]) -> dict[int, str]:
    """The present words of those that are approved."""
    found: dict[int, str] = {}
    for start in range(0, len(contribution_ids), 500):
        query = sa.select(Contribution.id, Contribution.text).where(
            Contribution.id.in_(contribution_ids[start : start + 500]),
            Contribution.status == Status.APPROVED,
        )
        found |= dict(db.session.execute(query).all())
    return found


def remove_untouched(conversation_id: int) -> int:
    untouched = sa.select(Group.id).where(
        Group.conversation_id == conversation_id, Group.titled_by_id.is_(None)
    )
    ids = db.session.scalars(untouched).all()
    db.session.execute(sa.delete(GroupMember).where(GroupMember.group_id.in_(untouched)))
    db.session.execute(
        sa.delete(Group).where(Group.conversation_id == conversation_id, Group.titled_by_id.is_(None))
    )
    return len(ids)


def drop_members_that_left(conversation_id: int) -> None:
    """From groups that a person named, take out voices that are not approved or not of the theme any more."""
    stands = (
        sa.select(Contribution.id)
        .join(ContributionTheme, ContributionTheme.contribution_id == Contribution.id)
        .where(
            Contribution.id == GroupMember.contribution_id,
            Contribution.status == Status.APPROVED,
            ContributionTheme.theme_id == GroupMember.theme_id,
        )
    )
    groups = sa.select(Group.id).where(Group.conversation_id == conversation_id)
    db.session.execute(sa.delete(GroupMember).where(GroupMember.group_id.in_(groups), ~stands.exists()))


def insert(grouping: Grouping, groups: Sequence[NewGroup], now: datetime) -> None:
    """Write new groups and who stands in them."""
    if not groups:
        return
    rows = [
        {
            "conversation_id": grouping.conversation_id,
            "theme_id": group.theme_id,
            "grouping_id": grouping.id,
            "title": group.title,
            "suggested_title": group.title,
            "title_from_id": group.title_from_id,
            "created_at": now,
            "updated_at": now,
        }
        for group in groups
    ]
    made = db.session.scalars(sa.insert(Group).returning(Group.id, sort_by_parameter_order=True), rows).all()
    members = [
        {
            "theme_id": group.theme_id,
            "contribution_id": contribution_id,
            "group_id": group_id,
            "centrality": centrality,
        }
        for group_id, group in zip(made, groups, strict=True)
        for contribution_id, centrality in group.members
    ]
    db.session.execute(sa.insert(GroupMember), members)


@contextmanager
def looking() -> Iterator[None]:
    """Read, and let go of the database before any long computation."""
    with only_looking():
        db.session.rollback()
        try:
            yield
        finally:
            db.session.rollback()
