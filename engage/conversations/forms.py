"""The form behind a conversation."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectChoice
from wtforms.validators import ValidationError

from engage.conversations import frameworks
from engage.forms import DateField, Form, LineField, Required, WordsField, clean_line

LONGEST_NAME = 120
LONGEST_PURPOSE = 2_000
LONGEST_DISTRICT = 80
MOST_DISTRICTS = 60


class DistrictsField(WordsField):
    """Names of districts, one a line. ``.names`` has them without empty lines and repetitions."""

    @property
    def names(self) -> list[str]:
        lines = (clean_line(line) for line in (self.data or "").split("\n"))
        first_of: dict[str, str] = {}
        for line in lines:
            if line:
                first_of.setdefault(line.casefold(), line)
        return list(first_of.values())


class ChangeConversationForm(Form):
    """What people read about a conversation, its dates and its districts."""

    name = LineField(
        _l("Name"),
        [Required(_l("Enter a name, like Big Conversation 2026."))],
        longest=LONGEST_NAME,
        description=_l("People see it at the top of every page."),
    )
    purpose = WordsField(
        _l("What it is for"),
        [Required(_l("Write in a sentence or two what people's views will be used for."))],
        longest=LONGEST_PURPOSE,
        description=_l("A sentence or two in plain words. People read it on the home page."),
    )
    opens_on = DateField(
        _l("First day"),
        [Required(_l("Enter the first day as day, month and year in numbers, like 27 3 2026."))],
    )
    closes_on = DateField(
        _l("Last day"),
        [Required(_l("Enter the last day as day, month and year in numbers, like 30 6 2026."))],
        description=_l("Until midnight at the end of this day people can tell you something online."),
    )
    districts = DistrictsField(
        _l("Districts or areas"),
        [Required(_l("Write at least one district or area, each on a line of its own."))],
        description=_l("Each on a line of its own. People are asked in which of them they live."),
    )

    def validate_closes_on(self, field: DateField) -> None:
        if self.opens_on.data and field.data and field.data < self.opens_on.data:
            raise ValidationError(_("The last day is before the first. Enter a later one."))

    def validate_districts(self, field: DistrictsField) -> None:
        if len(field.names) > MOST_DISTRICTS:
            raise ValidationError(
                _("Write at most %(most)s districts: nobody reads a longer list.", most=MOST_DISTRICTS)
            )
        too_long = next((name for name in field.names if len(name) > LONGEST_DISTRICT), None)
        if too_long:
            raise ValidationError(
                _(
                    "The line that begins with “%(start)s” is too long. Shorten it to %(most)s characters.",
                    start=too_long[:30],
                    most=LONGEST_DISTRICT,
                )
            )


class StartConversationForm(ChangeConversationForm):
    """The same, with the set of themes, which stays as it is afterwards."""

    framework = RadioField(
        _l("Themes"),
        [Required(_l("Choose a set of themes."))],
        description=_l("What people say is sorted by these. It cannot be changed later."),
        default=frameworks.USUAL,
        validate_choice=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.framework.choices = [SelectChoice(value, name) for value, name in frameworks.choices()]

    def validate_framework(self, field: RadioField) -> None:
        if field.data not in {choice.value for choice in field.choices}:
            raise ValidationError(_("Choose a set of themes from the list."))
