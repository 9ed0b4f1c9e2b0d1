"""Save and come back: nothing typed is lost, and only the code leads back."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_mailman import EmailMultiAlternatives
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from engage.accounts.models import Role
from engage.contributions import codes
from engage.contributions.models import Receipt
from engage.db import db, utcnow
from engage.surveys import responses
from engage.surveys.comforts import saving
from engage.surveys.models import Response, UnsentResponse
from engage.surveys.questions import Date, EasyRead, FreeText, Number
from engage.surveys.texts import Text
from tests.surveys import every_kind
from tests.surveys.factories import document, one_choice, survey

UNKNOWN = "We have no answers under this code."
WORDS = "The bus to the day centre\nis 😀 late. الحافلة"


@pytest.fixture
def slug(app: Flask) -> str:
    with app.app_context():
        made = survey(
            questions=[
                one_choice("a"),
                FreeText(id="b", text=Text("What would help?"), longest=100),
                Date(id="c", text=Text("Since when?")),
                Number(id="d", text=Text("How often?"), required=True),
            ]
        )
        db.session.commit()
        return made.slug


def read(reply: TestResponse) -> str:
    return unescape(reply.get_data(as_text=True))


def save(client: FlaskClient, slug: str, at: str = "all", **fields: str) -> TestResponse:
    answers = {f"a.{name.replace('_', '.')}": value for name, value in fields.items()}
    return client.post(f"/surveys/{slug}/save?at={at}", data=answers)


def follow(client: FlaskClient, reply: TestResponse, **fields: str) -> TestResponse:
    """Send the same form to the page that a 307 names, as a browser does."""
    assert reply.status_code == 307
    return client.post(reply.location, data={f"a.{name}": value for name, value in fields.items()})


def code_on(client: FlaskClient, slug: str) -> str:
    """The code that the page shows, big, in three groups."""
    page = read(client.get(f"/surveys/{slug}/saved"))
    groups = re.findall(r'<b translate="no">(\w{4})</b>', page)
    assert len(groups) == 3
    return "".join(groups)


def rows(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(UnsentResponse)) or 0


def test_every_page_with_questions_has_the_button(client: FlaskClient, slug: str) -> None:
    for page in ("question/a", "all", "check"):
        client.get(f"/surveys/{slug}/begin")
        client.post(f"/surveys/{slug}/question/a", data={"a.a": "yes"})
        assert "Save and come back later" in read(client.get(f"/surveys/{slug}/{page}"))


def test_what_was_typed_is_there_on_another_device(app: Flask, client: FlaskClient, slug: str) -> None:
    reply = save(client, slug, a="yes", b=WORDS, c_day="31", c_month="2", c_year="soon")
    assert (reply.status_code, reply.location) == (303, f"/surveys/{slug}/saved")
    code = code_on(client, slug)
    other = app.test_client()
    back = other.post("/continue", data={"code": codes.spaced(code).lower()})
    assert (back.status_code, back.location) == (303, f"/surveys/{slug}/question/c")
    page = read(other.get(f"/surveys/{slug}/all"))
    assert re.search(r'value="yes" checked', page)
    assert WORDS in page
    for part in ("31", "2", "soon"):
        assert f'value="{part}"' in page


def test_the_page_says_until_when_and_how_to_come_back(client: FlaskClient, slug: str) -> None:
    save(client, slug, a="yes")
    reply = client.get(f"/surveys/{slug}/saved")
    page = read(reply)
    last = (utcnow() + timedelta(days=responses.SAVED_DAYS)).date()
    assert f"{last.day} {last:%B %Y}" in page
    assert "localhost/continue" in page
    assert "0808 157 0163" in page
    assert "You began in time" in page  # The survey closes before the answers go.
    assert reply.headers["Cache-Control"] == "no-store"


def test_two_devices_share_one_set_of_answers(app: Flask, client: FlaskClient, slug: str) -> None:
    save(client, slug, "a", a="yes")
    code = code_on(client, slug)
    phone = app.test_client()
    phone.post("/continue", data={"code": code})
    phone.post(f"/surveys/{slug}/question/b", data={"a.b": "From the phone"})
    client.post(f"/surveys/{slug}/question/d", data={"a.d": "3"})
    assert rows(app) == 1
    for device in (client, phone):
        page = read(device.get(f"/surveys/{slug}/check"))
        assert "From the phone" in page
        assert "Yes" in page
    assert phone.post(f"/surveys/{slug}/send").location == f"/surveys/{slug}/thanks"
    assert client.post(f"/surveys/{slug}/send").location == f"/surveys/{slug}/thanks"
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Response)) == 1


def test_what_does_not_fit_is_not_sent_unseen(client: FlaskClient, slug: str) -> None:
    save(client, slug, a="yes", d="4", c_day="31")
    reply = client.post(f"/surveys/{slug}/send")
    assert reply.status_code == 422
    assert "Look at what you typed here once more: Since when?" in read(reply)
    client.post(f"/surveys/{slug}/question/c", data={"a.c.day": "1", "a.c.month": "2", "a.c.year": "2020"})
    assert client.post(f"/surveys/{slug}/send").location == f"/surveys/{slug}/thanks"


@pytest.mark.parametrize("at", ["a", "all", ""])
def test_saving_with_nothing_typed_keeps_the_place(client: FlaskClient, slug: str, at: str) -> None:
    client.get(f"/surveys/{slug}/begin")
    assert save(client, slug, at).location == f"/surveys/{slug}/saved"
    assert len(code_on(client, slug)) == 12


@pytest.mark.parametrize("at", ["nowhere", "\x00"])
def test_a_page_that_is_none_is_not_said_to_be_saved(client: FlaskClient, slug: str, at: str) -> None:
    client.get(f"/surveys/{slug}/begin")
    assert save(client, slug, at).location == f"/surveys/{slug}/check"
    assert client.get(f"/surveys/{slug}/saved").location == f"/surveys/{slug}"


@pytest.mark.parametrize("at", ["plain", "all"])
def test_the_usual_page_can_be_saved_after_changing_to_easy_read(
    app: Flask, client: FlaskClient, at: str
) -> None:
    easy = EasyRead(text=Text("Short?"))
    asked = (one_choice("q", easy=easy), FreeText(id="plain", text=Text("What else?")))
    with app.app_context():
        made = survey(content=document(*asked).model_copy(update={"easy_read": True}))
        db.session.commit()
        slug = made.slug
    client.get(f"/surveys/{slug}/begin?easy=yes")
    assert save(client, slug, at, plain=WORDS).location == f"/surveys/{slug}/saved"
    with app.app_context():
        assert db.session.scalars(select(UnsentResponse.answers)).one()["plain"] == WORDS


def test_too_much_comes_back_with_its_page(client: FlaskClient, slug: str) -> None:
    words = "x" * 1_000_000
    reply = follow(client, save(client, slug, "b", b=words), b=words)
    assert reply.request.path == f"/surveys/{slug}/question/b"
    assert reply.status_code == 422
    page = read(reply)
    assert words in page
    assert "longer than we can take" in page


def test_a_page_that_was_open_for_days_keeps_what_was_typed(
    app: Flask, client: FlaskClient, slug: str
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    client.get(f"/surveys/{slug}/question/b")
    reply = follow(client, save(client, slug, "b", b=WORDS), b=WORDS)
    page = read(reply)
    assert (reply.status_code, reply.request.path) == (422, f"/surveys/{slug}/question/b")
    assert WORDS in page
    assert "press the button once more" in page


def test_null_bytes_are_left_out(app: Flask, client: FlaskClient, slug: str) -> None:
    save(client, slug, c_day="\x003\x00", b="\x00")
    assert 'value="3"' in read(client.get(f"/surveys/{slug}/question/c"))


@pytest.mark.parametrize(
    "typed", ["", "0000 0000 0000", "hello", "\x00", "😀" * 12, "x" * 1_000_000, "' OR 1=1 --", "İ" * 12]
)
def test_a_wrong_code_gets_the_one_answer(client: FlaskClient, slug: str, typed: str) -> None:
    reply = client.post("/continue", data={"code": typed})
    page = read(reply)
    assert reply.status_code == 422
    assert UNKNOWN in page or "too long" in page
    assert "after 30 days" in page or "too long" in page
    assert (typed in page) or "\x00" in typed


def test_an_expired_code_gets_the_same_answer(app: Flask, client: FlaskClient, slug: str) -> None:
    save(client, slug, a="yes")
    code = code_on(client, slug)
    with app.app_context():
        early = utcnow() + timedelta(days=responses.SAVED_DAYS - 1)
        late = utcnow() + timedelta(days=responses.SAVED_DAYS, minutes=1)
        assert [responses.remove_old_unsent(moment) for moment in (early, late)] == [0, 1]
        db.session.commit()
    expired = read(app.test_client().post("/continue", data={"code": code}))
    unknown = read(app.test_client().post("/continue", data={"code": "0" * 12}))
    assert expired.replace(code, "") == unknown.replace("0" * 12, "")
    assert UNKNOWN in expired


def test_tries_are_limited(app: Flask, client: FlaskClient) -> None:
    app.config["CODE_LIMIT"] = "3 per minute"
    codes_tried = [client.post("/continue", data={"code": "0" * 12}).status_code for _ in range(4)]
    assert codes_tried == [422, 422, 422, 429]


def test_a_code_that_was_sent_leads_to_the_tracking_page(app: Flask, client: FlaskClient, slug: str) -> None:
    save(client, slug, a="yes", d="1")
    code = code_on(client, slug)
    client.post(f"/surveys/{slug}/send")
    reply = app.test_client().post("/continue", data={"code": code})
    assert (reply.status_code, reply.location) == (307, "/track")
    reply = app.test_client().post("/track", data={"code": code})
    assert (reply.status_code, reply.location) == (303, "/track/what-became")


def test_a_code_of_unsent_answers_typed_at_the_tracking_page(
    app: Flask, client: FlaskClient, slug: str
) -> None:
    save(client, slug, a="yes")
    code = code_on(client, slug)
    other = app.test_client()
    reply = other.post("/track", data={"code": code})
    page = read(reply)
    assert reply.status_code == 200
    assert "You have not sent these answers yet." in page
    assert f'value="{code}"' in page
    assert other.post("/continue", data={"code": code}).location == f"/surveys/{slug}/question/b"


def test_no_other_site_can_put_a_code_into_a_browser(app: Flask, client: FlaskClient, slug: str) -> None:
    save(client, slug, a="yes")
    code = code_on(client, slug)
    app.config["WTF_CSRF_ENABLED"] = True
    other = app.test_client()
    assert other.post("/continue", data={"code": code}).status_code == 422
    assert other.get(f"/surveys/{slug}/check").status_code == 303  # Nothing is under way in this browser.


def test_closing_on_this_device_keeps_the_answers(app: Flask, client: FlaskClient, slug: str) -> None:
    save(client, slug, a="yes")
    code = code_on(client, slug)
    client.post(f"/surveys/{slug}/leave")
    assert client.get(f"/surveys/{slug}/saved").status_code == 303
    assert "have not been sent" not in read(client.get(f"/surveys/{slug}"))
    assert client.post("/continue", data={"code": code}).status_code == 303
    assert rows(app) == 1


def test_nobody_else_at_the_device_can_destroy_saved_answers(
    app: Flask, client: FlaskClient, slug: str
) -> None:
    save(client, slug, a="yes")
    code = code_on(client, slug)
    reply = client.post(f"/surveys/{slug}/forget", follow_redirects=True)
    assert "Closed on this device. Your code brings your answers back." in read(reply)
    assert client.get(f"/surveys/{slug}/check").status_code == 303
    assert client.post("/continue", data={"code": code}).status_code == 303
    name = re.search(
        r'name="(\w+)" value="1"[^>]*>Throw these answers away', read(client.get(f"/surveys/{slug}/check"))
    )
    assert name
    reply = client.post(f"/surveys/{slug}/forget", data={name[1]: "1"}, follow_redirects=True)
    assert "Nothing of yours is left on this device." in read(reply)
    assert rows(app) == 0


@pytest.mark.parametrize("page", ["leave", "forget", "again"])
def test_a_button_of_a_page_that_was_open_for_days_says_that_it_did_nothing(
    app: Flask, client: FlaskClient, slug: str, page: str
) -> None:
    save(client, slug, a="yes")
    app.config["WTF_CSRF_ENABLED"] = True
    reply = client.post(f"/surveys/{slug}/{page}", follow_redirects=True)
    assert reply.request.path == f"/surveys/{slug}"
    assert "please press the button once more" in read(reply)
    assert rows(app) == 1


def test_somebody_who_began_in_time_can_finish_after_the_last_day(
    app: Flask, client: FlaskClient, slug: str
) -> None:
    save(client, slug, a="yes", d="1")
    code = code_on(client, slug)
    with app.app_context():
        found = db.session.scalars(select(UnsentResponse)).one().version.survey
        found.closes_on = utcnow().date() - timedelta(days=1)
        db.session.commit()
    other = app.test_client()
    other.post("/continue", data={"code": code})
    assert other.post(f"/surveys/{slug}/send").location == f"/surveys/{slug}/thanks"


def test_what_was_sent_cannot_be_saved_again(app: Flask, client: FlaskClient, slug: str) -> None:
    save(client, slug, a="yes", d="1")
    client.post(f"/surveys/{slug}/send")
    reply = follow(client, save(client, slug, "b", b=WORDS), b=WORDS)
    page = read(reply)
    assert "You have sent your answers already" in page
    assert WORDS in page
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Receipt)) == 1


# --- The mail -----------------------------------------------------------------------------------------------


@pytest.fixture
def outbox(app: Flask) -> list[EmailMultiAlternatives]:
    app.config["MAIL_SERVER"] = "mail.example"
    state = app.extensions["mailman"]
    state.outbox = []
    return state.outbox  # type: ignore[no-any-return]


def test_the_way_back_can_be_mailed(
    app: Flask, client: FlaskClient, slug: str, outbox: list[EmailMultiAlternatives]
) -> None:
    save(client, slug, a="yes", b="My own words")
    code = code_on(client, slug)
    cookie = client.get_cookie("engage")
    assert cookie
    client.set_cookie("engage", cookie.value, domain="evil.example")
    reply = client.post(
        f"/surveys/{slug}/saved", data={"email": "kim@example.org"}, base_url="http://evil.example"
    )
    assert (reply.status_code, reply.location) == (303, f"/surveys/{slug}/saved")
    assert len(outbox) == 1
    message = outbox[0]
    assert message.to == ["kim@example.org"]
    assert "http://localhost/continue" in message.body
    assert codes.spaced(code) in message.body
    assert code not in message.body.replace(codes.spaced(code), "")
    assert "evil" not in message.body
    assert "My own words" not in message.body
    assert "Your county council" in message.body
    with app.app_context():
        for row in db.session.scalars(select(UnsentResponse)):
            assert "kim@" not in str(vars(row))


@pytest.mark.parametrize(
    "typed",
    ["", "nobody", "a@b", "two@example.org, three@example.org", "a@example.org\r\nBcc: x@x.org"],
)
def test_an_address_that_is_none_is_sent_nothing(
    client: FlaskClient, slug: str, outbox: list[EmailMultiAlternatives], typed: str
) -> None:
    save(client, slug, a="yes")
    reply = client.post(f"/surveys/{slug}/saved", data={"email": typed})
    assert reply.status_code == 422
    assert "Enter an e-mail address" in read(reply)
    assert outbox == []


def test_a_few_messages_are_enough(
    client: FlaskClient, slug: str, outbox: list[EmailMultiAlternatives]
) -> None:
    save(client, slug, a="yes")
    said = [
        client.post(f"/surveys/{slug}/saved", data={"email": "kim@example.org"}).status_code for _ in range(4)
    ]
    assert said == [303, 303, 303, 422]
    assert len(outbox) == 3


def test_addresses_are_counted_under_the_secret_key(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[str] = []
    monkeypatch.setattr(saving.limiter.limiter, "hit", lambda *what: bool(counted.append(what[-1])) or True)
    with app.app_context():
        for key in ("one" * 20, "two" * 20):
            app.config["SECRET_KEY"] = key
            saving.count_mail("0" * 12, "kim@example.org", "192.0.2.1")
    assert len(set(counted)) == len(counted) == 6
    assert hashlib.sha256(b"kim@example.org").hexdigest() not in counted


def test_without_a_mail_server_no_address_is_asked_for(client: FlaskClient, slug: str) -> None:
    save(client, slug, a="yes")
    assert "e-mail" not in read(client.get(f"/surveys/{slug}/saved")).split("<footer")[0]


def test_staff_pages_do_not_show_saved_answers(
    app: Flask, client: FlaskClient, slug: str, sign_in: object
) -> None:
    save(client, slug, b="Only for me")
    staff = app.test_client()
    sign_in(staff, Role.FACILITATOR, Role.MODERATOR)  # type: ignore[operator]
    for path in ("/staff/voices", "/staff/surveys"):
        assert "Only for me" not in read(staff.get(path))


def test_coming_back_finds_the_language_and_the_form_again(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        slug = survey(content=every_kind.content()).slug
        db.session.commit()
    client.set_cookie("easy_read", "yes")
    client.get(f"/surveys/{slug}/question/choice?language=ur")
    client.post(f"/surveys/{slug}/save?at=choice", data={"a.choice": "yes"})
    with client.session_transaction() as session:
        code = session["surveys"][slug][0]
    elsewhere = app.test_client()
    reply = elsewhere.post("/continue", data={"code": code})
    assert reply.status_code == 303
    assert reply.location == f"/surveys/{slug}/question/several?language=ur"
    page = elsewhere.get(reply.location).get_data(as_text=True)
    assert 'lang="ur"' in page
    assert "app-asked--easy" in page
    cookies = {name: elsewhere.get_cookie(name) for name in ("language", "easy_read")}
    assert {name: cookie and cookie.value for name, cookie in cookies.items()} == {
        "language": "ur",
        "easy_read": "yes",
    }


def test_whoever_carries_on_goes_on_where_they_were(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        slug = survey().slug
        db.session.commit()
    client.post(f"/surveys/{slug}/question/connection", data={"a.connection": "staff"})
    client.post(f"/surveys/{slug}/question/district", data={"a.district": ""})
    assert client.get(f"/surveys/{slug}/begin").location == f"/surveys/{slug}/question/district"
