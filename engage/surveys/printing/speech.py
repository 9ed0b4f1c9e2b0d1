"""What a paper copy says, in its language, with what is missing marked as English."""

from __future__ import annotations

from datetime import date
from typing import Any

from babel.dates import format_date
from flask_babel import LazyString

from engage.surveys.texts import Said, Text, ours

Words = str | dict[str, str]
"""A text as a paper copy takes it: a string in its language, or ``{"text": …, "language": …}``."""

Block = dict[str, Any]
"""A part of a copy with what goes into it, as ``templates/print/form.typ`` describes."""


class Speech:
    """Says things in the language of a copy, and marks what can only be said in English."""

    def __init__(self, language: str) -> None:
        self.language = language

    def text(self, text: Text) -> Words:
        """Words of the survey."""
        return self._marked(text.said(self.language))

    def ours(self, sentence: LazyString, **values: object) -> Words:
        """A sentence of the product, with its values filled in; days in the language of the sentence."""
        said = ours(sentence).said(self.language)
        filled = {
            name: day(value, said.language) if isinstance(value, date) else value
            for name, value in values.items()
        }
        return self._marked(Said(said.words % filled if values else said.words, said.language))

    def plain(self, sentence: LazyString, **values: object) -> str:
        """The same where no language can be marked."""
        said = self.ours(sentence, **values)
        return said if isinstance(said, str) else said["text"]

    def paragraphs(self, text: Text) -> list[Words]:
        """A longer text, split at its empty lines."""
        said = text.said(self.language)
        parts = (part.strip() for part in said.words.split("\n\n"))
        return [self._marked(Said(part, said.language)) for part in parts if part]

    def _marked(self, said: Said) -> Words:
        if said.language == self.language or not said.words:
            return said.words
        return {"text": said.words, "language": said.language}


def day(value: date, language: str) -> str:
    """A day in words."""
    return str(format_date(value, "d MMMM y", locale=language))


def one_number(number: str) -> str:
    """A telephone number that stays on one line, and whose groups keep their order from right to left."""
    return number.replace(" ", "\u00a0")
