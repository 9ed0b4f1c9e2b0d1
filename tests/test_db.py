"""How transactions begin, and that the tables are what the models say."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask

from engage import db as database
from engage.contributions import queries
from engage.contributions.models import Channel, ContributionCount, Status
from engage.db import Base, db, only_looking
from tests import factories


def test_the_migrations_make_what_the_models_say(ctx: Flask) -> None:
    def known(name: str | None, kind: str, _parents: object) -> bool:
        return not (kind == "table" and name and name.startswith("contribution_text"))

    def modelled(_object: object, name: str | None, kind: str, reflected: bool, _other: object) -> bool:
        return not (reflected and kind in {"column", "index"} and "words" in (name or ""))

    with db.engine.connect() as connection:
        options = {"compare_type": True, "include_name": known, "include_object": modelled}
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata)
    assert differences == []


def test_the_migrations_run_down_and_up_again(ctx: Flask) -> None:
    database.downgrade("base")
    with db.engine.connect() as connection:
        left = set(sa.inspect(connection).get_table_names())
    assert left <= {"alembic_version"}
    database.upgrade()
    at, newest = database.revisions()
    assert at == newest


def test_looking_cannot_write(ctx: Flask) -> None:
    factories.user()
    db.session.commit()
    with only_looking(), pytest.raises(sa.exc.DBAPIError):
        db.session.execute(sa.text("""UPDATE "user" SET name = 'x'"""))
    db.session.rollback()
    db.session.execute(sa.text("""UPDATE "user" SET name = 'x'"""))
    db.session.rollback()


def test_counters_follow_every_change(ctx: Flask) -> None:
    conversation = factories.conversation()
    one = factories.contribution(conversation, voices=3)
    two = factories.contribution(conversation, channel=Channel.PAPER)
    one.status = Status.APPROVED
    db.session.flush()
    db.session.delete(two)
    db.session.commit()
    rows = db.session.execute(
        sa.select(
            ContributionCount.status,
            ContributionCount.channel,
            ContributionCount.contributions,
            ContributionCount.voices,
        ).order_by(ContributionCount.status, ContributionCount.channel)
    ).all()
    assert [tuple(row) for row in rows] == [
        (Status.APPROVED, Channel.ONLINE, 1, 3),
        (Status.WAITING, Channel.ONLINE, 0, 0),
        (Status.WAITING, Channel.PAPER, 0, 0),
    ]
    assert queries.counts(conversation.id).contributions == 1


def test_many_writers_never_meet_a_locked_database(app: Flask) -> None:
    """Eight threads write 25 times each; nobody is refused and nothing is lost."""
    with app.app_context():
        conversation_id = factories.conversation().id
        db.session.commit()
    errors: list[Exception] = []

    def write() -> None:
        try:
            for _ in range(25):
                with app.app_context():
                    conversation = db.session.get(factories.Conversation, conversation_id)
                    assert conversation
                    factories.contribution(conversation)
                    db.session.commit()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with app.app_context():
        assert queries.counts(conversation_id).contributions == 200


def test_sqlite_is_set_up_for_trust(ctx: Flask) -> None:
    if db.engine.dialect.name != "sqlite":
        with db.engine.connect() as connection:
            assert connection.execute(sa.text("SHOW server_encoding")).scalar() == "UTF8"
        return
    with db.engine.connect() as connection:
        values = {
            name: connection.execute(sa.text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")
        }
    assert values == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
        "busy_timeout": 30_000,
    }
