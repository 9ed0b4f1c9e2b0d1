"""One's own account, and the pages about people."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask
from flask.testing import FlaskClient

from engage.accounts import passwords, queries
from engage.accounts.models import Invitation, Role, SignIn, Standpoint, User
from engage.audit.models import AuditEntry
from engage.db import db, utcnow
from engage.limits import limiter
from tests import factories
from tests.accounts.locks import somebody_is_in_the_way
from tests.accounts.test_views import GOOD, attempt, text
from tests.conftest import StatementCounter

SignInAs = Callable[..., int]
INVITED = {
    "name": "Nia Okafor",
    "email": "Nia@Example.org",
    "roles": ["moderator", "recorder"],
    "standpoint": "lived_experience",
}


def email_of(app: Flask, user_id: int) -> str:
    with app.app_context():
        found = queries.user(user_id)
        assert found is not None
        return found.email


def actions(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))


# --- My own account -----------------------------------------------------------------------------------------


def test_the_account_says_what_i_may_do(client: FlaskClient, sign_in: SignInAs) -> None:
    sign_in(client, Role.MODERATOR, Role.MEMBER, name="Amina", standpoint=Standpoint.LIVED_EXPERIENCE)
    page = text(client.get("/staff/account"))
    assert "Moderator, Group member · lived experience" in page
    assert "Reads every new voice first" in page
    assert "Runs conversations and surveys" not in page
    assert "This browser" in page


def test_i_can_sign_out_another_browser(client: FlaskClient, app: Flask, sign_in: SignInAs) -> None:
    me = sign_in(client, Role.MEMBER)
    other = app.test_client()
    attempt(other, email_of(app, me), factories.PASSWORD)
    with app.app_context():
        latest = db.session.scalars(sa.select(SignIn.id).order_by(SignIn.id.desc())).first()
    answer = client.post(f"/staff/account/sign-ins/{latest}/end")
    assert (answer.status_code, answer.location) == (303, "/staff/account")
    assert "That browser is signed out." in text(client.get("/staff/account"))
    assert other.get("/staff/account").status_code == 303
    assert client.post(f"/staff/account/sign-ins/{latest}/end").status_code == 303


def test_i_cannot_sign_out_anybody_else(client: FlaskClient, app: Flask, sign_in: SignInAs) -> None:
    sign_in(client, Role.MEMBER)
    other = app.test_client()
    sign_in(other, Role.MEMBER)
    with app.app_context():
        latest = db.session.scalars(sa.select(SignIn.id).order_by(SignIn.id.desc())).first()
    for number in (latest, 0, 2**31 - 1, 2**31, 10**40, -1, "x"):
        assert client.post(f"/staff/account/sign-ins/{number}/end").status_code == 404
    assert other.get("/staff/account").status_code == 200


def test_ending_this_sign_in_from_the_list_is_signing_out(
    client: FlaskClient, app: Flask, sign_in: SignInAs
) -> None:
    sign_in(client, Role.MEMBER)
    with app.app_context():
        mine = db.session.scalars(sa.select(SignIn.id)).one()
    assert client.post(f"/staff/account/sign-ins/{mine}/end").location == "/sign-in"
    assert client.get("/staff/account").status_code == 303


def test_a_new_password_signs_out_everywhere_else(client: FlaskClient, app: Flask, sign_in: SignInAs) -> None:
    me = sign_in(client, Role.MEMBER)
    other = app.test_client()
    attempt(other, email_of(app, me), factories.PASSWORD)
    answer = client.post(
        "/staff/account/password", data={"present": factories.PASSWORD, "password": GOOD, "again": GOOD}
    )
    assert (answer.status_code, answer.location) == (303, "/staff/account")
    assert client.get("/staff/account").status_code == 200
    assert other.get("/staff/account").status_code == 303
    assert attempt(other, email_of(app, me), factories.PASSWORD).status_code == 422
    assert attempt(other, email_of(app, me), GOOD).status_code == 303
    assert actions(app)[-3:] == ["change password", "sign in", "sign in"]


def test_a_new_password_needs_the_present_one(client: FlaskClient, app: Flask, sign_in: SignInAs) -> None:
    sign_in(client, Role.MEMBER)
    typed = {"present": "something else", "password": GOOD, "again": GOOD}
    for _ in range(10):
        answer = client.post("/staff/account/password", data=typed)
        assert answer.status_code == 422
        assert "This is not the password that you use now." in text(answer)
    assert client.post("/staff/account/password", data=typed).status_code == 429
    assert "change password" not in actions(app)


def test_guesses_are_not_counted_by_the_token(client: FlaskClient, sign_in: SignInAs) -> None:
    sign_in(client, Role.MEMBER)
    with client.session_transaction() as session:
        token = session["_user_id"]
    typed = {"present": "something else", "password": GOOD, "again": GOOD}
    assert client.post("/staff/account/password", data=typed).status_code == 422
    counted = str(vars(limiter.storage))
    assert "sign-in:" in counted
    assert token not in counted


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether somebody held up others, noted whenever a password is hashed or checked."""
    seen: list[bool] = []
    hasher = passwords._hasher

    class Noting:
        def __getattr__(self, name: str) -> Any:
            if name in ("hash", "verify"):
                seen.append(somebody_is_in_the_way())
            return getattr(hasher, name)

    monkeypatch.setattr(passwords, "_hasher", Noting())
    return seen


