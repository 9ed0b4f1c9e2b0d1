"""Cookies: no other site brings one about, and what everybody gets alike has none."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engage.db import db
from engage.surveys.questions import FreeText
from engage.surveys.texts import Text
from tests.surveys import factories as surveys


@pytest.fixture
def slug(app: Flask) -> str:
    with app.app_context():
        made = surveys.survey(questions=[FreeText(id="a", text=Text("What helps?"))]).slug
        db.session.commit()
        return made


@pytest.mark.parametrize(
    ("address", "data"),
    [
        ("/surveys/{slug}/question/a", {"a.a": "Words of somebody else"}),
        ("/surveys/{slug}/all", {"a.a": "Words of somebody else", "then": "send"}),
        ("/surveys/{slug}/forget", {}),
        ("/track", {"code": "0" * 12}),
        ("/continue", {"code": "0" * 12}),
        ("/sign-in", {"email": "somebody@example.org", "password": "Not the password"}),
        ("/nowhere", {}),
    ],
)
def test_a_form_from_another_site_is_refused_and_leaves_no_cookie(
    client: FlaskClient, slug: str, address: str, data: dict[str, str]
) -> None:
    address = address.format(slug=slug)
    reply = client.post(address, data=data, headers={"Sec-Fetch-Site": "cross-site"})
    assert reply.status_code == 403
    assert "reload the page and send it again" in reply.get_data(as_text=True)
    assert "Set-Cookie" not in reply.headers
    assert "default-src 'none'" in reply.headers["Content-Security-Policy"]


@pytest.mark.parametrize("site", ["same-origin", "same-site", "none", None])
def test_everybody_else_is_heard(client: FlaskClient, slug: str, site: str | None) -> None:
    headers = {"Sec-Fetch-Site": site} if site else {}
    reply = client.post(f"/surveys/{slug}/question/a", data={"a.a": "Tea"}, headers=headers)
    assert (reply.status_code, reply.location) == (303, f"/surveys/{slug}/check")
    assert "Set-Cookie" in reply.headers


def test_a_link_from_another_site_works(client: FlaskClient, slug: str) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert client.get(f"/surveys/{slug}/question/a", headers=headers).status_code == 200


def test_files_come_without_the_cookie_that_pages_renew(client: FlaskClient, slug: str) -> None:
    client.post(f"/surveys/{slug}/question/a", data={"a.a": "Tea"})
    assert "Set-Cookie" in client.get(f"/surveys/{slug}/check").headers
    files = {"/static/js/proof.js": 200, "/brand.css": 200, "/logo": 404, f"/surveys/{slug}/clips/0.mp4": 404}
    for address, status in files.items():
        with client.get(address) as reply:
            assert (reply.status_code, "Set-Cookie" in reply.headers) == (status, False)
    assert "Tea" in client.get(f"/surveys/{slug}/check").get_data(as_text=True)
