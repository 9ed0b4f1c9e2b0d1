"""Formatted text written by staff, made safe for a page. The only place that imports bleach.

People's own words never come here: they are stored as they were said and escaped by the templates.
"""

from __future__ import annotations

import bleach
from markupsafe import Markup

TAGS = frozenset({"p", "br", "strong", "em", "ul", "ol", "li", "a", "h2", "h3"})
ATTRIBUTES = {"a": ["href"]}
PROTOCOLS = frozenset({"https", "http", "mailto", "tel"})


def render(text: str) -> Markup:
    """Return ``text`` with only harmless tags left; everything else is shown as it was typed.

    A text without any tag is taken as paragraphs, split at empty lines.
    """
    if "<" not in text:
        paragraphs = (p.strip() for p in text.replace("\r\n", "\n").split("\n\n"))
        return Markup().join(Markup("<p>{}</p>").format(p) for p in paragraphs if p)
    clean = bleach.clean(text, tags=TAGS, attributes=ATTRIBUTES, protocols=PROTOCOLS)
    return Markup(clean)  # noqa: S704 - bleach has cleaned it
