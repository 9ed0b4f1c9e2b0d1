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
        """A sentence of the product, with its values filled in."""
        said = ours(sentence).said(self.language)
        return self._marked(Said(said.words % values if values else said.words, said.language))

    def plain(self, sentence: LazyString, **values: object) -> str:
        """The same where no language can be marked."""
        said = self.ours(sentence, **values)
        return said if isinstance(said, str) else said["text"]

    def day(self, day: date) -> str:
        return str(format_date(day, "d MMMM y", locale=self.language))

    def paragraphs(self, text: Text) -> list[Words]:
        """A longer text, split at its empty lines."""
        said = text.said(self.language)
        parts = (part.strip() for part in said.words.split("\n\n"))
        return [self._marked(Said(part, said.language)) for part in parts if part]

    def _marked(self, said: Said) -> Words:
        if said.language == self.language or not said.words:
            return said.words
        return {"text": said.words, "language": said.language}
