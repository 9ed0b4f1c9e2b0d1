"""Questions with given answers: one, several, a rating in words, the district, and what people allow us."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from engage.contributions.models import Speaker
from engage.forms import LONGEST_LINE, clean_line
from engage.surveys.questions.base import (
    NOT_SAID,
    SPEAKER,
    Answer,
    AnswerRefused,
    Column,
    Question,
    Typed,
    first,
)
from engage.surveys.texts import NOTHING, Text, ours

OTHER = "other"
SOMETHING_ELSE, RATHER_NOT_SAY = _l("Something else"), _l("I would rather not say")
MOST_CHOICES = 60


class Choice(BaseModel):
    """One of the answers that a person can choose.

    ``alone`` means that nothing else can be chosen with it, such as "none of these". ``easy`` and
    ``picture`` are its Easy Read twin.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f]{1,80}$")]
    label: Text = NOTHING
    alone: bool = False
    easy: Text = NOTHING
    picture: str = Field("", max_length=60)


class Choosing(Question):
    """What questions with given answers have in common.

    ``other`` adds "something else", with a line for saying what; those words go to the ledger. An answer is
    the value (or list of values), and where somebody said what else, ``{"chosen": …, "other": words}``.
    """

    choices: tuple[Choice, ...] = Field((), max_length=MOST_CHOICES)
    other: bool = False

    def all_choices(self) -> tuple[Choice, ...]:
        """What is offered, with "something else" at the end, before answers that stand alone."""
        if not self.other:
            return self.choices
        more = Choice(value=OTHER, label=ours(SOMETHING_ELSE))
        usual = tuple(choice for choice in self.choices if not choice.alone)
        return (*usual, more, *(choice for choice in self.choices if choice.alone))

    def as_easy(self) -> Self:
        easy = super().as_easy()
        if not self.has_twin:
            return easy
        choices = tuple(c.model_copy(update={"label": c.easy}) if c.easy else c for c in self.choices)
        return easy.model_copy(update={"choices": choices})

    def label(self, value: str, language: str | None = None) -> str:
        """The words of a choice."""
        found = (choice.label for choice in self.all_choices() if choice.value == value)
        return next((text.said(language).words for text in found), "")

    def offered(self) -> tuple[str, ...]:
        return tuple(choice.value for choice in self.all_choices())

    def words(self, answer: Answer) -> str:
        lines = []
        for value in self.values(answer):
            said = self.other_words(answer) if value == OTHER else ""
            lines.append(f"{self.label(value)}: {said}" if said else self.label(value))
        return "\n".join(lines)

    def own_words(self, answer: Answer) -> list[tuple[str, str]]:
        said = self.other_words(answer)
        return [(f"{self.id}.{OTHER}", said)] if said else []

    def kept(self, answer: Answer) -> Answer:
        return {**answer, "other": True} if self.other_words(answer) else answer

    @staticmethod
    def other_words(answer: Answer) -> str:
        """What else somebody said; empty where they did not, or where the words are in the ledger."""
        said = answer.get("other") if isinstance(answer, Mapping) else None
        return said if isinstance(said, str) else ""

    def problems(self) -> list[str]:
        found = super().problems()
        values = self.offered()
        if len(values) < 2:
            found.append(_("Give at least two answers to choose from."))
        if len(set(values)) != len(values):
            found.append(_("Two answers are the same. Change or remove one."))
        if any(not choice.label for choice in self.choices):
            found.append(_("One of the answers has no words. Write them or remove it."))
        if self.about == SPEAKER and not set(values) <= set(Speaker):
            found.append(_("An answer about who speaks is not one of the kinds that we count."))
        return found

    def _chosen(self, typed: Typed) -> list[str]:
        """The values that were chosen, in their order, each once. Raises AnswerRefused."""
        chosen = {value for value in typed.get("", ()) if value}
        if OTHER not in chosen and self.other and clean_line(first(typed, OTHER)):
            chosen.add(OTHER)  # Whoever wrote what else means it, even if the mark is missing.
        if chosen - set(self.offered()):
            raise AnswerRefused(_("Choose from the answers on this page."))
        return [value for value in self.offered() if value in chosen]

    def _with_other(self, chosen: Any, typed: Typed) -> Answer:
        said = clean_line(first(typed, OTHER)) if self.other and OTHER in chosen else ""
        if len(said) > LONGEST_LINE:
            message = _(
                "Say it in %(longest)s characters or fewer. It is all still here.", longest=LONGEST_LINE
            )
            raise AnswerRefused(message, OTHER)
        return {"chosen": chosen, "other": said} if said else chosen

    def _codes(self) -> dict[str, str]:
        return {choice.value: str(choice.label) for choice in self.all_choices()}

    def _other_column(self) -> list[Column]:
        if not self.other:
            return []
        heading = _("%(question)s: something else", question=self.text)
        return [Column(f"{self.id}.{OTHER}", heading, holds="words")]


