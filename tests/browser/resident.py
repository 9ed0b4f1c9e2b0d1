"""What a resident does: answers the sample's survey, sends it, and looks at what became of it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

GOOD = "The day centre is warm."
BETTER = "A bus on Sundays."


def begin(page: Page) -> None:
    """From the front page to the first question."""
    page.goto("/")
    page.get_by_role("link", name="Answer the questions").first.click()
    page.get_by_role("link", name="Start the questions").click()


def answer_questions(page: Page, good: str = GOOD, better: str = BETTER) -> None:
    """Answer what one likes of the questions, up to the page on which one checks."""
    begin(page)
    go_on = page.get_by_role("button", name="Continue")
    page.get_by_label("I draw on care or support myself").check()
    go_on.click()
    page.get_by_label("Mansfield").check()
    go_on.click()
    page.get_by_role("textbox").fill(good)
    go_on.click()
    page.get_by_role("textbox").fill(better)
    go_on.click()
    for _ in range(5, 12):
        go_on.click()
    expect(page.locator("h1")).to_have_text("Check what you told us")


def send(page: Page, good: str = GOOD, better: str = BETTER) -> None:
    answer_questions(page, good, better)
    page.get_by_role("button", name="Send what I said").click()
    expect(page.locator("h1")).to_have_text("Thank you. We have it.")


def code_on(page: Page) -> str:
    """The tracking code on the page that says thank you."""
    return " ".join(page.locator(".app-code b").all_inner_texts())


def track(page: Page, code: str) -> None:
    page.goto("/track")
    page.get_by_label("Your tracking code").fill(code)
    page.get_by_role("button", name="See where it is").click()
    expect(page.locator("h1")).to_have_text("What became of what you said")
