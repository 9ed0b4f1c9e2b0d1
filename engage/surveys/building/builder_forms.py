"""Forms of the survey builder for what is not a question: adding one, pages, and the survey's own texts."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from engage.forms import DateField, Form, LineField, Required, WordsField
from engage.surveys.building.starting_points import BY_KEY, CATALOGUE, asks_by_itself
from engage.surveys.content import Content, Page
from engage.surveys.questions import ON_EQUALITY_PAGES
from engage.surveys.texts import LONGEST

_ENGLISH = "en"
TEXTS = ("title", "introduction", "reason", "still_open", "who_decides", "considered", "privacy")


class StepForm(Form):
    """A button of the outline: nothing to fill in."""


class AddForm(Form):
    """A new question: its kind, and its words."""

    kind = RadioField(
        _l("What kind of question is it?"),
        [Required(_l("Choose a kind of question."))],
        validate_choice=False,
    )
    text = WordsField(_l("The question"), longest=1_000)

    def offer(self, page: Page) -> None:
        """What can stand on this page."""
        self.offered = [kind.key for kind in CATALOGUE if not page.equality or kind.key in ON_EQUALITY_PAGES]
        self.kind.choices = [SelectChoice(key, str(BY_KEY[key].name)) for key in self.offered]

    def validate_kind(self, field: RadioField) -> None:
        if field.data not in self.offered:
            raise ValidationError(_("Choose a kind of question."))

    def validate_text(self, field: WordsField) -> None:
        known = self.kind.data in self.offered
        if not field.data and not (known and asks_by_itself(self.kind.data)):
            raise ValidationError(_("Write the question, as you would ask it across a table."))


class PageForm(Form):
    """A page: its heading, and what people read first."""

    seen = HiddenField()
    title = LineField(_l("Heading of the page"), [Required(_l("Give the page a heading."))], longest=120)
    explanation = WordsField(_l("What people read under the heading"), longest=LONGEST)

    def texts(self) -> list[tuple[str, str]]:
        """What the check of plain English reads: (which text, words)."""
        return [(str(field.label.text), field.data or "") for field in (self.title, self.explanation)]

    def changed(self, page: Page) -> Page:
        """The page with what was typed."""
        return page.model_copy(
            update={
                "title": page.title.with_words(_ENGLISH, self.title.data or ""),
                "explanation": page.explanation.with_words(_ENGLISH, self.explanation.data or ""),
            }
        )


class TextsForm(Form):
    """The survey's own texts: what people read before they begin."""

    seen = HiddenField()
    title = LineField(
        _l("What the survey is called"),
        [Required(_l("Give the survey a name that people will understand."))],
        longest=120,
    )
    introduction = WordsField(_l("What it is about"), longest=LONGEST)
    reason = WordsField(_l("Why we ask"), longest=LONGEST)
    still_open = WordsField(_l("What can still change"), longest=LONGEST)
    who_decides = WordsField(_l("Who decides"), longest=LONGEST)
    decides_on = DateField(_l("When it is decided"))
    considered = WordsField(_l("How what people say is considered"), longest=LONGEST)
    privacy = WordsField(_l("What becomes of people’s answers"), longest=LONGEST)

    @classmethod
    def fill(cls, content: Content) -> dict[str, Any]:
        """The values of the fields for a survey, to begin with."""
        words = {name: getattr(content, name).in_language(_ENGLISH) for name in TEXTS}
        return words | {"decides_on": content.decides_on}

    def texts(self) -> list[tuple[str, str]]:
        """What the check of plain English reads: (which text, words)."""
        return [(str(self[name].label.text), self[name].data or "") for name in TEXTS]

    def changed(self, content: Content) -> Content:
        """The survey with what was typed."""
        words = {name: getattr(content, name).with_words(_ENGLISH, self[name].data or "") for name in TEXTS}
        return content.model_copy(update=words | {"decides_on": self.decides_on.data})
