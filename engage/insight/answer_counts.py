"""Reading the counts of a survey's answers, over all its versions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from engage.db import db
from engage.insight.models import AnswerCount
from engage.surveys.models import EqualityResponse, Response

CHARACTERISTICS = ("speaker", "channel", "district")
NOT_CROSSED = ("", "", "")
TENS = 10
"""Members see numbers that move when so many more people have answered, never with a single one."""


@dataclass
class Tally:
    """How many people gave one answer, in all and by characteristic (a district that was not said: "")."""

    people: int = 0
    by: dict[str, Counter[str]] = field(default_factory=lambda: {name: Counter() for name in CHARACTERISTICS})

    def add(self, people: int, groups: Sequence[str]) -> None:
        """``groups``: speaker, channel, district. All empty where the answer is not crossed."""
        self.people += people
        for name, group in zip(CHARACTERISTICS, groups, strict=True):
            if groups[0]:
                self.by[name][group] += people


Parts = dict[str, dict[str, Tally]]
"""The tallies of one question: by part, then by value. See ``AnswerCount``."""


def answer_counts(
    version_ids: Sequence[int], *, cut: int | None = None, equality_cut: int | None = None
) -> dict[str, Parts]:
    """The counts of each question in these versions.

    Of responses up to the one with the id ``cut``, where there is a cut; of equality monitoring up to
    ``equality_cut``.
    """
    found: dict[str, Parts] = defaultdict(lambda: defaultdict(lambda: defaultdict(Tally)))
    c = AnswerCount
    rows = db.session.execute(
        sa.select(c.question, c.part, c.value, c.people, c.speaker, c.channel, c.district).where(
            c.version_id.in_(version_ids)
        )
    )
    for question, part, value, people, *groups in rows:
        found[question][part][value].add(people, groups)
    if cut is not None:
        _take_away_after(found, version_ids, cut)
    if equality_cut is not None:
        _take_away_equality_after(found, version_ids, equality_cut)
    return found


def last_counted(version_ids: Sequence[int]) -> int:
    """The id of the last response that counts where people are counted in tens; 0 where there are too few.

    Responses count in the order in which they were taken in, whatever their day: what is keyed in today for
    last week comes last.
    """
    of_survey = Response.version_id.in_(version_ids)
    over = sa.select(sa.func.count() % TENS).select_from(Response).where(of_survey).scalar_subquery()
    query = sa.select(Response.id).where(of_survey).order_by(Response.id.desc()).limit(1).offset(over)
    return db.session.scalar(query) or 0


def _take_away_after(found: dict[str, Parts], version_ids: Sequence[int], cut: int) -> None:
    """Take what came after the cut out of the counts: nine responses at most."""
    rows = db.session.execute(
        sa.select(Response.answers, Response.speaker, Response.channel, Response.district).where(
            Response.version_id.in_(version_ids), Response.id > cut
        )
    )
    for answers, speaker, channel, district in rows:
        for question, answer in answers.items():
            for part, value in parts_of(answer):
                tally = found[question][part][value]
                crossed = tally.by["speaker"][speaker.value] > 0
                tally.add(-1, (speaker.value, channel.value, district or "") if crossed else NOT_CROSSED)


def _take_away_equality_after(found: dict[str, Parts], version_ids: Sequence[int], cut: int) -> None:
    rows = db.session.scalars(
        sa.select(EqualityResponse.answers)
        .join(Response, Response.id == EqualityResponse.response_id)
        .where(Response.version_id.in_(version_ids), Response.id > cut)
    )
    for answers in rows:
        for question, answer in answers.items():
            for part, value in parts_of(answer):
                found[question][part][value].add(-1, NOT_CROSSED)


def parts_of(answer: Any) -> Iterator[tuple[str, str]]:
    """The (part, value) under which the database counts an answer."""
    if isinstance(answer, Mapping) and answer.get("other") is True:
        chosen = answer.get("chosen")
        answer = [chosen] if isinstance(chosen, str) else chosen or []
    if isinstance(answer, Mapping):
        yield "", ""
        yield from answer.items()
    elif isinstance(answer, list):
        yield "", ""
        yield from ((str(place), value) for place, value in enumerate(answer, 1))
    elif answer is not None:
        yield "", "" if isinstance(answer, bool) else str(answer)


def base_of(parts: Parts, part: str = "") -> Tally:
    """Everybody who answered the question, or one row of it."""
    return _together(parts.get(part, {}).values())


def by_value(parts: Parts) -> dict[str, Tally]:
    """How many people chose each value, wherever in their answer it stands."""
    found: dict[str, list[Tally]] = defaultdict(list)
    for values in parts.values():
        for value, tally in values.items():
            if value:
                found[value].append(tally)
    return {value: _together(tallies) for value, tallies in found.items()}


def _together(tallies: Any) -> Tally:
    whole = Tally()
    for tally in tallies:
        whole.people += tally.people
        for name, counts in tally.by.items():
            whole.by[name].update(counts)
    return whole
