"""Kept files come back whole, in parts too, under headers that let nothing run."""

from __future__ import annotations

import io
import stat

import pytest
from flask import Flask, Response
from werkzeug.datastructures import FileStorage

from engage import config
from engage.files import (
    Kind,
    Upload,
    delete,
    kind_of,
    open_stored,
    read_upload,
    send_stored,
    serving_headers,
    store,
)
from tests.conftest import settings_for
from tests.files import made

EVERY = frozenset(Kind)
FILM = made.mp4(data=bytes(range(256)) * 20)
NO_KEYS = [
    "",
    "..",
    "../../engage.db",
    "a" * 64,
    "a" * 64 + ".exe",
    "A" * 64 + ".mp4",
    "a" * 64 + ".mp4\n",
    "\0",
]


@pytest.fixture
def app(tmp_path):
    """The storage alone needs no database."""
    app = Flask(__name__)
    config.apply(app, settings_for(tmp_path))

    @app.route("/films/<key>")
    def film(key: str) -> Response:
        return send_stored(key)

    with app.app_context():
        yield app


def upload(content: bytes = FILM) -> Upload:
    return read_upload(FileStorage(io.BytesIO(content), filename="../film.exe"), EVERY, 1_000_000)


def test_a_file_comes_back_whole_and_only_its_owner_may_read_it(app: Flask, tmp_path) -> None:
    sent = upload()
    key = store(sent)
    assert key == f"{sent.sha256}.mp4"
    with open_stored(key) as file:
        assert file.read() == FILM
    path = tmp_path / "uploads" / key[:2] / key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == [key]


def test_the_same_file_is_kept_once_and_a_half_one_is_mended(app: Flask, tmp_path) -> None:
    key = store(upload())
    path = tmp_path / "uploads" / key[:2] / key
    written = path.stat().st_mtime_ns
    assert store(upload()) == key
    assert path.stat().st_mtime_ns == written
    path.write_bytes(FILM[:10])
    store(upload())
    assert path.read_bytes() == FILM


def test_a_file_that_cannot_be_written_leaves_nothing(app: Flask, tmp_path) -> None:
    sent = upload()
    sent.stream.close()
    with pytest.raises(ValueError, match="closed file"):
        store(sent)
    assert [path for path in (tmp_path / "uploads").rglob("*") if path.is_file()] == []


def test_deleted_is_gone_and_twice_does_no_harm(app: Flask) -> None:
    key = store(upload())
    delete(key)
    delete(key)
    with pytest.raises(FileNotFoundError):
        open_stored(key)


@pytest.mark.parametrize("key", NO_KEYS)
def test_what_is_no_key_reaches_no_file(app: Flask, key: str) -> None:
    for use in (open_stored, delete, kind_of, serving_headers):
        with pytest.raises(FileNotFoundError):
            use(key)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (FILM, "video/mp4"),
        (made.webm(), "video/webm"),
        (made.m4a(), "audio/mp4"),
        (made.mp3(), "audio/mpeg"),
        (made.ogg(), "audio/ogg"),
        (made.wav(), "audio/wav"),
        (made.vtt(), "text/vtt; charset=utf-8"),
        (made.jpeg(), "image/jpeg"),
        (made.png(), "image/png"),
        (made.webp(), "image/webp"),
    ],
)
def test_each_kind_is_shown_as_itself_and_nothing_runs(app: Flask, content: bytes, expected: str) -> None:
    key = store(upload(content))
    answer = app.test_client().get(f"/films/{key}")
    assert answer.data == content
    headers = answer.headers
    assert headers["Content-Type"] == expected
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["Content-Disposition"] == f'inline; filename="{key[:16]}.{key[65:]}"'
    answer.close()


@pytest.mark.parametrize(
    ("wanted", "status", "part"),
    [
        ("bytes=0-1", 206, FILM[:2]),
        ("bytes=100-", 206, FILM[100:]),
        ("bytes=-5", 206, FILM[-5:]),
        ("bytes=9999999-", 416, None),
    ],
)
def test_a_film_comes_in_the_parts_that_were_asked_for(
    app: Flask, wanted: str, status: int, part: bytes | None
) -> None:
    answer = app.test_client().get(f"/films/{store(upload())}", headers={"Range": wanted})
    assert answer.status_code == status
    if part is not None:
        assert answer.data == part
        assert answer.headers["Accept-Ranges"] == "bytes"
        assert answer.headers["Content-Range"].endswith(f"/{len(FILM)}")
        assert answer.headers["Content-Type"] == "video/mp4"
    answer.close()


def test_a_film_that_the_browser_has_is_not_sent_again(app: Flask) -> None:
    key = store(upload())
    answer = app.test_client().get(f"/films/{key}", headers={"If-None-Match": f'"{key[:64]}"'})
    assert (answer.status_code, answer.data) == (304, b"")
    answer.close()
