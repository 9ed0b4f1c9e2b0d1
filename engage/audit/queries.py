"""Reading the record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from engage.audit.models import AuditEntry
from engage.db import db

PAGE = 50
NOBODY = 0  # Stands for entries of residents and of the system; no user has this number.


@dataclass(frozen=True)
class Page:
    """Some entries, the newest first, and where the pages beside them begin (None: there are none)."""

    entries: Sequence[AuditEntry]
    newer_than: int | None
    older_than: int | None


def page_of_entries(
    *,
    action: str | None = None,
    actor_id: int | None = None,
    before: int | None = None,
    after: int | None = None,
) -> Page:
    """One page: of the newest entries, of those ``before`` a number, or of those right ``after`` one."""
    query = sa.select(AuditEntry)
    if action:
        query = query.where(AuditEntry.action == action)
    if actor_id is not None:
        query = query.where(
            AuditEntry.actor_id.is_(None) if actor_id == NOBODY else AuditEntry.actor_id == actor_id
        )
    if after is not None:
        query = query.where(AuditEntry.id > after).order_by(AuditEntry.id)
    elif before is not None:
        query = query.where(AuditEntry.id < before).order_by(AuditEntry.id.desc())
    else:
        query = query.order_by(AuditEntry.id.desc())
    found = list(db.session.scalars(query.limit(PAGE + 1)))
    goes_on, found = len(found) > PAGE, found[:PAGE]
    if after is not None:
        found.reverse()
    has_newer, has_older = (goes_on, True) if after is not None else (before is not None, goes_on)
    return Page(
        found,
        newer_than=found[0].id if found and has_newer else None,
        older_than=found[-1].id if found and has_older else None,
    )


def actions() -> Sequence[str]:
    """The kinds of change that occur, by name. Hops along the index instead of reading every row."""
    first = sa.select(sa.func.min(AuditEntry.action).label("action")).cte("kinds", recursive=True)
    following = (
        sa.select(sa.func.min(AuditEntry.action)).where(AuditEntry.action > first.c.action).scalar_subquery()
    )
    kinds = first.union_all(sa.select(following).where(first.c.action.is_not(None)))
    return db.session.scalars(sa.select(kinds.c.action).where(kinds.c.action.is_not(None))).all()
