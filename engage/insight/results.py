"""What people answered, question by question, as it may be shown: small numbers hidden."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Any

from engage.insight import exact
from engage.insight.answer_counts import CHARACTERISTICS, Parts, Tally, base_of, by_value
from engage.insight.asked import Asked
from engage.insight.by_group import crossed_many, crossed_one
from engage.insight.exact import Spread
from engage.insight.protect import (
    Crossed,
    Names,
    chosen_to_show,
    counts_to_show,
    groups_to_show,
)
from engage.insight.several import several_to_show
from engage.surveys.questions import (
    OTHER,
    Agreement,
    Choosing,
    Date,
    Number,
    Postcode,
    Ranking,
    Rating,
    SeveralChoices,
    Writing,
)

SMALLEST_SPREAD = 10
"""The least number of people whose median and quartiles, or places, are shown."""

POINT_STEPS, TOTALS = (0.1, 0.2, 0.5, 1.0), 10
"""Points a person are rounded to the first of these steps that hides which of so many totals they are."""


@dataclass(frozen=True)
class Bar:
    """An answer and how many gave it; None where that is hidden."""

    label: str
    people: int | None


@dataclass(frozen=True)
class Chart:
    """The answers to one question, or to one row of it. ``base`` people answered.

    ``crossed`` is the same by groups of people, None where there are too few. With ``in_order`` the answers
    go from one end to the other; with ``many`` each person could give several.
    """

    title: str
    bars: tuple[Bar, ...]
    base: int
    values: tuple[str, ...] = ()
    in_order: bool = False
    many: bool = False
    crossed: Crossed | None = None

    @property
    def most(self) -> int:
        return max((bar.people or 0 for bar in self.bars), default=0)

    @property
    def hides(self) -> bool:
        return any(bar.people is None for bar in self.bars)


@dataclass(frozen=True)
class Placed:
    """A thing in a ranking: points a person on average, and how many gave it a place, and the first."""

    label: str
    points: float
    placed: int | None
    first: int | None


@dataclass(frozen=True)
class Result:
    """One question's result. ``base`` is None where too few answered for anything to be shown."""

    asked: Asked
    base: int | None
    charts: tuple[Chart, ...] = ()
    spread: Spread | None = None
    places: tuple[Placed, ...] = ()
    own_words: int | None = None
    """How many answered in their own words (or added some); None where nobody could, or too few did."""

    depends_on_hidden: bool = False
    """Whether nothing is shown because it would give away what is hidden of an earlier question."""


def results(
    asked: Sequence[Asked],
    counts: Mapping[str, Parts],
    *,
    whole: frozenset[str] = frozenset(),
    by: str = "",
    groups: Sequence[Names] = (),
) -> list[Result]:
    """The result of each question, in order; by ``groups`` of one characteristic where it is named.

    ``whole`` has the characteristics of which no groups had to be put together.

    A question that is asked after another one says, by how many answered it, how many gave a certain answer
    there. So it is shown only where nothing of the other one is hidden.
    """
    open_for: dict[str, bool] = {}
    open_by: dict[str, bool] = {}
    found = []
    for one in asked:
        parts = counts.get(one.question.id, {})
        if not all(open_for.get(earlier, True) for earlier in one.asked_after):
            result = Result(one, None, depends_on_hidden=True)
        else:
            may_cross = all(open_by.get(earlier, True) for earlier in one.asked_after)
            result = _result(one, parts, by if may_cross else "", groups)
        open_for[one.question.id] = _is_open(result, whole)
        open_by[one.question.id] = _is_open_by(result, by)
        found.append(result)
    return found


def _is_open(result: Result, whole: frozenset[str]) -> bool:
    """Whether nothing is hidden of how many gave which answer."""
    if result.asked.question.about in CHARACTERISTICS:
        return result.asked.question.about in whole
    if isinstance(result.asked.question, Choosing) and result.base and not result.charts:
        return False
    return result.base is not None and not any(chart.hides for chart in result.charts)


def _is_open_by(result: Result, by: str) -> bool:
    """Whether nothing is hidden of how many gave which answer in each group.

    Who answers a question that only carers are asked is crossed with being a carer already.
    """
    if not by or not result.base:
        return not by or result.base == 0
    if result.asked.question.about in CHARACTERISTICS:
        return False
    return all(_hides_nothing(chart.crossed) for chart in result.charts)


def _hides_nothing(crossed: Crossed | None) -> bool:
    together = crossed and any(len(names) > 1 for names, _people in crossed.columns)
    return crossed is not None and not crossed.hides and not together


def _result(one: Asked, parts: Parts, by: str, groups: Sequence[Names]) -> Result:
    base = base_of(parts).people
    if not base:
        return Result(one, 0)
    if groups_to_show({"": base}) == {}:
        return Result(one, None)
    if one.question.about in CHARACTERISTICS:
        return Result(one, base)
    by = "" if one.is_equality else by
    for kind, show in SHOWN:
        if isinstance(one.question, kind):
            return show(one, parts, base, by, groups)
    return Result(one, base)


def _choices(one: Asked, parts: Parts, base: int, by: str, groups: Sequence[Names]) -> Result:
    tallies = by_value(parts)
    chart = _chart(one, tallies, base_of(parts), title="", by=by, groups=groups)
    if chart is None:
        return Result(one, base)
    others = [people for value, people in zip(chart.values, chart.bars, strict=True) if value == OTHER]
    words = others[0].people if others and not one.is_equality else None
    return Result(one, base, (chart,), own_words=words)


