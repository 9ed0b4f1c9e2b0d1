"""Words in several languages: what a survey keeps for each thing that people read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

from babel import Locale
from flask_babel import LazyString, force_locale
from pydantic import ConfigDict, RootModel, StringConstraints, field_validator

from engage import i18n
from engage.forms import clean_text

LONGEST = 5_000
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]


@dataclass(frozen=True)
class Said:
    """Words with the language that they are in, for ``lang`` and ``dir``."""

    words: str
    language: str

    @property
    def direction(self) -> str:
        return str(Locale.parse(self.language).text_direction)


class Text(RootModel[dict[Language, str]]):
    """The same words in several languages: ``{"en": "Where do you live?", "pl": "Gdzie mieszkasz?"}``.

    English is the source, and what people read where their language is missing. A plain string is read as
    English.
    """

    model_config = ConfigDict(frozen=True)

    @field_validator("root", mode="before")
    @classmethod
    def _plain(cls, written: Any) -> Any:
        return {i18n.DEFAULT: written} if isinstance(written, str) else written

    @field_validator("root")
    @classmethod
    def _clean(cls, written: Mapping[str, str]) -> dict[str, str]:
        cleaned = {language: clean_text(words) for language, words in written.items()}
        if any(len(words) > LONGEST for words in cleaned.values()):
            raise ValueError(f"a text may have {LONGEST:,} characters")
        return {language: words for language, words in cleaned.items() if words}

    def in_language(self, language: str) -> str:
        """The words in this language alone; empty where they are missing."""
        return self.root.get(language, "")

    def said(self, language: str | None = None) -> Said:
        """The words for somebody who reads ``language`` (the page's, unless told), else in English."""
        wanted = language or i18n.page_language()
        found = wanted if wanted in self.root else i18n.DEFAULT
        return Said(self.root.get(found, ""), found)

    def with_words(self, language: str, words: str) -> Text:
        """The same text with other words in one language; without words the language goes."""
        return Text({**self.root, language: words})

    def __str__(self) -> str:
        return self.said(i18n.DEFAULT).words

    def __bool__(self) -> bool:
        return bool(self.root.get(i18n.DEFAULT))


NOTHING = Text({})


@cache
def ours(words: LazyString) -> Text:
    """A sentence of the product itself, in every language that it is translated to."""
    said = {}
    for language in i18n.languages():
        with force_locale(language):
            said[language] = str(words)
    source = said[i18n.DEFAULT]
    return Text({lang: one for lang, one in said.items() if lang == i18n.DEFAULT or one != source})
