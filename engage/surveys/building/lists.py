"""Making choices and rows of the lines that a facilitator wrote.

The words of a choice can change and its value stays, so that answers before and after are counted together.
A line that is new gets a value from its words; one with the words of a choice that was just taken out, or
that was published once, gets that one back. A value that was published is never given to other words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType

from engage.surveys.building.builder_fields import Line
from engage.surveys.building.editing import new_id
from engage.surveys.content import Content
from engage.surveys.questions import OTHER, Agreement, Choice, Choosing, Ranking, Row
from engage.surveys.texts import LONGEST, NOTHING

NONE_GIVEN: Mapping[str, Collection[str]] = MappingProxyType({})


Given = Mapping[str, Collection[str]]
"""Keys that versions of a question had, each with the words that it stood for."""


def choices_ever(question_id: str, contents: Iterable[Content]) -> Given:
    """The values of a question's choices in these versions, with their English words."""
    found: dict[str, set[str]] = defaultdict(set)
    for content in contents:
        question = content.by_id.get(question_id)
        for choice in question.choices if isinstance(question, Choosing | Agreement | Ranking) else ():
            found[choice.value].add(choice.label.in_language("en"))
    return found


def rows_ever(question_id: str, contents: Iterable[Content]) -> Given:
    """The ids of a question's rows in these versions, with their English words."""
    found: dict[str, set[str]] = defaultdict(set)
    for content in contents:
        question = content.by_id.get(question_id)
        for row in question.rows if isinstance(question, Agreement) else ():
            found[row.id].add(row.text.in_language("en"))
    return found


def choices_from(
    lines: Iterable[Line],
    before: Sequence[Choice],
    *,
    trust: bool = False,
    keys: Collection[str] = (),
    given: Given = NONE_GIVEN,
) -> tuple[Choice, ...]:
    """The choices that these lines say, made from those before. ``trust``: take keys that none had before.

    ``keys`` are values that a line may choose by itself; ``given`` are those that were ever published.
    """
    old = {choice.value: choice for choice in before}
    words = {value: str(one.label) for value, one in old.items()}
    values = _keys(lines, words, trust, keys, "answer", given)
    return tuple(
        (old.get(value) or Choice(value=value)).model_copy(
            update={
                "label": (old[value].label if value in old else NOTHING).with_words(
                    "en", line.words[:LONGEST]
                ),
                "alone": line.alone,
            }
        )
        for line, value in values
    )


def rows_from(
    lines: Iterable[Line], before: Sequence[Row], *, trust: bool = False, given: Given = NONE_GIVEN
) -> tuple[Row, ...]:
    """The rows that these lines say, made from those before."""
    old = {row.id: row for row in before}
    ids = _keys(lines, {key: str(one.text) for key, one in old.items()}, trust, (), "row", given)
    return tuple(
        (old.get(key) or Row(id=key)).model_copy(
            update={"text": (old[key].text if key in old else NOTHING).with_words("en", line.words[:LONGEST])}
        )
        for line, key in ids
    )


def _keys(
    lines: Iterable[Line],
    old: dict[str, str],
    trust: bool,
    free: Collection[str],
    otherwise: str,
    given: Given,
) -> list[tuple[Line, str]]:
    """Each line with its key: the one it has, that of a line taken out with the same words, or a new one."""
    lines = list(lines)
    used: set[str] = set()
    found: list[str] = []
    for line in lines:
        is_known = line.key in old or line.key in free or (trust and bool(line.key))
        found.append(line.key if is_known and line.key not in used else "")
        used.add(found[-1])
    by_words = {words: key for key, all_words in given.items() for words in all_words}
    by_words |= {words: key for key, words in old.items() if key not in used}
    for place, line in enumerate(lines):
        if not found[place]:
            again = by_words.get(line.words, "")
            taken = used | set(old) | set(given) | {OTHER}
            found[place] = again if again and again not in used else new_id(line.words, taken, otherwise)
            used.add(found[place])
    return list(zip(lines, found, strict=True))
