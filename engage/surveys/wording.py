"""Every text of a survey by a key of its own, for translating, checking and leaving out languages.

A key says where the words stand: ``title``, ``pages.about_you.title``, ``questions.helps.text``,
``questions.helps.choices.people.label``, ``questions.helps.easy.text``. It stays the same from version to
version, since pages, questions, choices and rows keep their ids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pydantic import BaseModel

from engage.surveys.content import Content, Page
from engage.surveys.questions import Question
from engage.surveys.texts import Text

Change = Callable[[str, Text], Text]


def texts(content: Content) -> Iterator[tuple[str, Text]]:
    """Every text that has words in any language, with its key, in the order in which people meet them."""
    found: list[tuple[str, Text]] = []

    def remember(key: str, text: Text) -> Text:
        if text.root:
            found.append((key, text))
        return text

    map_texts(content, remember)
    yield from found


def map_texts(content: Content, change: Change) -> Content:
    """The same survey with every text replaced by what ``change(key, text)`` makes of it."""
    return _mapped(content, "", change)


def only_offered(content: Content) -> Content:
    """Without words in languages that the survey is not offered in.

    What a recording says in writing stays in the recording's own language.
    """
    offered = set(content.languages)

    def without_others(key: str, text: Text) -> Text:
        if key.endswith(".transcript"):
            return text
        return Text({lang: words for lang, words in text.root.items() if lang in offered})

    return map_texts(content, without_others)


def _mapped(model: Any, place: str, change: Change) -> Any:
    updates = {}
    for name in type(model).model_fields:
        value = getattr(model, name)
        changed = _changed(value, f"{place}{name}", change)
        if changed is not value:
            updates[name] = changed
    return model.model_copy(update=updates) if updates else model


def _changed(value: Any, key: str, change: Change) -> Any:
    if isinstance(value, Text):
        changed = change(key, value)
        return value if changed == value else changed
    if isinstance(value, tuple) and any(isinstance(one, BaseModel) for one in value):
        return tuple(_mapped(one, f"{_place(one, key, number)}.", change) for number, one in enumerate(value))
    if isinstance(value, BaseModel):
        return _mapped(value, f"{key}.", change)
    return value


def _place(one: BaseModel, key: str, number: int) -> str:
    """Where a part stands: questions by their own id, whatever page they are on."""
    if isinstance(one, Question):
        return f"questions.{one.id}"
    if isinstance(one, Page):
        return f"pages.{one.id}"
    return f"{key}.{getattr(one, 'id', None) or getattr(one, 'value', None) or number}"
