"""Narrowing the record down, and checking it."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from engage.forms import Form, LineField


class EntryFilterForm(Form):
    """Sent with GET: it changes nothing, so that it needs no token."""

    class Meta:
        csrf = False

    action = SelectField(_l("Change"), validate_choice=False)
    person = SelectField(_l("Person"), validate_choice=False)


class CheckForm(Form):
    head = LineField(
        _l("Mark that you noted down earlier, if you have one"),
        description=_l("With it we also see whether the newest entries were cut off."),
    )
