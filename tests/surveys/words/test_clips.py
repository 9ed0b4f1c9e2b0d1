"""Films in British Sign Language and recordings: taken in by their content, shown where they belong."""

from __future__ import annotations

import io
from collections.abc import Callable
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engage.accounts.models import Role
from engage.conversations.models import Conversation
from engage.db import db, utcnow
from engage.surveys import queries, services
from engage.surveys.content import Content
from engage.surveys.models import Survey
from engage.surveys.questions import Clip
from engage.surveys.texts import Text
from engage.surveys.words import clip_views, clips
from tests import factories
from tests.files import made
from tests.surveys.factories import one_choice
from tests.surveys.factories import survey as make_survey

SignIn = Callable[..., int]
FILM = made.mp4(made.track(b"vide"))
CAPTIONS = made.vtt("00:01.000 --> 00:04.000\nDo you like it?")
SOUND = made.mp3()


@pytest.fixture
def survey_id(app: Flask, client: FlaskClient, sign_in: SignIn) -> int:
    sign_in(client, Role.FACILITATOR)
    with app.app_context():
        found = make_survey(questions=(one_choice("a"),), published=False)
        db.session.commit()
        return found.id


def add(client: FlaskClient, survey_id: int, **fields: object) -> tuple[int, str]:
    """Send the form; bytes become files."""
    sent = {
        name: (io.BytesIO(value), f"{name}.bin") if isinstance(value, bytes) else value
        for name, value in ({"kind": "bsl", "language": "en"} | fields).items()
    }
    with client.post(f"/staff/surveys/{survey_id}/clips/a", data=sent) as reply:
        return reply.status_code, unescape(reply.get_data(as_text=True))


def kept(app: Flask, survey_id: int) -> tuple[Clip, ...]:
    with app.app_context():
        return queries.draft_content(db.session.get_one(Survey, survey_id)).by_id["a"].clips


def publish(app: Flask, survey_id: int) -> str:
    with app.app_context():
        survey = db.session.get_one(Survey, survey_id)
        conversation = db.session.get_one(Conversation, survey.conversation_id)
        services.publish_version(survey, conversation, by=factories.user(Role.FACILITATOR), now=utcnow())
        db.session.commit()
        return survey.slug


def test_a_film_with_captions_is_shown_with_its_question(
    client: FlaskClient, survey_id: int, app: Flask
) -> None:
    assert add(client, survey_id, file=FILM, captions=CAPTIONS, transcript="Do you like it?")[0] == 303
    (clip,) = kept(app, survey_id)
    assert (clip.kind, clip.language, clip.transcript) == ("bsl", "en", Text("Do you like it?"))
    assert clip.file.endswith(".mp4")
    assert clip.captions.endswith(".vtt")
    html = client.get(f"/staff/surveys/{survey_id}/clips/a").get_data(as_text=True)
    draft_address = f"/staff/surveys/{survey_id}/clips/file/{clip.file}"
    assert f'src="{draft_address}"' in html
    with client.get(draft_address) as reply:
        assert reply.data == FILM
    slug = publish(app, survey_id)
    html = app.test_client().get(f"/surveys/{slug}/question/a").get_data(as_text=True)
    assert f'controls preload="none" playsinline src="/surveys/{slug}/clips/{clip.file}"' in html
    assert f'<track kind="captions" src="/surveys/{slug}/clips/{clip.captions}" srclang="en"' in html
    assert "Watch this question in British Sign Language" in html
    assert "Read what it says" in html


def test_a_recording_is_shown_with_its_words(client: FlaskClient, survey_id: int, app: Flask) -> None:
    words = "کیا آپ کو یہ پسند ہے؟"
    assert add(client, survey_id, kind="audio", language="ur", file=SOUND, transcript=words)[0] == 303
    slug = publish(app, survey_id)
    html = app.test_client().get(f"/surveys/{slug}/question/a").get_data(as_text=True)
    assert '<audio class="app-clip__sound" controls preload="none"' in html
    assert "Listen to this question" in html
    assert f'lang="ur" dir="rtl">{words}</p>' in html


def test_a_film_in_parts(client: FlaskClient, survey_id: int, app: Flask) -> None:
    """Films in Safari need parts; what never changes may be kept for a year."""
    add(client, survey_id, file=FILM, silent="y")
    slug = publish(app, survey_id)
    address = f"/surveys/{slug}/clips/{kept(app, survey_id)[0].file}"
    visitor = app.test_client()
    with visitor.get(address, headers={"Range": "bytes=2-5"}) as reply:
        assert (reply.status_code, reply.data) == (206, FILM[2:6])
        assert reply.headers["Content-Range"] == f"bytes 2-5/{len(FILM)}"
    with visitor.get(address) as reply:
        assert reply.headers["Content-Type"] == "video/mp4"
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert reply.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert reply.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert "Set-Cookie" not in reply.headers and "Cookie" not in reply.headers.get("Vary", "")
    with visitor.get(address, headers={"Range": "bytes=999999-"}) as reply:
        assert reply.status_code == 416
    assert "media-src 'self'" in visitor.get("/").headers["Content-Security-Policy"]


def test_only_clips_of_this_published_survey_are_public(
    client: FlaskClient, survey_id: int, app: Flask
) -> None:
    slug = publish(app, survey_id)
    add(client, survey_id, file=FILM, silent="y")
    key = kept(app, survey_id)[0].file
    visitor = app.test_client()
    assert visitor.get(f"/surveys/{slug}/clips/{key}").status_code == 404
    publish(app, survey_id)
    with app.app_context():
        other = make_survey(questions=(one_choice("a"),)).slug
        db.session.commit()
    assert visitor.get(f"/surveys/{other}/clips/{key}").status_code == 404
    with visitor.get(f"/surveys/{slug}/clips/{key}") as reply:
        assert reply.status_code == 200
    for wrong in (f"{0:064}.mp4", "..%2fengage.db", "x", f"{key}%00", f"{key[:-4]}.webm"):
        assert visitor.get(f"/surveys/{slug}/clips/{wrong}").status_code == 404
        assert client.get(f"/staff/surveys/{survey_id}/clips/file/{wrong}").status_code == 404


