"""Forms for the words of a survey in other languages, in Easy Read, signed and spoken."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from engage import i18n
from engage.db import utcnow
from engage.forms import DateField, Form, LineField, PatientForm, Required, WordsField
from engage.surveys.texts import LONGEST


class OfferForm(Form):
    """In which languages the survey is offered. The boxes are read by name, since languages come and go."""


class TranslateForm(PatientForm):
    """Who reads the language well and has checked; the texts themselves are read by their keys."""

    checked_by = LineField(_l("Who has checked the words?"))


class TextsFileForm(Form):
    """A file with translations."""

    file = FileField(_l("File with the translations"))


class EasyWordsForm(PatientForm):
    """The easy words of one question; the texts themselves are read by their parts."""


class OfferEasyReadForm(Form):
    """Whether people can choose Easy Read: nothing to fill in."""


class TestedForm(Form):
    """Who tested the Easy Read form, and when."""

    __test__ = False  # Not for the collector of tests.

    tested_by = LineField(
        _l("Who tested it?"), [Required(_l("Say who tested it: names, or the name of a group."))]
    )
    tested_on = DateField(_l("When?"), [Required(_l("Enter the day of the test, like 27 3 2026."))])

    def validate_tested_on(self, field: Any) -> None:
        found: date | None = field.data
        if found and found > utcnow().date():
            raise ValidationError(str(_l("Enter a day that is not in the future.")))


class ClipForm(PatientForm):
    """A film in British Sign Language, or a recording, for one question."""

    kind = RadioField(
        _l("What is it?"),
        [Required(_l("Choose what it is."))],
        choices=[
            SelectChoice(value="bsl", label=_l("A film in British Sign Language")),
            SelectChoice(value="audio", label=_l("A recording of the question, spoken")),
        ],
        validate_choice=False,
    )
    language = SelectField(_l("Language of the words, if there are any"), validate_choice=False)
    file = FileField(_l("The film or the recording"))
    captions = FileField(_l("Captions for the film"))
    silent = BooleanField(_l("The film has no sound"))
    transcript = WordsField(_l("What the film or the recording says, in writing"), longest=LONGEST)

    def validate_kind(self, field: Any) -> None:
        if field.data not in [choice.value for choice in field.choices]:
            raise ValidationError(str(_l("Choose what it is.")))

    def validate_language(self, field: Any) -> None:
        if field.data not in i18n.languages():
            raise ValidationError(str(_l("Choose a language from the list.")))


class RemoveClipForm(Form):
    """Taking a clip away: nothing to fill in."""