class OneOf(Choosing):
    """One answer out of several."""

    def read(self, typed: Typed) -> Answer:
        chosen = self._chosen(typed)
        if len(chosen) > 1 and OTHER in chosen and OTHER not in typed.get("", ()):
            chosen.remove(OTHER)  # Words typed beside another answer that was then chosen instead.
        answer = self.needs(chosen[0] if chosen else None, _l("Choose one of the answers."))
        return self._with_other(answer, typed) if answer else None

    def typed(self, answer: Answer) -> dict[str, list[str]]:
        other = self.other_words(answer)
        return {"": list(self.values(answer)), **({OTHER: [other]} if other else {})}

    def values(self, answer: Answer) -> tuple[str, ...]:
        chosen = answer.get("chosen") if isinstance(answer, Mapping) else answer
        return (chosen,) if chosen else ()

    def columns(self) -> list[Column]:
        return [Column(self.id, str(self.text), self._codes()), *self._other_column()]

    def cells(self, answer: Answer) -> dict[str, str | int | float]:
        chosen = self.values(answer)
        return {self.id: chosen[0]} if chosen else {}


class OneChoice(OneOf):
    """One answer out of several."""

    kind: Literal["one_choice"] = "one_choice"


class Rating(OneOf):
    """One of a few answers that go from one end to the other, each in words, such as "Very easy"."""

    kind: Literal["rating"] = "rating"


class SeveralChoices(Choosing):
    """As many answers as apply."""

    kind: Literal["several_choices"] = "several_choices"

    def read(self, typed: Typed) -> Answer:
        chosen = self.needs(self._chosen(typed), _l("Choose at least one of the answers.")) or []
        alone = [choice for choice in self.choices if choice.alone and choice.value in chosen]
        if alone and len(chosen) > 1:
            raise AnswerRefused(
                _(
                    "You chose “%(alone)s” together with something else. Take away one or the other.",
                    alone=alone[0].label.said().words,
                )
            )
        return self._with_other(chosen, typed) if chosen else None

    def typed(self, answer: Answer) -> dict[str, list[str]]:
        other = self.other_words(answer)
        return {"": list(self.values(answer)), **({OTHER: [other]} if other else {})}

    def values(self, answer: Answer) -> tuple[str, ...]:
        return tuple((answer.get("chosen") if isinstance(answer, Mapping) else answer) or ())

    def columns(self) -> list[Column]:
        each = [
            Column(
                f"{self.id}.{choice.value}",
                f"{self.text}: {choice.label}",
                {"1": _("Chosen"), "0": _("Not chosen")},
                holds="yes_no",
            )
            for choice in self.all_choices()
        ]
        words = Column(
            f"{self.id}.{OTHER}_words",
            _("%(question)s: something else, in words", question=self.text),
            holds="words",
        )
        return [*each, words] if self.other else each

    def own_words(self, answer: Answer) -> list[tuple[str, str]]:
        said = self.other_words(answer)
        return [(f"{self.id}.{OTHER}_words", said)] if said else []

    def cells(self, answer: Answer) -> dict[str, str | int | float]:
        chosen = self.values(answer)
        if not chosen:
            return {}
        return {f"{self.id}.{value}": int(value in chosen) for value in self.offered()}


class District(OneOf):
    """Where a person lives: one of the conversation's districts, or that they would rather not say.

    The districts are written into the version when it is published, so that it stays as it was.
    """

    kind: Literal["district"] = "district"

    def with_places(self, names: list[str] | tuple[str, ...]) -> District:
        """The same question with these districts to choose from."""
        places = tuple(Choice(value=name, label=Text(name)) for name in names if name != NOT_SAID)
        not_said = [choice for choice in self.choices if choice.value == NOT_SAID]
        rest = not_said or [Choice(value=NOT_SAID, label=ours(RATHER_NOT_SAY))]
        return self.model_copy(update={"choices": (*places, *rest), "about": "district"})


PUBLISH, CONTACT, JOIN = "publish", "contact", "join"
ALLOWED = {
    PUBLISH: _l("You may print my words, never with my name"),
    CONTACT: _l("You may get in touch with me about what I said"),
    JOIN: _l("I would like to hear about joining the co-production group"),
}


class Permission(SeveralChoices):
    """What people allow us: to print their words, to get in touch, to invite them to the group.

    The answers are always the same three, so that a permission means the same whatever way it was given.
    What is not ticked is not allowed.
    """

    kind: Literal["permission"] = "permission"  # type: ignore[assignment]

    def all_choices(self) -> tuple[Choice, ...]:
        """The three, in the words that the survey gives them, else in ours."""
        own = {choice.value: choice for choice in self.choices}
        return tuple(
            own.get(value) or Choice(value=value, label=ours(words)) for value, words in ALLOWED.items()
        )
