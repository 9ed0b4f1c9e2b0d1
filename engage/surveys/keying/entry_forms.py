"""Forms of staff for paper and telephone: ordering copies, keying answers in, and the second keying."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from engage import i18n
from engage.contributions import codes
from engage.contributions.labels import CHANNELS
from engage.contributions.models import Channel
from engage.forms import DateField, Form, LineField, PatientForm, Required
from engage.surveys.models import Survey, SurveyVersion
from engage.surveys.printing.paper import Order, Size

MOST_COPIES = 200

SIZES = {
    Size.STANDARD: _l("Standard print"),
    Size.LARGE: _l("Large print"),
    Size.EASY: _l("Easy Read, with pictures"),
}


class Offered:
    """The field has one of the answers on the page; the message says what to do."""

    def __init__(self, message: Any) -> None:
        self.message = message

    def __call__(self, form: Any, field: Any) -> None:
        if field.data not in [choice.value for choice in field.iter_choices()]:
            raise ValidationError(str(self.message))


class PaperForm(Form):
    """How many copies of a survey, and what they are like."""

    language = RadioField(_l("Language"), [Offered(_l("Choose a language."))], validate_choice=False)
    size = RadioField(_l("Print"), [Offered(_l("Choose a size of print."))], validate_choice=False)
    copies = LineField(_l("How many copies"), [Required(_l("Say how many copies, like 20."))], longest=20)
    without_code = BooleanField(_l("One copy without a code, for a photocopier"))
    send_to = LineField(_l("Where people send it back"), longest=200)

    def offer(self, languages: Iterable[str], sizes: Iterable[Size]) -> None:
        """The languages and kinds of copy that this survey has."""
        self.language.choices = [SelectChoice(code, i18n.own_name(code)) for code in languages]
        self.size.choices = [SelectChoice(size.value, str(SIZES[size])) for size in sizes]

    def validate_copies(self, field: Any) -> None:
        said = field.data or ""
        if not (said.isascii() and said.isdigit() and 1 <= int(said[:9]) <= MOST_COPIES):
            message = _(
                "Enter a number of copies from 1 to %(most)s. For more, press the button again.",
                most=MOST_COPIES,
            )
            raise ValidationError(message)

    def number_of_copies(self) -> int:
        """How many codes are to be made; 0 for a copy without a code."""
        return 0 if self.without_code.data else int(self.copies.data)

    def order(self) -> Order:
        return Order(self.language.data, Size(self.size.data), self.send_to.data or "")


ENTERED = (Channel.PAPER, Channel.PHONE, Channel.LETTER, Channel.EVENT)


class WhatForm(Form):
    """Which form lies on the desk. It is sent as an address, so it needs no protection of its own."""

    class Meta:
        csrf = False

    version = SelectField(_l("Version"))
    language = SelectField(_l("Language"))
    form = SelectField(_l("Form"))

    def offer(
        self, published: Iterable[tuple[str, datetime]], languages: Iterable[str], *, has_easy: bool
    ) -> None:
        """The versions (number and when each was published), languages and forms that there are."""
        self.version.choices = [
            SelectChoice(
                number, _("Version %(number)s, of %(day)s", number=number, day=format_date(at, "d MMMM y"))
            )
            for number, at in published
        ]
        self.language.choices = [SelectChoice(code, i18n.own_name(code)) for code in languages]
        forms = [SelectChoice("standard", _("Standard or large print"))]
        self.form.choices = [*forms, SelectChoice("easy", _("Easy Read"))] if has_easy else forms


class EntryForm(PatientForm):
    """How answers came, beside the answers themselves. Nothing that was typed is lost."""

    channel = RadioField(
        _l("How they came"),
        [Offered(_l("Choose how the answers came."))],
        validate_choice=False,
    )
    received_on = DateField(
        _l("Day on which we received them"), [Required(_l("Enter the day, like 1 6 2026."))]
    )
    code = LineField(_l("Code on the paper"), longest=60)
    helped_by = LineField(_l("Who helped the person to answer"), longest=200)
    agreed = BooleanField(_l("I read this out, and the person agreed"))
    fresh_code = HiddenField()

    survey: Survey
    version: SurveyVersion
    today: date

    def about(self, survey: Survey, version: SurveyVersion, today: date) -> None:
        """The survey that is answered and the version on the desk, for what can only be checked with them."""
        self.survey, self.version, self.today = survey, version, today
        self.channel.choices = [SelectChoice(one.value, str(CHANNELS[one])) for one in ENTERED]

    def validate_received_on(self, field: Any) -> None:
        day = field.data
        if day is None:
            return
        if day > self.today:
            raise ValidationError(_("This day has not come yet. Enter the day on which they reached us."))
        opened = self.survey.opens_on
        if day < opened:
            raise ValidationError(
                _(
                    "The survey opened on %(day)s. Enter a day from then on.",
                    day=_in_words(self.survey.opens_on),
                )
            )
        published = self.version.published_at.date()
        if day < published:
            raise ValidationError(
                _(
                    "Version %(number)s was published on %(day)s. Enter a day from then on, or choose the "
                    "version that is on the paper.",
                    number=self.version.number,
                    day=_in_words(published),
                )
            )
        if day > self.survey.closes_on:
            raise ValidationError(
                _(
                    "The survey closed on %(day)s, and only what reached us by then counts. If it did, enter "
                    "that day. Otherwise a facilitator can move the last day.",
                    day=_in_words(self.survey.closes_on),
                )
            )

    def validate_code(self, field: Any) -> None:
        code = codes.tidy(field.data or "")
        if field.data and not code:
            raise ValidationError(
                _("A code looks like K7MP 4TWX 9RHC: 12 signs. Look once more, or leave this empty.")
            )
        if code and not codes.is_ours(code):
            raise ValidationError(
                _("None of our copies has this code. Compare each sign with the paper, or leave this empty.")
            )

    def validate_agreed(self, field: Any) -> None:
        if self.channel.data == Channel.PHONE and not field.data:
            raise ValidationError(
                _("Read out how we look after answers, ask whether the person agrees, and tick this box.")
            )

    def the_code(self) -> str:
        """The code under which the answers are kept: the paper's, else the one made with this page."""
        return codes.tidy(self.code.data or "") or codes.tidy(self.fresh_code.data or "") or codes.new_code()


def _in_words(day: date) -> str:
    return str(format_date(day, "d MMMM y"))


class SettleForm(Form):
    """Which of two keyings is right; the view reads the choices, a pair for each difference."""
