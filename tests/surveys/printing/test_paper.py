"""Surveys on paper: the way through the questions, what stands on a copy, and getting copies."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader

from engage import close, config, create_app
from engage.accounts.models import Role
from engage.contributions import codes
from engage.contributions.models import Receipt
from engage.conversations.models import Conversation
from engage.db import db
from engage.surveys.conditions import Condition, Test
from engage.surveys.content import Content, Page
from engage.surveys.models import Survey
from engage.surveys.printing import paper
from engage.surveys.printing.directions import END, directions
from engage.surveys.printing.paper import Order, Print, Size, as_printed
from engage.surveys.questions import (
    Agreement,
    Choice,
    Contact,
    Date,
    District,
    EasyRead,
    FreeText,
    Number,
    Permission,
    Postcode,
    Question,
    Ranking,
    Rating,
    Row,
    SeveralChoices,
    ShortText,
    Statement,
)
from engage.surveys.texts import Text
from tests import factories
from tests.conftest import settings_for
from tests.surveys import factories as surveys
from tests.test_pdf import elements, kinds, shown

CODE = "K7MP4TWX9RHC"
TRACK = "https://talk.example.org/track"
SignIn = Callable[..., int]


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application without a database, which a copy does not need."""
    app = create_app(settings_for(tmp_path_factory.mktemp("paper")), testing=True)
    yield app
    close(app)


@pytest.fixture
def speaking(installation: Flask) -> Iterator[Flask]:
    with installation.app_context():
        yield installation


def when(question: str, value: str = "yes", is_: str = "equals") -> Condition:
    test = Test.model_validate({"question": question, "is": is_, "value": value})
    return Condition(tests=(test,))


def free(question_id: str, **values: Any) -> FreeText:
    return FreeText(id=question_id, text=Text(f"Question {question_id}?"), **values)


def every_kind() -> tuple[Question, ...]:
    """A question of each kind, with words that are looked for on the copy."""
    easy = EasyRead(text=Text("Do you get help?"), picture="helping-hands")
    return (
        surveys.one_choice("a", easy=easy, help=Text("Help for a."), panel=Text("To know for a.")),
        SeveralChoices(
            id="b",
            text=Text("Who helps you?"),
            choices=(
                *surveys.choices("Family", "A carer"),
                Choice(value="none", label=Text("Nobody"), alone=True),
            ),
            other=True,
            shown_if=when("a"),
        ),
        Agreement(
            id="c",
            text=Text("How far do you agree?"),
            rows=(
                Row(id="r1", text=Text("My carer is on time")),
                Row(id="r2", text=Text("I am listened to")),
            ),
            choices=surveys.choices("I agree", "I do not agree"),
        ),
        Rating(id="d", text=Text("How easy is it?"), choices=surveys.choices("Very easy", "Very hard")),
        Number(id="e", text=Text("How many hours?"), unit=Text("hours"), highest=168),
        Date(id="f", text=Text("When did it start?")),
        District(id="g", text=Text("Where do you live?")).with_places(["Mansfield", "Ashfield"]),
        Postcode(id="h", text=Text("Your postcode area?")),
        Ranking(id="i", text=Text("What matters most?"), choices=surveys.choices("Transport", "Money")),
        Statement(id="j", text=Text("Nearly done"), help=Text("Take your time.")),
        ShortText(id="k", text=Text("In one word?")),
        free("l"),
        Contact(id="m", text=Text("May we get in touch?")),
        Permission(id="n", text=Text("What do you allow?")),
    )


def whole() -> Content:
    monitoring = Page(
        id="eq",
        equality=True,
        title=Text("About you, if you like"),
        explanation=Text("We ask to see whom we miss."),
        questions=(surveys.one_choice("age", "Under 65", "65 or over"),),
    )
    made = surveys.document(*every_kind(), easy_read=True, reason=Text("Because we plan."))
    return made.model_copy(
        update={
            "pages": (*made.pages, monitoring),
            "who_decides": Text("The committee."),
            "still_open": Text("All of it."),
            "decides_on": date(2027, 3, 1),
            "privacy": Text("Kept apart."),
            "considered": Text("Read with care."),
        }
    )


def printed(content: Content) -> Print:
    return Print(content, 3, date(2026, 12, 1), TRACK)


