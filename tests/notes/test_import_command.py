"""Exports of other survey tools by ``engage import``."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from flask import Flask

from engage.accounts.models import Role
from engage.cli import main
from engage.contributions.models import Contribution
from engage.db import db
from tests import factories
from tests.notes.exports import CHANGE, SECRETS, qualtrics
from tests.notes.files import comments, csv_file


@pytest.fixture
def installation(app: Flask, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.setenv("ENGAGE_ENVIRONMENT", "development")
    monkeypatch.setenv("ENGAGE_DATABASE_URL", database_url)
    monkeypatch.setenv("ENGAGE_DATA_FOLDER", str(tmp_path))
    with app.app_context():
        factories.conversation(by=factories.user(Role.FACILITATOR))
        db.session.commit()
    return app


def taken(tmp_path: Path, content: bytes, *options: str) -> Result:
    file = tmp_path / "export.csv"
    file.write_bytes(content)
    return CliRunner().invoke(main, ["import", str(file), *options])


def test_an_export_needs_no_columns_named(installation: Flask, tmp_path: Path) -> None:
    first = taken(tmp_path, csv_file(qualtrics()))
    assert first.exit_code == 0, first.output
    assert "This looks like an export from Qualtrics." in first.output
    assert "Left out, for they can show who somebody is: IPAddress, RecipientLastName," in first.output
    assert "6 rows: 7 taken in, 0 were there already." in first.output
    assert "row 8 was left out: Somebody tried the survey out; it is no answer." in first.output
    assert "row 9 was left out: The survey was not finished and not sent." in first.output
    assert not [secret for secret in SECRETS if secret in first.output]
    again = taken(tmp_path, csv_file(qualtrics()), "--with-unfinished")
    assert "6 rows: 1 taken in, 7 were there already." in again.output


def test_one_column_by_name(installation: Flask, tmp_path: Path) -> None:
    assert taken(tmp_path, csv_file(qualtrics()), "--text-column", "Q3").exit_code == 0
    with installation.app_context():
        said = list(db.session.scalars(sa.select(Contribution.text).order_by(Contribution.id)))
    assert said == [text for text in CHANGE if text]


def test_what_cannot_be_taken_says_what_to_do(installation: Flask, tmp_path: Path) -> None:
    plain = taken(tmp_path, csv_file(comments(2)))
    assert plain.exit_code == 1
    assert "Say which column holds what people said. This file has: Ref, Comment, Who" in plain.output
    named = taken(tmp_path, csv_file(qualtrics()), "--text-column", "RecipientEmail")
    assert named.exit_code == 1
    assert "“RecipientEmail” is left out because it can show who somebody is." in named.output
