"""What a resident does: answers the sample's survey and sends it."""

from __future__ import annotations

from playwright.sync_api import Page

GOOD = "The day centre is warm and the staff remember my name."
BETTER = "The last bus goes at five, so I cannot get home from my friends in the evening."


def begin(page: Page) -> None:
    """From the front page to the first question."""
    page.goto("/")
    page.get_by_role("link", name="Answer the questions").first.click()
    page.get_by_role("link", name="Start the questions").click()


def answer_questions(page: Page) -> None:
    """Answer what one likes of the ten questions, up to the page on which one checks."""
    begin(page)
    continue_ = page.get_by_role("button", name="Continue")
    page.get_by_label("I draw on care or support myself").check()
    continue_.click()
    page.get_by_label("Mansfield").check()
    continue_.click()
    page.get_by_role("textbox").fill(GOOD)
    continue_.click()
    page.get_by_role("textbox").fill(BETTER)
    continue_.click()
    for _ in range(5, 11):
        continue_.click()


def send(page: Page) -> None:
    answer_questions(page)
    page.get_by_role("button", name="Send what I said").click()


def code_on(page: Page) -> str:
    """The tracking code on the page that says thank you."""
    return " ".join(page.locator(".app-code b").all_inner_texts())
