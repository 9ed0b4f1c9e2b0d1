"""Which counts of a question with several answers to hide: everybody who answered chose something.

Whoever sees that 20 people answered, that 11 chose one answer and 5 another, knows that at least 4 chose the
one that is hidden; as few means under 5, it is exactly 4. Answers that stand alone say even more: those who
chose one of them chose nothing else.

The criterion: an intruder sees how many answered and every number that is shown, and knows that everybody
chose at least one answer, that whoever chose one that stands alone chose only that, and that a hidden number
is not nought. For each hidden number they must have to reckon with ``smallest`` different values or more, and
either with all the few (1, 2, …) or with none of them. So being few narrows a number down no further than it
does by itself. Where the criterion does not hold, the smallest number that is shown is hidden too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from engage.analysis.small_numbers import SMALLEST, hide_1d


@dataclass(frozen=True)
class Several:
    """How many of ``base`` people chose each answer; ``alone`` are those that exclude all others."""

    counts: Mapping[str, int]
    base: int
    alone: frozenset[str] = frozenset()

    def possible(self, name: str, hidden: Collection[str]) -> tuple[int, int]:
        """The least and the greatest value of a hidden number, for somebody who sees the others.

        ``together`` is how many chose something that does not stand alone: between the greatest of those
        numbers and all of them added up.
        """
        left = self.base - sum(self.counts[one] for one in self.alone if one not in hidden)
        alone = [one for one in hidden if one in self.alone]
        usual = [one for one in hidden if one not in self.alone]
        shown = [self.counts[one] for one in self.counts if one not in self.alone and one not in hidden]
        together = max([*shown, 1 if usual else 0]) if alone else left
        if name in self.alone:
            others = left - sum(shown) if len(alone) == 1 and not usual else 1
            return max(1, others), left - together - (len(alone) - 1)
        least = together - sum(shown) if len(usual) == 1 else 1
        return max(1, least), left - len(alone)

    def is_safe(self, name: str, hidden: Collection[str], smallest: int) -> bool:
        """Whether a hidden number holds to the criterion."""
        least, greatest = self.possible(name, hidden)
        return (least == 1 and greatest >= smallest) or (least >= smallest and greatest - least >= smallest)

    def few(self, name: str, smallest: int) -> bool:
        """Whether few chose an answer, or few did not, of all or of those who chose no answer alone."""
        chosen = self.counts[name]
        bases = {self.base}
        if name not in self.alone:
            bases.add(self.base - sum(self.counts[one] for one in self.alone))
        return any(hide_1d([chosen, base - chosen], smallest).counts.any() for base in bases if base)


def hide_several(
    several: Several, hidden: Collection[str] = (), smallest: int = SMALLEST
) -> frozenset[str] | None:
    """The answers whose numbers must be hidden, ``hidden`` among them. None where no number may be shown."""
    found = {*hidden, *(name for name in several.counts if several.few(name, smallest))}
    while not all(several.is_safe(name, found, smallest) for name in found):
        others = {name: n for name, n in several.counts.items() if n and name not in found}
        if not others:
            return None
        found.add(min(others, key=lambda name: others[name]))
    return frozenset(found)


def several_of(counts: Mapping[str, int], base: int, alone: Collection[str]) -> Several:
    """The numbers with the answers that stand alone, unless an earlier version let them stand together."""
    exclusive = frozenset(alone) & counts.keys()
    left = base - sum(counts[one] for one in exclusive)
    together = max((n for name, n in counts.items() if name not in exclusive), default=0)
    return Several(counts, base, exclusive if together <= left else frozenset())


def several_to_show(
    counts: Mapping[str, int], base: int, alone: Collection[str]
) -> dict[str, int | None] | None:
    """The numbers as they may be shown beside ``base``, None for hidden ones; None where none may be."""
    hidden = hide_several(several_of(counts, base, alone))
    if hidden is None:
        return None
    return {name: None if name in hidden else n for name, n in counts.items()}
