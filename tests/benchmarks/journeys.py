"""Journeys a second and processor time a journey, against a bare form that does the same writes."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from engage import close, create_app, db
from engage.surveys.questions import FreeText, big_conversation
from tests.live import Server, Visitor, answer_survey, send, settings_of
from tests.surveys import factories as surveys

PEOPLE = 4  # At the same time.
JOURNEYS = 120
WORDS = "The same two people in the morning, and a number that somebody answers."


def measure(port: int, process: int, journey: Callable[[Visitor], None]) -> dict[str, float]:
    """Several people make journeys at once. Returns journeys a second; CPU in ms and requests for one."""
    journey(Visitor(port))
    left = iter(range(JOURNEYS))
    lock, requests = threading.Lock(), [0]

    def person() -> None:
        while True:
            with lock:
                if next(left, None) is None:
                    return
            visitor = Visitor(port)
            journey(visitor)
            visitor.close()
            with lock:
                requests[0] += visitor.requests

    threads = [threading.Thread(target=person) for _ in range(PEOPLE)]
    cpu, started = _cpu(process), time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    used = _cpu(process) - cpu
    return {
        "a second": JOURNEYS / seconds,
        "cpu ms": 1000 * used / JOURNEYS,
        "requests": requests[0] / JOURNEYS,
        "peak MB": _memory(process),
    }


def _tree(process: int) -> list[psutil.Process]:
    parent = psutil.Process(process)
    return [parent, *parent.children(recursive=True)]


def _cpu(process: int) -> float:
    return sum(sum(one.cpu_times()[:2]) for one in _tree(process))


def _memory(process: int) -> float:
    return max(one.memory_info().rss for one in _tree(process)) / 1e6


def product(folder: Path) -> dict[str, float]:
    """The whole journey: start, ten questions one a page, check, send, thanks."""
    settings = settings_of(folder)
    app = create_app(settings)
    with app.app_context():
        db.upgrade()
        survey = surveys.survey()
        db.db.session.commit()
        slug = survey.slug
        questions = big_conversation(["Mansfield"])
    close(app)
    answers = [
        WORDS if isinstance(question, FreeText) else question.choices[-1].value for question in questions
    ]

    def journey(visitor: Visitor) -> None:
        send(visitor, slug, answer_survey(visitor, slug, answers))

    with Server(settings) as server:
        assert server.process
        return measure(server.port, server.process.pid, journey)


def bare(folder: Path) -> dict[str, float]:
    """One form, sent once, and thanks."""
    os.environ["BARE_DATABASE"] = str(folder / "bare.db")
    fields = {f"a{number}": WORDS for number in range(1, 11)}

    def journey(visitor: Visitor) -> None:
        form = visitor.get("/")
        assert visitor.post("/", csrf_token=form.token, **fields).status == 303
        assert "Thanks" in visitor.get("/thanks").text

    command = (sys.executable, "-m", "tests.benchmarks.bare_app")
    with Server(settings_of(folder), command=command) as server:
        assert server.process
        return measure(server.port, server.process.pid, journey)


def main() -> None:
    print(f"{JOURNEYS} journeys by {PEOPLE} people at once, SQLite, one process with threads")
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        base, ours = bare(Path(one)), product(Path(other))
    print(f"{'':10s} {'a second':>9s} {'CPU ms':>8s} {'requests':>9s} {'CPU ms a request':>17s} {'MB':>6s}")
    for name, found in (("bare form", base), ("Engage", ours)):
        each = found["cpu ms"] / found["requests"]
        print(
            f"{name:10s} {found['a second']:9.1f} {found['cpu ms']:8.1f} {found['requests']:9.0f} "
            f"{each:17.2f} {found['peak MB']:6.0f}"
        )
    print(f"Journeys a second: {ours['a second'] / base['a second']:.2f} of the bare form")
    ratio = (ours["cpu ms"] / ours["requests"]) / (base["cpu ms"] / base["requests"])
    print(f"CPU a request: {ratio:.2f} times the bare form")


if __name__ == "__main__":
    main()
