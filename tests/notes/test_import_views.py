"""The pages on which files of comments are taken in."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engage.accounts.models import Role, User
from engage.audit.models import AuditEntry
from engage.contributions.models import Channel, Contribution
from engage.conversations.models import Conversation
from engage.db import db, utcnow
from engage.notes import imports
from engage.notes.models import CommentImport, ImportFile, ImportState
from engage.notes.tables import Table
from tests import factories
from tests.accounts.locks import somebody_is_in_the_way
from tests.conftest import StatementCounter
from tests.notes.exports import ASKED_CHANGE, ASKED_GOOD, SECRETS, limesurvey, qualtrics
from tests.notes.files import HEADERS, comments, csv_file, workbook

SignIn = Callable[..., int]
CHOSEN = {"text_column": "Comment", "district_column": "District", "channel": "paper"}


@pytest.fixture
def conversation_id(app: Flask) -> int:
    with app.app_context():
        made = factories.conversation()
        db.session.commit()
        return made.id


@pytest.fixture
def recorder_id(client: FlaskClient, sign_in: SignIn, conversation_id: int) -> int:
    return sign_in(client, Role.RECORDER)


def send(client: FlaskClient, content: bytes, name: str = "comments.csv", **more: str) -> TestResponse:
    data = {"file": (io.BytesIO(content), name), "channel": "import"} | more
    return client.post("/staff/imports/new", data=data, content_type="multipart/form-data")


def sent(client: FlaskClient, content: bytes, **more: str) -> str:
    """Send a file and return the address of its import."""
    answer = send(client, content, **more)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return answer.headers["Location"].partition("/columns")[0]


def page(client: FlaskClient, path: str) -> str:
    answer = client.get(path, follow_redirects=True)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def work(app: Flask) -> None:
    """Do what waits in the queue."""
    queue = app.extensions["engage.queue"]
    while (job := queue.dequeue()) is not None:
        queue.execute(job)


def voices(app: Flask) -> list[Contribution]:
    with app.app_context():
        return list(db.session.scalars(sa.select(Contribution).order_by(Contribution.id)))


def test_an_empty_list_says_what_to_do(client: FlaskClient, recorder_id: int) -> None:
    assert "Take in the first file" in page(client, "/staff/imports")


def test_a_file_from_sending_to_its_report(app: Flask, client: FlaskClient, recorder_id: int) -> None:
    rows = [*comments(8), ("R9", "", "", "Atlantis", "", ""), ("R10", "Fine", "", "=Atlantis", "", "")]
    path = sent(client, csv_file(rows, encoding="cp1252"), channel="letter")
    shown = page(client, f"{path}/columns?channel=letter")
    assert "for the 5th time" in shown
    assert "for the 6th time" not in shown
    assert '<option selected value="Comment">' in shown
    assert '<option selected value="letter">' in shown
    answer = client.post(f"{path}/run", data=CHOSEN)
    assert (answer.status_code, answer.headers["Location"]) == (303, path)
    waiting = page(client, path)
    assert "It waits for its turn." in waiting
    assert "Check again" in waiting
    assert client.get(f"{path}/progress").get_json() == {
        "done": 0,
        "total": 10,
        "text": "It waits for its turn. That takes a few seconds, or a few minutes when much is going on.",
        "finished": False,
        "url": None,
    }
    work(app)
    done = client.get(f"{path}/progress").get_json()
    assert (done["done"], done["total"], done["finished"]) == (10, 10, True)
    report = page(client, path)
    assert "9 comments were taken in" in report
    assert "They wait to be read by a moderator now." in report
    assert "There are no words in the column with what people said." in report
    assert "“=Atlantis” is not a district of this conversation." in report
    table = client.get(f"{path}/report.csv")
    assert "attachment" in table.headers["Content-Disposition"]
    assert table.get_data().decode("utf-8-sig").splitlines() == [
        "Row,Taken in,What we found,What stood there",
        "10,No,Without words,",
        "11,Yes,District not known,'=Atlantis",
    ]
    assert [voice.channel for voice in voices(app)] == [Channel.PAPER] * 9
    assert "comments.csv" in page(client, "/staff/imports")


def test_nobody_waits_while_a_file_is_looked_into(
    client: FlaskClient, recorder_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    open_table = imports.reading.open_table

    def looking(*args: Any, **kwargs: Any) -> Table:
        seen.append(somebody_is_in_the_way())
        return open_table(*args, **kwargs)

    monkeypatch.setattr(imports.reading, "open_table", looking)
    path = sent(client, csv_file(comments(3)))
    page(client, f"{path}/columns")
    assert client.post(f"{path}/run", data=CHOSEN | {"text_column": ""}).status_code == 422
    assert client.post(f"{path}/run", data=CHOSEN).status_code == 303
    assert seen == [False] * 4


def test_the_same_file_twice(app: Flask, client: FlaskClient, recorder_id: int) -> None:
    for _time in range(2):
        path = sent(client, csv_file(comments(3)))
        client.post(f"{path}/run", data=CHOSEN)
        work(app)
    report = page(client, path)
    assert "0 comments were taken in" in report
    assert "Rows that equal earlier ones in every column that was taken in count as here already." in report
    assert len(voices(app)) == 3


def test_the_second_click_starts_nothing_twice(app: Flask, client: FlaskClient, recorder_id: int) -> None:
    path = sent(client, csv_file(comments(3)))
    for _click in range(2):
        answer = client.post(f"{path}/run", data=CHOSEN)
        assert (answer.status_code, answer.headers["Location"]) == (303, path)
    work(app)
    assert len(voices(app)) == 3
    assert client.post(f"{path}/run", data=CHOSEN).headers["Location"] == path
    assert client.post(f"{path}/discard").headers["Location"] == path


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "This file is empty."),
        (b"%PDF-1.4", "This is a PDF."),
        (csv_file([HEADERS]), "headings but no rows below them"),
        (b"PK\x03\x04broken", "This workbook is damaged."),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(
    app: Flask, client: FlaskClient, recorder_id: int, content: bytes, words: str
) -> None:
    answer = send(client, content, channel="letter")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert words in text
    assert '<option selected value="letter">' in text
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(CommentImport)) == 0


def test_no_file_at_all(client: FlaskClient, recorder_id: int) -> None:
    for answer in (
        client.post("/staff/imports/new", data={"channel": "letter"}),
        send(client, b"", name=""),
        client.post("/staff/imports/new", data={"file": "text", "channel": "pigeon"}),
    ):
        assert answer.status_code == 422
        assert "Choose the file with the comments." in answer.get_data(as_text=True)


def test_a_file_that_is_too_large(app: Flask, client: FlaskClient, recorder_id: int) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 1000
    answer = send(client, b"x" * 2000)
    assert answer.status_code == 413
    assert "That is too large for us to take" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"text_column": ""}, "Choose the column that holds what people said."),
        ({"text_column": "Remarks"}, "This column is not in the file."),
        ({"prompt_column": "Comment"}, "You chose “Comment” for “What people said” too."),
        ({"channel": "pigeon"}, "Choose from the list how these voices reached you."),
    ],
)
def test_columns_that_cannot_be(
    app: Flask, client: FlaskClient, recorder_id: int, changes: dict[str, str], words: str
) -> None:
    path = sent(client, csv_file(comments(3)))
    answer = client.post(f"{path}/run", data=CHOSEN | {"prompt": "What was asked"} | changes)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert words in text
    assert 'value="What was asked"' in text
    assert '<option selected value="District">' in text
    with app.app_context():
        assert db.session.scalars(sa.select(CommentImport.state)).one() is ImportState.UPLOADED


def test_a_sheet_of_a_workbook(app: Flask, client: FlaskClient, recorder_id: int) -> None:
    book = workbook(("Cover", [("About",), ("This is a survey",)]), ("Data", comments(2)))
    path = sent(client, book)
    assert "This is a survey" in page(client, f"{path}/columns")
    shown = page(client, f"{path}/columns?sheet=Data")
    assert "for the 2th time" in shown
    assert f'action="{path}/run?sheet=Data"' in shown
    client.post(f"{path}/run?sheet=Data", data=CHOSEN)
    work(app)
    assert len(voices(app)) == 2
    other = sent(client, book)
    assert "There is no sheet called “Else”" in page(client, f"{other}/columns?sheet=Else")


def test_an_import_that_broke_off_says_why(app: Flask, client: FlaskClient, recorder_id: int) -> None:
    path = sent(client, csv_file(comments(3)))
    client.post(f"{path}/run", data=CHOSEN)
    with app.app_context():
        db.session.execute(sa.delete(ImportFile))
        db.session.commit()
    work(app)
    text = page(client, path)
    assert "The import broke off" in text
    assert "This file is no longer here. Please send it again." in text


def test_a_file_can_be_thrown_away(app: Flask, client: FlaskClient, recorder_id: int) -> None:
    path = sent(client, csv_file(comments(3)))
    assert client.post(f"{path}/discard").status_code == 303
    assert "Nothing of it was kept." in page(client, "/staff/imports")
    assert client.get(path).status_code == 404
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(ImportFile)) == 0
        last = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert last is not None
        assert (last.action, last.actor_id) == ("throw away file of comments", recorder_id)


def kept_elsewhere(app: Flask) -> int:
    with app.app_context():
        by = factories.user(Role.RECORDER)
        other = factories.conversation(by=by)
        other.opens_on = other.closes_on = utcnow().date() - timedelta(days=400)
        made = imports.upload(other, "elsewhere.csv", csv_file(comments(1)), by=by, now=utcnow())
        db.session.commit()
        return made.id


def test_imports_of_another_conversation_are_not_found(
    app: Flask, client: FlaskClient, recorder_id: int
) -> None:
    for number in (kept_elsewhere(app), 0, 999, 2**31, int("9" * 30)):
        path = f"/staff/imports/{number}"
        for part in ("", "/columns", "/progress", "/report.csv"):
            assert client.get(f"{path}{part}").status_code == 404
        for part in ("/run", "/discard"):
            assert client.post(f"{path}{part}", data=CHOSEN).status_code == 404
    assert "elsewhere.csv" not in page(client, "/staff/imports")


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.MEMBER, Role.SAFEGUARDING_LEAD, Role.ADMIN])
def test_other_roles_stay_outside(
    app: Flask, client: FlaskClient, recorder_id: int, sign_in: SignIn, role: Role
) -> None:
    path = sent(client, csv_file(comments(3)))
    other = app.test_client()
    sign_in(other, role)
    for part in ("/staff/imports", "/staff/imports/new", path, f"{path}/columns", f"{path}/report.csv"):
        assert other.get(part).status_code == 403
        assert app.test_client().get(part).status_code == 303
    assert other.post(f"{path}/run", data=CHOSEN).status_code == 403


def test_the_list_costs_the_same_for_one_row_and_for_fifty(
    app: Flask, client: FlaskClient, recorder_id: int, conversation_id: int, statements: StatementCounter
) -> None:
    counts = []
    for rows in (1, 59):
        with app.app_context():
            by = db.session.get_one(User, recorder_id)
            conversation = db.session.get_one(Conversation, conversation_id)
            for _row in range(rows):
                imports.upload(conversation, "a.csv", csv_file(comments(1)), by=by, now=utcnow())
            db.session.commit()
        page(client, "/staff/imports")
        with statements:
            page(client, "/staff/imports")
        counts.append(statements.count)
    assert counts[0] == counts[1]
    assert "before=" in page(client, "/staff/imports")
    assert page(client, "/staff/imports?before=11").count("a.csv") == 10
    assert client.get("/staff/imports?before=99999999999999999999").status_code == 200


ANSWERS = {
    "text_columns": ["Q2", "Q3"],
    "speaker_column": "Q1",
    "date_column": "RecordedDate",
    "reference_column": "ResponseId",
    "language_column": "UserLanguage",
    "channel": "online",
}


def test_an_export_of_another_tool_from_sending_to_its_report(
    app: Flask, client: FlaskClient, recorder_id: int
) -> None:
    path = sent(client, csv_file(qualtrics()))
    shown = page(client, f"{path}/columns?channel=online")
    assert "<h1" in shown
    assert "This looks like an export from Qualtrics" in shown
    assert 'value="Q2" checked' in shown
    assert 'value="Q3" checked' in shown
    assert 'value="Q4" checked' not in shown
    assert '<option selected value="Q1">' in shown
    assert '<option selected value="online">' in shown
    assert "8 columns, left out because they can show who somebody is" in shown
    assert "RecipientEmail" in shown
    assert '<option value="RecipientEmail">' not in shown
    assert "Trials that somebody made while they prepared the survey." in shown
    assert not [secret for secret in SECRETS if secret in shown]
    answer = client.post(f"{path}/run", data=ANSWERS | {"with_unfinished": "y"})
    assert (answer.status_code, answer.headers["Location"]) == (303, path)
    work(app)
    report = page(client, path)
    assert "8 comments were taken in" in report
    assert "Somebody tried the survey out; it is no answer." in report
    assert "The survey was not finished" not in report
    assert [voice.prompt for voice in voices(app)][:2] == [ASKED_GOOD, ASKED_CHANGE]
    assert {voice.channel for voice in voices(app)} == {Channel.ONLINE}
    again = sent(client, workbook(("Sheet0", qualtrics())))
    client.post(f"{again}/run", data=ANSWERS)
    work(app)
    assert "Answers are known by the number that they have in Qualtrics." in page(client, again)
    assert len(voices(app)) == 8


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"text_columns": []}, "Choose at least one column that holds what people said."),
        ({"text_columns": ["Q2", "RecipientEmail"]}, "This column is not in the file."),
        ({"text_columns": ["Q5"]}, "This column is not in the file."),
        ({"speaker_column": "RecipientLastName"}, "This column is not in the file."),
        ({"speaker_column": "Q2"}, "You chose “Q2” for “What people wrote in their own words” too."),
        ({"district_column": "Q1"}, "You chose “Q1” for “Who speaks” too."),
        ({"channel": "pigeon"}, "Choose from the list how these voices reached you."),
    ],
)
def test_answers_that_cannot_be_taken_so(
    app: Flask, client: FlaskClient, recorder_id: int, changes: dict[str, Any], words: str
) -> None:
    path = sent(client, csv_file(qualtrics()))
    answer = client.post(f"{path}/run", data=ANSWERS | changes)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert words in text
    assert '<option selected value="UserLanguage">' in text
    assert not [secret for secret in SECRETS if secret in text]
    with app.app_context():
        assert db.session.scalars(sa.select(CommentImport.state)).one() is ImportState.UPLOADED


def test_codes_without_questions_are_told_before_anything_is_taken(
    client: FlaskClient, recorder_id: int
) -> None:
    path = sent(client, csv_file(limesurvey("code")))
    shown = page(client, f"{path}/columns")
    assert "Please export it from LimeSurvey again with the full question text" in shown
    assert "Answers that were not finished" in shown


def test_questions_without_answers_are_told_at_once(client: FlaskClient, recorder_id: int) -> None:
    answer = send(client, csv_file(qualtrics()[:3]))
    assert answer.status_code == 422
    assert "This file has questions but no answers below them." in answer.get_data(as_text=True)
