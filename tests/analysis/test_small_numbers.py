"""What is hidden of a table, against an intruder who solves linear programmes."""

from __future__ import annotations

import time

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy.optimize import linprog

from engage.analysis.small_numbers import Hidden, hide, hide_1d, possible, without_small

Full = NDArray[np.int64]


def tables(highest: int = 30) -> st.SearchStrategy[Full]:
    """Small tables, many noughts and small counts among them."""
    counts = st.one_of(st.just(0), st.integers(0, 7), st.integers(0, highest))
    shapes = st.tuples(st.integers(1, 4), st.integers(1, 5))
    return shapes.flatmap(lambda shape: arrays(np.int64, shape, elements=counts))


def with_totals(table: Full) -> Full:
    full = np.vstack([table, table.sum(axis=0)])
    return np.hstack([full, full.sum(axis=1, keepdims=True)])


def mask(hidden: Hidden) -> NDArray[np.bool_]:
    joined = np.hstack([hidden.cells, hidden.row_totals[:, None]])
    return np.vstack([joined, np.append(hidden.column_totals, hidden.total)])


def sums(shape: tuple[int, int]) -> NDArray[np.float64]:
    """One row an equation: the numbers of each row, and of each column, less their total, are nought."""
    rows, columns = shape
    equations = []
    for axis, number in ((0, rows), (1, columns)):
        for index in range(number):
            equation = np.zeros(shape)
            line = equation[index, :] if axis == 0 else equation[:, index]
            line[:] = 1
            line[-1] = -1
            equations.append(equation.ravel())
    return np.array(equations)


