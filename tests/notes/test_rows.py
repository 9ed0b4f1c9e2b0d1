"""Reading cells as people, places and days, and knowing a row again."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from engage.contributions.models import Channel, Speaker
from engage.forms import LONGEST_TEXT
from engage.notes.columns import ColumnMapping, ColumnMissing, guess, places
from engage.notes.moments import moment
from engage.notes.rows import KeyMaker, Reading, RowReader, language, speaker
from engage.notes.tables import Row, UnreadableFile

TODAY = date(2026, 6, 15)
HEADERS = ("Ref", "Comment", "Who", "District", "Date", "People", "Language")
ALL = ColumnMapping(
    text_column="Comment",
    reference_column="Ref",
    speaker_column="Who",
    district_column="District",
    date_column="Date",
    voices_column="People",
    language_column="Language",
    prompt="What would help?",
)


def read(*cells: str, mapping: ColumnMapping = ALL, extra: int = 0) -> Reading:
    reader = RowReader(mapping, HEADERS, ["Mansfield", "Newark and Sherwood"], TODAY)
    return reader.read(Row(2, (*cells, *[""] * (len(HEADERS) - len(cells))), extra))


def test_a_whole_row() -> None:
    got = read(
        "7", "  Late\r\nagain \x00 ", "Family carer", "NEWARK & Sherwood", "27/03/2026", "12.0", "Polish"
    )
    assert got.text == "Late\nagain"
    assert (got.reference, got.prompt) == ("7", "What would help?")
    assert (got.speaker, got.district, got.voices) == (Speaker.UNPAID_CARER, "Newark and Sherwood", 12)
    assert got.received_at == datetime(2026, 3, 27, 12, tzinfo=UTC)
    assert got.language == "pl"
    assert (got.problems, got.why_left_out) == ([], None)


def test_what_cannot_be_read_is_told_and_left_empty() -> None:
    got = read("7", "Late", "Martian", "Atlantis", "31/02/2026", "-3", "Klingonish", extra=2)
    assert got.problems == [
        ("extra_cells", "2"),
        ("speaker", "Martian"),
        ("district", "Atlantis"),
        ("date", "31/02/2026"),
        ("voices", "-3"),
        ("language", "Klingonish"),
    ]
    assert (got.speaker, got.district, got.received_at, got.voices) == (Speaker.NOT_SAID, None, None, 1)


def test_empty_cells_are_no_problem() -> None:
    assert read("", "Late").problems == []


@pytest.mark.parametrize("text", ["", " \n\t", "\x00\x00"])
def test_a_row_without_words_is_left_out(text: str) -> None:
    assert read("1", text).why_left_out == ("no_words", "")


def test_a_text_may_be_as_long_as_a_form_allows() -> None:
    assert read("1", "x" * LONGEST_TEXT).why_left_out is None
    assert read("1", "x" * (LONGEST_TEXT + 1)).why_left_out == ("too_long", "10,001")


@pytest.mark.parametrize(
    ("said", "who"),
    [
        ("carer", Speaker.UNPAID_CARER),
        ("unpaid carer", Speaker.UNPAID_CARER),
        ("i care for my mother", Speaker.UNPAID_CARER),
        ("paid carer", Speaker.STAFF),
        ("care worker", Speaker.STAFF),
        ("council staff", Speaker.STAFF),
        ("care provider", Speaker.PROVIDER),
        ("daughter", Speaker.FAMILY_OR_FRIEND),
        ("family or friend", Speaker.FAMILY_OR_FRIEND),
        ("service user", Speaker.DRAWS_ON_CARE),
        ("draws_on_care", Speaker.DRAWS_ON_CARE),
        ("a person who draws on care", Speaker.DRAWS_ON_CARE),
        ("prefer not to say", Speaker.NOT_SAID),
        ("n/a", Speaker.NOT_SAID),
        ("unknown", Speaker.NOT_SAID),
        ("martian", None),
    ],
)
def test_who_speaks(said: str, who: Speaker | None) -> None:
    assert speaker(said) is who


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-03-27", (2026, 3, 27)),
        ("2026-03-27T14:05:00", (2026, 3, 27)),
        ("2026-03-27 14:05:00+00:00", (2026, 3, 27)),
        ("27/3/2026", (2026, 3, 27)),
        ("27.03.26", (2026, 3, 27)),
        ("27/03/2026 09:15", (2026, 3, 27)),
        ("27th March 2026", (2026, 3, 27)),
        ("1 Feb 2026", (2026, 2, 1)),
        ("03/27/2026", None),
        ("27/3/2027", None),
        ("27/3/1800", None),
        ("2026-13-40 99:99", None),
        ("yesterday", None),
        ("46108", None),
    ],
)
def test_days(written: str, day: tuple[int, int, int] | None) -> None:
    found = moment(written, TODAY)
    assert (found.date() if found else None) == (date(*day) if day else None)


def test_a_day_without_time_is_noon_in_london() -> None:
    assert moment("15/6/2026", TODAY) == datetime(2026, 6, 15, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "code"),
    [("pl", "pl"), ("en-gb", "en-GB"), ("urdu", "ur"), ("polski", "pl"), ("xx", None), ("elvish", None)],
)
def test_languages(written: str, code: str | None) -> None:
    assert language(written) == code


def test_two_people_who_say_the_same_have_two_keys_and_the_same_file_the_same() -> None:
    same = Reading(text="Late", prompt="Why?", reference="")
    first, second = KeyMaker(), KeyMaker()
    keys = [first.key(same), first.key(same)]
    assert len(set(keys)) == 2
    assert [second.key(same), second.key(same)] == keys
    assert first.key(Reading(text="Late", prompt=None)) not in keys
    assert first.key(Reading(text="Late", prompt="Why?", reference="7")) not in keys
    assert all(len(key) == 64 for key in keys)


@pytest.mark.parametrize(
    "other",
    [
        ("", "Late", "staff", "Mansfield", "27/3/2026", "2", "en"),
        ("", "Late", "carer", "Newark", "27/3/2026", "2", "en"),
        ("", "Late", "carer", "Mansfield", "28/3/2026", "2", "en"),
        ("", "Late", "carer", "Mansfield", "27/3/2026", "3", "en"),
        ("", "Late", "carer", "Mansfield", "27/3/2026", "2", "pl"),
        ("", "Late", "carer", "Atlantis", "27/3/2026", "2", "en"),
    ],
)
def test_somebody_else_who_says_the_same_has_another_key(other: tuple[str, ...]) -> None:
    one = ("", "Late", "carer", "Mansfield", "27/3/2026", "2", "en")
    assert KeyMaker().key(read(*one)) == KeyMaker().key(read(*one))
    assert KeyMaker().key(read(*one)) != KeyMaker().key(read(*other))


def test_columns_are_found_whatever_their_case_and_missing_ones_are_named() -> None:
    assert places(ColumnMapping(text_column=" comment"), HEADERS) == {"text": 1}
    with pytest.raises(ColumnMissing, match=r"no column “Remarks”\. It has: Ref, Comment, Who"):
        places(ColumnMapping(text_column="Remarks"), HEADERS)
    with pytest.raises(ColumnMissing, match="Choose the column"):
        ColumnMapping.read({"channel": "paper"})
    with pytest.raises(UnreadableFile, match="“pigeon” is no way"):
        ColumnMapping.read({"text_column": "Comment", "channel": "pigeon"})
    assert ColumnMapping.read({"text_column": "a", "channel": "paper", "else": 1}).channel is Channel.PAPER


def test_a_likely_mapping_by_headings() -> None:
    first = [Row(2, ("1", "Late", "carer", "Mansfield", "27/3/2026", "1", "en"))]
    assert guess(HEADERS, first) == {
        "text_column": "Comment",
        "speaker_column": "Who",
        "district_column": "District",
        "date_column": "Date",
        "voices_column": "People",
        "reference_column": "Ref",
        "language_column": "Language",
    }


def test_the_longest_column_is_likely_what_people_said() -> None:
    headers = ("Response ID", "Q3", "Question")
    first = [Row(2, ("1", "The bus was late again and I missed my appointment.", "Why?"))]
    assert guess(headers, first) == {
        "text_column": "Q3",
        "prompt_column": "Question",
        "reference_column": "Response ID",
    }
