"""What a person who needs more than the usual would notice: axe's rules, and whether a page fits."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).parents[1] / "vendor" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NARROW = 320


@cache
def _axe() -> str:
    return AXE.read_text(encoding="utf-8")


def faults(page: Page, *, only: list[str] | None = None, but: tuple[str, ...] = ()) -> list[str]:
    """What axe finds wrong, a line each. ``only`` runs these rules, ``but`` leaves some out."""
    page.wait_for_load_state("load")
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_axe())
    options: dict[str, Any] = {
        "resultTypes": ["violations"],
        "runOnly": {"type": "rule", "values": only} if only else {"type": "tag", "values": TAGS},
    }
    if but:
        options["rules"] = {rule: {"enabled": False} for rule in but}
    found = page.evaluate("async (options) => (await axe.run(document, options)).violations", options)
    return [
        f"{page.url} {page.viewport_size}: {one['id']}: {node['target']} {node['failureSummary']}"
        for one in found
        for node in one["nodes"]
    ]


def too_wide(page: Page) -> list[str]:
    """What makes a page scroll sideways on a narrow screen; empty where nothing does."""
    page.wait_for_load_state("load")
    if page.evaluate("() => document.scrollingElement.scrollWidth") <= NARROW:
        return []
    return page.evaluate(
        """(width) => [...document.querySelectorAll("body *")]
            .filter((one) => one.getBoundingClientRect().right > width + 0.5)
            .map((one) => one.tagName + "." + one.className).slice(0, 10)""",
        NARROW,
    ) or ["something"]


def assert_good_at_every_size(page: Page) -> None:
    """Wide and narrow, light and dark: axe finds nothing, and nothing scrolls sideways on a phone."""
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1280, "height": 900})
    found = faults(page)
    page.emulate_media(color_scheme="dark")
    found += faults(page, only=["color-contrast"])
    page.set_viewport_size({"width": NARROW, "height": 640})
    found += faults(page)
    assert found == [], "\n".join(found)
    assert too_wide(page) == [], page.url
