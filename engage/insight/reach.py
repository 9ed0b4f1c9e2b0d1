"""Whom a survey reached, when, in which form, and where people stopped: small numbers put together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import format_date
from flask_babel import gettext as _

from engage.analysis.small_numbers import SMALLEST
from engage.db import db
from engage.insight.answer_counts import TENS
from engage.insight.protect import Names, counts_to_show, groups_to_show
from engage.surveys.content import Content
from engage.surveys.models import Abandoned, Response, UnsentResponse

MOST_DAYS, MOST_WEEKS = 31, 60
FORMS = ("speaker", "channel", "district", "language", "easy_read")


@dataclass(frozen=True)
class Reach:
    """How many responses there are, and for each of ``FORMS`` the groups with their people, as shown."""

    responses: int
    groups: Mapping[str, Mapping[Names, int]]

    def is_whole(self, name: str) -> bool:
        """Whether no groups had to be put together."""
        found = self.groups[name]
        return bool(found) and all(len(names) == 1 for names in found)


@dataclass(frozen=True)
class Moments:
    """When responses came: by day, week or month (``step``), as (words, people; None hidden)."""

    step: str
    columns: tuple[tuple[str, int | None], ...]

    @property
    def most(self) -> int:
        return max((people or 0 for _words, people in self.columns), default=0)


@dataclass(frozen=True)
class Way:
    """How many began and sent, how many left, how many may still be on the way, and where people left.

    Numbers under five are None, under ten where they are counted in tens. ``stops`` has the titles of pages
    with how many left after them; empty where too few left.
    """

    sent: int
    left: int | None
    on_the_way: int | None
    stops: tuple[tuple[str, int | None], ...]


def reach(version_ids: Sequence[int], cut: int | None = None) -> Reach:
    """Responses by kind of respondent, channel, district, language and form, in one statement.

    Up to the one with the id ``cut``, where there is a cut.
    """
    columns = [getattr(Response, name) for name in FORMS]
    query = sa.select(sa.func.count(), *columns).where(Response.version_id.in_(version_ids))
    counts: dict[str, Counter[str]] = {name: Counter() for name in FORMS}
    total = 0
    for people, *found in db.session.execute(_until(query, cut).group_by(*columns)):
        total += people
        for name, value in zip(FORMS, found, strict=True):
            counts[name][_key(value)] += people
    return Reach(total, {name: groups_to_show(groups) for name, groups in counts.items()})


def _key(value: object) -> str:
    """A group's name: the value as text; "" for a district that was not said, "yes" for Easy Read."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value or "")


def _until(query: sa.Select[Any], cut: int | None) -> sa.Select[Any]:
    return query if cut is None else query.where(Response.id <= cut)


def moments(version_ids: Sequence[int], cut: int | None = None) -> Moments:
    """Responses over time, in steps so long that few numbers need to be hidden."""
    at = Response.received_at
    is_sqlite = db.engine.dialect.name == "sqlite"
    day = sa.func.substr(sa.cast(at, sa.Text), 1, 10) if is_sqlite else sa.func.timezone("UTC", at)
    day = day if is_sqlite else sa.func.to_char(day, "YYYY-MM-DD")
    query = sa.select(day, sa.func.count()).where(Response.version_id.in_(version_ids))
    rows = db.session.execute(_until(query, cut).group_by(day))
    found = {date.fromisoformat(str(row[0])): row[1] for row in rows}
    return _in_steps(found) if found else Moments("day", ())


def _in_steps(days: Mapping[date, int]) -> Moments:
    span = (max(days) - min(days)).days + 1
    if span <= MOST_DAYS and min(days.values()) >= SMALLEST:
        step, found = "day", _filled(days, days=1)
    elif span <= MOST_WEEKS * 7:
        weeks: Counter[date] = Counter()
        for day, people in days.items():
            weeks[day - timedelta(day.weekday())] += people
        step, found = "week", _filled(weeks, days=7)
    else:
        months: Counter[date] = Counter()
        for day, people in sorted(days.items()):
            months[day.replace(day=1)] += people
        step, found = "month", months
    words = {format_date(at, "MMMM y" if step == "month" else "d MMMM y"): n for at, n in found.items()}
    shown = counts_to_show(words)
    return Moments(step, tuple((shown or {}).items()))


def _filled(counts: Mapping[date, int], days: int) -> dict[date, int]:
    """With nought for each step between the first and the last in which nothing came."""
    first, last = min(counts), max(counts)
    steps = (last - first).days // days + 1
    return {at: counts.get(at, 0) for at in (first + timedelta(days * n) for n in range(steps))}


def way(version_ids: Sequence[int], contents: Sequence[Content], sent: int, *, in_tens: bool = False) -> Way:
    """How many went the whole way, and after which pages the others stopped.

    ``in_tens`` leaves out what is over a ten of each number, so that none moves with a single person.
    """
    rows = db.session.execute(
        sa.select(Abandoned.question, sa.func.sum(Abandoned.people))
        .where(Abandoned.version_id.in_(version_ids))
        .group_by(Abandoned.question)
    )
    left = {row[0]: int(row[1]) for row in rows}
    on_the_way = (
        db.session.scalar(sa.select(sa.func.count()).where(UnsentResponse.version_id.in_(version_ids))) or 0
    )
    if in_tens:
        tens = {page: people // TENS * TENS for page, people in _by_page(left, contents).items()}
        total = sum(tens.values())
        return Way(
            sent, total or None, on_the_way // TENS * TENS or None, tuple(tens.items()) if total else ()
        )
    total = sum(left.values())
    stops = counts_to_show(_by_page(left, contents)) if total else {}
    return Way(sent, _shown(total), _shown(on_the_way), tuple((stops or {}).items()))


def _shown(people: int) -> int | None:
    return None if 0 < people < SMALLEST else people


def _by_page(left: Mapping[str, int], contents: Sequence[Content]) -> dict[str, int]:
    """Those who left, by the page of the last question that they answered, in the survey's order."""
    found: dict[str, int] = {_("Before the first answer"): left.get("", 0)}
    of_question: dict[str, str] = {}
    for content in contents:
        for number, page in enumerate(content.pages, 1):
            title = str(page.title) or _("Page %(number)s", number=number)
            for question in page.questions:
                of_question.setdefault(question.id, title)
    for question_id, title in of_question.items():
        found[title] = found.get(title, 0) + left.get(question_id, 0)
    unknown = sum(people for question, people in left.items() if question and question not in of_question)
    return {**found, _("On a page that is no longer there"): unknown} if unknown else found
