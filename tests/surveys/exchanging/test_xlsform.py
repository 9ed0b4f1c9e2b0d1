"""XLSForms: ours are accepted by pyxform and come back; others' are read as far as we can say them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from flask import Flask
from flask_babel import Babel
from hypothesis import HealthCheck, assume, example, given, settings
from openpyxl import Workbook, load_workbook
from pyxform.xls2xform import convert

from engage.surveys import templates
from engage.surveys.conditions import Condition, Test
from engage.surveys.content import Content, Page
from engage.surveys.exchanging import xlsform, xlsform_in
from engage.surveys.exchanging import xlsform_relevant as expressions
from engage.surveys.exchanging.exchange import FileRefused
from engage.surveys.questions import (
    Agreement,
    Choice,
    Choosing,
    Date,
    FreeText,
    Number,
    OneChoice,
    Question,
    Ranking,
    Rating,
    SeveralChoices,
    ShortText,
    Statement,
)
from engage.surveys.texts import NOTHING, Text
from tests.surveys.factories import choices, document, one_choice
from tests.surveys.strategies import contents

_app = Flask(__name__)
Babel(_app)


@pytest.fixture(autouse=True)
def words() -> Iterator[None]:
    """Messages need a request; nothing here asks a database."""
    with _app.test_request_context():
        yield


def _back(content: Content) -> xlsform_in.Brought:
    return xlsform_in.read_workbook(xlsform.as_workbook(content, name="a-survey"))


def _book(*survey: tuple[str, ...], choices: tuple[tuple[str, ...], ...] = (), **settings: str) -> bytes:
    """A workbook as another tool could have made it; the first row of each sheet has the headings."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in (("survey", survey), ("choices", choices)):
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    if settings:
        sheet = book.create_sheet("settings")
        sheet.append(list(settings))
        sheet.append(list(settings.values()))
    kept = BytesIO()
    book.save(kept)
    return kept.getvalue()


def _sayable(question: Question, content: Content) -> Question:
    """The question as an XLSForm can say it."""
    update: dict[str, object] = {"easy": None, "clips": (), "help": question.help}
    if question.shown_if and not xlsform._can_say_condition(content, question.shown_if):
        update["shown_if"] = None
    elif question.shown_if and len(question.shown_if.tests) == 1:
        update["shown_if"] = question.shown_if.model_copy(update={"match": "all"})  # One test says the same.
    if isinstance(question, Statement):
        update["required"] = False
    return question.model_copy(update=update)


def _what_both_say(content: Content) -> Content:
    pages = []
    for page in content.pages:
        asked = tuple(_sayable(one, content) for one in page.questions if one.kind != "contact")
        if asked:
            pages.append(page.model_copy(update={"questions": asked}))
    title = Text(str(content.title))
    return content.model_copy(update={"title": title, "easy_read": False, "pages": tuple(pages)})


ONE_TEST = Condition(match="any", tests=(Test(question="a", **{"is": "answered"}),))
"""With one test, "any" and "all" say the same; a form can only say one of them."""


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(contents(most=4))
def test_any_survey_is_a_form_that_pyxform_accepts(content: Content) -> None:
    with _app.test_request_context():
        assume(any(question.kind != "contact" for question in content.questions))
        result = convert(BytesIO(xlsform.as_workbook(content, name="a-survey")), file_type=".xlsx")
        assert "<h:html" in result.xform


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(contents(most=4))
@example(document(one_choice("a"), one_choice("b", shown_if=ONE_TEST)))
def test_what_both_can_say_comes_back_the_same(content: Content) -> None:
    with _app.test_request_context():
        offered = content.model_copy(update={"languages": ("en", "pl", "ur")})
        expected = _what_both_say(offered)
        assume(expected.pages)
        brought = _back(offered).content
        assert [page.id for page in brought.pages] == [page.id for page in expected.pages]
        for one, other in zip(brought.questions, expected.questions, strict=True):
            assert one == other
        assert (brought.title, brought.pages) == (expected.title, expected.pages)


