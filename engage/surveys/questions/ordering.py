"""Questions about several things at once: agreement with statements, and putting things in order."""

from __future__ import annotations

from typing import Literal, Self

from flask_babel import gettext as _
from pydantic import BaseModel, ConfigDict, Field

from engage.forms import clean_line
from engage.surveys.conditions import Id
from engage.surveys.questions.base import Answer, AnswerRefused, Column, Typed, first
from engage.surveys.questions.choosing import Choosing
from engage.surveys.texts import NOTHING, Text


class Row(BaseModel):
    """One statement that people agree with or not."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Id
    text: Text = NOTHING
    easy: Text = NOTHING
    picture: str = Field("", max_length=60)


class Agreement(Choosing):
    """How far people agree with each of several statements: a group of answers a statement, never a table.

    An answer is ``{"row": "value", …}`` with the statements that were answered.
    """

    kind: Literal["agreement"] = "agreement"
    rows: tuple[Row, ...] = Field((), max_length=20)

    def as_easy(self) -> Self:
        easy = super().as_easy()
        if not self.has_twin:
            return easy
        rows = tuple(row.model_copy(update={"text": row.easy}) if row.easy else row for row in self.rows)
        return easy.model_copy(update={"rows": rows})

    def read(self, typed: Typed) -> Answer:
        chosen = {}
        for row in self.rows:
            value = first(typed, row.id)
            if value and value not in self.offered():
                raise AnswerRefused(_("Choose from the answers on this page."), row.id)
            if value:
                chosen[row.id] = value
            elif self.required:
                raise AnswerRefused(_("Choose an answer for each sentence."), row.id)
        return chosen or None

    def typed(self, answer: Answer) -> dict[str, list[str]]:
        return {row: [value] for row, value in (answer or {}).items()}

    def words(self, answer: Answer) -> str:
        lines = [
            f"{row.text.said().words} – {self.label(answer[row.id])}"
            for row in self.rows
            if row.id in (answer or {})
        ]
        return "\n".join(lines)

    def own_words(self, answer: Answer) -> list[tuple[str, str]]:
        return []

    def kept(self, answer: Answer) -> Answer:
        return answer

    def values(self, answer: Answer) -> tuple[str, ...]:
        return ()

    def columns(self) -> list[Column]:
        return [Column(f"{self.id}.{row.id}", f"{self.text} {row.text}", self._codes()) for row in self.rows]

    def cells(self, answer: Answer) -> dict[str, str | int | float]:
        return {f"{self.id}.{row}": value for row, value in (answer or {}).items()}

    def problems(self) -> list[str]:
        found = super().problems()
        if not self.rows:
            found.append(_("Write at least one sentence for people to agree with or not."))
        if any(not row.text for row in self.rows):
            found.append(_("One of the sentences is empty. Write it or remove it."))
        if len({row.id for row in self.rows}) != len(self.rows):
            found.append(_("Two sentences have the same key."))
        if self.other:
            found.append(_("“Something else” cannot stand on a scale of agreement."))
        return found


class Ranking(Choosing):
    """What matters most, then next: a place for each thing, by choosing numbers.

    An answer is the list of values in order, the most important first; things may be left without a place.
    """

    kind: Literal["ranking"] = "ranking"

    def read(self, typed: Typed) -> Answer:
        places: dict[int, str] = {}
        for value in self.offered():
            place = self._place(clean_line(first(typed, value)), value)
            if place is None:
                continue
            if place in places:
                raise AnswerRefused(
                    _(
                        "“%(one)s” and “%(other)s” have the same place, %(place)s. "
                        "Give each a place of its own.",
                        one=self.label(places[place]),
                        other=self.label(value),
                        place=place,
                    ),
                    value,
                )
            places[place] = value
        return self.needs(
            [places[place] for place in sorted(places)], _("Give at least one of them a place.")
        )

    def _place(self, said: str, value: str) -> int | None:
        if not said:
            return None
        most = len(self.choices)
        if not (said.isascii() and said.isdigit() and 1 <= int(said[:9]) <= most):
            message = _("Give it a place from 1 to %(most)s, or none.", most=most)
            raise AnswerRefused(message, value)
        return int(said)

    def typed(self, answer: Answer) -> dict[str, list[str]]:
        return {value: [str(place)] for place, value in enumerate(answer or [], 1)}

    def words(self, answer: Answer) -> str:
        return "\n".join(f"{place}. {self.label(value)}" for place, value in enumerate(answer or [], 1))

    def own_words(self, answer: Answer) -> list[tuple[str, str]]:
        return []

    def kept(self, answer: Answer) -> Answer:
        return answer

    def values(self, answer: Answer) -> tuple[str, ...]:
        return ()

    def columns(self) -> list[Column]:
        return [
            Column(f"{self.id}.{choice.value}", f"{self.text}: {choice.label}", holds="number")
            for choice in self.choices
        ]

    def cells(self, answer: Answer) -> dict[str, str | int | float]:
        return {f"{self.id}.{value}": place for place, value in enumerate(answer or [], 1)}

    def problems(self) -> list[str]:
        found = super().problems()
        if self.other or any(choice.alone for choice in self.choices):
            found.append(_("Only things that can be put in order can stand in a ranking."))
        return found
