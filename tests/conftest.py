"""Real databases for every test: SQLite and PostgreSQL, migrated once, copied for each test."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from engage import close, create_app
from engage import db as database
from engage.accounts.models import Role
from engage.config import Settings
from engage.limits import limiter
from tests import factories
from tests.databases import PostgresServer, start_postgres
from tests.live import HURRIED

BACKENDS = ("sqlite", "postgresql")


def settings_for(folder: Path, database_url: str = "", **changes: object) -> Settings:
    """Settings of a test installation that keeps everything in ``folder``."""
    values: dict[str, object] = {
        "environment": "development",
        "secret_key": "a-key-for-tests-that-is-long-enough-0123456789",
        "data_folder": folder,
        "database_url": database_url,
        "queue_url": f"sqlite:///{folder / 'queue.db'}",
        "base_url": "http://localhost",
        **HURRIED,
    }
    return Settings(**(values | changes))  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sqlite-template")
    app = create_app(settings_for(folder), testing=True)
    with app.app_context():
        database.upgrade()
        with database.db.engine.connect() as connection:
            connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.db.engine.dispose()
    return folder / "engage.db"


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """In a folder of its own: pytest may clear away the folders of other runs on the same machine."""
    with tempfile.TemporaryDirectory(prefix="engage-postgres-", ignore_cleanup_errors=True) as folder:
        server = start_postgres(Path(folder))
        yield server
        server.stop()


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    url = postgres.create_database("engage_template")
    app = create_app(settings_for(tmp_path_factory.mktemp("pg-template"), url), testing=True)
    with app.app_context():
        database.upgrade()
        database.db.engine.dispose()
    return "engage_template"


@pytest.fixture(params=BACKENDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh, migrated database of each kind."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "engage.db")
        yield f"sqlite:///{tmp_path / 'engage.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = f"engage_{secrets.token_hex(6)}"
    yield server.create_database(name, template=request.getfixturevalue("postgres_template"))
    server.drop_database(name)


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The whole application on each kind of database. Cross-site request checks are off."""
    app = create_app(settings_for(tmp_path, database_url), testing=True)
    app.config["WTF_CSRF_ENABLED"] = False
    limiter.reset()
    yield app
    close(app)


@pytest.fixture
def ctx(app: Flask) -> Iterator[Flask]:
    """An app context, for tests of services and queries. Do not use a client inside it."""
    with app.app_context():
        yield app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def sign_in(app: Flask) -> Callable[..., int]:
    """``sign_in(client, Role.MODERATOR, …)`` signs a new user in and returns the user's id."""

    def enter(client: FlaskClient, *roles: Role, **user: object) -> int:
        with app.app_context():
            made = factories.user(*roles, **user)
            database.db.session.commit()
            user_id, email = made.id, made.email
        answer = client.post("/sign-in", data={"email": email, "password": factories.PASSWORD})
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return user_id

    return enter


class StatementCounter:
    """Counts SQL statements between ``with`` and its end; ``.statements`` has their texts."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.statements: list[str] = []

    def _note(self, _c: object, _cur: object, statement: str, *_rest: object) -> None:
        self.statements.append(statement)

    def __enter__(self) -> StatementCounter:
        from sqlalchemy import event

        with self.app.app_context():
            self.engine = database.db.engine
        self.statements.clear()
        event.listen(self.engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_error: object) -> None:
        from sqlalchemy import event

        event.remove(self.engine, "before_cursor_execute", self._note)

    @property
    def count(self) -> int:
        return len(self.statements)


@pytest.fixture
def statements(app: Flask) -> StatementCounter:
    return StatementCounter(app)


def connect(url: str) -> psycopg.Connection[tuple[object, ...]]:
    """A plain connection to a PostgreSQL address, outside the application."""
    return psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://"), autocommit=True)
