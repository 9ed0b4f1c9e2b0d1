"""Formatted text written by staff."""

from __future__ import annotations

import pytest

from engage.richtext import render


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("One.\n\nTwo & three.", "<p>One.</p><p>Two &amp; three.</p>"),
        ("<p>One <strong>and</strong> two</p>", "<p>One <strong>and</strong> two</p>"),
        ('<a href="https://example.org">here</a>', '<a href="https://example.org">here</a>'),
        ('<a href="javascript:alert(1)">here</a>', "<a>here</a>"),
        ('<p onclick="x()">a</p>', "<p>a</p>"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
        ("", ""),
    ],
)
def test_only_harmless_tags_are_left(written: str, shown: str) -> None:
    assert render(written) == shown
