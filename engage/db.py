"""The database: one base class, one session, and how a transaction begins.

Reading and writing are told apart. A page that is only looked at (GET, HEAD, OPTIONS) runs in a transaction
that cannot write, on both databases. Everything else begins as a writer; on SQLite that means taking a fair
lock first and then ``BEGIN IMMEDIATE``, so that writers queue in order and none meets "database is locked".
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import Enum
from inspect import iscoroutinefunction
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, Response, current_app, request
from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Session

from engage import paths

BUSY_TIMEOUT_MS = 30_000
LOOKING = {"GET", "HEAD", "OPTIONS"}


class Base(DeclarativeBase):
    """Base of every table; constraint names follow one convention so that migrations can find them."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UTCDateTime(sa.types.TypeDecorator[datetime]):
    """A moment. Always aware and in UTC in Python, whatever the database keeps."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


JSONType = sa.JSON().with_variant(JSONB(), "postgresql")


def enum_type(of: type[Enum], name: str | None = None) -> sa.Enum:
    """A column type that stores an enum's values as text, checked by the database.

    ``name`` names the check where one table has two columns of the same enum.
    """
    return sa.Enum(
        of,
        name=name or of.__name__.lower(),
        native_enum=False,
        create_constraint=True,
        length=40,
        values_callable=lambda members: [m.value for m in members],
    )


def utcnow() -> datetime:
    return datetime.now(UTC)


db = SQLAlchemy(session_options={"expire_on_commit": False})

_only_looking: ContextVar[bool] = ContextVar("only_looking", default=False)


@contextmanager
def only_looking() -> Iterator[None]:
    """Transactions that begin inside cannot write."""
    token = _only_looking.set(True)
    try:
        yield
    finally:
        _only_looking.reset(token)


class FairConnection(sqlite3.Connection):
    """A SQLite connection whose writers wait in line.

    ``flock`` wakes waiters in the order in which they came, across threads and processes; SQLite's own busy
    handler retries at random and starves some. Measured: it cuts the slowest hundredth of writes by 2 to 4.
    """

    _lock_file: int | None = None
    _path: str = ""

    def begin(self, path: str, *, write: bool) -> None:
        """Begin a transaction; a writer waits here for its turn. ``path`` is the lock file, or empty."""
        if not write:
            self.execute("PRAGMA query_only=ON")
            self.execute("BEGIN")
            return
        if path:
            self._lock_file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._lock_file, fcntl.LOCK_EX)
        try:
            self.execute("PRAGMA query_only=OFF")
            self.execute("BEGIN IMMEDIATE")
        except BaseException:
            self._let_the_next_one_in()
            raise

    def commit(self) -> None:
        super().commit()
        self._let_the_next_one_in()

    def rollback(self) -> None:
        try:
            super().rollback()
        finally:
            self._let_the_next_one_in()

    def close(self) -> None:
        super().close()
        self._let_the_next_one_in()

    def _let_the_next_one_in(self) -> None:
        if self._lock_file is not None:
            os.close(self._lock_file)
            self._lock_file = None


def init_app(app: Flask, url: str) -> None:
    """Connect the app to its database and set how transactions begin."""
    # Errors must not carry anybody's words into a log.
    options: dict[str, Any] = {"url": url, "hide_parameters": True}
    if url.startswith("sqlite"):
        options["connect_args"] = {
            "factory": FairConnection,
            "isolation_level": None,
            "timeout": BUSY_TIMEOUT_MS / 1000,
            "check_same_thread": False,
        }
        # One for each thread that serves, so that none is opened and closed for a single request.
        options["pool_size"] = 16
    else:
        options["pool_size"] = 10
        options["max_overflow"] = 20
    app.config["SQLALCHEMY_ENGINES"] = {"default": options}
    db.init_app(app)
    # There are no asynchronous engines, and looking for sessions of theirs starts a thread for each request.
    app.teardown_appcontext_funcs[:] = [
        f for f in app.teardown_appcontext_funcs if not iscoroutinefunction(f)
    ]
    with app.app_context():
        prepare_engine(db.engine)
        sa.event.listen(db.sessionmaker, "after_flush", _remember_unsaved)
        sa.event.listen(db.sessionmaker, "after_commit", _forget_unsaved)
    app.before_request(_begin_request)
    app.after_request(_notice_unsaved)
    app.teardown_request(_end_request)


def prepare_engine(engine: sa.Engine) -> None:
    """Set an engine's pragmas and its way to begin. Also used by migrations and tests."""
    if engine.dialect.name == "sqlite":
        lock_path = f"{engine.url.database}.write-lock" if engine.url.database else ""
        sa.event.listen(engine, "connect", _set_pragmas)

        @sa.event.listens_for(engine, "begin")
        def begin_sqlite(connection: sa.Connection) -> None:
            raw: Any = connection.connection.dbapi_connection
            raw.begin(lock_path, write=not _only_looking.get())
    else:

        @sa.event.listens_for(engine, "begin")
        def begin_postgresql(connection: sa.Connection) -> None:
            raw: Any = connection.connection.dbapi_connection
            raw.read_only = _only_looking.get()


