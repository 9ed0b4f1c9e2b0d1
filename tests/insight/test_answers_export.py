"""Answers as a table: what people said, nothing that must stay inside, readable in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import random
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from engage.accounts.models import Role
from engage.audit.models import AuditEntry
from engage.contributions import moderation
from engage.contributions.models import Channel, Contribution, DecisionKind
from engage.conversations.models import Conversation
from engage.db import db
from engage.insight.answers_export import exported_rows
from engage.insight.code_book import answers_of, code_book, headings
from engage.insight.spreadsheets import FORMATS, as_csv, as_xlsx
from engage.surveys import routing, services
from engage.surveys.content import Content
from engage.surveys.models import Survey
from engage.surveys.questions import Question, Ranking
from tests import factories
from tests.factories import NOW
from tests.insight import answered

SignIn = Callable[..., int]


def table(survey: Survey, *, codes: bool = False) -> list[dict[str, Any]]:
    """The exported rows, by the key of each column."""
    db.session.commit()  # Reading in batches ends the transaction.
    exported = answers_of(survey.versions)
    names = [heading.partition(": ")[0] for heading in headings(exported)]
    return [dict(zip(names, row, strict=True)) for row in exported_rows(exported, codes=codes)]


def decide(response: Any, key: str, kind: DecisionKind) -> None:
    voice = db.session.scalars(
        sa.select(Contribution).where(
            Contribution.receipt_id == response.receipt_id, Contribution.answer_key == key
        )
    ).one()
    moderator = factories.user(Role.MODERATOR)
    moderation.decide(voice, kind, by=moderator, now=NOW, reason="A reason")


def test_one_row_a_response_in_the_order_in_which_they_came(ctx: Flask) -> None:
    survey = answered.survey()
    answered.answer(survey, {"rest": "no", "why": "The bus"}, at=NOW + timedelta(days=2))
    answered.answer(
        survey,
        {
            "who": "unpaid_carer",
            "where": "Mansfield",
            "rest": "yes",
            "helps": ["family", "friends"],
            "agree": {"heard": "agree"},
            "hours": 7.5,
            "since": "2025-03-27",
            "area": "NG22",
            "order": ["money", "bus"],
            "allow": ["publish"],
        },
        at=NOW,
        channel=Channel.PAPER,
        language="pl",
    )
    first, second = table(survey)
    assert first == {
        "Number": 1,
        "Received": date(2026, 6, 15),
        "Version": 1,
        "Channel": "On paper",
        "Language": "pl",
        "Form": "Usual form",
        "Who answered": "An unpaid carer",
        "District": "Mansfield",
        "who": "I care for somebody",
        "where": "Mansfield",
        "rest": "Yes",
        "rest.other": "No answer",
        "why": None,
        "helps.family": "Chosen",
        "helps.friends": "Chosen",
        "helps.other": "Not chosen",
        "helps.none": "Not chosen",
        "helps.other_words": "No answer",
        "agree.heard": "Agree",
        "agree.safe": "No answer",
        "easy": "No answer",
        "hours": 7.5,
        "since": date(2025, 3, 27),
        "area": "NG22",
        "order.bus": 2,
        "order.money": 1,
        "order.time": "No place",
        "more": "No answer",
        "May print the words": "Yes",
        "May get in touch": "No",
        "Wants to join": "No",
    }
    assert (second["Number"], second["rest"], second["why"]) == (2, "No", "(not cleared yet)")
    assert table(survey, codes=True)[0]["helps.other"] == 0
    assert table(survey, codes=True)[0]["who"] == "unpaid_carer"


def test_own_words_only_where_they_are_cleared(ctx: Flask) -> None:
    survey = answered.survey()
    made = [answered.answer(survey, {"more": f"Words {n}"}) for n in range(4)]
    decide(made[0], "more", DecisionKind.APPROVE)
    decide(made[1], "more", DecisionKind.WITHHOLD)
    decide(made[2], "more", DecisionKind.RAISE_CONCERN)
    assert [row["more"] for row in table(survey)] == [
        "Words 0",
        "(held back)",
        "(not cleared yet)",
        "(not cleared yet)",
    ]


def test_what_must_stay_inside_is_not_in_it(ctx: Flask) -> None:
    survey = answered.survey()
    answered.answer(
        survey,
        {"rest": "yes", "faith": "sikh", "reach": {"email": "ines@example.org", "uses": ["invite"]}},
    )
    db.session.commit()
    exported = answers_of(survey.versions)
    whole = json.dumps(
        [headings(exported), list(exported_rows(exported)), code_book(exported)], default=str
    ).lower()
    assert not any(word in whole for word in ("faith", "sikh", "ines@", "how can we reach you"))


def test_versions_stand_in_one_table(ctx: Flask) -> None:
    conversation = factories.conversation()
    survey = answered.survey(conversation)
    answered.answer(survey, {"hours": 3, "rest": "no"}, at=NOW)
    content = answered.every_kind()
    kept = [q for q in content.questions if q.id in ("who", "rest")]
    renamed = kept[1].model_copy(update={"choices": kept[1].choices[:1], "text": kept[0].text})
    later = content.model_copy(
        update={"pages": (content.pages[0].model_copy(update={"questions": (kept[0], renamed)}),)}
    )
    by = factories.user(Role.FACILITATOR)
    services.save_draft(survey, later, by=by, now=NOW)
    services.publish_version(survey, conversation, by=by, now=NOW)
    answered.answer(survey, {"rest": "yes"}, at=NOW + timedelta(hours=1))
    first, second = table(survey)
    assert (first["Version"], first["rest"], first["hours"], first["easy"]) == (1, "No", 3, "No answer")
    assert (second["Version"], second["rest"], second["hours"], second["easy"]) == (2, "Yes", None, None)
    book = {line[0]: line[1:] for line in code_book(answers_of(survey.versions))}
    assert book["rest"][0] == "Who are you?"
    assert book["rest"][1].startswith("yes = Yes; no = No; other = Something else.")
    assert (book["rest"][3], book["hours"][3]) == ("1, 2", "1")
    assert book["why"][2] == "Only if you chose “No” for “Do you get a rest?”."


def expected(content: Content, given: dict[str, Any]) -> dict[str, Any]:
    """What the table has to say about answers to a version, from the answers alone."""
    asked = {question.id for question in routing.shown(content, given)}
    found: dict[str, Any] = {}
    for question in content.questions:
        if question.id in ("faith", "allow", "reach"):
            continue
        for column in question.columns():
            found[column.key] = (
                expected_cell(question, column, given.get(question.id)) if question.id in asked else None
            )
    return found


def expected_cell(question: Question, column: Any, answer: Any) -> Any:
    if column.holds == "words":
        said = dict(question.own_words(answer)) if answer is not None else {}
        return said.get(column.key, "No answer")
    cell = question.cells(answer).get(column.key) if answer is not None else None
    if cell is None:
        return "No place" if isinstance(question, Ranking) and answer else "No answer"
    if column.holds == "date":
        return date.fromisoformat(cell)
    return column.codes.get(str(cell), cell)


@pytest.mark.parametrize("seed", range(8))
def test_the_table_says_what_was_answered(ctx: Flask, seed: int) -> None:
    chance = random.Random(seed)
    survey = answered.survey()
    content = answers_of(survey.versions).contents[survey.versions[-1].id]
    given = [answered.random_answers(content, chance, f"=words {n} ✓ ٣") for n in range(12)]
    given = [answers for answers in given if answers]
    for n, answers in enumerate(given):
        response = answered.answer(survey, answers, at=NOW + timedelta(minutes=n))
        for question in routing.shown(content, answers):
            for key, _words in question.own_words(answers.get(question.id)):
                decide(response, key, DecisionKind.APPROVE)
    rows = [{key: row[key] for key in expected(content, {})} for row in table(survey)]
    assert rows == [expected(content, answers) for answers in given]


def test_a_workbook_opens_with_its_code_book(ctx: Flask) -> None:
    survey = answered.survey()
    response = answered.answer(survey, {"more": "=SUM(1,2)\x07 and more", "since": "2025-03-27"})
    decide(response, "more", DecisionKind.APPROVE)
    db.session.commit()
    exported = answers_of(survey.versions)
    written = b"".join(as_xlsx(headings(exported), exported_rows(exported), code_book(exported)))
    book = openpyxl.load_workbook(io.BytesIO(written))
    sheet = book["Answers"]
    head = [cell.value for cell in sheet[1]]
    said = dict(zip(head, [cell.value for cell in sheet[2]], strict=True))
    assert said["more: Anything else?"] == "=SUM(1,2) and more"
    assert sheet.cell(2, head.index("more: Anything else?") + 1).data_type == "s"
    assert said["since: Since when?"] == datetime.combine(date(2025, 3, 27), time())
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == (
        "A2",
        f"A1:{sheet.cell(1, len(head)).column_letter}2",
    )
    assert sheet.column_dimensions["A"].width == 14
    keys = [row[0].value for row in book["Code book"].iter_rows(min_row=2)]
    assert keys == [heading.partition(": ")[0] for heading in head]


def test_csv_is_a_zip_of_two_files_without_formulas(ctx: Flask) -> None:
    survey = answered.survey()
    decide(answered.answer(survey, {"more": "=1+1"}), "more", DecisionKind.APPROVE)
    db.session.commit()
    exported = answers_of(survey.versions)
    written = b"".join(as_csv(headings(exported), exported_rows(exported), code_book(exported)))
    with zipfile.ZipFile(io.BytesIO(written)) as archive:
        assert archive.namelist() == ["answers.csv", "code-book.csv"] and archive.testzip() is None
        rows = list(csv.DictReader(io.StringIO(archive.read("answers.csv").decode("utf-8-sig"))))
        book = list(csv.reader(io.StringIO(archive.read("code-book.csv").decode("utf-8-sig"))))
    assert [row["more: Anything else?"] for row in rows] == ["'=1+1"]
    assert book[0] == ["Column", "Question", "What stands in it", "Who was asked", "In versions"]


@pytest.mark.parametrize("file_format", list(FORMATS))
def test_memory_does_not_grow_with_the_rows(file_format: str) -> None:
    """Ten times as many rows may not take twice the memory, beside the temporary file."""
    head = [f"Column {n}" for n in range(30)]

    def most_memory(number: int) -> int:
        rows = ([n, *(f"answer {n} {column}" for column in range(29))] for n in range(number))
        tracemalloc.start()
        for _chunk in FORMATS[file_format][2](head, rows, [["Column"]]):
            pass
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    most_memory(10)
    assert most_memory(5_000) < 2 * most_memory(500)


def test_facilitators_take_answers_away_on_record(app: Flask, client: FlaskClient, sign_in: SignIn) -> None:
    with app.app_context():
        survey = answered.survey()
        answered.answer(survey, {"rest": "yes"})
        db.session.commit()
        survey_id, slug = survey.id, survey.slug
    sign_in(client, Role.FACILITATOR)
    page = client.get(f"/staff/surveys/{survey_id}/answers").get_data(as_text=True)
    assert "1 response: one row for each" in page
    answer = client.post(f"/staff/surveys/{survey_id}/answers/csv", data={"cells": "codes"})
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    assert f'filename="{slug}-answers-' in answer.headers["Content-Disposition"]
    assert zipfile.is_zipfile(io.BytesIO(answer.data))
    assert client.post(f"/staff/surveys/{survey_id}/answers/exe").status_code == 404
    assert client.post("/staff/surveys/999/answers/csv").status_code == 404
    with app.app_context():
        entry = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "export answers")).one()
        assert (entry.subject_id, entry.detail) == (survey_id, {"file_format": "csv", "cells": "codes"})


def test_answers_of_another_conversation_stay_there(app: Flask, client: FlaskClient, sign_in: SignIn) -> None:
    with app.app_context():
        other = answered.survey(factories.conversation("An older one"))
        conversation: Conversation = factories.conversation("The present one")
        db.session.commit()
        other_id, present_id = other.id, conversation.id
    sign_in(client, Role.FACILITATOR)
    with client.session_transaction() as session:
        session["conversation_id"] = present_id
    assert client.get(f"/staff/surveys/{other_id}/answers").status_code == 404
    assert client.post(f"/staff/surveys/{other_id}/answers/xlsx").status_code == 404
