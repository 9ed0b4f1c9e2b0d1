"""Writing the record and checking that nobody has changed it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import sqlalchemy as sa
from flask_babel import gettext as _

from engage.audit.models import AuditEntry
from engage.db import db, utcnow

FIRST_HASH = "0" * 64
_through: ContextVar[dict[str, str]] = ContextVar("through", default={})  # noqa: B039 - never changed
_LOCK = 0x656E67616765  # "engage" in bytes: one advisory lock for the chain's end.
PAGE = 5_000
_LAST = sa.select(AuditEntry.id, AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1)


class Actor(Protocol):
    """Somebody who can be named in the record."""

    @property
    def id(self) -> Any: ...
    @property
    def name(self) -> Any: ...


def note_the_way(words: str) -> None:
    """Say in every entry from now on by which way it came, such as ``the command line``; "" ends it."""
    _through.set({"through": words} if words else {})


@dataclass(frozen=True)
class Verdict:
    """Result of checking the chain: how many rows stand, the last hash, and the first fault if any."""

    entries: int
    head: str
    fault: str | None = None

    @property
    def is_whole(self) -> bool:
        return self.fault is None


def record(
    action: str,
    subject: str,
    subject_id: int | None,
    *,
    by: Actor | None,
    now: datetime | None = None,
    on_behalf: str = "a resident",
    **detail: Any,
) -> AuditEntry:
    """Append one entry in the present transaction. ``detail`` must never hold anybody's words.

    Call it last in a service: on PostgreSQL it takes the lock on the chain's end until the commit.
    """
    if db.engine.dialect.name == "postgresql":
        db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    last = db.session.execute(_LAST).first()
    entry = AuditEntry(
        id=last.id + 1 if last else 1,
        at=now or utcnow(),
        actor_id=by.id if by else None,
        actor=by.name if by else on_behalf,
        action=action,
        subject=subject,
        subject_id=subject_id,
        detail=json.loads(json.dumps(detail | _through.get(), default=str)),
        previous_hash=last.hash if last else FIRST_HASH,
    )
    entry.hash = fingerprint(entry)
    db.session.add(entry)
    db.session.flush()
    return entry


class Entry(Protocol):
    """What the chain is made of: an AuditEntry, or a plain row of its columns."""

    @property
    def id(self) -> Any: ...
    @property
    def at(self) -> Any: ...
    @property
    def actor_id(self) -> Any: ...
    @property
    def actor(self) -> Any: ...
    @property
    def action(self) -> Any: ...
    @property
    def subject(self) -> Any: ...
    @property
    def subject_id(self) -> Any: ...
    @property
    def detail(self) -> Any: ...
    @property
    def previous_hash(self) -> Any: ...
    @property
    def hash(self) -> Any: ...


def fingerprint(entry: Entry) -> str:
    """SHA-256 over everything in the row and the hash of the row before it."""
    content = [
        entry.id,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.actor_id,
        entry.actor,
        entry.action,
        entry.subject,
        entry.subject_id,
        entry.detail,
        entry.previous_hash,
    ]
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def verify(expected_head: str | None = None) -> Verdict:
    """Walk the chain from the first row. ``expected_head``, noted down earlier, shows a cut-off end."""
    previous, count, seen_expected = FIRST_HASH, 0, expected_head is None
    for entry in _all_entries():
        fault = _fault(entry, count + 1, previous)
        if fault:
            return Verdict(count, previous, fault)
        previous, count = entry.hash, count + 1
        seen_expected = seen_expected or previous == expected_head
    if not seen_expected:
        return Verdict(
            count, previous, _("The mark that you noted down is not in the record: its end was cut off.")
        )
    return Verdict(count, previous)


def _fault(entry: Entry, number: int, previous: str) -> str | None:
    if entry.id != number:
        return _(
            "Entry %(number)s is missing; the next one found is %(found)s.", number=number, found=entry.id
        )
    if entry.previous_hash != previous:
        return _("Entry %(number)s does not follow the one before it.", number=number)
    if entry.hash != fingerprint(entry):
        return _("Entry %(number)s was changed after it was written.", number=number)
    return None


def _all_entries() -> Iterator[Entry]:
    """Every row in order, a page at a time, as plain columns: the session keeps none of them."""
    last = None
    while True:
        query = sa.select(*AuditEntry.__table__.columns).order_by(AuditEntry.id).limit(PAGE)
        page = db.session.execute(query if last is None else query.where(AuditEntry.id > last)).all()
        yield from page
        if len(page) < PAGE:
            return
        last = page[-1].id
