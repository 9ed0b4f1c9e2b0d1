"""Machines are noticed, people on shared devices are not, and nobody's answers are lost."""

from __future__ import annotations

import base64
import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import altcha
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from engage import config
from engage.contributions.models import Contribution, Receipt
from engage.db import db
from engage.surveys.drafts import Draft
from engage.surveys.guarding import proof, suspicion
from engage.surveys.guarding.suspicion import Sign
from engage.surveys.models import QuarantinedResponse, Response
from tests.surveys import factories as surveys

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
HERE, THERE = "192.0.2.7", "192.0.2.8"


def change(app: Flask, **settings: object) -> None:
    """Give the app other settings."""
    app.extensions["engage.settings"] = config.of(app).model_copy(update=settings)


@pytest.fixture
def slug(app: Flask) -> str:
    with app.app_context():
        made = surveys.survey(questions=[surveys.one_choice("a"), surveys.one_choice("b")])
        db.session.commit()
        return made.slug


def send(client: FlaskClient, slug: str, address: str = HERE, **fields: str) -> int:
    """Answer and send at once, in the way of all questions on one page."""
    filled = {"a.a": "yes", "a.b": "no", "then": "send"} | fields
    answer = client.post(f"/surveys/{slug}/all", data=filled, environ_overrides={"REMOTE_ADDR": address})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    assert answer.location == f"/surveys/{slug}/thanks"
    return answer.status_code


def count(app: Flask, table: type[Response] | type[QuarantinedResponse] | type[Receipt]) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def signs_of_all(app: Flask) -> list[list[str]]:
    with app.app_context():
        query = sa.select(QuarantinedResponse.signs).order_by(QuarantinedResponse.id)
        return list(db.session.scalars(query))


# --- Each sign ----------------------------------------------------------------------------------------------


def test_nothing_is_odd_about_a_person(app: Flask, slug: str) -> None:
    send(app.test_client(), slug)
    assert (count(app, Response), count(app, QuarantinedResponse)) == (1, 0)


def test_a_field_that_people_do_not_see_is_a_trap_and_refuses_nobody(app: Flask, slug: str) -> None:
    client = app.test_client()
    page = client.get(f"/surveys/{slug}/all").get_data(as_text=True)
    trap = re.search(rf"<div[^>]*><label>([^<]*)<input([^>]*name=\"{suspicion.TRAP}\"[^>]*)>", page)
    assert trap and trap[1].strip() == "Leave this empty"
    assert 'tabindex="-1"' in trap[2] and 'autocomplete="off"' in trap[2]
    send(client, slug, second_comment="Buy now")
    assert signs_of_all(app) == [["honeypot"]]
    assert count(app, Response) == 0


def test_the_trap_is_on_the_page_from_which_one_sends_too(app: Flask, slug: str) -> None:
    client = app.test_client()
    client.post(f"/surveys/{slug}/all", data={"a.a": "yes", "then": "check"})
    assert f'name="{suspicion.TRAP}"' in client.get(f"/surveys/{slug}/check").get_data(as_text=True)
    client.post(f"/surveys/{slug}/send", data={suspicion.TRAP: "x"})
    assert signs_of_all(app) == [["honeypot"]]


@pytest.mark.parametrize(("seconds", "expected"), [(3, ["too_fast"]), (4, []), (3600, [])])
def test_answers_take_their_time(app: Flask, seconds: int, expected: list[str]) -> None:
    change(app, seconds_per_answer=2.0)
    begun = int(NOON.timestamp())
    with app.app_context():
        found = suspicion.signs(
            {},
            address=HERE,
            draft=Draft("K7MP4TWX9RHC", 1, begun),
            answered=2,
            now=NOON + timedelta(seconds=seconds),
        )
    assert found == expected


def test_whoever_comes_back_with_a_code_is_not_too_fast(app: Flask, slug: str) -> None:
    change(app, seconds_per_answer=5.0)
    client = app.test_client()
    client.post(f"/surveys/{slug}/save?at=all", data={"a.a": "yes", "a.b": "no"})
    with app.app_context():
        db.session.execute(
            sa.text("UPDATE unsent_response SET begun_at = :at"), {"at": NOON.replace(tzinfo=None)}
        )
        db.session.commit()
    page = client.get(f"/surveys/{slug}/saved").get_data(as_text=True)
    code = "".join(re.findall(r'<b translate="no">([0-9A-Z]{4})</b>', page)[:3])
    other = app.test_client()
    assert other.post("/continue", data={"code": code}).status_code == 303
    other.post(f"/surveys/{slug}/send")
    assert (count(app, Response), count(app, QuarantinedResponse)) == (1, 0)


