"""Several answers a person: an intruder who tries everything learns no small number that is hidden."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import pytest

from engage.insight.several import hide_several, several_of, several_to_show

SMALLEST, BASE = 3, 9


def can_be(counts: Sequence[int], base: int, alone: int) -> bool:
    """Whether ``base`` people can have chosen so, each something; the last ``alone`` answers exclude others."""
    usual, exclusive = counts[: len(counts) - alone], counts[len(counts) - alone :]
    left = base - sum(exclusive)
    return left >= 0 and max(usual, default=0) <= left <= sum(usual)


def tables(answers: int, base: int, alone: int) -> Iterator[tuple[int, ...]]:
    return (c for c in product(range(base + 1), repeat=answers) if can_be(c, base, alone))


@pytest.mark.parametrize(
    ("answers", "alone"), [(1, 0), (2, 0), (3, 0), (4, 0), (2, 1), (3, 1), (4, 1), (4, 2)]
)
@pytest.mark.parametrize("base", [SMALLEST, 7, BASE])
def test_an_intruder_who_tries_everything(answers: int, alone: int, base: int) -> None:
    """For every table that there is: all values that a hidden number could have, by trying each table."""
    names = [f"a{n}" for n in range(answers)]
    all_tables = list(tables(answers, base, alone))
    seen: dict[tuple[int | None, ...], list[set[int]]] = {}
    partly = 0
    for counts in all_tables:
        hidden = hide_several(
            several_of(dict(zip(names, counts, strict=True)), base, names[answers - alone :]),
            smallest=SMALLEST,
        )
        if not hidden:
            assert hidden is None or all(not 0 < n < SMALLEST and not 0 < base - n < SMALLEST for n in counts)
            continue
        partly += len(hidden) < answers
        view = tuple(None if name in hidden else n for name, n in zip(names, counts, strict=True))
        if view not in seen:
            seen[view] = [{*()} for _ in names]
            for other in all_tables:
                if all(n == v if v is not None else n > 0 for n, v in zip(other, view, strict=True)):
                    for values, n in zip(seen[view], other, strict=True):
                        values.add(n)
        for values, shown in zip(seen[view], view, strict=True):
            if shown is None:
                few = values & set(range(1, SMALLEST))
                assert len(values) >= SMALLEST and len(few) in (0, SMALLEST - 1), (counts, view, values)
    assert partly or answers < 2 or base < BASE


def test_everybody_chose_something() -> None:
    """Of 20 with 11 and 5 shown, the third would be 4 at least, and so 4."""
    assert several_to_show({"a": 11, "b": 5, "c": 4}, 20, ()) == {"a": 11, "b": None, "c": None}
    assert several_to_show({"a": 14, "b": 12, "c": 4}, 20, ()) == {"a": 14, "b": 12, "c": None}


def test_an_answer_that_stands_alone_says_who_is_left() -> None:
    """10 and 8 of 20 chose nothing else, so the third answer is 1 or 2."""
    assert several_to_show({"a": 2, "none": 10, "pass": 8}, 20, ["none", "pass"]) == {
        "a": None,
        "none": 10,
        "pass": None,
    }
    assert several_to_show({"a": 11, "b": 5, "none": 8}, 20, ["none"]) == {"a": None, "b": None, "none": 8}


def test_no_number_where_none_is_safe() -> None:
    assert several_to_show({"a": 2, "b": 3}, 5, ()) is not None
    assert several_to_show({"a": 4}, 4, ()) is None
