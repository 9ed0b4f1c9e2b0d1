"""What surrounds answering, in a real browser: reading aloud, questions that come and go, saving, colours."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engage import create_app, db
from engage.surveys.conditions import Condition, Test
from engage.surveys.questions import FreeText, OneChoice
from engage.surveys.texts import Text
from tests.browser.conftest import Open, Site, serving
from tests.browser.look import assert_good_at_every_size
from tests.conftest import settings_for
from tests.live import free_port
from tests.surveys.factories import choices, document, one_choice, survey

ALOUD = Text({"en": "Does somebody help you?", "pl": "Czy ktoś ci pomaga?"})
# A device whose voices say nothing but note what they are given, since the test machine has none.
VOICES = """
const languages = %s;
window.spoken = [];
window.ended = [];
Object.defineProperty(window, "speechSynthesis", { value: {
  getVoices: () => languages.map((lang) => ({ lang, localService: true })),
  cancel() {},
  speak(words) { window.spoken.push([words.lang, words.text, words.rate]); window.last = words; },
  addEventListener() {},
} });
window.SpeechSynthesisUtterance = class extends EventTarget {
  constructor(text) { super(); this.text = text; }
};
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Site]:
    """An installation with a survey of which one question is only for some."""
    folder, port = tmp_path_factory.mktemp("help"), free_port()
    shutil.copy(sqlite_template, folder / "engage.db")
    app = create_app(settings_for(folder, base_url=f"http://127.0.0.1:{port}"))
    only_yes = Condition(tests=(Test(question="helped", value="yes"),))
    questions = [
        OneChoice(id="helped", text=ALOUD, choices=choices("Yes", "No")),
        FreeText(id="how", text=Text("How do they help?"), shown_if=only_yes),
        one_choice("last"),
    ]
    with app.app_context():
        slug = survey(content=document(*questions, languages=("en", "pl"))).slug
        db.db.session.commit()
    with serving(app, port):
        yield Site(app, f"http://127.0.0.1:{port}", {}, slug)


def open_at(windows: Open, site: Site, path: str, *voices: str, **profile: object) -> Page:
    page = windows(site, **profile)
    page.context.add_init_script(VOICES % list(voices))
    page.goto(f"/surveys/{site.code_of_invitation}/{path}")
    return page


def spoken(page: Page) -> list[list[object]]:
    return page.evaluate("window.spoken")  # type: ignore[no-any-return]


def say_the_end(page: Page) -> None:
    page.evaluate("window.last.dispatchEvent(new Event('end'))")


# --- Reading aloud ------------------------------------------------------------------------------------------


def test_a_question_is_read_with_its_answers(site: Site, windows: Open) -> None:
    page = open_at(windows, site, "question/helped", "en-GB")
    listen = page.get_by_role("button", name="Listen")
    expect(listen).to_have_count(1)
    assert spoken(page) == []  # Never by itself.
    listen.focus()
    page.keyboard.press("Enter")
    for _ in range(3):
        say_the_end(page)
    assert [words for _lang, words, _rate in spoken(page)] == ["Does somebody help you?", "Yes", "No"]
    expect(page.get_by_role("button", name="Listen")).to_be_focused()
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)


def test_it_can_pause_stop_and_change_its_speed(site: Site, windows: Open) -> None:
    page = open_at(windows, site, "question/helped", "en-GB")
    page.get_by_role("button", name="Listen").click()
    assert_good_at_every_size(page)
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Carry on reading").click()
    assert [words for _lang, words, _rate in spoken(page)] == ["Does somebody help you?"] * 2
    page.get_by_role("button", name="Slower").click()
    expect(page.get_by_role("status").filter(has_text="Speed: 0.9")).to_have_count(1)
    assert spoken(page)[-1] == ["en", "Does somebody help you?", 0.9]
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Listen")).to_be_focused()
    page.reload()
    page.get_by_role("button", name="Listen").click()
    assert spoken(page)[-1][2] == 0.9  # The device remembers.


