"""How a person likes to read: chosen once, kept, and the same on every public page."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engage import config, paths
from engage.db import db
from engage.reading import PREFERENCES
from tests.surveys.factories import survey

PAGES = ("/", "/privacy", "/cookies", "/accessibility", "/track", "/continue", "/reading", "/no-such-page")
SHEET = paths.STATIC / "css" / "colours.css"


def read(client: FlaskClient, path: str) -> str:
    return unescape(client.get(path).get_data(as_text=True))


@pytest.mark.parametrize("preference", PREFERENCES, ids=lambda one: one.cookie)
def test_each_choice_is_kept_for_a_year(client: FlaskClient, preference: object) -> None:
    for value in preference.values:  # type: ignore[attr-defined]
        reply = client.post("/reading", data={preference.cookie: value})  # type: ignore[attr-defined]
        assert (reply.status_code, reply.location) == (303, "/reading?kept=1")
        cookie = client.get_cookie(preference.cookie)  # type: ignore[attr-defined]
        assert cookie
        assert (cookie.value, cookie.max_age, cookie.http_only) == (value, 365 * 24 * 3600, True)
        page = read(client, "/reading?kept=1")
        assert re.search(rf'name="{preference.cookie}" type="radio" value="{value}" checked', page)  # type: ignore[attr-defined]
        assert "Kept on this device for a year." in page


@pytest.mark.parametrize("path", PAGES)
def test_colours_and_reading_aloud_hold_on_every_public_page(client: FlaskClient, path: str) -> None:
    assert "data-colours" not in read(client, path).split("<body")[0]
    assert '<template id="listen" data-say="never"' in read(client, path)
    client.post("/reading", data={"colours": "soft", "read_aloud": "yes"})
    page = read(client, path)
    assert 'data-colours="soft"' in page.split("<body")[0]
    assert '<template id="listen" data-say="always"' in page
    client.post("/reading", data={"read_aloud": "no"})
    assert '<template id="listen"' not in read(client, path)


def test_every_page_leads_there_and_back(client: FlaskClient) -> None:
    assert 'href="/reading?next=/privacy"' in read(client, "/privacy")
    page = read(client, "/reading?next=/privacy")
    assert '<a href="/privacy">Go back and change nothing</a>' in page
    reply = client.post("/reading", data={"next": "/privacy", "colours": "dark"})
    assert (reply.status_code, reply.location) == (303, "/privacy")


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil", "javascript:alert(1)"]
)
def test_nobody_is_led_to_another_site(client: FlaskClient, target: str) -> None:
    assert "Go back and change nothing" not in read(client, f"/reading?next={target}")
    assert client.post("/reading", data={"next": target}).location == "/reading?kept=1"


@pytest.mark.parametrize("value", ["", "purple", "\x00", "x" * 100_000, '"><script>', "soft; path=/staff"])
def test_what_is_not_offered_is_not_kept(client: FlaskClient, value: str) -> None:
    client.post("/reading", data={"colours": value, "language": value, "answering": value})
    for name in ("colours", "language", "answering"):
        assert client.get_cookie(name) is None


def test_a_strange_cookie_changes_nothing(client: FlaskClient) -> None:
    client.set_cookie("colours", "purple")
    client.set_cookie("read_aloud", "<b>")
    page = read(client, "/reading")
    assert "purple" not in page
    assert 'name="colours" type="radio" value="device" checked' in page


def test_the_language_is_kept_too(client: FlaskClient) -> None:
    client.post("/reading", data={"language": "ur"})
    assert '<html lang="ur" dir="rtl"' in read(client, "/reading")


def test_the_way_to_answer_holds_in_a_survey(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        slug = survey().slug
        db.session.commit()
    client.post("/reading", data={"answering": "all"})
    assert client.get(f"/surveys/{slug}/begin").location == f"/surveys/{slug}/all"


def test_no_session_is_needed(client: FlaskClient) -> None:
    client.get("/reading")
    client.post("/reading", data={"colours": "dark"})
    assert client.get_cookie("engage") is None


def test_signed_in_pages_keep_their_colours(client: FlaskClient) -> None:
    client.post("/reading", data={"colours": "contrast"})
    assert "data-colours" not in read(client, "/sign-in").split("<body")[0]


def test_the_cookies_are_named_on_the_page_about_cookies(client: FlaskClient) -> None:
    page = read(client, "/cookies")
    for name in (*(one.cookie for one in PREFERENCES), "speech_rate", "language"):
        assert f'translate="no">{name}</th>' in page


# --- Contrast -----------------------------------------------------------------------------------------------


def colours_of(name: str) -> dict[str, str]:
    """The colours of a set, as the sheet has them; later rules win."""
    found: dict[str, str] = {}
    for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", SHEET.read_text().split("@supports")[0]):
        if f':root[data-colours="{name}"]' in selector:
            found |= dict(re.findall(r"--([\w-]+): *(#[0-9a-f]{6})", body))
    return found


@pytest.mark.parametrize("name", ["light", "soft", "dark", "contrast"])
def test_words_can_be_read_in_every_set_of_colours(name: str) -> None:
    colours = colours_of(name)
    for ink in ("ink", "soft", "bad", "good", "warm"):
        for ground in ("canvas", "surface", "sunk", "tint"):
            assert config.contrast(colours[ink], colours[ground]) >= 7, (ink, ground)
    for tint in ("bad", "good", "warm"):
        assert config.contrast(colours[tint], colours[f"{tint}-tint"]) >= 7
    assert config.contrast(colours["deep-ink"], colours["deep"]) >= 7
    for ground in ("canvas", "surface"):
        assert config.contrast(colours["edge"], colours[ground]) >= 3  # Boxes, by WCAG 2.2, 1.4.11.
        assert config.contrast(colours["focus-edge"], colours[ground]) >= 3
