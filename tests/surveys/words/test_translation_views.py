"""Facilitators translate a survey side by side and by file; two people at once lose nothing."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from html import unescape

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from engage.accounts.models import Role
from engage.db import db, utcnow
from engage.surveys import queries, services
from engage.surveys.content import Content, Page
from engage.surveys.models import Survey, TextCheck
from engage.surveys.texts import Text
from engage.surveys.wording import map_texts, texts
from engage.surveys.words import text_checks, translation_views
from tests import factories
from tests.conftest import StatementCounter
from tests.surveys.factories import one_choice
from tests.surveys.factories import survey as make_survey

SignIn = Callable[..., int]
TITLE, QUESTION = "title", "questions.a.text"


def content(*, polish: str = "") -> Content:
    """A title and one question with two answers: five texts, the question in Polish where told."""
    question = one_choice("a")
    if polish:
        question = question.model_copy(update={"text": question.text.with_words("pl", polish)})
    return Content(
        introduction=Text("Tell us."), pages=(Page(id="p", title=Text("You"), questions=(question,)),)
    )


@pytest.fixture
def survey_id(app: Flask, client: FlaskClient, sign_in: SignIn) -> int:
    """A survey that is not published, and somebody signed in who may translate it."""
    sign_in(client, Role.FACILITATOR, name="Sam")
    with app.app_context():
        made = make_survey(content=content(), published=False)
        db.session.commit()
        return made.id


def page(client: FlaskClient, path: str) -> str:
    reply = client.get(path)
    assert reply.status_code == 200
    return unescape(reply.get_data(as_text=True))


def fields(html: str) -> dict[str, str]:
    """What the form of the page would send if nobody touched it."""
    seen = dict(re.findall(r'name="(was\.[^"]+)" value="([^"]*)"', html))
    words = re.findall(r'name="(t\.[^"]+)"[^>]*>\n(.*?)</textarea>', html, re.S)
    return seen | dict(words)


def words_of(app: Flask, survey_id: int, key: str, language: str = "pl") -> str:
    with app.app_context():
        return dict(texts(queries.draft_content(db.session.get_one(Survey, survey_id))))[key].in_language(
            language
        )


def change(app: Flask, survey_id: int, key: str, language: str, words: str) -> None:
    """Somebody else changes a text meanwhile."""
    with app.app_context():
        survey = db.session.get_one(Survey, survey_id)
        changed = map_texts(
            queries.draft_content(survey),
            lambda found, text: text.with_words(language, words) if found == key else text,
        )
        services.save_draft(survey, changed, by=factories.user(Role.FACILITATOR), now=utcnow())
        db.session.commit()


def test_the_languages_say_what_is_missing(client: FlaskClient, survey_id: int, app: Flask) -> None:
    address = f"/staff/surveys/{survey_id}/languages"
    html = page(client, address)
    assert "Polski" in html
    assert "6 missing" in html
    assert client.post(address, data={"offered": ["pl", "ur", "xx"]}).status_code == 303
    with app.app_context():
        survey = db.session.get_one(Survey, survey_id)
        draft = queries.draft_content(survey)
        assert draft.languages == ("en", "pl", "ur")
        states = text_checks.state_of_languages(survey, draft)
        assert [(one.code, one.name, one.texts, one.missing) for one in states] == [
            ("pl", "Polski", 6, 6),
            ("ur", "اردو", 6, 6),
        ]
    assert client.post(address, data={"was": ["pl", "ur"], "offered": ["ur"]}).status_code == 303
    with app.app_context():
        assert queries.draft_content(db.session.get_one(Survey, survey_id)).languages == ("en", "ur")


def test_two_people_choose_languages(client: FlaskClient, survey_id: int, app: Flask) -> None:
    address = f"/staff/surveys/{survey_id}/languages"
    client.post(address, data={"offered": ["pl"]})
    client.post(address, data={"offered": ["ur"]})
    with app.app_context():
        assert queries.draft_content(db.session.get_one(Survey, survey_id)).languages == ("en", "pl", "ur")


def test_a_language_that_nobody_knows(client: FlaskClient, survey_id: int, app: Flask) -> None:
    """A survey from elsewhere may name anything."""
    with app.app_context():
        survey = db.session.get_one(Survey, survey_id)
        strange = queries.draft_content(survey).model_copy(update={"languages": ("en", "xx", "qqq")})
        services.save_draft(survey, strange, by=factories.user(Role.FACILITATOR), now=utcnow())
        db.session.commit()
        assert text_checks.state_of_languages(survey, strange) == []
    assert "Polski" in page(client, f"/staff/surveys/{survey_id}/languages")
    assert client.get(f"/staff/surveys/{survey_id}/languages/xx").status_code == 404


def test_words_are_saved_beside_the_english(client: FlaskClient, survey_id: int, app: Flask) -> None:
    address = f"/staff/surveys/{survey_id}/languages/pl"
    html = page(client, address)
    assert "Question a?" in html
    assert 'lang="pl" dir="ltr"' in html
    sent = fields(html) | {f"t.{QUESTION}": "Pytanie?\r\nŻółć \u0000 <b>"}
    assert client.post(address, data=sent).status_code == 303
    assert words_of(app, survey_id, QUESTION) == "Pytanie?\nŻółć  <b>"
    html = page(client, address)
    assert "One text is saved." in html
    assert "5 missing, 1 unchecked, 0 checked." in html
    assert client.post(address, data=fields(html)).status_code == 303
    with app.app_context():
        assert db.session.get_one(Survey, survey_id).draft.revision == 2


def test_a_language_from_right_to_left(client: FlaskClient, survey_id: int) -> None:
    assert 'lang="ur" dir="rtl"' in page(client, f"/staff/surveys/{survey_id}/languages/ur")


@pytest.mark.parametrize("language", ["en", "xx", "pl-PL", "%00", "'"])
def test_a_language_that_there_is_not(client: FlaskClient, survey_id: int, language: str) -> None:
    assert client.get(f"/staff/surveys/{survey_id}/languages/{language}").status_code == 404
    assert client.post(f"/staff/surveys/{survey_id}/languages/{language}").status_code == 404


def test_the_survey_of_another_conversation(client: FlaskClient, survey_id: int, app: Flask) -> None:
    with app.app_context():
        other = make_survey(factories.conversation("Elsewhere")).id
        db.session.commit()
    for path in ("languages", "languages/pl", "languages/pl/texts.csv", "easy-read", "clips"):
        assert client.get(f"/staff/surveys/{max(other, survey_id)}/{path}").status_code in (200, 404)
        statuses = {client.get(f"/staff/surveys/{one}/{path}").status_code for one in (other, survey_id)}
        assert statuses == {200, 404}


# --- Checks -------------------------------------------------------------------------------------------------


def check(client: FlaskClient, survey_id: int, *keys: str, by: str = "Ada") -> None:
    address = f"/staff/surveys/{survey_id}/languages/pl"
    reply = client.post(
        address, data=fields(page(client, address)) | {"checked": list(keys), "checked_by": by}
    )
    assert reply.status_code == 303


def test_somebody_checks_one_text(client: FlaskClient, survey_id: int, app: Flask) -> None:
    change(app, survey_id, QUESTION, "pl", "Pytanie?")
    check(client, survey_id, QUESTION, by="Ada, who reads Polish well")
    html = page(client, f"/staff/surveys/{survey_id}/languages/pl")
    assert "One text is marked as checked." in html
    assert "by Ada, who reads Polish well on" in html
    assert "(recorded by Sam)" in html
    assert "5 missing, 0 unchecked, 1 checked." in html
    only_open = page(client, f"/staff/surveys/{survey_id}/languages/pl?show=open")
    assert f"t.{QUESTION}" not in only_open
    assert f"t.{TITLE}" in only_open


def test_a_check_ends_when_the_english_changes(client: FlaskClient, survey_id: int, app: Flask) -> None:
    change(app, survey_id, QUESTION, "pl", "Pytanie?")
    check(client, survey_id, QUESTION)
    change(app, survey_id, QUESTION, "en", "Another question?")
    html = page(client, f"/staff/surveys/{survey_id}/languages/pl")
    assert "The English has changed since Ada checked this on" in html
    assert "0 checked." in html
    change(app, survey_id, QUESTION, "en", "Question a?")
    assert "1 checked." in page(client, f"/staff/surveys/{survey_id}/languages/pl")


def test_a_check_ends_when_the_words_change(client: FlaskClient, survey_id: int, app: Flask) -> None:
    change(app, survey_id, QUESTION, "pl", "Pytanie?")
    check(client, survey_id, QUESTION)
    change(app, survey_id, QUESTION, "pl", "Inne pytanie?")
    html = page(client, f"/staff/surveys/{survey_id}/languages/pl")
    assert "These words have changed since Ada checked them on" in html


def test_all_words_on_the_page_are_checked_at_once(client: FlaskClient, survey_id: int, app: Flask) -> None:
    address = f"/staff/surveys/{survey_id}/languages/pl"
    sent = fields(page(client, address))
    sent |= {f"t.{QUESTION}": "Pytanie?", f"t.{TITLE}": "Tytuł", "then": "check_all", "checked_by": "Ada"}
    assert client.post(address, data=sent).status_code == 303
    assert "4 missing, 0 unchecked, 2 checked." in page(client, address)
    with app.app_context():
        assert db.session.scalars(sa.select(TextCheck.checked_by)).all() == ["Ada", "Ada"]


def test_a_check_needs_a_name_and_the_words_stay(client: FlaskClient, survey_id: int, app: Flask) -> None:
    address = f"/staff/surveys/{survey_id}/languages/pl"
    sent = fields(page(client, address)) | {f"t.{QUESTION}": "Pytanie?", "checked": QUESTION}
    reply = client.post(address, data=sent)
    html = unescape(reply.get_data(as_text=True))
    assert reply.status_code == 422
    assert "<title>Error: " in html
    assert "Say who has checked the words." in html
    assert re.search(rf'value="{QUESTION}" checked', html)
    assert words_of(app, survey_id, QUESTION) == "Pytanie?"
    reply = client.post(address, data=fields(html) | {"checked": QUESTION, "checked_by": "x" * 201})
    assert reply.status_code == 422
    assert "Shorten it to 200 or fewer" in reply.get_data(as_text=True)
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(TextCheck.id))) == 0


def test_missing_words_cannot_be_checked(client: FlaskClient, survey_id: int, app: Flask) -> None:
    check(client, survey_id, QUESTION, "no.such.key")
    assert "2 texts are not marked as checked" in page(client, f"/staff/surveys/{survey_id}/languages/pl")


def test_words_that_changed_while_somebody_read_are_not_checked(
    client: FlaskClient, survey_id: int, app: Flask
) -> None:
    change(app, survey_id, QUESTION, "pl", "Pytanie?")
    address = f"/staff/surveys/{survey_id}/languages/pl"
    sent = fields(page(client, address)) | {"checked": QUESTION, "checked_by": "Ada"}
    change(app, survey_id, QUESTION, "en", "Another question?")
    assert client.post(address, data=sent).status_code == 303
    assert "One text is not marked as checked" in page(client, address)


# --- Two people at once -------------------------------------------------------------------------------------


def test_two_people_write_different_texts(client: FlaskClient, survey_id: int, app: Flask) -> None:
    address = f"/staff/surveys/{survey_id}/languages/pl"
    sent = fields(page(client, address)) | {f"t.{QUESTION}": "Pytanie?"}
    change(app, survey_id, TITLE, "pl", "Tytuł")
    assert client.post(address, data=sent).status_code == 303
    assert words_of(app, survey_id, QUESTION) == "Pytanie?"
    assert words_of(app, survey_id, TITLE) == "Tytuł"


def test_two_people_write_the_same_text(client: FlaskClient, survey_id: int, app: Flask) -> None:
    address = f"/staff/surveys/{survey_id}/languages/pl"
    sent = fields(page(client, address)) | {f"t.{QUESTION}": "Moje?", f"t.{TITLE}": "Tytuł"}
    change(app, survey_id, QUESTION, "pl", "Cudze?")
    reply = client.post(address, data=sent)
    html = unescape(reply.get_data(as_text=True))
    assert reply.status_code == 422
    assert "Somebody else changed these words meanwhile." in html
    assert ">Cudze?</p>" in html
    assert fields(html)[f"t.{QUESTION}"] == "Moje?"
    assert words_of(app, survey_id, QUESTION) == "Cudze?"
    assert words_of(app, survey_id, TITLE) == "Tytuł"
    assert client.post(address, data=fields(html)).status_code == 303
    assert words_of(app, survey_id, QUESTION) == "Moje?"


def test_the_english_changes_while_somebody_writes(client: FlaskClient, survey_id: int, app: Flask) -> None:
    address = f"/staff/surveys/{survey_id}/languages/pl"
    sent = fields(page(client, address)) | {f"t.{QUESTION}": "Moje?"}
    change(app, survey_id, QUESTION, "en", "Another question?")
    reply = client.post(address, data=sent)
    html = unescape(reply.get_data(as_text=True))
    assert reply.status_code == 422
    assert "The English changed while you wrote." in html
    assert "Another question?" in html
    assert client.post(address, data=fields(html)).status_code == 303
    assert words_of(app, survey_id, QUESTION) == "Moje?"


def test_a_text_goes_while_somebody_writes(client: FlaskClient, survey_id: int, app: Flask) -> None:
    address = f"/staff/surveys/{survey_id}/languages/pl"
    sent = fields(page(client, address)) | {"t.introduction": "Wstęp"}
    change(app, survey_id, "introduction", "en", "")
    reply = client.post(address, data=sent)
    assert reply.status_code == 422
    assert ">Wstęp</dd>" in reply.get_data(as_text=True)


def test_too_many_words_stay_on_the_page(client: FlaskClient, survey_id: int, app: Flask) -> None:
    address = f"/staff/surveys/{survey_id}/languages/pl"
    sent = fields(page(client, address)) | {f"t.{QUESTION}": "ż" * 1_000_000}
    reply = client.post(address, data=sent)
    assert reply.status_code == 422
    html = reply.get_data(as_text=True)
    assert "Shorten it to 5,000 characters." in html
    assert "ż" * 1_000_000 in html
    assert words_of(app, survey_id, QUESTION) == ""


def test_an_empty_survey_has_nothing_to_translate(client: FlaskClient, survey_id: int, app: Flask) -> None:
    with app.app_context():
        survey = db.session.get_one(Survey, survey_id)
        services.save_draft(survey, Content(), by=factories.user(Role.FACILITATOR), now=utcnow())
        db.session.commit()
    assert "There is nothing to translate yet" in page(client, f"/staff/surveys/{survey_id}/languages/pl")
    assert "There are no texts yet." in page(client, f"/staff/surveys/{survey_id}/languages")


def test_as_many_statements_for_many_texts(
    client: FlaskClient, survey_id: int, app: Flask, statements: StatementCounter
) -> None:
    address = f"/staff/surveys/{survey_id}/languages"
    counts = []
    for number in (1, 50):
        with app.app_context():
            survey = db.session.get_one(Survey, survey_id)
            many = Content(
                pages=(Page(id="p", questions=tuple(one_choice(f"q{nth}") for nth in range(number))),)
            )
            services.save_draft(survey, many, by=factories.user(Role.FACILITATOR), now=utcnow())
            db.session.commit()
        for path in (address, f"{address}/pl"):
            with statements:
                page(client, path)
            counts.append(statements.count)
    assert counts[:2] == counts[2:]


# --- By file ------------------------------------------------------------------------------------------------


def upload(client: FlaskClient, survey_id: int, content: bytes, name: str = "texts.csv") -> tuple[int, str]:
    reply = client.post(
        f"/staff/surveys/{survey_id}/languages/pl/upload", data={"file": (io.BytesIO(content), name)}
    )
    return reply.status_code, unescape(reply.get_data(as_text=True))


def csv_rows(client: FlaskClient, survey_id: int) -> list[list[str]]:
    reply = client.get(f"/staff/surveys/{survey_id}/languages/pl/texts.csv")
    assert reply.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(reply.data.decode("utf-8-sig"))))


def as_csv(rows: list[list[str]], delimiter: str = ",") -> bytes:
    kept = io.StringIO(newline="")
    csv.writer(kept, delimiter=delimiter).writerows(rows)
    return kept.getvalue().encode("utf-8-sig")


def filled(rows: list[list[str]], **words: str) -> list[list[str]]:
    by_key = {QUESTION if key == "question" else key: said for key, said in words.items()}
    return [[*row[:3], by_key.get(row[0], row[3]), *row[4:]] for row in rows]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_file_goes_out_and_comes_back(
    client: FlaskClient, survey_id: int, app: Flask, delimiter: str
) -> None:
    rows = csv_rows(client, survey_id)
    assert rows[0] == ["Key", "What it is", "English", "Translation into Polish", "Please leave this column"]
    assert [row[:4] for row in rows if row[0] == QUESTION] == [[QUESTION, "Question", "Question a?", ""]]
    back = as_csv(filled(rows, question="'=Pytanie?\nDwa", title="Tytuł"), delimiter)
    assert upload(client, survey_id, back)[0] == 303
    assert words_of(app, survey_id, QUESTION) == "=Pytanie?\nDwa"
    assert [row[3] for row in csv_rows(client, survey_id) if row[0] == QUESTION] == ["'=Pytanie?\nDwa"]
    upload(client, survey_id, as_csv(csv_rows(client, survey_id)))
    assert "There is nothing new in this file" in page(client, f"/staff/surveys/{survey_id}/languages/pl")


def test_a_workbook_goes_out_and_comes_back(client: FlaskClient, survey_id: int, app: Flask) -> None:
    reply = client.get(f"/staff/surveys/{survey_id}/languages/pl/texts.xlsx")
    book = load_workbook(io.BytesIO(reply.data))
    sheet = book.active
    assert sheet is not None
    for row in sheet.iter_rows(min_row=2):
        if row[0].value == QUESTION:
            row[3].value = "Pytanie?"
    kept = io.BytesIO()
    book.save(kept)
    assert upload(client, survey_id, kept.getvalue(), "texts.xlsx")[0] == 303
    assert words_of(app, survey_id, QUESTION) == "Pytanie?"


def test_what_a_file_cannot_bring_is_said_and_shown(client: FlaskClient, survey_id: int, app: Flask) -> None:
    rows = csv_rows(client, survey_id)
    change(app, survey_id, QUESTION, "en", "Another question?")
    change(app, survey_id, TITLE, "pl", "Cudzy tytuł")
    rows = filled(rows, question="Moje?", title="Mój tytuł", introduction="Wstęp")
    rows += [["no.such.key", "", "What?", "Co?", ""], ["introduction", "", "Tell us.", "Drugi wstęp", ""]]
    status, html = upload(client, survey_id, as_csv(rows))
    assert status == 422
    assert "One text is saved." in html
    assert fields(html)[f"t.{QUESTION}"] == "Moje?"
    assert "The English changed while you wrote." in html
    assert fields(html)[f"t.{TITLE}"] == "Mój tytuł"
    assert ">Cudzy tytuł</p>" in html
    assert ">Co?</dd>" in html
    assert ">Drugi wstęp</dd>" in html
    assert words_of(app, survey_id, "introduction") == "Wstęp"
    assert words_of(app, survey_id, TITLE) == "Cudzy tytuł"


def test_a_file_without_our_last_column_fills_what_is_missing_alone(
    client: FlaskClient, survey_id: int, app: Flask
) -> None:
    change(app, survey_id, TITLE, "pl", "Tytuł")
    rows = [row[:4] for row in filled(csv_rows(client, survey_id), question="Pytanie?", title="Inny")]
    status, html = upload(client, survey_id, as_csv(rows))
    assert status == 422
    assert fields(html)[f"t.{TITLE}"] == "Inny"
    assert words_of(app, survey_id, QUESTION) == "Pytanie?"
    assert words_of(app, survey_id, TITLE) == "Tytuł"


def empty_workbook() -> bytes:
    kept = io.BytesIO()
    Workbook().save(kept)
    return kept.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The first row of the file needs these headings: Key, English, Translation into Polish."),
        (b"One,Two\n1,2\n", "The first row of the file needs these headings"),
        (b"Key,English,Translation into Urdu\n", "Choose the file with the “Translation into Polish”."),
        (b"Key,English,Translation into Polish\ntitle,\xff\xfe,x\n", "CSV UTF-8"),
        (b"PK\x03\x04 this is no workbook", "This file cannot be read."),
        (empty_workbook(), "The first row of the file needs these headings"),
    ],
    ids=["empty", "other", "urdu", "alphabet", "zip", "workbook"],
)
def test_a_wrong_file_is_refused_in_words(
    client: FlaskClient, survey_id: int, content: bytes, said: str
) -> None:
    status, html = upload(client, survey_id, content)
    assert status == 422
    assert said in html
    assert "<title>Error: " in html


def test_a_file_that_is_too_large(
    client: FlaskClient, survey_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(translation_views, "LARGEST_FILE", 1000)
    status, html = upload(client, survey_id, bytes(1001))
    assert status == 422
    assert "larger than 8 megabytes" in html


def test_no_file_at_all(client: FlaskClient, survey_id: int) -> None:
    reply = client.post(f"/staff/surveys/{survey_id}/languages/pl/upload", data={})
    assert reply.status_code == 422
    assert "Choose the file with the translations." in reply.get_data(as_text=True)
    assert client.get(f"/staff/surveys/{survey_id}/languages/pl/texts.pdf").status_code == 404
