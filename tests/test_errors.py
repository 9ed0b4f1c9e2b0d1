"""When something goes wrong: a page that helps, and a log without anybody's words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from engage import create_app
from engage.db import db
from tests import factories
from tests.conftest import settings_for

WORDS = "my neighbour shouts at night"


def test_nobody_sees_a_stack_and_no_log_holds_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app = create_app(settings_for(tmp_path))

    @app.get("/broken")
    def broken() -> str:
        words = WORDS
        db.session.execute(sa.text("SELECT :words FROM nowhere"), {"words": words})
        return words

    answer = app.test_client().get("/broken")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert "Something went wrong on our side" in page
    assert "Traceback" not in page
    assert "nowhere" not in page
    logged = capsys.readouterr().err
    assert json.loads(logged.strip().splitlines()[-1])["error_type"] == "OperationalError"
    assert WORDS not in logged


def test_what_a_database_says_of_a_refused_row_is_not_logged(
    capsys: pytest.CaptureFixture[str], app: Flask
) -> None:
    """PostgreSQL quotes the whole row in its error message."""
    app.testing = False

    @app.post("/refused")
    def refused() -> str:
        factories.contribution(factories.conversation(), WORDS, voices=0)
        return ""

    assert app.test_client().post("/refused").status_code == 500
    logged = capsys.readouterr().err
    assert "IntegrityError" in logged
    assert WORDS not in logged


@pytest.mark.parametrize(
    ("method", "path", "code", "words"),
    [
        ("GET", "/nowhere", 404, "We cannot find that page"),
        ("DELETE", "/", 405, "That did not work from here"),
        ("GET", "/\x00", 404, "We cannot find that page"),
        ("GET", "/surveys/" + "x" * 3000, 404, "We cannot find that page"),
    ],
)
def test_error_pages_say_what_to_do(tmp_path: Path, method: str, path: str, code: int, words: str) -> None:
    app = create_app(settings_for(tmp_path))
    with app.app_context():
        from engage import db as database

        database.upgrade()
    answer = app.test_client().open(path, method=method)
    assert answer.status_code == code
    page = answer.get_data(as_text=True)
    assert words in page
    assert "Nottinghamshire" not in page
