"""Which numbers of a table to hide before it is published, so that nobody can be picked out.

A count of 1 to ``smallest - 1`` is hidden, wherever it stands: in a cell or in a total. Whoever knows the
totals could work it out by taking away, so other numbers are hidden with it, until each hidden number could
be any of at least ``smallest`` different values. That is the test of an intruder who knows every number
shown, who knows that counts are whole, and who knows that a hidden number is at least 1 (nought is always
shown, so what is hidden is not nought). At least ``smallest`` values from 1 on means also that each hidden
number could be ``smallest`` or more: no number is known to be small.

Nought is shown because it is about nobody. It can still say something about a whole group ("none of them
said yes"), as can a row with all its people in one cell: look at that before publishing, no rule of
counting sees it. The same goes for the same people shown in two tables or at two times.

The method is the one of the tools for official statistics: primary and secondary suppression with an audit
of what can be worked out (Hundepool and others, "Statistical Disclosure Control", Wiley 2012, chapter 4; the
audit of the tool tau-ARGUS). It does not see what somebody could conclude from the very choice of the further
numbers, which are as few and as small as a cheap search finds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engage.analysis.table_network import TableNetwork

SMALLEST = 5
"""The least count of people that is shown."""

SMALLEST_CROSSED = 10
"""The same for tables that cross two characteristics of people, such as age by district."""

BoolArray = NDArray[np.bool_]
IntTable = NDArray[np.int64]


@dataclass(frozen=True)
class Hidden:
    """True where a number must not be shown: shapes (rows, columns), (rows,), (columns,) and one number."""

    cells: BoolArray
    row_totals: BoolArray
    column_totals: BoolArray
    total: bool

    def shares_hidden(self, of: Literal["row", "column", "total"]) -> BoolArray:
        """Cells whose percentage must be hidden too; shape (rows, columns).

        A percentage beside its count gives away the total that it is a share of, and the other way round.
        """
        if of == "row":
            return self.cells | self.row_totals[:, None]
        if of == "column":
            return self.cells | self.column_totals[None, :]
        return self.cells | self.total


@dataclass(frozen=True)
class HiddenCounts:
    """The same for one row of counts: shape (counts,), and whether their total must be hidden."""

    counts: BoolArray
    total: bool


def hide(table: NDArray[np.integer], smallest: int = SMALLEST, totals_shown: bool = True) -> Hidden:
    """What to hide of a table of counts of people, shape (rows, columns), each person counted once.

    With ``totals_shown`` the row totals, column totals and grand total are published beside the cells.
    Without, they are all marked as hidden, and the small cells are hidden alone. Where people may be in
    several columns, totals are not sums, and each column is a table of its own. Raises ValueError for
    another shape, for negative numbers and for numbers that are not whole.
    """
    counts = _checked(table, dimensions=2)
    if not totals_shown:
        rows, columns = counts.shape
        return Hidden(_small(counts, smallest), np.ones(rows, bool), np.ones(columns, bool), total=True)
    full = _with_totals(counts)
    network = TableNetwork(full, _small(full, smallest))
    network.protect(smallest - 1)
    network.show_what_can_be(smallest - 1)
    return _parts(network.mask())


def hide_1d(
    counts: Sequence[int] | NDArray[np.integer], smallest: int = SMALLEST, total_shown: bool = True
) -> HiddenCounts:
    """What to hide of one row of counts, each person counted once, that is shown with its total.

    Of h hidden counts with the sum s each can be anything from 1 to s - h + 1. Where those are fewer than
    ``smallest`` values, the smallest of the other counts is hidden too, and the total where there is none.
    """
    row = _checked(np.asarray(counts, dtype=None if len(counts) else np.int64), dimensions=1)
    hidden = _small(row, smallest)
    if not hidden.any() or not total_shown:
        return HiddenCounts(hidden, total=not total_shown)
    if _room(row, hidden) < smallest - 1:
        others = np.flatnonzero(~hidden & (row > 0))
        if len(others):
            hidden[others[np.argmin(row[others])]] = True
    return HiddenCounts(hidden, total=_room(row, hidden) < smallest - 1)


def without_small(counts: Mapping[str, int], smallest: int = SMALLEST) -> dict[str, int | None]:
    """The counts as they may be shown beside their total, None for hidden.

    Where the total would have to be hidden, every count is None, noughts too: the total is then all that
    anyone learns, wherever else they find it.
    """
    hidden = hide_1d(list(counts.values()), smallest)
    return {
        name: None if hide_it or hidden.total else count
        for (name, count), hide_it in zip(counts.items(), hidden.counts.tolist(), strict=True)
    }


def possible(table: NDArray[np.integer], hidden: Hidden) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The least and the greatest value that each number could have, for someone who sees the rest.

    Shape (rows + 1, columns + 1): the totals stand in the last column and the last row. A number that is
    shown has its own value twice; one without any limit has infinity.
    """
    full = _with_totals(_checked(table, dimensions=2))
    network = TableNetwork(full, _joined(hidden) & (full > 0))
    low, high = full.astype(np.float64), full.astype(np.float64)
    for arc in network.hidden_arcs():
        at = network.place[arc]
        low[at] -= network.room(arc, down=True)
        high[at] += network.room(arc)
    return low, high


def _checked(table: NDArray[np.integer], dimensions: int) -> IntTable:
    """A copy in 64 bits, once it is certain to be counts."""
    if table.ndim != dimensions or not np.issubdtype(table.dtype, np.integer):
        raise ValueError(f"Give whole numbers in {dimensions} dimension(s).")
    if (table < 0).any():
        raise ValueError("A count of people cannot be negative.")
    return table.astype(np.int64)


def _small(counts: IntTable, smallest: int) -> BoolArray:
    return (counts > 0) & (counts < smallest)


def _room(row: IntTable, hidden: BoolArray) -> int:
    """How far a hidden count can be from its least value 1, when the sum of the hidden counts is known."""
    return int(row[hidden].sum() - hidden.sum()) if hidden.sum() > 1 else 0


def _with_totals(counts: IntTable) -> IntTable:
    with_columns = np.vstack([counts, counts.sum(axis=0, keepdims=True)])
    return np.hstack([with_columns, with_columns.sum(axis=1, keepdims=True)])


def _parts(mask: BoolArray) -> Hidden:
    return Hidden(mask[:-1, :-1], mask[:-1, -1], mask[-1, :-1], bool(mask[-1, -1]))


def _joined(hidden: Hidden) -> BoolArray:
    top = np.hstack([hidden.cells, hidden.row_totals[:, None]])
    return np.vstack([top, np.append(hidden.column_totals, hidden.total)[None, :]])
