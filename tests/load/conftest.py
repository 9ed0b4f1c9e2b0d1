"""An installation as a council has it, with a small survey, on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from engage import create_app, db
from engage.config import Settings
from engage.surveys.questions import FreeText
from engage.surveys.texts import Text
from tests.conftest import BACKENDS
from tests.databases import start_postgres
from tests.live import settings_of
from tests.surveys import factories as surveys

QUESTIONS = (
    surveys.one_choice("reach"),
    FreeText(id="good", text=Text("What is good?")),
    FreeText(id="better", text=Text("What would be better?")),
)


@dataclass(frozen=True)
class Installation:
    """Its settings, an app that looks at its database from outside, and its open survey."""

    settings: Settings
    app: Flask
    slug: str


@pytest.fixture(params=BACKENDS)
def durable_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database that keeps what it acknowledged through a power cut: nothing is turned off for speed."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'engage.db'}"
        return
    server = start_postgres(tmp_path / "postgres", durable=True)
    yield server.create_database("engage")
    server.stop()


@pytest.fixture
def installation(durable_url: str, tmp_path: Path) -> Iterator[Installation]:
    settings = settings_of(tmp_path, durable_url)
    app = create_app(settings)
    with app.app_context():
        db.upgrade()
        survey = surveys.survey(questions=QUESTIONS)
        db.db.session.commit()
        slug = survey.slug
        db.db.engine.dispose()
    yield Installation(settings, app, slug)
    with app.app_context():
        db.db.engine.dispose()