@pytest.mark.parametrize("name", templates.NAMES)
def test_templates_are_accepted_and_come_back(name: str) -> None:
    content = templates.template(name)
    data = xlsform.as_workbook(content, name=name)
    assert "<h:html" in convert(BytesIO(data), file_type=".xlsx").xform
    brought = xlsform_in.read_workbook(data)
    asked = [question.id for question in content.questions if question.kind != "contact"]
    assert [question.id for question in brought.content.questions] == asked
    assert str(brought.content.privacy) == str(content.privacy)
    assert brought.left_out == ()


def test_what_a_form_cannot_say_is_said() -> None:
    notes = xlsform.left_out(templates.template("big_conversation"))
    assert "Easy Read, with its pictures." in notes
    assert any(note.startswith("“How can we reach you?”: contact details are left out") for note in notes)
    scale = Agreement(id="s", text=Text("Scale"), choices=choices("A", "B"), rows=())
    asked = FreeText(
        id="t",
        text=Text("Why?"),
        shown_if=Condition(tests=(Test(question="s", **{"is": "answered"}),)),
        asks_for="good",
    )
    notes = xlsform.left_out(document(scale, asked))
    assert "“Why?”: its condition is left out, so everybody is asked." in notes
    assert "“Why?”: what the words are about, and their theme, is left out." in notes


def test_words_that_begin_like_a_formula_stay_words() -> None:
    data = xlsform.as_workbook(document(ShortText(id="a", text=Text("=1+1"))), name="x")
    cells = [cell for row in load_workbook(BytesIO(data))["survey"].iter_rows() for cell in row]
    assert [cell.value for cell in cells if cell.value == "=1+1"] == ["=1+1"]
    assert {cell.data_type for cell in cells if cell.value} == {"s"}


def test_a_form_of_another_tool_is_read() -> None:
    data = _book(
        (
            "type",
            "name",
            "label::English (en)",
            "label::Polski",
            "hint",
            "required",
            "relevant",
            "appearance",
        ),
        ("start", "start"),
        ("begin group", "about", "About you", "O tobie"),
        ("select_one yes_no", "Carer?", "Are you a carer?", "Czy?", "Choose", "true()"),
        ("select multiple helps or_other", "helps", "What helps?", "", "", "", "${Carer?} = 'yes'"),
        ("text", "why", "Why?", "", "", "", "selected(${helps}, 'bus') or (${helps} != '')", "multiline"),
        ("end group",),
        ("select_one yes_no", "again", "Again?", "", "", "", "", "likert"),
        ("rank helps", "order", "What first?"),
        ("geopoint", "where", "Where are you?"),
        ("note", "thanks", "Thank you"),
        choices=(
            ("list_name", "name", "label::English (en)", "label::Polski"),
            ("yes_no", "yes", "Yes", "Tak"),
            ("yes_no", "no", "No", "Nie"),
            ("helps", "bus", "Buses"),
            ("helps", "money", "Money"),
        ),
        form_title="A form",
        default_language="English (en)",
    )
    brought = xlsform_in.read_workbook(data)
    content = brought.content
    yes_no = (
        Choice(value="yes", label=Text({"en": "Yes", "pl": "Tak"})),
        Choice(value="no", label=Text({"en": "No", "pl": "Nie"})),
    )
    helps = (Choice(value="bus", label=Text("Buses")), Choice(value="money", label=Text("Money")))
    assert content.title == Text("A form")
    assert content.languages == ("en", "pl")
    assert [page.title for page in content.pages] == [Text({"en": "About you", "pl": "O tobie"})]
    assert content.questions == (
        OneChoice(
            id="carer",
            text=Text({"en": "Are you a carer?", "pl": "Czy?"}),
            help=Text("Choose"),
            required=True,
            choices=yes_no,
        ),
        SeveralChoices(
            id="helps",
            text=Text("What helps?"),
            choices=helps,
            other=True,
            shown_if=Condition(tests=(Test(question="carer", **{"is": "equals"}, value="yes"),)),
        ),
        FreeText(
            id="why",
            text=Text("Why?"),
            shown_if=Condition(
                match="any",
                tests=(
                    Test(question="helps", **{"is": "includes"}, value="bus"),
                    Test(question="helps", **{"is": "answered"}),
                ),
            ),
        ),
        Rating(id="again", text=Text("Again?"), choices=yes_no),
        Ranking(id="order", text=Text("What first?"), choices=helps),
        Statement(id="thanks", text=Text("Thank you")),
    )
    assert brought.left_out == (
        "Row 2: “start” is left out.",
        "Row 10: “geopoint” is left out.",
    )


