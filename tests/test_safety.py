"""What somebody with bad intent might try: scripts in every text, odd addresses, fields that no form has."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from engage import create_app, db
from engage.accounts import services as accounts
from engage.accounts.models import Role, Standpoint, User
from engage.contributions.models import Contribution, Status
from engage.conversations.models import Conversation
from engage.db import utcnow
from engage.limits import limiter
from engage.notes.models import EventNote
from engage.surveys.models import Response
from tests import factories, world
from tests.addresses import address_of, day, routes
from tests.conftest import settings_for
from tests.surveys import factories as surveys
from tests.test_access import MAY

PAYLOADS = (
    "<script>mark(1)</script>",
    "<ScRiPt src=//mark.example></sCrIpT>",
    "<img src=x onerror=mark(1)>",
    "<svg onload=mark(1)>",
    "<svg><script>mark(1)</script></svg>",
    '"><script>mark(1)</script>',
    "'><img src=x onerror=mark(1)>",
    '" onmouseover="mark(1)',
    "' autofocus onfocus='mark(1)",
    "</title><script>mark(1)</script>",
    "</textarea><script>mark(1)</script>",
    "<!--><script>mark(1)</script>",
    "<a href=javascript:mark(1)>x</a>",
    "javascript:mark(1)",
    "<iframe srcdoc='<script>mark(1)</script>'>",
    "<style>@import '//mark.example'</style>",
    "<base href=//mark.example>",
    "<form action=//mark.example><button>x",
    "{{ 7 * 7 }}{% raw %}<b onclick=mark(1)>",
    "&lt;script&gt;mark(1)&lt;/script&gt;&#60;b onclick=mark(1)&#62;",
)


LEADS = {"href", "src", "action", "formaction"}


class Injected(HTMLParser):
    """Finds what a browser would take for markup in words that carry ``mark``."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.texts: list[str] = []
        self._inside = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        for name, value in attrs:
            goes = (value or "").strip().lower() if name in LEADS else ""
            runs = name.startswith("on") or name in ("srcdoc", "style")
            if runs or goes.startswith(("javascript:", "//")):
                self.found.append(f"<{tag} {name}={value!r}>")
            if value:
                self.texts.append(value)

    def handle_data(self, data: str) -> None:
        if self._inside in ("script", "style") and "mark" in data:
            self.found.append(f"<{self._inside}>{data}")
        self.texts.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""


def installation(folder: Path, template: Path, base_url: str = "http://localhost") -> Flask:
    shutil.copy(template, folder / "engage.db")
    app = create_app(settings_for(folder, base_url=base_url), testing=True)
    app.config["WTF_CSRF_ENABLED"] = False
    limiter.reset()
    return app


@pytest.fixture
def empty_app(tmp_path: Path, sqlite_template: Path) -> Iterator[Flask]:
    app = installation(tmp_path, sqlite_template)
    yield app
    with app.app_context():
        db.db.engine.dispose()


def everybody(app: Flask, payload: str) -> FlaskClient:
    """A browser of somebody who may do everything, and whose browser calls itself by the payload."""
    with app.app_context():
        email = factories.user(*Role).email
        db.db.session.commit()
    client = app.test_client()
    headers = {"User-Agent": payload}
    client.post("/sign-in", data={"email": email, "password": factories.PASSWORD}, headers=headers)
    return client


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_becomes_markup_on_any_page(empty_app: Flask, payload: str) -> None:
    numbers: dict[str, str] = {}

    def say(field: str) -> str:
        numbers.setdefault(field, f"{payload} {len(numbers)}f")
        return numbers[field]

    with empty_app.app_context():
        _people, code = world.build(say)
    client = everybody(empty_app, payload)
    client.post("/track", data={"code": code})
    shown: list[str] = []
    for address in addresses(empty_app):
        reply = client.get(address, follow_redirects=True)
        page = reply.get_data().decode(errors="replace")
        assert reply.status_code < 500, address
        if reply.mimetype == "text/html":
            looked = Injected(page)
            assert looked.found == [], address
            shown += looked.texts
            assert payload not in page or "<" not in payload, address
    everything = "\n".join(shown)
    # A file's name loses what stands before a slash in it.
    unseen = {field for field, words in numbers.items() if words not in everything} - {"file name"}
    assert unseen == set()