def _set_pragmas(raw: FairConnection, _record: object) -> None:
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "foreign_keys=ON",
        "secure_delete=ON",
        "recursive_triggers=ON",
    ):
        raw.execute(f"PRAGMA {pragma}")


# --- One request, one transaction ---------------------------------------------------------------------------


def _begin_request() -> None:
    if request.method in LOOKING:
        request.environ["engage.looking"] = _only_looking.set(True)


def _end_request(_error: BaseException | None) -> None:
    db.session.rollback()
    token = request.environ.pop("engage.looking", None)
    if token is not None:
        _only_looking.reset(token)


def _remember_unsaved(session: Session, _context: object) -> None:
    session.info["unsaved"] = True


def _forget_unsaved(session: Session) -> None:
    session.info.pop("unsaved", None)


class Unsaved(Exception):
    """A view changed something and did not commit; what it changed is thrown away."""


def _notice_unsaved(response: Response) -> Response:
    """In tests, fail where a successful request leaves work that nobody committed."""
    session = db.session
    left = session.info.get("unsaved") or session.new or session.dirty or session.deleted
    if current_app.testing and left and response.status_code < 400:
        raise Unsaved(f"{request.method} {request.path} changed rows and did not commit")
    return response


# --- Migrations ---------------------------------------------------------------------------------------------


def upgrade(revision: str = "head") -> None:
    """Bring the default database's tables to a revision of ``migrations/``, the newest unless told."""
    _migrate(lambda config: command.upgrade(config, revision))


def downgrade(revision: str) -> None:
    """Take the tables back to an earlier revision; ``base`` removes them all."""
    _migrate(lambda config: command.downgrade(config, revision))


def revisions() -> tuple[str | None, str | None]:
    """The revision that the database is at, and the newest one there is."""
    with db.engine.connect() as connection:
        at = MigrationContext.configure(connection).get_current_revision()
    return at, ScriptDirectory.from_config(_alembic_config()).get_current_head()


def _migrate(run: Callable[[Config], None]) -> None:
    with db.engine.connect() as connection, _unchecked_references(connection):
        config = _alembic_config()
        config.attributes["connection"] = connection
        run(config)
        connection.commit()


@contextmanager
def _unchecked_references(connection: sa.Connection) -> Iterator[None]:
    """On SQLite, a table that is made anew must not take the rows of others with it.

    The way that https://sqlite.org/lang_altertable.html gives: references are not enforced while the tables
    change, and are checked afterwards.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    raw: Any = connection.connection.dbapi_connection
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
        broken = raw.execute("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"rows point at rows that are gone: {broken[:5]}")
    finally:
        raw.execute("PRAGMA foreign_keys=ON")


def _alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(paths.MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
