"""Forms of surveys that are the same for all: sending, starting a survey, its dates, publishing."""

from __future__ import annotations

from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from engage.forms import DateField, Form, LineField, PatientForm, Required


class SendForm(PatientForm):
    """The protection of a page with answers; the answers themselves are read by their questions."""


class ComeBackForm(PatientForm):
    """The code of answers that were not sent yet, however it was typed.

    It is protected from other sites: nobody must be led to write into somebody else's answers.
    """

    code = LineField(_l("Your code"), longest=100)


class AnAddress:
    """The text must look like an e-mail address; whether it exists shows when something is sent there."""

    def __call__(self, form: Any, field: Any) -> None:
        try:
            found = validate_email(field.data, check_deliverability=False, test_environment=True)
        except EmailNotValidError:
            raise ValidationError(str(_l("Enter an e-mail address, like name@example.org."))) from None
        field.data = found.normalized


class MailForm(PatientForm):
    """Where one message shall go. The address is used once and kept nowhere."""

    email = LineField(
        _l("E-mail address"), [Required(_l("Enter an e-mail address.")), AnAddress()], longest=254
    )


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
        validate_choice=False,
    )

    def offer(self, choices: list[tuple[str, str]]) -> None:
        """What a survey can begin with: (value, label) each."""
        self.begin_with.choices = [SelectChoice(value=value, label=label) for value, label in choices]

    def validate_begin_with(self, field: Any) -> None:
        if field.data not in {choice.value for choice in field.choices}:
            raise ValidationError(str(_l("Choose what to begin with.")))


class PublishForm(Form):
    """Publishing the draft: nothing to fill in."""
