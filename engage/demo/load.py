"""Fills an empty installation with the sample conversation, through the services that the product uses."""

from __future__ import annotations

import json
import random
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from engage.accounts import queries as accounts
from engage.accounts import services as account_services
from engage.accounts.labels import ROLE_NAMES
from engage.accounts.models import Role, Standpoint, User
from engage.config import Settings
from engage.contributions import codes, moderation
from engage.contributions.labels import WITHHOLD_REASONS
from engage.contributions.models import Channel, Contribution, DecisionKind, Speaker
from engage.contributions.moderation import Passage
from engage.contributions.services import receive
from engage.conversations import queries as conversations
from engage.conversations import services as conversation_services
from engage.conversations.models import Conversation
from engage.db import db, utcnow
from engage.demo import surveys
from engage.notes import services as notes
from engage.priorities import grouping
from engage.priorities import queries as priorities
from engage.surveys.models import SurveyVersion
from engage.themes import frameworks, suggestions
from engage.themes import services as theming

Progress = Callable[[int, int], None]
Voice = dict[str, Any]

UNREAD_DAYS = 6  # Voices of the last days still wait to be read.
UNTHEMED_DAYS = 14  # Those of the last two weeks have no theme yet.
PHONE = "01632 960"
ARRIVED, DECIDED, SUGGESTED, GROUPED = 1, 2, 3, 4


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in to the sample, and the password for everybody in it."""

    name: str
    email: str
    role: str
    password: str


def settings(folder: Path, port: int) -> Settings:
    """Settings of a sample installation in ``folder``; its key is made once and kept there."""
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Settings(
        environment="development",
        secret_key=_kept(folder / "secret-key", lambda: secrets.token_urlsafe(48)),
        data_folder=folder,
        database_url=f"sqlite:///{folder / 'engage.db'}",
        queue_url=f"sqlite:///{folder / 'queue.db'}",
        base_url=f"http://127.0.0.1:{port}",
        council_name="Nottinghamshire County Council (sample)",
    )


def _kept(path: Path, make: Callable[[], str]) -> str:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(make(), encoding="utf-8")
    return path.read_text(encoding="utf-8")


def load(folder: Path, *, progress: Progress) -> list[Person]:
    """Load the sample unless it is there already. Returns one sign-in a role."""
    password = _kept(folder / "password", lambda: "-".join(secrets.choice(_words()) for _ in range(4)))
    if not conversations.conversations():
        now = utcnow()
        people = _people(password, now)
        conversation, version = _conversation(people, now)
        arrived = list(_arrivals(conversation, version, people, now))
        progress(ARRIVED, GROUPED)
        _decide(arrived, people, now)
        db.session.commit()
    progress(DECIDED, GROUPED)
    _think(progress)
    return [
        Person(one["name"], one["email"], str(ROLE_NAMES[Role(one["roles"][0])]), password)
        for one in _read("people")
        if accounts.user_by_email(one["email"])
    ]


def _think(progress: Progress) -> None:
    """Suggest themes and group, unless an earlier start got so far."""
    conversation = conversations.conversations()[0]
    facilitator = accounts.user_by_email("delroy.saunders@example.org")
    if facilitator and not priorities.latest_grouping(conversation.id):
        suggestions.suggest_missing(conversation, save=db.session.commit)
        db.session.commit()
        progress(SUGGESTED, GROUPED)
        grouping.group_now(conversation, by=facilitator, now=utcnow())
        db.session.commit()
    progress(GROUPED, GROUPED)


def welcome(people: list[Person], address: str) -> str:
    """What the terminal says once the sample is ready."""
    width = max(len(person.role) for person in people)
    lines = [f"  {person.role:<{width}}  {person.email}" for person in people]
    return "\n".join(
        [
            "",
            f"Engage is ready at {address}",
            "",
            f"Sign in at {address}/sign-in with the password {people[0].password} as",
            *lines,
            "",
            "Everybody and everything in this sample is invented. Stop with Ctrl+C; start again to go on.",
        ]
    )


def _words() -> list[str]:
    return [word for word in codes.WORDS.values() if len(word) > 5]


def _read(name: str) -> list[dict[str, Any]]:
    path = Path(__file__).with_name(f"{name}.json")
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _people(password: str, now: datetime) -> dict[Role, User]:
    people: dict[Role, User] = {}
    for one in _read("people"):
        user = account_services.add_user(
            email=one["email"],
            name=one["name"],
            password=password,
            roles=[Role(role) for role in one["roles"]],
            standpoint=Standpoint(one["standpoint"]),
            by=None,
            now=now - timedelta(days=80),
        )
        people |= dict.fromkeys(user.roles, user)
    return people


def _conversation(people: dict[Role, User], now: datetime) -> tuple[Conversation, SurveyVersion]:
    facilitator, started = people[Role.FACILITATOR], now - timedelta(days=70)
    opens_on, closes_on = started.date(), now.date() + timedelta(days=40)
    conversation = conversation_services.start_conversation(
        name=f"Big Conversation {now.year}",
        purpose=(
            "We plan adult social care together with the people who draw on it and the people who give it. "
            "What you tell us decides what we put first."
        ),
        opens_on=opens_on,
        closes_on=closes_on,
        framework_id=frameworks.making_it_real(started).id,
        districts=conversation_services.usual_districts(),
        by=facilitator,
        now=started,
    )
    version = surveys.publish(conversation, by=facilitator, now=started)
    surveys.draft(conversation, by=facilitator, now=now - timedelta(days=2))
    return conversation, version


# --- What people said ---------------------------------------------------------------------------------------


def _arrivals(
    conversation: Conversation, version: SurveyVersion, people: dict[Role, User], now: datetime
) -> Iterator[tuple[Voice, Contribution]]:
    """Take every voice in, in the order in which it was said."""
    responses: dict[tuple[str, int], list[Voice]] = defaultdict(list)
    points: dict[int, list[Voice]] = defaultdict(list)
    for voice in _read("voices"):
        if voice.get("respondent"):
            responses[voice["channel"], voice["respondent"]].append(voice)
        elif voice["channel"] == Channel.EVENT:
            points[voice["event"]].append(voice)
        else:
            yield voice, _received(conversation, voice, _moment(voice, now))
    for said in responses.values():
        yield from _responded(conversation, version, said, people[Role.RECORDER], now)
    for number, event in enumerate(_read("events"), 1):
        yield from _noted(conversation, event, points[number], people[Role.RECORDER], now)


def _moment(voice: Voice, now: datetime) -> datetime:
    """The same minute for the same voice at every load, within the working day."""
    chance = random.Random(voice["text"])
    day = now - timedelta(days=min(voice["days_ago"], 60))
    return day.replace(hour=8, minute=0) + timedelta(minutes=chance.randrange(600))


def _received(conversation: Conversation, voice: Voice, at: datetime) -> Contribution:
    contribution = receive(
        conversation,
        voice["text"],
        channel=Channel(voice["channel"]),
        received_at=at,
        speaker=Speaker(voice["speaker"]),
        district=voice["district"],
        prompt=voice["prompt"],
        is_verbatim=voice["verbatim"],
        language=voice["language"],
    )
    db.session.flush()
    return contribution


def _responded(
    conversation: Conversation, version: SurveyVersion, said: list[Voice], recorder: User, now: datetime
) -> Iterator[tuple[Voice, Contribution]]:
    receipt_id = surveys.respond(conversation, version, said, recorder=recorder, now=_moment(said[0], now))
    by_text = {voice["text"]: voice for voice in said}
    for contribution in _of(receipt_id):
        voice = by_text[contribution.text]
        contribution.language = voice["language"]
        yield voice, contribution


def _of(receipt_id: int) -> list[Contribution]:
    query = sa.select(Contribution).where(Contribution.receipt_id == receipt_id).order_by(Contribution.id)
    return list(db.session.scalars(query))


def _noted(
    conversation: Conversation, event: dict[str, Any], points: list[Voice], recorder: User, now: datetime
) -> Iterator[tuple[Voice, Contribution]]:
    held_on = now.date() - timedelta(days=event["held_on_days_ago"])
    written = datetime.combine(held_on, time(17), tzinfo=now.tzinfo)
    note = notes.write_note(
        conversation,
        title=event["title"],
        venue=event["venue"],
        district=event["district"],
        held_on=held_on,
        people_count=event["people_count"],
        summary=event["summary"],
        by=recorder,
        now=written,
    )
    for voice in points:
        point = notes.add_point(
            note,
            voice["text"],
            by=recorder,
            now=written,
            voices=voice["voices"],
            is_verbatim=voice["verbatim"],
            speaker=Speaker(voice["speaker"]),
            prompt=voice["prompt"],
        )
        contribution = db.session.get_one(Contribution, point.contribution_id)
        contribution.language = voice["language"]
        yield voice, contribution


# --- What the team has decided so far -----------------------------------------------------------------------


@cache
def _reason(key: str) -> str:
    return str(WITHHOLD_REASONS[key])


def _decide(arrived: list[tuple[Voice, Contribution]], people: dict[Role, User], now: datetime) -> None:
    """A moderation queue that has been started: the older voices are read, the newer ones wait."""
    themes = {theme.key: theme for theme in frameworks.making_it_real(now).themes}
    moderator, member = people[Role.MODERATOR], people[Role.MEMBER]
    concern_raised = False
    for voice, contribution in sorted(arrived, key=lambda pair: pair[1].received_at):
        read_at = min(contribution.received_at + timedelta(days=2), now)
        age = (now - contribution.received_at).days
        if voice.get("safeguarding"):
            if not concern_raised:
                _raise(contribution, moderator, read_at)
                concern_raised = True
        elif voice.get("notes") in ("Advert", "Abusive"):
            key = "advert" if voice["notes"] == "Advert" else "abuse"
            moderation.decide(
                contribution, DecisionKind.WITHHOLD, by=moderator, now=read_at, reason=_reason(key)
            )
        elif voice.get("personal_data"):
            _hide_phone(contribution, moderator, read_at)
        elif age > UNREAD_DAYS:
            moderation.decide(contribution, DecisionKind.APPROVE, by=moderator, now=read_at)
            if age > UNTHEMED_DAYS:
                chosen = [themes[key] for key in voice["themes"]]
                theming.decide_themes(contribution, chosen, by=member, now=min(read_at, now))


def _raise(contribution: Contribution, moderator: User, at: datetime) -> None:
    reason = "This reads as if somebody is not being looked after. Please look at it today."
    moderation.decide(contribution, DecisionKind.RAISE_CONCERN, by=moderator, now=at, reason=reason)


def _hide_phone(contribution: Contribution, moderator: User, at: datetime) -> None:
    """Hide a telephone number where there is one; the names are left for whoever tries the desk."""
    start = contribution.text.find(PHONE)
    if start >= 0:
        number = contribution.text[start : start + len(PHONE) + 4]
        moderation.redact(
            contribution, [Passage(number, "phone number")], by=moderator, now=at, reason="a phone number"
        )
