"""A survey as people meet it, in every form, with nothing to send and nothing kept.

Answers can be tried out, so that conditions show what they do: they travel with the form and are forgotten
with the page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _

from engage import i18n
from engage.accounts.guard import staff_blueprint
from engage.accounts.models import Role
from engage.conversations.choice import the_conversation
from engage.surveys import queries, routing, services, spoken
from engage.surveys.answering import PREFIX, Filled, read_all
from engage.surveys.content import Content
from engage.surveys.forms import PublishForm
from engage.surveys.models import Survey
from engage.surveys.questions import Question
from engage.surveys.staff_views import ONE, survey_in_hand
from engage.surveys.words.translating import direction, english_name

staff = staff_blueprint("staff_survey_preview", __name__, {Role.FACILITATOR})
START, END = "~start", "~end"
"""Steps before and after the questions; no question has such an id."""


@dataclass
class Trial:
    """What is looked at, in which form, and what was typed so far. ``at`` is a question's id or a step."""

    survey: Survey
    whole: Content
    number: int | None
    language: str
    easy: bool
    one: bool
    at: str = START
    filled: Filled = field(default_factory=Filled)

    @cached_property
    def content(self) -> Content:
        """In the form that was chosen."""
        return self.whole.for_easy_read() if self.easy else self.whole

    @cached_property
    def shown(self) -> list[Question]:
        """What somebody with these answers is asked."""
        return routing.shown(self.content, self.filled.answers)

    @property
    def question(self) -> Question | None:
        """The question at this step, if it is asked."""
        return next((question for question in self.shown if question.id == self.at), None)

    @property
    def steps(self) -> list[str]:
        return [START, *(question.id for question in self.shown), END]

    def beside(self, by: int) -> str:
        """The step after this one (1), or before it (-1)."""
        place = self.steps.index(self.at) + by
        return self.steps[max(0, min(place, len(self.steps) - 1))]

    @property
    def choices(self) -> dict[str, Any]:
        """What the address says: all that was chosen, less what is at its default."""
        return {
            "version": self.number,
            "language": self.language if self.language != i18n.DEFAULT else None,
            "form": "easy" if self.easy else None,
            "way": "one" if self.one else None,
        }

    @property
    def direction(self) -> str:
        return direction(self.language)

    def values(self, question: Question) -> dict[str, list[str]]:
        """What was typed for a question."""
        return self.filled.typed.get(question.id, {})

    def carried(self) -> Iterator[tuple[str, str]]:
        """The fields of every other question, so that the form keeps what was tried."""
        for question_id, typed in self.filled.typed.items():
            if question_id != self.at:
                for part, said in typed.items():
                    name = f"{PREFIX}{question_id}.{part}" if part else f"{PREFIX}{question_id}"
                    yield from ((name, one) for one in said if one)

    def place(self, question: Question) -> str:
        """Where somebody is, in words."""
        asked = [one for one in self.shown if one.is_asked]
        if question not in asked:
            return ngettext("One question to come", "%(num)d questions to come", len(asked))
        return _("Question %(place)s of %(all)s", place=asked.index(question) + 1, all=len(asked))

    def left_out(self) -> list[Question]:
        """What is not asked with the answers that were tried."""
        met = {question.id for question in self.shown}
        return [question for question in self.content.questions if question.id not in met]

    def wrong_lines(self) -> list[tuple[str, str]]:
        """Everything that is wrong, with the field that it is about."""
        return [(wrong.message, wrong.field_id) for wrong in self.filled.wrong.values()]

    def only_if(self, question: Question) -> str:
        return spoken.only_if(self.content, question)

    def in_language(self, caller: Callable[[], str]) -> str:
        """A part of the page in the survey's language, for ``{% call %}``."""
        with _speaking(self.language):
            return caller()


def _speaking(language: str) -> Any:
    """Whatever is put together meanwhile is in this language."""
    return nullcontext() if language == i18n.DEFAULT else force_locale(language)


@staff.route(f"{ONE}/preview", methods=["GET", "POST"])
def preview(survey_id: int) -> ResponseReturnValue:
    """Inside the workbench: choose form and language, and try out answers."""
    trial = _trial(survey_id)
    _go_on(trial)
    page = render_template(
        "surveys/preview.html",
        trial=trial,
        languages_offered=[(code, english_name(code)) for code in trial.whole.languages],
        words={"try_out": _("Try these answers"), "go_on": _("Continue"), "back": _("Back")},
        form=PublishForm(),
        form_errors=bool(trial.filled.wrong),
    )
    return page, 422 if trial.filled.wrong else 200


@staff.route(f"{ONE}/preview/as-people-meet-it", methods=["GET", "POST"])
def as_met(survey_id: int) -> ResponseReturnValue:
    """In the frame and the language of the public pages, with a banner."""
    trial = _trial(survey_id)
    _go_on(trial)
    banner = {
        "title": _("Preview: nothing can be sent"),
        "words": _("This is what people meet. What you enter here is kept nowhere."),
        "back": _("Back to the workbench"),
    }
    with _speaking(trial.language):
        page = render_template(
            "surveys/preview_as_met.html",
            trial=trial,
            banner=banner,
            conversation_name=the_conversation().name,
            form=PublishForm(),
            form_errors=bool(trial.filled.wrong),
        )
    return page, 422 if trial.filled.wrong else 200


def _trial(survey_id: int) -> Trial:
    survey = survey_in_hand(survey_id)
    number = request.args.get("version", "")
    if number:
        found = [one for one in survey.versions if str(one.number) == number]
        if not found:
            abort(404)
        whole = queries.content_of(found[0])
    else:
        whole = services.as_published(queries.draft_content(survey), the_conversation())
    language = request.args.get("language", i18n.DEFAULT)
    has_easy = any(question.has_twin for question in whole.questions)
    return Trial(
        survey,
        whole,
        int(number) if number else None,
        language if language in whole.languages else i18n.DEFAULT,
        easy=has_easy and request.args.get("form") == "easy",
        one=request.args.get("way") == "one",
    )


def _go_on(trial: Trial) -> None:
    """Read what was tried, and go one step on or back. What does not fit keeps the person where they are."""
    if request.method == "GET" or not PublishForm().validate():
        return
    trial.filled = read_all(trial.content, request.form)
    trial.at = request.form.get("at", START)
    if trial.at not in trial.steps:
        trial.at = START
    wrong = trial.filled.wrong
    if not trial.one:
        return
    trial.filled.wrong = {}
    if request.form.get("go") == "back":
        trial.at = trial.beside(-1)
    elif trial.at in wrong:
        trial.filled.wrong = {trial.at: wrong[trial.at]}
    else:
        trial.at = trial.beside(1)