def intruder(full: Full, hidden: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Least and greatest value of every number, worked out from those shown; a hidden one is at least 1."""
    bounds = [(1, None) if hide_it else (n, n) for n, hide_it in zip(full.flat, hidden.flat, strict=True)]
    equations = sums((full.shape[0], full.shape[1]))
    nought = np.zeros(len(equations))
    ends: list[NDArray[np.float64]] = []
    for sign in (1, -1):
        end = full.astype(float)
        for place in np.flatnonzero(hidden):
            goal = np.zeros(full.size)
            goal[place] = sign
            found = linprog(goal, A_eq=equations, b_eq=nought, bounds=bounds, method="highs")
            assert found.status in {0, 3}
            end.flat[place] = sign * found.fun if found.status == 0 else np.inf
        ends.append(end)
    return ends[0], ends[1]


@settings(max_examples=60, deadline=None)
@given(table=tables(), smallest=st.sampled_from([3, 5, 10]))
def test_no_hidden_number_can_be_worked_out(table: Full, smallest: int) -> None:
    hidden, full = mask(hide(table, smallest)), with_totals(table)
    low, high = intruder(full, hidden)
    assert not np.isinf(low).any()
    assert (high[hidden] >= smallest - 1e-6).all()
    assert (high[hidden] - low[hidden] >= smallest - 1 - 1e-6).all()


@settings(max_examples=300, deadline=None)
@given(table=tables(), smallest=st.sampled_from([2, 3, 5, 10]))
def test_every_small_number_is_hidden_and_nought_is_shown(table: Full, smallest: int) -> None:
    hidden, full = mask(hide(table, smallest)), with_totals(table)
    assert hidden[(full > 0) & (full < smallest)].all()
    assert not hidden[full == 0].any()


@settings(max_examples=60, deadline=None)
@given(table=tables(), seed=st.integers(0, 2**16))
def test_what_a_hidden_number_could_be_is_what_the_intruder_finds(table: Full, seed: int) -> None:
    full = with_totals(table)
    drawn = (np.random.default_rng(seed).random(full.shape) < 0.6) & (full > 0)
    low, high = possible(table, Hidden(drawn[:-1, :-1], drawn[:-1, -1], drawn[-1, :-1], bool(drawn[-1, -1])))
    expected_low, expected_high = intruder(full, drawn)
    np.testing.assert_allclose(low, expected_low, atol=1e-6)
    np.testing.assert_allclose(high, expected_high, atol=1e-6)


@settings(max_examples=100, deadline=None)
@given(table=tables(), smallest=st.sampled_from([3, 5, 10]))
def test_nothing_is_hidden_without_need(table: Full, smallest: int) -> None:
    """Showing any one number again that is not small itself would give another one away."""
    hidden, full = mask(hide(table, smallest)), with_totals(table)
    for place in np.flatnonzero(hidden & (full >= smallest)):
        fewer = hidden.copy()
        fewer.flat[place] = False
        parts = Hidden(fewer[:-1, :-1], fewer[:-1, -1], fewer[-1, :-1], bool(fewer[-1, -1]))
        low, high = possible(table, parts)
        assert (high[fewer] - low[fewer] < smallest - 1).any()


@given(
    table=arrays(np.int64, (4, 6), elements=st.one_of(st.just(0), st.integers(5, 50))),
)
def test_a_table_without_small_numbers_is_shown_as_it_is(table: Full) -> None:
    assert not mask(hide(table)).any()


def test_a_small_cell_takes_three_more_with_it() -> None:
    table = np.array([[20, 3, 30], [11, 9, 40], [50, 60, 70]])
    hidden = hide(table)
    assert hidden.cells.tolist() == [[True, True, False], [True, True, False], [False, False, False]]
    assert not hidden.row_totals.any() and not hidden.column_totals.any() and not hidden.total


def test_totals_are_hidden_where_cells_alone_cannot_do_it() -> None:
    hidden = hide(np.array([[3, 0], [0, 50]]))
    assert hidden.cells.tolist() == [[True, False], [False, True]]
    assert hidden.row_totals.tolist() == [True, True]
    assert hidden.column_totals.tolist() == [True, True]
    assert not hidden.total


def test_one_small_cell_alone_hides_all_that_it_adds_up_to() -> None:
    hidden = hide(np.array([[0, 2], [0, 0]]))
    assert mask(hidden).tolist() == [[False, True, True], [False, False, False], [False, True, True]]


def test_many_ones_cannot_be_told_from_their_sum() -> None:
    """Thirty hidden numbers that are at least 1 and sum to 30 are all 1."""
    hidden = hide(np.ones((1, 30), dtype=int))
    assert hidden.cells.all() and hidden.total


def test_without_totals_only_small_cells_are_hidden() -> None:
    hidden = hide(np.array([[3, 20], [0, 50]]), totals_shown=False)
    assert hidden.cells.tolist() == [[True, False], [False, False]]
    assert hidden.row_totals.all() and hidden.column_totals.all() and hidden.total


def test_percentages_go_with_both_of_their_numbers() -> None:
    hidden = Hidden(
        cells=np.array([[True, False], [False, False]]),
        row_totals=np.array([False, True]),
        column_totals=np.array([False, False]),
        total=True,
    )
    assert hidden.shares_hidden("row").tolist() == [[True, False], [True, True]]
    assert hidden.shares_hidden("column").tolist() == [[True, False], [False, False]]
    assert hidden.shares_hidden("total").all()


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0)])
def test_an_empty_table_has_nothing_to_hide(shape: tuple[int, int]) -> None:
    assert not mask(hide(np.zeros(shape, dtype=int))).any()


@pytest.mark.parametrize(
    "table", [np.array([1, 2]), np.array([[1, -2]]), np.array([[1.5, 2.0]]), np.zeros((1, 1, 1), dtype=int)]
)
def test_what_is_not_a_table_of_counts_is_refused(table: NDArray[np.int64]) -> None:
    with pytest.raises(ValueError, match=r"whole numbers|negative"):
        hide(table)


@pytest.mark.parametrize(
    ("counts", "hidden", "total"),
    [
        ([9, 0, 7], [False, False, False], False),
        ([9, 3, 7], [False, True, True], False),
        ([9, 3, 7, 7], [False, True, True, False], False),
        ([9, 2, 4], [False, True, True], False),
        ([9, 2, 3], [True, True, True], False),
        ([9, 3, 3], [False, True, True], False),
        ([3], [True], True),
        ([3, 0], [True, False], True),
        ([1, 4, 0], [True, True, False], True),
        ([1] * 20, [True] * 20, True),
        ([0, 0], [False, False], False),
        ([], [], False),
    ],
)
def test_one_row_of_counts(counts: list[int], hidden: list[bool], total: bool) -> None:
    found = hide_1d(counts)
    assert (found.counts.tolist(), found.total) == (hidden, total)


def test_one_row_without_its_total_hides_only_small_counts() -> None:
    found = hide_1d([9, 3, 7], total_shown=False)
    assert (found.counts.tolist(), found.total) == ([False, True, False], True)


@settings(max_examples=300)
@given(counts=st.lists(st.integers(0, 12), min_size=1, max_size=4), smallest=st.sampled_from([3, 5]))
def test_one_row_leaves_enough_values_for_each_hidden_count(counts: list[int], smallest: int) -> None:
    """Against trying out every way in which the hidden counts could make up the difference to the total."""
    hidden = hide_1d(counts, smallest)
    secret = [n for n, hide_it in zip(counts, hidden.counts, strict=True) if hide_it]
    if not secret or hidden.total:
        return
    ways = np.indices([sum(secret) + 1] * len(secret)).reshape(len(secret), -1)
    ways = ways[:, (ways.min(axis=0) >= 1) & (ways.sum(axis=0) == sum(secret))]
    assert all(len(np.unique(row)) >= smallest for row in ways)


@given(counts=st.dictionaries(st.text(max_size=2), st.integers(0, 20), max_size=6))
def test_counts_by_name_hide_every_small_one_and_never_a_single_one(counts: dict[str, int]) -> None:
    shown = without_small(counts)
    assert shown.keys() == counts.keys()
    assert all(shown[name] is None for name, count in counts.items() if 0 < count < 5)
    assert all(shown[name] in {None, count} for name, count in counts.items())
    assert len(counts) == 1 or list(shown.values()).count(None) != 1


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ({"yes": 3, "no": 0}, {"yes": None, "no": None}),
        ({"yes": 9, "no": 0}, {"yes": 9, "no": 0}),
        ({"yes": 9, "no": 0, "unsure": 1}, {"yes": None, "no": 0, "unsure": None}),
    ],
)
def test_where_the_total_tells_all_every_count_is_hidden(
    counts: dict[str, int], shown: dict[str, int | None]
) -> None:
    assert without_small(counts) == shown


def test_ten_districts_by_twenty_answers_take_milliseconds() -> None:
    draw = np.random.default_rng(3)
    drawn = [draw.negative_binomial(1.2, 1.2 / 41.2, size=(10, 20)) for _ in range(10)]
    seconds = []
    for table in drawn:
        start = time.process_time()
        hide(table)
        seconds.append(time.process_time() - start)
    assert sorted(seconds)[5] < 0.05
