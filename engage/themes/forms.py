"""Forms about themes: what a voice is about, and what the themes are."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, SelectField, SelectMultipleField
from wtforms.validators import ValidationError

from engage.forms import Form, LineField, Required, WordsField
from engage.themes.frameworks import MOST_PHRASES

LONGEST_NAME = 120
LONGEST_DESCRIPTION = 2_000
LONGEST_PHRASE = 300


class ThemeDecisionForm(Form):
    """What a voice is about. ``seen``: how many decisions there were when the page was opened."""

    themes = SelectMultipleField(_l("What is it about?"), validate_choice=False)
    none_fits = BooleanField(_l("None of them fits"))
    reason = LineField(_l("Why (may stay empty)"))
    seen = HiddenField()

    def validate_themes(self, field: SelectMultipleField) -> None:
        known = {choice.value for choice in field.choices or ()}
        field.data = [key for key in field.data or () if key in known]
        if field.data and self.none_fits.data:
            raise ValidationError(str(_l("Choose themes, or “None of them fits”, but not both.")))
        if not field.data and not self.none_fits.data:
            raise ValidationError(str(_l("Choose what it is about, or “None of them fits”.")))


class NewFrameworkForm(Form):
    """Starting a set of themes."""

    name = LineField(
        _l("What is the set called?"),
        [Required(_l("Give the set a name, like “What matters in our county”."))],
        longest=LONGEST_NAME,
    )
    copy_of = SelectField(_l("Start from"), validate_choice=False)


class ThemeForm(Form):
    """A theme's name, meaning and phrases."""

    name = LineField(
        _l("Name"), [Required(_l("Give the theme a name, like “Getting about”."))], longest=LONGEST_NAME
    )
    description = WordsField(
        _l("What it means"),
        [Required(_l("Write in a sentence or two what belongs to this theme."))],
        longest=LONGEST_DESCRIPTION,
    )
    phrases = WordsField(_l("What people might say about it"), longest=MOST_PHRASES * LONGEST_PHRASE)

    def validate_phrases(self, field: WordsField) -> None:
        phrases = self.seed_phrases
        if len(phrases) > MOST_PHRASES:
            raise ValidationError(
                str(
                    _l(
                        "These are %(number)s phrases. Keep the %(most)s that tell most.",
                        number=len(phrases),
                        most=MOST_PHRASES,
                    )
                )
            )
        for phrase in phrases:
            if len(phrase) > LONGEST_PHRASE:
                raise ValidationError(
                    str(
                        _l(
                            "The phrase that begins “%(beginning)s” is too long. "
                            "Shorten it to %(longest)s characters or fewer.",
                            beginning=phrase[:40],
                            longest=LONGEST_PHRASE,
                        )
                    )
                )

    @property
    def seed_phrases(self) -> tuple[str, ...]:
        """One phrase a line, each once."""
        lines = (line.strip() for line in (self.phrases.data or "").splitlines())
        return tuple(dict.fromkeys(line for line in lines if line))
