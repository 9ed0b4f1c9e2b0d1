"""One form a question, made from the question; and the form with which a facilitator starts a survey."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Field, RadioField, SelectMultipleField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from engage.forms import DateField, Form, LineField, PatientForm, Required, WordsField, clean_text
from engage.surveys.questions import Answer, AnswerRefused, Question


class AnswerForm(PatientForm):
    """One question's answer, in a field called ``answer``."""

    answer: Field


class SendForm(PatientForm):
    """Sending what was checked: nothing to fill in."""


def answer_form(question: Question, kept: Answer, typed: Any | None) -> AnswerForm:
    """The form for a question, filled with the answer that was kept, or with what was ``typed``."""
    return _form_class(question)(formdata=typed, data={"answer": kept})


@lru_cache(maxsize=512)
def _form_class(question: Question) -> type[AnswerForm]:
    fields: dict[str, Callable[..., Any]] = {
        "one_choice": _radios,
        "several_choices": _checkboxes,
        "free_text": _words,
    }
    return type("AnswerForm", (AnswerForm,), {"answer": fields[question.kind](question)})


def _radios(question: Question) -> Any:
    return RadioField(
        question.text, [_fits(question)], choices=_offered(question), description=question.help,
        validate_choice=False,
    )  # fmt: skip


def _checkboxes(question: Question) -> Any:
    return SelectMultipleField(
        question.text, [_fits(question)], choices=_offered(question), description=question.help,
        validate_choice=False,
    )  # fmt: skip


def _words(question: Question) -> Any:
    return TextAreaField(question.text, [_fits(question)], description=question.help, filters=[clean_text])


def _offered(question: Question) -> list[SelectChoice]:
    return [SelectChoice(value=choice.value, label=choice.label) for choice in question.choices]


def _fits(question: Question) -> Callable[[Any, Any], None]:
    """The question itself decides whether an answer fits it."""

    def fits(_form: Any, field: Any) -> None:
        typed = field.data if isinstance(field.data, list) else [field.data] if field.data else []
        try:
            field.data = question.clean(typed)
        except AnswerRefused as refused:
            raise ValidationError(str(refused)) from refused

    return fits


class SurveyForm(Form):
    """What people read at the start of a survey, and when they can answer it."""

    title = LineField(
        _l("What it is called"),
        [Required(_l("Give the survey a name that people will understand."))],
        longest=120,
    )
    introduction = WordsField(
        _l("What it is about"), [Required(_l("Say in a sentence or two what it is about."))], longest=2_000
    )
    opens_on = DateField(_l("First day"), [Required(_l("Enter the first day, like 1 6 2026."))])
    closes_on = DateField(_l("Last day"), [Required(_l("Enter the last day, like 17 7 2026."))])

    def validate_closes_on(self, field: Any) -> None:
        if self.opens_on.data and field.data and field.data < self.opens_on.data:
            raise ValidationError(str(_l("Enter a last day that is not before the first day.")))

    def values(self) -> dict[str, Any]:
        """What the services take, once the form is valid."""
        return {name: self[name].data for name in ("title", "introduction", "opens_on", "closes_on")}


class PublishForm(Form):
    """Publishing the questions: nothing to fill in."""
