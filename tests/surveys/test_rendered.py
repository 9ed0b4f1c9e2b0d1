"""Pages whose fixed part is rendered once: as if rendered for each person, and never somebody else's."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engage import reading
from engage.conversations.models import Conversation
from engage.db import db
from engage.surveys import rendered
from engage.surveys.comforts import preferences
from engage.surveys.content import Content
from engage.surveys.questions import EasyRead, FreeText
from engage.surveys.texts import Text
from tests.conftest import StatementCounter
from tests.surveys import every_kind
from tests.surveys import factories as surveys

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
CODE = re.compile(r'<b translate="no">([0-9A-Z]{4})</b>')
COOKIES = (
    ("text_size", "largest"),
    ("colours", "dark"),
    ("easy_read", "yes"),
    ("read_aloud", "yes"),
    ("language", "pl"),
    ("language", "ur"),
)


@pytest.fixture
def protected(app: Flask) -> Flask:
    """The app with tokens in its forms, as people meet it."""
    app.config["WTF_CSRF_ENABLED"] = True
    return app


@pytest.fixture
def slug(protected: Flask) -> str:
    easy = EasyRead(text=Text("What helps? Tell us."))
    content = surveys.document(
        FreeText(id="a", text=Text({"en": "What helps?", "pl": "Co pomaga?"}), easy=easy),
        surveys.one_choice("b"),
    ).model_copy(update={"languages": ("en", "pl", "ur"), "easy_read": True})
    with protected.app_context():
        made = surveys.survey(content=content)
        db.session.commit()
        return made.slug


def visitor(app: Flask, *cookies: tuple[str, str]) -> FlaskClient:
    client = app.test_client()
    for name, value in cookies:
        client.set_cookie(name, value)
    return client


def page(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.location)
    return answer.get_data(as_text=True)


def without_own(text: str) -> str:
    """A page without what differs for everybody: tokens, and the code in symbols and words."""
    return re.sub(r'<ol class="app-code".*?</ol>', "", TOKEN.sub("", text), flags=re.DOTALL)


def send(client: FlaskClient, slug: str) -> str:
    token = TOKEN.findall(page(client, f"/surveys/{slug}/all"))[0]
    data = {"a.a": "Neighbours", "then": "send", "csrf_token": token}
    assert client.post(f"/surveys/{slug}/all", data=data).status_code == 303
    return page(client, f"/surveys/{slug}/thanks")


def fresh(app: Flask) -> None:
    """Forget every page that was rendered."""
    app.extensions.pop("engage.rendered", None)


@pytest.mark.parametrize("step", ["all", "question/a", "question/b"])
@pytest.mark.parametrize("cookie", [("none", "none"), *COOKIES])
def test_a_kept_page_is_the_page_apart_from_the_token(
    protected: Flask, slug: str, step: str, cookie: tuple[str, str]
) -> None:
    address, client = f"/surveys/{slug}/{step}", visitor(protected, cookie)
    client.get(address)
    if client.get(address).status_code == 303:
        return  # The second question has no twin, so it is not asked in Easy Read.
    fresh(protected)
    first = page(client, address)
    assert len(protected.extensions["engage.rendered"].pages) == 1
    again = page(client, address)
    other = page(visitor(protected, cookie), address)
    assert len(protected.extensions["engage.rendered"].pages) == 1  # Both came from there.
    assert without_own(first) == without_own(again) == without_own(other)
    tokens = [TOKEN.findall(text) for text in (first, again, other)]
    assert [len(found) for found in tokens] == [len(tokens[0])] * 3 and tokens[0]
    assert set(tokens[0]).isdisjoint(tokens[2])


@pytest.mark.parametrize("step", ["all", "question/a"])
def test_every_preference_has_its_own_page(protected: Flask, slug: str, step: str) -> None:
    address = f"/surveys/{slug}/{step}"
    page(visitor(protected), address)
    for cookie in COOKIES:
        kept = page(visitor(protected, cookie), address)
        fresh(protected)
        assert without_own(kept) == without_own(page(visitor(protected, cookie), address))
        page(visitor(protected), address)
    assert 'data-text="largest"' not in page(visitor(protected), address)


def test_a_token_of_ones_own_is_taken(protected: Flask, slug: str) -> None:
    for _person in range(2):
        assert len("".join(CODE.findall(send(visitor(protected), slug)))) == 12


def test_another_persons_token_is_not(protected: Flask, slug: str) -> None:
    token = TOKEN.findall(page(visitor(protected), f"/surveys/{slug}/all"))[0]
    other = visitor(protected)
    page(other, f"/surveys/{slug}/all")
    data = {"a.a": "Neighbours", "then": "send", "csrf_token": token}
    assert other.post(f"/surveys/{slug}/all", data=data).status_code == 422


@pytest.mark.parametrize("step", ["all", "question/a"])
def test_nobody_sees_what_another_person_wrote(protected: Flask, slug: str, step: str) -> None:
    address, words = f"/surveys/{slug}/{step}", "Only Wilhelmina knows this"
    one, other = visitor(protected), visitor(protected)
    token = TOKEN.findall(page(one, address))[0]
    one.post(f"/surveys/{slug}/question/a", data={"a.a": words, "csrf_token": token})
    wrong = one.post(address, data={"a.a": words * 1_000, "csrf_token": token})
    assert wrong.status_code == 422 and words in wrong.get_data(as_text=True)
    assert words in page(one, address)
    assert words not in page(other, address) and words not in page(visitor(protected), address)
    assert words in page(one, address)
    assert not any(words in str(kept) for kept in protected.extensions["engage.rendered"].pages.values())


def test_thanks_are_kept_without_the_code(protected: Flask, slug: str) -> None:
    one, other = visitor(protected), visitor(protected)
    first = send(one, slug)
    found = send(other, slug)
    codes = ["".join(CODE.findall(text)) for text in (first, found)]
    assert len(set(codes)) == 2 and all(len(code) == 12 for code in codes)
    assert without_own(first) == without_own(found)
    assert TOKEN.findall(first)[0] != TOKEN.findall(found)[0]
    kept = str(list(protected.extensions["engage.rendered"].pages.values()))
    assert not any(group in kept for text in (first, found) for group in CODE.findall(text))
    assert not any(token in kept for token in TOKEN.findall(first) + TOKEN.findall(found))


def test_a_message_is_shown_once_and_to_one_person(protected: Flask, slug: str) -> None:
    address = f"/surveys/{slug}/all"
    one = visitor(protected)
    page(one, address)
    with one.session_transaction() as session:
        session["_flashes"] = [("success", "For one person")]
    assert "For one person" in page(one, address)
    assert "For one person" not in page(one, address)
    assert "For one person" not in page(visitor(protected), address)


def test_a_new_version_and_a_new_name_are_seen_at_once(protected: Flask, slug: str) -> None:
    address = f"/surveys/{slug}/all"
    page(visitor(protected), address)
    with protected.app_context():
        conversation = db.session.query(Conversation).one()
        conversation.name = "The name has changed"
        db.session.commit()
    assert "The name has changed" in page(visitor(protected), address)


@pytest.mark.parametrize("query", ["?x=1", "?language=pl", "?change=1&change=2"])
def test_addresses_of_somebodys_own_making_are_not_kept(protected: Flask, slug: str, query: str) -> None:
    page(visitor(protected), f"/surveys/{slug}/all{query}")
    assert not protected.extensions.get("engage.rendered")


def test_neither_are_cookies_of_somebodys_own_making(protected: Flask, slug: str) -> None:
    page(visitor(protected, ("text_size", "x" * 1_000)), f"/surveys/{slug}/all")
    assert not protected.extensions.get("engage.rendered")


def test_the_number_of_pages_is_bounded(protected: Flask, slug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendered, "MOST", 3)
    for number in range(8):
        page(visitor(protected, ("text_size", str(number))), f"/surveys/{slug}/all")
    assert len(protected.extensions["engage.rendered"].pages) == 3


def test_what_cannot_be_cut_out_is_not_kept(app: Flask) -> None:
    with app.test_request_context():
        for personal in (["absent"], [""], ["one", "absent"]):
            assert rendered.page(("a",), personal, lambda: "Page of one") == "Page of one"
        assert not app.extensions["engage.rendered"].pages
        assert rendered.page(("b",), ["one", "on"], lambda: "Page of one, on") == "Page of one, on"
        assert rendered.page(("b",), ["two", "tw"], lambda: "never") == "Page of two, tw"


def test_every_preference_is_in_the_key() -> None:
    assert {one.cookie for one in reading.PREFERENCES} == set(preferences.COOKIES)


PLAIN = surveys.document(FreeText(id="a", text=Text("What helps?")))
SENT = {"a.a": "x", "then": "send"}
SENT_FULL = {
    "a.choice": "yes",
    "a.why": "Words of my own",
    "a.several": ["people", "money"],
    "a.agree.heard": "agree",
    "a.rating": "easy",
    "a.hours": "35",
    "a.when.day": "1",
    "a.when.month": "2",
    "a.when.year": "2026",
    "a.area": "NG22",
    "a.rank.sleep": "1",
    "a.service": "The day centre",
    "a.permission": ["publish", "join"],
    "a.contact.phone": "01632 960123",
    "a.contact.uses": "ask_more",
    "a.age": "under_65",
    "then": "send",
}


@pytest.mark.parametrize(
    ("content", "sent", "number"), [(PLAIN, SENT, 6), (every_kind.content(), SENT_FULL, 8)], ids=["a", "all"]
)
def test_sending_from_one_page_takes_few_statements(
    app: Flask, statements: StatementCounter, content: Content, sent: dict[str, object], number: int
) -> None:
    """Six; with contact details and with equality monitoring one more each, as each has a table of its own.

    On PostgreSQL one more, which waits for the end of the record's chain.
    """
    with app.app_context():
        slug = surveys.survey(content=content).slug
        is_postgres = db.engine.dialect.name == "postgresql"
        db.session.commit()
    for _person in range(2):  # The first one reads the version's text.
        client = app.test_client()
        page(client, f"/surveys/{slug}/all")
        with statements:
            assert client.post(f"/surveys/{slug}/all", data=sent).status_code == 303
        found = statements.count
    assert found == number + is_postgres, "\n".join(statements.statements)
    with statements:
        page(client, f"/surveys/{slug}/thanks")
    assert statements.count == 1
