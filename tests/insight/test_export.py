"""Exports: every voice with its trail, nothing that must stay inside, no formulas."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from collections.abc import Callable

import openpyxl
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from engage.accounts.models import Role, User
from engage.audit.models import AuditEntry
from engage.contributions import moderation
from engage.contributions.models import Contribution, DecisionKind, Status
from engage.contributions.moderation import Passage
from engage.conversations.models import Conversation
from engage.db import db
from engage.insight import export
from engage.themes import services as theming
from engage.themes.models import Theme
from tests import factories
from tests.conftest import StatementCounter
from tests.factories import NOW

SignIn = Callable[..., int]


@pytest.fixture
def conversation(ctx: Flask) -> Conversation:
    """One approved and themed voice, one held back, one that waits, one in the safeguarding lane."""
    moderator = factories.user(Role.MODERATOR, name="Priya")
    made = factories.conversation("Big Conversation 2026", by=moderator)
    approved = factories.contribution(made, "=SUM(1,2) Denise never comes", voices=3)
    moderation.redact(approved, [Passage("Denise", "name")], by=moderator, now=NOW, reason="a name")
    moderation.decide(approved, DecisionKind.APPROVE, by=moderator, now=NOW)
    theme = db.session.scalars(sa.select(Theme).where(Theme.name == "Care at home")).one()
    theming.decide_themes(approved, [theme], by=moderator, now=NOW)
    withheld = factories.contribution(made, "Buy my stairlift")
    moderation.decide(withheld, DecisionKind.WITHHOLD, by=moderator, now=NOW, reason="An advertisement")
    factories.contribution(made, "Nobody has read this")
    concern = factories.contribution(made, "I am afraid of him")
    moderation.decide(concern, DecisionKind.RAISE_CONCERN, by=moderator, now=NOW, reason="Afraid")
    db.session.commit()
    return made


def written(conversation: Conversation, file_format: str) -> bytes:
    return b"".join(export.FORMATS[file_format][1](export.exported_voices(conversation)))


def test_json_carries_the_trail(conversation: Conversation) -> None:
    [approved, withheld, waiting] = json.loads(written(conversation, "json"))
    assert approved["text"] == "=SUM(1,2) [name] never comes"
    assert (approved["voices"], approved["themes"]) == (3, ["Care at home"])
    assert [(step["what"], step["who"], step["why"]) for step in approved["trail"]] == [
        ("arrived", "", "online"),
        ("redact", "Priya", "a name"),
        ("approve", "Priya", ""),
        ("themes care-at-home", "Priya", ""),
    ]
    assert (withheld["status"], withheld["text"]) == ("withheld", "")
    assert withheld["trail"][1]["why"] == "An advertisement"
    assert (waiting["status"], waiting["text"]) == ("waiting", "")


@pytest.mark.parametrize("file_format", ["csv", "xlsx", "json"])
def test_nothing_leaves_that_must_stay(conversation: Conversation, file_format: str) -> None:
    content = written(conversation, file_format)
    if file_format == "xlsx":
        sheet = openpyxl.load_workbook(io.BytesIO(content)).active
        content = repr([[cell.value for cell in row] for row in sheet.iter_rows()]).encode()
    for secret in (b"afraid", b"Afraid", b"Denise", b"stairlift", b"Nobody has read"):
        assert secret not in content


def test_what_was_said_in_the_lane_stays_there(conversation: Conversation) -> None:
    """A voice that was looked after and came back shows neither the worry nor what was done."""
    lead = factories.user(Role.SAFEGUARDING_LEAD)
    concern = db.session.scalars(
        sa.select(Contribution).where(Contribution.status == Status.SAFEGUARDING)
    ).one()
    moderation.decide(concern, DecisionKind.ACKNOWLEDGE_CONCERN, by=lead, now=NOW)
    moderation.decide(concern, DecisionKind.RELEASE_CONCERN, by=lead, now=NOW, reason="We rang Afraid")
    moderation.decide(concern, DecisionKind.APPROVE, by=lead, now=NOW)
    db.session.commit()
    exported = json.loads(written(conversation, "json"))[-1]
    assert [step["what"] for step in exported["trail"]] == ["arrived", "approve"]
    assert "Afraid" not in json.dumps(exported)


def test_csv_cells_are_no_formulas(conversation: Conversation) -> None:
    rows = list(csv.DictReader(io.StringIO(written(conversation, "csv").decode("utf-8-sig"))))
    assert len(rows) == 3
    assert rows[0]["text"] == "'=SUM(1,2) [name] never comes"
    assert rows[0]["trail"].endswith("themes care-at-home by Priya")


@pytest.mark.parametrize("start", export.FORMULA_STARTS)
def test_every_formula_start_is_made_harmless(start: str) -> None:
    assert export.harmless(f"{start}1+1") == f"'{start}1+1"
    assert export.harmless("plain") == "plain"
    assert export.harmless(-3) == -3


def test_excel_cells_are_text(conversation: Conversation) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(written(conversation, "xlsx"))).active
    cell = sheet.cell(row=2, column=export.COLUMNS.index("text") + 1)
    assert (cell.value, cell.data_type) == ("=SUM(1,2) [name] never comes", "s")


def test_an_empty_conversation_gives_empty_files(ctx: Flask) -> None:
    empty = factories.conversation()
    db.session.commit()
    assert json.loads(written(empty, "json")) == []
    assert len(written(empty, "csv").decode("utf-8-sig").splitlines()) == 1


def test_statements_and_memory_do_not_grow_with_the_ledger(
    app: Flask, statements: StatementCounter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "BATCH", 20)
    with app.app_context():
        person: User = factories.user(Role.MODERATOR)
        conversation = factories.conversation(by=person)
        for _ in range(100):
            factories.approved(conversation, by=person)
        db.session.commit()
        with statements:
            assert len(list(export.exported_voices(conversation))) == 100
        batches = 6
        # PRAGMA and BEGIN are not counted; each batch asks for voices, trails, themes and groups.
        assert statements.count <= batches * 6
        tracemalloc.start()
        for _ in export.as_csv(export.exported_voices(conversation)):
            pass
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 5_000_000


def test_a_download_is_put_on_record(app: Flask, client: FlaskClient, sign_in: SignIn) -> None:
    with app.app_context():
        conversation = factories.conversation("Big Conversation 2026")
        factories.contribution(conversation)
        db.session.commit()
    facilitator = sign_in(client, Role.FACILITATOR)
    assert "1 voice with its whole trail" in client.get("/staff/export").get_data(as_text=True)
    answer = client.post("/staff/export/csv")
    assert answer.status_code == 200
    assert "big-conversation-2026" in answer.headers["Content-Disposition"]
    assert answer.get_data().startswith(b"\xef\xbb\xbfid,")
    assert client.post("/staff/export/pdf").status_code == 404
    assert client.get("/staff/export/csv").status_code == 405
    with app.app_context():
        entry = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "export")).one()
        assert (entry.actor_id, entry.detail) == (facilitator, {"file_format": "csv"})
