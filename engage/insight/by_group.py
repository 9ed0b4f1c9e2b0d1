"""The answers to one question by groups of people, as tables that are safe to show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from engage.insight.answer_counts import Tally
from engage.insight.protect import Crossed, CrossedRow, Names, cross, groups_to_show
from engage.insight.several import hide_several, several_of


def crossed_one(
    tallies: Mapping[str, Tally],
    shown: Mapping[str, int | None],
    by: str,
    groups: Sequence[Names],
) -> Crossed | None:
    """One answer each: a table, in which the answers that are hidden in all stand together."""
    hidden = tuple(value for value, people in shown.items() if people is None)
    columns = [(value,) for value, people in shown.items() if people is not None] + [hidden] * bool(hidden)
    table = [
        [
            sum(tallies[value].by[by][g] for value in names if value in tallies for g in group)
            for names in columns
        ]
        for group in groups
    ]
    return cross(np.array(table, dtype=np.int64).reshape(len(groups), len(columns)), groups, columns)


def crossed_many(
    tallies: Mapping[str, Tally],
    shown: Mapping[str, int | None],
    base: Tally,
    by: str,
    groups: Sequence[Names],
    *,
    alone: frozenset[str],
) -> Crossed | None:
    """Several answers each: a table of chosen and not chosen for each answer, for the same groups.

    Everybody in a group chose something, too. Where that would give away a hidden number of the group, a
    further answer is hidden in all groups.
    """
    bases = groups_to_show({"\n".join(group): sum(base.by[by][g] for g in group) for group in groups})
    rows = [tuple(name for names in merged for name in names.split("\n")) for merged in bases]
    if len(rows) < 2:
        return None
    wholes = list(bases.values())
    columns = [value for value, people in shown.items() if people is not None]
    counts = {value: tallies.get(value, Tally()).by[by] for value in shown}
    cells = {value: _chosen_by(counts[value], rows, wholes) for value in columns}
    _hide_what_gives_away(cells, counts, rows, wholes, alone)
    return Crossed(
        columns=tuple(((value,), shown[value] or 0) for value in columns),
        rows=tuple(
            CrossedRow(row, people, tuple(cells[value][at] for value in columns))
            for at, (row, people) in enumerate(zip(rows, wholes, strict=True))
        ),
    )


def _hide_what_gives_away(
    cells: dict[str, list[int | None]],
    counts: Mapping[str, Mapping[str, int]],
    rows: list[Names],
    wholes: list[int],
    alone: frozenset[str],
) -> None:
    """Hide answers in all groups, until in no group the others give away how many chose a hidden one."""
    at = 0
    while at < len(rows):
        chosen = {value: sum(by.get(name, 0) for name in rows[at]) for value, by in counts.items()}
        hidden = {value for value in chosen if value not in cells or cells[value][at] is None}
        wanted = hide_several(several_of(chosen, wholes[at], alone), hidden)
        further = (cells.keys() if wanted is None else wanted) - hidden
        for value in further:
            cells[value] = [None] * len(rows)
        at = 0 if further else at + 1


def _chosen_by(counts: Mapping[str, int], rows: list[Names], wholes: list[int]) -> list[int | None]:
    """How many of each group chose one answer; all hidden where showing some would need hidden totals."""
    chosen = [sum(counts.get(name, 0) for name in row) for row in rows]
    table = np.array([[one, whole - one] for one, whole in zip(chosen, wholes, strict=True)], dtype=np.int64)
    if not table.sum(axis=0).all():
        return list(chosen)
    crossed = cross(table, rows, [("chosen",), ("not",)])
    if crossed is None or len(crossed.rows) < len(rows):
        return [None] * len(rows)
    return [row.cells[0] for row in crossed.rows]
