"""Starting, changing and choosing conversations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from engage.accounts.models import Role
from engage.audit.models import AuditEntry
from engage.conversations.models import Conversation
from engage.db import db, utcnow
from engage.themes.models import ThemeFramework
from tests import factories
from tests.conftest import StatementCounter

SignInAs = Callable[..., int]
TYPED = {
    "name": "Big Conversation 2027",
    "purpose": "To hear what would make care better.",
    "opens_on-day": "1",
    "opens_on-month": "3",
    "opens_on-year": "2027",
    "closes_on-day": "30",
    "closes_on-month": "6",
    "closes_on-year": "2027",
    "districts": "Ashfield\r\n\r\n  Bassetlaw \r\nashfield\r\nشمال\r\n",
    "framework": "usual",
}


def text(response: object) -> str:
    return " ".join(response.get_data(as_text=True).split())  # type: ignore[attr-defined]


def only_conversation() -> Conversation:
    return db.session.scalars(sa.select(Conversation)).one()


def made(app: Flask, *names: str) -> list[int]:
    with app.app_context():
        themes, by = factories.framework(), factories.user(Role.FACILITATOR)
        ids = [factories.conversation(name, by=by, themes=themes).id for name in names]
        db.session.commit()
        return ids


# --- Starting -----------------------------------------------------------------------------------------------


def test_the_first_conversation_makes_its_themes(client: FlaskClient, app: Flask, sign_in: SignInAs) -> None:
    me = sign_in(client, Role.FACILITATOR)
    empty = text(client.get("/staff/conversations"))
    assert "No conversation yet" in empty
    page = text(client.get("/staff/conversations/start"))
    assert "Making It Real" in page
    assert "Mansfield" in page
    answer = client.post("/staff/conversations/start", data=TYPED)
    assert (answer.status_code, answer.location) == (303, "/staff/conversations")
    assert "Big Conversation 2027 is started, and you work in it now." in text(client.get(answer.location))
    with app.app_context():
        found = only_conversation()
        assert found.slug == "big-conversation-2027"
        assert found.districts == ["Ashfield", "Bassetlaw", "شمال"]
        assert (found.opens_on, found.closes_on) == (date(2027, 3, 1), date(2027, 6, 30))
        framework = db.session.get_one(ThemeFramework, found.framework_id)
        assert (framework.name, len(framework.themes)) == ("Making It Real", 6)
        entry = db.session.scalars(
            sa.select(AuditEntry).where(AuditEntry.action == "start conversation")
        ).one()
        assert (entry.actor_id, entry.subject_id) == (me, found.id)


def test_the_second_conversation_uses_the_same_themes(
    client: FlaskClient, app: Flask, sign_in: SignInAs
) -> None:
    sign_in(client, Role.FACILITATOR)
    client.post("/staff/conversations/start", data=TYPED)
    client.post("/staff/conversations/start", data=TYPED | {"name": "Another"})
    with app.app_context():
        found = db.session.scalars(sa.select(Conversation)).all()
        assert len({one.framework_id for one in found}) == 1
        assert len(found) == 2


def test_a_councils_own_themes_can_be_chosen(client: FlaskClient, app: Flask, sign_in: SignInAs) -> None:
    sign_in(client, Role.ADMIN)
    with app.app_context():
        own = factories.framework("Getting out", "Being heard")
        db.session.commit()
        number, name = own.id, own.name
    assert name in text(client.get("/staff/conversations/start"))
    answer = client.post("/staff/conversations/start", data=TYPED | {"framework": str(number)})
    assert answer.status_code == 303
    with app.app_context():
        assert only_conversation().framework_id == number


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": ""}, "Enter a name, like Big Conversation 2026."),
        ({"name": " \x00 "}, "Enter a name, like Big Conversation 2026."),
        ({"name": "n" * 122}, "This is 2 characters too long. Shorten it to 120 or fewer."),
        ({"purpose": ""}, "Write in a sentence or two what people's views will be used for."),
        ({"purpose": "p" * 1_000_000}, "This is 998,000 characters too long. Shorten it to 2,000 or fewer."),
        ({"opens_on-day": ""}, "First day: enter it as day, month and year in numbers, like 27 3 2026."),
        ({"opens_on-month": "13"}, "First day: enter it as day, month and year in numbers, like 27 3 2026."),
        (
            {"opens_on-year": "9" * 30},
            "First day: enter it as day, month and year in numbers, like 27 3 2026.",
        ),
        (
            {"opens_on-year": "9" * 5_000},
            "First day: enter it as day, month and year in numbers, like 27 3 2026.",
        ),
        (
            {"closes_on-day": "thirty"},
            "Last day: enter it as day, month and year in numbers, like 27 3 2026.",
        ),
        ({"closes_on-year": "2026"}, "The last day is before the first. Enter a later one."),
        ({"districts": " \n \n"}, "Write at least one district or area, each on a line of its own."),
        ({"districts": "x" * 81}, "is too long. Shorten it to 80 characters."),
        ({"districts": "\n".join(f"D{n}" for n in range(61))}, "Write at most 60 districts"),
        ({"framework": "4711"}, "Choose a set of themes from the list."),
        ({"framework": "x" * 100}, "Choose a set of themes from the list."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    client: FlaskClient, app: Flask, sign_in: SignInAs, change: dict[str, str], message: str
) -> None:
    sign_in(client, Role.FACILITATOR)
    answer = client.post("/staff/conversations/start", data=TYPED | change)
    page = text(answer).replace("&#39;", "'")
    assert answer.status_code == 422
    assert message in page
    assert page.startswith("<!DOCTYPE html>")
    assert "Error: Start a conversation" in page
    for name, typed in TYPED.items():
        if name in change or name in ("districts", "framework"):
            continue
        assert typed in page
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(Conversation.id))) == 0


def test_a_name_is_used_once(client: FlaskClient, app: Flask, sign_in: SignInAs) -> None:
    sign_in(client, Role.FACILITATOR)
    client.post("/staff/conversations/start", data=TYPED)
    answer = client.post("/staff/conversations/start", data=TYPED | {"name": "BIG conversation 2027"})
    assert answer.status_code == 422
    assert "There is a conversation of this name already. Choose another name." in text(answer)
    assert "BIG conversation 2027" in text(answer)


def test_names_that_make_the_same_address_get_different_ones(
    client: FlaskClient, app: Flask, sign_in: SignInAs
) -> None:
    sign_in(client, Role.FACILITATOR)
    for name in ("Views: 2027", "Views 2027!", "🙂", "؟"):
        assert client.post("/staff/conversations/start", data=TYPED | {"name": name}).status_code == 303
    with app.app_context():
        slugs = db.session.scalars(sa.select(Conversation.slug).order_by(Conversation.id)).all()
        assert list(slugs) == ["views-2027", "views-2027-2", "conversation", "conversation-2"]


# --- Changing -----------------------------------------------------------------------------------------------


def test_changing_what_people_read(client: FlaskClient, app: Flask, sign_in: SignInAs) -> None:
    sign_in(client, Role.FACILITATOR)
    [number] = made(app, "First name")
    page = client.get(f"/staff/conversations/{number}")
    assert page.status_code == 200
    assert 'value="First name"' in text(page)
    with app.app_context():
        before = only_conversation()
        framework, slug = before.framework_id, before.slug
    typed = TYPED | {"framework": "usual", "slug": "evil", "id": "99", "created_at": "2001-01-01"}
    assert client.post(f"/staff/conversations/{number}", data=typed).status_code == 303
    with app.app_context():
        after = only_conversation()
        assert (after.name, after.districts) == ("Big Conversation 2027", ["Ashfield", "Bassetlaw", "شمال"])
        assert (after.framework_id, after.slug, after.id) == (framework, slug, number)
    same_again = client.post(f"/staff/conversations/{number}", data=TYPED)
    assert same_again.status_code == 303


def test_a_wrong_change_leaves_the_conversation_as_it_was(
    client: FlaskClient, app: Flask, sign_in: SignInAs
) -> None:
    sign_in(client, Role.FACILITATOR)
    first, second = made(app, "First name", "Second name")
    taken = client.post(f"/staff/conversations/{first}", data=TYPED | {"name": "second NAME"})
    assert taken.status_code == 422
    assert "There is a conversation of this name already." in text(taken)
    empty = client.post(f"/staff/conversations/{first}", data=TYPED | {"name": "", "purpose": ""})
    assert empty.status_code == 422
    with app.app_context():
        names = db.session.scalars(sa.select(Conversation.name).order_by(Conversation.id)).all()
        assert list(names) == ["First name", "Second name"]
    assert second != first


@pytest.mark.parametrize("number", ["0", "4711", str(2**31 - 1), str(2**31), str(10**40), "x", "-1"])
def test_no_such_conversation(client: FlaskClient, sign_in: SignInAs, number: str) -> None:
    sign_in(client, Role.FACILITATOR)
    assert client.get(f"/staff/conversations/{number}").status_code == 404
    assert client.post(f"/staff/conversations/{number}", data=TYPED).status_code == 404
    assert client.post(f"/staff/conversations/{number}/take-in-hand").status_code == 404


# --- Choosing the one to work in ----------------------------------------------------------------------------


@pytest.mark.parametrize("role", list(Role))
def test_everybody_can_choose_where_to_work(
    client: FlaskClient, app: Flask, sign_in: SignInAs, role: Role
) -> None:
    sign_in(client, role)
    first, second = made(app, "First name", "Second name")
    assert "Choose a conversation" in text(client.get("/staff/conversations/choose"))
    for number, name in ((first, "First name"), (second, "Second name"), (first, "First name")):
        answer = client.post(f"/staff/conversations/{number}/take-in-hand", data={"next": "/staff/account"})
        assert (answer.status_code, answer.location) == (303, "/staff/account")
        page = text(client.get("/staff/account"))
        assert f"You work in {name} now." in page
        assert f'<span class="app-wordmark__owner">{name}</span>' in page


@pytest.mark.parametrize("target", ["//evil.example", "/\\evil.example", "https://evil.example", ""])
def test_choosing_never_leads_away(client: FlaskClient, app: Flask, sign_in: SignInAs, target: str) -> None:
    sign_in(client, Role.MEMBER)
    [number] = made(app, "First name")
    answer = client.post(f"/staff/conversations/{number}/take-in-hand", data={"next": target})
    assert answer.location == "/staff/"


@pytest.mark.parametrize("role", [Role.RECORDER, Role.MODERATOR, Role.MEMBER, Role.SAFEGUARDING_LEAD])
def test_only_facilitators_and_admins_change_conversations(
    client: FlaskClient, app: Flask, sign_in: SignInAs, role: Role
) -> None:
    sign_in(client, role)
    [number] = made(app, "First name")
    assert client.get("/staff/conversations").status_code == 403
    assert client.post("/staff/conversations/start", data=TYPED).status_code == 403
    assert client.post(f"/staff/conversations/{number}", data=TYPED).status_code == 403


def test_the_list_says_which_are_open(client: FlaskClient, app: Flask, sign_in: SignInAs) -> None:
    sign_in(client, Role.FACILITATOR)
    numbers = made(app, "Past", "Present", "Coming")
    today = utcnow().date()
    with app.app_context():
        for number, shift in zip(numbers, (-100, 0, 100), strict=True):
            one = db.session.get_one(Conversation, number)
            one.opens_on, one.closes_on = today + timedelta(days=shift), today + timedelta(days=shift)
        db.session.commit()
    page = text(client.get("/staff/conversations"))
    states = [part.partition(">")[2].partition("<")[0] for part in page.split('<strong class="govuk-tag')[1:]]
    assert states == ["Opens later", "Open", "You work in this one", "Closed"]


def test_one_conversation_and_twenty_take_the_same_number_of_statements(
    client: FlaskClient, app: Flask, sign_in: SignInAs, statements: StatementCounter
) -> None:
    sign_in(client, Role.FACILITATOR)
    made(app, "First name")
    with statements:
        assert client.get("/staff/conversations").status_code == 200
    few = statements.count
    made(app, *(f"Number {n}" for n in range(50)))
    with statements:
        assert "Number 49" in text(client.get("/staff/conversations"))
    assert statements.count == few
