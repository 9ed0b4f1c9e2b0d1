"""Signing in, and taking up an invitation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from engage.accounts import queries, services
from engage.accounts.models import Role, SignIn, Standpoint, User
from engage.audit.models import AuditEntry
from engage.db import db, utcnow
from engage.limits import limiter
from tests import factories

GOOD = "three green kettles sing"
SignInAs = Callable[..., int]


def text(response: object) -> str:
    return " ".join(response.get_data(as_text=True).split())  # type: ignore[attr-defined]


@pytest.fixture
def somebody(app: Flask) -> str:
    """The e-mail address of somebody who can sign in."""
    with app.app_context():
        made = factories.user(Role.MODERATOR, name="Amina Yusuf")
        db.session.commit()
        return made.email


def attempt(client: FlaskClient, email: str, password: str, **more: str):  # type: ignore[no-untyped-def]
    return client.post("/sign-in", data={"email": email, "password": password, **more})


def invitation(app: Flask, *, email: str = "new@example.org", name: str = "New Person") -> str:
    """The token of an open invitation."""
    with app.app_context():
        admin = factories.user(Role.ADMIN)
        _, token = services.invite(
            email=email,
            name=name,
            roles=[Role.MEMBER],
            standpoint=Standpoint.LIVED_EXPERIENCE,
            by=admin,
            now=utcnow(),
        )
        db.session.commit()
        return token


# --- Signing in ---------------------------------------------------------------------------------------------


def test_the_right_password_leads_to_today(client: FlaskClient, somebody: str) -> None:
    answer = attempt(client, somebody.upper(), factories.PASSWORD)
    assert (answer.status_code, answer.location) == (303, "/staff/")
    assert client.get("/staff/account").status_code == 200


def test_wrong_password_and_unknown_address_look_the_same(client: FlaskClient, somebody: str) -> None:
    wrong = attempt(client, somebody, "not the password")
    unknown = attempt(client, "nobody@example.org", "not the password")
    assert wrong.status_code == unknown.status_code == 422
    assert "The e-mail address or the password is wrong. Check both and try again." in text(wrong)
    assert text(wrong).replace(somebody, "X") == text(unknown).replace("nobody@example.org", "X")


def test_unknown_addresses_are_hashed_for_too(ctx: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from engage.accounts import passwords

    hashed: list[str] = []
    verify = passwords._hasher.verify

    class Counting:
        def verify(self, stored: str, password: str) -> bool:
            hashed.append(stored)
            return verify(stored, password)

        def hash(self, password: str) -> str:
            return passwords.PasswordHasher().hash(password)

    monkeypatch.setattr(passwords, "_hasher", Counting())
    assert services.user_with_password("nobody@example.org", "whatever it is") is None
    assert len(hashed) == 1


def test_the_typed_address_stays_and_the_password_does_not(client: FlaskClient) -> None:
    page = text(attempt(client, "typed@example.org", "hunter-two-secret"))
    assert 'value="typed@example.org"' in page
    assert "hunter-two-secret" not in page
    assert "<title>Error: Sign in" in page


@pytest.mark.parametrize(
    ("email", "password", "message"),
    [
        ("", "x", "Enter your e-mail address."),
        ("a@example.org", "", "Enter your password."),
        ("a" * 1_000_000, "x", "Shorten it to 254 or fewer."),
        ("a\x00@example.org", "p\x00q", "The e-mail address or the password is wrong."),
        ("\u202e\u0645\u0631\u062d\u0628\u0627@example.org", "\U0001f600" * 50_000, "password is wrong"),
    ],
)
def test_odd_input_gets_a_sentence(client: FlaskClient, email: str, password: str, message: str) -> None:
    answer = attempt(client, email, password)
    assert answer.status_code == 422
    assert message in text(answer)


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "https:evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "///evil.example",
        " //evil.example",
        "javascript:alert(1)",
        "/[",
        "evil.example",
        "",
    ],
)
def test_next_never_leads_away(client: FlaskClient, somebody: str, target: str) -> None:
    page = client.get("/sign-in", query_string={"next": target})
    assert page.status_code == 200
    assert "evil" not in text(page)
    answer = attempt(client, somebody, factories.PASSWORD, next=target)
    assert answer.location in ("/staff/", "/%5B")
    assert not answer.location.startswith("//")


def test_next_leads_to_the_page_that_was_asked_for(client: FlaskClient, somebody: str) -> None:
    refused = client.get("/staff/account?part=1")
    assert refused.status_code == 303
    page = client.get(refused.location)
    assert 'name="next" value="/staff/account?part=1"' in text(page)
    answer = attempt(client, somebody, factories.PASSWORD, next="/staff/account?part=1")
    assert answer.location == "/staff/account?part=1"
    assert client.get("/sign-in").location == "/staff/"


def test_the_eleventh_try_is_stopped(client: FlaskClient, somebody: str) -> None:
    codes = [attempt(client, f"guess{n}@example.org", "not right at all").status_code for n in range(10)]
    assert codes == [422] * 10
    stopped = attempt(client, somebody, factories.PASSWORD)
    assert stopped.status_code == 429
    assert "Wait five minutes, then try again." in text(stopped)
    assert client.get("/sign-in").status_code == 200
    limiter.reset()
    assert attempt(client, somebody, factories.PASSWORD).status_code == 303


def test_one_address_guessed_at_from_many_places_is_stopped(client: FlaskClient, somebody: str) -> None:
    def from_place(number: int, email: str) -> int:
        return client.post(
            "/sign-in",
            data={"email": email, "password": "not right at all"},
            environ_overrides={"REMOTE_ADDR": f"198.51.100.{number}"},
        ).status_code

    assert [from_place(n, somebody.upper() if n % 2 else somebody) for n in range(10)] == [422] * 10
    assert from_place(99, somebody) == 429
    assert from_place(99, "another@example.org") == 422


def test_a_whole_office_can_sign_in(app: Flask, somebody: str) -> None:
    for _ in range(15):
        assert attempt(app.test_client(), somebody, factories.PASSWORD).status_code == 303


def test_a_weak_hash_is_renewed(client: FlaskClient, app: Flask, somebody: str) -> None:
    with app.app_context():
        before = queries.user_by_email(somebody).password_hash  # type: ignore[union-attr]
    assert attempt(client, somebody, factories.PASSWORD).status_code == 303
    with app.app_context():
        after = queries.user_by_email(somebody).password_hash  # type: ignore[union-attr]
    assert before != after
    assert attempt(app.test_client(), somebody, factories.PASSWORD).status_code == 303


# --- What a sign-in is --------------------------------------------------------------------------------------


def test_the_sign_in_lives_on_the_server(client: FlaskClient, app: Flask, somebody: str) -> None:
    client.post(
        "/sign-in",
        data={"email": somebody, "password": factories.PASSWORD},
        headers={"User-Agent": "Mozilla/5.0 (Android 14; Mobile; rv:127.0) Gecko/127.0 Firefox/127.0"},
    )
    with client.session_transaction() as session:
        token = session["_user_id"]
        assert session.permanent
    with app.app_context():
        kept = db.session.scalars(sa.select(SignIn)).one()
        assert kept.device == "Firefox, Android"
        assert kept.token_hash == queries.token_hash(token)
        assert token not in kept.token_hash
        assert kept.expires_at - kept.started_at == timedelta(hours=20)


def test_signing_in_leaves_nothing_of_the_session_before(client: FlaskClient, somebody: str) -> None:
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    attempt(client, somebody, factories.PASSWORD)
    with client.session_transaction() as session:
        assert "planted" not in session


def test_a_revoked_sign_in_stops_at_the_next_click(client: FlaskClient, app: Flask, somebody: str) -> None:
    attempt(client, somebody, factories.PASSWORD)
    assert client.get("/staff/account").status_code == 200
    with app.app_context():
        services.end_sign_ins(queries.user_by_email(somebody), now=utcnow())  # type: ignore[arg-type]
        db.session.commit()
    assert client.get("/staff/account").location == "/sign-in?next=/staff/account"


def test_an_old_sign_in_stops(client: FlaskClient, app: Flask, somebody: str) -> None:
    attempt(client, somebody, factories.PASSWORD)
    with app.app_context():
        db.session.execute(sa.update(SignIn).values(expires_at=utcnow() - timedelta(seconds=1)))
        db.session.commit()
    assert client.get("/staff/account").status_code == 303


def test_an_inactive_person_is_out_and_stays_out(client: FlaskClient, app: Flask, somebody: str) -> None:
    attempt(client, somebody, factories.PASSWORD)
    with app.app_context():
        db.session.execute(sa.update(User).values(is_active=False))
        db.session.commit()
    assert client.get("/staff/account").status_code == 303
    refused = attempt(client, somebody, factories.PASSWORD)
    assert refused.status_code == 422
    assert "The e-mail address or the password is wrong." in text(refused)


def test_a_stolen_hash_is_no_token(client: FlaskClient, app: Flask, somebody: str) -> None:
    attempt(client, somebody, factories.PASSWORD)
    with app.app_context():
        kept = db.session.scalars(sa.select(SignIn.token_hash)).one()
    with client.session_transaction() as session:
        session["_user_id"] = kept
    assert client.get("/staff/account").status_code == 303


def test_signing_out_ends_it_on_the_server(client: FlaskClient, app: Flask, somebody: str) -> None:
    attempt(client, somebody, factories.PASSWORD)
    with client.session_transaction() as session:
        before = dict(session)
    answer = client.post("/staff/sign-out")
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert "You are signed out." in text(client.get("/sign-in"))
    with client.session_transaction() as session:
        session.update(before)
    assert client.get("/staff/account").status_code == 303


def test_posts_need_the_token_of_our_own_page(client: FlaskClient, app: Flask, somebody: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    refused = attempt(client, somebody, factories.PASSWORD)
    assert refused.status_code == 400
    assert "This page was open for a long time" in text(refused)
    page = client.get("/sign-in").get_data(as_text=True)
    token = page.partition('name="csrf_token" type="hidden" value="')[2].partition('"')[0]
    assert attempt(client, somebody, factories.PASSWORD, csrf_token=token).status_code == 303
    assert client.post("/staff/sign-out").status_code == 400
    assert client.get("/staff/account").status_code == 200


# --- Invitations --------------------------------------------------------------------------------------------


def test_an_invitation_lets_somebody_in_once(client: FlaskClient, app: Flask) -> None:
    token = invitation(app)
    page = client.get(f"/invitation/{token}")
    assert page.status_code == 200
    assert "You sign in with new@example.org" in text(page)
    assert 'value="New Person"' in text(page)
    typed = {"name": "Nia Okafor", "password": GOOD, "again": GOOD}
    answer = client.post(f"/invitation/{token}", data=typed)
    assert (answer.status_code, answer.location) == (303, "/staff/")
    assert "Nia Okafor" in text(client.get("/staff/account"))
    with app.app_context():
        user = queries.user_by_email("new@example.org")
        assert user is not None
        assert (user.name, user.roles) == ("Nia Okafor", {Role.MEMBER})
        assert user.standpoint == Standpoint.LIVED_EXPERIENCE
    again = app.test_client().post(f"/invitation/{token}", data=typed)
    assert again.status_code == 404
    assert "This link no longer works" in text(again)
    assert attempt(app.test_client(), "new@example.org", GOOD).status_code == 303


@pytest.mark.parametrize("token", ["x", "%00", "a" * 5000, "%F0%9F%98%80"])
def test_a_made_up_link_says_what_to_do(client: FlaskClient, token: str) -> None:
    answer = client.get(f"/invitation/{token}")
    assert answer.status_code == 404
    assert "ask the person who invited you for a new link" in text(answer)


def test_an_old_invitation_does_not_work(client: FlaskClient, app: Flask) -> None:
    with app.app_context():
        _, token = services.invite(
            email="late@example.org",
            name="Late",
            roles=[Role.MEMBER],
            standpoint=Standpoint.STAFF,
            by=factories.user(Role.ADMIN),
            now=utcnow() - timedelta(days=15),
        )
        db.session.commit()
    assert client.get(f"/invitation/{token}").status_code == 404
    assert client.post(f"/invitation/{token}", data={"name": "L", "password": GOOD}).status_code == 404


@pytest.mark.parametrize(
    ("password", "message"),
    [
        ("", "Choose a password."),
        ("short", "Choose a password with at least 12 characters."),
        ("p" * 1001, "Choose a password with at most 1,000 characters."),
        ("Password1234!", "Many people use this password"),
        ("P4ssw0rd!!2025", "Many people use this password"),
        ("qwertyuiopasdf", "Many people use this password"),
        ("012345678901", "Many people use this password"),
        ("aaaaaaaaaaaaaa", "Many people use this password"),
        ("carecarecare", "Many people use this password"),
        ("my new@example.org", "Choose a password without your name or e-mail address in it."),
        ("the-OKAFOR-house", "Choose a password without your name or e-mail address in it."),
    ],
)
def test_a_weak_password_is_refused_with_advice(
    client: FlaskClient, app: Flask, password: str, message: str
) -> None:
    token = invitation(app)
    answer = client.post(
        f"/invitation/{token}", data={"name": "Nia Okafor", "password": password, "again": password}
    )
    assert answer.status_code == 422
    assert message in text(answer)
    assert 'value="Nia Okafor"' in text(answer)
    with app.app_context():
        assert queries.user_by_email("new@example.org") is None


def test_two_different_passwords_are_refused(client: FlaskClient, app: Flask) -> None:
    token = invitation(app)
    answer = client.post(f"/invitation/{token}", data={"name": "Nia", "password": GOOD, "again": GOOD + "s"})
    assert answer.status_code == 422
    assert "The two passwords differ. Type the same one twice." in text(answer)


def test_an_invited_person_cannot_choose_their_own_roles(client: FlaskClient, app: Flask) -> None:
    token = invitation(app)
    client.post(
        f"/invitation/{token}",
        data={
            "name": "Nia",
            "password": GOOD,
            "again": GOOD,
            "roles": "admin",
            "email": "other@example.org",
            "is_active": "y",
            "standpoint": "staff",
        },
    )
    with app.app_context():
        user = queries.user_by_email("new@example.org")
        assert user is not None
        assert (user.roles, user.standpoint) == ({Role.MEMBER}, Standpoint.LIVED_EXPERIENCE)
        assert queries.user_by_email("other@example.org") is None


def test_joining_is_on_the_record(client: FlaskClient, app: Flask) -> None:
    token = invitation(app)
    client.post(f"/invitation/{token}", data={"name": "Nia", "password": GOOD, "again": GOOD})
    with app.app_context():
        entries = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id)).all()
        assert [entry.action for entry in entries] == ["invite", "add user", "sign in"]
        assert not any("new@example.org" in str(entry.detail) for entry in entries)
