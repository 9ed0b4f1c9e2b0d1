"""Journeys a second, processor time and waiting, against a bare form that does the same writes.

The journey that compares is the form with ten questions on one page, the answers, and thanks: three requests,
as in the bare app. One question at a time is measured too; it is what most people do.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from sqlalchemy import event

from engage import close, create_app, db
from engage.config import Settings
from engage.surveys.questions import FreeText, Question
from engage.surveys.texts import Text
from tests.benchmarks import bare_app
from tests.databases import start_postgres
from tests.live import Reply, Server, Visitor, settings_of
from tests.surveys import factories as surveys

PEOPLE = 4  # At the same time.
MANY = 16  # At the same time, where waiting is measured.
JOURNEYS = 240
WORDS = "The same two people in the morning, and a number that somebody answers."
ASKED = range(1, 11)
AIM, MOST_STATEMENTS, MOST_WAITING = 0.6, 6, 1.3
Journey = Callable[[Visitor], float]
"""Goes the whole way, and returns the seconds that the sending took."""


@dataclass
class Found:
    """What was measured: seconds in all, of the sending (each), and processor time in all."""

    seconds: float = 0.0
    cpu: float = 0.0
    requests: int = 0
    memory: float = 0.0
    waits: list[float] = field(default_factory=list)

    @property
    def a_second(self) -> float:
        return len(self.waits) / self.seconds

    @property
    def cpu_ms(self) -> float:
        return 1000 * self.cpu / len(self.waits)

    @property
    def p99_ms(self) -> float:
        return 1000 * sorted(self.waits)[int(0.99 * len(self.waits))]


def measure(server: Server, journey: Journey, *, people: int = PEOPLE, journeys: int = JOURNEYS) -> Found:
    """Several people make journeys at once."""
    assert server.process
    for _ in range(people):
        journey(Visitor(server.port))
    left, lock, found = iter(range(journeys)), threading.Lock(), Found()

    def person() -> None:
        while True:
            with lock:
                if next(left, None) is None:
                    return
            visitor = Visitor(server.port)
            waited = journey(visitor)
            visitor.close()
            with lock:
                found.waits.append(waited)
                found.requests += visitor.requests

    threads = [threading.Thread(target=person) for _ in range(people)]
    cpu, started = _cpu(server.process.pid), time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found.seconds = time.perf_counter() - started
    found.cpu = _cpu(server.process.pid) - cpu
    found.memory = max(one.memory_info().rss for one in _tree(server.process.pid)) / 1e6
    return found


def _tree(process: int) -> list[psutil.Process]:
    parent = psutil.Process(process)
    return [parent, *parent.children(recursive=True)]


def _cpu(process: int) -> float:
    return sum(sum(one.cpu_times()[:2]) for one in _tree(process))


# --- The journeys -------------------------------------------------------------------------------------------


def questions() -> list[Question]:
    """Ten, of which those in bare_app.FREE are free text."""
    return [
        FreeText(id=f"a{number}", text=Text(f"Question {number}?"))
        if f"a{number}" in bare_app.FREE
        else surveys.one_choice(f"a{number}", "Always", "Often", "Sometimes", "Never")
        for number in ASKED
    ]


def fields() -> dict[str, str]:
    """An answer to each, as a form sends it."""
    return {f"a.{q.id}": WORDS if isinstance(q, FreeText) else "often" for q in questions()}


def bare_journey(visitor: Visitor) -> float:
    page = visitor.get("/")
    seconds = _sent(visitor, "/", csrf_token=page.token, **{f"a{n}": WORDS for n in ASKED})
    assert "Thanks" in visitor.get("/thanks").text
    return seconds


def one_page(slug: str) -> Journey:
    """All ten questions on one page, sent from there."""
    survey, answers = f"/surveys/{slug}", fields()

    def journey(visitor: Visitor) -> float:
        page = _page(visitor, f"{survey}/all")
        seconds = _sent(visitor, f"{survey}/all", csrf_token=page.token, then="send", **answers)
        _page(visitor, f"{survey}/thanks")
        return seconds

    return journey


def one_at_a_time(slug: str) -> Journey:
    """Start, ten questions one a page, check, send, thanks."""
    survey, answers = f"/surveys/{slug}", fields()

    def journey(visitor: Visitor) -> float:
        _page(visitor, survey)
        for name, answer in answers.items():
            address = f"{survey}/question/{name.removeprefix('a.')}"
            _sent(visitor, address, csrf_token=_page(visitor, address).token, **{name: answer})
        check = _page(visitor, f"{survey}/check")
        seconds = _sent(visitor, f"{survey}/send", csrf_token=check.token)
        _page(visitor, f"{survey}/thanks")
        return seconds

    return journey


def _page(visitor: Visitor, path: str) -> Reply:
    page = visitor.get(path)
    assert page.status == 200, (path, page.status, page.location)
    return page


def _sent(visitor: Visitor, path: str, **filled: str) -> float:
    started = time.perf_counter()
    sent = visitor.post(path, **filled)
    assert sent.status == 303, sent.text
    return time.perf_counter() - started


# --- Where they are made ------------------------------------------------------------------------------------


def installation(folder: Path, database_url: str = "") -> tuple[Settings, str]:
    """A council's installation with the survey open: its settings, and where the survey is."""
    settings = settings_of(folder, database_url)
    app = create_app(settings)
    with app.app_context():
        db.upgrade()
        survey = surveys.survey(questions=questions())
        db.db.session.commit()
        slug = survey.slug
    close(app)
    return settings, slug


