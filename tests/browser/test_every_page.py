"""Every page there is, with axe, on a wide and a narrow screen, light and dark, without one complaint."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from engage.accounts.models import Role
from tests.addresses import address_of, routes
from tests.browser.conftest import Open, Site
from tests.browser.look import assert_good_at_every_size
from tests.browser.resident import answer_questions, begin, code_on, send, track
from tests.test_access import MAY

# Routes that show no page: they take a form, or answer with a file, with numbers for a script, or elsewhere.
NO_PAGE = {
    "clips.show",
    "pages.brand_css",
    "pages.health",
    "pages.logo",
    "pages.text_size",
    "proof.challenge",
    "saving.leave",
    "saving.save",
    "staff_accounts.end_sign_in",
    "staff_accounts.sign_out",
    "staff_answers.download",
    "staff_clips.remove",
    "staff_clips.show_draft",
    "staff_conversation_choice.take_in_hand",
    "staff_easy_read.offer",
    "staff_export.download",
    "staff_frameworks.remove_theme",
    "staff_grouping.start",
    "staff_grouping.take_out",
    "staff_imports.discard",
    "staff_imports.progress",
    "staff_imports.report",
    "staff_imports.run",
    "staff_people.end_sign_ins",
    "staff_people.offer_new_password",
    "staff_people.withdraw",
    "staff_priorities.grouping_state",
    "staff_quarantine.at_risk",
    "staff_quarantine.decide",
    "staff_safeguarding.original",
    "staff_safeguarding.release",
    "staff_safeguarding.take_on",
    "staff_survey_builder.bring_back",
    "staff_survey_builder.copy",
    "staff_survey_builder.move",
    "staff_survey_exchange.download",
    "staff_survey_exchange.start",
    "staff_survey_languages.download",
    "staff_survey_languages.upload",
    "staff_survey_pages.add_equality",
    "staff_survey_pages.move_page",
    "staff_take_backs.answer",
    "staff_take_backs.grant",
    "staff_themes.next_voice",
    "staff_voices.approve",
    "staff_voices.next_voice",
    "staff_voices.original",
    "staff_voices.redact",
    "static",
    "survey_paper.copy",
    "surveys.again",
    "surveys.begin",
    "surveys.forget",
    "surveys.look_at_send",
    "surveys.send",
    "tracking.finish",
}
PAGES = sorted(MAY.keys() - NO_PAGE)
# What has to be done before a page is there to be seen.
BEFORE: dict[str, Callable[[Page], None]] = {
    "copy.copy": send,
    "saving.saved": lambda page: save(page),
    "surveys.check": answer_questions,
    "surveys.thanks": send,
    "take_back.ask": lambda page: send_and_track(page),
    "tracking.what_became": lambda page: send_and_track(page),
}


# Nobody keys a second time what they keyed first.
ANOTHER = {"staff_second_keying.key_again": Role.FACILITATOR}


def send_and_track(page: Page) -> None:
    send(page)
    track(page, code_on(page))


def save(page: Page) -> None:
    begin(page)
    page.get_by_role("button", name="Save and come back later").click()
    expect(page.locator("h1")).to_have_text("Your answers are saved")


def path_of(site: Site, endpoint: str) -> str:
    if endpoint == "accounts.invitation":
        return f"/invitation/{site.code_of_invitation}"
    return address_of(site.app, next(rule for rule in routes(site.app) if rule.endpoint == endpoint))


def one_who_may(endpoint: str) -> Role | None:
    """Who is tried with a page: whoever has most to do with it."""
    if endpoint in ANOTHER:
        return ANOTHER[endpoint]
    return next((role for role in (Role.MODERATOR, Role.RECORDER, *Role) if role in MAY[endpoint]), None)


@pytest.mark.parametrize("endpoint", PAGES)
def test_page(demo_site: Site, windows: Open, endpoint: str) -> None:
    page = windows(demo_site, one_who_may(endpoint))
    if endpoint in BEFORE:
        BEFORE[endpoint](page)
    path = path_of(demo_site, endpoint)
    reply = page.goto(path)
    assert reply and reply.status == 200
    assert page.url == demo_site.url + path, "this is another page"
    expect(page.locator("h1")).to_have_count(1)
    assert_good_at_every_size(page)


@pytest.mark.parametrize("role", list(Role))
def test_today_for_each_role(demo_site: Site, windows: Open, role: Role) -> None:
    page = windows(demo_site, role)
    page.goto("/staff/")
    assert_good_at_every_size(page)
    page.locator(".app-places summary").click()
    assert_good_at_every_size(page)


@pytest.mark.parametrize("question", ["connection", "district", "helps", "good", "permission"])
def test_each_question_of_the_sample(demo_site: Site, windows: Open, question: str) -> None:
    page = windows(demo_site)
    page.goto(path_of(demo_site, "surveys.start") + f"/question/{question}")
    assert_good_at_every_size(page)


# --- When something is wrong --------------------------------------------------------------------------------

ERRORS = [
    ("/no-such-page", None, 404),
    ("/breaks", None, 500),
    ("/surveys/no-such-survey", None, 404),
    ("/staff/no-such-page", Role.MODERATOR, 404),
    ("/staff/audit", Role.MODERATOR, 403),
    ("/staff/voices/999999", Role.MODERATOR, 404),
    ("/staff/export/csv", Role.FACILITATOR, 405),
    ("/invitation/none", None, 404),
]


@pytest.mark.parametrize(("path", "role", "status"), ERRORS)
def test_error_page(demo_site: Site, windows: Open, path: str, role: Role | None, status: int) -> None:
    page = windows(demo_site, role)
    reply = page.goto(path)
    assert reply and reply.status == status
    assert_good_at_every_size(page)


# Pages whose form is sent as it stands, and which button sends it. All say what is missing.
SENT_EMPTY = [
    ("accounts.sign_in", "Sign in"),
    ("accounts.invitation", "Save and sign in"),
    ("tracking.enter", "See where it is"),
    ("staff_accounts.change_password", "Change"),
    ("staff_conversations.start", "Start"),
    ("staff_frameworks.new_framework", ""),
    ("staff_frameworks.new_theme", ""),
    ("staff_imports.upload", "Look into the file"),
    ("staff_notes.write_note", "Keep and write down points"),
    ("staff_notes.note", "Keep this point"),
    ("staff_people.invite", ""),
    ("staff_reading.raise_concern", ""),
    ("staff_surveys.start", ""),
    ("staff_themes.decide", "Save and go on"),
    ("staff_voices.reopen", ""),
    ("staff_voices.voice", "Hide these words"),
    ("staff_voices.withhold", ""),
]


@pytest.mark.parametrize(("endpoint", "button"), SENT_EMPTY)
def test_form_with_errors(demo_site: Site, windows: Open, endpoint: str, button: str) -> None:
    page = windows(demo_site, one_who_may(endpoint))
    page.goto(path_of(demo_site, endpoint))
    page.evaluate(
        """(words) => {
            const buttons = [...document.querySelectorAll("main form button:not([type=button])")];
            const found = buttons.find((one) => one.textContent.trim().startsWith(words)) || buttons[0];
            for (const one of found.form.elements) {
                if (one.type === "checkbox" || one.type === "radio") one.checked = false;
                else if (one.tagName === "TEXTAREA" || one.type === "text") one.value = "";
            }
            found.form.requestSubmit(found);
        }""",
        button,
    )
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    assert page.title().startswith("Error: ")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    assert_good_at_every_size(page)


# --- When there is nothing yet ------------------------------------------------------------------------------


def pages_without_rows(site: Site) -> list[tuple[str, str]]:
    return [
        (rule.endpoint, rule.rule)
        for rule in routes(site.app)
        if rule.endpoint in PAGES and not rule.arguments and rule.endpoint != "breaks"
    ]


def test_nothing_there_yet(empty_site: Site, windows: Open) -> None:
    """The first day: no conversation. Every page says what to do next."""
    by_role = {role: windows(empty_site, role) for role in (None, *Role)}
    for endpoint, path in pages_without_rows(empty_site):
        page = by_role[one_who_may(endpoint)]
        reply = page.goto(path)
        assert reply and reply.status == 200, path
        assert_good_at_every_size(page)
