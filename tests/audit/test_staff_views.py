"""The pages of the record."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from engage.accounts.models import Role
from engage.audit import queries, services
from engage.db import db
from tests import factories
from tests.conftest import StatementCounter

SignInAs = Callable[..., int]


def text(response: object) -> str:
    return " ".join(response.get_data(as_text=True).split())  # type: ignore[attr-defined]


def numbers(response: object) -> list[int]:
    """The numbers of the entries on a page, in order."""
    parts = text(response).split('scope="row">')[1:]
    return [int(part.partition("<")[0]) for part in parts]


def write(app: Flask, count: int, action: str = "change thing", by: int | None = None) -> None:
    with app.app_context():
        from engage.accounts.queries import user

        for number in range(count):
            services.record(action, "thing", number, by=user(by) if by else None, now=factories.NOW)
        db.session.commit()


def link(response: object, rel: str) -> str | None:
    _, found, after = text(response).partition(f'rel="{rel}" href="')
    return after.partition('"')[0].replace("&amp;", "&") if found else None


def test_pages_run_from_the_newest_to_the_oldest_and_back(
    client: FlaskClient, app: Flask, sign_in: SignInAs
) -> None:
    sign_in(client, Role.ADMIN)  # Entry 1.
    write(app, 119)
    first = client.get("/staff/audit")
    assert numbers(first) == list(range(120, 70, -1))
    assert link(first, "prev") is None
    second = client.get(link(first, "next") or "")
    assert numbers(second) == list(range(70, 20, -1))
    third = client.get(link(second, "next") or "")
    assert numbers(third) == list(range(20, 0, -1))
    assert link(third, "next") is None
    back = client.get(link(third, "prev") or "")
    assert numbers(back) == list(range(70, 20, -1))
    top = client.get(link(back, "prev") or "")
    assert numbers(top) == list(range(120, 70, -1))
    assert link(top, "prev") is None


def test_narrowing_by_change_and_by_person(client: FlaskClient, app: Flask, sign_in: SignInAs) -> None:
    me = sign_in(client, Role.ADMIN, name="Sadia Khan")
    write(app, 3, "start thing", by=me)
    write(app, 60, "change thing")
    page = client.get("/staff/audit", query_string={"action": "start thing"})
    assert numbers(page) == [4, 3, 2]
    assert "Sadia Khan" in text(page)
    assert numbers(client.get("/staff/audit", query_string={"person": me})) == [4, 3, 2, 1]
    nobody = client.get("/staff/audit", query_string={"person": queries.NOBODY, "action": "change thing"})
    assert numbers(nobody) == list(range(64, 14, -1))
    older = client.get(link(nobody, "next") or "")
    assert numbers(older) == list(range(14, 4, -1))
    none = client.get("/staff/audit", query_string={"action": "no such change"})
    assert none.status_code == 200
    assert "No such changes" in text(none)


@pytest.mark.parametrize("number", ["0", "-5", "x", str(2**31), str(10**40), "\x00", "", "1.5"])
def test_odd_numbers_in_the_address_do_no_harm(client: FlaskClient, sign_in: SignInAs, number: str) -> None:
    sign_in(client, Role.ADMIN)
    for name in ("before", "after", "person"):
        assert client.get("/staff/audit", query_string={name: number}).status_code == 200
    assert client.get("/staff/audit", query_string={"action": number}).status_code == 200


def test_the_kinds_of_change_come_from_the_record(ctx: Flask) -> None:
    assert list(queries.actions()) == []
    for action in ("b", "a", "c", "a", "b"):
        services.record(action, "thing", None, by=None)
    db.session.commit()
    assert list(queries.actions()) == ["a", "b", "c"]


def test_checking_says_that_the_record_is_whole(client: FlaskClient, app: Flask, sign_in: SignInAs) -> None:
    sign_in(client, Role.ADMIN)
    write(app, 4)
    with app.app_context():
        head = services.verify().head
    assert client.get("/staff/audit/check").status_code == 200
    page = client.post("/staff/audit/check")
    assert page.status_code == 200
    assert "The record is whole. Nothing was changed or taken out." in text(page)
    assert head in text(page)
    assert '<dd class="govuk-summary-list__value" dir="auto">5</dd>' in text(page)
    cut = text(client.post("/staff/audit/check", data={"head": "f" * 64}))
    assert "its end was cut off" in cut


def test_checking_says_where_the_record_was_changed(
    client: FlaskClient, app: Flask, sign_in: SignInAs
) -> None:
    sign_in(client, Role.ADMIN)
    write(app, 3)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            db.session.execute(sa.text("DROP TRIGGER audit_entry_no_update"))
        else:
            db.session.execute(sa.text("ALTER TABLE audit_entry DISABLE TRIGGER ALL"))
        db.session.execute(sa.text("UPDATE audit_entry SET actor = 'x' WHERE id = 3"))
        db.session.commit()
    page = text(client.post("/staff/audit/check"))
    assert "The record is not whole. Entry 3 was changed after it was written." in page


def test_checking_keeps_nobody_from_writing(client: FlaskClient, app: Flask, sign_in: SignInAs) -> None:
    sign_in(client, Role.ADMIN)
    seen: list[bool] = []

    def note(*_arguments: object) -> None:
        from engage.db import _only_looking

        seen.append(_only_looking.get())

    with app.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    client.post("/staff/audit/check")
    sa.event.remove(engine, "before_cursor_execute", note)
    assert True in seen


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_only_admins_read_the_record(client: FlaskClient, sign_in: SignInAs, role: Role) -> None:
    sign_in(client, role)
    assert client.get("/staff/audit").status_code == 403
    assert client.post("/staff/audit/check").status_code == 403


def test_one_entry_and_fifty_take_the_same_number_of_statements(
    client: FlaskClient, app: Flask, sign_in: SignInAs, statements: StatementCounter
) -> None:
    sign_in(client, Role.ADMIN)
    with statements:
        assert numbers(client.get("/staff/audit")) == [1]
    few = statements.count
    write(app, 49)
    with statements:
        assert len(numbers(client.get("/staff/audit"))) == 50
    assert statements.count == few
