"""Putting voices together: inside each theme, those that say much the same.

A run is a row. It says how far it is, and it is picked up by the sweep where the job that had it was lost.
Nothing is written before all is worked out; then groups that no person has touched give way to new ones, in
one transaction. A group that a person has named keeps its name and its voices.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

import sqlalchemy as sa
import structlog

from engage import analysis
from engage.accounts.models import User
from engage.audit import services as audit
from engage.contributions import services as ledger
from engage.conversations.models import Conversation
from engage.db import db, utcnow
from engage.priorities import new_groups
from engage.priorities.models import Grouping, GroupingState
from engage.priorities.new_groups import NewGroup
from engage.tasks import every_minute, task
from engage.themes.models import Theme

LOST_IN_QUEUE = timedelta(minutes=1)
LOST_AT_WORK = timedelta(minutes=5)
GIVEN_UP = timedelta(hours=6)
BEAT_SECONDS = 1.0
UNDER_WAY = (GroupingState.QUEUED, GroupingState.RUNNING)

Progress = Callable[[int, int], None]
log = structlog.get_logger(__name__)


class AlreadyGrouping(Exception):
    """A grouping of this conversation is queued or running; another must wait for its end."""


class Superseded(Exception):
    """Another job has taken this run over, because this one was silent for too long."""


# --- Starting -----------------------------------------------------------------------------------------------


def start_grouping(conversation: Conversation, *, by: User | None, now: datetime) -> Grouping:
    """Ask for a grouping; after the commit call ``run_grouping.enqueue(grouping.id)``.

    Raises AlreadyGrouping.
    """
    new_groups.take_turns(conversation.id)
    under_way = sa.select(Grouping.id).where(
        Grouping.conversation_id == conversation.id, Grouping.state.in_(UNDER_WAY)
    )
    if db.session.scalar(under_way):
        raise AlreadyGrouping("These voices are being grouped already. Wait until that is done.")
    grouping = Grouping(
        conversation_id=conversation.id,
        state=GroupingState.QUEUED,
        started_by_id=by.id if by else None,
        started_at=now,
        updated_at=now,
    )
    db.session.add(grouping)
    db.session.flush()
    audit.record("start grouping", "grouping", grouping.id, by=by, now=now, on_behalf="the command line")
    return grouping


def group_now(
    conversation: Conversation, *, by: User | None, now: datetime, progress: Progress | None = None
) -> int:
    """Group here and now, for the command line. Commits. Returns how many groups were made.

    Raises AlreadyGrouping.
    """
    grouping = start_grouping(conversation, by=by, now=now)
    db.session.commit()
    return _run(grouping.id, progress)


@task
def run_grouping(grouping_id: int) -> None:
    """Group in the background."""
    _run(grouping_id)


@every_minute
def resume_groupings() -> None:
    """Find runs that no job has, and do them."""
    now = utcnow()
    with new_groups.looking():
        lost = db.session.execute(
            sa.select(Grouping.id, Grouping.started_at).where(_is_lost(now)).order_by(Grouping.id)
        ).all()
    for grouping_id, started_at in lost:
        if now - started_at > GIVEN_UP:
            _fail(grouping_id)
        else:
            run_grouping(grouping_id)


def _is_lost(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(
        sa.and_(Grouping.state == GroupingState.QUEUED, Grouping.updated_at < now - LOST_IN_QUEUE),
        sa.and_(Grouping.state == GroupingState.RUNNING, Grouping.updated_at < now - LOST_AT_WORK),
    )


# --- Running ------------------------------------------------------------------------------------------------


class Heartbeat:
    """Writes on the run's row how far it is, and stops the run where another job has taken it over."""

    def __init__(self, grouping_id: int, progress: Progress | None) -> None:
        self.grouping_id = grouping_id
        self.total = 0
        self._progress = progress
        self._last: datetime | None = None
        self._written = 0.0

    def claim(self) -> bool:
        """Take the run, if it is queued or was lost by the job that had it."""
        now = utcnow()
        free = sa.or_(Grouping.state == GroupingState.QUEUED, _is_lost(now))
        return self._write(free, now, state=GroupingState.RUNNING, model=analysis.model_name())

    def beat(self, done: int, theme: str | None = None) -> None:
        """Say how many steps are done, at most once a second. Raises Superseded. Commits."""
        if self._progress:
            self._progress(done, self.total)
        if time.monotonic() - self._written < BEAT_SECONDS:
            return
        if not self._write(self._is_ours(), utcnow(), steps_done=done, steps_total=self.total, message=theme):
            raise Superseded
        self._written = time.monotonic()

    def finish(self, now: datetime) -> None:
        """Mark the run as done in the present transaction, before anything else is written in it."""
        values = {"state": GroupingState.DONE, "finished_at": now, "message": None}
        done = {"steps_done": self.total, "steps_total": self.total}
        if not self._update(self._is_ours(), updated_at=now, **values, **done):
            raise Superseded

    def _is_ours(self) -> sa.ColumnElement[bool]:
        return sa.and_(Grouping.state == GroupingState.RUNNING, Grouping.updated_at == self._last)

    def _write(self, where: sa.ColumnElement[bool], now: datetime, **values: object) -> bool:
        if not self._update(where, updated_at=now, **values):
            db.session.rollback()
            return False
        db.session.commit()
        self._last = now
        return True

    def _update(self, where: sa.ColumnElement[bool], **values: object) -> bool:
        query = sa.update(Grouping).where(Grouping.id == self.grouping_id, where).values(**values)
        result = db.session.execute(query.execution_options(synchronize_session=False))
        return bool(result.rowcount)  # type: ignore[attr-defined]


