"""The tests of every page are worth something only if they see what is wrong."""

from __future__ import annotations

import pytest

from tests.browser import look
from tests.browser.conftest import Open, Site


def test_faults_are_seen(demo_site: Site, windows: Open) -> None:
    page = windows(demo_site)
    page.goto("/cookies")
    page.evaluate(
        """() => {
            const main = document.querySelector("main");
            main.append(document.createElement("img"), document.createElement("input"));
            const pale = document.createElement("p");
            pale.textContent = "Too pale to read";
            pale.style.color = "#ccc";
            main.append(pale);
        }"""
    )
    found = "\n".join(look.faults(page))
    for rule in ("image-alt", "label", "color-contrast"):
        assert f": {rule}: " in found
    with pytest.raises(AssertionError):
        look.assert_good_at_every_size(page)


def test_pages_that_scroll_sideways_are_seen(demo_site: Site, windows: Open) -> None:
    page = windows(demo_site, width=320)
    page.goto("/cookies")
    assert look.too_wide(page) == []
    page.evaluate("() => { document.querySelector('h1').style.width = '700px' }")
    assert look.too_wide(page)[0].startswith("H1")
