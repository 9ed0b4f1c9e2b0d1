"""How long do results take? `python -m tests.benchmarks results` prints a table for both databases.

100,000 responses with ten answers each, written by SQL as fast as that goes. The time in the database and in
Python for everything that the results page asks is measured against two plain statements on the same rows:
counting them, and reading all their answers. What the counts cost when a response comes is measured too.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from engage import close, create_app
from engage import db as database
from engage.accounts.models import Role
from engage.contributions.models import Channel, Receipt, Speaker
from engage.db import db, only_looking
from engage.insight import reach as reaching
from engage.insight.answer_counts import answer_counts
from engage.insight.asked import asked_questions
from engage.insight.results import results
from engage.surveys import queries
from engage.surveys.models import Response, SurveyVersion
from tests import factories
from tests.conftest import settings_for
from tests.databases import start_postgres
from tests.insight import answered

RESPONSES = 100_000
BATCH = 5_000
TIMES = 3


def main() -> None:
    number = int(sys.argv[2]) if sys.argv[2:] and sys.argv[2].isdigit() else RESPONSES
    with tempfile.TemporaryDirectory(prefix="engage-results-") as folder:
        _measure("SQLite", Path(folder), "", number)
        server = start_postgres(Path(folder) / "postgres")
        try:
            _measure("PostgreSQL", Path(folder), server.create_database("results"), number)
        finally:
            server.stop()


def _measure(name: str, folder: Path, url: str, number: int) -> None:
    app = create_app(settings_for(folder, url), testing=True)
    with app.app_context():
        database.upgrade()
        version_id = _survey()
        slow, quick = _write(version_id, number)
        if url:
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(sa.text("VACUUM ANALYZE"))
        print(f"\n{name}: {number:,d} responses, counts have {_counts():,d} rows")
        print(f"  counting a response as it comes: {1000 * (slow - quick) / BATCH:.3f} ms")
        with only_looking():
            count = _best(lambda: db.session.scalar(sa.text("SELECT COUNT(*) FROM response")))
            reading = _best(lambda: db.session.execute(sa.text("SELECT answers FROM response")).all())
            ours = _best(lambda: _page(version_id, ""))
            in_database = _in_database(app, lambda: _page(version_id, ""))
            crossed = _best(lambda: _page(version_id, "speaker"))
        print(f"  plain count {count:6.0f} ms, reading all answers {reading:6.0f} ms")
        print(
            f"  the page    {ours:6.0f} ms ({in_database:.0f} ms of it in the database: "
            f"{in_database / count:.1f} times the plain count, {in_database / reading:.2f} times reading), "
            f"by kind of respondent {crossed:.0f} ms"
        )
        db.session.rollback()
    close(app)


def _survey() -> int:
    survey = answered.survey(factories.conversation(by=factories.user(Role.FACILITATOR)))
    db.session.commit()
    return survey.versions[-1].id


def _write(version_id: int, number: int) -> tuple[float, float]:
    """Write responses. Returns the seconds of the last batch, and of as many rows that nobody counts."""
    content = queries.content_of(db.session.get_one(SurveyVersion, version_id))
    chance = random.Random(1)
    mixes = [_kept(content, answered.random_answers(content, chance)) for _ in range(2_000)]
    took = 0.0
    for start in range(0, number, BATCH):
        receipts = [_receipt(n) for n in range(start, min(start + BATCH, number))]
        db.session.execute(sa.insert(Receipt), receipts)
        rows = [_row(version_id, n, chance, mixes) for n in range(start, min(start + BATCH, number))]
        took = _seconds(lambda rows=rows: db.session.execute(sa.insert(Response), rows))  # type: ignore[misc]
        db.session.commit()
    db.session.execute(sa.text("CREATE TABLE uncounted AS SELECT * FROM response WHERE id < 0"))
    plain = sa.insert(sa.table("uncounted", *(sa.column(c.name, c.type) for c in Response.__table__.c)))
    rows = [{**row, "id": n} for n, row in enumerate(rows)]
    quick = _seconds(lambda: db.session.execute(plain, rows))
    db.session.execute(sa.text("DROP TABLE uncounted"))
    db.session.commit()
    return took, quick


def _kept(content: Any, answers: dict[str, Any]) -> dict[str, Any]:
    return {
        question.id: question.kept(answers[question.id])
        for question in content.questions
        if question.id in answers and question.id not in content.equality_ids
    }


def _receipt(number: int) -> dict[str, Any]:
    return {
        "id": number + 1,
        "conversation_id": 1,
        "code_hash": f"{number:064d}",
        "channel": Channel.ONLINE,
        "received_at": factories.NOW,
    }


def _row(version_id: int, number: int, chance: random.Random, mixes: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "version_id": version_id,
        "receipt_id": number + 1,
        "channel": chance.choice([Channel.ONLINE, Channel.ONLINE, Channel.PAPER, Channel.PHONE]),
        "speaker": chance.choice(list(Speaker)),
        "district": chance.choice(["Ashfield", "Bassetlaw", "Broxtowe", "Gedling", "Mansfield", None]),
        "language": chance.choice(["en", "en", "en", "pl", "ur"]),
        "easy_read": chance.random() < 0.1,
        "received_at": factories.NOW + timedelta(minutes=number % 90_000),
        "answers": chance.choice(mixes),
    }


def _counts() -> int:
    return db.session.scalar(sa.text("SELECT COUNT(*) FROM answer_count")) or 0


def _page(version_id: int, by: str) -> None:
    """All that the results page asks the database and works out."""
    content = queries.content_of(db.session.get_one(SurveyVersion, version_id))
    reached = reaching.reach([version_id])
    reaching.moments([version_id])
    reaching.way([version_id], [content], reached.responses)
    groups = list(reached.groups[by]) if by else []
    results(asked_questions([content]), answer_counts([version_id]), by=by, groups=groups)


def _best(run: Callable[[], Any]) -> float:
    """The least of a few times, in milliseconds."""
    return 1000 * min(_seconds(run) for _ in range(TIMES))


def _seconds(run: Callable[[], Any]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def _in_database(app: Flask, run: Callable[[], Any]) -> float:
    """The least time of the statements alone, with fetching their rows, in milliseconds."""
    with _statements() as seen:
        run()
    return 1000 * min(
        sum(_seconds(lambda one=one: _run_plain(*one)) for one in seen)  # type: ignore[misc]
        for _ in range(TIMES)
    )


def _run_plain(statement: str, parameters: Any) -> None:
    raw: Any = db.session.connection().connection.dbapi_connection
    cursor = raw.cursor()
    cursor.execute(statement, parameters)
    cursor.fetchall()


@contextmanager
def _statements() -> Iterator[list[tuple[str, Any]]]:
    seen: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        seen.append((statement, parameters))

    sa.event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    sa.event.remove(db.engine, "before_cursor_execute", note)


if __name__ == "__main__":
    main()