def test_a_burst_and_a_long_stream_are_two_signs(app: Flask) -> None:
    change(app, burst_limit="2 per day", sustained_limit="3 per day")
    draft = Draft("K7MP4TWX9RHC", 1)
    with app.app_context():
        found = [suspicion.signs({}, address=HERE, draft=draft, answered=1, now=NOON) for _number in range(4)]
        elsewhere = suspicion.signs({}, address=THERE, draft=draft, answered=1, now=NOON)
    assert found == [[], [], [Sign.BURST], [Sign.BURST, Sign.SUSTAINED]]
    assert elsewhere == []


def test_a_household_counts_as_one_whatever_address_it_takes(ctx: Flask) -> None:
    assert suspicion.address_key("2001:db8::1", NOON) == suspicion.address_key("2001:db8::ffff:2", NOON)
    assert suspicion.address_key("2001:db8::1", NOON) != suspicion.address_key("2001:db8:0:1::1", NOON)
    assert suspicion.address_key("::ffff:192.0.2.7", NOON) == suspicion.address_key(HERE, NOON)


def test_no_address_is_kept_and_what_stands_for_it_changes_every_day(ctx: Flask) -> None:
    today, tomorrow = (suspicion.address_key(HERE, day) for day in (NOON, NOON + timedelta(days=1)))
    assert len(today) == 64 and HERE not in today and today != tomorrow
    assert suspicion.address_key(THERE, NOON) != today
    ctx.config["SECRET_KEY"] = "another key of this installation, long enough"
    assert suspicion.address_key(HERE, NOON) != today


@pytest.mark.parametrize("address", ["", "unknown", "unix:", "fe80::1%eth0", "x" * 5_000])
def test_any_address_can_be_counted(ctx: Flask, address: str) -> None:
    assert len(suspicion.address_key(address, NOON)) == 64
    assert not suspicion.is_trusted(address, config.of(ctx))


def test_answers_are_taken_where_counting_fails(
    app: Flask, slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suspicion, "_limit", lambda _written: None)  # Counting nothing raises.
    send(app.test_client(), slug)
    assert (count(app, Response), count(app, QuarantinedResponse)) == (1, 0)


# --- People -------------------------------------------------------------------------------------------------


def test_three_people_on_one_device_are_three(app: Flask, slug: str) -> None:
    change(app, burst_limit="30 per minute", sustained_limit="200 per hour")
    client = app.test_client()
    for _person in range(3):
        send(client, slug)
        client.post(f"/surveys/{slug}/again")
    assert (count(app, Response), count(app, QuarantinedResponse)) == (3, 0)


def test_a_library_may_send_any_number(app: Flask, slug: str) -> None:
    change(app, burst_limit="5 per day", sustained_limit="5 per day", trusted_addresses="192.0.2.0/24")
    for _person in range(200):
        send(app.test_client(), slug)
    assert (count(app, Response), count(app, QuarantinedResponse)) == (200, 0)


# --- Floods -------------------------------------------------------------------------------------------------


@pytest.mark.load
def test_of_a_thousand_from_one_address_few_count_and_none_is_lost(app: Flask, slug: str) -> None:
    change(app, burst_limit="1000 per day", sustained_limit="40 per day")
    for _number in range(1_000):
        send(app.test_client(), slug)
    assert (count(app, Response), count(app, QuarantinedResponse)) == (40, 960)
    assert count(app, Receipt) == 1_000


def test_of_sixty_from_one_address_few_count_and_none_is_lost(app: Flask, slug: str) -> None:
    change(app, burst_limit="1000 per day", sustained_limit="40 per day")
    for _number in range(60):
        send(app.test_client(), slug)
    assert (count(app, Response), count(app, QuarantinedResponse)) == (40, 20)
    assert signs_of_all(app) == [["sustained"]] * 20