def copy_of(content: Content, *made: str, language: str = "en", size: Size = Size.STANDARD) -> PdfReader:
    settings = config.Settings(environment="development")
    file = paper.make(printed(content), Order(language, size, "The library"), settings, made)
    return PdfReader(BytesIO(file))


def words_on(file: PdfReader) -> str:
    return " ".join(shown(file).split())


# --- The way through ----------------------------------------------------------------------------------------


def test_an_answer_that_skips_says_where_to_go() -> None:
    found = directions(
        surveys.document(
            surveys.one_choice("a"), free("b", shown_if=when("a")), free("c", shown_if=when("a")), free("d")
        )
    )
    assert found.numbers == {"a": "1", "b": "2", "c": "3", "d": "4"}
    assert found.at_choice == {"a": {"no": "4"}}
    assert (found.after, found.sentences) == ({}, set())


def test_two_ways_that_part_and_meet_again() -> None:
    found = directions(
        surveys.document(
            surveys.one_choice("a"),
            free("b", shown_if=when("a")),
            free("c", shown_if=when("a", "no")),
            free("d"),
        )
    )
    assert found.at_choice == {"a": {"no": "3"}}
    assert found.after == {"b": "4"}
    assert found.sentences == set()


def test_a_skip_past_the_last_question_leads_to_the_end() -> None:
    found = directions(surveys.document(surveys.one_choice("a"), free("b", shown_if=when("a"))))
    assert found.at_choice == {"a": {"no": END}}


def test_a_skip_never_lands_on_a_question_that_hangs_on_what_was_skipped() -> None:
    found = directions(
        surveys.document(
            surveys.one_choice("a"),
            surveys.one_choice("b", shown_if=when("a")),
            free("c", shown_if=when("b")),
            free("d"),
        )
    )
    assert found.at_choice == {"a": {"no": "4"}, "b": {"no": "4"}}
    assert found.sentences == set()


@pytest.mark.parametrize(
    "questions",
    [
        (surveys.one_choice("a"), free("b"), free("c", shown_if=when("a"))),
        (surveys.one_choice("a"), free("b", shown_if=when("a", "", "answered")), free("c")),
        (
            surveys.one_choice("a"),
            surveys.one_choice("b"),
            free(
                "c",
                shown_if=Condition(match="any", tests=(*when("a").tests, *when("b").tests)),
            ),
        ),
        (
            SeveralChoices(id="a", text=Text("Which?"), choices=surveys.choices("Yes", "No")),
            free("b", shown_if=when("a", "yes", "includes")),
        ),
        (
            surveys.one_choice("a"),
            free("b", shown_if=when("a")),
            Statement(id="s", text=Text("Now the rest")),
            free("c"),
        ),
    ],
)
def test_what_arrows_cannot_say_is_said_in_a_sentence(questions: tuple[Question, ...]) -> None:
    found = directions(surveys.document(*questions))
    assert found.at_choice == {}
    assert found.sentences == {question.id for question in questions if question.shown_if}


def test_easy_read_leaves_out_what_hangs_on_a_question_without_a_twin() -> None:
    twin = EasyRead(text=Text("Easy?"))
    content = surveys.document(
        surveys.one_choice("a"),
        surveys.one_choice("b", easy=twin, shown_if=when("a")),
        surveys.one_choice("c", easy=twin),
    )
    assert [question.id for question in as_printed(content, Size.EASY).questions] == ["c"]
    assert [question.id for question in as_printed(content, Size.LARGE).questions] == ["a", "b", "c"]


# --- A copy -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [Size.STANDARD, Size.LARGE])
def test_a_copy_has_every_word_of_the_survey(speaking: Flask, size: Size) -> None:
    text = words_on(copy_of(whole(), CODE, size=size))
    for question in whole().questions:
        assert str(question.text) in text
        for choice in getattr(question, "all_choices", tuple)():
            assert str(choice.label) in text
    for words in (
        "We want to hear what care and support is like.",
        "Because we plan. What can still change All of it. Who decides The committee.",
        "The decision is planned for 1 March 2027.",
        "Kept apart. Read with care.",
        "Help for a.",
        "To know for a.",
        "My carer is on time",
        "I am listened to",
        "We ask to see whom we miss.",
        "Take your time.",
        "If you need more room",
        "so that it reaches us by 1 December 2026",
        "Send it to: The library",
        "ring our care line on",
    ):
        assert words in text


