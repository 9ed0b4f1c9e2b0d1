"""Forms about groups: naming one, and saying where a voice belongs."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.validators import ValidationError

from engage.forms import Form, LineField, Required
from engage.priorities.new_groups import LONGEST_TITLE

TITLE_NEEDED = _l("Give the group a title, like “The same few carers each week”.")


class EmptyForm(Form):
    """A button and nothing else."""


class TitleForm(Form):
    """Naming a group."""

    title = LineField(_l("What do these voices ask for?"), [Required(TITLE_NEEDED)], longest=LONGEST_TITLE)


class PlaceForm(Form):
    """Where a voice belongs: in a group that there is, or in a new one about one of its themes."""

    where = RadioField(_l("Where does it belong?"), validate_choice=False)
    title = LineField(_l("Title of the new group"), longest=LONGEST_TITLE)

    def validate_where(self, field: RadioField) -> None:
        if field.data not in {choice.value for choice in field.choices or ()}:
            raise ValidationError(str(_l("Choose a group, or start a new one.")))

    def validate_title(self, field: LineField) -> None:
        if (self.where.data or "").startswith("new-") and not field.data:
            raise ValidationError(str(TITLE_NEEDED))
