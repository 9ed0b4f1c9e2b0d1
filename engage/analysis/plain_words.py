"""Hard words and what to say instead, found in a text by their forms.

The list is in plain_words.json: "verbs" in all their forms, "replace" with plain words, "explain" where the
word is a name that people will meet, so it stays and is explained. Each entry may have several ways of
writing, parted by "|". Plurals, "-ize" for "-ise", and hyphens for spaces are found without being listed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

Section = Literal["verbs", "replace", "explain"]
_SECTIONS: tuple[Section, ...] = ("explain", "replace", "verbs")
_GAP = re.compile(r"['’]?[ \t\n\r\u00a0/-]{1,3}|[‐‑–]")
_PARTS = re.compile(r"[\s/-]+")


@dataclass(frozen=True)
class HardWord:
    """One entry: what to say instead, or how to explain it."""

    section: Section
    suggestions: tuple[str, ...]


@dataclass(frozen=True)
class WordList:
    """All that plain_words.json holds, ready for looking up. Phrases are by first word, the longest first."""

    phrases: Mapping[str, Sequence[tuple[tuple[str, ...], HardWord]]]
    entries: int
    abbreviations: Mapping[str, str]
    known_abbreviations: frozenset[str]
    often_shouted: frozenset[str]
    qualities: frozenset[str]
    pairs: frozenset[str]
    one_sided: frozenset[str]
    negatives: frozenset[str]
    long_but_easy: frozenset[str]
    numbers: Mapping[str, str]


@cache
def word_list() -> WordList:
    """The list, read once for each process."""
    stored = json.loads(Path(__file__).with_name("plain_words.json").read_text(encoding="utf-8"))
    forms: dict[tuple[str, ...], HardWord] = {}
    for section in _SECTIONS:
        for written, suggestions in stored[section].items():
            word = HardWord(section, tuple(suggestions))
            for form in _all_forms(written, section):
                forms.setdefault(form, word)
    by_first: dict[str, list[tuple[tuple[str, ...], HardWord]]] = {}
    for form in sorted(forms, key=len, reverse=True):
        by_first.setdefault(form[0], []).append((form, forms[form]))
    return WordList(
        phrases=by_first,
        entries=sum(len(stored[section]) for section in _SECTIONS),
        abbreviations=stored["abbreviations"],
        known_abbreviations=frozenset(stored["known_abbreviations"]),
        often_shouted=frozenset(stored["words_often_shouted"]),
        qualities=frozenset(stored["qualities"]),
        pairs=frozenset(stored["pairs_that_are_one_thing"]),
        one_sided=frozenset(stored["one_sided"]),
        negatives=frozenset(stored["negatives"]),
        long_but_easy=frozenset(stored["long_but_easy"]),
        numbers=stored["numbers"],
    )


def hard_words(text: str, words: Sequence[re.Match[str]]) -> Iterator[tuple[int, int, HardWord]]:
    """Number of the first word, number after the last, and the entry; longest first, never overlapping."""
    plain = [simple(word[0]) for word in words]
    here = 0
    while here < len(words):
        found = _at(text, words, plain, here)
        if found:
            yield here, here + found[0], found[1]
        here += found[0] if found else 1


def simple(word: str) -> str:
    """A word as the list knows it: small letters, one kind of apostrophe, "-ise" for "-ize"."""
    return word.lower().replace("’", "'").replace("iz", "is")


def _at(
    text: str, words: Sequence[re.Match[str]], plain: list[str], here: int
) -> tuple[int, HardWord] | None:
    for form, word in word_list().phrases.get(plain[here], ()):
        end = here + len(form)
        if tuple(plain[here:end]) != form:
            continue
        gaps = [text[words[n].end() : words[n + 1].start()] for n in range(here, end - 1)]
        if all(_GAP.fullmatch(gap) for gap in gaps):
            return len(form), word
    return None


def _all_forms(written: str, section: Section) -> Iterator[tuple[str, ...]]:
    for way in written.split("|"):
        parts = tuple(simple(part).rstrip("'") for part in _PARTS.split(way))
        yield parts
        for last in _verb_forms(parts[-1]) if section == "verbs" else (_plural(parts[-1]),):
            yield (*parts[:-1], last)


def _plural(noun: str) -> str:
    if re.search(r"[^aeiou]y$", noun):
        return f"{noun[:-1]}ies"
    return f"{noun}es" if re.search(r"(?:s|x|ch|sh)$", noun) else f"{noun}s"


_IRREGULAR = {
    "undertake": ("undertakes", "undertook", "undertaken", "undertaking"),
    "submit": ("submits", "submitted", "submitting"),
    "commit": ("commits", "committed", "committing"),
    "transmit": ("transmits", "transmitted", "transmitting"),
    "upskill": ("upskills", "upskilled", "upskilling"),
    "deploy": ("deploys", "deployed", "deploying"),
    "convey": ("conveys", "conveyed", "conveying"),
}


def _verb_forms(verb: str) -> tuple[str, ...]:
    """Third person, past and -ing: "utilises", "utilised", "utilising"."""
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    if verb.endswith("e"):
        return f"{verb}s", f"{verb}d", f"{verb[:-1]}ing"
    if verb.endswith("y"):
        return f"{verb[:-1]}ies", f"{verb[:-1]}ied", f"{verb}ing"
    if verb.endswith("g") and not verb.endswith("ng"):
        return f"{verb}s", f"{verb}ged", f"{verb}ging"
    return _plural(verb), f"{verb}ed", f"{verb}ing"
