"""Taking in exports of other survey tools: exact voices, nobody's name anywhere, nothing twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from engage.accounts.models import Role, User
from engage.contributions.models import Contribution, Speaker
from engage.conversations.models import Conversation
from engage.db import Base, db
from engage.notes import imports
from engage.notes.columns import ColumnMissing
from engage.notes.models import CommentImport, ImportFile, ImportState
from engage.notes.tables import UnreadableFile
from tests import factories
from tests.notes.exports import (
    ASKED_CHANGE,
    ASKED_GOOD,
    CHANGE,
    EMAIL,
    GOOD,
    SECRETS,
    citizen_space,
    limesurvey,
    microsoft_forms,
    qualtrics,
)
from tests.notes.files import csv_file, workbook

Taking = Callable[..., imports.ImportReport]
SAID = [
    (ASKED_GOOD, GOOD[0]),
    (ASKED_CHANGE, CHANGE[0]),
    (ASKED_GOOD, GOOD[1]),
    (ASKED_GOOD, GOOD[2]),
    (ASKED_CHANGE, CHANGE[2]),
    (ASKED_GOOD, GOOD[3]),
    (ASKED_CHANGE, CHANGE[3]),
]
CARER, DRAWS, FAMILY = Speaker.UNPAID_CARER, Speaker.DRAWS_ON_CARE, Speaker.FAMILY_OR_FRIEND
WHO_AND_WHERE = [
    *[(CARER, "Mansfield")] * 2,
    (DRAWS, "Bassetlaw"),
    *[(FAMILY, "Mansfield")] * 2,
    *[(CARER, "Mansfield")] * 2,
]
DAYS = [1, 1, 2, 3, 3, 4, 4]


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
    def take(content: bytes, **mapping: Any) -> imports.ImportReport:
        return imports.import_file(
            conversation, "export.csv", content, mapping, by=recorder, now=factories.NOW
        )

    return take


def voices() -> list[Contribution]:
    return list(db.session.scalars(sa.select(Contribution).order_by(Contribution.id)))


def everything_kept() -> str:
    """Every cell of every table, as text."""
    tables = Base.metadata.sorted_tables
    return "\n".join(str(tuple(row)) for table in tables for row in db.session.execute(sa.select(table)))


def assert_nobody_is_known() -> None:
    kept = everything_kept()
    assert GOOD[0] in kept
    for secret in SECRETS:
        assert secret not in kept


def without(rows: list[Any], *gone: int) -> list[Any]:
    return [row for at, row in enumerate(rows) if at not in gone]


FILES: dict[str, tuple[str, bytes, list[str | None]]] = {
    "qualtrics-csv": ("Qualtrics", csv_file(qualtrics()), ["en-GB", "en", "pl", "zh"]),
    "qualtrics-numbers-bom": (
        "Qualtrics",
        csv_file(qualtrics(numeric=True), encoding="utf-8-sig"),
        ["en-GB", "en", "pl", "zh"],
    ),
    "qualtrics-xlsx": ("Qualtrics", workbook(("Sheet0", qualtrics())), ["en-GB", "en", "pl", "zh"]),
    "qualtrics-semicolons": ("Qualtrics", csv_file(qualtrics(), delimiter=";"), ["en-GB", "en", "pl", "zh"]),
    "limesurvey-full": ("LimeSurvey", csv_file(limesurvey("full")), ["en", "en", "pl", "de"]),
    "limesurvey-codetext": (
        "LimeSurvey",
        csv_file(limesurvey("codetext"), delimiter=";", encoding="utf-8-sig"),
        ["en", "en", "pl", "de"],
    ),
    "limesurvey-xlsx": ("LimeSurvey", workbook(("R", limesurvey("full"))), ["en", "en", "pl", "de"]),
    "forms-xlsx": ("Microsoft Forms", workbook(("Sheet1", microsoft_forms())), [None] * 4),
    "forms-us": ("Microsoft Forms", csv_file(microsoft_forms("us", first="Id")), [None] * 4),
    "forms-uk-utf16": (
        "Microsoft Forms",
        csv_file(microsoft_forms("uk"), delimiter="\t", encoding="utf-16"),
        [None] * 4,
    ),
    "citizen-space-parts": ("Citizen Space", csv_file(citizen_space(), encoding="utf-8-sig"), [None] * 4),
    "citizen-space-plain": ("Citizen Space", csv_file(citizen_space(parts=False)), [None] * 4),
}


@pytest.mark.parametrize("name", FILES)
def test_an_export_becomes_voices_with_their_questions(take_in: Taking, name: str) -> None:
    tool, content, languages = FILES[name]
    report = take_in(content)
    found = voices()
    assert (report.tool, report.taken, report.already_there) == (tool, 7, 0)
    assert [(voice.prompt, voice.text) for voice in found] == SAID
    assert [(voice.speaker, voice.district) for voice in found] == WHO_AND_WHERE
    assert [voice.received_at.day for voice in found] == DAYS
    assert {(voice.received_at.year, voice.received_at.month) for voice in found} == {(2026, 6)}
    assert [voice.language for voice in found] == [languages[day - 1] for day in DAYS]
    assert report.noted == []
    assert_nobody_is_known()
    again = take_in(content)
    assert (again.taken, again.already_there) == (0, 7)
    assert len(voices()) == 7


@pytest.mark.parametrize(
    ("rows", "left_out"),
    [
        (
            qualtrics(),
            [
                (8, "Somebody tried the survey out; it is no answer."),
                (9, "The survey was not finished and not sent."),
            ],
        ),
        (limesurvey("full"), [(6, "The survey was not finished and not sent.")]),
    ],
)
def test_trials_and_what_was_not_sent_are_left_out_and_told(
    take_in: Taking, rows: list[Any], left_out: list[tuple[int, str]]
) -> None:
    report = take_in(csv_file(rows))
    assert report.left_out == left_out
    assert report.rows == 4 + len(left_out)
    more = take_in(csv_file(rows), with_unfinished=True)
    assert more.already_there == 7
    assert more.left_out == left_out[:-1]
    assert more.taken in (1, 2)  # What the last person wrote: one text there, two here.
    assert len(voices()) == 7 + more.taken


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (csv_file(microsoft_forms("us")), workbook(("S", microsoft_forms()))),
        (csv_file(microsoft_forms("us")), csv_file(microsoft_forms("uk"))),
        (csv_file(limesurvey("full")), csv_file(limesurvey("code"), delimiter=";")),
        (csv_file(qualtrics()), workbook(("S", qualtrics(numeric=True)))),
    ],
)
def test_the_same_answers_in_another_kind_of_file_come_once(
    take_in: Taking, one: bytes, other: bytes
) -> None:
    assert take_in(one).taken == 7
    report = take_in(other)
    assert (report.taken, report.already_there) == (0, 7)


@pytest.mark.parametrize("name", ["qualtrics", "limesurvey", "forms", "citizen_space"])
def test_rows_in_another_order_come_once(take_in: Taking, name: str) -> None:
    rows, headings = {
        "qualtrics": (qualtrics(), 3),
        "limesurvey": (limesurvey("full"), 1),
        "forms": (microsoft_forms("us"), 1),
        "citizen_space": (citizen_space(), 1),
    }[name]
    take_in(csv_file(rows))
    turned = [*rows[:headings], *reversed(rows[headings:])]
    report = take_in(csv_file([*turned, turned[-1]]))  # And one row stands there twice.
    assert (report.taken, report.already_there) == (0, 9)


def test_a_newer_export_brings_only_what_is_new(take_in: Taking) -> None:
    take_in(csv_file(without(microsoft_forms("us"), 3)))
    asked_otherwise = microsoft_forms("us")
    asked_otherwise[0] = [*asked_otherwise[0][:7], "What goes well for you?", *asked_otherwise[0][8:]]
    report = take_in(csv_file(asked_otherwise))
    assert (report.taken, report.already_there) == (2, 5)
    assert voices()[-2].prompt == "What goes well for you?"


def test_texts_of_one_answer_share_the_first_half_of_their_keys(take_in: Taking) -> None:
    take_in(csv_file(qualtrics()))
    answers = [(voice.import_key or "")[:32] for voice in voices()]
    assert answers[0] == answers[1]
    assert answers[3] == answers[4]
    assert len(set(answers)) == 4
    assert len({voice.import_key for voice in voices()}) == 7


def test_the_same_words_to_two_questions_both_count(take_in: Taking) -> None:
    rows = qualtrics()
    rows[3] = [*rows[3][:19], GOOD[0], *rows[3][20:]]
    content = csv_file(rows)
    assert take_in(content).taken == 7
    assert [voice.text for voice in voices()][:2] == [GOOD[0], GOOD[0]]
    assert (take_in(content).taken, len(voices())) == (0, 7)


def test_moments_are_read_in_the_time_zone_that_the_export_names(take_in: Taking) -> None:
    take_in(csv_file(qualtrics(zone="America/Denver")))
    assert voices()[0].received_at == datetime(2026, 6, 1, 15, 5, 1, tzinfo=UTC)


def test_a_survey_that_keeps_no_days_takes_the_day_of_the_import(take_in: Taking) -> None:
    report = take_in(csv_file(limesurvey("full", dated=False)))
    assert (report.taken, report.noted) == (7, [])
    assert {voice.received_at for voice in voices()} == {factories.NOW}


def test_codes_without_questions_give_voices_without_a_question(take_in: Taking) -> None:
    report = take_in(csv_file(limesurvey("code")))
    assert report.taken == 7
    assert {voice.prompt for voice in voices()} == {None}
    assert_nobody_is_known()


def test_one_column_may_be_named_and_the_rest_is_proposed(take_in: Taking) -> None:
    report = take_in(csv_file(qualtrics()), text_column="Q3")
    assert (report.taken, [voice.text for voice in voices()]) == (3, [CHANGE[0], CHANGE[2], CHANGE[3]])
    assert voices()[0].speaker is CARER
    assert [reason for _row, reason in report.left_out].count(
        "There are no words in the column with what people said."
    ) == 1


def test_a_column_that_is_named_as_text_says_nothing_else(take_in: Taking) -> None:
    take_in(csv_file(qualtrics()), text_column="Q1")
    assert voices()[0].text == "I am an unpaid carer"
    assert {voice.speaker for voice in voices()} == {Speaker.NOT_SAID}


@pytest.mark.parametrize(
    "mapping",
    [
        {"text_columns": ["Q2", "RecipientEmail"]},
        {"text_column": "Q5"},
        {"speaker_column": "RecipientLastName"},
        {"district_column": "ipaddress"},
    ],
)
def test_what_shows_who_somebody_is_can_be_chosen_for_nothing(
    take_in: Taking, mapping: dict[str, Any]
) -> None:
    with pytest.raises(ColumnMissing, match="is left out because it can show who somebody is"):
        take_in(csv_file(qualtrics()), **mapping)
    db.session.commit()
    assert voices() == []
    assert EMAIL not in everything_kept()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (csv_file(qualtrics()[:1]), "headings but no rows below"),
        (csv_file(qualtrics()[:3]), "questions but no answers below"),
        (csv_file(limesurvey("full")[:1]), "headings but no rows below"),
        (workbook(("S", microsoft_forms()[:1])), "headings but no rows below"),
        (csv_file([("Ref", "Comment"), ("1", "Fine")]), "Say which column .* This file has: Ref, Comment"),
    ],
)
def test_a_file_with_nothing_to_take_says_so(take_in: Taking, content: bytes, words: str) -> None:
    with pytest.raises(UnreadableFile, match=words):
        take_in(content)
    assert voices() == []


def test_a_file_without_its_row_of_questions(take_in: Taking) -> None:
    report = take_in(csv_file(without(qualtrics(), 1)))
    assert (report.tool, report.taken) == ("Qualtrics", 7)
    assert {voice.prompt for voice in voices()} == {None}
    assert_nobody_is_known()


def test_a_file_without_its_row_of_names_or_of_import_numbers(take_in: Taking) -> None:
    assert take_in(csv_file(without(qualtrics(), 0))).taken == 7
    assert [(voice.prompt, voice.text) for voice in voices()] == SAID
    again = take_in(csv_file(without(qualtrics(), 2)))
    assert (again.tool, again.taken, again.already_there) == ("Qualtrics", 0, 7)
    assert_nobody_is_known()


def test_a_cell_of_a_megabyte_is_left_out_and_the_rest_is_taken(take_in: Taking) -> None:
    rows = qualtrics()
    rows[3] = [*rows[3][:18], "word " * 210_000, *rows[3][19:]]
    report = take_in(csv_file(rows))
    assert report.taken == 6
    assert (
        4,
        "It is too long: 1,049,999 characters. Perhaps a quotation mark is missing.",
    ) in report.left_out


def test_a_step_that_holds_many_texts(take_in: Taking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engage.notes.taking.BATCH", 2)
    content = csv_file(qualtrics())
    assert take_in(content).taken == 7
    assert take_in(content).already_there == 7


def test_the_file_itself_is_gone_and_the_record_has_headings_only(
    take_in: Taking, conversation: Conversation
) -> None:
    report = take_in(csv_file(qualtrics()))
    made = db.session.get_one(CommentImport, report.import_id)
    assert (made.state, made.mapping["tool"]) == (ImportState.DONE, "qualtrics")
    assert made.mapping["text_columns"] == ["Q2", "Q3"]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ImportFile)) == 0
    assert report.never_taken == (
        *("IPAddress", "RecipientLastName", "RecipientFirstName", "RecipientEmail", "ExternalReference"),
        *("LocationLatitude", "LocationLongitude", "Q5"),
    )
