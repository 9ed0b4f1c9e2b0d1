"""Taking files in: counts, doubles, kills, reports."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from engage.accounts.models import Role, User
from engage.audit.models import AuditEntry
from engage.contributions import queries as contribution_queries
from engage.contributions.models import Channel, Contribution, Embedding, Speaker, Status
from engage.conversations.models import Conversation
from engage.db import db, utcnow
from engage.notes import imports, queries, reports, taking
from engage.notes.columns import ColumnMapping, ColumnMissing
from engage.notes.imports import import_file
from engage.notes.models import CommentImport, ImportFile, ImportState
from engage.notes.reading import open_table
from engage.notes.tables import UnreadableFile
from tests import factories
from tests.notes.files import HEADERS, changed, comments, csv_file, workbook

MAPPING = {
    "text_column": "Comment",
    "reference_column": "Ref",
    "speaker_column": "Who",
    "district_column": "District",
    "date_column": "Date",
    "voices_column": "People",
}
Taking = Callable[..., imports.ImportReport]


@pytest.fixture
def recorder(ctx: Flask) -> User:
    user = factories.user(Role.RECORDER)
    db.session.commit()
    return user


@pytest.fixture
def conversation(recorder: User) -> Conversation:
    made = factories.conversation(by=recorder)
    db.session.commit()
    return made


@pytest.fixture
def take_in(conversation: Conversation, recorder: User) -> Taking:
    def take(content: bytes, mapping: dict[str, Any] | None = None, **options: Any) -> imports.ImportReport:
        return import_file(
            conversation,
            "comments.csv",
            content,
            mapping or MAPPING,
            by=recorder,
            now=factories.NOW,
            **options,
        )

    return take


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "BATCH", 10)


def texts(conversation: Conversation) -> list[str]:
    return list(
        db.session.scalars(
            sa.select(Contribution.text)
            .where(Contribution.conversation_id == conversation.id)
            .order_by(Contribution.id)
        )
    )


def test_a_file_becomes_voices_that_wait(take_in: Taking, conversation: Conversation) -> None:
    rows = [
        HEADERS,
        ("1", "I can't get through by phone.", "service user", "mansfield", "2026-03-27", 2),
        ("2", "مرحبا، الحافلة متأخرة 🚌", "carer", "", "", ""),
    ]
    report = take_in(csv_file(rows), MAPPING | {"prompt": "What would help?", "channel": "paper"})
    assert (report.total, report.taken, report.already_there) == (2, 2, 0)
    assert (report.left_out, report.noted, report.encoding) == ([], [], "UTF-8")
    one, two = db.session.scalars(sa.select(Contribution).order_by(Contribution.id))
    assert (one.text, one.speaker, one.district) == (
        "I can't get through by phone.",
        Speaker.DRAWS_ON_CARE,
        "Mansfield",
    )
    assert (one.voices, one.prompt, one.channel) == (2, "What would help?", Channel.PAPER)
    assert one.received_at.date().isoformat() == "2026-03-27"
    assert (two.text, two.district, two.voices) == ("مرحبا، الحافلة متأخرة 🚌", None, 1)
    assert (two.received_at, two.status) == (factories.NOW, Status.WAITING)
    counts = contribution_queries.counts(conversation.id)
    assert (counts.by_channel[Channel.PAPER], counts.voices) == (2, 3)


def test_the_same_file_twice_brings_nothing_twice(take_in: Taking, conversation: Conversation) -> None:
    content = csv_file([("Comment",), ("Late",), ("Late",), ("Fine",)])
    mapping = {"text_column": "Comment"}
    assert take_in(content, mapping).taken == 3  # Two people who say the same both count.
    again = take_in(content, mapping)
    assert (again.total, again.taken, again.already_there) == (3, 0, 3)
    longer = csv_file([("Comment",), ("New",), ("Late",), ("Late",), ("Late",), ("Fine",)])
    third = take_in(longer, mapping)
    assert (third.taken, third.already_there) == (2, 3)
    assert sorted(texts(conversation)) == ["Fine", "Late", "Late", "Late", "New"]


def test_somebody_else_who_says_the_same_in_another_file_counts(
    take_in: Taking, conversation: Conversation
) -> None:
    headers = ("Comment", "Who", "District", "Date", "People")
    mapping = {name: column for name, column in MAPPING.items() if name != "reference_column"}
    one = ("More respite", "carer", "Mansfield", "2026-03-27", "1")
    others = [
        ("More respite", "staff", *one[2:]),
        (*one[:2], "Bassetlaw", *one[3:]),
        (*one[:3], "2026-03-28", "1"),
        (*one[:4], "2"),
    ]
    assert take_in(csv_file([headers, one]), mapping).taken == 1
    assert take_in(csv_file([headers, one]), mapping).already_there == 1
    for other in others:
        assert take_in(csv_file([headers, other]), mapping).taken == 1
    again = take_in(csv_file([headers, one, *others]), mapping)
    assert (again.taken, again.already_there) == (0, 5)
    assert texts(conversation) == ["More respite"] * 5


def test_another_conversation_has_its_own_rows(take_in: Taking, recorder: User) -> None:
    content = csv_file(comments(3))
    assert take_in(content).taken == 3
    other = factories.conversation(by=recorder)
    db.session.commit()
    report = import_file(other, "x.csv", content, MAPPING, by=recorder, now=factories.NOW)
    assert report.taken == 3


def test_a_voice_that_was_redacted_is_known_again(take_in: Taking, conversation: Conversation) -> None:
    content = csv_file(comments(1))
    take_in(content)
    voice = db.session.scalars(sa.select(Contribution)).one()
    voice.text = "The bus was late for [name]."
    db.session.commit()
    assert take_in(content).already_there == 1
    assert texts(conversation) == ["The bus was late for [name]."]


def test_what_is_left_out_is_told_row_by_row(take_in: Taking, conversation: Conversation) -> None:
    rows = [
        HEADERS,
        ("1", "", "carer", "", "", ""),
        ("2", "x" * 10_001, "carer", "", "", ""),
        ("3", "a\x00b", "Martian", "Atlantis", "soon", "lots"),
        ("4", "Fine", "", "", "", "", "too", "many"),
    ]
    report = take_in(csv_file(rows))
    assert (report.total, report.taken) == (4, 2)
    assert report.left_out == [
        (2, "There are no words in the column with what people said."),
        (3, "It is too long: 10,001 characters. Perhaps a quotation mark is missing."),
    ]
    assert report.noted == [
        (4, "Who speaks was not clear: “Martian”. It counts as not said."),
        (4, "“Atlantis” is not a district of this conversation. The district was left empty."),
        (4, "“lots” is not a whole number of people. It counts as one."),
        (4, "“soon” is not a day that we can read. The day of the import was taken."),
        (5, "There are more cells than headings; the last 2 were not taken in."),
    ]
    assert texts(conversation) == ["ab", "Fine"]


def test_a_report_keeps_nobodys_words(take_in: Taking, conversation: Conversation) -> None:
    """Columns that were taken for others: what people said stands where districts and days should be."""
    said = "My mother Joan of 4 Mill Lane fell twice"
    long_word = "x" * 41
    rows = [HEADERS, ("1", "Fine", said, said, said, said), ("2", "Fine", "", long_word, "a b c d e", "")]
    report = take_in(csv_file(rows), MAPPING)
    stored = db.session.get_one(CommentImport, report.import_id).report
    for words in (said, "Joan", "Mill", long_word, "a b c d e"):
        assert words not in str(stored)
        assert words not in str(report)
        assert words not in reports.as_csv(reports.Findings.read(stored)).decode()
    assert stored["rows"]["district"] == [[2, ""], [3, ""]]
    assert (2, "The cell for the district holds a long text. The district was left empty.") in report.noted
    assert len(report.noted) == 5  # "My mother" is understood as who speaks.
    assert "2,Yes,District not known,a long text" in reports.as_csv(reports.Findings.read(stored)).decode()


def test_words_in_a_report_of_before_are_not_shown() -> None:
    said = "My mother Joan of 4 Mill Lane fell twice"
    before = reports.Findings.read({"counts": {"date": 1}, "rows": {"date": [[2, said]]}})
    assert said not in str(list(reports.sections(before)))
    assert "Joan" not in reports.as_csv(before).decode()


def test_a_workbook_with_the_sheet_that_was_named(take_in: Taking, conversation: Conversation) -> None:
    content = workbook(("Cover", [("About",), ("x",)]), ("Data", comments(2)))
    report = take_in(content, MAPPING | {"sheet": "data"})
    assert (report.total, report.taken, report.encoding) == (2, 2, None)
    assert len(texts(conversation)) == 2


@pytest.mark.parametrize(
    ("content", "mapping", "words"),
    [
        (csv_file(comments(2)), {"text_column": "Remarks"}, "no column “Remarks”"),
        (csv_file(comments(0)), MAPPING, "no rows below"),
        (b"", MAPPING, "is empty"),
        (b"%PDF-1.7", MAPPING, "This is a PDF"),
        (csv_file(comments(2)), MAPPING | {"channel": "pigeon"}, "“pigeon” is no way"),
    ],
)
def test_what_cannot_be_taken_in_leaves_nothing_behind(
    take_in: Taking, content: bytes, mapping: dict[str, str], words: str
) -> None:
    with pytest.raises(UnreadableFile, match=words):
        take_in(content, mapping)
    db.session.commit()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(CommentImport)) == 0
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Contribution)) == 0


def entries() -> list[AuditEntry]:
    query = sa.select(AuditEntry).where(AuditEntry.subject == "comment_import").order_by(AuditEntry.id)
    return list(db.session.scalars(query))


def test_each_step_is_in_the_record_and_the_file_is_gone(take_in: Taking, recorder: User) -> None:
    report = take_in(csv_file(comments(2)))
    sent, chosen, entry = entries()
    assert (sent.action, sent.actor_id) == ("upload file of comments", recorder.id)
    assert (sent.subject_id, sent.detail) == (report.import_id, {"file_name": "comments.csv"})
    assert (chosen.action, chosen.actor_id) == ("choose columns of comments", recorder.id)
    assert chosen.detail == {
        "columns": ["date", "district", "reference", "speaker", "text", "voices"],
        "channel": "import",
    }
    assert (entry.action, entry.subject_id, entry.actor_id) == (
        "import comments",
        report.import_id,
        recorder.id,
    )
    assert entry.detail == {"taken": 2, "already_there": 0, "left_out": 0}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ImportFile)) == 0
    made = db.session.get_one(CommentImport, report.import_id)
    assert (made.state, made.rows_done, made.rows_total) == (ImportState.DONE, 2, 2)


def test_progress_is_told_step_by_step(take_in: Taking, small_steps: None) -> None:
    told: list[tuple[int, int]] = []
    take_in(csv_file(comments(25)), progress=lambda done, total: told.append((done, total)))
    assert [done for done, _total in told] == [10, 20, 25, 25]
    assert all(done <= total for done, total in told)
    assert told[-1] == (25, 25)


def test_vectors_are_made_where_they_are_wanted(take_in: Taking) -> None:
    content = csv_file(comments(3))
    take_in(content)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Embedding)) == 0
    take_in(content, embed=True)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Embedding)) == 3


class Killed(Exception):
    """Stands for the end of a worker."""


def kill_at(rows: int) -> Callable[[int, int], None]:
    def progress(done: int, _total: int) -> None:
        if done >= rows:
            raise Killed

    return progress


def queued(conversation: Conversation, user: User, content: bytes) -> CommentImport:
    made = imports.upload(conversation, "comments.csv", content, by=user, now=factories.NOW)
    chosen = ColumnMapping.read(MAPPING)
    imports.map_columns(made, chosen, open_table(content), by=user, now=factories.NOW)
    db.session.commit()
    return made


def test_a_command_that_was_killed_can_be_run_again(
    take_in: Taking, conversation: Conversation, small_steps: None
) -> None:
    content = csv_file(comments(35))
    with pytest.raises(Killed):
        take_in(content, progress=kill_at(20))
    db.session.rollback()
    report = take_in(content)
    assert (report.total, report.taken, report.already_there) == (35, 15, 20)
    assert len(set(texts(conversation))) == len(texts(conversation)) == 35


def test_a_worker_that_was_killed_is_followed_by_one_that_goes_on(
    conversation: Conversation, recorder: User, small_steps: None
) -> None:
    rows = [*comments(30), ("R31", "", "", "", "", ""), *comments(34)[32:]]
    made = queued(conversation, recorder, csv_file(rows))
    with pytest.raises(Killed):
        taking.run(made.id, progress=kill_at(20))
    db.session.rollback()
    assert taking.run(made.id) is None  # It may still be alive.
    later = utcnow() + taking.STALE + timedelta(seconds=1)
    findings = taking.run(made.id, clock=lambda: later)
    assert findings is not None
    assert (findings.total, findings.taken, findings.already_there, findings.left_out) == (34, 33, 0, 1)
    assert findings.rows["no_words"] == [(32, "")]
    assert len(set(texts(conversation))) == len(texts(conversation)) == 33
    assert (made.state, made.rows_done) == (ImportState.DONE, 34)
    assert taking.run(made.id) is None


def test_an_import_that_never_gets_on_ends(
    conversation: Conversation, recorder: User, small_steps: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = queued(conversation, recorder, csv_file(comments(5)))
    now = utcnow()
    for attempt in range(taking.MOST_ATTEMPTS):
        later = now + attempt * (taking.STALE + timedelta(minutes=1))
        assert taking._claim(made.id, later)
    assert not taking._claim(made.id, now + timedelta(hours=1))
    db.session.refresh(made)
    assert made.state is ImportState.FAILED
    assert made.message is not None
    assert made.message.startswith("We tried several times")
    assert queries.import_content(made) is None


def test_a_file_that_breaks_off_keeps_what_came_before(
    conversation: Conversation, recorder: User, small_steps: None
) -> None:
    content = workbook(("Data", comments(30)))
    broken = changed(content, "xl/worksheets/sheet1.xml", b'<row r="26"', b'<row r="26" <')
    made = queued(conversation, recorder, broken)
    findings = taking.run(made.id)
    assert findings is not None
    assert made.state is ImportState.FAILED
    assert made.message is not None
    assert "damaged" in made.message
    assert findings.taken == len(texts(conversation)) > 0
    entry = entries()[-1]
    assert entry.action == "break off import of comments"
    assert queries.import_content(made) is None


def test_only_one_of_two_runs_gets_an_import(conversation: Conversation, recorder: User) -> None:
    made = queued(conversation, recorder, csv_file(comments(3)))
    assert taking._claim(made.id, utcnow())
    assert not taking._claim(made.id, utcnow())


def test_a_run_that_was_taken_over_adds_nothing_more(
    conversation: Conversation, recorder: User, small_steps: None
) -> None:
    made = queued(conversation, recorder, csv_file(comments(35)))
    later = utcnow() + taking.STALE + timedelta(seconds=1)
    others: list[reports.Findings | None] = []

    def somebody_else_comes(done: int, _total: int) -> None:
        if done == 20 and not others:
            others.append(None)
            others.append(taking.run(made.id, clock=lambda: later))

    assert taking.run(made.id, progress=somebody_else_comes) is None
    assert others[1] is not None
    assert others[1].taken == 35
    db.session.expire_all()
    assert (made.state, made.rows_done, made.report["taken"]) == (ImportState.DONE, 35, 35)
    assert len(set(texts(conversation))) == len(texts(conversation)) == 35
    assert [entry.action for entry in entries()].count("import comments") == 1


def test_a_step_of_a_run_that_was_taken_over_leaves_nothing(
    conversation: Conversation, recorder: User, small_steps: None
) -> None:
    """The other run has it in hand and has done nothing yet: this one's next step must not count."""
    made = queued(conversation, recorder, csv_file(comments(35)))
    later = utcnow() + taking.STALE + timedelta(seconds=1)

    def somebody_else_comes(done: int, _total: int) -> None:
        if done == 20:
            assert taking._claim(made.id, later)

    assert taking.run(made.id, progress=somebody_else_comes) is None
    db.session.expire_all()
    assert (made.state, made.rows_done, made.updated_at) == (ImportState.RUNNING, 20, later)
    assert len(texts(conversation)) == 20
    assert queries.import_content(made) is not None