def test_each_part_is_read_in_its_language(site: Site, windows: Open) -> None:
    page = open_at(windows, site, "question/helped?language=pl", "en-GB", "pl-PL")
    page.locator("[data-listen=go]").click()
    say_the_end(page)
    assert [part[:2] for part in spoken(page)] == [["pl", "Czy ktoś ci pomaga?"], ["en", "Yes"]]


def test_without_a_voice_there_is_no_button(site: Site, windows: Open) -> None:
    page = open_at(windows, site, "question/helped?language=pl", "en-GB")
    expect(page.locator("[data-listen]")).to_have_count(0)
    page.context.add_cookies([{"name": "read_aloud", "value": "yes", "url": site.url}])
    page.reload()
    expect(page.locator(".app-listen__none")).to_be_visible()
    page.context.add_cookies([{"name": "read_aloud", "value": "no", "url": site.url}])
    page.goto("/?language=en")
    expect(page.locator("[data-listen], .app-listen__none")).to_have_count(0)


# --- Questions for some -------------------------------------------------------------------------------------


def test_a_question_for_some_comes_and_goes(site: Site, windows: Open) -> None:
    page = open_at(windows, site, "all")
    box = page.get_by_label("How do they help?")
    expect(box).to_be_hidden()
    expect(page.get_by_text("Only if you chose")).to_be_hidden()
    page.get_by_label("Yes").first.check()
    expect(box).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="One more question")).to_have_count(1)
    box.fill("They cook.")
    page.get_by_label("No", exact=True).first.check()
    expect(box).to_be_hidden()
    expect(page.get_by_role("status").filter(has_text="does not concern you")).to_have_count(1)
    page.get_by_label("Yes").first.check()
    expect(box).to_have_value("They cook.")
    assert_good_at_every_size(page)


def test_without_script_it_says_for_whom_it_is(site: Site, windows: Open) -> None:
    page = open_at(windows, site, "all", java_script_enabled=False)
    expect(page.get_by_text("Only if you chose “Yes” for “Does somebody help you?”.")).to_be_visible()
    expect(page.get_by_label("How do they help?")).to_be_visible()


# --- Save and come back -------------------------------------------------------------------------------------


@pytest.mark.parametrize("script", [True, False])
def test_save_and_come_back_on_another_device(site: Site, windows: Open, script: bool) -> None:
    page = open_at(windows, site, "question/helped", java_script_enabled=script)
    page.get_by_label("Yes").check()
    page.get_by_role("button", name="Save and come back later").click()
    expect(page.locator("h1")).to_have_text("Your answers are saved")
    if script:
        assert_good_at_every_size(page)
    code = " ".join(page.locator(".app-code b").all_inner_texts())
    other = windows(site, width=320, java_script_enabled=script)
    other.goto("/continue")
    other.get_by_label("Your code").fill(code.lower())
    other.get_by_role("button", name="Carry on").click()
    expect(other.locator("h1")).to_have_text("How do they help?")


def test_enter_in_a_field_goes_on_and_does_not_save(site: Site, windows: Open) -> None:
    page = open_at(windows, site, "question/helped")
    page.get_by_label("No", exact=True).check()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Question last?")


# --- Colours ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("colours", ["light", "dark", "contrast", "soft"])
def test_every_set_of_colours_can_be_read(site: Site, windows: Open, colours: str) -> None:
    page = windows(site)
    page.goto("/reading")
    page.locator(f"input[name=colours][value={colours}]").check()
    page.get_by_role("button", name="Keep this").click()
    expect(page.locator("html")).to_have_attribute("data-colours", colours)
    for path in ("/reading", f"/surveys/{site.code_of_invitation}/all", "/track"):
        page.goto(path)
        assert_good_at_every_size(page)
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.emulate_media(color_scheme="light")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == ground
    assert re.fullmatch(r"rgb\(\d+, \d+, \d+\)", ground)
