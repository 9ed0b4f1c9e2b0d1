"""Results of questions with exact answers: numbers, days and areas."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask_babel import format_date

MOST_MONTHS = 24


@dataclass(frozen=True)
class Spread:
    """Half of the people gave ``median`` or less; the middle half lies between ``lower`` and ``upper``."""

    lower: float
    median: float
    upper: float


def spread(counts: Mapping[str, int]) -> Spread:
    """The quartiles of numbers, given as text with how many people gave each. Each was given by somebody."""
    ordered = sorted((float(value), people) for value, people in counts.items() if people > 0)
    total = sum(people for _value, people in ordered)

    def below(share: float) -> float:
        seen = 0
        for value, people in ordered:
            seen += people
            if seen >= share * total:
                return value
        return ordered[-1][0]

    return Spread(below(0.25), below(0.5), below(0.75))


def by_time(counts: Mapping[str, int]) -> dict[str, int]:
    """Days by month, or by year where they lie further apart than two years; none in between left out."""
    days = {date.fromisoformat(value): people for value, people in counts.items() if people > 0}
    first, last = min(days), max(days)
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    if months > MOST_MONTHS:
        years = Counter(dict.fromkeys(map(str, range(first.year, last.year + 1)), 0))
        for day, people in days.items():
            years[str(day.year)] += people
        return dict(years)
    found = {}
    for month in range(months):
        at = first.year * 12 + first.month - 1 + month
        found[(at // 12, at % 12 + 1)] = 0
    for day, people in days.items():
        found[(day.year, day.month)] += people
    return {format_date(date(*month, 1), "MMMM y"): people for month, people in found.items()}


def by_area(counts: Mapping[str, int]) -> dict[str, int]:
    """Postcodes by their area, the one with most people first; a full one counts for its area alone."""
    areas: Counter[str] = Counter()
    for value, people in counts.items():
        if people > 0:
            areas[value.partition(" ")[0]] += people
    return dict(sorted(areas.items(), key=lambda area: (-area[1], area[0])))
