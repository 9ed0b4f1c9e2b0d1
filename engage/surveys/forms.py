"""Forms of surveys that are the same for all: sending, starting a survey, its dates, publishing."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from engage.forms import DateField, Form, LineField, PatientForm, Required


class SendForm(PatientForm):
    """The protection of a page with answers; the answers themselves are read by their questions."""


class DatesForm(Form):
    """When people can answer."""

    opens_on = DateField(_l("First day"), [Required(_l("Enter the first day, like 1 6 2026."))])
    closes_on = DateField(_l("Last day"), [Required(_l("Enter the last day, like 17 7 2026."))])

    def validate_closes_on(self, field: Any) -> None:
        if self.opens_on.data and field.data and field.data < self.opens_on.data:
            raise ValidationError(str(_l("Enter a last day that is not before the first day.")))

    def values(self) -> dict[str, Any]:
        """What the services take, once the form is valid."""
        return {"opens_on": self.opens_on.data, "closes_on": self.closes_on.data}


class StartForm(DatesForm):
    """A new survey: what it is called, what to begin with, and when people can answer."""

    title = LineField(
        _l("What it is called"),
        [Required(_l("Give the survey a name that people will understand."))],
        longest=120,
    )
    begin_with = RadioField(
        _l("What to begin with"),
        [Required(_l("Choose what to begin with."))],
        validate_choice=True,
        default="big_conversation",
    )

    def offer(self, choices: list[tuple[str, str]]) -> None:
        """What a survey can begin with: (value, label) each."""
        self.begin_with.choices = [SelectChoice(value=value, label=label) for value, label in choices]


class PublishForm(Form):
    """Publishing the draft: nothing to fill in."""
