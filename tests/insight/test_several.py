"""Several answers a person: an intruder who tries everything learns no small number that is hidden."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import pytest

from engage.insight.several import hide_several, several_of, several_to_show

SMALLEST = 3


def can_be(counts: Sequence[int], base: int, alone: int) -> bool:
    """Whether ``base`` people can have chosen so; the last ``alone`` answers exclude others."""
    usual, exclusive = counts[: len(counts) - alone], counts[len(counts) - alone :]
    left = base - sum(exclusive)
    return left >= 0 and max(usual, default=0) <= left <= sum(usual)


def tables(answers: int, base: int, alone: int) -> Iterator[tuple[int, ...]]:
    return (c for c in product(range(base + 1), repeat=answers) if can_be(c, base, alone))


View = tuple[int | None, ...]


def view_of(counts: Sequence[int], base: int, alone: int) -> View | None:
    """What is shown of a table; None where nothing is."""
    names = [str(n) for n in range(len(counts))]
    several = several_of(dict(zip(names, counts, strict=True)), base, names[len(names) - alone :])
    hidden = hide_several(several, smallest=SMALLEST)
    if hidden is None:
        return None
    return tuple(None if name in hidden else n for name, n in zip(names, counts, strict=True))


def reckoned(view: View, all_tables: Sequence[Sequence[int]]) -> list[set[int]]:
    """All values that each number could have, for somebody who sees the view, by trying every table."""
    fitting = [
        table
        for table in all_tables
        if all(n == shown if shown is not None else n > 0 for n, shown in zip(table, view, strict=True))
    ]
    return [set(values) for values in zip(*fitting, strict=True)]


@pytest.mark.parametrize(
    ("answers", "alone"), [(1, 0), (2, 0), (3, 0), (4, 0), (2, 1), (3, 1), (4, 1), (4, 2)]
)
@pytest.mark.parametrize("base", [SMALLEST, 7])
def test_an_intruder_who_tries_everything(answers: int, alone: int, base: int) -> None:
    all_tables = list(tables(answers, base, alone))
    views = {view for counts in all_tables if (view := view_of(counts, base, alone))}
    few = set(range(1, SMALLEST))
    for view in views:
        assert not any(n in few or base - n in few for n in view if n is not None)
        for values, shown in zip(reckoned(view, all_tables), view, strict=True):
            if shown is None:
                assert len(values) >= SMALLEST and values & few in (set(), few), (view, values)
    assert views


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
    assert several_to_show({"a": 11, "b": 5, "none": 8}, 20, ["none"]) == {"a": None, "b": 5, "none": 8}


def test_no_number_where_none_is_safe() -> None:
    assert several_to_show({"a": 2, "b": 3}, 5, ()) is not None
    assert several_to_show({"a": 4}, 4, ()) is None
