"""What is looked at before a survey is published, by the four principles of fair consultation.

The principles are those of R v Brent LBC, ex parte Gunning (1985): ask while it can still change something,
say enough, give enough time, and consider with care what comes in. What the software can see, it looks up;
what only a person can know, a person says. Only what keeps people from answering safely stops a survey. All
else can be set aside for a reason in words, which is kept with the version and shown with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from engage import i18n
from engage.analysis import plain_english
from engage.pdf import unprintable
from engage.surveys import queries, routing
from engage.surveys.content import Content
from engage.surveys.models import Survey, TextCheck
from engage.surveys.wording import texts
from engage.surveys.words import easy_read
from engage.surveys.words.text_checks import LanguageState, easy_read_tested, state_of_languages
from engage.surveys.words.translating import english_name

ENOUGH_DAYS = 28
"""A rule of our own: in four weeks every group that meets once a month has met, and post has gone both ways.
No law gives a figure for surveys like ours; government's consultation principles (2018) only ask for a time
that fits the matter."""

FEW_DAYS = 21
"""What people have to comment on a planning application: SI 2015/595, article 33 (1)."""

OLDEST_READER = 13
"""Reading age in years above which a text is named. Plain news articles are read at about 13."""

MOST_NAMED = 5


class Principle(StrEnum):
    """What makes a consultation fair."""

    OPEN = "open"
    KNOW = "know"
    TIME = "time"
    CARE = "care"


PRINCIPLES: Mapping[Principle, Any] = MappingProxyType(
    {
        Principle.OPEN: _l("We ask while it can still change something"),
        Principle.KNOW: _l("Everybody can understand what we ask, and answer it"),
        Principle.TIME: _l("Everybody has enough time"),
        Principle.CARE: _l("What people say is read with care before we decide"),
    }
)


class State(StrEnum):
    """``note`` is only said, ``look`` needs a reason to go on, ``stop`` must be put right."""

    GOOD = "good"
    NOTE = "note"
    LOOK = "look"
    STOP = "stop"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at: how it stands, as a sentence, and what to do about it."""

    key: str
    principle: Principle
    state: State
    title: str
    notes: tuple[str, ...] = ()


def check_list(survey: Survey, content: Content, today: date) -> list[Check]:
    """Everything that the software can see about ``content``, the draft as people would meet it."""
    languages = state_of_languages(survey, content)
    return [
        _given("still_open", Principle.OPEN, content),
        _questions(content),
        _given("reason", Principle.KNOW, content),
        _given("privacy", Principle.KNOW, content),
        _permission(content),
        _plain(content),
        *(_language(state) for state in languages),
        _easy_read(content, easy_read_tested(survey, queries.draft_content(survey))),
        _paper(content),
        _equality(content),
        _days(survey, today),
        _dates(survey, today),
        _given("who_decides", Principle.CARE, content),
        _decided(survey, content),
        _given("considered", Principle.CARE, content),
    ]


# --- What the software can see ------------------------------------------------------------------------------


def _given(key: str, principle: Principle, content: Content) -> Check:
    """Whether a text before the questions is written. Without a privacy notice nobody may be asked."""
    there, missing, advice = {
        "still_open": (
            _("It says what can still change"),
            _("It does not say what can still change"),
            _("Write what is open and what is settled, so that nobody answers in vain."),
        ),
        "reason": (
            _("It says why you ask"),
            _("It does not say why you ask"),
            _("Write in a few sentences what the answers are for."),
        ),
        "privacy": (
            _("It says what becomes of the answers"),
            _("It does not say what becomes of the answers"),
            _("Write who sees the answers, how long you keep them, and how people take them back."),
        ),
        "who_decides": (
            _("It says who decides"),
            _("It does not say who decides"),
            _("Write which group or committee decides, so that people know whom they speak to."),
        ),
        "considered": (
            _("It says how answers are considered"),
            _("It does not say how answers are considered"),
            _("Write who reads the answers and what they do with them before the decision."),
        ),
    }[key]
    if getattr(content, key):
        return Check(key, principle, State.GOOD, there)
    return Check(key, principle, State.STOP if key == "privacy" else State.LOOK, missing, (advice,))


def _questions(content: Content) -> Check:
    found = routing.problems(content)
    if not found:
        return Check("questions", Principle.KNOW, State.GOOD, _("Every question can be reached and answered"))
    notes = tuple(
        _("“%(question)s”: %(message)s", question=content.by_id[one.question].text, message=one.message)
        if one.question in content.by_id
        else one.message
        for one in found
    )
    return Check("questions", Principle.KNOW, State.STOP, _("Some questions cannot be answered yet"), notes)


def _permission(content: Content) -> Check:
    count = sum(question.kind == "permission" for question in content.questions)
    if count == 1:
        return Check("permission", Principle.KNOW, State.GOOD, _("It asks what you may do with the words"))
    if count == 0:
        return Check(
            "permission",
            Principle.KNOW,
            State.LOOK,
            _("It does not ask what you may do with the words"),
            (_("Add the question “What may we do with your words?”. Without it, you can quote nobody."),),
        )
    return Check(
        "permission",
        Principle.KNOW,
        State.LOOK,
        _("It asks more than once what you may do with the words"),
        (_("Keep one of these questions. Two answers that differ help nobody."),),
    )


