"""Accounts at the service: races, devices and hashes."""

from __future__ import annotations

import threading

import psycopg
import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from engage.accounts import passwords, queries, services
from engage.accounts.devices import device_name
from engage.accounts.models import Role, Standpoint
from engage.db import db
from tests import factories
from tests.accounts.locks import somebody_is_in_the_way
from tests.conftest import connect


def test_two_people_with_one_address_at_once(app: Flask) -> None:
    """Only one gets in, and the other is told, not shown an error of the database."""
    outcomes: list[str] = []
    start = threading.Barrier(4)

    def join(number: int) -> None:
        with app.app_context():
            start.wait()
            try:
                services.add_user(
                    email="same@example.org",
                    name=f"Number {number}",
                    password="three green kettles sing",
                    roles=[Role.MEMBER],
                    standpoint=Standpoint.STAFF,
                    by=None,
                    now=factories.NOW,
                )
                db.session.commit()
                outcomes.append("in")
            except services.EmailTaken:
                outcomes.append("told")
            except IntegrityError:
                outcomes.append("error")

    threads = [threading.Thread(target=join, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["in", "told", "told", "told"]


def test_two_admins_who_remove_each_other_leave_one(app: Flask) -> None:
    with app.app_context():
        ids = [factories.user(Role.ADMIN).id for _ in range(2)]
        db.session.commit()
    start = threading.Barrier(2)
    refused: list[int] = []

    def demote(by: int, whom: int) -> None:
        with app.app_context():
            start.wait()
            user, admin = queries.user(whom), queries.user(by)
            assert user is not None
            assert admin is not None
            try:
                services.change_roles(
                    user,
                    roles=[Role.MEMBER],
                    standpoint=Standpoint.STAFF,
                    is_active=True,
                    by=admin,
                    now=factories.NOW,
                )
                db.session.commit()
            except services.LastAdmin:
                refused.append(whom)

    threads = [threading.Thread(target=demote, args=pair) for pair in ((ids[0], ids[1]), (ids[1], ids[0]))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    with app.app_context():
        assert queries.active_admin_ids() == set(refused)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_who_looks_after_the_admins_holds_up_no_rows_that_name_them(ctx: Flask, database_url: str) -> None:
    admin = factories.user(Role.ADMIN)
    db.session.commit()
    assert queries.active_admin_ids(lock=True) == {admin.id}
    with connect(database_url) as outside:
        outside.execute("SET lock_timeout = '2s'")
        outside.execute(
            "INSERT INTO sign_in (token_hash, user_id, device, started_at, expires_at)"
            " VALUES ('x', %s, '', now(), now())",
            [admin.id],
        )
        with pytest.raises(psycopg.errors.LockNotAvailable):
            outside.execute('UPDATE "user" SET is_active = false WHERE id = %s', [admin.id])
    db.session.rollback()


def test_an_open_change_is_in_the_way(ctx: Flask) -> None:
    """What other tests measure with can tell yes from no."""
    assert not somebody_is_in_the_way()
    factories.user(Role.MEMBER)
    assert somebody_is_in_the_way()
    db.session.rollback()
    assert not somebody_is_in_the_way()


def test_a_user_without_a_role_is_refused(ctx: Flask) -> None:
    user = factories.user(Role.MEMBER)
    with pytest.raises(ValueError, match="a user needs a role"):
        services.change_roles(
            user, roles=[], standpoint=Standpoint.STAFF, is_active=True, by=user, now=factories.NOW
        )


def test_the_same_letters_typed_in_two_ways_are_the_same_password() -> None:
    stored = passwords.hash_password("caf\u00e9 by the river bank")
    assert passwords.password_fits(stored, "cafe\u0301 by the river bank")
    assert not passwords.password_fits(stored, "cafe by the river bank")
    assert not passwords.password_fits(None, "cafe by the river bank")
    assert not passwords.password_fits("no hash at all", "cafe by the river bank")
    assert stored.startswith("$argon2id$")


@pytest.mark.parametrize(
    "password",
    [
        "three green kettles sing",
        "a quiet walk by the river",
        "Tr0ub4dor&3 is overrated",
        "\u0645" * 3 + "abc defghj",
    ],
)
def test_a_good_password_passes(ctx: Flask, password: str) -> None:
    assert passwords.weakness(password, email="jo.li@example.org", name="Jo Li") is None


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0 Safari/537.36 Edg/126.0", "Edge, Windows"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0 Safari/537.36", "Chrome, Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Safari/604.1",
            "Safari, iPhone",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/17.4 Safari/605.1.15", "Safari, Mac"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox, Linux"),
        ("curl/8.8", ""),
        ("", ""),
        ("x" * 1_000_000, ""),
    ],
)
def test_a_browser_gets_a_name_that_people_know(user_agent: str, name: str) -> None:
    assert device_name(user_agent) == name
