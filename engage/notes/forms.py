"""Forms for notes of events and their points. Those of imports are in ``import_forms.py``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField
from wtforms.fields import SelectChoice
from wtforms.validators import ValidationError

from engage.contributions.labels import SPEAKERS
from engage.contributions.models import Speaker
from engage.conversations.models import Conversation
from engage.db import utcnow
from engage.forms import DateField, Form, LineField, Required, WordsField
from engage.notes.models import MOST_PEOPLE, EventNote

MORE_POINTS = 5
OWN_WORDS, SUMMARY = "own", "summary"


class CountField(LineField):
    """A whole number of people, typed as text so that nothing typed is lost. ``.number`` is the count."""

    number: int | None = None

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        typed = (self.data or "").replace(",", "").replace(" ", "")
        if validation_stopped or not typed:
            return
        if not (typed.isascii() and typed.isdigit()) or not 1 <= int(typed[:10]) <= MOST_PEOPLE:
            raise ValidationError(
                _("Enter a whole number from 1 to %(most)s, like 12.", most=f"{MOST_PEOPLE:,}")
            )
        self.number = int(typed)


class EventNoteForm(Form):
    """Where and when people met."""

    title = LineField(
        _l("What was it?"), [Required(_l("Write what it was, like “Listening morning at the library”."))]
    )
    venue = LineField(_l("Where was it?"), [Required(_l("Write where it was, like “Worksop Library”."))])
    district = SelectField(_l("District"), validate_choice=False)
    held_on = DateField(_l("When was it?"), [Required(_l("Enter the day on which it was, like 27 3 2026."))])
    people_count = CountField(
        _l("How many people came?"),
        [Required(_l("Enter how many people came, like 12. An estimate will do."))],
    )
    summary = WordsField(_l("What was it like, in short? (may stay empty)"), longest=2_000)

    def __init__(self, conversation: Conversation, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = list(conversation.districts)
        if self.district.object_data and self.district.object_data not in names:
            names.append(self.district.object_data)  # The note may be older than the list of districts.
        self.district.choices = [SelectChoice("", _("Several, or none of these"))] + [
            SelectChoice(name, name) for name in names
        ]

    def validate_district(self, field: SelectField) -> None:
        if field.data not in {choice.value for choice in field.choices}:
            raise ValidationError(_("Choose a district from the list."))

    def validate_held_on(self, field: DateField) -> None:
        if not field.data:
            return
        today = utcnow().date()
        if field.data > today:
            raise ValidationError(_("Enter a day that has been. This one is still to come."))
        if field.data < today - timedelta(days=365 * 20):
            raise ValidationError(_("Check the year. This day is more than 20 years ago."))

    def answers(self) -> dict[str, Any]:
        """What was typed, as ``services.write_note`` wants it."""
        return {
            "title": self.title.data,
            "venue": self.venue.data,
            "district": self.district.data or None,
            "held_on": self.held_on.data,
            "people_count": self.people_count.number,
            "summary": self.summary.data,
        }


def filled_note_form(note: EventNote, conversation: Conversation) -> EventNoteForm:
    """The form with what stands in a note now."""
    return EventNoteForm(
        conversation,
        data={
            "title": note.title,
            "venue": note.venue,
            "district": note.district or "",
            "held_on": note.held_on,
            "people_count": str(note.people_count),
            "summary": note.summary,
        },
    )


class PointForm(Form):
    """One point that somebody made."""

    prompt = LineField(_l("What was asked? (may stay empty)"), longest=500)
    words = WordsField(_l("What was said"), [Required(_l("Write down what was said."))])
    voices = CountField(_l("How many people said or shared it?"), default="1")
    kind = RadioField(
        _l("Are these their own words?"),
        choices=[
            SelectChoice(OWN_WORDS, _l("Yes, word for word")),
            SelectChoice(SUMMARY, _l("No, I put it together")),
        ],
        default=OWN_WORDS,
        validate_choice=False,
    )
    speaker = SelectField(
        _l("Who said it? (may stay empty)"),
        choices=[
            SelectChoice(speaker.value, SPEAKERS[speaker])
            for speaker in sorted(Speaker, key=lambda s: s is not Speaker.NOT_SAID)
        ],
        default=Speaker.NOT_SAID.value,
        validate_choice=False,
    )

    def validate_kind(self, field: RadioField) -> None:
        if field.data not in (OWN_WORDS, SUMMARY):
            raise ValidationError(_("Choose whether these are their own words."))

    def validate_speaker(self, field: SelectField) -> None:
        if field.data not in set(Speaker):
            raise ValidationError(_("Choose who said it from the list."))

    def written(self) -> Iterator[tuple[str, int]]:
        """Each point's words and for how many people it speaks, in the order of the boxes."""
        yield self.words.data, self.voices.number or 1

    def about(self) -> dict[str, Any]:
        """What holds for every point on the form, as ``services.add_point`` wants it."""
        return {
            "is_verbatim": self.kind.data == OWN_WORDS,
            "speaker": Speaker(self.speaker.data),
            "prompt": self.prompt.data or None,
        }


class SeveralPointsForm(PointForm):
    """Six points at once; boxes that stay empty are left out."""

    def boxes(self) -> list[tuple[WordsField, CountField]]:
        """The further boxes: words and how many people."""
        return [(self[f"words_{n}"], self[f"voices_{n}"]) for n in range(2, MORE_POINTS + 2)]

    def written(self) -> Iterator[tuple[str, int]]:
        yield from super().written()
        for words, voices in self.boxes():
            if words.data:
                yield words.data, voices.number or 1


for _n in range(2, MORE_POINTS + 2):
    setattr(SeveralPointsForm, f"words_{_n}", WordsField(_l("What else was said: %(n)s", n=_n)))
    setattr(
        SeveralPointsForm, f"voices_{_n}", CountField(_l("How many people said or shared it?"), default="1")
    )