def _plain(content: Content) -> Check:
    hard = list(_hard_texts(content))
    if not hard:
        title = _("Every text can be read by somebody aged %(age)s or younger", age=OLDEST_READER)
        return Check("plain", Principle.KNOW, State.GOOD, title)
    notes = [
        _("Reading age %(age)s: “%(start)s”", age=age, start=_start(words))
        for age, words in hard[:MOST_NAMED]
    ]
    if len(hard) > MOST_NAMED:
        left = len(hard) - MOST_NAMED
        notes.append(ngettext("And one more text.", "And %(num)d more texts.", left))
    notes.append(_("Shorter sentences and everyday words help most."))
    return Check("plain", Principle.KNOW, State.LOOK, _("Some texts are hard to read"), tuple(notes))


def _hard_texts(content: Content) -> Iterator[tuple[int, str]]:
    for _key, text in texts(content):
        words = text.in_language(i18n.DEFAULT)
        age = plain_english.check(words).age
        if age is not None and age > OLDEST_READER:
            yield age, words


def _start(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= 80 else f"{line[:79].rstrip()}…"


def _language(state: LanguageState) -> Check:
    key, name = f"language_{state.code}", english_name(state.code)
    if state.is_done:
        return Check(
            key, Principle.KNOW, State.GOOD, _("%(language)s is complete and checked", language=name)
        )
    notes = []
    if state.missing:
        notes.append(
            ngettext(
                "One text is missing. People read it in English, marked as English.",
                "%(num)d texts are missing. People read them in English, marked as English.",
                state.missing,
            )
        )
    if state.unchecked:
        notes.append(
            ngettext(
                "One text was not checked by somebody who reads the language well.",
                "%(num)d texts were not checked by somebody who reads the language well.",
                state.unchecked,
            )
        )
    title = _("%(language)s is not complete and checked", language=name)
    return Check(key, Principle.KNOW, State.LOOK, title, tuple(notes))


def _easy_read(content: Content, tested: TextCheck | None) -> Check:
    if not content.easy_read:
        note = _("Write Easy Read twins and have them tested, or say here how people who need it take part.")
        return Check("easy_read", Principle.KNOW, State.LOOK, _("It has no Easy Read form"), (note,))
    notes = [
        _("“%(question)s”: %(message)s", question=content.by_id[question].text, message=message)
        if question in content.by_id
        else message
        for question, message in easy_read.problems(content)
    ]
    if tested is None:
        notes.append(_("Ask people who use Easy Read to test it as it is now, and record who did."))
    if notes:
        title = _("Easy Read is offered, but not ready")
        return Check("easy_read", Principle.KNOW, State.STOP, title, tuple(notes))
    title = _("Easy Read was tested by %(who)s", who=tested.checked_by if tested else "")
    return Check("easy_read", Principle.KNOW, State.GOOD, title)


def _paper(content: Content) -> Check:
    words = "".join(words for _key, text in texts(content) for words in text.root.values())
    missing = unprintable(words)
    if not missing:
        return Check("paper", Principle.KNOW, State.GOOD, _("A paper copy can show every letter"))
    note = _("These would be gaps on paper: %(letters)s. Put other words.", letters=" ".join(missing[:20]))
    return Check("paper", Principle.KNOW, State.LOOK, _("A paper copy cannot show some letters"), (note,))


def _equality(content: Content) -> Check:
    pages = [page for page in content.pages if page.equality]
    if not pages:
        note = _("That is fine for a short survey. With it you can see whom you have not heard.")
        title = _("It has no equality monitoring")
        return Check("equality", Principle.KNOW, State.NOTE, title, (note,))
    if all(page.explanation for page in pages):
        return Check("equality", Principle.KNOW, State.GOOD, _("Equality monitoring says why you ask"))
    note = _("Write on its page why you ask, in a sentence. People answer more when they know.")
    return Check(
        "equality", Principle.KNOW, State.LOOK, _("Equality monitoring does not say why you ask"), (note,)
    )


def _days(survey: Survey, today: date) -> Check:
    """How long people have: from the first day, or from today where that is over."""
    days = max((survey.closes_on - max(survey.opens_on, today)).days + 1, 0)
    title = ngettext("It is open for one day", "It is open for %(num)d days", days)
    if days >= ENOUGH_DAYS:
        return Check("days", Principle.TIME, State.GOOD, title)
    notes = [
        _(
            "No law gives a figure. Our own rule is %(enough)s days: every group that meets once a month has "
            "then met, and there is time for post both ways and for an interpreter.",
            enough=ENOUGH_DAYS,
        )
    ]
    if days < FEW_DAYS:
        notes.append(
            _(
                "People have %(few)s days to comment on a planning application (SI 2015/595, article 33).",
                few=FEW_DAYS,
            )
        )
    notes.append(_("A short survey after an event can be right. If so, say it here."))
    return Check("days", Principle.TIME, State.LOOK, title, tuple(notes))


def _dates(survey: Survey, today: date) -> Check:
    if survey.closes_on >= today:
        return Check("dates", Principle.TIME, State.GOOD, _("The last day is still to come"))
    note = _("Nobody can answer before you change the last day.")
    return Check("dates", Principle.TIME, State.LOOK, _("The last day has gone by"), (note,))


def _decided(survey: Survey, content: Content) -> Check:
    key, principle = "decides_on", Principle.CARE
    if content.decides_on is None:
        note = _("Give the day of the decision, so that people know when to look for what came of it.")
        return Check(key, principle, State.LOOK, _("It does not say when the decision is made"), (note,))
    if content.decides_on > survey.closes_on:
        return Check(key, principle, State.GOOD, _("The decision comes after the last day"))
    note = _("Move the last day forward or the decision back. Else answers come too late to count.")
    title = _("The decision comes before people have finished answering")
    return Check(key, principle, State.LOOK, title, (note,))