def test_a_clip_is_taken_away_and_stays_in_what_was_published(
    client: FlaskClient, survey_id: int, app: Flask
) -> None:
    add(client, survey_id, file=FILM, silent="y")
    slug, key = publish(app, survey_id), kept(app, survey_id)[0].file
    address = f"/staff/surveys/{survey_id}/clips/a"
    for _twice in range(2):
        assert client.post(f"{address}/remove", data={"file": key}).location == address
    assert kept(app, survey_id) == ()
    with app.test_client().get(f"/surveys/{slug}/clips/{key}") as reply:
        assert reply.status_code == 200


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"file": FILM, "kind": ""}, "Choose what it is."),
        ({"file": FILM, "kind": "song"}, "Choose what it is."),
        ({"file": FILM, "language": "xx"}, "Choose a language from the list."),
        ({"silent": "y"}, "Choose a file."),
        ({"file": FILM}, "Choose the captions of the film (.vtt)."),
        ({"file": FILM, "captions": b"1\n00:01 --> 00:02\nHello"}, "Choose a WebVTT caption file (.vtt)."),
        ({"file": FILM, "captions": FILM}, "This is an MP4 video. Choose a WebVTT caption file (.vtt)."),
        ({"file": SOUND, "silent": "y"}, "This is an MP3 sound file. Choose an MP4 video or a WebM video."),
        ({"file": b"<html><script>alert(1)</script>", "silent": "y"}, "Choose an MP4 video"),
        ({"file": b"", "silent": "y"}, "This file is empty."),
        ({"file": FILM[:-3], "silent": "y"}, "damaged"),
        ({"kind": "audio", "file": FILM, "transcript": "x"}, "This is an MP4 video. Choose"),
        ({"kind": "audio", "file": SOUND, "transcript": " "}, "Write down what the recording says"),
        ({"file": FILM, "silent": "y", "transcript": "x" * 5001}, "Shorten it to 5,000"),
    ],
)
def test_what_cannot_be_taken_is_said_and_the_words_stay(
    client: FlaskClient, survey_id: int, app: Flask, fields: dict[str, object], said: str
) -> None:
    sent = {"transcript": "My words\n😀"} | fields
    status, html = add(client, survey_id, **sent)
    assert status == 422
    assert said in html
    assert "<title>Error: " in html
    assert str(sent["transcript"]).strip() in html
    assert kept(app, survey_id) == ()


def test_the_same_film_twice_and_too_many(client: FlaskClient, survey_id: int, app: Flask) -> None:
    for number in range(clips.MOST):
        film = made.mp4(made.track(b"vide"), data=bytes([number]))
        assert add(client, survey_id, file=film, silent="y")[0] == 303
        if not number:
            assert "has that file already" in add(client, survey_id, file=film, silent="y")[1]
    assert "Take one away first." in add(client, survey_id, file=FILM, silent="y")[1]
    assert "Take one away to add another." in client.get(f"/staff/surveys/{survey_id}/clips/a").get_data(
        as_text=True
    )
    assert len(kept(app, survey_id)) == clips.MOST


def test_a_file_that_is_too_large(
    client: FlaskClient, survey_id: int, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clip_views, "LARGEST", 1000)
    monkeypatch.setattr(clip_views, "ROOM_FOR_WORDS", 1000)
    status, html = add(client, survey_id, file=FILM + bytes(5000), silent="y")
    assert status == 413
    assert "Save it smaller or shorter" in html
    assert kept(app, survey_id) == ()


def test_a_film_may_be_larger_than_other_files(client: FlaskClient, survey_id: int, app: Flask) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 1000
    film = made.mp4(made.track(b"vide"), data=bytes(3000))
    assert add(client, survey_id, file=film, silent="y")[0] == 303
    stranger = app.test_client()
    reply = stranger.post(f"/staff/surveys/{survey_id}/clips/a", data={"file": (io.BytesIO(film), "x")})
    assert reply.location.startswith("/sign-in")


def test_questions_and_surveys_that_are_not_there(client: FlaskClient, survey_id: int, app: Flask) -> None:
    for path in ("clips/zz", "clips/zz/remove"):
        assert client.post(f"/staff/surveys/{survey_id}/{path}").status_code == 404
    assert client.get(f"/staff/surveys/{survey_id}/clips/zz").status_code == 404
    assert client.get("/staff/surveys/999999/clips").status_code == 404
    with app.app_context():
        survey = db.session.get_one(Survey, survey_id)
        services.save_draft(survey, Content(), by=factories.user(Role.FACILITATOR), now=utcnow())
        db.session.commit()
    reply = client.get(f"/staff/surveys/{survey_id}/clips")
    assert "There are no questions yet" in reply.get_data(as_text=True)


def test_a_recording_in_a_language_of_its_own_keeps_its_words(app: Flask) -> None:
    clip = Clip(kind="audio", language="pl", file="a", transcript=Text({"pl": "Lubisz to?"}))
    question = one_choice("a").model_copy(update={"clips": (clip,)})
    with app.app_context():
        found = make_survey(questions=(question,))
        version = found.versions[0]
        assert queries.content_of(version).by_id["a"].clips == (clip,)
        db.session.rollback()
