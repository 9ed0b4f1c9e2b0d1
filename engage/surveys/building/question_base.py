"""What the forms of all kinds of question have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, RadioField
from wtforms.fields.choices import SelectChoice

from engage.forms import Form, Required, WordsField
from engage.surveys.building import menus
from engage.surveys.building.builder_fields import LinesField, TestsField
from engage.surveys.conditions import Condition
from engage.surveys.content import Content
from engage.surveys.questions import Question
from engage.surveys.texts import LONGEST

ENGLISH = "en"
GONE = "gone"
"""What ``seen`` says where somebody removed the question while it was being changed."""
_WRITE_IT = _l("Write the question, as you would ask it across a table.")


class QuestionForm(Form):
    """What every kind of question has. ``seen`` is the fingerprint of the question that was opened."""

    versions: Sequence[Content] = ()
    """What was published already: its values and rows are never given to other words."""

    seen = HiddenField()
    text = WordsField(_l("The question"), [Required(_WRITE_IT)], longest=1_000)
    help = WordsField(_l("Help, under the question"), longest=2_000)
    panel = WordsField(_l("What you need to know to answer"), longest=LONGEST)
    required = BooleanField(_l("People must answer this before they go on"))
    tests = TestsField(_l("Ask this only if somebody answered"))
    match = RadioField(
        _l("If there are several"),
        choices=[
            SelectChoice("all", _l("Ask it if all of these are true")),
            SelectChoice("any", _l("Ask it if any one of these is true")),
        ],
        default="all",
        validate_choice=False,
    )

    @classmethod
    def fill(cls, question: Question) -> dict[str, Any]:
        """The values of the fields for a question, to begin with."""
        condition = question.shown_if
        return {
            "text": question.text.in_language(ENGLISH),
            "help": question.help.in_language(ENGLISH),
            "panel": question.panel.in_language(ENGLISH),
            "required": question.required,
            "tests": [menus.value_of(test) for test in condition.tests] if condition else [],
            "match": condition.match if condition else "all",
        }

    def changed(self, question: Question, content: Content) -> Question:
        """The question with what was typed."""
        return question.model_copy(update=self.changes(question, content))

    def changes(self, question: Question, content: Content) -> dict[str, Any]:
        return {
            "text": question.text.with_words(ENGLISH, short(self.text.data)),
            "help": question.help.with_words(ENGLISH, short(self.help.data)),
            "panel": question.panel.with_words(ENGLISH, short(self.panel.data)),
            "required": self.required.data if "required" in self else False,
            "shown_if": self._condition(content),
        }

    def _condition(self, content: Content) -> Condition | None:
        match: Literal["all", "any"] = "any" if self.match.data == "any" else "all"
        return menus.condition(self.tests.fitting, match, content)

    def press(self, do: str) -> bool:
        """Do what a button inside the form says, such as ``choices.up.2``; whether there is such a button."""
        name, _dot, rest = do.partition(".")
        what, _dot, number = rest.partition(".")
        field = self._fields.get(name)
        if not isinstance(field, LinesField) or what not in ("up", "down", "remove", "add"):
            return False
        field.press(what, int(number) if number.isascii() and number.isdigit() else -1)
        return True

    def texts(self) -> list[tuple[str, str]]:
        """What the check of plain English reads: (which text, words)."""
        found = [(str(field.label.text), field.data or "") for field in (self.text, self.help, self.panel)]
        for field in self:
            if isinstance(field, LinesField):
                found += [(str(field.label.text), line.words) for line in field.written]
        return found


class StatementForm(QuestionForm):
    """Words to read: there is nothing to answer."""

    text = WordsField(_l("Heading"), [Required(_l("Write a heading for these words."))], longest=1_000)
    help = WordsField(_l("Words under the heading"), longest=2_000)


def short(words: str | None) -> str:
    """Never longer than a text may be, for a look at words that do not fit yet."""
    return (words or "")[:LONGEST]
