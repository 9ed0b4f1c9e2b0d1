"""Making choices and rows of the lines that a facilitator wrote.

The words of a choice can change and its value stays, so that answers before and after are counted together.
A line that is new gets a value from its words; one with the words of a choice that was just taken out gets
that one back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from engage.surveys.building.builder_fields import Line
from engage.surveys.building.editing import new_id
from engage.surveys.questions import OTHER, Choice, Row
from engage.surveys.texts import LONGEST, NOTHING


def choices_from(
    lines: Iterable[Line], before: Sequence[Choice], *, trust: bool = False, keys: Collection[str] = ()
) -> tuple[Choice, ...]:
    """The choices that these lines say, made from those before. ``trust``: take keys that none had before.

    ``keys`` are values that a line may choose by itself.
    """
    old = {choice.value: choice for choice in before}
    values = _keys(lines, {value: str(one.label) for value, one in old.items()}, trust, keys, "answer")
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


def rows_from(lines: Iterable[Line], before: Sequence[Row], *, trust: bool = False) -> tuple[Row, ...]:
    """The rows that these lines say, made from those before."""
    old = {row.id: row for row in before}
    ids = _keys(lines, {key: str(one.text) for key, one in old.items()}, trust, (), "row")
    return tuple(
        (old.get(key) or Row(id=key)).model_copy(
            update={"text": (old[key].text if key in old else NOTHING).with_words("en", line.words[:LONGEST])}
        )
        for line, key in ids
    )


def _keys(
    lines: Iterable[Line], old: dict[str, str], trust: bool, free: Collection[str], otherwise: str
) -> list[tuple[Line, str]]:
    """Each line with its key: the one it has, that of a line taken out with the same words, or a new one."""
    lines = list(lines)
    used: set[str] = set()
    found: list[str] = []
    for line in lines:
        is_known = line.key in old or line.key in free or (trust and bool(line.key))
        found.append(line.key if is_known and line.key not in used else "")
        used.add(found[-1])
    by_words = {words: key for key, words in old.items() if key not in used}
    for place, line in enumerate(lines):
        if not found[place]:
            again = by_words.pop(line.words, None)
            found[place] = again or new_id(line.words, used | set(old) | {OTHER}, otherwise)
            used.add(found[place])
    return list(zip(lines, found, strict=True))
