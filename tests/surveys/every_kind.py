"""A survey with a question of every kind, in English, partly in Urdu, and in Easy Read."""

from __future__ import annotations

from engage.surveys.conditions import Condition, Test
from engage.surveys.content import Content, Page
from engage.surveys.questions import (
    Agreement,
    Choice,
    Contact,
    Date,
    District,
    EasyRead,
    FreeText,
    Number,
    OneChoice,
    Permission,
    Postcode,
    Question,
    Ranking,
    Rating,
    Row,
    SeveralChoices,
    ShortText,
    Statement,
)
from engage.surveys.texts import Text
from tests.surveys.factories import choices

URDU = "آپ کی مدد کون کرتا ہے؟"
SCALE = choices("Strongly agree", "Agree", "Neither", "Disagree", "Strongly disagree")
NONE = Choice(value="none", label=Text("None of these"), alone=True)


def _easy(words: str, picture: str) -> EasyRead:
    return EasyRead(text=Text(words), help=Text("Choose what is right for you."), picture=picture)


def questions() -> tuple[Question, ...]:
    """One of each kind; ``why`` is asked only of those who answered "Yes" to ``choice``."""
    only_yes = Condition(tests=(Test(question="choice", value="yes"),))
    return (
        Statement(id="statement", text=Text("Before you begin"), help=Text("Take your time.\n\nHave a tea.")),
        OneChoice(
            id="choice",
            text=Text({"en": "Does somebody help you at home?", "ur": URDU}),
            help=Text("Think of a usual week."),
            panel=Text("Help can come from family, friends or people who are paid."),
            choices=choices("Yes", "No"),
            other=True,
            easy=_easy("Do you get help at home?", "home"),
        ),
        FreeText(id="why", text=Text("What is it like?"), asks_for="anything", shown_if=only_yes),
        SeveralChoices(
            id="several",
            text=Text("What helps you?"),
            choices=(
                *choices("People", "Money", "A long answer that does not fit on one line of a phone"),
                NONE,
            ),
            other=True,
            easy=_easy("What helps you?", "friends"),
        ),
        Agreement(
            id="agree",
            text=Text("How far do you agree?"),
            choices=SCALE,
            rows=(Row(id="heard", text=Text("I am heard.")), Row(id="safe", text=Text("I feel safe."))),
        ),
        Rating(
            id="rating", text=Text("How easy is it to ring us?"), choices=choices("Easy", "So so", "Hard")
        ),
        Number(id="hours", text=Text("How many hours a week?"), lowest=0, highest=168, unit=Text("hours")),
        Date(id="when", text=Text("When was your last review?"), help=Text("About is good enough.")),
        District(id="district", text=Text("Where do you live?"), about="district"),
        Postcode(id="area", text=Text("What is your postcode area?")),
        Ranking(id="rank", text=Text("What matters most?"), choices=choices("Sleep", "Friends", "Work")),
        ShortText(id="service", text=Text("Which service do you mean?")),
        Permission(id="permission", text=Text("What may we do with your words?")),
        Contact(id="contact", text=Text("How can we reach you?")),
    )


def content() -> Content:
    """All of them, with equality monitoring on a page of its own."""
    monitored = OneChoice(
        id="age",
        text=Text("How old are you?"),
        choices=choices("Under 65", "65 or over", "Prefer not to say"),
    )
    return Content(
        title=Text({"en": "A question of every kind", "ur": "ہر قسم کا سوال"}),
        introduction=Text("So that every kind can be tried."),
        reason=Text("To see that everybody can answer."),
        privacy=Text("Nothing is kept longer than it takes."),
        languages=("en", "ur"),
        easy_read=True,
        pages=(
            Page(id="all", title=Text("All kinds"), questions=questions()),
            Page(
                id="equality",
                title=Text("About you"),
                explanation=Text("We ask so that we notice whom we have not heard."),
                equality=True,
                questions=(monitored,),
            ),
        ),
    )
