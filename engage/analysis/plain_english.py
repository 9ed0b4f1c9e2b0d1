"""Checks a short public text while staff write it: a survey question, help text, an introduction, an event.

    from engage.analysis.plain_english import check

    reading = check("Do you utilise commissioned services?")
    for finding in reading.findings:
        print(finding.kind, finding.words, finding.suggestions)

It is for English alone, and names what it is fairly sure of. What people read about a finding is written
elsewhere, by its ``note``; the suggestions are plain English words, for any language of the pages.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engage.analysis import plain_easy, plain_rules
from engage.analysis.plain_rules import Finding, Kind, Note
from engage.analysis.plain_text import (
    MIN_WORDS,
    Sentence,
    Span,
    is_latin,
    reading_age,
    sentences,
    without_addresses,
)

__all__ = ["MIN_WORDS", "MOST_WORDS", "READ_TO", "Finding", "Kind", "LongSentence", "Note", "Reading", "Span"]
__all__ += ["check", "easy_read"]

MOST_WORDS = 20
"""Words in a sentence of a survey. Public bodies advise 15 to 25; a question is read alone, often aloud."""

READ_TO = 20_000
"""Characters that are read: some ten times the longest text that the pages take."""


@dataclass(frozen=True)
class LongSentence:
    """A sentence of more than MOST_WORDS words."""

    text: str
    words: int
    span: Span


@dataclass(frozen=True)
class Reading:
    """How a text reads. ``age`` is in years, None if too little is there; ``cut``: its end was not read."""

    age: int | None
    words: int
    long_sentences: tuple[LongSentence, ...]
    findings: tuple[Finding, ...]
    cut: bool = False


def check(text: str) -> Reading:
    """Reading age, long sentences and findings, in the order of the text. Never raises.

    A text that is mostly in another script has no age and no findings. Beyond READ_TO characters nothing is
    read. Places are those of ``text``.
    """
    cut = len(text) > READ_TO
    text = text[:READ_TO]
    plain = without_addresses(text)
    parts = sentences(plain)
    words = sum(part.words for part in parts)
    if not is_latin(plain):
        return Reading(None, words, (), (), cut)
    long = tuple(_long(text, part) for part in parts if part.words > MOST_WORDS)
    return Reading(reading_age(plain, len(parts)), words, long, _findings(text, plain, parts), cut)


def easy_read(text: str) -> tuple[Finding, ...]:
    """What the stricter rules of Easy Read find, with what ``check`` finds; in the order of the text."""
    text = text[:READ_TO]
    plain = without_addresses(text)
    if not is_latin(plain):
        return ()
    parts = sentences(plain)
    rules = [*plain_easy.sentence_rules(plain, parts), *plain_easy.figures_and_negatives(plain)]
    rules += [*plain_easy.short_forms(plain), *plain_easy.word_rules(plain)]
    usual = _findings(text, plain, parts)
    told = {finding.span for finding in usual}
    inside = [span for finding in usual if finding.kind is Kind.JARGON for span in [finding.span]]
    more = [
        _as_written(text, rule)
        for rule in rules
        if rule.span not in told and not (rule.kind is Kind.HARD_WORD and _is_within(rule.span, inside))
    ]
    return _in_order([*usual, *more])


def _findings(text: str, plain: str, parts: list[Sentence]) -> tuple[Finding, ...]:
    starts = frozenset(part.span[0] for part in parts)
    rules = [*plain_rules.jargon(plain, starts), *plain_rules.capitals(plain)]
    rules += [*plain_rules.double_negatives(plain), *plain_rules.passives(plain), *plain_rules.leading(plain)]
    for part in parts:
        rules += plain_rules.two_questions(plain, part)
    return _in_order(_as_written(text, rule) for rule in rules)


def _in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda finding: (finding.span[0], -finding.span[1])))


def _as_written(text: str, finding: Finding) -> Finding:
    """The finding with the words of the text itself, addresses included."""
    words = text[finding.span[0] : finding.span[1]]
    return Finding(finding.kind, words, finding.span, finding.suggestions, finding.note)


def _long(text: str, part: Sentence) -> LongSentence:
    return LongSentence(text[part.span[0] : part.span[1]], part.words, part.span)


def _is_within(span: Span, others: list[Span]) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in others)