def test_nobody_waits_while_a_new_password_is_hashed(
    client: FlaskClient, app: Flask, sign_in: SignInAs, waits: list[bool]
) -> None:
    sign_in(client, Role.ADMIN)
    if app.config["SQLALCHEMY_ENGINES"]["default"]["url"].startswith("postgresql"):
        waits.clear()  # A sign-in reads while it checks; on PostgreSQL readers are in nobody's way.
    typed = {"present": factories.PASSWORD, "password": GOOD, "again": GOOD}
    assert client.post("/staff/account/password", data=typed).status_code == 303
    link = link_on(text(client.get(client.post("/staff/people/invite", data=INVITED).location)))
    joining = {"name": "Nia Okafor", "password": GOOD + " well", "again": GOOD + " well"}
    assert app.test_client().post(link, data=joining).status_code == 303
    assert len(waits) >= 3
    assert not any(waits)


# --- Inviting -----------------------------------------------------------------------------------------------


def link_on(page: str) -> str:
    return page.partition('id="link">')[2].partition("<")[0]


def test_an_invitation_gives_a_link_to_pass_on(client: FlaskClient, app: Flask, sign_in: SignInAs) -> None:
    sign_in(client, Role.ADMIN)
    answer = client.post(
        "/staff/people/invite",
        data=INVITED,
        headers={"Host": "localhost", "X-Forwarded-Host": "evil.example"},
    )
    assert answer.status_code == 303
    page = text(client.get(answer.location))
    link = link_on(page)
    assert link.startswith("http://localhost/invitation/")
    token = link.rpartition("/")[2]
    with app.app_context():
        kept = db.session.scalars(sa.select(Invitation)).one()
        assert kept.token_hash == queries.token_hash(token)
        assert (kept.email, kept.roles) == ("nia@example.org", ["moderator", "recorder"])
    people = text(client.get("/staff/people"))
    assert "Nia Okafor" in people
    assert token not in people
    assert app.test_client().get(f"/invitation/{token}").status_code == 200