def test_what_we_cannot_say_is_said_row_by_row() -> None:
    data = _book(
        ("type", "name", "label", "relevant", "constraint", "calculation", "choice_filter", "media::image"),
        ("integer", "age", "How old?", "", ". > 17 and . < 100"),
        ("text", "code", "Code?", "${age} > 3", "regex(., 'x')"),
        ("calculate", "sum", "", "", "", "${age} * 2"),
        ("begin repeat", "people", "People"),
        ("text", "name", "Name?"),
        ("end repeat",),
        ("select_one gone", "gone", "Gone?"),
        ("select_one places", "place", "Place?", "", "", "", "county=${age}", "map.png"),
        ("begin group", "outer", "Outer", "${age} = 3"),
        ("begin group", "inner", "Inner"),
        ("date", "day", "Day?", "", ". >= date('2026-01-01')"),
        ("end group",),
        ("end group",),
        ("photo", "photo", "Photo"),
        choices=(("list_name", "name", "label"), ("places", "n", "North"), ("places", "n", "Again")),
    )
    brought = xlsform_in.read_workbook(data)
    assert [question.id for question in brought.content.questions] == ["age", "code", "place", "day"]
    assert brought.content.by_id["age"] == Number(id="age", text=Text("How old?"), lowest=18, highest=99)
    assert brought.content.by_id["day"] == Date(id="day", text=Text("Day?"), earliest=date(2026, 1, 1))
    for note in (
        "Row 3: the rule for answers (“constraint”) is left out.",
        "Row 3: its condition is left out, so everybody is asked: ${age} > 3",
        "Row 4: “calculate” is left out.",
        "Row 5: questions that can be answered again and again are left out.",
        "Row 8: its list of answers “gone” is not in the form.",
        "Row 3: an answer without a name of its own is left out.",
        "Row 10: the condition of a whole group is left out. Put it on its questions.",
        "Row 11: a group inside a group: its questions stand on the page of the outer one.",
        "Row 15: “photo” is left out.",
        "The column “choice_filter” is left out (rows 9).",
        "The column “media::image” is left out (rows 9).",
    ):
        assert note in brought.left_out, brought.left_out


def test_without_english_another_language_stands_in_its_place() -> None:
    data = _book(("type", "name", "label::Polish (pl)"), ("text", "a", "Dlaczego?"))
    brought = xlsform_in.read_workbook(data)
    assert brought.content.questions[0].text == Text({"en": "Dlaczego?", "pl": "Dlaczego?"})
    assert (
        "There is no English in the form. Its Polish words stand in place of English" in brought.left_out[0]
    )


def test_languages_that_nobody_knows_are_said() -> None:
    data = _book(("type", "name", "label", "label::Klingonese (x)"), ("text", "a", "Why?", "qatlh"))
    brought = xlsform_in.read_workbook(data)
    assert brought.content.questions[0].text == Text("Why?")
    assert brought.left_out == ("Texts in languages that we do not know are left out: Klingonese (x).",)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"PK but no workbook", "This workbook is damaged."),
        (_book(("type", "name"), ("geopoint", "a")), "There is no question in this form that we can ask."),
        (_book(("kind", "name"), ("text", "a")), "has no column “type” with rows"),
    ],
)
def test_what_is_no_form_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(FileRefused, match=message):
        xlsform_in.read_workbook(data)


def test_a_workbook_without_the_sheet_is_refused() -> None:
    kept = BytesIO()
    Workbook().save(kept)
    with pytest.raises(FileRefused, match="no sheet called “survey”"):
        xlsform_in.read_workbook(kept.getvalue())


