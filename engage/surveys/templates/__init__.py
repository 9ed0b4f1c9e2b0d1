"""Surveys to start from. Each is a file of our own format, read like any other."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from engage.surveys.content import Content, Page, read_content
from engage.surveys.texts import Text

FOLDER = Path(__file__).parent
NAMES = ("big_conversation", "service_feedback", "review", "event_feedback", "equality_monitoring")


@cache
def template(name: str) -> Content:
    """One of ``NAMES``. Raises KeyError for any other."""
    if name not in NAMES:
        raise KeyError(name)
    return read_content(json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")))


def empty(title: str) -> Content:
    """A survey with nothing in it but a title and a first page."""
    return Content(title=Text(title), pages=(Page(id="page_1"),))