def _run(grouping_id: int, progress: Progress | None = None) -> int:
    heartbeat = Heartbeat(grouping_id, progress)
    if not heartbeat.claim():
        return 0
    grouping = db.session.get(Grouping, grouping_id)
    assert grouping is not None  # noqa: S101 - it was claimed just now
    conversation_id = grouping.conversation_id
    try:
        found = _find_groups(conversation_id, heartbeat)
        return _replace_groups(grouping_id, conversation_id, found, heartbeat)
    except Superseded:
        db.session.rollback()
        log.warning("a grouping was taken over by another job", grouping=grouping_id)
        return 0
    except Exception as error:
        db.session.rollback()
        _fail(grouping_id, str(error) if isinstance(error, analysis.ModelError) else None)
        raise


def _fail(grouping_id: int, message: str | None = None) -> None:
    db.session.execute(
        sa.update(Grouping)
        .where(Grouping.id == grouping_id, Grouping.state.in_(UNDER_WAY))
        .values(state=GroupingState.FAILED, message=message, updated_at=utcnow(), finished_at=utcnow())
    )
    db.session.commit()


def _find_groups(conversation_id: int, heartbeat: Heartbeat) -> list[NewGroup]:
    """Work out the groups of every theme, with no transaction open meanwhile."""
    with new_groups.looking():
        to_group = new_groups.pairs_to_group(conversation_id)
        names = dict(db.session.execute(sa.select(Theme.id, Theme.name)).all())
    steps = len(to_group)
    read = 0

    def reading(done: int, total: int) -> None:
        nonlocal read
        read, heartbeat.total = total, total + steps
        heartbeat.beat(done)

    heartbeat.total = steps
    ledger.embed_missing(conversation_id, progress=reading, save=db.session.commit)
    by_theme: dict[int, list[int]] = {}
    for theme_id, contribution_id in to_group:
        by_theme.setdefault(theme_id, []).append(contribution_id)
    found: list[NewGroup] = []
    done = read
    for theme_id, ids in by_theme.items():
        heartbeat.beat(done, names[theme_id])
        found += new_groups.groups_of_theme(
            theme_id, ids, partial(_still_at, heartbeat, done, names[theme_id])
        )
        done += len(ids)
    return found


def _still_at(heartbeat: Heartbeat, done: int, theme: str, *_steps: int) -> None:
    heartbeat.beat(done, theme)


def _replace_groups(
    grouping_id: int, conversation_id: int, found: Sequence[NewGroup], heartbeat: Heartbeat
) -> int:
    """Put the new groups in the place of those that no person touched, all at once. Commits."""
    now = utcnow()
    new_groups.take_turns(conversation_id)
    heartbeat.finish(now)
    grouping = db.session.get(Grouping, grouping_id, populate_existing=True)
    assert grouping is not None  # noqa: S101 - it was finished just now
    gone = new_groups.remove_untouched(conversation_id)
    new_groups.drop_members_that_left(conversation_id)
    # What was decided while the groups were worked out counts.
    standing = set(new_groups.pairs_to_group(conversation_id))
    groups = [group.narrowed_to(standing) for group in found]
    groups = [group for group in groups if len(group.members) >= new_groups.SMALLEST_GROUP]
    new_groups.insert(grouping, groups, now)
    by = db.session.get(User, grouping.started_by_id) if grouping.started_by_id else None
    audit.record(
        "group voices",
        "grouping",
        grouping_id,
        by=by,
        now=now,
        on_behalf="the command line",
        groups=len(groups),
        voices=sum(len(group.members) for group in groups),
        groups_before=gone,
    )
    db.session.commit()
    return len(groups)
