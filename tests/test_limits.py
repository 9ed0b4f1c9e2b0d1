"""Counting in this process: what the limits count on."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from limits import parse

from engage import limits
from engage.limits import CountedHere, limiter


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, to be moved on."""
    now = [1_000.0]
    monkeypatch.setattr("time.time", lambda: now[0])
    return now


def test_the_application_counts_so(app: Flask) -> None:
    assert isinstance(limiter.storage, CountedHere)
    assert [limiter.limiter.hit(parse("2 per day"), "here") for _time in range(3)] == [True, True, False]


def test_a_window_begins_with_its_first_count_and_ends(clock: list[float]) -> None:
    storage = CountedHere()
    assert [storage.incr("a", 10) for _time in range(3)] == [1, 2, 3]
    clock[0] += 9.9
    assert storage.incr("a", 10) == 4 and storage.get("a") == 4
    clock[0] += 0.2
    assert storage.get("a") == 0 and storage.incr("a", 10) == 1


def test_what_has_ended_is_swept_away(clock: list[float]) -> None:
    storage = CountedHere()
    for number in range(1_000):
        storage.incr(f"address {number}", 10)
    clock[0] += CountedHere.SWEEP + 1
    storage.incr("another", 10)
    assert set(storage.storage) == set(storage.expirations) == {"another"}


def test_no_count_is_lost_between_threads_and_none_starts_one() -> None:
    storage = CountedHere()
    storage.timer.join()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _number: storage.incr("a", 60), range(4_000)))
        assert not any(isinstance(thread, threading.Timer) for thread in threading.enumerate())
    assert storage.get("a") == 4_000
    assert limits.CountedHere.STORAGE_SCHEME == ["counted-here"]
