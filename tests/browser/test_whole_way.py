"""From a voice to a candidate priority and back to who said it: on a phone, without any script."""

from __future__ import annotations

import time

from playwright.sync_api import Page, expect

from engage.accounts.models import Role
from tests.browser import look, resident
from tests.browser.conftest import Open, Site

PHONE = "01632 960999"
GOOD = f"The day centre is warm and the staff remember my name. Ring me on {PHONE} if you want to hear more."
BETTER = "The last bus goes at five, so I cannot get home from my friends in the evening."
TITLE = "A way home in the evening"
CSV = """What was said,Who
The evening bus was taken away and I miss my choir.,carer
Nobody came to see me all week.,staff
"""
SOON = 60.0  # Seconds that a background job may take.


def heading(page: Page, words: str) -> None:
    expect(page.locator("h1")).to_contain_text(words)
    assert look.too_wide(page) == [], page.url


def find_voice(page: Page, words: str) -> None:
    """A moderator looks for a voice by its words and opens it."""
    page.goto("/staff/voices")
    page.get_by_label("Words").fill(words)
    page.get_by_role("button", name="Show").click()
    page.locator(".app-voice-list a").first.click()
    heading(page, "Read a voice")


def reload_until(page: Page, words: str) -> None:
    """Without script a page does not change by itself: look again until it says this."""
    until = time.monotonic() + SOON
    while words not in page.locator("main").inner_text():
        assert time.monotonic() < until, page.locator("main").inner_text()
        time.sleep(0.3)
        page.reload()


def test_from_a_voice_to_a_candidate_priority_and_back(demo_site: Site, windows: Open) -> None:
    def phone(role: Role | None = None) -> Page:
        return windows(demo_site, role, width=320, java_script_enabled=False)

    somebody = phone()
    resident.send(somebody, GOOD, BETTER)
    code = resident.code_on(somebody)
    resident.track(somebody, code)
    expect(somebody.get_by_text("A member of staff is looking after this")).to_have_count(2)

    recorder = phone(Role.RECORDER)
    write_a_note(recorder)
    import_a_file(recorder)
    moderate(phone(Role.MODERATOR))
    decide_themes(phone(Role.MEMBER), BETTER)
    group_read_and_name(phone(Role.FACILITATOR))

    resident.track(somebody, code)
    expect(somebody.get_by_text("It is together with what others said")).to_have_count(1)
    expect(somebody.locator("main")).to_contain_text(TITLE)
    expect(somebody.locator("main")).to_contain_text("Ring me on a phone number if")
    expect(somebody.locator("main")).not_to_contain_text(PHONE)
    assert look.too_wide(somebody) == []


def write_a_note(page: Page) -> None:
    page.goto("/staff/notes/new")
    page.get_by_label("What was it?").fill("Tea at the village hall")
    page.get_by_label("Where was it?").fill("Blyth village hall")
    page.get_by_label("District").select_option("Bassetlaw")
    for part, number in (("Day", "3"), ("Month", "3"), ("Year", "2026")):
        page.get_by_label(part, exact=True).fill(number)
    page.get_by_label("How many people came?").fill("14")
    page.get_by_role("button", name="Keep and write down points").click()
    heading(page, "Tea at the village hall")
    for words, voices in (("The hall is easy to reach with a wheelchair.", "6"), ("More lunches here.", "2")):
        page.get_by_label("What was said").fill(words)
        page.get_by_label("How many people said or shared it?").fill(voices)
        page.get_by_label("Yes, word for word").check()
        page.get_by_role("button", name="Keep this point").click()
        expect(page.locator(".app-voice-list")).to_contain_text(words)
    heading(page, "Tea at the village hall")
    expect(page.locator(".app-voice-list__item")).to_have_count(2)


def import_a_file(page: Page) -> None:
    page.goto("/staff/imports/new")
    file = {"name": "letters.csv", "mimeType": "text/csv", "buffer": CSV.encode()}
    page.get_by_label("The file").set_input_files([file])
    page.get_by_role("button", name="Look into the file").click()
    expect(page.locator("main")).to_contain_text("The evening bus was taken away")
    assert look.too_wide(page) == []
    page.get_by_label("What people said").select_option("What was said")
    page.get_by_label("Who speaks").select_option("Who")
    page.get_by_role("button", name="Take the comments in").click()
    reload_until(page, "2 comments were taken in")
    heading(page, "2 comments were taken in")


def moderate(page: Page) -> None:
    find_voice(page, "remember my name")
    page.get_by_text("Hide words that point to a person").click()
    page.get_by_label("Words to hide").fill(PHONE)
    page.get_by_label("What they are").select_option("phone number")
    page.get_by_role("button", name="Hide these words").click()
    expect(page.locator(".app-read__words")).to_contain_text("[phone number]")
    expect(page.locator("main")).not_to_contain_text(PHONE)
    page.get_by_role("button", name="Approve").click()

    find_voice(page, "cannot get home from my friends")
    page.get_by_role("button", name="Approve").click()

    find_voice(page, "More lunches here")
    page.get_by_role("button", name="Hold back").or_(
        page.get_by_role("link", name="Hold back…")
    ).first.click()
    heading(page, "Hold this voice back")
    page.get_by_label("It reached us twice; we count it once.").check()
    page.get_by_role("button", name="Hold back").click()

    find_voice(page, "Nobody came to see me")
    page.get_by_role("link", name="Somebody may be at risk…").click()
    heading(page, "Somebody may be at risk")
    page.get_by_label("Why?").fill("This person seems to be alone.")
    page.get_by_role("button", name="Tell a safeguarding lead").click()
    page.goto("/staff/voices?words=Nobody+came+to+see+me&status=")
    expect(page.locator("main")).not_to_contain_text("Nobody came to see me all week.")


def decide_themes(page: Page, words: str) -> None:
    """A member of the group opens the voice from the list and says what it is about."""
    page.goto("/staff/themes")
    page.locator(".app-voice-list a", has_text=words[:40]).click()
    heading(page, "What is this voice about?")
    for box in page.locator("input[name=themes]").all():
        box.uncheck()
    page.get_by_label("Active and supportive communities").check()
    page.get_by_role("button", name="Save and go on").click()
    page.goto("/staff/themes/decided")
    expect(page.locator("main")).to_contain_text(words[:40])


def group_read_and_name(page: Page) -> None:
    """A facilitator has the voices grouped, finds the voice, reads its whole group and gives it a name."""
    page.goto("/staff/priorities")
    page.get_by_role("button", name="Group again").click()
    until = time.monotonic() + SOON
    while page.locator(".app-job").count():
        assert time.monotonic() < until
        time.sleep(0.3)
        page.get_by_role("link", name="Check again").click()
    heading(page, "Candidate priorities")
    links = page.locator("a[href*='/priorities/groups/']:not([href$=title])")
    for address in dict.fromkeys(one.get_attribute("href") or "" for one in links.all()):
        page.goto(address)
        if BETTER in page.locator("main").inner_text():
            break
    expect(page.locator("main")).to_contain_text(BETTER)
    assert look.too_wide(page) == []
    shown = page.locator(".app-voice-list__item").count()
    expect(page.locator(".app-group__size").first).to_contain_text(f"{shown} voices")
    page.get_by_label("What do these voices ask for?").fill(TITLE)
    page.get_by_role("button", name="Save the title").click()
    heading(page, TITLE)