def test_another_admin_does_not_see_the_link(client: FlaskClient, app: Flask, sign_in: SignInAs) -> None:
    sign_in(client, Role.ADMIN)
    place = client.post("/staff/people/invite", data=INVITED).location
    other = app.test_client()
    sign_in(other, Role.ADMIN)
    page = text(other.get(place))
    assert link_on(page) == ""
    assert "withdraw it and make a new one" in page


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"X-Forwarded-Host": "evil.example"},
        {"Forwarded": "host=evil.example"},
        {"X-Original-Host": "evil.example"},
    ],
)
def test_a_bad_host_does_not_reach_the_link(
    client: FlaskClient, sign_in: SignInAs, headers: dict[str, str]
) -> None:
    sign_in(client, Role.ADMIN)
    with client.session_transaction() as session:
        signed_in = dict(session)
    with client.session_transaction(base_url=f"http://{headers.get('Host', 'localhost')}") as session:
        session.update(signed_in)
    answer = client.post("/staff/people/invite", data=INVITED, headers=headers)
    assert answer.status_code == 303
    page = client.get(answer.location.removeprefix("http://evil.example"), headers=headers)
    assert link_on(text(page)).startswith("http://localhost/invitation/")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": ""}, "Enter the person's name."),
        ({"email": ""}, "Enter the person's e-mail address."),
        ({"email": "nobody at home"}, "Enter an e-mail address, like name@example.org."),
        ({"email": "a@b\r\nBcc: x@y.org"}, "Enter an e-mail address, like name@example.org."),
        ({"roles": []}, "Choose at least one thing that this person may do."),
        ({"roles": ["emperor"]}, "Choose from the list. emperor is not in it."),
        ({"standpoint": ""}, "Say where this person speaks from."),
        ({"standpoint": "the moon"}, "Say where this person speaks from."),
        ({"name": "\U0001f600" * 200}, "This is 80 characters too long. Shorten it to 120 or fewer."),
    ],
)
def test_a_wrong_invitation_keeps_what_was_typed(
    client: FlaskClient, app: Flask, sign_in: SignInAs, change: dict[str, Any], message: str
) -> None:
    sign_in(client, Role.ADMIN)
    typed = INVITED | change
    answer = client.post("/staff/people/invite", data=typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert message in page.replace("&#39;", "'")
    if "roles" not in change:
        assert 'value="moderator" checked' in page
    if "name" not in change:
        assert 'value="Nia Okafor"' in page
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(Invitation.id))) == 0


def test_who_is_here_already_is_not_invited(client: FlaskClient, app: Flask, sign_in: SignInAs) -> None:
    me = sign_in(client, Role.ADMIN)
    answer = client.post("/staff/people/invite", data=INVITED | {"email": email_of(app, me).upper()})
    assert answer.status_code == 422
    assert "Somebody with this address is among the people already." in text(answer)


def test_a_second_invitation_replaces_the_first(client: FlaskClient, app: Flask, sign_in: SignInAs) -> None:
    sign_in(client, Role.ADMIN)
    first = link_on(text(client.get(client.post("/staff/people/invite", data=INVITED).location)))
    second = link_on(text(client.get(client.post("/staff/people/invite", data=INVITED).location)))
    outside = app.test_client()
    assert outside.get(first).status_code == 404
    assert outside.get(second).status_code == 200


def test_a_withdrawn_link_does_not_work(client: FlaskClient, app: Flask, sign_in: SignInAs) -> None:
    sign_in(client, Role.ADMIN)
    place = client.post("/staff/people/invite", data=INVITED).location
    link = link_on(text(client.get(place)))
    assert client.post(f"{place}/withdraw").status_code == 303
    assert client.post(f"{place}/withdraw").status_code == 303
    assert app.test_client().get(link).status_code == 404
    assert "It no longer works" in text(client.get(place))
    assert actions(app).count("withdraw invitation") == 1


