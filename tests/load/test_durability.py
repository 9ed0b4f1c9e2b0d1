"""Many processes that write to one SQLite file at the same time: each waits its turn and none is refused."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from engage import create_app, db
from engage.contributions.models import Contribution, ContributionCount
from tests import factories
from tests.live import settings_of

pytestmark = pytest.mark.load

PROCESSES = 4
WRITES = 20_000


INSERT = """
    INSERT INTO contribution
        (conversation_id, channel, status, speaker, text, voices, is_verbatim, received_at)
    VALUES (?, 'phone', 'waiting', 'not_said', ?, 1, 1, '2026-06-15 10:30:00.000000')
"""


def write(folder: Path, conversation_id: int, writer: int, writes: int) -> int:
    """Add so many contributions, each in a transaction of its own. Returns how many were acknowledged."""
    app = create_app(settings_of(folder))
    acknowledged = 0
    with app.app_context():
        for number in range(writes):
            with db.db.engine.begin() as connection:
                connection.exec_driver_sql(INSERT, (conversation_id, f"Number {number} of writer {writer}."))
            acknowledged += 1
        db.db.engine.dispose()
    return acknowledged


def test_twenty_thousand_contended_writes_without_one_error(tmp_path: Path) -> None:
    app = create_app(settings_of(tmp_path))
    with app.app_context():
        db.upgrade()
        conversation_id = factories.conversation().id
        db.db.session.commit()
        db.db.engine.dispose()
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=fresh) as pool:
        share = WRITES // PROCESSES
        writers = [pool.submit(write, tmp_path, conversation_id, n, share) for n in range(PROCESSES)]
        assert [one.result() for one in writers] == [share] * PROCESSES
    with app.app_context():
        texts = set(db.db.session.scalars(sa.select(Contribution.text)))
        counts = db.db.session.scalars(sa.select(ContributionCount.contributions)).all()
        verdict = db.db.session.scalar(sa.text("PRAGMA integrity_check"))
        db.db.engine.dispose()
    assert len(texts) == WRITES
    assert sum(counts) == WRITES
    assert verdict == "ok"
