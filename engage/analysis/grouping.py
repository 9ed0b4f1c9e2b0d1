"""Vectors in, groups out: which voices say much the same.

The method, each step measured on labelled texts (see `tests/quality/grouping.py`):

1. Rows that are the same become one item with a weight. Above `MANY` items, k-means gathers them
   into micro-clusters first, so that no step ever compares all with all.
2. Each item is averaged with its few nearest neighbours, which steadies the wording of short texts.
3. Ward's method (J. H. Ward, 1963) joins the items into a tree, weights counted.
4. The tree is cut, and every row moves to the group whose centre it is nearest to, twice.

A group is a proposal for people to merge, split and name. Nothing is left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from engage.analysis.embedding import FloatArray, Progress, unit_rows
from engage.analysis.ward import cut, ward_tree

# The library comes without types.
csr_matrix: Any = sparse.csr_matrix

IntArray = NDArray[np.int64]
FloatWeights = NDArray[np.float64]

MANY = 4_000
"""Above so many different rows, micro-clusters come first."""

MICRO_CLUSTERS = 2_000
MOST_MICRO_CLUSTERS = 8_000
MICRO_SAMPLE = 20_000
NEIGHBOURS = 5
AVERAGED_ROWS = 12_000
"""Up to so many rows, each is averaged with its neighbours; above, the micro-clusters alone are."""

CHUNK = 1_024
"""Rows compared at a time; a chunk against 12,000 rows takes 150 MB."""

STEPS = 5


@dataclass(frozen=True)
class Grouping:
    """Which group each row is in, largest group first.

    `labels` has shape (n,): 0 to n_groups - 1, or -1 for a row of zeros (a text with nothing in it).
    `centres` has shape (n_groups, d), unit rows: the mean direction of a group's rows.
    `centrality` has shape (n,): the cosine of each row to its group's centre, 0 for rows of zeros.
    """

    labels: IntArray
    n_groups: int
    centres: FloatArray
    centrality: FloatArray

    @property
    def sizes(self) -> list[int]:
        """How many rows each group has, largest first."""
        return [int(size) for size in np.bincount(self.labels[self.labels >= 0], minlength=self.n_groups)]


def group(
    embeddings: NDArray[np.floating],
    n_groups: int | None = None,
    *,
    min_size: int | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Grouping:
    """Put rows that point the same way into groups; the same input and seed give the same groups.

    `embeddings` has shape (n, d), as from `embed`. With `n_groups`, that many groups come out, or
    fewer where there are not so many different rows (or more than `MOST_MICRO_CLUSTERS` are asked for).

    Without `n_groups`, the number suits a person who reads: about 1.3 times the square root of n / 2
    (9 for 100 voices, 22 for 600), and within two thirds to one and a half times that, the cut of the
    tree at which groups are tightest against their nearest neighbouring group (mean simplified
    silhouette). Groups of fewer than `min_size` rows join their nearest group; `min_size` is 3 when the
    number is left open and 1 when it is given. `progress` is called with (steps done, steps in all).
    """
    rows = unit_rows(embeddings)
    used = np.flatnonzero(rows.any(axis=1))
    labels = np.full(len(rows), -1, dtype=np.int64)
    if len(used):
        least = min_size if min_size is not None else (3 if n_groups is None else 1)
        report = _reporter(progress)
        labels[used] = _labels(rows[used], n_groups, least, np.random.default_rng(seed), report)
        report(STEPS)
    labels = _largest_first(labels)
    centres = _centres(rows, labels)
    centrality = np.zeros(len(rows), dtype=np.float32)
    centrality[used] = np.einsum("ij,ij->i", rows[used], centres[labels[used]])
    return Grouping(labels, len(centres), centres, centrality)


def usual_number(n: int) -> int:
    """Return the number of groups in which a person can still find their way among n voices."""
    return max(1, round(1.3 * math.sqrt(n / 2)))


def _labels(
    rows: FloatArray,
    n_groups: int | None,
    min_size: int,
    rng: np.random.Generator,
    report: Callable[[int], None],
) -> IntArray:
    about = n_groups or usual_number(len(rows))
    distinct, counts, back = _distinct(rows)
    if len(distinct) <= AVERAGED_ROWS:
        distinct = _steadied(distinct, about)
    report(1)
    items, weights, item_of = _items(distinct, counts, about, rng)
    report(2)
    tree = ward_tree(items, weights)
    report(3)
    if n_groups is None:
        found = cut(tree, _best_number(items, weights, tree, about))
    else:
        found = cut(tree, min(max(1, n_groups), len(items)))
    report(4)
    labels = _settled(distinct, counts, found[item_of])
    return _without_small(distinct, counts, labels, min_size)[back]


def _distinct(rows: FloatArray) -> tuple[FloatArray, FloatWeights, IntArray]:
    """Return the different rows, how often each occurs, and where each row went.

    Four decimals tell rows apart: the same text embedded in other company differs by less than that.
    """
    _, first, back, counts = np.unique(
        np.round(rows * 10_000).astype(np.int16),
        axis=0,
        return_index=True,
        return_inverse=True,
        return_counts=True,
    )
    return rows[first], counts.astype(np.float64), back.reshape(-1).astype(np.int64)


def _items(
    rows: FloatArray, counts: FloatWeights, about: int, rng: np.random.Generator
) -> tuple[FloatArray, FloatWeights, IntArray]:
    """Return what the tree is built on: the rows themselves, or micro-clusters where there are many."""
    if len(rows) <= MANY:
        return rows, counts, np.arange(len(rows))
    number = min(max(MICRO_CLUSTERS, 4 * about), MOST_MICRO_CLUSTERS)
    sample = rows[np.sort(rng.permutation(len(rows))[:MICRO_SAMPLE])]
    centres = sample[np.sort(rng.permutation(len(sample))[:number])]
    for _ in range(6):
        centres = _centres(sample, np.unique(_nearest(sample, centres), return_inverse=True)[1])
    _, item_of = np.unique(_nearest(rows, centres), return_inverse=True)
    items = _centres(rows, item_of, counts)
    weights: FloatWeights = np.bincount(item_of, weights=counts).astype(np.float64)
    return _steadied(items, about), weights, item_of.astype(np.int64)


def _steadied(rows: FloatArray, about: int) -> FloatArray:
    """Average each row with its nearest neighbours: five, or fewer where groups will be small."""
    neighbours = min(NEIGHBOURS, len(rows) // (2 * about))
    if neighbours < 1:
        return rows
    result = np.empty_like(rows)
    for start in range(0, len(rows), CHUNK):
        cosines = rows[start : start + CHUNK] @ rows.T
        nearest = np.argpartition(-cosines, neighbours, axis=1)[:, : neighbours + 1]
        result[start : start + CHUNK] = rows[nearest].sum(axis=1)
    return unit_rows(result)


def _best_number(items: FloatArray, weights: FloatWeights, tree: FloatWeights, about: int) -> int:
    """Return the number of groups, near the usual one, whose cut of the tree separates best."""
    least, most = max(1, about * 2 // 3), min(len(items), max(2, about * 3 // 2))
    tries = sorted({int(number) for number in np.linspace(least, most, 12).round()})
    tries = [number for number in tries if 2 <= number <= len(items)]
    if len(items) < 6 or not tries:
        return min(about, len(items))
    return max(tries, key=lambda number: _separation(items, weights, cut(tree, number)))


def _separation(items: FloatArray, weights: FloatWeights, labels: IntArray) -> float:
    """Return the mean simplified silhouette: own centre against the nearest other, from -1 to 1."""
    centres = _centres(items, labels, weights)
    distances = np.sqrt(np.maximum(2.0 - 2.0 * (items @ centres.T), 0.0))
    own = distances[np.arange(len(items)), labels]
    distances[np.arange(len(items)), labels] = np.inf
    other = distances.min(axis=1)
    return float(np.average((other - own) / np.maximum(np.maximum(own, other), 1e-9), weights=weights))


def _settled(rows: FloatArray, counts: FloatWeights, labels: IntArray) -> IntArray:
    """Move each row to its nearest centre, twice; no group may run empty."""
    number = int(labels.max()) + 1
    for _ in range(2):
        moved = _nearest(rows, _centres(rows, labels, counts))
        if len(np.unique(moved)) < number:
            break
        labels = moved
    return labels


def _without_small(rows: FloatArray, counts: FloatWeights, labels: IntArray, min_size: int) -> IntArray:
    """Let the smallest group join the nearest other one, until all have `min_size` rows."""
    sizes = np.bincount(labels, weights=counts)
    while len(sizes) > 1 and sizes.min() < min_size:
        smallest = int(sizes.argmin())
        cosines = _centres(rows, labels, counts) @ _centres(rows, labels, counts)[smallest]
        cosines[smallest] = -np.inf
        labels = np.where(labels == smallest, int(cosines.argmax()), labels)
        labels = np.unique(labels, return_inverse=True)[1].astype(np.int64)
        sizes = np.bincount(labels, weights=counts)
    return labels


def _nearest(rows: FloatArray, centres: FloatArray) -> IntArray:
    parts = [(rows[start : start + CHUNK] @ centres.T).argmax(axis=1) for start in range(0, len(rows), CHUNK)]
    return np.concatenate(parts).astype(np.int64)


def _centres(rows: FloatArray, labels: IntArray, weights: FloatWeights | None = None) -> FloatArray:
    """Return the unit mean of each label's rows, shape (k, d); rows labelled -1 are left aside."""
    used = np.flatnonzero(labels >= 0)
    number = int(labels.max()) + 1 if len(used) else 0
    values = np.ones(len(used), dtype=np.float32) if weights is None else weights[used].astype(np.float32)
    member = csr_matrix((values, (labels[used], used)), shape=(number, len(rows)))
    return unit_rows(member @ rows)


def _largest_first(labels: IntArray) -> IntArray:
    """Number the groups by size, and equal ones by where they first occur."""
    names, first, sizes = np.unique(labels, return_index=True, return_counts=True)
    order = sorted(
        (-int(size), int(start), int(name))
        for name, start, size in zip(names, first, sizes, strict=True)
        if name >= 0
    )
    rank = {name: place for place, (_, _, name) in enumerate(order)}
    return np.array([rank.get(int(label), -1) for label in labels], dtype=np.int64)


def _reporter(progress: Progress | None) -> Callable[[int], None]:
    return (lambda done: None) if progress is None else (lambda done: progress(done, STEPS))
