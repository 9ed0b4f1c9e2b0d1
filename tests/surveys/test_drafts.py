"""What a browser remembers of surveys, and what it forgets."""

from __future__ import annotations

import secrets
import string

import pytest
from flask import Flask, session
from flask.testing import FlaskClient

from engage import tracking
from engage.contributions import codes
from engage.db import db
from engage.surveys import drafts
from engage.surveys.questions import FreeText
from engage.surveys.texts import Text
from tests.surveys.factories import survey


@pytest.fixture
def slug(app: Flask) -> str:
    with app.app_context():
        made = survey(
            questions=[FreeText(id="a", text=Text("What helps?")), FreeText(id="b", text=Text("More?"))]
        )
        db.session.commit()
        return made.slug


def test_twelve_surveys_with_long_names_fit_into_the_cookie(app: Flask) -> None:
    slugs = ["".join(secrets.choice(string.ascii_lowercase) for _ in range(80)) for _ in range(13)]
    with app.test_request_context():
        session["csrf_token"] = secrets.token_hex(20)
        begun = [drafts.begin(slug, 2_000_000_000) for slug in slugs]
        serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        assert len(serializer.dumps(dict(session))) < 3_000
        assert [drafts.draft_of(slug) for slug in slugs] == [None, *begun[1:]]


@pytest.mark.parametrize("kept", [["q7Zt-nonce", 1], ["", 1], ["k7mp4twx9rhc", 1], ["K7MP-4TWX-9RHC", 1]])
def test_what_an_older_version_kept_is_no_code(client: FlaskClient, slug: str, kept: list[object]) -> None:
    with client.session_transaction() as cookie:
        cookie[drafts.KEY] = {slug: kept}
    for page in ("", "/question/a", "/all", "/check", "/thanks", "/saved", "/copy"):
        assert client.get(f"/surveys/{slug}{page}", follow_redirects=True).status_code == 200
    client.post(f"/surveys/{slug}/question/a", data={"a.a": "Neighbours"})
    with client.session_transaction() as cookie:
        code = cookie[drafts.KEY][slug][0]
        assert code != kept[0] and codes.tidy(code) == code
    assert client.post(f"/surveys/{slug}/send").location == f"/surveys/{slug}/thanks"
    assert client.get(f"/surveys/{slug}/thanks").status_code == 200


def test_nothing_is_left_of_a_code_that_was_typed(client: FlaskClient, slug: str) -> None:
    client.post(f"/surveys/{slug}/all", data={"a.a": "Neighbours", "then": "send"})
    with client.session_transaction() as cookie:
        code = cookie[drafts.KEY][slug][0]
    client.post("/track", data={"code": code})
    assert client.get("/track/what-became").status_code == 200
    client.post(f"/surveys/{slug}/forget")
    assert client.get("/track/what-became").status_code == 303
    with client.session_transaction() as cookie:
        assert tracking.KEY not in cookie
        assert not cookie[drafts.KEY]


def test_the_browser_is_asked_to_forget_its_pages(client: FlaskClient, slug: str) -> None:
    client.get(f"/surveys/{slug}/all")
    for page in (f"/surveys/{slug}/leave", f"/surveys/{slug}/forget", "/track/finish"):
        assert client.post(page).headers["Clear-Site-Data"] == '"cache"'
    assert "Clear-Site-Data" not in client.get(f"/surveys/{slug}").headers


@pytest.mark.parametrize("page", ["question/a", "all"])
def test_pages_with_words_are_not_kept_by_the_browser(client: FlaskClient, slug: str, page: str) -> None:
    address = f"/surveys/{slug}/{page}"
    assert client.get(address).headers["Cache-Control"] == "private, no-cache"
    wrong = client.post(address, data={"a.a": "x" * 10_001})
    assert (wrong.status_code, wrong.headers["Cache-Control"]) == (422, "no-store")
    client.post(address, data={"a.a": "Neighbours"})
    assert client.get(address).headers["Cache-Control"] == "no-store"
