"""Questions with one short, exact answer: a number, a date, a postcode area."""

from __future__ import annotations

import re
from datetime import MAXYEAR, MINYEAR, date
from decimal import Decimal, InvalidOperation
from typing import Literal

from flask_babel import format_date, format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from pydantic import Field

from engage.forms import clean_line
from engage.surveys.questions.base import Answer, AnswerRefused, Column, Question, Typed, first
from engage.surveys.texts import NOTHING, Text

LARGEST = 1_000_000_000


class Exact(Question):
    """What questions with one exact answer have in common."""

    def cells(self, answer: Answer) -> dict[str, str | int | float]:
        return {} if answer is None else {self.id: answer}


class Number(Exact):
    """A number, between two bounds where they are given. ``unit`` is said after the box, like "hours"."""

    kind: Literal["number"] = "number"
    lowest: int | None = Field(None, ge=-LARGEST, le=LARGEST)
    highest: int | None = Field(None, ge=-LARGEST, le=LARGEST)
    whole: bool = True
    unit: Text = NOTHING

    def read(self, typed: Typed) -> Answer:
        said = clean_line(first(typed)).replace(" ", "")
        if not said:
            return self.needs(None, _l("Enter a number."))
        number = self._number(said)
        if not self._low <= number <= self._high:
            raise self._out_of_bounds()
        return number

    @property
    def _low(self) -> int:
        return -LARGEST if self.lowest is None else self.lowest

    @property
    def _high(self) -> int:
        return LARGEST if self.highest is None else self.highest

    def _out_of_bounds(self) -> AnswerRefused:
        """Only bounds that the survey sets are named; ours say nothing to anybody."""
        if self.lowest is None and self.highest is None:
            return AnswerRefused(_("Enter a number in figures, like 12."))
        low, high = f"{self._low:,}", f"{self._high:,}"
        return AnswerRefused(_("Enter a number from %(low)s to %(high)s.", low=low, high=high))

    def _number(self, said: str) -> int | float:
        """What was typed as a number; commas every three digits may stand in it."""
        plain = re.sub(r"(?<=\d),(?=\d{3}(?:\D|$))", "", said)
        try:
            number = Decimal(plain)
            if not number.is_finite():
                raise InvalidOperation
        except ArithmeticError:  # Also what is too large to be told whether it is too large.
            raise AnswerRefused(_("Enter a number in figures, like 12.")) from None
        if not -LARGEST <= number <= LARGEST:
            raise self._out_of_bounds()
        if number == number.to_integral_value():
            return int(number)
        if self.whole:
            raise AnswerRefused(_("Enter a whole number, like 12."))
        return float(round(number, 6))

    def typed(self, answer: Answer) -> dict[str, list[str]]:
        return {} if answer is None else {"": [format(Decimal(str(answer)), "f")]}

    def words(self, answer: Answer) -> str:
        if answer is None:
            return ""
        unit = self.unit.said().words
        return f"{format_decimal(answer)} {unit}".strip()

    def columns(self) -> list[Column]:
        return [Column(self.id, str(self.text), holds="number")]

    def problems(self) -> list[str]:
        found = super().problems()
        if self.lowest is not None and self.highest is not None and self.lowest > self.highest:
            found.append(_("The lowest number is larger than the highest, so nobody can answer."))
        return found


class Date(Exact):
    """A day, as ``2026-03-27``, in three boxes; not before ``earliest`` nor after ``latest``."""

    kind: Literal["date"] = "date"
    earliest: date | None = None
    latest: date | None = None

    def read(self, typed: Typed) -> Answer:
        day, month, year = (clean_line(first(typed, part)) for part in ("day", "month", "year"))
        if not (day or month or year):
            return self.needs(None, _l("Enter a date, like 27 3 2026."), "day")
        try:
            numbers = int(year), int(month), int(day)
        except ValueError:
            message = _("Enter the day, the month and the year in numbers, like 27 3 2026.")
            raise AnswerRefused(message, "day") from None
        if not MINYEAR <= numbers[0] <= MAXYEAR:
            raise AnswerRefused(self._between(), "day")
        try:
            found = date(*numbers)
        except (ValueError, OverflowError):
            message = _("There is no such day. Look at the day and the month.")
            raise AnswerRefused(message, "day") from None
        if not (self.earliest or date(1900, 1, 1)) <= found <= (self.latest or date(2200, 12, 31)):
            raise AnswerRefused(self._between(), "day")
        return found.isoformat()

    def _between(self) -> str:
        return _(
            "Enter a date from %(first)s to %(last)s.",
            first=format_date(self.earliest or date(1900, 1, 1), "d MMMM y"),
            last=format_date(self.latest or date(2200, 12, 31), "d MMMM y"),
        )

    def typed(self, answer: Answer) -> dict[str, list[str]]:
        if not answer:
            return {}
        found = date.fromisoformat(answer)
        return {"day": [str(found.day)], "month": [str(found.month)], "year": [str(found.year)]}

    def words(self, answer: Answer) -> str:
        return format_date(date.fromisoformat(answer), "d MMMM y") if answer else ""

    def columns(self) -> list[Column]:
        return [Column(self.id, str(self.text), holds="date")]

    def problems(self) -> list[str]:
        found = super().problems()
        if self.earliest and self.latest and self.earliest > self.latest:
            found.append(_("The earliest date is after the latest, so nobody can answer."))
        return found


_OUTWARD = r"(GIR|[A-Z]{1,2}[0-9][A-Z0-9]?)"
_INWARD = r"([0-9][A-Z]{2})"


class Postcode(Exact):
    """The area of a postcode, such as NG22. A full one that was typed is cut to its area and not kept.

    Only where the survey needs the full postcode, and says why, is ``full`` set.
    """

    kind: Literal["postcode"] = "postcode"
    full: bool = False

    def read(self, typed: Typed) -> Answer:
        said = clean_line(first(typed)).upper().replace(" ", "")
        if not said:
            return self.needs(None, self._ask())
        found = re.fullmatch(f"{_OUTWARD}{_INWARD}", said) or (
            None if self.full else re.fullmatch(_OUTWARD, said)
        )
        if not found:
            raise AnswerRefused(self._ask())
        return f"{found[1]} {found[2]}" if self.full else found[1]

    def _ask(self) -> str:
        if self.full:
            return _("Enter a full postcode, like NG22 8AB.")
        return _("Enter the first half of a postcode, like NG22.")

    def typed(self, answer: Answer) -> dict[str, list[str]]:
        return {"": [answer]} if answer else {}

    def words(self, answer: Answer) -> str:
        return answer or ""

    def columns(self) -> list[Column]:
        return [Column(self.id, str(self.text), holds="place")]
