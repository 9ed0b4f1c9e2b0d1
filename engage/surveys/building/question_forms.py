"""Forms for changing a question: one for each kind of question, with only what that kind has.

A form is filled from a question and makes a changed question of what was typed. Only the English words are
changed here; other languages, Easy Read, films and ids stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from engage.contributions.labels import SPEAKERS
from engage.contributions.models import Speaker
from engage.forms import LONGEST_LINE, LONGEST_TEXT, DateField, LineField, WordsField
from engage.surveys.building import lists, menus
from engage.surveys.building.builder_fields import Line, LinesField, WholeNumberField
from engage.surveys.building.question_base import ENGLISH, GONE, QuestionForm, StatementForm, short
from engage.surveys.content import Content
from engage.surveys.questions import SPEAKER, Question
from engage.surveys.questions.choosing import MOST_CHOICES
from engage.surveys.questions.measuring import LARGEST

MOST_ROWS = 20


class ShortTextForm(QuestionForm):
    """A line of own words."""

    longest = WholeNumberField(_l("Longest answer, in characters"), low=10, high=LONGEST_LINE, longest=20)

    @classmethod
    def fill(cls, question: Any) -> dict[str, Any]:
        return super().fill(question) | {"longest": question.longest}

    def changes(self, question: Question, content: Content) -> dict[str, Any]:
        return super().changes(question, content) | {"longest": self.longest.number or self.longest.high}


class FreeTextForm(ShortTextForm):
    """As much as somebody wants to say."""

    longest = WholeNumberField(_l("Longest answer, in characters"), low=100, high=LONGEST_TEXT, longest=20)
    asks_for = RadioField(
        _l("What this question asks for"),
        choices=[
            SelectChoice("good", _l("What is good")),
            SelectChoice("change", _l("What should change")),
            SelectChoice("ideas", _l("Ideas")),
            SelectChoice("anything", _l("Anything that people want to say")),
        ],
        default="anything",
        validate_choice=False,
    )
    theme = SelectField(_l("The theme that answers are probably about"), default="", validate_choice=False)

    def offer_themes(self, themes: Sequence[tuple[int, str]], now: int | None) -> None:
        """What the menu of themes offers; a theme that is set but not there any more stays."""
        choices = [SelectChoice("", _("No theme: decide it by what people say"))]
        choices += [SelectChoice(str(position), name) for position, name in themes]
        if now is not None and now not in dict(themes):
            choices.append(
                SelectChoice(str(now), _("Theme number %(number)s, which is not there now", number=now))
            )
        self.theme.choices = choices

    @classmethod
    def fill(cls, question: Any) -> dict[str, Any]:
        theme = "" if question.theme is None else str(question.theme)
        return super().fill(question) | {"asks_for": question.asks_for, "theme": theme}

    def changes(self, question: Question, content: Content) -> dict[str, Any]:
        offered = {
            str(choice.value) for choice in self.theme.choices or [] if isinstance(choice, SelectChoice)
        }
        theme = self.theme.data if self.theme.data in offered else ""
        return super().changes(question, content) | {
            "asks_for": self.asks_for.data
            if self.asks_for.data in ("good", "change", "ideas")
            else "anything",
            "theme": int(theme) if theme else None,
        }

    def validate_theme(self, field: SelectField) -> None:
        if field.data not in self._themes():
            raise ValidationError(_("Choose a theme from the list."))

    def _themes(self) -> set[str]:
        return {value for value, *_rest in self.theme.iter_choices()}


class ChoicesForm(QuestionForm):
    """Answers to choose from, each on a line."""

    choices = LinesField(_l("Answers"), most=MOST_CHOICES)

    @classmethod
    def fill(cls, question: Any) -> dict[str, Any]:
        lines = [
            Line(choice.value, choice.label.in_language(ENGLISH), choice.alone) for choice in question.choices
        ]
        return super().fill(question) | {"choices": lines}

    def changes(self, question: Any, content: Content) -> dict[str, Any]:
        given = lists.choices_ever(question.id, self.versions)
        lines = self.choices.with_safe_keys()
        choices = lists.choices_from(lines, question.choices, trust=self.is_gone, given=given)
        return super().changes(question, content) | {"choices": choices}

    @property
    def is_gone(self) -> bool:
        """Whether somebody removed the question while it was being changed."""
        return self.seen.data == GONE


class OneChoiceForm(ChoicesForm):
    """One answer out of several."""

    other = BooleanField(_l("Offer “Something else”, with a line to say what"))

    @classmethod
    def fill(cls, question: Any) -> dict[str, Any]:
        return super().fill(question) | {"other": question.other}

    def changes(self, question: Any, content: Content) -> dict[str, Any]:
        return super().changes(question, content) | {"other": self.other.data if "other" in self else False}


class SeveralChoicesForm(OneChoiceForm):
    """As many answers as apply; some stand alone."""

    choices = LinesField(_l("Answers"), most=MOST_CHOICES, stands_alone=True)


class SpeakerForm(ChoicesForm):
    """Who speaks: every answer counts as one of the kinds of people that all channels know."""

    def changes(self, question: Any, content: Content) -> dict[str, Any]:
        choices = lists.choices_from(self.choices.written, question.choices, keys=tuple(Speaker))
        return super().changes(question, content) | {"choices": choices}

    def validate_choices(self, field: LinesField) -> None:
        seen: set[str] = set()
        for line in field.written:
            if line.key not in tuple(Speaker):
                raise ValidationError(_("Say whom “%(words)s” stands for.", words=line.words))
            if line.key in seen:
                message = _(
                    "Two answers stand for “%(who)s”. Each can stand once.", who=SPEAKERS[Speaker(line.key)]
                )
                raise ValidationError(message)
            seen.add(line.key)


class AgreementForm(ChoicesForm):
    """Sentences, each with the same answers."""

    rows = LinesField(_l("Sentences that people agree with or not"), most=MOST_ROWS)
    choices = LinesField(_l("Answers to each sentence"), most=MOST_CHOICES)

    @classmethod
    def fill(cls, question: Any) -> dict[str, Any]:
        rows = [Line(row.id, row.text.in_language(ENGLISH)) for row in question.rows]
        return super().fill(question) | {"rows": rows}

    def changes(self, question: Any, content: Content) -> dict[str, Any]:
        given = lists.rows_ever(question.id, self.versions)
        lines = self.rows.with_safe_keys()
        rows = lists.rows_from(lines, question.rows, trust=self.is_gone, given=given)
        return super().changes(question, content) | {"rows": rows}


class NumberForm(QuestionForm):
    """A number, its bounds and its unit."""

    unit = LineField(_l("What is counted"), longest=40)
    whole = BooleanField(_l("Whole numbers only"))
    lowest = WholeNumberField(_l("Smallest number"), low=-LARGEST, high=LARGEST)
    highest = WholeNumberField(_l("Largest number"), low=-LARGEST, high=LARGEST)

    @classmethod
    def fill(cls, question: Any) -> dict[str, Any]:
        return super().fill(question) | {
            "unit": question.unit.in_language(ENGLISH),
            "whole": question.whole,
            "lowest": question.lowest,
            "highest": question.highest,
        }

    def changes(self, question: Any, content: Content) -> dict[str, Any]:
        return super().changes(question, content) | {
            "unit": question.unit.with_words(ENGLISH, short(self.unit.data)),
            "whole": self.whole.data,
            "lowest": self.lowest.number,
            "highest": self.highest.number,
        }

    def validate_highest(self, field: WholeNumberField) -> None:
        low = self.lowest.number
        if low is not None and field.number is not None and field.number < low:
            raise ValidationError(_("Enter a largest number that is not below the smallest."))


class DateForm(QuestionForm):
    """A day, and between which days it lies."""

    earliest = DateField(_l("Earliest day"))
    latest = DateField(_l("Latest day"))

    @classmethod
    def fill(cls, question: Any) -> dict[str, Any]:
        return super().fill(question) | {"earliest": question.earliest, "latest": question.latest}

    def changes(self, question: Any, content: Content) -> dict[str, Any]:
        return super().changes(question, content) | {
            "earliest": self.earliest.data,
            "latest": self.latest.data,
        }

    def validate_latest(self, field: DateField) -> None:
        if self.earliest.data and field.data and field.data < self.earliest.data:
            raise ValidationError(_("Enter a latest day that is not before the earliest."))


class PostcodeForm(QuestionForm):
    """The area of a postcode, or the full one where there is a reason."""

    full = BooleanField(_l("Ask for the full postcode"))

    @classmethod
    def fill(cls, question: Any) -> dict[str, Any]:
        return super().fill(question) | {"full": question.full}

    def changes(self, question: Any, content: Content) -> dict[str, Any]:
        return super().changes(question, content) | {"full": self.full.data}

    def validate_help(self, field: WordsField) -> None:
        if self.full.data and not (field.data or "").strip():
            raise ValidationError(
                _("A full postcode can show where somebody lives. Say in the help why you need it.")
            )


FORMS: Mapping[str, type[QuestionForm]] = {
    "short_text": ShortTextForm,
    "free_text": FreeTextForm,
    "one_choice": OneChoiceForm,
    "several_choices": SeveralChoicesForm,
    "agreement": AgreementForm,
    "rating": ChoicesForm,
    "ranking": ChoicesForm,
    "number": NumberForm,
    "date": DateForm,
    "postcode": PostcodeForm,
    "statement": StatementForm,
}


def form_for(
    question: Question,
    content: Content,
    published: Content,
    themes: Sequence[tuple[int, str]],
    versions: Sequence[Content] = (),
) -> QuestionForm:
    """The form of a question. ``published`` is the content as people would meet it, for its answers.

    ``versions`` are those that were published already.
    """
    maker = SpeakerForm if question.about == SPEAKER else FORMS.get(question.kind, QuestionForm)
    form = maker(data=maker.fill(question))
    form.versions = versions
    on_equality = question.id in content.equality_ids
    if on_equality or not question.is_asked:
        del form.required
    if on_equality and "other" in form:
        del form["other"]
    kept = [menus.value_of(test) for test in question.shown_if.tests] if question.shown_if else []
    form.tests.offer(list(menus.earlier_answers(question.id, content, published)), kept)
    if isinstance(form, FreeTextForm):
        form.offer_themes(themes, getattr(question, "theme", None))
    return form
