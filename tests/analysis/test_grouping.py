"""Vectors become groups: all rows placed, the same each time, largest first."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import adjusted_rand_score

from engage.analysis import group
from engage.analysis.embedding import unit_rows
from engage.analysis.grouping import MANY, STEPS, usual_number
from engage.analysis.ward import cut, ward_tree


def blobs(sizes: list[int], *, dimensions: int = 24, noise: float = 0.05, seed: int = 0):
    """Rows round as many random directions as there are sizes, with the direction of each."""
    random = np.random.default_rng(seed)
    centres = unit_rows(random.normal(size=(len(sizes), dimensions)))
    truth = np.repeat(np.arange(len(sizes)), sizes)
    return unit_rows(centres[truth] + random.normal(scale=noise, size=(len(truth), dimensions))), truth


def test_clear_groups_are_found_largest_first():
    rows, truth = blobs([30, 20, 10])
    found = group(rows, 3)
    assert found.n_groups == 3
    assert found.sizes == [30, 20, 10]
    assert np.array_equal(found.labels, truth)


def test_the_number_of_clear_groups_is_found():
    rows, truth = blobs([12, 11, 10, 9, 8, 7, 6])
    found = group(rows)
    assert found.n_groups == 7
    assert np.array_equal(found.labels, truth)


def test_centres_and_centrality_belong_to_the_groups():
    rows, _ = blobs([9, 6])
    found = group(rows, 2)
    expected = unit_rows(np.vstack([rows[found.labels == name].sum(axis=0) for name in (0, 1)]))
    assert np.allclose(found.centres, expected, atol=1e-6)
    assert np.allclose(found.centrality, (rows * found.centres[found.labels]).sum(axis=1), atol=1e-6)


def test_no_rows_give_no_groups():
    found = group(np.zeros((0, 384), dtype=np.float32))
    assert (found.n_groups, found.labels.shape, found.centres.shape) == (0, (0,), (0, 384))


@pytest.mark.parametrize("number", [None, 1, 2, 50])
def test_one_and_two_rows(number):
    rows = np.eye(2, 8, dtype=np.float32)
    assert group(rows[:1], number).labels.tolist() == [0]
    assert group(rows, number).n_groups == (2 if number and number > 1 else 1)


def test_rows_that_are_the_same_stay_together_whatever_the_number():
    rows = np.repeat(np.eye(2, 8, dtype=np.float32), [4, 3], axis=0)
    assert group(rows, 5).labels.tolist() == [0, 0, 0, 0, 1, 1, 1]
    assert group(np.ones((6, 8), dtype=np.float32), 3).labels.tolist() == [0] * 6


def test_empty_texts_alone_are_left_out():
    rows, _ = blobs([5, 4])
    rows[[0, 8]] = 0.0
    found = group(rows, 2)
    assert found.labels.tolist() == [-1, 0, 0, 0, 0, 1, 1, 1, -1]
    assert found.centrality[[0, 8]].tolist() == [0.0, 0.0]
    assert group(np.zeros((3, 8))).labels.tolist() == [-1, -1, -1]


def test_more_groups_than_rows_gives_a_group_a_row():
    assert sorted(group(np.eye(4, 8, dtype=np.float32), 9).labels.tolist()) == [0, 1, 2, 3]


def test_small_groups_join_the_nearest():
    rows, _ = blobs([20, 15, 2])
    assert group(rows, 3, min_size=3).n_groups == 2
    assert group(rows, 3).n_groups == 3


def test_progress_counts_the_steps():
    seen: list[tuple[int, int]] = []
    rows, _ = blobs([9, 6])
    group(rows, 2, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(step, STEPS) for step in range(1, STEPS + 1)]


def test_many_rows_go_through_micro_clusters_and_come_out_the_same_each_time():
    rows, truth = blobs([500] * 10, noise=0.08)
    assert len(rows) > MANY
    found = group(rows, 10, seed=3)
    assert np.array_equal(found.labels, group(rows, 10, seed=3).labels)
    assert adjusted_rand_score(truth, found.labels) > 0.99


@pytest.mark.parametrize(("voices", "groups"), [(0, 1), (20, 4), (100, 9), (600, 23)])
def test_the_usual_number_suits_a_reader(voices, groups):
    assert usual_number(voices) == groups


def test_the_tree_is_the_usual_ward_tree_where_weights_are_equal():
    rows, _ = blobs([15, 12, 9, 6], noise=0.4, seed=5)
    tree = ward_tree(rows, np.ones(len(rows)))
    for number in (1, 2, 4, 9, 42):
        usual = AgglomerativeClustering(number).fit_predict(rows)
        assert adjusted_rand_score(usual, cut(tree, number)) == 1.0


def test_a_weighted_item_counts_like_its_copies():
    rows, _ = blobs([6, 5, 4], noise=0.4, seed=2)
    weights = np.arange(1, len(rows) + 1)
    copies = np.repeat(rows, weights, axis=0)
    for number in (2, 3, 5):
        whole = cut(ward_tree(copies, np.ones(len(copies))), number)
        weighted = np.repeat(cut(ward_tree(rows, weights), number), weights)
        assert adjusted_rand_score(whole, weighted) == 1.0


@given(
    st.integers(0, 40),
    st.one_of(st.none(), st.integers(1, 50)),
    st.integers(0, 5),
    st.sampled_from([0.0, 0.001, 0.1, 1.0]),
)
@settings(max_examples=80, deadline=None)
def test_every_row_is_placed_and_groups_are_numbered_by_size(n, number, seed, noise):
    random = np.random.default_rng(seed)
    rows = random.integers(0, 2, size=(n, 6)) + noise * random.normal(size=(n, 6))
    found = group(rows, number)
    empty = ~rows.any(axis=1)
    assert np.array_equal(found.labels == -1, empty)
    assert found.sizes == sorted(found.sizes, reverse=True)
    assert sum(found.sizes) == n - empty.sum()
    assert all(size > 0 for size in found.sizes)
    assert found.n_groups <= (number or n)
    assert np.array_equal(found.labels, group(rows, number).labels)
