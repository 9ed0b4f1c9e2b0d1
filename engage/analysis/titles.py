"""What to show of a group before anyone has named it: its central voices, its phrases, a first title.

A title is always in words that people used, and only ever a suggestion. What reads best comes first:
a phrase that several voices share and the other groups do not, then the beginning of the most central
sentence, then single words.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engage.analysis.embedding import unit_rows

MOST_TEXTS = 20_000
"""Phrases are counted in so many texts at most, the most central of each group first."""

LENGTH_BONUS = {2: 1.0, 3: 1.3, 4: 1.4, 5: 1.3, 6: 1.1}
"""Longer phrases are rarer but say more; two words alone often say nothing."""

COMMON = 0.12
"""The share of a group's texts in which a phrase is common enough to go before a short central sentence."""

_MARK = re.compile(r"\[[^\]]*\]?")
_BREAK = re.compile(r"[^\w\s'’-]+|\n|\s-+\s|\b\d\w*\b")
_WORD = re.compile(r"\w+(?:['’-]\w+)*")


def _words_of(listing: str) -> frozenset[str]:
    return frozenset(listing.split())


# Words that say nothing alone.
_EMPTY = _words_of(
    """a about after again all also always am an and any anything are as at be because been before being
    but by can could did do does doing done down each even ever every everyone everything first for from
    get gets getting go goes going got had has have having he her here him his how i if in into is it
    its just like made make makes me my of off on one only or other our out over own really said she
    should so some someone something such than that the their them then there these they thing things
    this those to up us very was way we well were what when where which while who why will with would
    you your i'm i've i'd it's don't didn't can't couldn't wasn't isn't they're we're you're that's
    there's quite still yes yet let may might must shall need needs came come told"""
)

# Words that may open a phrase although they say nothing alone, because they carry its sense.
_OPENING = _words_of("not no never nobody nothing too more less enough without can't don't couldn't always")

# Words that may not end a phrase, beside the empty ones.
_DANGLING = _words_of("not no never nobody too less without until")


@dataclass(frozen=True)
class _Counts:
    """In how many texts each phrase occurs, and how it was most often written."""

    texts: int
    phrases: Counter[str]
    written: dict[str, str]


def central(
    embeddings: NDArray[np.floating],
    labels: NDArray[np.integer],
    k: int = 3,
    *,
    texts: Sequence[str] | None = None,
) -> list[list[int]]:
    """Return for each group up to `k` row numbers that stand for it best, the best first.

    Nearest to the group's centre, but none that repeats one already chosen while there are others.
    With `texts`, voices of 6 to 60 words come before ones that are too short to tell or too long to read.
    """
    rows = unit_rows(np.asarray(embeddings))
    result = []
    for name in range(int(np.max(labels, initial=-1)) + 1):
        members = np.flatnonzero(labels == name)
        centre = unit_rows(rows[members].sum(axis=0, keepdims=True))[0]
        merit = rows[members] @ centre
        if texts is not None:
            merit = merit - np.array([_unreadable(texts[int(place)]) for place in members])
        ordered = members[np.argsort(-merit, kind="stable")]
        result.append(_without_repeats(rows, [int(place) for place in ordered], k))
    return result


def title(texts: Sequence[str], all_texts: Sequence[str]) -> str:
    """Return a short title for a group: see `titles`. Give the most central text first.

    `all_texts` are the texts of all groups, this one's among them.
    """
    others = Counter(all_texts)
    others.subtract(Counter(texts))
    rest = list((+others).elements())
    return _titles([list(texts), rest])[0]


def titles(
    texts: Sequence[str], labels: NDArray[np.integer], centrality: NDArray[np.floating] | None = None
) -> list[str]:
    """Return a title for each group, in order, no two alike.

    A title is a phrase of two to six words that occurs word for word in the group's texts and is
    typical of it against the others; never one that reaches across a mark such as “[name]”. Texts
    labelled -1 are left aside. `centrality`, shape (n,), as in `Grouping`, says which texts matter most.
    """
    merit = np.zeros(len(texts)) if centrality is None else np.asarray(centrality)
    groups = []
    for name in range(int(np.max(labels, initial=-1)) + 1):
        members = np.flatnonzero(labels == name)
        groups.append([texts[int(place)] for place in members[np.argsort(-merit[members], kind="stable")]])
    return _titles(groups)


def phrases(texts: Sequence[str], all_texts: Sequence[str], most: int = 5) -> list[str]:
    """Return the phrases most typical of these texts against all, as written, the most typical first."""
    limit = MOST_TEXTS // 2
    inside, everywhere = _count(texts[:limit]), _count(_spread(all_texts, limit))
    outside = Counter(everywhere.phrases)
    outside.subtract(inside.phrases)
    ranked = _ranked(inside, outside, max(0, everywhere.texts - inside.texts))
    return [inside.written[phrase] for phrase in _apart(ranked, most)]