def addresses(app: Flask) -> list[str]:
    """Every page, and those about one voice for each of the voices."""
    found = [
        address_of(app, rule)
        for rule in routes(app)
        if "GET" in (rule.methods or set()) and rule.endpoint not in ("static", "pages.logo")
    ]
    with app.app_context():
        numbers = list(db.db.session.scalars(sa.select(Contribution.id)))
        db.db.session.rollback()
    pages = (
        "/staff/voices/{}",
        "/staff/themes/voices/{}",
        "/staff/notes/1/points/{}",
        "/staff/safeguarding/{}",
    )
    return found + [page.format(number) for page in pages for number in numbers]


# --- What every answer says -------------------------------------------------------------------------------

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000",
}


@pytest.fixture
def https_app(tmp_path: Path, sqlite_template: Path) -> Iterator[Flask]:
    app = installation(tmp_path, sqlite_template, "https://engage.council.example")

    @app.get("/breaks")
    def breaks() -> str:
        raise RuntimeError("on purpose")

    app.config["PROPAGATE_EXCEPTIONS"] = False
    with app.app_context():
        world.build()
    yield app
    with app.app_context():
        db.db.engine.dispose()


def test_every_answer_protects_who_reads_it(https_app: Flask) -> None:
    https_app.config["WTF_CSRF_ENABLED"] = True
    client = https_app.test_client()
    asked = [("GET", address_of(https_app, rule)) for rule in routes(https_app)]
    asked += [("GET", "/breaks"), ("GET", "/no-such-page"), ("DELETE", "/"), ("POST", "/staff/sign-out")]
    asked += [("GET", "/static/no-such-file"), ("POST", "/text-size"), ("GET", "/surveys/no-such-survey")]
    statuses = set()
    for method, address in asked:
        reply = client.open(address, method=method)
        statuses.add(reply.status_code)
        for name, value in HEADERS.items():
            assert reply.headers.get(name) == value, (address, name)
        policy = reply.headers["Content-Security-Policy"]
        assert (
            "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
        )
        assert "camera=()" in reply.headers["Permissions-Policy"]
        assert "Server" not in reply.headers and "X-Powered-By" not in reply.headers
        assert b"Traceback" not in reply.get_data()
        for cookie in reply.headers.getlist("Set-Cookie"):
            assert "Secure" in cookie and "HttpOnly" in cookie and "SameSite=Lax" in cookie, address
        reply.close()
    assert {200, 303, 400, 404, 405, 500} <= statuses


# Pages that begin something for a visitor: without a cookie they could not know the visitor again.
NEEDS_A_COOKIE = {
    "accounts.sign_in",
    "surveys.question",
    "surveys.all_questions",
    "surveys.begin",
    "saving.come_back",
}


def test_looking_at_public_pages_leaves_no_cookie(https_app: Flask) -> None:
    https_app.config["WTF_CSRF_ENABLED"] = True
    left = set()
    for rule in routes(https_app):
        if MAY.get(rule.endpoint, {1}) or "GET" not in (rule.methods or set()):
            continue
        reply = https_app.test_client().get(address_of(https_app, rule))
        if "Set-Cookie" in reply.headers:
            left.add(rule.endpoint)
        reply.close()
    assert left == NEEDS_A_COOKIE


def test_numbers_that_no_database_knows_are_not_found(https_app: Flask) -> None:
    client = everybody(https_app, "a browser")
    for rule in routes(https_app):
        for number in ("0", "2147483648", "9223372036854775808", "9" * 60):
            address = address_of(https_app, rule)
            for argument in rule.arguments:
                if f":{argument}>" in rule.rule:
                    known = address_of(https_app, rule).rstrip("/").split("/")
                    at = rule.rule.rstrip("/").split("/").index(_part(rule.rule, argument))
                    address = "/".join([*known[:at], number + _suffix(known[at]), *known[at + 1 :]])
            if address != address_of(https_app, rule):
                reply = client.get(address)
                assert reply.status_code in (404, 405), (address, reply.status_code)


def _part(rule: str, argument: str) -> str:
    return next(part for part in rule.rstrip("/").split("/") if f":{argument}>" in part)


def _suffix(part: str) -> str:
    return part.lstrip("0123456789")


