"""Whether anybody holds up the others who want to write."""

from __future__ import annotations

import sqlite3

from engage.db import db
from tests.conftest import connect


def somebody_is_in_the_way() -> bool:
    """Whether another connection has a transaction open that writes (SQLite) or waits (PostgreSQL)."""
    url = db.engine.url
    if url.get_backend_name() == "sqlite":
        return _is_locked(str(url.database))
    with connect(url.render_as_string(hide_password=False)) as outside:
        found = outside.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND state LIKE 'idle in transaction%'"
        ).fetchone()
    assert found is not None
    return found[0] != 0


def _is_locked(path: str) -> bool:
    outside = sqlite3.connect(path, timeout=0, isolation_level=None)
    try:
        outside.execute("BEGIN IMMEDIATE")
        outside.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return True
    finally:
        outside.close()
    return False
