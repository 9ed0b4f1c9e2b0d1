"""Other ways to look at a page: enlarged four times, in the colours of the system, on paper."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from engage.accounts.models import Role
from tests.browser import look, resident
from tests.browser.conftest import Open, Site

# One page of each kind: reading, answering, working, comparing.
PAGES = [
    ("/", None),
    ("/privacy", None),
    ("/track", None),
    ("/sign-in", None),
    ("/staff/", Role.FACILITATOR),
    ("/staff/voices", Role.MODERATOR),
    ("/staff/voices/next", Role.MODERATOR),
    ("/staff/themes/next", Role.MEMBER),
    ("/staff/priorities", Role.MEMBER),
    ("/staff/audit", Role.ADMIN),
]
SPACING = """
    * { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
    p { margin-bottom: 2em !important }
"""


@pytest.mark.parametrize(("path", "role"), PAGES)
def test_enlarged_four_times(demo_site: Site, windows: Open, path: str, role: Role | None) -> None:
    """What is left of a screen of 1280 pixels at 400 %: 320 by 225."""
    page = windows(demo_site, role, width=look.NARROW, device_scale_factor=4)
    page.set_viewport_size({"width": look.NARROW, "height": 225})
    page.goto(path)
    assert look.too_wide(page) == []
    assert look.faults(page) == []
    # Nothing that stays in its place while one scrolls may cover more than a third of what is left.
    covered = page.evaluate(
        """() => [...document.querySelectorAll("body *")]
            .filter((one) => ["fixed", "sticky"].includes(getComputedStyle(one).position))
            .map((one) => one.getBoundingClientRect().height / innerHeight)"""
    )
    assert max(covered, default=0) <= 0.5, covered


@pytest.mark.parametrize(("path", "role"), PAGES)
def test_in_the_colours_of_the_system(demo_site: Site, windows: Open, path: str, role: Role | None) -> None:
    page = windows(demo_site, role, forced_colors="active")
    page.goto(path)
    assert look.faults(page, but=("color-contrast",)) == []
    bare = page.evaluate(
        """() => [...document.querySelectorAll("button, .govuk-button, input:not([type=hidden]), textarea")]
            .filter((one) => one.offsetParent && !one.closest("details:not([open])"))
            .filter((one) => !["checkbox", "radio"].includes(one.type))
            .filter((one) => getComputedStyle(one).borderStyle === "none"
                && getComputedStyle(one).outlineStyle === "none"
                && !one.matches("a, .app-quiet") && getComputedStyle(one).backgroundColor
                    === getComputedStyle(document.body).backgroundColor)
            .map((one) => one.outerHTML.slice(0, 80))"""
    )
    assert bare == []


@pytest.mark.parametrize(("path", "role"), PAGES)
def test_with_large_and_widely_spaced_text(
    demo_site: Site, windows: Open, path: str, role: Role | None
) -> None:
    """The largest text, and large text spaced as people set it who find reading hard (WCAG 1.4.12)."""
    page = windows(demo_site, role, width=look.NARROW)
    for size, spacing in (("largest", ""), ("large", SPACING)):
        page.context.add_cookies([{"name": "text_size", "value": size, "url": demo_site.url}])
        page.goto(path)
        page.evaluate(
            """(rules) => {
                const sheet = new CSSStyleSheet();
                sheet.replaceSync(rules);
                document.adoptedStyleSheets = [sheet];
            }""",
            spacing,
        )
        assert look.too_wide(page) == [], size


@pytest.mark.parametrize(("path", "role"), [page for page in PAGES if page[1]])
def test_staff_pages_on_paper(demo_site: Site, windows: Open, path: str, role: Role) -> None:
    """The page without what one presses: no rail, no forms of the desk."""
    page = windows(demo_site, role)
    page.goto(path)
    page.emulate_media(media="print")
    for part in (".app-rail", ".app-places", ".govuk-skip-link"):
        for one in page.locator(part).all():
            expect(one).not_to_be_visible()
    expect(page.locator("h1")).to_be_visible()
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_a_tracking_code_on_paper(demo_site: Site, windows: Open) -> None:
    page = windows(demo_site)
    resident.send(page)
    page.emulate_media(media="print")
    expect(page.locator(".app-code")).to_be_visible()
    for name in ("Print this page", "Leave nothing on this device"):
        expect(page.get_by_role("button", name=name)).not_to_be_visible()
    assert len(page.pdf(format="A4")) > 5_000


def test_right_to_left(demo_site: Site, windows: Open) -> None:
    """Somebody's words in a language that runs the other way, and the whole page turned round."""
    page = windows(demo_site, width=look.NARROW)
    resident.begin(page)
    page.goto(page.url.rpartition("/")[0] + "/good")
    page.get_by_role("textbox").fill("אני אוהב את המרכז")
    expect(page.get_by_role("textbox")).to_have_css("direction", "rtl")
    for path in ("/", "/track", "/privacy"):
        page.goto(path)
        page.evaluate("() => { document.documentElement.dir = 'rtl' }")
        assert look.too_wide(page) == []
        expect(page.locator("h1")).to_have_css("direction", "rtl")
        assert look.faults(page) == []
