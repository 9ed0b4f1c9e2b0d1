"""Knowing other tools' exports, and telling people's words from choices and from what shows who they are."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from engage.notes import answers, layouts, tools
from engage.notes.answers import Kind
from engage.notes.layouts import Layout
from engage.notes.moments import Clock, month_comes_first
from engage.notes.reading import open_table
from engage.notes.rows import language
from engage.notes.tools import Tool
from tests.notes.exports import (
    ASKED_CHANGE,
    ASKED_GOOD,
    Cells,
    citizen_space,
    limesurvey,
    microsoft_forms,
    qualtrics,
)
from tests.notes.files import comments, csv_file

TODAY = date(2026, 6, 15)
DISTRICTS = ["Mansfield", "Bassetlaw"]


def layout(rows: list[Cells]) -> Layout:
    found = layouts.recognise(open_table(csv_file(rows)), DISTRICTS)
    assert found is not None
    return found


@pytest.mark.usefixtures("ctx")
class TestRecognise:
    """Whole files. Messages need the application."""

    @pytest.mark.parametrize(
        ("rows", "tool", "proposal"),
        [
            (
                qualtrics(),
                Tool.QUALTRICS,
                ("Q2 Q3", "Q1", "Q4", "ResponseId", "RecordedDate", "UserLanguage"),
            ),
            (
                limesurvey("code"),
                Tool.LIMESURVEY,
                ("G01Q02 G02Q04", "G01Q01", "G02Q05", "id", "submitdate", "startlanguage"),
            ),
        ],
    )
    def test_a_likely_mapping(self, rows: list[Cells], tool: Tool, proposal: tuple[str, ...]) -> None:
        texts, speaker, district, reference, day, language = proposal
        assert layout(rows).proposal() == {
            "tool": tool.value,
            "text_columns": tuple(texts.split()),
            "speaker_column": speaker,
            "district_column": district,
            "reference_column": reference,
            "date_column": day,
            "language_column": language,
        }

    @pytest.mark.parametrize(
        ("rows", "never"),
        [
            (limesurvey("code"), ["token", "ipaddr", "G02Q06"]),
            (limesurvey("full"), ["Access code", "IP address", "What is your e-mail address?"]),
            (microsoft_forms("us"), ["Email", "Name", "Name2", "Your postcode"]),
            (
                citizen_space(),
                [
                    "1 What is your name? - Name",
                    "2 What is your email address? - Email",
                    "3 What is your organisation? - Organisation",
                ],
            ),
            (citizen_space(parts=False), ["Name", "Email address", "Organisation"]),
        ],
    )
    def test_what_shows_who_somebody_is(self, rows: list[Cells], never: list[str]) -> None:
        found = layout(rows)
        assert [column.heading for column in found.of(Kind.PERSONAL)] == never
        places = [at for at, column in enumerate(found.columns) if column.kind is Kind.PERSONAL]
        assert {row.cells[at] for row in found.first for at in places} == {""}

    def test_permission_to_publish_is_no_choice_among_others(self) -> None:
        assert [column.heading for column in layout(citizen_space()).of(Kind.AGREED)] == ["Publish response"]

    @pytest.mark.parametrize(
        "headings",
        [
            ("Response ID", "Submitted", "Comment"),
            ("ID", "Start time", "Comment"),
            ("ResponseId", "Comment", "Finished"),
            ("id", "lastpage", "Comment"),
        ],
    )
    def test_a_few_such_headings_are_not_enough(self, headings: Cells) -> None:
        assert layouts.recognise(open_table(csv_file([headings, ("1", "2026-06-01", "Fine")]))) is None

    def test_a_plain_file_of_comments_is_none(self) -> None:
        assert layouts.recognise(open_table(csv_file(comments(3)))) is None

    def test_broken_import_numbers_and_an_unknown_zone_do_no_harm(self) -> None:
        rows = qualtrics(zone="Mars/Olympus")
        rows[2] = ['{"ImportId": broken' if at == 17 else cell for at, cell in enumerate(rows[2])]
        found = layout(rows)
        assert (found.tool, found.heading_rows) == (Tool.QUALTRICS, frozenset({2, 3}))
        assert found.clock.zone == ZoneInfo("Europe/London")

    def test_a_file_that_breaks_off_is_known_by_what_comes_before(self) -> None:
        content = csv_file(qualtrics()) + b'"R_9' + b"\x00" * 10
        assert layouts.recognise(open_table(content)) is not None


@pytest.mark.parametrize(
    ("tool", "heading", "question"),
    [
        (Tool.LIMESURVEY, "G01Q02", None),
        (Tool.LIMESURVEY, "G01Q03[other]", None),
        (Tool.LIMESURVEY, f"G01Q02. {ASKED_GOOD}", ASKED_GOOD),
        (Tool.LIMESURVEY, "What helps? [Other]", "What helps? (Other)"),
        (Tool.CITIZEN_SPACE, f"12a. {ASKED_GOOD} - Please tell us", ASKED_GOOD),
        (Tool.CITIZEN_SPACE, f"Q3: {ASKED_CHANGE}", ASKED_CHANGE),
        (Tool.MICROSOFT_FORMS, f"3.\xa0{ASKED_CHANGE}\n", ASKED_CHANGE),
        (Tool.QUALTRICS, "<p>What <em>would</em> help?</p>", "What would help?"),
        (Tool.QUALTRICS, "Q17_1", None),
        (Tool.QUALTRICS, "Why?", "Why?"),
    ],
)
def test_the_question_in_a_heading(tool: Tool, heading: str, question: str | None) -> None:
    assert tools.question(tool, heading) == question


@pytest.mark.parametrize(
    ("heading", "values", "kind"),
    [
        ("Name", ["Jo"], Kind.PERSONAL),
        ("Name (2)", ["Jo"], Kind.PERSONAL),
        ("Please give your full name", ["Jo"], Kind.PERSONAL),
        ("Date of birth", ["1/2/1950"], Kind.PERSONAL),
        ("NHS number", ["1"], Kind.PERSONAL),
        ("What is the name of the person you care for?", ["Ann"], Kind.PERSONAL),
        ("Your mother’s name", ["Ann"], Kind.PERSONAL),
        ("Initials", ["A. B."], Kind.PERSONAL),
        ("Please leave your details if we may ring you", ["Ann, any morning"], Kind.PERSONAL),
        ("Anything else", ["jo@example.org", "ann@example.org", "no"], Kind.PERSONAL),
        ("How to reach you", ["07700 900123", "+44 115 496 0000"], Kind.PERSONAL),
        ("Where", ["NG18 1AA", "NG5 2BB"], Kind.PERSONAL),
        ("First half of your postcode", ["NG18", "NG5", "S80"], Kind.CHOICES),
        ("First half of your postcode", ["NG18 1AA", "NG5", "S80"], Kind.PERSONAL),
        ("Would one phone number help?", ["Yes, because I never know whom to ring at night."], Kind.WORDS),
        ("What name should the new centre have?", ["The Willows", "The Mill"], Kind.CHOICES),
        ("Do you consent to this?", ["Yes", "Yes"], Kind.AGREED),
        ("How old are you?", ["25 to 34", "65 and over"], Kind.CHOICES),
        ("How satisfied are you?", ["Very satisfied", "Neither satisfied nor dissatisfied"], Kind.CHOICES),
        ("What helps?", ["Bus and train;Taxi or car;", "A lift from a neighbour;"], Kind.CHOICES),
        ("What helps?", ["I look after somebody in my family"] * 30, Kind.CHOICES),
        ("What helps?", [f"Number {n} bus stops running too early for me" for n in range(30)], Kind.WORDS),
        ("What helps?", ["کاش ڈاکٹر میری زبان میں بات کرتے ہوتے، تو سمجھ آتا"], Kind.WORDS),
        ("Anything else?", ["No"] * 30 + ["Please keep the Saturday lunch club going."] * 2, Kind.CHOICES),
        (
            "Anything else?",
            ["No", "Nothing else"] * 10 + [f"Lunch club number {n}, please." for n in range(9)],
            Kind.WORDS,
        ),
        (
            "What helps?",
            [",".join(("A day centre near me", "Taxi", "A lift")[n % 3 :]) for n in range(9)],
            Kind.CHOICES,
        ),
        ("What helps?", [], Kind.CHOICES),
    ],
)
def test_what_a_column_holds(heading: str, values: list[str], kind: Kind) -> None:
    assert answers.kind(heading, values) is kind


def test_short_answers_count_as_words_where_the_tool_says_that_they_were_typed() -> None:
    values = ["More buses please", "Fewer forms", "Respite"]
    assert answers.kind("What helps?", values) is Kind.CHOICES
    assert answers.kind("What helps?", values, typed=True) is Kind.WORDS
    assert answers.kind("What helps?", ["1", "2", "3"], typed=True) is Kind.CHOICES


@pytest.mark.parametrize(
    ("clock", "written", "moment"),
    [
        (Clock(), "2026-06-01 14:05:01", datetime(2026, 6, 1, 13, 5, 1, tzinfo=UTC)),
        (Clock(UTC), "2026-06-01 14:05:01", datetime(2026, 6, 1, 14, 5, 1, tzinfo=UTC)),
        (Clock(), "01/06/2026 14:05", datetime(2026, 6, 1, 13, 5, tzinfo=UTC)),
        (Clock(month_first=True), "6/1/26 14:05:01", datetime(2026, 6, 1, 13, 5, 1, tzinfo=UTC)),
        (Clock(month_first=True), "6/1/2026 2:05 PM", datetime(2026, 6, 1, 13, 5, tzinfo=UTC)),
        (Clock(), "1/6/2026 12:05:00 am", datetime(2026, 5, 31, 23, 5, tzinfo=UTC)),
        (Clock(month_first=True), "6/1/2026", datetime(2026, 6, 1, 11, tzinfo=UTC)),
        (Clock(), "46174.586817129629", datetime(2026, 6, 1, 13, 5, 1, tzinfo=UTC)),
        (Clock(), "1 June 2026", datetime(2026, 6, 1, 11, tzinfo=UTC)),
        (Clock(), "31/02/2026 10:00", None),
        (Clock(), "1/6/2026 25:00", None),
        (Clock(), "1/6/2027 10:00", None),
        (Clock(), "soon", None),
    ],
)
def test_moments_as_tools_write_them(clock: Clock, written: str, moment: datetime | None) -> None:
    assert clock.moment(written, TODAY) == moment


@pytest.mark.parametrize(
    ("values", "where_unclear", "month_first"),
    [
        (["6/1/26 9:00:00", "6/14/26 9:00:00"], False, True),
        (["1/6/2026 9:00", "14/6/2026 9:00"], True, False),
        (["6/1/26 9:00:00"], True, True),
        (["6/1/26 9:00:00"], False, False),
        (["01/06/2026 09:00"], True, False),
        (["2026-06-01"], False, False),
    ],
)
def test_whether_the_month_comes_first(values: list[str], where_unclear: bool, month_first: bool) -> None:
    assert month_comes_first(values, where_unclear=where_unclear) is month_first


def test_names_of_languages_as_tools_write_them() -> None:

    written = ("en-gb", "zh-s", "de-informal", "english (united kingdom)\u200e", "pt-br")
    assert [language(value) for value in written] == ["en-GB", "zh", "de", "en", "pt-BR"]
