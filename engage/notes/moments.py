"""Days and moments as people, spreadsheets and other tools write them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
FIRST_YEAR = 1990
_TIME = r"(?:[ ,T]+(\d{1,2}):(\d\d)(?::(\d\d))?(?:\.\d+)?\s*([ap]m)?.*)?"
_NUMBERS_FIRST = re.compile(rf"(\d{{1,2}})[/.-](\d{{1,2}})[/.-](\d{{4}}|\d{{2}}){_TIME}", re.IGNORECASE)
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?:[ ,T].*)?")
_YEAR_FIRST = re.compile(r"(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})(?:[ T].*)?")
_IN_WORDS = re.compile(r"(\d{1,2})(?:st|nd|rd|th)? ([a-z]{3,9})\.?,? (\d{4})(?: .*)?", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# A spreadsheet counts days from here; the five-digit numbers are the years 1982 to 2119.
_SPREADSHEET_START = datetime(1899, 12, 30, tzinfo=UTC)
_SPREADSHEET_DAY = re.compile(r"[3-7]\d{4}(\.\d+)?")


@dataclass(frozen=True)
class Clock:
    """How one tool writes its moments: in which time zone, and whether the month stands before the day."""

    zone: tzinfo = LONDON
    month_first: bool = False

    def moment(self, value: str, today: date) -> datetime | None:
        """A moment in UTC; None where it is none, before 1990 or still to come."""
        if match := _NUMBERS_FIRST.fullmatch(value):
            found = self._numbers(match)
        elif _SPREADSHEET_DAY.fullmatch(value):
            found = _SPREADSHEET_START + timedelta(seconds=round(float(value) * 86_400))
        else:
            return moment(value, today, self.zone)
        return _believable(found.replace(tzinfo=self.zone), today) if found else None

    def _numbers(self, match: re.Match[str]) -> datetime | None:
        day, month = (match[2], match[1]) if self.month_first else (match[1], match[2])
        year = int(match[3]) + (2000 if len(match[3]) == 2 else 0)
        hour = int(match[4] or 12)
        if half := (match[7] or "").lower():
            hour = hour % 12 + (12 if half == "pm" else 0)
        try:
            minute, second = int(match[5] or 0), int(match[6] or 0)
            return datetime(year, int(month), int(day), hour, minute, second, tzinfo=UTC)
        except ValueError:
            return None


def month_comes_first(values: Iterable[str], *, where_unclear: bool) -> bool:
    """Whether 3/4/2026 is the 4th of March, by those values of a column that can be read only one way."""
    day_first = month_first = 0
    short_years = True
    for value in values:
        if match := _NUMBERS_FIRST.fullmatch(value):
            day_first += int(match[1]) > 12
            month_first += int(match[2]) > 12
            short_years = short_years and len(match[3]) == 2 and match[6] is not None
    if day_first or month_first:
        return month_first > day_first
    return where_unclear and short_years


def moment(value: str, today: date, zone: tzinfo = LONDON) -> datetime | None:
    """A day or moment as British people and computers write it; a day alone is taken as its noon in ``zone``.

    None where it is no such thing, before 1990 or still to come.
    """
    found = _iso_moment(value, zone)
    if not found:
        day = _day(value)
        found = datetime.combine(day, time(12), zone) if day else None
    return _believable(found, today)


def _believable(found: datetime | None, today: date) -> datetime | None:
    if not found or found.year < FIRST_YEAR or found.date() > today + timedelta(days=1):
        return None
    return found.astimezone(UTC)


def _iso_moment(value: str, zone: tzinfo) -> datetime | None:
    if len(value) <= 10 or not re.match(r"\d{4}-\d\d-\d\d[ T]\d", value):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _day(value: str) -> date | None:
    if match := _YEAR_FIRST.fullmatch(value):
        year, month, day = (int(part) for part in match.groups())
    elif match := _DAY_FIRST.fullmatch(value):
        day, month, year = (int(part) for part in match.groups())
        year += 2000 if year < 100 else 0
    elif (match := _IN_WORDS.fullmatch(value)) and match[2][:3].lower() in _MONTHS:
        day, month, year = int(match[1]), _MONTHS.index(match[2][:3].lower()) + 1, int(match[3])
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None