@contextmanager
def bare_server(folder: Path) -> Iterator[Server]:
    os.environ["BARE_DATABASE"] = str(folder / "bare.db")
    command = (sys.executable, "-m", "tests.benchmarks.bare_app")
    with Server(settings_of(folder), command=command) as server:
        yield server


def statements(settings: Settings, slug: str) -> list[str]:
    """The SQL of one sending, as the database gets it."""
    app, found = create_app(settings), list[str]()
    app.config.update(WTF_CSRF_ENABLED=False, SESSION_COOKIE_SECURE=False)
    survey = f"/surveys/{slug}"
    with app.app_context():
        event.listen(db.db.engine, "before_cursor_execute", lambda _c, _u, sql, *_: found.append(sql))
    for _ in range(2):  # The first one loads what later ones find loaded.
        client = app.test_client()
        assert client.get(f"{survey}/all").status_code == 200
        found.clear()
        assert client.post(f"{survey}/all", data={"then": "send"} | fields()).status_code == 303
    close(app)
    return found


def compare_speed() -> None:
    """Journeys a second and processor time, next to the bare form."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        settings, slug = installation(Path(other))
        sql = statements(settings, slug)
        with bare_server(Path(one)) as bare, Server(settings) as ours:
            found = {
                "bare form": measure(bare, bare_journey),
                "one page": measure(ours, one_page(slug)),
                "one at a time": measure(ours, one_at_a_time(slug), journeys=JOURNEYS // 4),
            }
    print(f"{'':14s} {'a second':>9s} {'CPU ms':>8s} {'requests':>9s} {'CPU ms a request':>17s} {'MB':>6s}")
    for name, one_found in found.items():
        each, requests = one_found.cpu / one_found.requests, one_found.requests / len(one_found.waits)
        print(
            f"{name:14s} {one_found.a_second:9.1f} {one_found.cpu_ms:8.1f} {requests:9.0f} "
            f"{1000 * each:17.2f} {one_found.memory:6.0f}"
        )
    base, page = found["bare form"], found["one page"]
    print(f"Journeys a second: {page.a_second / base.a_second:.2f} of the bare form (aim: at least {AIM})")
    print(f"Processor time: {base.cpu_ms / page.cpu_ms:.2f} of the bare form's pace")
    print(f"SQL statements to send: {len(sql)} (aim: at most {MOST_STATEMENTS})")


def compare_waiting() -> None:
    """How long the slowest one in a hundred waits for "sent", on each kind of database."""
    waits = {}
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        postgres = start_postgres(Path(other) / "postgres", durable=True)
        urls = {"SQLite": "", "PostgreSQL": postgres.create_database("engage")}
        for name, url in urls.items():
            folder = Path(one) / name
            folder.mkdir()
            settings, slug = installation(folder, url)
            with Server(settings) as server:
                waits[name] = measure(server, one_page(slug), people=MANY, journeys=4 * JOURNEYS).p99_ms
        postgres.stop()
    print(", ".join(f"p99 of sending with {MANY} at once on {n}: {ms:.0f} ms" for n, ms in waits.items()))
    print(
        f"SQLite: {waits['SQLite'] / waits['PostgreSQL']:.2f} times PostgreSQL (aim: at most {MOST_WAITING})"
    )


def main() -> None:
    compare_speed()
    compare_waiting()


if __name__ == "__main__":
    main()
