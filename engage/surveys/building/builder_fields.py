"""Fields of the builder's forms that no other room needs: a list of lines, a choice of answers, a number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext as _
from wtforms import Field
from wtforms.validators import StopValidation
from wtforms.widgets import TextInput

from engage.forms import LONGEST_LINE, LineField, clean_line, clean_text

EMPTY_LINES = 3
"""How many boxes stand ready where nothing is written yet."""
MOST_LINES = 200
"""Lines that are read at all; a field says itself how many may be kept."""
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True)
class Line:
    """One line of a list: its words in English, the key that it has already, whether it stands alone."""

    key: str = ""
    words: str = ""
    alone: bool = False


class LinesField(Field):
    """A list of short texts in order, such as the answers to choose from, with buttons that need no script.

    Sent as ``<name>-<number>-words``, ``-key`` and ``-alone``, and ``<name>-more`` with further ones, a line
    each. Lines without words go. ``most`` may be kept.
    """

    widget = TextInput()
    data: list[Line]

    def __init__(
        self, label: Any = None, validators: Any = (), *, most: int, stands_alone: bool = False, **kwargs: Any
    ):
        super().__init__(label, validators, **kwargs)
        self.most = most
        self.stands_alone = stands_alone
        self.more = ""
        self.at: int | None = None
        """The line that a button has just moved or added."""

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        super().process(None, data if data is not None else [], extra_filters)
        if formdata:
            numbers = {int(found[1]) for key in formdata if (found := self._pattern().fullmatch(key))}
            self.data = [self._line(formdata, number) for number in sorted(numbers)[:MOST_LINES]]
            self.more = clean_text(formdata.get(f"{self.name}-more"))
            self._take_more()
        if not any(line.words for line in self.data):
            self.data += [Line()] * (EMPTY_LINES - len(self.data))

    def _pattern(self) -> re.Pattern[str]:
        return re.compile(rf"{re.escape(self.name)}-([0-9]{{1,4}})-words")

    def _line(self, formdata: Any, number: int) -> Line:
        def part(name: str) -> str:
            return clean_line(formdata.get(f"{self.name}-{number}-{name}"))

        return Line(part("key"), part("words"), bool(part("alone")))

    def _take_more(self) -> None:
        """Put what was pasted, a line each, behind the others."""
        new = [Line(words=words) for line in self.more.split("\n") if (words := clean_line(line))]
        if new and len(new) + len(self.written) <= MOST_LINES:
            self.data = [line for line in self.data if line.words or line.key] + new
            self.more = ""

    @property
    def written(self) -> list[Line]:
        """The lines that have words."""
        return [line for line in self.data if line.words]

    def press(self, what: str, number: int) -> None:
        """Do what a button of the list says: ``add``, or move or remove a line."""
        if what == "add":
            self.data.append(Line())
            self.at = len(self.data) - 1
        elif 0 <= number < len(self.data):
            line = self.data.pop(number)
            if what == "remove":
                self.at = min(number, len(self.data) - 1) if self.data else None
                self.data = self.data or [Line()]
                return
            self.at = max(0, min(len(self.data), number + (-1 if what == "up" else 1)))
            self.data.insert(self.at, line)

    def pre_validate(self, form: Any) -> None:
        self._fits()
        seen: set[str] = set()
        for line in self.written:
            if line.words.casefold() in seen:
                raise StopValidation(_("“%(words)s” is there twice. Change or remove one.", words=line.words))
            seen.add(line.words.casefold())

    def _fits(self) -> None:
        count = len(self.written) + len([line for line in self.more.split("\n") if line.strip()])
        if count > self.most:
            raise StopValidation(
                _(
                    "There are %(count)s lines here, and %(most)s at most fit. Remove some.",
                    count=f"{count:,}",
                    most=self.most,
                )
            )
        for line in self.written:
            if len(line.words) > LONGEST_LINE:
                raise StopValidation(
                    _(
                        "“%(start)s…” has %(length)s characters. Shorten it to %(longest)s or fewer.",
                        start=line.words[:40],
                        length=f"{len(line.words):,}",
                        longest=LONGEST_LINE,
                    )
                )

    def with_safe_keys(self) -> list[Line]:
        """The written lines, without keys that could not be one."""
        return [line if _KEY.fullmatch(line.key) else replace(line, key="") for line in self.written]


@dataclass(frozen=True)
class AnswerGroup:
    """An earlier question and its answers, as (value, words), for a condition."""

    question: str
    answers: tuple[tuple[str, str], ...]


class TestsField(Field):
    """The tests of a condition: a few menus with the answers to all earlier questions.

    A value is ``question=answer``, or ``question`` alone for any answer. ``kept`` are values that the
    condition has but nothing offers (any more); they stay until somebody chooses another.
    """

    widget = TextInput()
    data: list[str]
    __test__ = False  # Not for the collector of tests.

    def __init__(self, label: Any = None, validators: Any = (), *, menus: int = 3, **kwargs: Any):
        super().__init__(label, validators, **kwargs)
        self.menus = menus
        self.groups: Sequence[AnswerGroup] = ()
        self.kept: frozenset[str] = frozenset()

    def offer(self, groups: Sequence[AnswerGroup], kept: Sequence[str]) -> None:
        offered = {value for group in groups for value, _words in group.answers}
        self.groups, self.kept = groups, frozenset(kept) - offered

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        super().process(None, data if data is not None else [], extra_filters)
        if formdata is not None and self.name in formdata:
            typed = [clean_line(value) for value in formdata.getlist(self.name)]
            self.data = list(dict.fromkeys(value for value in typed if value))

    @property
    def boxes(self) -> list[str]:
        """What stands in each menu: as many as there are tests, and some to spare."""
        spare = max(1, self.menus - len(self.data))
        return [*self.data, *[""] * min(spare, 10 - len(self.data))]

    @property
    def fitting(self) -> list[str]:
        """Those of the values that are offered, or were there before."""
        offered = {value for group in self.groups for value, _words in group.answers} | self.kept
        return [value for value in self.data if value in offered]

    def pre_validate(self, form: Any) -> None:
        if len(self.data) > 10 or self.fitting != self.data:
            raise StopValidation(
                _("Choose the answers from the list. They are those of questions that come earlier.")
            )


class WholeNumberField(LineField):
    """A whole number between two bounds. ``.number`` is it, or None; what was typed stays in ``.data``."""

    def __init__(self, label: Any = None, validators: Any = (), *, low: int, high: int, **kwargs: Any):
        super().__init__(label, validators, **kwargs)
        self.low, self.high = low, high
        self.number: int | None = None

    def process_data(self, value: Any) -> None:
        self.data = "" if value is None else str(value)

    def pre_validate(self, form: Any) -> None:
        self.number = None
        said = (self.data or "").replace(",", "").replace(" ", "").replace("−", "-")
        if not said:
            return
        found = re.fullmatch(r"-?[0-9]{1,15}", said)
        if not found or not self.low <= int(said) <= self.high:
            raise StopValidation(
                _(
                    "%(what)s: enter a whole number from %(low)s to %(high)s, in figures.",
                    what=self.label.text,
                    low=f"{self.low:,}",
                    high=f"{self.high:,}",
                )
            )
        self.number = int(said)