def _scale(one: Asked, parts: Parts, base: int, by: str, groups: Sequence[Names]) -> Result:
    charts = []
    for row, words in _with_unknown(one.rows, (part for part in parts if part)).items():
        chart = _chart(one, parts.get(row, {}), base_of(parts, row), title=words, by=by, groups=groups)
        charts += [chart] if chart else []
    return Result(one, base, tuple(charts))


def _chart(
    one: Asked, tallies: Mapping[str, Tally], base: Tally, *, title: str, by: str, groups: Sequence[Names]
) -> Chart | None:
    """Bars for all answers; None where too few answered."""
    labels = _with_unknown(one.values, tallies)
    counts = {value: tallies[value].people if value in tallies else 0 for value in labels}
    many = isinstance(one.question, SeveralChoices)
    shown = several_to_show(counts, base.people, one.alone) if many else counts_to_show(counts)
    if shown is None or not groups_to_show({"": base.people}):
        return None
    crossed = None
    if by and many:
        crossed = crossed_many(tallies, shown, base, by, groups, alone=one.alone)
    elif by:
        crossed = crossed_one(tallies, shown, by, groups)
    return Chart(
        title=title,
        bars=tuple(Bar(labels[value], people) for value, people in shown.items()),
        base=base.people,
        values=tuple(shown),
        in_order=isinstance(one.question, Rating | Agreement),
        many=many,
        crossed=_in_words(crossed, labels),
    )


def _with_unknown(labels: Mapping[str, str], seen: Any) -> dict[str, str]:
    """The labels, and whatever was answered beside them as it is."""
    return {**labels, **{value: value for value in seen if value not in labels}}


def _in_words(crossed: Crossed | None, labels: Mapping[str, str]) -> Crossed | None:
    if crossed is None:
        return None
    columns = tuple((tuple(labels[value] for value in names), people) for names, people in crossed.columns)
    return Crossed(columns, crossed.rows)


def _number(one: Asked, parts: Parts, base: int, _by: str, _groups: Sequence[Names]) -> Result:
    counts = {value: tally.people for value, tally in by_value(parts).items()}
    return Result(one, base, spread=exact.spread(counts) if base >= SMALLEST_SPREAD else None)


def _when_or_where(one: Asked, parts: Parts, base: int, _by: str, _groups: Sequence[Names]) -> Result:
    counts = {value: tally.people for value, tally in by_value(parts).items()}
    words = exact.by_time(counts) if isinstance(one.question, Date) else exact.by_area(counts)
    shown = counts_to_show(words)
    bars = tuple(Bar(label, people) for label, people in (shown or {}).items())
    return Result(one, base, (Chart("", bars, base),) if shown else ())


def _ranking(one: Asked, parts: Parts, base: int, _by: str, _groups: Sequence[Names]) -> Result:
    """Points: the first place counts as many as there are things, each next place one less, none nought.

    Everybody put one thing first, so those numbers add up to the base and are hidden together. Who put a
    thing first also gave it a place: where a first is hidden, only all and none are told of the places.
    """
    if base < SMALLEST_SPREAD:
        return Result(one, base)
    labels, values = _with_unknown(one.values, by_value(parts)), by_value(parts)
    firsts = {value: _people(parts.get("1", {}), value) for value in labels}
    shown = counts_to_show(firsts) or dict.fromkeys(labels)
    whole = None not in shown.values()
    found = [
        Placed(
            label,
            points=_points(parts, value, len(one.values), base),
            placed=_placed(_people(values, value), base, whole=whole),
            first=shown[value],
        )
        for value, label in labels.items()
    ]
    return Result(one, base, places=tuple(sorted(found, key=lambda placed: -placed.points)))


def _people(tallies: Mapping[str, Tally], value: str) -> int:
    return tallies[value].people if value in tallies else 0


def _placed(placed: int, base: int, *, whole: bool) -> int | None:
    return chosen_to_show(placed, base) if whole or placed in (0, base) else None


def _points(parts: Parts, value: str, most: int, base: int) -> float:
    """Points a person, so coarse that the sum of all people's points could be any of five or more.

    Halves go to the nearer end, where what is rounded to nought or to all would else be fewest.
    """
    step = next((step for step in POINT_STEPS if step * base >= TOTALS), POINT_STEPS[-1])
    total = sum((most + 1 - int(place)) * _people(values, value) for place, values in parts.items() if place)
    steps = round(total / base / step, 6)
    rounded = ceil(steps - 0.5) if 2 * total < most * base else floor(steps + 0.5)
    return round(rounded * step, 1)


def _words(one: Asked, _parts: Parts, base: int, _by: str, _groups: Sequence[Names]) -> Result:
    return Result(one, base, own_words=base)


Show = Callable[[Asked, Parts, int, str, Sequence[Names]], Result]
SHOWN: tuple[tuple[Any, Show], ...] = (
    (Agreement, _scale),
    (Ranking, _ranking),
    (Choosing, _choices),
    (Number, _number),
    (Date | Postcode, _when_or_where),
    (Writing, _words),
)
