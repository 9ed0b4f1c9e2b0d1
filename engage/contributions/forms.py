"""Forms of the moderation desk."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField
from wtforms.fields import SelectChoice
from wtforms.validators import ValidationError

from engage.contributions.labels import CHANNELS, REDACTION_LABELS, SPEAKERS, STATUSES, WITHHOLD_REASONS
from engage.contributions.models import Status
from engage.forms import Form, LineField, Required, WordsField

LONGEST_REASON = 1_000


def options(labels: dict[Any, Any], anything: Any = None) -> list[SelectChoice]:
    """Choices for a field from a table of labels, led by one that narrows nothing where wanted."""
    first = [SelectChoice("", anything)] if anything else []
    return first + [SelectChoice(str(key), label) for key, label in labels.items()]


class ReasonForm(Form):
    """A decision that needs its reason in words."""

    reason = WordsField(
        _l("Why?"), [Required(_l("Write in a few words why you decide so."))], longest=LONGEST_REASON
    )


class WithholdForm(Form):
    """Holding a voice back; the person reads the reason with their tracking code."""

    why = RadioField(
        _l("Why do you hold it back?"),
        choices=options(WITHHOLD_REASONS),
        validate_choice=False,
    )
    reason = WordsField(_l("In your own words"), longest=LONGEST_REASON)

    def validate_why(self, field: RadioField) -> None:
        if field.data not in WITHHOLD_REASONS:
            raise ValidationError(str(_l("Choose why you hold it back.")))

    def validate_reason(self, field: WordsField) -> None:
        if self.why.data == "other" and not field.data:
            raise ValidationError(str(_l("Write in a few words why you hold it back.")))

    @property
    def words(self) -> str:
        """The reason as the person will read it."""
        chosen = "" if self.why.data == "other" else str(WITHHOLD_REASONS[self.why.data])
        return " ".join(part for part in (chosen, self.reason.data or "") if part)


class RedactForm(Form):
    """Words to hide."""

    words = WordsField(
        _l("Words to hide, exactly as they stand there"),
        [Required(_l("Type or paste the words to hide, or select them in the text above."))],
    )
    label = SelectField(_l("What they are"), choices=options(REDACTION_LABELS), validate_choice=False)
    reason = LineField(_l("Why (may stay empty)"))

    def validate_label(self, field: SelectField) -> None:
        if field.data not in REDACTION_LABELS:
            raise ValidationError(str(_l("Choose what the words are.")))


class VoiceFilterForm(Form):
    """What the list of voices shows. Sent by GET, so it has no token."""

    class Meta:
        csrf = False

    words = LineField(_l("Words"))
    status = SelectField(
        _l("State"),
        choices=options({s: STATUSES[s] for s in Status if s is not Status.SAFEGUARDING}),
        default=str(Status.WAITING),
        validate_choice=False,
    )
    channel = SelectField(
        _l("How it came"), choices=options(CHANNELS, _l("Every way")), validate_choice=False
    )
    speaker = SelectField(_l("Who speaks"), choices=options(SPEAKERS, _l("Everybody")), validate_choice=False)
    district = SelectField(_l("District"), validate_choice=False)
