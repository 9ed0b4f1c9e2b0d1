"""The texts of a survey in one language beside the English ones: what is missing, who checked, who changed.

Nothing here asks the database. A fingerprint is taken of the English words and of the translation, so that a
check ends by itself when either changes, and so that two people at once never overwrite one another.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from babel import Locale, UnknownLocaleError
from flask_babel import gettext as _

from engage import i18n
from engage.forms import clean_text
from engage.surveys.content import Content
from engage.surveys.texts import LONGEST, Text
from engage.surveys.wording import map_texts, texts

HALF = 32
"""Hexadecimal digits that a fingerprint has for the English words, and as many for the translation."""

_MARK = re.compile(rf"[0-9a-f]{{{2 * HALF}}}")


def digest(words: str) -> str:
    """Half a fingerprint: 128 bits of SHA-256 of the words."""
    return hashlib.sha256(words.encode()).hexdigest()[:HALF]


def fingerprint(english: str, words: str) -> str:
    """A digest of the English words, then one of the translation: 64 digits that go with both."""
    return digest(english) + digest(words)


def is_fingerprint(mark: str) -> bool:
    return bool(_MARK.fullmatch(mark))


class State(StrEnum):
    """How far a translation is. The value is part of addresses."""

    MISSING = "missing"
    UNCHECKED = "unchecked"
    CHECKED = "checked"


@dataclass(frozen=True)
class Check:
    """That somebody who reads the language well has read the words as they were."""

    fingerprint: str
    by: str
    at: datetime
    recorded_by: str


@dataclass(frozen=True)
class Line:
    """One text with its translation. ``number`` counts the texts of the survey from 1."""

    number: int
    key: str
    what: str
    english: str
    words: str
    check: Check | None

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.english, self.words)

    @property
    def state(self) -> State:
        if not self.words:
            return State.MISSING
        return State.CHECKED if self.check and self.check.fingerprint == self.fingerprint else State.UNCHECKED

    @property
    def english_changed(self) -> bool:
        """Whether there was a check of other English words."""
        return bool(self.check) and self.check.fingerprint[:HALF] != digest(self.english)  # type: ignore[union-attr]

    @property
    def words_changed(self) -> bool:
        """Whether there was a check of another translation."""
        return bool(self.check) and self.check.fingerprint[HALF:] != digest(self.words)  # type: ignore[union-attr]


@dataclass(frozen=True)
class Block:
    """The texts of one question, or of what stands above the questions. ``heading`` may be empty."""

    heading: str
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True)
class Section:
    """The texts of one page of the survey, or of its start."""

    heading: str
    blocks: list[Block] = field(default_factory=list)


def lines(content: Content, language: str, checks: Mapping[str, Check]) -> list[Line]:
    """Every text that has English words or a translation, in the order in which people meet them."""
    found: list[Line] = []
    for key, text in texts(content):
        english, words = text.in_language(i18n.DEFAULT), text.in_language(language)
        if english or words:
            found.append(Line(len(found) + 1, key, what_it_is(key), english, words, checks.get(key)))
    return found


def sections(content: Content, found: list[Line]) -> list[Section]:
    """The lines under the pages and questions that they belong to; what has none is left out."""
    made: dict[str, Section] = {}
    blocks: dict[tuple[str, str], Block] = {}
    pages = {question.id: page.id for page in content.pages for question in page.questions}
    for line in found:
        kind, _dot, rest = line.key.partition(".")
        own = rest.partition(".")[0]
        question = own if kind == "questions" else ""
        page = pages[own] if question else (own if kind == "pages" else "")
        section = made.setdefault(page, Section(_heading(content, page)))
        if (page, question) not in blocks:
            blocks[page, question] = Block(str(content.by_id[question].text) if question else "")
            section.blocks.append(blocks[page, question])
        blocks[page, question].lines.append(line)
    return list(made.values())


def _heading(content: Content, page_id: str) -> str:
    if not page_id:
        return _("Before the questions")
    number, page = next((nth, page) for nth, page in enumerate(content.pages, 1) if page.id == page_id)
    if page.title:
        return _("Page %(number)s: %(title)s", number=number, title=page.title)
    return _("Page %(number)s", number=number)


def what_it_is(key: str) -> str:
    """What a text is for, by its key, such as "Help" or "Answer"."""
    parts = key.split(".")
    last = parts[-1]
    if parts[0] == "questions":
        inner = parts[2] if len(parts) > 3 else ""
        return _in_question(inner, last)
    if parts[0] == "pages":
        return _("Why we ask") if last == "explanation" else _("Heading of the page")
    return {
        "title": _("Title"),
        "introduction": _("Introduction"),
        "reason": _("Why we ask"),
        "still_open": _("What is still open"),
        "who_decides": _("Who decides"),
        "considered": _("How it is considered"),
        "privacy": _("What becomes of the answers"),
    }.get(last, _("Text"))


def _in_question(inner: str, last: str) -> str:
    if inner == "easy":
        return _("Easy Read: help") if last == "help" else _("Easy Read: sentence")
    if inner == "choices":
        return _("Easy Read: answer") if last == "easy" else _("Answer")
    if inner == "rows":
        return _("Easy Read: sentence to agree with") if last == "easy" else _("Sentence to agree with")
    return {
        "text": _("Question"),
        "help": _("Help"),
        "panel": _("What people need to know to answer"),
        "unit": _("Unit"),
        "transcript": _("What the film or recording says"),
    }.get(last, _("Text"))


def is_language(code: str) -> bool:
    """Whether a code names a language that we know, such as ``pl``; files from elsewhere may have others."""
    try:
        Locale.parse(code)
    except (UnknownLocaleError, ValueError):
        return False
    return True


def direction(language: str) -> str:
    """``ltr`` or ``rtl``."""
    return str(Locale.parse(language).text_direction)


def english_name(language: str) -> str:
    """What English calls a language, such as "Polish"."""
    return Locale.parse(language).get_display_name("en") or language


# --- Taking in what was typed -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Clash:
    """What was typed for a text that somebody else changed meanwhile. ``theirs`` is the translation now."""

    typed: str
    theirs: str
    english_changed: bool


@dataclass(frozen=True)
class Merged:
    """The survey with what could be taken; the rest with the words as they were typed, by key.

    ``too_long`` has more characters than a text may have; ``gone`` are texts that the survey has no more.
    """

    content: Content
    saved: frozenset[str]
    clashes: dict[str, Clash]
    too_long: dict[str, str]
    gone: dict[str, str]

    @property
    def is_whole(self) -> bool:
        """Whether everything that was typed is kept."""
        return not (self.clashes or self.too_long or self.gone)

    def typed(self, key: str) -> str | None:
        """What was typed for a text and is not kept."""
        clash = self.clashes.get(key)
        return clash.typed if clash else self.too_long.get(key)


def merge(content: Content, language: str, typed: Mapping[str, str], seen: Mapping[str, str]) -> Merged:
    """Put translations into the survey as it is now.

    ``seen`` has the fingerprint of what the person had before them, for each key. What they did not touch
    stays as it is now, even where somebody else changed it; where both changed it, it is a clash.
    """
    now = dict(texts(content))
    merged = Merged(content, frozenset(), {}, {}, {})
    changes: dict[str, str] = {}
    for key, written in typed.items():
        words = clean_text(written)
        text = now.get(key)
        if text is None:
            if words and seen.get(key, "")[HALF:] != digest(words):
                merged.gone[key] = words
            continue
        english, present = text.in_language(i18n.DEFAULT), text.in_language(language)
        mark = seen.get(key, "")
        if words == present or mark[HALF:] == digest(words):
            continue
        if len(words) > LONGEST:
            merged.too_long[key] = words
        elif mark != fingerprint(english, present):
            merged.clashes[key] = Clash(words, present, mark[:HALF] != digest(english))
        else:
            changes[key] = words
    changed = map_texts(content, lambda key, text: _with(text, language, changes.get(key)))
    return Merged(changed, frozenset(changes), merged.clashes, merged.too_long, merged.gone)


def _with(text: Text, language: str, words: str | None) -> Text:
    return text if words is None else text.with_words(language, words)


def checkable(
    content: Content, language: str, typed: Mapping[str, str], seen: Mapping[str, str]
) -> dict[str, str]:
    """The fingerprints to keep as checked, of all texts whose words are what the person had before them.

    ``content`` is the survey after ``merge``; the rest as there. Texts without a translation are left out.
    """
    found = {}
    for key, text in texts(content):
        english, words = text.in_language(i18n.DEFAULT), text.in_language(language)
        is_theirs = key in typed and words == clean_text(typed[key])
        if words and is_theirs and seen.get(key, "")[:HALF] == digest(english):
            found[key] = fingerprint(english, words)
    return found