class Postbox:
    """Keeps what arrives, and notes whether anybody held up others meanwhile."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.letters: list[Envelope] = []
        self.in_the_way: list[bool] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.letters.append(envelope)
        with self.app.app_context():
            self.in_the_way.append(somebody_is_in_the_way())
        return "250 OK"


@pytest.fixture
def postbox(app: Flask) -> Iterator[Postbox]:
    """A real mail server; the app sends to it."""
    box = Postbox(app)
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    point_mail_at(app, controller.port)
    yield box
    controller.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def point_mail_at(app: Flask, port: int) -> None:
    app.config["MAIL_SERVER"] = "127.0.0.1"
    mail = app.extensions["mailman"]
    mail.server, mail.port, mail.use_tls, mail.backend = "127.0.0.1", port, False, "smtp"


def test_the_link_is_sent_where_mail_is_set_up(
    client: FlaskClient, sign_in: SignInAs, postbox: Postbox
) -> None:
    sign_in(client, Role.ADMIN)
    page = text(client.get(client.post("/staff/people/invite", data=INVITED).location))
    assert "We sent the link to nia@example.org." in page
    [letter] = postbox.letters
    assert letter.rcpt_tos == ["nia@example.org"]
    assert postbox.in_the_way == [False]
    assert isinstance(letter.content, bytes)
    assert link_on(page) in letter.content.decode().replace("=\r\n", "")


def test_mail_that_fails_loses_nothing(client: FlaskClient, app: Flask, sign_in: SignInAs) -> None:
    sign_in(client, Role.ADMIN)
    point_mail_at(app, free_port())  # Nobody listens there.
    page = text(client.get(client.post("/staff/people/invite", data=INVITED).location))
    assert "The e-mail could not be sent, but the link works." in page
    assert app.test_client().get(link_on(page)).status_code == 200


# --- Changing what people may do ----------------------------------------------------------------------------


def someone(app: Flask, *roles: Role) -> int:
    with app.app_context():
        made = factories.user(*roles, name="Tomasz Nowak")
        db.session.commit()
        return made.id


def person(*roles: str, standpoint: str = "staff", is_active: bool = True) -> dict[str, Any]:
    typed: dict[str, Any] = {"roles": list(roles), "standpoint": standpoint}
    return typed | ({"is_active": "y"} if is_active else {})


def test_changed_roles_count_at_the_next_click(client: FlaskClient, app: Flask, sign_in: SignInAs) -> None:
    admin = app.test_client()
    sign_in(admin, Role.ADMIN)
    me = sign_in(client, Role.MEMBER)
    assert client.get("/staff/people").status_code == 403
    page = admin.get(f"/staff/people/{me}").get_data(as_text=True)
    assert 'value="member" checked' in page
    answer = admin.post(f"/staff/people/{me}", data=person("admin", "member", standpoint="lived_experience"))
    assert answer.status_code == 303
    assert client.get("/staff/people").status_code == 200
    assert "lived experience" in text(client.get("/staff/account"))
    assert actions(app)[-1] == "change user"


def test_taking_access_away_ends_every_sign_in(client: FlaskClient, app: Flask, sign_in: SignInAs) -> None:
    admin = app.test_client()
    sign_in(admin, Role.ADMIN)
    me = sign_in(client, Role.MEMBER)
    assert admin.post(f"/staff/people/{me}", data=person("member", is_active=False)).status_code == 303
    assert client.get("/staff/account").status_code == 303
    assert admin.post(f"/staff/people/{me}", data=person("member")).status_code == 303
    assert client.get("/staff/account").status_code == 303, "a sign-in that was ended stays ended"
    assert attempt(client, email_of(app, me), factories.PASSWORD).status_code == 303


@pytest.mark.parametrize("typed", [person("member"), person("admin", is_active=False)])
def test_the_last_admin_stays(
    client: FlaskClient, app: Flask, sign_in: SignInAs, typed: dict[str, Any]
) -> None:
    me = sign_in(client, Role.ADMIN, name="Only One")
    with app.app_context():
        away = factories.user(Role.ADMIN)
        away.is_active = False
        db.session.commit()
    answer = client.post(f"/staff/people/{me}", data=typed)
    assert answer.status_code == 422
    assert "Only One is the only admin who can sign in. Make somebody else admin first." in text(answer)
    assert client.get("/staff/people").status_code == 200


@pytest.mark.parametrize("typed", [person("member"), person("admin", is_active=False)])
def test_an_admin_cannot_lock_themselves_out(
    client: FlaskClient, app: Flask, sign_in: SignInAs, typed: dict[str, Any]
) -> None:
    me = sign_in(client, Role.ADMIN)
    someone(app, Role.ADMIN)
    answer = client.post(f"/staff/people/{me}", data=typed)
    assert answer.status_code == 422
    assert "You cannot take your own access away. Ask another admin to do it." in text(answer)
    assert client.post(f"/staff/people/{me}", data=person("admin", "member")).status_code == 303
    assert client.get("/staff/people").status_code == 200


def test_somebody_needs_a_role(client: FlaskClient, app: Flask, sign_in: SignInAs) -> None:
    sign_in(client, Role.ADMIN)
    other = someone(app, Role.MEMBER)
    answer = client.post(f"/staff/people/{other}", data=person())
    assert answer.status_code == 422
    assert "Choose at least one thing that this person may do." in text(answer)


def test_ending_all_sign_ins(client: FlaskClient, app: Flask, sign_in: SignInAs) -> None:
    admin = app.test_client()
    sign_in(admin, Role.ADMIN)
    me = sign_in(client, Role.MEMBER)
    assert admin.post(f"/staff/people/{me}/end-sign-ins").status_code == 303
    assert client.get("/staff/account").status_code == 303
    assert actions(app)[-1] == "end all sign-ins"


def test_who_forgot_the_password_chooses_a_new_one(
    client: FlaskClient, app: Flask, sign_in: SignInAs
) -> None:
    sign_in(client, Role.ADMIN)
    other = someone(app, Role.MEMBER)
    there = app.test_client()
    attempt(there, email_of(app, other), factories.PASSWORD)
    with app.app_context():
        db.session.execute(sa.update(User).values(created_at=utcnow() - timedelta(days=1)))
        db.session.commit()
    page = text(client.get(client.post(f"/staff/people/{other}/new-password").location))
    assert "New password for Tomasz Nowak" in page
    link = link_on(page)
    forgetful = app.test_client()
    shown = text(forgetful.get(link))
    assert "Choose a new password" in shown
    assert 'name="name"' not in shown
    answer = forgetful.post(link, data={"name": "Other", "password": GOOD, "again": GOOD, "roles": "admin"})
    assert answer.status_code == 303
    assert "Tomasz Nowak" in text(forgetful.get("/staff/account"))
    assert there.get("/staff/account").status_code == 303
    assert attempt(there, email_of(app, other), factories.PASSWORD).status_code == 422
    assert attempt(there, email_of(app, other), GOOD).status_code == 303
    assert there.get("/staff/people").status_code == 403
    assert app.test_client().get(link).status_code == 404


def test_an_old_invitation_is_no_way_to_a_new_password(
    client: FlaskClient, app: Flask, sign_in: SignInAs
) -> None:
    """Somebody came in another way after being invited: the old link must not set their password."""
    sign_in(client, Role.ADMIN)
    link = link_on(text(client.get(client.post("/staff/people/invite", data=INVITED).location)))
    with app.app_context():
        made = factories.user(Role.MEMBER)
        made.email, made.created_at = "nia@example.org", utcnow() + timedelta(seconds=1)
        db.session.commit()
    assert app.test_client().post(link, data={"password": GOOD, "again": GOOD}).status_code == 404
    assert attempt(app.test_client(), "nia@example.org", factories.PASSWORD).status_code == 303


@pytest.mark.parametrize("number", [0, 2**31 - 1, 2**31, 10**40, "x", "-1"])
def test_pages_of_nobody_are_not_found(client: FlaskClient, sign_in: SignInAs, number: object) -> None:
    sign_in(client, Role.ADMIN)
    for path in (f"/staff/people/{number}", f"/staff/people/invitations/{number}"):
        assert client.get(path).status_code == 404
    for path in ("end-sign-ins", "new-password"):
        assert client.post(f"/staff/people/{number}/{path}").status_code == 404
    assert client.post(f"/staff/people/invitations/{number}/withdraw").status_code == 404


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_only_admins_see_people(client: FlaskClient, app: Flask, sign_in: SignInAs, role: Role) -> None:
    me = sign_in(client, role)
    assert client.get("/staff/people").status_code == 403
    assert client.post(f"/staff/people/{me}", data=person("admin")).status_code == 403
    assert client.post("/staff/people/invite", data=INVITED).status_code == 403
    assert client.get("/staff/account").status_code == 200
    limiter.reset()


def test_the_list_of_people_takes_the_same_number_of_statements(
    client: FlaskClient, app: Flask, sign_in: SignInAs, statements: StatementCounter
) -> None:
    sign_in(client, Role.ADMIN)
    with statements:
        assert client.get("/staff/people").status_code == 200
    few = statements.count
    with app.app_context():
        for _ in range(50):
            factories.user(Role.MEMBER, Role.RECORDER)
        db.session.commit()
    with statements:
        assert "51 people can sign in." in text(client.get("/staff/people"))
    assert statements.count == few
