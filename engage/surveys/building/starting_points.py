"""What the builder offers to begin with: each kind of question in plain words, and questions half made.

The words of scales and of equality monitoring are the product's own, so they come in every language that it
speaks; a facilitator can change them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from engage.contributions.models import Speaker
from engage.surveys.building.editing import new_id
from engage.surveys.questions import (
    HELPED,
    KINDS,
    NOT_SAID,
    SPEAKER,
    Agreement,
    Choice,
    Contact,
    District,
    OneChoice,
    Permission,
    Postcode,
    Question,
    Rating,
)
from engage.surveys.questions.choosing import SOMETHING_ELSE
from engage.surveys.texts import NOTHING, Text, ours

WHO_SPEAKS, WAS_HELPED = "who_speaks", "was_helped"


@dataclass(frozen=True)
class Kind:
    """A kind of question as a facilitator chooses it: what it is called, what it is for, an example."""

    key: str
    name: LazyString
    about: LazyString
    example: LazyString


CATALOGUE: tuple[Kind, ...] = (
    Kind(
        "free_text",
        _l("Own words"),
        _l("A large box. Best for hearing what people think, and why."),
        _l("What would make care at home better?"),
    ),
    Kind(
        "one_choice",
        _l("One choice"),
        _l("People choose one answer of those that you give."),
        _l("How often do you use the day centre?"),
    ),
    Kind(
        "several_choices",
        _l("Several choices"),
        _l("People choose as many answers as are true for them."),
        _l("What helps you to live at home?"),
    ),
    Kind(
        "rating",
        _l("Rating in words"),
        _l("One of a few answers from one end to the other, each in words. Five come with it."),
        _l("How easy is it to get help when you need it?"),
    ),
    Kind(
        "agreement",
        _l("How far people agree"),
        _l("Several sentences, each with the same answers from “strongly agree” to “strongly disagree”."),
        _l("“I feel safe at home.” “I can see the people I want to see.”"),
    ),
    Kind(
        "ranking",
        _l("What matters most"),
        _l("People put a few things in order, the most important first."),
        _l("Which of these should we put right first?"),
    ),
    Kind(
        "short_text",
        _l("A few words"),
        _l("One line in people’s own words."),
        _l("What is the name of the service?"),
    ),
    Kind("number", _l("Number"), _l("A number in figures."), _l("How many hours a week do you give care?")),
    Kind("date", _l("Date"), _l("A day, a month and a year."), _l("When did the support begin?")),
    Kind(
        WHO_SPEAKS,
        _l("Who speaks"),
        _l("Whether somebody draws on care, is an unpaid carer, works in care. It goes with all they say."),
        _l("What brings you to adult social care?"),
    ),
    Kind(
        "district",
        _l("District"),
        _l("Where people live, by the districts of the conversation. They come by themselves."),
        _l("Where do you live?"),
    ),
    Kind(
        "postcode",
        _l("Postcode area"),
        _l("The first half of a postcode, which does not show where somebody lives."),
        _l("What is the first half of your postcode?"),
    ),
    Kind(
        WAS_HELPED,
        _l("Whether somebody helped"),
        _l("Whether people answered by themselves or with help."),
        _l("Did somebody help you to answer?"),
    ),
    Kind(
        "permission",
        _l("What people allow us"),
        _l("Whether we may print their words, get in touch, and invite them to join the group."),
        _l("What may we do with what you told us?"),
    ),
    Kind(
        "contact",
        _l("How to reach people"),
        _l("Name, e-mail, telephone and address, kept apart from their answers, with consent for each use."),
        _l("How can we reach you?"),
    ),
    Kind(
        "statement",
        _l("Words to read"),
        _l("A heading and some words between the questions. There is nothing to answer."),
        _l("The next questions are about getting out and about."),
    ),
)
BY_KEY = {kind.key: kind for kind in CATALOGUE}

_AGREE = (
    _l("Strongly agree"),
    _l("Agree"),
    _l("Neither agree nor disagree"),
    _l("Disagree"),
    _l("Strongly disagree"),
)
_RATING = (_l("Very good"), _l("Good"), _l("Neither good nor bad"), _l("Bad"), _l("Very bad"))
_SPEAKERS = {
    Speaker.DRAWS_ON_CARE: _l("I draw on care or support myself"),
    Speaker.UNPAID_CARER: _l("I look after somebody, unpaid"),
    Speaker.FAMILY_OR_FRIEND: _l("Somebody in my family or a friend draws on it"),
    Speaker.STAFF: _l("I work in social care or health"),
    Speaker.PROVIDER: _l("I run or represent an organisation that gives support"),
    Speaker.NOT_SAID: _l("I would rather not say"),
}
_YES_NO = (_l("Yes, somebody helped me"), _l("No, I answered by myself"))


def kind_of(question: Question) -> Kind:
    """How the builder calls a question."""
    if isinstance(question, OneChoice) and question.about == SPEAKER:
        return BY_KEY[WHO_SPEAKS]
    if isinstance(question, OneChoice) and question.about == HELPED:
        return BY_KEY[WAS_HELPED]
    return BY_KEY[question.kind]


def begun(key: str, text: Text) -> Question:
    """A question of a kind from the catalogue with these words, and what usually belongs to it.

    Kinds that are always asked alike bring words of their own where there are none. Its id is not made yet.
    """
    kind = BY_KEY[key]
    makers: dict[str, tuple[type[Question], dict[str, Any]]] = {
        WHO_SPEAKS: (OneChoice, {"about": SPEAKER, "choices": _speakers()}),
        WAS_HELPED: (OneChoice, {"about": HELPED, "choices": scale(_YES_NO)}),
        "agreement": (Agreement, {"choices": scale(_AGREE)}),
        "rating": (Rating, {"choices": scale(_RATING)}),
    }
    made, values = makers.get(key) or (KINDS[key], {})
    words = text or (ours(kind.example) if asks_by_itself(key) else NOTHING)
    return made(kind=made.model_fields["kind"].default, id="new", text=words, **values)


def asks_by_itself(key: str) -> bool:
    """Whether a kind has usual words of its own, because it is always asked alike."""
    return key in (WHO_SPEAKS, WAS_HELPED) or KINDS[key] in (District, Postcode, Permission, Contact)


def scale(words: Sequence[LazyString]) -> tuple[Choice, ...]:
    """Choices with our own words, with values made from the English ones."""
    labels = [ours(one) for one in words]
    return tuple(Choice(value=new_id(str(label), (), "answer"), label=label) for label in labels)


def _speakers() -> tuple[Choice, ...]:
    return tuple(Choice(value=value, label=ours(words)) for value, words in _SPEAKERS.items())


# --- Equality monitoring ----------------------------------------------------------------------------------

EQUALITY_TITLE = _l("Questions about you")
EQUALITY_WHY = _l(
    "We ask to see whether we hear from everybody, and whether what we do is fair to everybody. You need not "
    "answer. Your answers are kept apart from what you told us, and are only ever counted."
)
_RATHER_NOT = _l("I would rather not say")
_EQUALITY: tuple[tuple[LazyString, tuple[LazyString, ...], bool], ...] = (
    (
        _l("How old are you?"),
        (
            _l("Under 18"),
            _l("18 to 24"),
            _l("25 to 44"),
            _l("45 to 64"),
            _l("65 to 74"),
            _l("75 to 84"),
            _l("85 or older"),
        ),
        False,
    ),
    (_l("What is your sex?"), (_l("Female"), _l("Male")), False),
    (
        _l("Is the gender that you live in the same as the sex that you were registered with at birth?"),
        (_l("Yes"), _l("No")),
        False,
    ),
    (
        _l("What is your ethnic group?"),
        (
            _l("Asian or Asian British"),
            _l("Black, Black British, Caribbean or African"),
            _l("Mixed, or from several ethnic groups"),
            _l("White"),
        ),
        True,
    ),
    (
        _l("Does a long-term illness or a disability make your daily life harder?"),
        (_l("Yes, a lot"), _l("Yes, a little"), _l("No")),
        False,
    ),
    (
        _l("What is your religion?"),
        (
            _l("No religion"),
            _l("Buddhist"),
            _l("Christian"),
            _l("Hindu"),
            _l("Jewish"),
            _l("Muslim"),
            _l("Sikh"),
        ),
        True,
    ),
    (
        _l("Which of these describes how you think of yourself?"),
        (_l("Straight or heterosexual"), _l("Gay or lesbian"), _l("Bisexual")),
        True,
    ),
)


def equality_questions() -> list[Question]:
    """The questions of equality monitoring. None must be answered, and each can be declined.

    "Something else" is an answer like the others, without words of one's own: those would be read by nobody.
    """
    rather_not = Choice(value=NOT_SAID, label=ours(_RATHER_NOT))
    return [
        OneChoice(
            id="new",
            text=ours(text),
            choices=(*scale((*answers, SOMETHING_ELSE) if has_more else answers), rather_not),
        )
        for text, answers, has_more in _EQUALITY
    ]
