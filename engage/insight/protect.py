"""Counts as they may be shown: small numbers hidden or put together, so that no two tables give one away.

The totals of every table are shown, and are the same wherever they stand: groups of people that are too small
are put together once for the whole survey, and within a table further rows or columns are put together until
no total needs to be hidden. Then only inner cells are hidden, and tables of one question by several
characteristics have nothing in common but totals that everybody may know. So nobody learns more from two of
them than from each alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engage.analysis.small_numbers import SMALLEST, hide, hide_1d

Names = tuple[str, ...]
"""What a row or a column stands for: one name, or several that were put together."""


@dataclass(frozen=True)
class CrossedRow:
    """One group of people: how many answered, and how many of them gave each answer (None: hidden)."""

    names: Names
    people: int
    cells: tuple[int | None, ...]


@dataclass(frozen=True)
class Crossed:
    """Answers by groups of people. All totals are shown; ``columns`` has each answer with its total."""

    columns: tuple[tuple[Names, int], ...]
    rows: tuple[CrossedRow, ...]

    @property
    def hides(self) -> bool:
        return any(cell is None for row in self.rows for cell in row.cells)


def groups_to_show(counts: Mapping[str, int], smallest: int = SMALLEST) -> dict[Names, int]:
    """Groups of people with how many there are, those with too few put together, the largest first.

    Empty where there are too few people for any group.
    """
    groups: list[tuple[Names, int]] = [((name,), people) for name, people in counts.items() if people]
    groups.sort(key=lambda group: -group[1])
    while len(groups) > 1 and groups[-1][1] < smallest:
        (last, few), (other, more) = groups.pop(), groups.pop()
        groups.append((other + last, few + more))
        groups.sort(key=lambda group: -group[1])
    return {names: people for names, people in groups if people >= smallest}


def counts_to_show(counts: Mapping[str, int], smallest: int = SMALLEST) -> dict[str, int | None] | None:
    """Answers that exclude each other, None for hidden ones. None alone where their total is too small."""
    hidden = hide_1d(list(counts.values()), smallest)
    total = sum(counts.values())
    if hidden.total or total < smallest:
        return None
    return {
        name: None if is_hidden else people
        for (name, people), is_hidden in zip(counts.items(), hidden.counts.tolist(), strict=True)
    }


def chosen_to_show(chosen: int, base: int, smallest: int = SMALLEST) -> int | None:
    """How many of ``base`` people chose one of several answers; None where those or the others are few."""
    hidden = hide_1d([chosen, base - chosen], smallest)
    return None if hidden.total or hidden.counts.any() else chosen


def cross(table: NDArray[np.int64], rows: Sequence[Names], columns: Sequence[Names]) -> Crossed | None:
    """A table of people, (groups, answers), that is safe to show with all its totals.

    None where putting rows or columns together would leave only one that anybody is in.
    """
    columns = list(columns)
    table, rows = _without_empty(table, list(rows))
    while len(rows) > 1:
        hidden = hide(table)
        if not (hidden.total or hidden.row_totals.any() or hidden.column_totals.any()):
            return _shown(table, rows, columns, hidden.cells)
        if hidden.row_totals.any():
            table, rows = _put_together(table, rows)
        elif np.count_nonzero(table.sum(axis=0)) > 2:
            across, columns = _put_together(table.T, columns)
            table = across.T
        else:
            return None
    return None


def _shown(
    table: NDArray[np.int64], rows: list[Names], columns: list[Names], hidden: NDArray[np.bool_]
) -> Crossed:
    totals = zip(columns, table.sum(axis=0).tolist(), strict=True)
    cells = np.where(hidden, -1, table).tolist()
    return Crossed(
        columns=tuple(totals),
        rows=tuple(
            CrossedRow(names, people, tuple(None if cell < 0 else cell for cell in row))
            for names, people, row in zip(rows, table.sum(axis=1).tolist(), cells, strict=True)
        ),
    )


def _without_empty(table: NDArray[np.int64], names: list[Names]) -> tuple[NDArray[np.int64], list[Names]]:
    kept = np.flatnonzero(table.sum(axis=1))
    return table[kept], [names[at] for at in kept]


def _put_together(table: NDArray[np.int64], names: list[Names]) -> tuple[NDArray[np.int64], list[Names]]:
    """The two rows with the fewest people (but some) as one, in the place of the larger."""
    people = table.sum(axis=1)
    few, more = [at for at in np.argsort(people, kind="stable").tolist() if people[at]][:2]
    merged = table.copy()
    merged[more] += merged[few]
    names = list(names)
    names[more] = names[more] + names[few]
    return np.delete(merged, few, axis=0), names[:few] + names[few + 1 :]
