"""With keys alone: what has the focus can be seen, and nothing holds it fast."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from engage.accounts.models import Role
from tests.browser import resident
from tests.browser.conftest import Open, Site

MOST_TABS = 150
# Whether the element that has the focus shows it: an outline, a ring, or the kit's bar under a link.
SHOWS_FOCUS = """() => {
    const one = document.activeElement;
    const box = one.getBoundingClientRect();
    const shown = [one, one.nextElementSibling, one.parentElement].filter(Boolean).some((part) =>
        [null, "::before", "::after"].some((which) => {
            const style = getComputedStyle(part, which);
            const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
            return outlined || style.boxShadow !== "none";
        }));
    return {
        shown, wide: box.width, high: box.height,
        what: one.tagName + " " + (one.textContent || one.name || "").trim().slice(0, 40),
    };
}"""
IN_FOCUS = "(one) => one === document.activeElement"


def tab_to(page: Page, found: Callable[[Page], object]) -> None:
    """Press Tab until the element has the focus, and see at each step where one is."""
    wanted = found(page)
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement === document.body"):
            continue
        at = page.evaluate(SHOWS_FOCUS)
        assert at["shown"], f"{page.url}: one cannot see that {at['what']} has the focus"
        if wanted.evaluate(IN_FOCUS):  # type: ignore[attr-defined]
            return
    pytest.fail(f"{page.url}: the Tab key does not lead to {wanted}")


def link(name: str) -> Callable[[Page], object]:
    return lambda page: page.get_by_role("link", name=name).first


def button(name: str) -> Callable[[Page], object]:
    return lambda page: page.get_by_role("button", name=name, exact=True).first


def label(name: str) -> Callable[[Page], object]:
    return lambda page: page.get_by_label(name).first


def press(page: Page, found: Callable[[Page], object], key: str = "Enter") -> None:
    """Go there with Tab, press the key, and wait for where it leads."""
    tab_to(page, found)
    with page.expect_navigation():
        page.keyboard.press(key)


def test_a_resident_answers_with_keys_alone(demo_site: Site, windows: Open) -> None:
    page = windows(demo_site)
    page.goto("/")
    press(page, link("Answer the questions"))
    press(page, link("Start the questions"))
    tab_to(page, label("I draw on care or support myself"))
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("I look after somebody, unpaid")).to_be_checked()
    press(page, button("Continue"))
    press(page, button("Continue"))
    tab_to(page, lambda shown: shown.get_by_role("textbox"))
    page.keyboard.type("Keys are enough.")
    press(page, button("Continue"))
    for _ in range(4, 8):
        press(page, button("Continue"))
    tab_to(page, label("Getting about"))
    page.keyboard.press("Space")
    expect(page.get_by_label("Getting about")).to_be_checked()
    for _ in range(8, 12):
        press(page, button("Continue"))
    expect(page.locator("main")).to_contain_text("Keys are enough.")
    press(page, button("Send what I said"), "Space")
    code = resident.code_on(page)
    press(page, link("See where it is"))
    tab_to(page, label("Your tracking code"))
    page.keyboard.type(code)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("A member of staff is looking after this")


def test_a_moderator_decides_with_keys_alone(demo_site: Site, windows: Open) -> None:
    page = windows(demo_site, Role.MODERATOR)
    page.goto("/staff/")
    press(page, link("Voices"))
    press(page, link("Read one by one"))
    expect(page.locator("h1")).to_contain_text("Read a voice")
    waiting = page.locator("main").inner_text()
    first = page.locator(".app-read__words").inner_text()
    press(page, button("Approve"))
    expect(page.locator("main")).not_to_contain_text(first)
    assert page.locator("main").inner_text() != waiting
    press(page, link("Hold back…"))
    tab_to(page, lambda shown: shown.get_by_role("radio").first)
    while not page.get_by_label("It reached us twice; we count it once.").is_checked():
        page.keyboard.press("ArrowDown")
    press(page, button("Hold back"))
    expect(page.locator("h1")).to_contain_text("Read a voice")


def ready_for_keys(page: Page) -> None:
    """Wait for the script that listens to single keys; it comes after the page."""
    page.wait_for_load_state("load")
    page.evaluate("async () => { await import('/static/js/keys.js') }")


def test_single_keys_decide_and_can_be_turned_off(demo_site: Site, windows: Open) -> None:
    page = windows(demo_site, Role.MODERATOR)
    page.goto("/staff/voices/next")
    for key in ("k", "a"):
        before = page.url
        ready_for_keys(page)
        page.keyboard.press(key)
        page.wait_for_url(lambda url, before=before: url != before)
    page.locator(".app-keys summary").click()
    page.locator("[data-keys-switch]").uncheck()
    page.goto("/staff/voices/next")
    before = page.url
    ready_for_keys(page)
    page.keyboard.press("a")
    page.keyboard.press("k")
    page.wait_for_timeout(300)
    assert page.url == before


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("/", None),
        ("/sign-in", None),
        ("/staff/", Role.FACILITATOR),
        ("/staff/voices/next", Role.MODERATOR),
        ("/staff/themes/next", Role.MEMBER),
        ("/staff/priorities", Role.FACILITATOR),
        ("/staff/notes/1", Role.RECORDER),
        ("/staff/audit", Role.ADMIN),
    ],
)
def test_the_tab_key_goes_round_the_whole_page(
    demo_site: Site, windows: Open, path: str, role: Role | None
) -> None:
    """Forwards through everything that can be used, seen at each step, and out at the end: no trap."""
    page = windows(demo_site, role)
    page.goto(path)
    seen = []
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement === document.body"):
            break
        at = page.evaluate(SHOWS_FOCUS)
        assert at["shown"] and at["wide"] and at["high"], f"{path}: {at}"
        seen.append(at["what"])
        if len(seen) > 1 and page.evaluate("() => document.activeElement.matches('.govuk-skip-link')"):
            break
    else:
        assert len(set(seen[-20:])) > 5, f"{path}: the focus does not get away from {set(seen[-20:])}"
    assert seen[0].endswith("Skip to main content")
    page.goto(path)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#main-content")).to_be_focused()
