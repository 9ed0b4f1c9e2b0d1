"""Forms for taking in a file of comments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FileField, SelectField, SelectMultipleField
from wtforms.fields import SelectChoice
from wtforms.validators import ValidationError

from engage.contributions.labels import CHANNELS
from engage.contributions.models import Channel
from engage.forms import Form, LineField
from engage.notes.answers import Kind
from engage.notes.columns import ColumnMapping
from engage.notes.layouts import Column, Layout

# A file's channel is the tool it comes from unless somebody says how the voices first came.
_CHANNELS = sorted(Channel, key=lambda channel: channel is not Channel.IMPORT)


class UploadForm(Form):
    """The file."""

    file = FileField(_l("The file"))
    channel = SelectField(
        _l("How did these voices reach you?"),
        choices=[SelectChoice(channel.value, CHANNELS[channel]) for channel in _CHANNELS],
        default=Channel.IMPORT.value,
        validate_choice=False,
    )

    def validate_file(self, field: FileField) -> None:
        if not getattr(field.data, "filename", ""):
            raise ValidationError(_("Choose the file with the comments."))

    def validate_channel(self, field: SelectField) -> None:
        _check_channel(field)


def _check_channel(field: SelectField) -> None:
    if field.data not in set(Channel):
        raise ValidationError(_("Choose from the list how these voices reached you."))


class MappingForm(Form):
    """Which column holds what."""

    text_column = SelectField(_l("What people said"), validate_choice=False)
    prompt_column = SelectField(_l("The question that was asked"), validate_choice=False)
    prompt = LineField(_l("Or the one question that was the same for all"), longest=500)
    speaker_column = SelectField(_l("Who speaks"), validate_choice=False)
    district_column = SelectField(_l("District"), validate_choice=False)
    date_column = SelectField(_l("The day"), validate_choice=False)
    voices_column = SelectField(_l("How many people say it"), validate_choice=False)
    language_column = SelectField(_l("Language"), validate_choice=False)
    reference_column = SelectField(_l("The row’s own number in the other tool"), validate_choice=False)
    channel = SelectField(
        _l("How did these voices reach you?"),
        choices=[SelectChoice(channel.value, CHANNELS[channel]) for channel in _CHANNELS],
        default=Channel.IMPORT.value,
        validate_choice=False,
    )

    def __init__(self, headers: Sequence[str], guess: dict[str, str], **kwargs: Any) -> None:
        super().__init__(data=guess | kwargs.pop("data", {}), **kwargs)
        self.headers = list(headers)
        columns = [SelectChoice(name, name) for name in headers]
        for field in self.column_fields():
            first = _("Choose a column") if field.short_name == "text_column" else _("Not in this file")
            field.choices = [SelectChoice("", first), *columns]

    def column_fields(self) -> Iterator[SelectField]:
        return (field for field in self if field.short_name.endswith("_column"))

    def validate_text_column(self, field: SelectField) -> None:
        if not field.data:
            raise ValidationError(_("Choose the column that holds what people said."))

    def validate_channel(self, field: SelectField) -> None:
        _check_channel(field)

    def validate(self, extra_validators: Any = None) -> bool:
        """Also check that every chosen column is there, and that none is chosen for two things."""
        fine: bool = super().validate(extra_validators)
        return _check_columns(self.column_fields(), {}) and fine

    def mapping(self, sheet: str | None) -> ColumnMapping:
        """What was chosen."""
        names = [*(field.short_name for field in self.column_fields()), "prompt", "channel"]
        return ColumnMapping.read({name: self[name].data for name in names} | {"sheet": sheet})


class AnswersForm(Form):
    """What to take from an export of another tool. No column that can show who somebody is stands there."""

    text_columns = SelectMultipleField(_l("What people wrote in their own words"), validate_choice=False)
    speaker_column = SelectField(_l("Who speaks"), validate_choice=False)
    district_column = SelectField(_l("District"), validate_choice=False)
    date_column = SelectField(_l("The day"), validate_choice=False)
    language_column = SelectField(_l("Language"), validate_choice=False)
    reference_column = SelectField(_l("The answer’s own number in the other tool"), validate_choice=False)
    with_unfinished = BooleanField(_l("Take in answers that were not finished, too"))
    channel = SelectField(
        _l("How did these voices reach you?"),
        choices=[SelectChoice(channel.value, CHANNELS[channel]) for channel in _CHANNELS],
        default=Channel.IMPORT.value,
        validate_choice=False,
    )

    def __init__(self, layout: Layout, proposal: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(data=proposal | kwargs.pop("data", {}), **kwargs)
        self.layout = layout
        # Likely words first; the closed questions follow, for a person who knows better.
        asked = [*layout.of(Kind.WORDS), *layout.of(Kind.CHOICES)]
        self.text_columns.choices = [SelectChoice(column.heading, _label(column)) for column in asked]
        offered = [column for column in layout.columns if column.kind is not Kind.PERSONAL]
        for field in self.column_fields():
            choices = [SelectChoice(column.heading, _label(column)) for column in offered]
            field.choices = [SelectChoice("", _("Not in this file")), *choices]

    def column_fields(self) -> Iterator[SelectField]:
        return (field for field in self if field.short_name.endswith("_column"))

    def hints(self) -> dict[str, str]:
        """What is said beside a column: its short name in the tool, or that its question looks closed."""
        closed = _("This looks like a question with answers to choose from.")
        found = {column.heading: closed for column in self.layout.of(Kind.CHOICES)}
        for column in self.layout.of(Kind.WORDS):
            if column.question and column.question != column.heading and " " not in column.heading:
                found[column.heading] = _("Column %(heading)s", heading=column.heading)
        return found

    def validate_text_columns(self, field: SelectMultipleField) -> None:
        if not field.data:
            raise ValidationError(_("Choose at least one column that holds what people said."))
        if not set(field.data) <= {choice.value for choice in field.choices}:
            raise ValidationError(_("This column is not in the file. Choose one from the list."))

    def validate_channel(self, field: SelectField) -> None:
        _check_channel(field)

    def validate(self, extra_validators: Any = None) -> bool:
        """Also check that every chosen column is offered, and that none is chosen for two things."""
        fine: bool = super().validate(extra_validators)
        taken = {heading: str(self.text_columns.label.text) for heading in self.text_columns.data or ()}
        return _check_columns(self.column_fields(), taken) and fine

    def mapping(self, sheet: str | None) -> ColumnMapping:
        """What was chosen."""
        names = [field.short_name for field in self.column_fields()]
        chosen = {name: self[name].data for name in [*names, "text_columns", "with_unfinished", "channel"]}
        return ColumnMapping.read(chosen | {"sheet": sheet, "tool": self.layout.tool.value})


def _label(column: Column) -> str:
    return column.question or column.heading


def _check_columns(fields: Iterator[SelectField], taken: dict[str, str]) -> bool:
    """Whether each chosen column is one of those offered and chosen once; else its field says what to do."""
    fine = True
    for field in fields:
        if not field.data:
            continue
        if field.data not in {choice.value for choice in field.choices}:
            field.errors = [_("This column is not in the file. Choose one from the list.")]
        elif field.data in taken:
            field.errors = [
                _(
                    "You chose “%(column)s” for “%(other)s” too. Choose another column for one of them.",
                    column=field.data,
                    other=taken[field.data],
                )
            ]
        taken.setdefault(field.data, str(field.label.text))
        fine = fine and not field.errors
    return fine