def test_questions_are_numbered_and_skips_lead_to_numbers(speaking: Flask) -> None:
    file = copy_of(whole(), CODE)
    text = words_on(file)
    asked = [str(question.text) for question in whole().questions if question.is_asked]
    assert all(f" {number}. {words} " in text for number, words in enumerate(asked, 1))
    assert "Nearly done" in text
    assert "No Go to question 3" in text
    assert "/Link" in kinds(file)


def test_each_kind_has_a_place_for_the_pen(speaking: Flask) -> None:
    file = copy_of(whole(), CODE)
    hints = [
        "Tick one box.",
        "Tick all that apply.",
        "Tick one box for each sentence.",
        "Write 1 in the box of",
    ]
    text = words_on(file)
    assert all(hint in text for hint in hints)
    alternatives = [str(element["/Alt"]) for element in elements(file) if element["/S"] == "/Figure"]
    assert alternatives == [
        "If it is something else, write here what it is",
        *["Boxes to write in"] * 3,
        *["Lines to write on"] * 6,
        "QR code of the address on this slip",
    ]
    # Two choices; four with "something else" and "nobody"; two rows of two; two; three places; two; three
    # uses; three permissions; two ages.
    assert kinds(file).count("/LI") == 2 + 4 + 4 + 2 + 3 + 2 + 3 + 3 + 2


@pytest.mark.parametrize("language", ["en", "pl", "ur", "ar"])
@pytest.mark.parametrize("size", list(Size))
def test_a_copy_is_tagged_in_its_language(speaking: Flask, language: str, size: Size) -> None:
    content = whole().model_copy(update={"title": Text({"en": "Tell us", "pl": "Powiedz nam"})})
    file = copy_of(content, CODE, language=language, size=size)
    root = file.trailer["/Root"]
    assert str(root["/Lang"]) == language
    assert root["/MarkInfo"]["/Marked"].value is True
    assert "<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_object().get_data().decode()
    assert kinds(file).count("/H1") == 1
    assert file.metadata is not None
    assert file.metadata.title == ("Powiedz nam" if language == "pl" else "Tell us")


def test_words_that_are_missing_stand_in_english_and_say_so(speaking: Flask) -> None:
    question = surveys.one_choice("a").model_copy(update={"text": Text({"en": "Why?", "pl": "Dlaczego?"})})
    content = surveys.document(question).model_copy(update={"introduction": Text("Only English.")})
    form = paper.form(printed(content), Order("pl"), config.Settings(environment="development"), [CODE])
    assert {"text": "Only English.", "language": "en"} in [block.get("words") for block in form["blocks"]]
    asked = next(block for block in form["blocks"] if block["part"] == "question")
    assert asked["words"] == "Dlaczego?"
    assert asked["blocks"][0]["choices"][0]["label"] == {"text": "Yes", "language": "en"}


def test_easy_read_has_one_idea_a_page_in_its_own_words_with_pictures(speaking: Flask) -> None:
    twin = EasyRead(text=Text("Who helps you?"), picture="carer")
    one = surveys.one_choice("a", easy=EasyRead(text=Text("Do you get help?"), picture="helping-hands"))
    content = surveys.document(one, free("b", easy=twin), free("c"), easy_read=True)
    file = copy_of(content, CODE, size=Size.EASY)
    text = [" ".join(page.extract_text().split()) for page in file.pages]
    assert "1. Do you get help?" in text[1] and "2. Who helps you?" in text[2]
    assert "Question a?" not in words_on(file) and "Question c?" not in words_on(file)


def test_a_slip_has_the_code_and_the_address_of_the_tracking_page_alone(speaking: Flask) -> None:
    file = copy_of(whole(), CODE)
    last = file.pages[-1].extract_text()
    assert "K7MP 4TWX 9RHC" in last and TRACK in last
    assert CODE not in shown(file) and f"{TRACK}/" not in shown(file)
    assert len(file.pages) % 2 == 1  # The slip has nothing of the questions on its back.
    assert all("K7MP 4TWX 9RHC" in page.extract_text() for page in file.pages)


def test_many_copies_have_a_code_each_and_their_own_page_numbers(speaking: Flask) -> None:
    made = [codes.new_code() for _copy in range(7)]
    file = copy_of(whole(), *made)
    one = len(copy_of(whole(), CODE).pages)
    assert len(file.pages) == 7 * one + 6  # Each copy begins on a fresh sheet.
    firsts = [page.extract_text() for page in file.pages if f"Page 1 of {one}" in page.extract_text()]
    assert [codes.spaced(code) in first for code, first in zip(made, firsts, strict=True)] == [True] * 7
    text = words_on(file)
    assert all(text.count(codes.spaced(code)) == one + 1 for code in made)