def test_odd_pages_and_filters_do_not_break_lists(https_app: Flask) -> None:
    client = everybody(https_app, "a browser")
    odd = ("-1", "9" * 60, "\x00", "' OR 1=1 --", "%", "😀" * 50, "NaN", "../../etc/passwd", "2026-13-45")
    names = (
        "after",
        "before",
        "page",
        "q",
        "status",
        "theme",
        "channel",
        "sheet",
        "several",
        "change",
        "voice",
    )
    for rule in routes(https_app):
        if "GET" not in (rule.methods or set()) or rule.endpoint in ("static", "breaks"):
            continue
        for value in odd:
            reply = client.get(address_of(https_app, rule), query_string=dict.fromkeys(names, value))
            assert reply.status_code < 500, (rule.endpoint, value)
            reply.close()


# --- More fields than the form has ------------------------------------------------------------------------


def test_an_invited_person_cannot_choose_their_roles(empty_app: Flask) -> None:
    with empty_app.app_context():
        admin = factories.user(Role.ADMIN)
        _invitation, token = accounts.invite(
            email="new@example.org",
            name="New",
            roles=[Role.RECORDER],
            standpoint=Standpoint.LIVED_EXPERIENCE,
            by=admin,
            now=utcnow(),
        )
        db.db.session.commit()
    sent = {"name": "New", "password": factories.PASSWORD, "again": factories.PASSWORD}
    more = {"roles": "admin", "email": "other@example.org", "standpoint": "staff", "id": "1", "is_active": ""}
    reply = empty_app.test_client().post(f"/invitation/{token}", data=sent | more)
    assert reply.status_code == 303
    with empty_app.app_context():
        made = db.db.session.scalars(sa.select(User).where(User.email == "new@example.org")).one()
        assert made.roles == {Role.RECORDER}
        assert made.standpoint == Standpoint.LIVED_EXPERIENCE
        assert made.is_active
        db.db.session.rollback()


def test_a_note_stays_in_the_conversation_in_hand(empty_app: Flask) -> None:
    with empty_app.app_context():
        world.build()
        other = factories.conversation("Another one")
        db.db.session.commit()
        other_id = other.id
    client = everybody(empty_app, "a browser")
    with empty_app.app_context():
        first_id = db.db.session.scalars(sa.select(Conversation.id).order_by(Conversation.id)).first()
        db.db.session.rollback()
    client.post(f"/staff/conversations/{first_id}/take-in-hand")
    held_on = {f"held_on-{part}": value for part, value in day(-1).items()}
    sent = {"title": "A tea", "venue": "The hall", "people_count": "3", "district": "", "summary": ""}
    more = {"conversation_id": str(other_id), "recorded_by_id": "1", "id": "77"}
    reply = client.post("/staff/notes/new", data=sent | held_on | more)
    assert reply.status_code == 303, reply.get_data(as_text=True)
    with empty_app.app_context():
        note = db.db.session.scalars(sa.select(EventNote).where(EventNote.title == "A tea")).one()
        assert (note.conversation_id, note.id == 77, note.recorded_by_id == 1) == (first_id, False, False)
        db.db.session.rollback()


def test_an_answer_cannot_approve_itself(empty_app: Flask) -> None:
    with empty_app.app_context():
        survey = surveys.survey()
        db.db.session.commit()
        slug, conversation_id = survey.slug, survey.conversation_id
    client = empty_app.test_client()
    more = {
        "status": "approved",
        "channel": "phone",
        "voices": "900",
        "conversation_id": "9",
        "speaker": "staff",
    }
    client.get(f"/surveys/{slug}/question/good")
    assert client.post(f"/surveys/{slug}/question/good", data={"a.good": "Tea."} | more).status_code == 303
    assert client.post(f"/surveys/{slug}/send", data=more).status_code == 303
    with empty_app.app_context():
        said = db.db.session.scalars(sa.select(Contribution)).one()
        kept = (said.status, said.channel, said.voices, said.conversation_id, said.speaker, said.text)
        assert kept == (Status.WAITING, "online", 1, conversation_id, "not_said", "Tea.")
        response = db.db.session.scalars(sa.select(Response)).one()
        assert response.answers == {"good": True}
        db.db.session.rollback()
