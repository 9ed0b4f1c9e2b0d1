"""What makes a short public text hard to read or to answer, each rule with the words that it is about.

Rules look for what can be named with few mistakes. A person decides what to do with each finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from engage.analysis.plain_text import Sentence, Span, letter_words
from engage.analysis.plain_words import hard_words, simple, word_list


class Kind(StrEnum):
    """What is hard to read or to answer; from LONG_SENTENCE on, found by the rules of Easy Read alone."""

    JARGON = "jargon"
    ABBREVIATION = "abbreviation"
    TWO_QUESTIONS = "two_questions"
    DOUBLE_NEGATIVE = "double_negative"
    PASSIVE = "passive"
    LEADING = "leading"
    CAPITALS = "capitals"
    LONG_SENTENCE = "long_sentence"
    SEVERAL_IDEAS = "several_ideas"
    HARD_WORD = "hard_word"
    NUMBER_IN_WORDS = "number_in_words"
    PERCENT = "percent"
    NEGATIVE = "negative"


class Note(StrEnum):
    """What to do about it: one message each."""

    SAY_INSTEAD = "say_instead"
    EXPLAIN = "explain"
    SPELL_OUT = "spell_out"
    ASK_ONE_THING = "ask_one_thing"
    SAY_IT_STRAIGHT = "say_it_straight"
    SAY_WHO_DOES_IT = "say_who_does_it"
    ASK_OPENLY = "ask_openly"
    NAME_BOTH_ENDS = "name_both_ends"
    USE_SMALL_LETTERS = "use_small_letters"
    SPLIT = "split"
    ONE_IDEA = "one_idea"
    USE_EASIER_WORD = "use_easier_word"
    USE_DIGITS = "use_digits"
    SAY_HOW_MANY = "say_how_many"
    SAY_WHAT_IS = "say_what_is"


@dataclass(frozen=True)
class Finding:
    """The words as they are written, their place in the text, what to say instead (English), what to do."""

    kind: Kind
    words: str
    span: Span
    suggestions: tuple[str, ...]
    note: Note


def found(text: str, span: Span, kind: Kind, note: Note, *suggestions: str) -> Finding:
    return Finding(kind, text[span[0] : span[1]], span, suggestions, note)


_BRACKET_NEXT = re.compile(r"\s*\([^()]{3,200}\)")


def jargon(text: str, starts: frozenset[int]) -> Iterator[Finding]:
    """Hard words of the list. ``starts`` are the places where sentences begin.

    A single word with a capital inside a sentence belongs to a name ("the Care Quality Commission"), and a
    word that brackets explain needs no other explanation.
    """
    words = letter_words(text)
    for first, after, word in hard_words(text, words):
        span = (words[first].start(), words[after - 1].end())
        if word.section == "explain":
            if not _BRACKET_NEXT.match(text, span[1]):
                yield found(text, span, Kind.JARGON, Note.EXPLAIN, *word.suggestions)
        elif after > first + 1 or span[0] in starts or not words[first][0].istitle():
            yield found(text, span, Kind.JARGON, Note.SAY_INSTEAD, *word.suggestions)


_CAPITALS = re.compile(r"(?<![\w&/.-])[A-ZÀ-Þ][A-ZÀ-Þ]+s?(?![\w&]|-\d|\.\w)")
_SHOUTED_LENGTH = 6


def capitals(text: str) -> Iterator[Finding]:
    """Words and lines in capitals, and abbreviations that nothing explains."""
    explained = _explained(text)
    runs: list[list[re.Match[str]]] = []
    for word in _CAPITALS.finditer(text):
        if runs and re.fullmatch(r"(?:[^\w.!?\n]|\bI\b|\bA\b){1,3}", text[runs[-1][-1].end() : word.start()]):
            runs[-1].append(word)
        else:
            runs.append([word])
    for run in runs:
        if len(run) > 2 and any(_is_shouted(word[0]) for word in run):
            yield _small_letters(text, (run[0].start(), run[-1].end()))
        else:
            for word in run:
                yield from _one_in_capitals(text, word, explained)


def _is_shouted(word: str) -> bool:
    if word in word_list().known_abbreviations or word in word_list().abbreviations:
        return False
    return word.lower() in word_list().often_shouted or (len(word) >= _SHOUTED_LENGTH and word.isupper())


def _small_letters(text: str, span: Span) -> Finding:
    return found(text, span, Kind.CAPITALS, Note.USE_SMALL_LETTERS, text[span[0] : span[1]].lower())


def _one_in_capitals(text: str, word: re.Match[str], explained: frozenset[str]) -> Iterator[Finding]:
    short = word[0].removesuffix("s")
    if _is_shouted(word[0]):
        yield _small_letters(text, word.span())
    elif short not in word_list().known_abbreviations and short not in explained:
        long = word_list().abbreviations.get(short)
        yield found(text, word.span(), Kind.ABBREVIATION, Note.SPELL_OUT, *([long] if long else []))


_IN_BRACKETS = re.compile(r"\(\s*([A-Z]{2,20})s?\s*\)")
_BEFORE_BRACKETS = re.compile(r"\b([A-Z]{2,20})s?\s?\([^()]{0,200}[a-z][^()]{0,200}\)")


def _explained(text: str) -> frozenset[str]:
    """Abbreviations in brackets after the words, or with the words in brackets after them."""
    return frozenset(_IN_BRACKETS.findall(text)) | frozenset(_BEFORE_BRACKETS.findall(text))


_ASKED = r"(?:what|why|how|when|where|who|which)"
_HELPING = r"(?:do|does|did|is|are|was|were|have|has|can|could|would|will|should)"
_SOMEONE = r"(?:you|your|it|they|their|the|we|our|there|this|that|staff|people)"
_TWO_QUESTIONS = re.compile(
    rf"\bhow \w+ and how \w+|(?<=\w)[ ,]{{1,2}}and (?:if so,? )?{_ASKED}\b(?! much as)"
    rf"|(?<=\w)[ ,]{{1,2}}and {_HELPING} {_SOMEONE}\b",
    re.IGNORECASE,
)
_PAIR = re.compile(
    r"\b([a-z]+),? (?:and|as well as) (?:(?:the|your|our|how|very|so) )?([a-z]+)\b", re.IGNORECASE
)
_JUDGED = re.compile(
    r"\b(?:satisfied|happy|pleased|content) (?:are|were|is) (?:you|they) with\b"
    r"|\b(?:are|were) you (?:satisfied|happy|pleased|content) with\b"
    r"|\b(?:feel|think) (?:about|of)\b|\brate\b",
    re.IGNORECASE,
)


def two_questions(text: str, sentence: Sentence) -> Iterator[Finding]:
    """A question that asks two things, so that one answer cannot be right for both. The first place only."""
    if not sentence.text.rstrip("\"'”’)]").endswith("?"):
        return
    start = sentence.span[0]
    place = _TWO_QUESTIONS.search(sentence.text) or _two_judged(sentence.text)
    if place:
        left = place.start() + len(place[0]) - len(place[0].lstrip(" ,"))
        yield found(text, (start + left, start + place.end()), Kind.TWO_QUESTIONS, Note.ASK_ONE_THING)


def _two_judged(question: str) -> re.Match[str] | None:
    judged = _JUDGED.search(question)
    for pair in _PAIR.finditer(question):
        first, second = pair[1].lower(), pair[2].lower()
        if {first, second} <= word_list().qualities:
            return pair
        if judged and pair.start() > judged.end() and f"{first} {second}" not in word_list().pairs:
            return pair
    return None


_NOT = re.compile(r"not|no|never|nobody|nothing|none|cannot|without|unless|hardly|[a-z]+n't")
_NEXT_IN_A_LIST = frozenset(["and", "or", "nor", "but"])
_FAR = 3


def double_negatives(text: str) -> Iterator[Finding]:
    """Two negatives within a few words: the reader has to turn the sentence around twice."""
    words = letter_words(text)
    plain = [simple(word[0]) for word in words]
    last_end = 0
    for here, word in enumerate(plain):
        if not _NOT.fullmatch(word) or words[here].start() < last_end:
            continue
        for other in range(here + 1, min(here + 1 + _FAR, len(words))):
            span = (words[here].start(), words[other].end())
            if plain[other] in _NEXT_IN_A_LIST or re.search(r"[^\w\s'’-]", text[span[0] : span[1]]):
                break
            if plain[other] in word_list().negatives or _NOT.fullmatch(plain[other]):
                yield found(text, span, Kind.DOUBLE_NEGATIVE, Note.SAY_IT_STRAIGHT)
                last_end = span[1]
                break


_IRREGULAR_DONE = (
    "made|done|given|taken|sent|seen|told|paid|held|kept|run|led|set|written|chosen|found|brought|built|bought"
    "|put|known|shown|drawn|met|heard|thought|taught|looked after|read|said|sold|spent"
    "|cut|lost|left|driven|won"
)
_PASSIVE = re.compile(
    rf"\b(?:is|are|was|were|be|been|being) (?:\w{{2,12}}ly )?(?:[a-z]{{2,15}}ed|{_IRREGULAR_DONE}) by "
    r"(?:(?:the|a|an|our|your|their|his|her|its|one of) (?!(?:end|time|date|deadline|post|close|age)\b)\w+"
    r"|us|them|him|her|me|you|staff|people|someone|somebody|anyone|social|council\w*|care|carers?|professionals?)\b",
    re.IGNORECASE,
)


def passives(text: str) -> Iterator[Finding]:
    """Passive with its doer named after "by", which is easily turned round. Other passives are left alone."""
    for place in _PASSIVE.finditer(text):
        yield found(text, place.span(), Kind.PASSIVE, Note.SAY_WHO_DOES_IT)


_LEADING = re.compile(
    r"\b(?:do|would|does|did|is|are|was|were|should|could|can|have|has)n['’]t (?:you|it|we|they|this|that) "
    r"(?:agree|think|say|feel|want|prefer|like|better|true|important)\b"
    r"|\bdo you (?:not )?agree that\b|\bwould you not agree\b|\byou (?:will|must|would) agree\b"
    r"|\bhow (?:much|greatly) (?:did|do|have) you enjoy(?:ed)?\b|\bhow much (?:better|worse)\b"
    r"|\b(?:most people|everyone|everybody|experts?|we all) (?:agrees?|knows?|thinks?|believes?)\b"
    r"|\bas (?:you know|we all know|everyone knows)\b|\b(?:surely|obviously|of course|needless to say)\b"
    r"|, (?:is|are|was|were|do|does|did)n['’]t (?:it|you|they|we)(?=\s*\?)",
    re.IGNORECASE,
)
_HOW = re.compile(r"\bhow ([a-z]+)\b(?! (?:or|and)\b)(?! (?:deal|many|much|while)\b)", re.IGNORECASE)
_OPPOSITES = {"good": "bad", "bad": "good", "poor": "good", "helpful": "unhelpful"}


def leading(text: str) -> Iterator[Finding]:
    """Words that push towards one answer."""
    for place in _LEADING.finditer(text):
        left = place.start() + (2 if place[0].startswith(", ") else 0)
        yield found(text, (left, place.end()), Kind.LEADING, Note.ASK_OPENLY)
    for place in _HOW.finditer(text):
        quality = place[1].lower()
        if quality in word_list().one_sided:
            other = _OPPOSITES.get(quality)
            both = f"{place[0]} or {other}" if other else "How good or bad"
            yield found(text, place.span(), Kind.LEADING, Note.NAME_BOTH_ENDS, both)