def test_a_copy_without_a_code_says_how_to_get_one(speaking: Flask) -> None:
    text = words_on(copy_of(whole()))
    assert "This copy has no code." in text and "Cut this off" not in text


def test_the_same_copy_is_the_same_file(speaking: Flask) -> None:
    settings = config.Settings(environment="development")
    first, second = (paper.make(printed(whole()), Order("ur"), settings, [CODE]) for _time in range(2))
    assert first == second


@pytest.mark.parametrize(
    "written",
    [
        '#read("/etc/passwd")',
        "= Heading $x$ *bold*",
        '"], blocks: (part: "slip")',
        "100 % of %(us)s",
        "{page}",
    ],
)
def test_what_is_written_is_only_text(speaking: Flask, written: str) -> None:
    choices = surveys.choices(written, "No")
    question = surveys.one_choice("a").model_copy(
        update={"text": Text(written), "help": Text(written), "choices": choices}
    )
    hangs = free("c", shown_if=when("a", choices[0].value))
    content = surveys.document(question, free("b"), hangs)
    text = words_on(copy_of(content.model_copy(update={"title": Text(written)}), CODE))
    assert f"1. {written}" in text
    assert f"Only if you chose “{written}” in question 1." in text


def test_phone_numbers_keep_their_order_from_right_to_left(speaking: Flask) -> None:
    form = paper.form(printed(whole()), Order("ur"), config.Settings(environment="development"), [CODE])
    said = str(form)
    assert "0808 157 0420" not in said
    assert "0808\\xa0157\\xa00420" in said and "116\\xa0123" in said


# --- Getting copies -----------------------------------------------------------------------------------------


def kept(app: Flask, **values: Any) -> Survey:
    with app.app_context():
        made = surveys.survey(content=whole(), **values)
        db.session.commit()
        db.session.refresh(made)
        db.session.expunge_all()
        return made


def read(reply: Any) -> PdfReader:
    return PdfReader(BytesIO(reply.data))


@pytest.mark.parametrize("size", ["standard", "large", "easy"])
def test_anybody_can_print_a_copy_at_home(app: Flask, client: FlaskClient, size: str) -> None:
    survey = kept(app)
    page = client.get(f"/surveys/{survey.slug}").get_data(as_text=True)
    assert f"/surveys/{survey.slug}/paper/{size}.pdf" in page
    reply = client.get(f"/surveys/{survey.slug}/paper/{size}.pdf")
    assert reply.status_code == 200 and reply.mimetype == "application/pdf"
    assert reply.headers["Content-Disposition"] == (
        f'attachment; filename="{survey.slug}-version-1-en-{size}.pdf"'
    )
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["Content-Language"] == "en"
    code = re.search(r"[0-9A-Z]{4} [0-9A-Z]{4} [0-9A-Z]{4}", shown(read(reply)))
    again = re.search(r"[0-9A-Z]{4} [0-9A-Z]{4} [0-9A-Z]{4}", shown(read(client.get(reply.request.path))))
    assert code and again and code[0] != again[0]
    with app.app_context():
        assert db.session.query(Receipt).count() == 0


def test_a_copy_at_home_is_in_the_language_of_the_page(app: Flask, client: FlaskClient) -> None:
    survey = kept(app)
    reply = client.get(f"/surveys/{survey.slug}/paper/large.pdf?language=pl")
    assert reply.headers["Content-Language"] == "pl"
    assert str(read(reply).trailer["/Root"]["/Lang"]) == "pl"


def test_there_is_no_copy_of_a_closed_or_unknown_survey(app: Flask, client: FlaskClient) -> None:
    survey = kept(app, opens_in=-10, closes_in=-1)
    assert client.get(f"/surveys/{survey.slug}/paper/standard.pdf").status_code == 303
    assert client.get("/surveys/nothing/paper/standard.pdf").status_code == 404
    assert client.get(f"/surveys/{survey.slug}/paper/huge.pdf").status_code == 404


def test_nobody_can_have_copies_made_without_end(app: Flask, client: FlaskClient) -> None:
    survey = kept(app, closes_in=-1)
    asked = [client.get(f"/surveys/{survey.slug}/paper/standard.pdf").status_code for _time in range(31)]
    assert asked == [303] * 30 + [429]