@pytest.mark.load
def test_the_same_answers_sent_again_and_again_are_one(app: Flask, slug: str) -> None:
    """800 posts under 50 codes, at the same time, 20 of them beyond the limit."""
    change(app, burst_limit="30 per day")
    clients = [app.test_client() for _code in range(50)]
    cookies = []
    for client in clients:
        client.post(f"/surveys/{slug}/all", data={"a.a": "yes", "then": "check"})
        cookies.append(client.get_cookie("engage"))

    def post(number: int) -> str:
        client = app.test_client()
        cookie = cookies[number % 50]
        assert cookie
        client.set_cookie("engage", cookie.value)
        sent = client.post(f"/surveys/{slug}/send", environ_overrides={"REMOTE_ADDR": HERE})
        assert (sent.status_code, sent.location) == (303, f"/surveys/{slug}/thanks")
        page = client.get(f"/surveys/{slug}/thanks").get_data(as_text=True)
        return "".join(re.findall(r'<b translate="no">([0-9A-Z]{4})</b>', page))

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(post, range(800)))
    assert count(app, Response) + count(app, QuarantinedResponse) == count(app, Receipt) == 50
    assert len(set(found)) == 50 and all(len(code) == 12 for code in found)
    for number in range(50):
        assert set(found[number::50]) == {found[number]}


# --- Under attack -------------------------------------------------------------------------------------------


def solved(challenge: dict[str, object]) -> str:
    """What the script in the page does."""
    solution = altcha.solve_challenge(altcha.Challenge.from_dict(challenge))
    assert solution
    written = {"challenge": challenge, "solution": solution.to_dict()}
    return base64.b64encode(json.dumps(written).encode()).decode()


def test_no_proof_is_wanted_while_nothing_happens(app: Flask, slug: str) -> None:
    client = app.test_client()
    assert client.get(f"/surveys/{slug}/proof").status_code == 204
    page = client.get(f"/surveys/{slug}/all").get_data(as_text=True)
    assert f'data-proof="/surveys/{slug}/proof"' in page
    assert client.get(f"/surveys/{slug}/proof").status_code == 204


def test_under_attack_a_browser_that_does_the_work_counts(app: Flask, slug: str) -> None:
    change(app, under_attack=True)
    client = app.test_client()
    client.get(f"/surveys/{slug}/all")
    asked = client.get(f"/surveys/{slug}/proof")
    assert asked.headers["Cache-Control"] == "no-store"
    send(client, slug, proof=solved(asked.json))
    assert (count(app, Response), count(app, QuarantinedResponse)) == (1, 0)


@pytest.mark.parametrize("sent", ["", "nonsense", "e30=", "W10=", "bnVsbA==", "x" * 100_000])
def test_under_attack_whoever_has_no_script_is_kept_apart_and_not_refused(
    app: Flask, slug: str, sent: str
) -> None:
    change(app, under_attack=True)
    client = app.test_client()
    send(client, slug, proof=sent)
    assert signs_of_all(app) == [["no_proof"]]
    assert "Your tracking code" in client.get(f"/surveys/{slug}/thanks").get_data(as_text=True)


def test_a_proof_holds_for_one_set_of_answers(app: Flask, slug: str) -> None:
    change(app, under_attack=True)
    one, other = app.test_client(), app.test_client()
    one.get(f"/surveys/{slug}/all")
    send(other, slug, proof=solved(one.get(f"/surveys/{slug}/proof").json))
    assert signs_of_all(app) == [["no_proof"]]


def test_a_proof_ends_and_cannot_be_made_easier(ctx: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = Draft("K7MP4TWX9RHC", 1)
    easier = proof.challenge(draft)
    easier["parameters"]["keyPrefix"] = ""
    assert not proof.is_solved(solved(easier), draft)
    monkeypatch.setattr(proof, "SECONDS", -1)
    assert not proof.is_solved(solved(proof.challenge(draft)), draft)


def test_an_attack_is_noticed_by_the_number_from_everywhere(app: Flask, slug: str) -> None:
    change(app, attack_limit="3 per day")
    for number in range(5):
        send(app.test_client(), slug, address=f"192.0.2.{number}")
    assert (count(app, Response), signs_of_all(app)) == (2, [["no_proof"]] * 3)


# --- Staff --------------------------------------------------------------------------------------------------


def test_own_words_that_are_kept_apart_stand_in_no_ledger(app: Flask) -> None:
    with app.app_context():
        slug = surveys.survey().slug
        db.session.commit()
    client = app.test_client()
    data = {"a.better": "Win a prize", "then": "send", suspicion.TRAP: "x"}
    assert client.post(f"/surveys/{slug}/all", data=data).status_code == 303
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(Contribution.id))) == 0
        held = db.session.scalars(sa.select(QuarantinedResponse)).one()
        assert held.answers == {"better": "Win a prize"}
