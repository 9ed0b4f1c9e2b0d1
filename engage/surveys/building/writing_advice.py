"""What a facilitator may do so that more people understand a text: advice in sentences, never a hurdle.

The words are found by ``analysis.plain_english``; here they become something that one can act on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from engage.analysis.plain_english import MOST_WORDS, Finding, LongSentence, Note, Reading, check, easy_read

GOOD_AGE = 11
"""Reading age in years that most adults manage without effort, also when they are tired or worried."""
MOST_NOTES = 12


@dataclass(frozen=True)
class Advice:
    """One text and what is worth a second look. ``label`` says which text; ``age`` is its reading age."""

    label: str
    age: str
    notes: tuple[str, ...]


def advice(texts: Iterable[tuple[str, str]]) -> list[Advice]:
    """Advice on (label, words), for those that have words. Empty notes mean that it reads well.

    Texts with the same label, such as the answers to choose from, are read one by one and told together;
    they have a reading age only where there is one alone.
    """
    readings: dict[str, list[Reading]] = {}
    for label, words in texts:
        if words.strip():
            readings.setdefault(label, []).append(check(words))
    return [_on(label, found) for label, found in readings.items()]


def easy_advice(label: str, words: str) -> Advice:
    """Advice by the stricter rules of Easy Read."""
    notes = [sentence(finding) for finding in easy_read(words)]
    return Advice(label, _age(check(words)), _first(notes))


def _on(label: str, readings: list[Reading]) -> Advice:
    notes = []
    for reading in readings:
        notes += [_long(one) for one in reading.long_sentences]
        notes += [sentence(finding) for finding in reading.findings]
        if reading.cut:
            notes.append(_("The text is very long: its end was not checked."))
    return Advice(label, _age(readings[0]) if len(readings) == 1 else "", _first(notes))


def _first(notes: list[str]) -> tuple[str, ...]:
    """Each note once, and not more than somebody can act on."""
    single = list(dict.fromkeys(notes))
    left = len(single) - MOST_NOTES
    if left <= 0:
        return tuple(single)
    more = ngettext("And one more thing.", "And %(num)d more things.", left)
    return (*single[:MOST_NOTES], more)


def _age(reading: Reading) -> str:
    if reading.age is None:
        return ""
    if reading.age <= GOOD_AGE:
        return _("Somebody aged %(age)s can read this. Good.", age=reading.age)
    return _(
        "Somebody aged %(age)s can read this. Shorter sentences and shorter words bring in more people: aim "
        "for %(goal)s.",
        age=reading.age,
        goal=GOOD_AGE,
    )


def _long(sentence: LongSentence) -> str:
    return _(
        "This sentence has %(words)s words: “%(start)s…” Make two of it. Up to %(most)s are easy to follow.",
        words=sentence.words,
        start=_start(sentence.text),
        most=MOST_WORDS,
    )


def _start(text: str) -> str:
    return " ".join(text.split()[:6])


def sentence(finding: Finding) -> str:
    """What to do about one finding."""
    words = " ".join(finding.words.split())
    words = words if len(words) <= 80 else f"{words[:79]}…"
    instead = _(" or ").join(f"“{one}”" for one in finding.suggestions[:3])
    return _with_suggestion(finding.note, words, instead) if instead else _without(finding.note, words)


def _with_suggestion(note: Note, words: str, instead: str) -> str:
    """What to do, where there are words to put instead."""
    if note is Note.SPELL_OUT:
        return _("Write “%(words)s” in full: %(instead)s.", words=words, instead=instead)
    if note is Note.EXPLAIN:
        return _(
            "Not everybody knows “%(words)s”. Explain it, for example: %(instead)s.",
            words=words,
            instead=instead,
        )
    if note is Note.USE_SMALL_LETTERS:
        return _("Capitals are hard to read. Write %(instead)s.", instead=instead)
    if note in (Note.USE_DIGITS, Note.SAY_HOW_MANY):
        return _("Write %(instead)s for “%(words)s”.", words=words, instead=instead)
    return _("For “%(words)s”, say %(instead)s.", words=words, instead=instead)


def _without(note: Note, words: str) -> str:
    """What to do, where the facilitator finds the words."""
    sentences = {
        Note.SAY_INSTEAD: _("“%(words)s” is hard to understand. Find plainer words.", words=words),
        Note.EXPLAIN: _("Not everybody knows “%(words)s”. Say what it means.", words=words),
        Note.SPELL_OUT: _("Write “%(words)s” in full, at least the first time.", words=words),
        Note.ASK_ONE_THING: _(
            "This asks two things at once (“%(words)s”). Make two questions of it, so that you know what an "
            "answer is about.",
            words=words,
        ),
        Note.SAY_IT_STRAIGHT: _(
            "“%(words)s” says “not” twice. Say it the other way round.",
            words=words,
        ),
        Note.SAY_WHO_DOES_IT: _("“%(words)s” does not say who does it. Say who.", words=words),
        Note.ASK_OPENLY: _("“%(words)s” leads people to one answer. Ask openly.", words=words),
        Note.NAME_BOTH_ENDS: _(
            "“%(words)s” names one end alone. Name both, such as “good or bad”.", words=words
        ),
        Note.USE_SMALL_LETTERS: _(
            "Capitals are hard to read. Write “%(words)s” in small letters.", words=words
        ),
        Note.SPLIT: _("This sentence is long: “%(words)s” Make two of it.", words=words),
        Note.ONE_IDEA: _("“%(words)s” says several things. Give each a sentence of its own.", words=words),
        Note.USE_EASIER_WORD: _("“%(words)s” is a hard word. Find an easier one.", words=words),
        Note.USE_DIGITS: _("Write “%(words)s” in figures.", words=words),
        Note.SAY_HOW_MANY: _("For “%(words)s”, say how many people out of how many.", words=words),
        Note.SAY_WHAT_IS: _("“%(words)s” says what is not. Say what is.", words=words),
    }
    return sentences[note]