def test_columns_are_chosen_once(conversation: Conversation, recorder: User) -> None:
    content = csv_file(comments(1))
    made = queued(conversation, recorder, content)
    with pytest.raises(imports.AlreadyStarted):
        imports.map_columns(
            made, ColumnMapping.read(MAPPING), open_table(content), by=recorder, now=factories.NOW
        )
    with pytest.raises(imports.AlreadyStarted):
        imports.discard(made, by=recorder, now=factories.NOW)
    with pytest.raises(ColumnMissing):
        imports.map_columns(
            made, ColumnMapping(text_column="?"), open_table(content), by=recorder, now=factories.NOW
        )


def test_the_sweep_takes_up_what_waits_and_forgets_what_nobody_took_in(
    app: Flask, conversation: Conversation, recorder: User
) -> None:
    waiting = queued(conversation, recorder, csv_file(comments(2)))
    old = imports.upload(conversation, "a.csv", csv_file(comments(2)), by=recorder, now=factories.NOW)
    old.updated_at = utcnow() - imports.KEPT_UNUSED - timedelta(hours=1)
    new = imports.upload(conversation, "b.csv", csv_file(comments(2)), by=recorder, now=utcnow())
    db.session.commit()
    ids = waiting.id, old.id, new.id
    imports.sweep_imports()
    queue = app.extensions["engage.queue"]
    queue.execute(queue.dequeue())
    db.session.expire_all()
    assert db.session.get_one(CommentImport, ids[0]).state is ImportState.DONE
    assert db.session.get(CommentImport, ids[1]) is None
    assert db.session.get_one(CommentImport, ids[2]).state is ImportState.UPLOADED
    (gone,) = [entry for entry in entries() if entry.action == "throw away file of comments"]
    assert (gone.subject_id, gone.actor_id, gone.detail) == (ids[1], None, {"file_name": "a.csv"})
    assert gone.actor == "the time limit for unused files"


def test_a_preview_shows_five_rows_and_guesses(conversation: Conversation, recorder: User) -> None:
    made = imports.upload(
        conversation, r"C:\Users\me\comments.csv", csv_file(comments(8)), by=recorder, now=utcnow()
    )
    db.session.commit()
    assert made.file_name == "comments.csv"
    preview = imports.preview(made)
    assert [row.number for row in preview.table.first] == [2, 3, 4, 5, 6]
    assert preview.guess == MAPPING


def test_a_report_names_a_hundred_rows_of_a_kind_and_counts_all() -> None:
    findings = reports.Findings()
    for row in range(2, 152):
        findings.note("district", row, "Atlantis")
    stored = reports.Findings.read(findings.as_json())
    assert stored.counts == {"district": 150}
    assert len(stored.rows["district"]) == 100
    ((title, count, rows),) = reports.sections(stored)
    assert (title, count, len(rows)) == ("District not known", 150, 100)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_the_report_is_a_formula(start: str) -> None:
    findings = reports.Findings()
    findings.note("district", 2, f"{start}cmd|' /C calc'!A0")
    table = reports.as_csv(findings).decode("utf-8-sig")
    assert f"'{start}cmd" in table
    assert f",{start}" not in table
    assert f',"{start}' not in table
