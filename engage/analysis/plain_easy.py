"""The stricter rules of Easy Read, for people with a learning disability and anyone who wants short words.

After the European standards of Inclusion Europe, "Information for all" (2009), and the Department of
Health's "Making written information easier to understand for people with learning disabilities" (2010):
sentences of at most 15 words with one idea each, easy words, no abbreviations, numbers as digits, no
percentages, and saying what is rather than what is not. People who use Easy Read have the last word:
no rule replaces a reading group.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from engage.analysis.plain_rules import Finding, Kind, Note, found
from engage.analysis.plain_text import Sentence, letter_words, syllables
from engage.analysis.plain_words import simple, word_list

LONGEST = 15
"""Words in a sentence."""

_HARD_SYLLABLES, _HARD_LETTERS = 4, 12
_JOINS = re.compile(r"\b(?:and|but|or|because|so|if|when|while|until)\b|,", re.IGNORECASE)
_MOST_JOINS = 2
_SECOND_IDEA = re.compile(
    r"[;–—(]|\b(?:although|though|however|whereas|which|therefore|unless|whether|in case|as well as)\b",
    re.IGNORECASE,
)
_SHORT_FORM = re.compile(
    r"\b(?:e\.g|i\.e|etc|approx|inc|incl|asap|tel|dept|govt|hrs|mins)\b\.?", re.IGNORECASE
)
_ALWAYS_KNOWN = frozenset(["NHS", "GP", "TV", "BSL", "ID", "UK"])
_CAPITALS = re.compile(r"(?<![\w&/.-])[A-Z]{2,5}(?=s?(?![\w&]))")
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,5})?)\s?(?:%|per ?cent\b)|\bper ?cent(?:age)?s?\b", re.IGNORECASE)
_NEGATIVE = re.compile(r"\b(?:not|never|cannot|nobody|nothing|without|[a-z]{2,9}n['’]t)\b", re.IGNORECASE)
_SHARES = {
    "5": "1 in 20", "10": "1 in 10", "20": "1 in 5", "25": "1 in 4", "30": "3 in 10", "33": "1 in 3",
    "40": "4 in 10", "50": "half", "60": "6 in 10", "66": "2 in 3", "67": "2 in 3", "70": "7 in 10",
    "75": "3 in 4", "80": "8 in 10", "90": "9 in 10", "100": "all",
}  # fmt: skip


def sentence_rules(text: str, sentences: Sequence[Sentence]) -> Iterator[Finding]:
    """Sentences that are too long or hold more than one idea; a long one is told once."""
    for sentence in sentences:
        if sentence.words > LONGEST:
            yield found(text, sentence.span, Kind.LONG_SENTENCE, Note.SPLIT)
        elif _SECOND_IDEA.search(sentence.text) or len(_JOINS.findall(sentence.text)) > _MOST_JOINS:
            yield found(text, sentence.span, Kind.SEVERAL_IDEAS, Note.ONE_IDEA)


def short_forms(text: str) -> Iterator[Finding]:
    """Every abbreviation, explained or known or not, but for a few that stand on every door and letter."""
    for place in _SHORT_FORM.finditer(text):
        yield found(text, place.span(), Kind.ABBREVIATION, Note.SPELL_OUT)
    for place in _CAPITALS.finditer(text):
        known = place[0] in _ALWAYS_KNOWN or place[0].lower() in word_list().often_shouted
        if not known:
            long = word_list().abbreviations.get(place[0])
            yield found(text, place.span(), Kind.ABBREVIATION, Note.SPELL_OUT, *([long] if long else []))


def word_rules(text: str) -> Iterator[Finding]:
    """Long words, and numbers in words. Names (a capital inside a sentence) stay as they are."""
    for word in letter_words(text):
        plain = simple(word[0])
        if plain in word_list().numbers:
            yield found(text, word.span(), Kind.NUMBER_IN_WORDS, Note.USE_DIGITS, word_list().numbers[plain])
        elif _is_hard(plain) and (not word[0].istitle() or word.start() == 0):
            yield found(text, word.span(), Kind.HARD_WORD, Note.USE_EASIER_WORD)


def figures_and_negatives(text: str) -> Iterator[Finding]:
    """Percentages, with a share in small numbers where there is a simple one, and negatives."""
    for place in _PERCENT.finditer(text):
        share = _SHARES.get(place[1] or "")
        yield found(text, place.span(), Kind.PERCENT, Note.SAY_HOW_MANY, *([share] if share else []))
    for place in _NEGATIVE.finditer(text):
        yield found(text, place.span(), Kind.NEGATIVE, Note.SAY_WHAT_IS)


def _is_hard(word: str) -> bool:
    if word in word_list().long_but_easy:
        return False
    return len(word) >= _HARD_LETTERS or syllables(word) >= _HARD_SYLLABLES