def test_staff_get_as_many_copies_as_they_ask_for(app: Flask, client: FlaskClient, sign_in: SignIn) -> None:
    survey = kept(app)
    sign_in(client, Role.RECORDER)
    data = {"language": "en", "size": "easy", "copies": "6", "send_to": "County Hall"}
    reply = client.post(f"/staff/surveys/{survey.id}/paper", data=data)
    assert reply.mimetype == "application/pdf"
    file = read(reply)
    assert len(set(re.findall(r"[0-9A-Z]{4} [0-9A-Z]{4} [0-9A-Z]{4}", shown(file)))) == 6
    assert "Send it to: County Hall" in words_on(file)
    data |= {"copies": "1", "without_code": "y"}
    assert "This copy has no code." in words_on(
        read(client.post(f"/staff/surveys/{survey.id}/paper", data=data))
    )


def test_many_copies_come_as_several_files(app: Flask, client: FlaskClient, sign_in: SignIn) -> None:
    survey = kept(app)
    sign_in(client, Role.FACILITATOR)
    data = {"language": "en", "size": "easy", "copies": "43", "send_to": ""}
    reply = client.post(f"/staff/surveys/{survey.id}/paper", data=data)
    name = f"{survey.slug}-version-1-en-easy"
    assert reply.headers["Content-Disposition"] == f'attachment; filename="{name}.zip"'
    found: set[str] = set()
    with ZipFile(BytesIO(reply.data)) as files:
        assert files.namelist() == [
            f"{name}-copies-{part}.pdf" for part in ("001-to-020", "021-to-040", "041-to-043")
        ]
        for one in files.namelist():
            text = shown(PdfReader(BytesIO(files.read(one))))
            found |= set(re.findall(r"[0-9A-Z]{4} [0-9A-Z]{4} [0-9A-Z]{4}", text))
    assert len(found) == 43


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"copies": ""}, "Say how many copies, like 20."),
        ({"copies": "0"}, "Enter a number of copies from 1 to 200."),
        ({"copies": "201"}, "Enter a number of copies from 1 to 200."),
        ({"copies": "٣"}, "Enter a number of copies from 1 to 200."),
        ({"copies": "9" * 5000}, "characters too long"),
        ({"language": "xx"}, "Choose a language."),
        ({"size": ""}, "Choose a size of print."),
        ({"send_to": "x" * 300}, "characters too long"),
    ],
)
def test_an_order_that_cannot_be_made_says_what_to_do(
    app: Flask, client: FlaskClient, sign_in: SignIn, changes: dict[str, str], message: str
) -> None:
    survey = kept(app)
    sign_in(client, Role.FACILITATOR)
    data = {"language": "en", "size": "standard", "copies": "1"} | changes
    reply = client.post(f"/staff/surveys/{survey.id}/paper", data=data)
    assert reply.status_code == 422
    assert message in reply.get_data(as_text=True)


def test_a_survey_that_is_not_published_or_not_here_has_no_copies(
    app: Flask, client: FlaskClient, sign_in: SignIn
) -> None:
    draft = kept(app, published=False)
    sign_in(client, Role.FACILITATOR)
    assert "not published yet" in client.get(f"/staff/surveys/{draft.id}/paper").get_data(as_text=True)
    assert client.get("/staff/surveys/9999/paper").status_code == 404
    with app.app_context():
        other = factories.conversation()
        db.session.commit()
        assert db.session.query(Conversation).count() == 2
        elsewhere = surveys.survey(db.session.merge(other))
        db.session.commit()
        elsewhere_id = elsewhere.id
    replies = {client.get(f"/staff/surveys/{one}/paper").status_code for one in (draft.id, elsewhere_id)}
    assert 404 in replies


@pytest.mark.parametrize("size", Size)
def test_a_long_name_leaves_room_for_version_code_and_page(speaking: Flask, size: Size) -> None:
    """The foot has two lines in every kind of copy; the name's end is what gives way."""
    name = "A long name of a survey about care " * 5
    content = whole().model_copy(update={"title": Text(name.strip())})
    for page in copy_of(content, CODE, size=size).pages:
        said = " ".join(page.extract_text().split())
        if said:
            assert re.search(r"A long name [\w ]*… · Version 3 ?K7MP 4TWX 9RHC ?Page \d+ of \d+", said), said
