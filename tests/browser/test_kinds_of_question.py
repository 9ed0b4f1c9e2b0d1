"""Every kind of question in a real browser: by keys, without script, right to left, narrow and enlarged."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from engage import create_app, db
from engage.contributions.models import ContactDetails, Contribution
from engage.surveys.models import EqualityResponse, Response
from tests.browser import look
from tests.browser.conftest import Open, Site, serving
from tests.browser.test_keyboard import button, press, tab_to
from tests.conftest import settings_for
from tests.live import free_port
from tests.surveys import every_kind
from tests.surveys.factories import survey as make_survey

FIELDS = "input[type=text], input[type=checkbox], select"
KINDS = [question.id for question in every_kind.questions()]
EASY = [question.id for question in every_kind.questions() if question.easy]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Site]:
    """An installation with one survey that has a question of every kind."""
    folder, port = tmp_path_factory.mktemp("kinds"), free_port()
    shutil.copy(sqlite_template, folder / "engage.db")
    app = create_app(settings_for(folder, base_url=f"http://127.0.0.1:{port}"))
    with app.app_context():
        slug = make_survey(content=every_kind.content()).slug
        db.db.session.commit()
    with serving(app, port):
        yield Site(app, f"http://127.0.0.1:{port}", {}, slug)


def _open(site: Site, windows: Open, question: str, **profile: object) -> Page:
    """The page of one question. What comes up only for some is reached by answering as they do."""
    page = windows(site, **profile)
    if question == "why":
        page.goto(_address(site, "choice"))
        page.get_by_label("Yes", exact=True).check()
        page.get_by_role("button", name="Continue").click()
        expect(page.locator("h1")).to_have_text("What is it like?")
    else:
        page.goto(_address(site, question))
    return page


def _address(site: Site, question: str) -> str:
    return f"/surveys/{site.code_of_invitation}/question/{question}"


@pytest.mark.parametrize("question", KINDS)
def test_at_every_size(site: Site, windows: Open, question: str) -> None:
    look.assert_good_at_every_size(_open(site, windows, question))


@pytest.mark.parametrize("question", KINDS)
def test_enlarged_four_times_and_in_forced_colours(site: Site, windows: Open, question: str) -> None:
    page = _open(site, windows, question, width=look.NARROW, device_scale_factor=4, forced_colors="active")
    page.set_viewport_size({"width": look.NARROW, "height": 225})
    assert look.too_wide(page) == []
    assert look.faults(page, but=("color-contrast",)) == []


@pytest.mark.parametrize("question", [question for question in KINDS if question != "why"])
def test_right_to_left(site: Site, windows: Open, question: str) -> None:
    """In Urdu, where some texts are missing: they stand there in English, and say so."""
    page = _open(site, windows, question, width=look.NARROW)
    page.goto(_address(site, question) + "?language=ur")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    heading = page.locator("h1")
    if question == "choice":
        expect(heading).to_have_text(every_kind.URDU)
    else:
        expect(heading.locator("[lang=en][dir=ltr]")).to_have_count(1)
    assert look.too_wide(page) == []
    assert look.faults(page) == []


@pytest.mark.parametrize("question", EASY)
def test_in_easy_read(site: Site, windows: Open, question: str) -> None:
    page = windows(site)
    page.context.add_cookies([{"name": "easy_read", "value": "yes", "url": site.url}])
    page.goto(_address(site, question))
    expect(page.locator(".app-asked--easy img").first).to_be_visible()
    look.assert_good_at_every_size(page)


def test_all_on_one_page(site: Site, windows: Open) -> None:
    page = windows(site)
    page.goto(f"/surveys/{site.code_of_invitation}/all")
    look.assert_good_at_every_size(page)
    page.goto(f"/surveys/{site.code_of_invitation}/all?language=ur")
    look.assert_good_at_every_size(page)


def test_everything_is_answered_without_script(site: Site, windows: Open) -> None:
    page = windows(site, java_script_enabled=False)
    page.goto(f"/surveys/{site.code_of_invitation}/begin?way=one")
    go_on = page.get_by_role("button", name="Continue")
    for question in [*KINDS, "age"]:
        expect(page.locator(f"[data-question={question}]")).to_be_visible()
        _fill(page, question)
        go_on.click()
    expect(page.locator("h1")).to_have_text("Check what you told us")
    expect(page.locator("main")).to_contain_text("1. Work")
    page.get_by_role("button", name="Send what I said").click()
    expect(page.locator("h1")).to_have_text("Thank you. We have it.")
    with site.app.app_context():
        response = db.db.session.scalars(sa.select(Response).order_by(Response.id.desc())).first()
        assert response
        assert response.answers == EXPECTED
        assert db.db.session.get_one(EqualityResponse, response.id).answers == {"age": "65_or_over"}
        assert db.db.session.get_one(ContactDetails, response.receipt_id).email == "ada@example.org"
        said = sa.select(Contribution.text).where(Contribution.receipt_id == response.receipt_id)
        assert set(db.db.session.scalars(said)) == {"Kind people.", "Music", "The day centre"}
        db.db.session.rollback()


EXPECTED = {
    "choice": "yes",
    "why": True,
    "several": {"chosen": ["people", "other"], "other": True},
    "agree": {"heard": "agree", "safe": "disagree"},
    "rating": "hard",
    "hours": 35,
    "when": "2026-03-07",
    "district": "Mansfield",
    "area": "NG18",
    "rank": ["work", "sleep"],
    "service": True,
    "permission": ["publish", "contact"],
    "contact": True,
}


def _fill(page: Page, question: str) -> None:  # noqa: C901 - a kind a branch
    """Give the answer that ``EXPECTED`` has, as a person would."""
    if question == "choice":
        page.get_by_label("Yes", exact=True).check()
    elif question in ("why", "service"):
        page.get_by_role("textbox").fill("Kind people." if question == "why" else "The day centre")
    elif question == "several":
        page.get_by_label("People").check()
        page.get_by_label("Something else", exact=True).check()
        page.get_by_label("If it is something else, what is it?").fill("Music")
    elif question == "agree":
        page.get_by_role("group", name="I am heard.").get_by_label("Agree", exact=True).check()
        page.get_by_role("group", name="I feel safe.").get_by_label("Disagree", exact=True).check()
    elif question in ("rating", "district", "age"):
        page.get_by_label({"rating": "Hard", "district": "Mansfield", "age": "65 or over"}[question]).check()
    elif question == "hours":
        page.get_by_role("textbox").fill("35")
    elif question == "when":
        for part, number in (("Day", "7"), ("Month", "3"), ("Year", "2026")):
            page.get_by_label(part, exact=True).fill(number)
    elif question == "area":
        page.get_by_role("textbox").fill("ng18 1aa")
    elif question == "rank":
        page.get_by_label("Work").select_option("1")
        page.get_by_label("Sleep").select_option("2")
    elif question == "permission":
        page.get_by_label("You may print my words, never with my name").check()
        page.get_by_label("You may get in touch with me about what I said").check()
    elif question == "contact":
        page.get_by_label("E-mail address").fill("ada@example.org")
        page.get_by_label("To tell me what came of it").check()


def test_every_kind_is_reached_by_keys(site: Site, windows: Open) -> None:
    """Every field of every question has its turn with Tab, shows that it has it, and Continue comes after."""
    page = windows(site)
    page.goto(f"/surveys/{site.code_of_invitation}/begin?way=one")
    for question in [one for one in KINDS if one != "why"]:
        expect(page.locator(f"[data-question={question}]")).to_be_visible()
        for field in page.locator(
            f"[data-question={question}] :is(input[type=text], input[type=checkbox], select)"
        ).all():
            tab_to(page, lambda _page, field=field: field)
        if page.locator("input[type=radio]").count():
            tab_to(page, lambda shown: shown.locator("input[type=radio]").first)
            page.keyboard.press("ArrowDown")
            expect(page.locator("input[type=radio]:checked")).to_have_count(1)
        press(page, button("Continue"))


def test_what_is_wrong_gets_the_focus(site: Site, windows: Open) -> None:
    page = _open(site, windows, "rank")
    page.get_by_label("Work").select_option("1")
    page.get_by_label("Sleep").select_option("1")
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_title(re.compile("^Error: What matters most?"))
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    page.locator(".govuk-error-summary a").click()
    expect(page.get_by_label("Work")).to_be_focused()
    look.assert_good_at_every_size(page)
