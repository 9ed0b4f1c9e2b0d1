"""A two-way table with its totals as a network: what hidden numbers could be, and what else to hide.

Each number is the flow along an arc: the grand total parts into row totals, these into cells, which run
together into column totals and those into the grand total (Cox, "Network models for complementary cell
suppression", JASA 90, 1995). Someone who sees all numbers but the hidden ones knows only that as much flows
into each node as out of it, so a hidden number can be k higher exactly when k more can flow around through
other hidden arcs. The audit is therefore exact, in whole numbers, and further numbers to hide are the
cheapest way around.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Arc = tuple[int, int]


@dataclass
class _Residual:
    """How much more can flow along each arc, for one search; only what changed is stored."""

    network: TableNetwork
    change: dict[Arc, int] = field(default_factory=dict)

    def room(self, start: int, end: int) -> float:
        """Without limit along an arc; against it, what leaves 1 on it."""
        if (start, end) in self.network.place:
            return float("inf")
        return self.network.flow[end, start] - 1 + self.change.get((end, start), 0)

    def push(self, path: list[Arc], amount: int) -> None:
        for start, end in path:
            forward = (start, end) in self.network.place
            arc = (start, end) if forward else (end, start)
            self.change[arc] = self.change.get(arc, 0) + (amount if forward else -amount)


class TableNetwork:
    """A table with its totals as flows. Nodes are the rows, the row of totals, then the columns likewise."""

    def __init__(self, full: NDArray[np.int64], hidden: NDArray[np.bool_]) -> None:
        rows, columns = full.shape
        self.shape = full.shape
        self.place: dict[Arc, tuple[int, int]] = {}
        self.flow: dict[Arc, int] = {}
        self.cost: dict[Arc, float] = {}
        self.all_neighbours: list[list[int]] = [[] for _ in range(rows + columns)]
        self.neighbours: list[dict[int, None]] = [{} for _ in range(rows + columns)]
        self._hidden: dict[Arc, None] = {}
        prices = _prices(full)
        for row, column in np.argwhere(full > 0).tolist():
            is_total = (row == rows - 1) != (column == columns - 1)
            arc = (rows + column, row) if is_total else (row, rows + column)
            self.place[arc] = (row, column)
            self.flow[arc] = int(full[row, column])
            self.cost[arc] = float(prices[row, column])
            for start, end in (arc, arc[::-1]):
                self.all_neighbours[start].append(end)
            if hidden[row, column]:
                self._hide(arc)
        self._must_hide = frozenset(self._hidden)

    def hidden_arcs(self) -> list[Arc]:
        return list(self._hidden)

    def mask(self) -> NDArray[np.bool_]:
        mask = np.zeros(self.shape, dtype=bool)
        for arc in self._hidden:
            mask[self.place[arc]] = True
        return mask

    def room(self, arc: Arc, down: bool = False) -> float:
        """How much more, or less, the number on a hidden arc could be."""
        return self._spread(arc, _Residual(self), down, float("inf"))

    def protect(self, wanted: int) -> None:
        """Hide further arcs until each hidden arc has so much room, up and down together.

        Hiding more never takes room away from an arc, so one pass over a growing list is enough. It ends
        because with everything hidden any arc can grow around through the totals.
        """
        waiting = deque(sorted(self._hidden, key=lambda arc: self.flow[arc]))
        while waiting:
            arc = waiting.popleft()
            waiting.extend(self._give_room(arc, wanted))

    def show_what_can_be(self, wanted: int) -> None:
        """Show again what was hidden on the way and turned out not to be needed, the dearest first.

        One pass is enough: what was needed among more hidden arcs is needed among fewer.
        """
        extra = [arc for arc in self._hidden if arc not in self._must_hide]
        for arc in sorted(extra, key=lambda arc: self.cost[arc], reverse=True):
            self._show(arc)
            if not self._all_have(wanted):
                self._hide(arc)

    def _all_have(self, wanted: int) -> bool:
        in_danger_first = sorted(self._hidden, key=lambda arc: self.flow[arc])
        return all(self._has(arc, wanted) for arc in in_danger_first)

    def _has(self, arc: Arc, wanted: int) -> bool:
        up = self._spread(arc, _Residual(self), down=False, enough=wanted)
        return (
            up >= wanted or up + self._spread(arc, _Residual(self), down=True, enough=wanted - up) >= wanted
        )

    def _give_room(self, arc: Arc, wanted: int) -> list[Arc]:
        """The arcs that had to be hidden so that this one has the room."""
        up = _Residual(self)
        room = self._spread(arc, up, down=False, enough=wanted)
        if room < wanted:
            room += self._spread(arc, _Residual(self), down=True, enough=wanted - room)
        added: list[Arc] = []
        while room < wanted:
            path = self._cheapest(arc, up, wanted - room)
            for step in path:
                forward = step if step in self.place else step[::-1]
                if forward not in self._hidden:
                    self._hide(forward)
                    added.append(forward)
            amount = min(wanted - room, min(up.room(*step) for step in path))
            up.push(path, int(amount))
            room += amount
        return added

    def _hide(self, arc: Arc) -> None:
        self._hidden[arc] = None
        for start, end in (arc, arc[::-1]):
            self.neighbours[start][end] = None

    def _show(self, arc: Arc) -> None:
        del self._hidden[arc]
        for start, end in (arc, arc[::-1]):
            del self.neighbours[start][end]

    def _spread(self, arc: Arc, residual: _Residual, down: bool, enough: float) -> float:
        """How much can flow around an arc through hidden arcs alone, by shortest ways (Edmonds and Karp)."""
        start, end = arc if down else arc[::-1]
        limit = min(enough, self.flow[arc] - 1) if down else enough
        found = 0.0
        while found < limit:
            path = self._shortest(start, end, arc, residual)
            if not path:
                return found
            amount = min(limit - found, min(residual.room(*step) for step in path))
            if amount == float("inf"):
                return amount
            residual.push(path, int(amount))
            found += amount
        return found

    def _shortest(self, start: int, end: int, without: Arc, residual: _Residual) -> list[Arc]:
        came: dict[int, int] = {start: start}
        waiting = deque([start])
        while waiting and end not in came:
            here = waiting.popleft()
            for there in self.neighbours[here]:
                if there in came or (here, there) in (without, without[::-1]):
                    continue
                if residual.room(here, there) >= 1:
                    came[there] = here
                    waiting.append(there)
        return _way(came, end)

    def _cheapest(self, arc: Arc, residual: _Residual, wanted: float) -> list[Arc]:
        """The way around an arc that hides least: one that gives all the room at once, else any at all."""
        for least in (wanted, 1):
            came = self._dijkstra(arc, residual, least)
            if arc[0] in came:
                return _way(came, arc[0])
        raise RuntimeError("A total was left out of the network of a table.")

    def _dijkstra(self, arc: Arc, residual: _Residual, least: float) -> dict[int, int]:
        came: dict[int, int] = {}
        waiting: list[tuple[float, int, int]] = [(0.0, arc[1], arc[1])]
        while waiting and arc[0] not in came:
            so_far, here, before = heapq.heappop(waiting)
            if here in came:
                continue
            came[here] = before
            for there, price in self._onward(here, arc):
                if there not in came and residual.room(here, there) >= least:
                    heapq.heappush(waiting, (so_far + price, there, here))
        return came

    def _onward(self, here: int, without: Arc) -> Iterator[tuple[int, float]]:
        for there in self.all_neighbours[here]:
            arc = (here, there) if (here, there) in self.place else (there, here)
            if arc != without:
                yield there, (0.0 if arc in self._hidden else self.cost[arc])


def _way(came: dict[int, int], end: int) -> list[Arc]:
    """The arcs from the start to the end, by each node's forerunner; none where the end was not reached."""
    path: list[Arc] = []
    here = end
    while here in came and came[here] != here:
        path.append((came[here], here))
        here = came[here]
    return path[::-1]


def _prices(full: NDArray[np.int64]) -> NDArray[np.float64]:
    """What hiding a number costs: few and small cells first, a total only where cells cannot do it.

    A total costs more than any way through cells alone, and the grand total more than any other way.
    """
    cells = full[:-1, :-1]
    prices: NDArray[np.float64] = full + np.float64(max(1.0, float(cells.mean()) if cells.size else 1.0))
    longest = 2.0 * sum(full.shape)
    total = longest * float(prices[:-1, :-1].max(initial=1.0))
    prices[-1, :] = prices[:, -1] = total
    prices[-1, -1] = total * longest
    return prices