def test_a_file_that_unpacks_to_too_much_is_refused() -> None:
    kept = BytesIO()
    with ZipFile(kept, "w", ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b"0" * (31 * 1024 * 1024))
    with pytest.raises(FileRefused, match="too large for a survey"):
        xlsform_in.read_workbook(kept.getvalue())


def test_more_questions_than_we_have_room_for_are_said() -> None:
    rows = [("text", f"q{number}", f"Question {number}?") for number in range(70)]
    brought = xlsform_in.read_workbook(_book(("type", "name", "label"), *rows))
    assert len(brought.content.questions) == 60
    assert "Row 62: a survey has room for 60 questions." in brought.left_out


@pytest.mark.parametrize(
    "written",
    [
        "${a} = 'yes' and ${a} = 'no' or ${a} != ''",
        "not(${a} = 'yes')",
        "${a} = 'maybe'",
        "${later} = 'yes'",
        "${a} = ''",
        "${a} > 1",
        "",
        "((${a} = 'yes')",
        "${a} = 'yes' and",
        "${t} = 'yes'",
        "count-selected(${a}) > 1",
        "${a} = 'yes' " * 1_000,
    ],
)
def test_conditions_that_are_not_ours_are_not_guessed(written: str) -> None:
    asked = one_choice("a")
    earlier: dict[str, tuple[Question, dict[str, str]]] = {
        "a": (asked, {"yes": "yes", "no": "no"}),
        "t": (ShortText(id="t", text=Text("T?")), {}),
    }
    with pytest.raises(expressions.NotSayable):
        expressions.condition(written, earlier)


@pytest.mark.parametrize(
    ("written", "match", "values"),
    [
        ("${a} = 'yes'", "all", ["yes"]),
        ('( ${a}="yes" )', "all", ["yes"]),
        ("(${a} = 'yes') or (${a} = 'no')", "any", ["yes", "no"]),
        ("(${a} = 'yes' and ${a} != '')", "all", ["yes", ""]),
        ("selected( ${a} , 'no')", "all", ["no"]),
        ("string-length(${a}) > 0", "all", [""]),
    ],
)
def test_conditions_that_both_can_say(written: str, match: str, values: list[str]) -> None:
    found = expressions.condition(written, {"a": (one_choice("a"), {"yes": "yes", "no": "no"})})
    assert found.match == match
    assert [test.value for test in found.tests] == values


def test_more_tests_than_a_condition_has_are_left_out() -> None:
    with pytest.raises(expressions.NotSayable):
        expressions.condition(" or ".join(["${a} = 'yes'"] * 11), {"a": (one_choice("a"), {"yes": "yes"})})


@pytest.mark.parametrize(
    "written", [". > 1.5", ". >= 1 or . <= 2", ". >= 1 and . >= 2", "x", ". > date('2026-01-01')"]
)
def test_bounds_that_are_not_ours_are_not_guessed(written: str) -> None:
    with pytest.raises(expressions.NotSayable):
        expressions.bounds(written, whole=True)


def test_answers_that_stand_alone_come_back() -> None:
    none = Choice(value="none", label=Text("None of these"), alone=True)
    asked = SeveralChoices(id="a", text=Text("Which?"), choices=(*choices("A", "B"), none), other=True)
    assert _back(document(asked)).content.questions == (asked,)


def test_a_page_with_nothing_to_ask_is_left_out() -> None:
    content = document(one_choice("a"))
    content = content.model_copy(update={"pages": (*content.pages, Page(id="empty", title=Text("Empty")))})
    assert [page.id for page in _back(content).content.pages] == ["page_1"]
    assert "Pages on which nothing is left to ask." in xlsform.left_out(content)


def test_codes_that_a_form_cannot_have_are_changed_and_said() -> None:
    asked = OneChoice(
        id="a",
        text=Text("Where?"),
        choices=(
            Choice(value="Newark and Sherwood", label=Text("Newark")),
            Choice(value="x'y", label=Text("X")),
        ),
    )
    content = document(asked)
    back = _back(content).content.questions[0]
    assert isinstance(back, Choosing)
    assert back.offered() == ("newark_and_sherwood", "x_y")
    assert any("another code" in note for note in xlsform.left_out(content))
    assert content.questions[0].panel == NOTHING
