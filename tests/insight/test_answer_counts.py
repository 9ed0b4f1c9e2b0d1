"""The counts that triggers keep are those of the answers, whatever is added, changed or taken away."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import sqlalchemy as sa

from engage import db as database
from engage.contributions import codes
from engage.contributions.models import Channel, Receipt, Speaker
from engage.db import db
from engage.insight.models import AnswerCount
from engage.surveys.content import Content, Page
from engage.surveys.models import EqualityResponse, Response, SurveyVersion
from engage.surveys.questions import KINDS, Row
from engage.surveys.texts import Text
from tests import factories
from tests.surveys import factories as surveys

Key = tuple[Any, ...]


def kept() -> Counter[Key]:
    """What the triggers have counted, without the version."""
    return Counter(
        {
            (c.question, c.part, c.value, c.speaker, c.channel, c.district): c.people
            for c in db.session.scalars(sa.select(AnswerCount).execution_options(populate_existing=True))
        }
    )


def counted() -> Counter[Key]:
    """The same by looking at every response."""
    found: Counter[Key] = Counter()
    for response in db.session.scalars(sa.select(Response)):
        for question, answer in response.answers.items():
            crossed = (response.speaker.value, response.channel.value, response.district or "")
            if (isinstance(answer, int | float) and not isinstance(answer, bool)) or answer == "2026-03-27":
                crossed = ("", "", "")
            found.update((question, part, value, *crossed) for part, value in parts(answer))
    for equality in db.session.scalars(sa.select(EqualityResponse)):
        for question, answer in equality.answers.items():
            found.update((question, part, value, "", "", "") for part, value in parts(answer))
    return found


def parts(answer: Any) -> list[tuple[str, str]]:
    """An answer as the counts take it apart."""
    if answer is True:
        return [("", "")]
    if not isinstance(answer, list | dict):
        return [("", str(answer))]
    if isinstance(answer, dict) and answer.get("other") is True:
        chosen = answer["chosen"]
        answer = chosen if isinstance(chosen, list) else [chosen]
    if isinstance(answer, list):
        return [("", ""), *((str(place), value) for place, value in enumerate(answer, 1))]
    return [("", ""), *answer.items()]


def random_answers(chance: random.Random) -> dict[str, Any]:
    """Some answers of every shape that a response keeps."""
    letters = ["a", "b", "c", 'with "marks" and \\', "żółć ٣"]
    shapes: dict[str, Any] = {
        "one": chance.choice(letters),
        "other_one": {"chosen": "other", "other": True},
        "several": chance.sample(letters, chance.randint(1, 4)),
        "other_several": {"chosen": [*chance.sample(letters, 2), "other"], "other": True},
        "scale": {row: chance.choice(letters) for row in chance.sample(["chosen", "other", "r1"], 2)},
        "order": chance.sample(letters, 3),
        "number": chance.choice([0, 7, -3, 12.5]),
        "day": "2026-03-27",
        "words": True,
    }
    return dict(chance.sample(list(shapes.items()), chance.randint(0, len(shapes))))


def every_shape() -> Content:
    """A survey whose answers have every shape that there is."""
    letters = surveys.choices("A", "B", "C")

    def asked(kind: str, *ids: str, **more: Any) -> list[Any]:
        return [KINDS[kind](kind=kind, id=one, text=Text(f"{one}?"), **more) for one in ids]

    ordinary = [
        *asked("one_choice", "one", "other_one", choices=letters, other=True),
        *asked("several_choices", "several", "other_several", choices=letters, other=True),
        *asked("agreement", "scale", choices=letters, rows=[Row(id="chosen", text=Text("I am heard."))]),
        *asked("ranking", "order", choices=letters),
        *asked("number", "number"),
        *asked("date", "day"),
        *asked("free_text", "words"),
        *asked("contact", "reach"),
    ]
    monitored = [*asked("one_choice", "faith", choices=letters)]
    monitored += asked("several_choices", "health", choices=letters)
    return Content(
        pages=(
            Page(id="page_1", questions=tuple(ordinary)),
            Page(id="page_2", equality=True, questions=tuple(monitored)),
        )
    )


def add_response(version: SurveyVersion, receipt: Receipt, chance: random.Random) -> Response:
    made = Response(
        version_id=version.id,
        receipt_id=receipt.id,
        channel=chance.choice(list(Channel)),
        speaker=chance.choice(list(Speaker)),
        district=chance.choice(["Mansfield", "Ashfield", None]),
        received_at=factories.NOW,
        answers=random_answers(chance),
    )
    db.session.add(made)
    db.session.flush()
    db.session.add(EqualityResponse(response_id=made.id, answers={"faith": "none", "health": ["x", "y"]}))
    db.session.flush()
    return made


def some_responses(number: int, chance: random.Random) -> list[Response]:
    conversation = factories.conversation()
    version = surveys.survey(conversation, content=every_shape()).versions[-1]
    made = []
    for _ in range(number):
        receipt = Receipt(
            conversation_id=conversation.id,
            code_hash=codes.code_hash(codes.new_code()),
            channel=Channel.ONLINE,
            received_at=factories.NOW,
        )
        db.session.add(receipt)
        db.session.flush()
        made.append(add_response(version, receipt, chance))
    return made


def test_counting_what_was_there_before(ctx: object) -> None:
    some_responses(40, random.Random(8))
    db.session.commit()
    database.downgrade("0016")
    database.upgrade("0017")
    assert kept() == counted() and len(kept()) > 100


def test_counts_follow_every_change(ctx: object) -> None:
    chance = random.Random(7)
    made = some_responses(60, chance)
    assert kept() == counted() and len(kept()) > 100
    for response in made[:20]:
        response.answers, response.speaker = random_answers(chance), Speaker.STAFF
    db.session.flush()
    assert kept() == counted()
    db.session.execute(sa.delete(EqualityResponse).where(EqualityResponse.response_id == made[20].id))
    for response in made[:15]:
        db.session.get(EqualityResponse, response.id).answers = {"faith": "other"}
    db.session.flush()
    assert kept() == counted()
    ids = [response.id for response in made]
    db.session.execute(sa.delete(Response).where(Response.id.in_(ids[10:])))
    db.session.expire_all()
    assert kept() == counted()
    db.session.execute(sa.delete(Response).where(Response.id.in_(ids)))
    db.session.expire_all()
    assert kept() == counted() == Counter()


SECRET = "My own words. " * 15
"""More than 200 characters, and more than the counts have room for."""
WITH_WORDS: dict[str, Any] = {
    "one": SECRET,
    "other_one": {"chosen": "other", "other": SECRET},
    "several": ["a", SECRET],
    "other_several": {"chosen": ["b", "other"], "other": "short words"},
    "scale": {"chosen": "a", "row": SECRET, SECRET: "b"},
    "words": "short words",
    "reach": {"name": "Ada", "email": "ada@example.org", "uses": ["invite"], "chosen": "Ada"},
    SECRET: "a",
    "not_asked": "short words",
}
"""What no service keeps with a response, and what must not be counted if anything ever does."""
COUNTED = {
    ("one", "", ""),
    ("other_one", "", ""),
    ("other_one", "1", "other"),
    ("several", "", ""),
    ("several", "1", "a"),
    ("other_several", "", ""),
    ("other_several", "1", "b"),
    ("other_several", "2", "other"),
    ("scale", "", ""),
    ("scale", "chosen", "a"),
    ("words", "", ""),
    ("reach", "", ""),
    ("not_asked", "", ""),
    ("faith", "", ""),
    ("faith", "1", "other"),
    ("health", "", ""),
    ("health", "1", "a"),
}


def test_own_words_are_never_counted(ctx: object) -> None:
    [response] = some_responses(1, random.Random(3))
    monitored = {
        "faith": {"chosen": "other", "other": SECRET},
        "health": {"chosen": ["a"], "other": "short words"},
    }
    response.answers = WITH_WORDS
    db.session.get_one(EqualityResponse, response.id).answers = monitored
    db.session.commit()
    for _time in range(2):
        assert {key[:3] for key in kept()} == COUNTED
        db.session.rollback()
        database.downgrade("0016")
        database.upgrade("0017")
    db.session.execute(sa.delete(Response).where(Response.id == response.id))
    assert kept() == Counter()
