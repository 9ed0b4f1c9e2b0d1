"""Power cuts in the middle of a busy hour: what a person was told we have, we have."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from engage.audit import services as audit
from engage.contributions import codes
from engage.contributions.models import Contribution, ContributionCount, Receipt
from engage.db import db
from engage.surveys.models import Response, UnsentResponse
from tests.live import Server, Visitor, answer_survey, repeatedly, send
from tests.load.conftest import QUESTIONS, Installation

pytestmark = pytest.mark.load

POWER_CUTS = 5
PEOPLE = 6  # Who answer at the same time.


class Residents:
    """People who answer without end; ``acknowledged`` has what each was shown a code for."""

    def __init__(self, port: int, slug: str) -> None:
        self.port, self.slug = port, slug
        self.acknowledged: dict[str, tuple[str, str, str]] = {}
        self._lock = threading.Lock()
        self._numbers = iter(range(1, 1_000_000))

    def answer_once(self) -> None:
        with self._lock:
            number = next(self._numbers)
        words = f"Good, says person {number}. ☕ " * 20
        answers = (random.choice(["yes", "no"]), words.strip(), f"Better, says person {number}: מחר\nand now")
        visitor = Visitor(self.port, patient=60)
        try:
            said = dict(zip(("reach", "good", "better"), answers, strict=True))
            code = send(visitor, self.slug, answer_survey(visitor, self.slug, said))
        finally:
            visitor.close()
        with self._lock:
            assert code not in self.acknowledged
            self.acknowledged[code] = answers

    def wait_for_more(self, at_least: int) -> None:
        until, before = time.monotonic() + 60, len(self.acknowledged)
        while len(self.acknowledged) < before + at_least:
            assert time.monotonic() < until, "nobody gets through"
            time.sleep(0.02)


def test_nothing_acknowledged_is_missing_after_five_power_cuts(installation: Installation) -> None:
    server = Server(installation.settings, options=("--processes", "2"))
    residents = Residents(server.port, installation.slug)
    with server, repeatedly(residents.answer_once, threads=PEOPLE) as check:
        for _ in range(POWER_CUTS):
            residents.wait_for_more(PEOPLE)
            time.sleep(random.uniform(0, 0.5))
            server.kill()
            check()
            server.start()
        residents.wait_for_more(PEOPLE)
    with installation.app.app_context():
        _assert_all_there(residents.acknowledged)
        _assert_nothing_by_halves()
        _assert_counts_are_true()
        assert audit.verify().is_whole


def _assert_all_there(acknowledged: dict[str, tuple[str, str, str]]) -> None:
    assert len(acknowledged) >= PEOPLE * (POWER_CUTS + 1)
    for code, (chosen, *words) in acknowledged.items():
        receipt = db.session.scalars(
            sa.select(Receipt).where(Receipt.code_hash == codes.code_hash(code))
        ).one()
        response = db.session.scalars(sa.select(Response).where(Response.receipt_id == receipt.id)).one()
        assert response.answers == {"reach": chosen, "good": True, "better": True}
        assert _words(receipt) == words


def _words(receipt: Receipt) -> list[str]:
    query = sa.select(Contribution.text).where(Contribution.receipt_id == receipt.id)
    return list(db.session.scalars(query.order_by(Contribution.id)))


def _assert_nothing_by_halves() -> None:
    """Every receipt has its response and one contribution for each free text, whoever got the code."""
    receipts = list(db.session.scalars(sa.select(Receipt)))
    free_texts = Counter(db.session.scalars(sa.select(Contribution.receipt_id)))
    assert free_texts == Counter({receipt.id: len(QUESTIONS) - 1 for receipt in receipts})
    answered = list(db.session.scalars(sa.select(Response.receipt_id)))
    assert sorted(answered) == sorted(receipt.id for receipt in receipts)
    sent = set(db.session.scalars(sa.select(Receipt.code_hash)))
    assert not sent & set(db.session.scalars(sa.select(UnsentResponse.code_hash)))


def _assert_counts_are_true() -> None:
    kept = {
        (one.conversation_id, one.status, one.channel): (one.contributions, one.voices)
        for one in db.session.scalars(sa.select(ContributionCount))
        if one.contributions
    }
    place = (Contribution.conversation_id, Contribution.status, Contribution.channel)
    counted = db.session.execute(
        sa.select(*place, sa.func.count(), sa.func.sum(Contribution.voices)).group_by(*place)
    )
    assert kept == {tuple(row[:3]): tuple(row[3:]) for row in counted}


FORMS, TIMES = 50, 16


def test_a_form_sent_sixteen_times_at_once_counts_once(installation: Installation) -> None:
    with Server(installation.settings, options=("--processes", "2")) as server:
        slug = installation.slug

        def ready(number: int) -> tuple[Visitor, str]:
            visitor = Visitor(server.port)
            page = answer_survey(
                visitor, slug, {"reach": "yes", "good": f"Good {number}", "better": f"Better {number}"}
            )
            return visitor, page.token

        def press(form: tuple[Visitor, str]) -> tuple[int, str]:
            visitor = form[0].twin()
            status = visitor.post(f"/surveys/{slug}/send", csrf_token=form[1]).status
            page = visitor.get(f"/surveys/{slug}/thanks").text
            visitor.close()
            return status, page[page.index('<ol class="app-code"') : page.index("</ol>")]

        with ThreadPoolExecutor(16) as people:
            forms = list(people.map(ready, range(FORMS)))
            order = [number for number in range(FORMS) for _ in range(TIMES)]
            replies = list(people.map(lambda number: (number, *press(forms[number])), order))
        for visitor, _token in forms:
            visitor.close()
    assert {status for _number, status, _code in replies} == {303}
    codes_of = {number: {code for n, _status, code in replies if n == number} for number in range(FORMS)}
    assert all(len(codes) == 1 for codes in codes_of.values())
    assert len(set.union(*codes_of.values())) == FORMS
    with installation.app.app_context():
        for table, rows in ((Receipt, FORMS), (Response, FORMS), (Contribution, FORMS * 2)):
            assert db.session.scalar(sa.select(sa.func.count()).select_from(table)) == rows
        _assert_nothing_by_halves()
        _assert_counts_are_true()
        assert audit.verify().is_whole
