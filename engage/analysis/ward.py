"""Ward's tree over weighted items, by the nearest-neighbour chain.

Written out here because the libraries at hand cannot weight items, and a micro-cluster of ninety
voices must not count like one of two. With equal weights the tree is the usual one.
Method: F. Murtagh and P. Legendre, "Ward's hierarchical agglomerative clustering method: which
algorithms implement Ward's criterion?", Journal of Classification 31 (2014).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def ward_tree(items: NDArray[np.floating], weights: NDArray[np.floating]) -> NDArray[np.float64]:
    """Join m items, shape (m, d), into one tree; time and memory grow as m squared.

    Returns shape (m - 1, 3), lowest first: the height of a join (the growth in the weighted sum of
    squared distances to the centre, doubled) and one item from each of the two sides joined.
    """
    heights = _heights(items.astype(np.float64), weights.astype(np.float64))
    size = weights.astype(np.float64).copy()
    alive = np.ones(len(size), dtype=bool)
    joins: list[tuple[float, int, int]] = []
    chain: list[int] = []
    for _ in range(len(size) - 1):
        one, two = _reciprocal_pair(heights, chain, alive)
        joins.append((float(heights[one, two]), one, two))
        _join(heights, size, alive, one, two)
    # A stable sort keeps joins of equal height in an order in which they can be made.
    joins.sort(key=lambda join: join[0])
    return np.array(joins, dtype=np.float64).reshape(-1, 3)


def cut(tree: NDArray[np.float64], number: int) -> NDArray[np.int64]:
    """Undo the highest joins until `number` groups are left; return each item's group, shape (m,)."""
    items = len(tree) + 1
    parent = list(range(items))

    def root(item: int) -> int:
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    for _, one, two in tree[: max(0, items - number)]:
        parent[root(int(two))] = root(int(one))
    labels = np.unique([root(item) for item in range(items)], return_inverse=True)[1]
    return labels.astype(np.int64)


def _heights(items: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    squares = (items**2).sum(axis=1)
    distances = np.maximum(squares[:, None] + squares - 2.0 * (items @ items.T), 0.0)
    distances *= 2.0 * weights[:, None] * weights / (weights[:, None] + weights)
    np.fill_diagonal(distances, np.inf)
    return np.asarray(distances)


def _reciprocal_pair(
    heights: NDArray[np.float64], chain: list[int], alive: NDArray[np.bool_]
) -> tuple[int, int]:
    """Follow nearest neighbours until two are each other's nearest; take both off the chain."""
    if not chain:
        chain.append(int(np.flatnonzero(alive)[0]))
    while True:
        last = chain[-1]
        nearest = int(np.argmin(heights[last]))
        before = chain[-2] if len(chain) > 1 else -1
        # Among equally near ones the item before wins, or the chain could run in a circle.
        if before >= 0 and heights[last, before] <= heights[last, nearest]:
            del chain[-2:]
            return min(last, before), max(last, before)
        chain.append(nearest)


def _join(
    heights: NDArray[np.float64],
    size: NDArray[np.float64],
    alive: NDArray[np.bool_],
    one: int,
    two: int,
) -> None:
    """Let `one` stand for both, with the heights to all others updated (Lance and Williams)."""
    alone = heights[one, two]
    both = size[one] + size[two]
    alive[two] = False
    row = (size + size[one]) * heights[one] + (size + size[two]) * heights[two] - size * alone
    row = row / (size + both)
    row[~alive] = np.inf
    row[one] = np.inf
    heights[one] = heights[:, one] = row
    heights[two] = heights[:, two] = np.inf
    size[one] = both