def _titles(groups: Sequence[Sequence[str]]) -> list[str]:
    limit = max(20, MOST_TEXTS // max(1, len(groups)))
    counts = [_count(texts[:limit]) for texts in groups]
    everywhere: Counter[str] = Counter()
    for count in counts:
        everywhere.update(count.phrases)
    total = sum(count.texts for count in counts)
    used: list[str] = []
    for texts, count in zip(groups, counts, strict=True):
        outside = Counter({phrase: everywhere[phrase] - count.phrases[phrase] for phrase in count.phrases})
        ranked = _ranked(count, outside, total - count.texts)
        used.append(_first_new(_candidates(texts, count, ranked), used))
    return used


def _ranked(inside: _Counts, outside: Counter[str], n_outside: int) -> list[str]:
    """Order phrases by how common they are in the group and how rare elsewhere, best first."""
    merit = {}
    for phrase, count in inside.phrases.items():
        here = count / max(1, inside.texts)
        there = (max(0, outside[phrase]) + 0.5) / (n_outside + 1.0)
        merit[phrase] = here * math.log(max(here / there, 1.0)) * LENGTH_BONUS[len(phrase.split())]
    return sorted(
        (phrase for phrase in merit if merit[phrase] > 0), key=lambda phrase: (-merit[phrase], phrase)
    )


def _count(texts: Iterable[str]) -> _Counts:
    counts: Counter[str] = Counter()
    written: dict[str, str] = {}
    number = 0
    for text in texts:
        number += 1
        found = {phrase.lower(): phrase for phrase in _phrases_in(text)}
        counts.update(found.keys())
        for key, phrase in found.items():
            # A form in lower case is taken rather than one that stood at the start of a sentence.
            if key not in written or phrase == key:
                written[key] = phrase
    return _Counts(number, counts, written)


def _phrases_in(text: str) -> Iterable[str]:
    """Give every run of two to six words, within a sentence, that begins and ends with sense."""
    for part in _BREAK.split(_MARK.sub(" . ", text[:5_000])):
        words = _WORD.findall(part)
        lower = [word.lower().replace("’", "'") for word in words]
        for start in range(len(words)):
            if lower[start] in _EMPTY and lower[start] not in _OPENING:
                continue
            for end in range(start + 2, min(start + 6, len(words)) + 1):
                if _ends_well(lower[start:end]):
                    yield " ".join(words[start:end])


def _ends_well(words: Sequence[str]) -> bool:
    if words[-1] in _EMPTY or words[-1] in _DANGLING:
        return False
    return len({word for word in words if word not in _EMPTY}) >= 2


def _candidates(texts: Sequence[str], count: _Counts, ranked: Sequence[str]) -> Iterable[str]:
    """Give what could be the group's title, the best first: see the module's first words."""
    common = max(2.0, COMMON * count.texts)
    shared = [phrase for phrase in ranked if count.phrases[phrase] >= 2]
    leading = [_sentences(text) for text in texts[:20]]
    yield from (count.written[phrase] for phrase in shared if count.phrases[phrase] >= common)
    yield from (
        sentences[0] for sentences in leading[:5] if sentences and 2 <= sentences[0].count(" ") + 1 <= 8
    )
    yield from (count.written[phrase] for phrase in shared)
    yield from (_shortened(sentence) for sentences in leading for sentence in sentences)
    words = Counter(word for text in texts[:20] for word in _WORD.findall(_MARK.sub(" ", text[:2_000])))
    yield from (word for word, _ in words.most_common(20) if word.lower() not in _EMPTY)
    yield from (" ".join(_MARK.sub(" ", text[:200]).split())[:40] for text in texts[:20] if text.strip())


def _sentences(text: str) -> list[str]:
    """Return the sentences of a text's beginning, without their stops, none across a mark."""
    parts = re.split(r"(?<=[.!?])\s+|\n", _MARK.sub("\n", text[:2_000]))
    cleaned = (" ".join(part.split()).strip(".,;:!?- ") for part in parts)
    return [part for part in cleaned if " " in part]


def _shortened(sentence: str) -> str:
    words = sentence.split()
    return " ".join(words[:8]) + ("…" if len(words) > 8 else "")


def _first_new(candidates: Iterable[str], used: Sequence[str]) -> str:
    """Return the first candidate that neither repeats nor contains nor sits inside a used title."""
    taken = [f" {name.lower()} " for name in used]
    last = "…"
    for candidate in filter(None, candidates):
        last = candidate
        padded = f" {candidate.lower()} "
        if not any(padded in other or other in padded for other in taken):
            return _as_sentence(candidate)
    number = 2
    while f" {last.lower()} ({number}) " in taken:
        number += 1
    return _as_sentence(f"{last} ({number})" if f" {last.lower()} " in taken else last)


def _apart(ranked: Sequence[str], most: int) -> list[str]:
    """Return the first phrases of which none sits inside another."""
    chosen: list[str] = []
    for phrase in ranked:
        padded = f" {phrase} "
        if not any(padded in f" {other} " or f" {other} " in padded for other in chosen):
            chosen.append(phrase)
        if len(chosen) == most:
            break
    return chosen


def _as_sentence(phrase: str) -> str:
    if phrase.isupper() and " " in phrase:
        phrase = phrase.lower()
    phrase = re.sub(r"\bi\b", "I", phrase)
    return phrase[:1].upper() + phrase[1:]


def _spread(texts: Sequence[str], most: int) -> Sequence[str]:
    if len(texts) <= most:
        return texts
    return [texts[int(place)] for place in np.linspace(0, len(texts) - 1, most)]


def _unreadable(text: str) -> float:
    """Return what to take off a text's centrality for its length, from 0 to 0.3."""
    words = text.count(" ") + 1
    return min(0.3, max(0, 6 - words) * 0.05 + max(0, words - 60) * 0.003)


def _without_repeats(rows: NDArray[np.floating], ordered: Sequence[int], k: int) -> list[int]:
    """Return the first `k` that are not near duplicates of each other, then others to make up `k`."""
    chosen: list[int] = []
    for place in ordered:
        if len(chosen) == k:
            return chosen
        if not chosen or float((rows[chosen] @ rows[place]).max()) < 0.92:
            chosen.append(place)
    return chosen + [place for place in ordered if place not in chosen][: k - len(chosen)]
