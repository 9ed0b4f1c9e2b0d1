"""Counting in this process: what the limits count on."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from limits import parse

from engage import config, limits
from engage.contributions import codes
from engage.contributions.models import Channel
from engage.contributions.services import issue_receipt
from engage.db import db, utcnow
from engage.limits import CountedHere, limiter
from tests import factories


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


@pytest.fixture
def impatient_threads() -> Iterator[None]:
    """Threads that give way to one another all the time."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("impatient_threads")
def test_sweeping_stands_counts_that_come_and_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CountedHere, "SWEEP", 0.0)  # With every count.
    storage = CountedHere()
    storage.expirations.update({f"address {number}": time.time() + 60 for number in range(50_000)})
    with ThreadPoolExecutor(1) as other:
        cleared = other.submit(lambda: [storage.clear(f"address {number}") for number in range(50_000)])
        while not cleared.done():
            storage.incr("another", 60)
        cleared.result()


# --- Codes --------------------------------------------------------------------------------------------------


@pytest.fixture
def right_code(app: Flask) -> str:
    with app.app_context():
        code = codes.new_code()
        issue_receipt(factories.conversation(), code=code, channel=Channel.ONLINE, now=utcnow())
        db.session.commit()
        return code


def tries(app: Flask, address: str, code: str, number: int) -> set[int]:
    """Status codes for that many people who type this code, from one address."""
    return {app.test_client().post(address, data={"code": code}).status_code for _person in range(number)}


@pytest.mark.parametrize(("address", "right"), [("/track", 303), ("/continue", 307)])
def test_at_an_event_everybody_gets_in_and_nobody_can_guess(
    app: Flask, right_code: str, address: str, right: int
) -> None:
    app.config["CODE_LIMIT"] = "3 per day"
    assert tries(app, address, right_code, 5) == {right}
    assert tries(app, address, "0" * 12, 3) == {422}
    assert tries(app, address, right_code, 1) == tries(app, address, "0" * 12, 1) == {429}


def test_from_a_trusted_address_any_number_can_be_tried(app: Flask) -> None:
    app.config["CODE_LIMIT"] = "3 per day"
    app.extensions["engage.settings"] = config.of(app).model_copy(update={"trusted_addresses": "127.0.0.0/8"})
    assert tries(app, "/track", "0" * 12, 5) == {422}
