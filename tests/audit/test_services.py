"""The record is a chain, and the database keeps it so."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError

from engage.accounts.models import Role, User
from engage.audit import services
from engage.audit.models import AuditEntry
from engage.db import db
from tests import factories

Change = Callable[[str], None]


@pytest.fixture
def by(ctx: Flask) -> User:
    made = factories.user(Role.ADMIN, name="Sadia Khan")
    db.session.commit()
    return made


def write(count: int, by: User | None = None) -> list[str]:
    """Write some entries and return their hashes."""
    made = [
        services.record("change thing", "thing", number, by=by, now=factories.NOW, size=number).hash
        for number in range(1, count + 1)
    ]
    db.session.commit()
    return made


@pytest.fixture
def go_round(ctx: Flask) -> Change:
    """Run a statement as somebody would who has the database in hand: the triggers are dropped first."""

    def run(statement: str) -> None:
        if db.engine.dialect.name == "sqlite":
            for trigger in ("audit_entry_no_update", "audit_entry_no_delete"):
                db.session.execute(sa.text(f"DROP TRIGGER IF EXISTS {trigger}"))
        else:
            db.session.execute(sa.text("ALTER TABLE audit_entry DISABLE TRIGGER ALL"))
        db.session.execute(sa.text(statement))
        db.session.commit()

    return run


def test_an_empty_record_is_whole(ctx: Flask) -> None:
    assert services.verify() == services.Verdict(0, services.FIRST_HASH)


def test_each_entry_carries_the_hash_before_it(by: User) -> None:
    marks = write(5, by)
    entries = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [entry.id for entry in entries] == [1, 2, 3, 4, 5]
    assert [entry.previous_hash for entry in entries] == [services.FIRST_HASH, *marks[:-1]]
    assert (entries[0].actor_id, entries[0].actor) == (by.id, "Sadia Khan")
    assert services.verify() == services.Verdict(5, marks[-1])


def test_what_nobody_signed_in_did_names_on_whose_behalf(ctx: Flask) -> None:
    entry = services.record("send response", "response", 1, by=None)
    assert (entry.actor_id, entry.actor) == (None, "a resident")


def test_reading_more_than_one_page(ctx: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    marks = write(7)
    monkeypatch.setattr(services, "PAGE", 3)
    assert services.verify() == services.Verdict(7, marks[-1])


def test_a_moment_in_another_time_zone_is_the_same_moment(ctx: Flask) -> None:
    summer = datetime(2026, 6, 15, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=1)))
    services.record("change thing", "thing", None, by=None, now=summer)
    db.session.commit()
    db.session.expire_all()
    assert services.verify().is_whole


def test_details_of_many_kinds_stay_whole(ctx: Flask) -> None:
    services.record(
        "change thing",
        "thing",
        None,
        by=None,
        now=factories.NOW,
        at=factories.NOW,
        roles=[Role.ADMIN],
        share=0.1,
        none=None,
        nested={"b": 1, "a": [True, "\U0001f600 \u0645"]},
    )
    db.session.commit()
    assert services.verify().is_whole


@pytest.mark.parametrize("row", [1, 2, 3])
@pytest.mark.parametrize(
    "change",
    [
        "at = '2026-06-15 10:30:00.000001+00:00'",
        "actor_id = 77",
        "actor = 'Somebody Else'",
        "action = 'other'",
        "subject = 'other'",
        "subject_id = 99",
        "detail = '{\"size\": 4711}'",
        "previous_hash = '" + "f" * 64 + "'",
        "hash = '" + "f" * 64 + "'",
        "id = 99",
    ],
)
def test_changing_anything_is_noticed(ctx: Flask, go_round: Change, row: int, change: str) -> None:
    write(3)
    go_round(f"UPDATE audit_entry SET {change} WHERE id = {row}")
    verdict = services.verify()
    assert not verdict.is_whole
    assert verdict.entries == row - 1


@pytest.mark.parametrize("row", [1, 2])
def test_taking_a_row_out_is_noticed(ctx: Flask, go_round: Change, row: int) -> None:
    write(3)
    go_round(f"DELETE FROM audit_entry WHERE id = {row}")
    assert services.verify().fault == f"Entry {row} is missing; the next one found is {row + 1}."


def test_a_row_put_in_front_is_noticed(ctx: Flask, go_round: Change) -> None:
    write(2)
    go_round(
        "INSERT INTO audit_entry (id, at, actor, action, subject, detail, previous_hash, hash) VALUES "
        f"(-1, '2026-06-15 10:30:00+00:00', 'x', 'x', 'x', '{{}}', '{'0' * 64}', '{'1' * 64}')"
    )
    assert not services.verify().is_whole


def test_a_cut_off_end_is_noticed_with_a_mark_noted_earlier(ctx: Flask, go_round: Change) -> None:
    marks = write(4)
    go_round("DELETE FROM audit_entry WHERE id > 2")
    assert services.verify().is_whole
    assert services.verify(marks[1]) == services.Verdict(2, marks[1])
    cut = services.verify(marks[3])
    assert (cut.entries, cut.head) == (2, marks[1])
    assert cut.fault == "The mark that you noted down is not in the record: its end was cut off."


def test_an_earlier_mark_still_fits_when_the_record_has_grown(ctx: Flask) -> None:
    marks = write(2)
    more = write(2)
    assert services.verify(marks[1]) == services.Verdict(4, more[1])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET actor = 'x'",
        "UPDATE audit_entry SET actor = actor WHERE id = 1",
        "DELETE FROM audit_entry",
        "DELETE FROM audit_entry WHERE id = 2",
        "TRUNCATE audit_entry",
        "INSERT OR REPLACE INTO audit_entry SELECT * FROM audit_entry",
    ],
)
def test_the_database_refuses_to_change_the_record(ctx: Flask, statement: str) -> None:
    marks = write(2)
    with pytest.raises(DBAPIError):  # TRUNCATE and OR REPLACE are unknown to one database each: refused, too.
        db.session.execute(sa.text(statement))
    db.session.rollback()
    assert services.verify() == services.Verdict(2, marks[-1])


def test_what_is_rolled_back_leaves_no_gap(ctx: Flask) -> None:
    write(1)
    services.record("change thing", "thing", None, by=None)
    db.session.rollback()
    write(1)
    assert services.verify().entries == 2
    assert services.verify().is_whole


def test_many_writers_at_once_keep_one_chain(app: Flask) -> None:
    failures: list[BaseException] = []

    def writer(number: int) -> None:
        with app.app_context():
            try:
                for turn in range(15):
                    services.record("change thing", "thing", number, by=None, turn=turn)
                    db.session.commit()
            except BaseException as error:
                failures.append(error)

    threads = [threading.Thread(target=writer, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with app.app_context():
        verdict = services.verify()
        assert (verdict.entries, verdict.fault) == (90, None)
        by_writer = db.session.execute(
            sa.select(AuditEntry.subject_id, sa.func.count()).group_by(AuditEntry.subject_id)
        ).all()
        assert sorted(tuple(row) for row in by_writer) == [(number, 15) for number in range(6)]
