"""Rows for tests, made through the services that the product uses. The caller commits."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import count

from argon2 import PasswordHasher

from engage.accounts.models import Role, Standpoint, User, UserRole
from engage.contributions import codes, moderation
from engage.contributions import services as contributions
from engage.contributions.models import Channel, Contribution, DecisionKind, Receipt
from engage.conversations import services as conversations
from engage.conversations.models import Conversation
from engage.db import db, utcnow
from engage.themes.models import Theme, ThemeFramework

PASSWORD = "a quiet walk by the river"
# The cheapest parameters: hashing is not what most tests are about.
_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
NOW = datetime(2026, 6, 15, 10, 30, tzinfo=UTC)
_numbers = count(1)


def user(*roles: Role, name: str | None = None, standpoint: Standpoint = Standpoint.STAFF) -> User:
    """Somebody who can sign in with ``PASSWORD``."""
    number = next(_numbers)
    made = User(
        email=f"person{number}@example.org",
        name=name or f"Person {number}",
        standpoint=standpoint,
        password_hash=_HASH,
        created_at=NOW,
        held_roles=[UserRole(role=role) for role in roles],
    )
    db.session.add(made)
    db.session.flush()
    return made


def framework(*names: str) -> ThemeFramework:
    """A theme framework with these themes, or with three small ones."""
    number = next(_numbers)
    made = ThemeFramework(name=f"Framework {number}")
    made.themes = [
        Theme(
            key=name.lower().replace(" ", "-")[:40],
            name=name,
            description=f"What people say about {name.lower()}.",
            seed_phrases=[name.lower()],
            position=position,
        )
        for position, name in enumerate(names or ("Getting about", "Care at home", "Information"), 1)
    ]
    db.session.add(made)
    db.session.flush()
    return made


def conversation(
    name: str | None = None, *, by: User | None = None, themes: ThemeFramework | None = None
) -> Conversation:
    """A conversation that is open now, for a month each way."""
    today = utcnow().date()
    return conversations.start_conversation(
        name=name or f"Big Conversation {next(_numbers)}",
        purpose="To hear what would make care and support better.",
        opens_on=today - timedelta(days=30),
        closes_on=today + timedelta(days=30),
        framework_id=(themes or framework()).id,
        districts=conversations.usual_districts(),
        by=by or user(Role.FACILITATOR),
        now=NOW,
    )


def contribution(
    conversation: Conversation,
    text: str | None = None,
    *,
    channel: Channel = Channel.ONLINE,
    at: datetime | None = None,
    receipt: Receipt | None = None,
    voices: int = 1,
    district: str | None = "Mansfield",
) -> Contribution:
    """A voice that waits to be read."""
    number = next(_numbers)
    made = contributions.receive(
        conversation,
        text or f"The bus that takes me to the day centre was late again, number {number}.",
        channel=channel,
        received_at=at or NOW + timedelta(minutes=number),
        receipt=receipt,
        voices=voices,
        district=district,
    )
    db.session.flush()
    return made


def approved(
    conversation: Conversation, text: str | None = None, *, by: User, **values: object
) -> Contribution:
    """A voice that a moderator has approved."""
    made = contribution(conversation, text, **values)  # type: ignore[arg-type]
    moderation.decide(made, DecisionKind.APPROVE, by=by, now=NOW)
    return made


def receipt(conversation: Conversation) -> tuple[Receipt, str]:
    """A receipt and its tracking code."""
    code = codes.new_code()
    made = contributions.issue_receipt(conversation, code=code, channel=Channel.ONLINE, now=NOW)
    db.session.flush()
    return made, code


def day(year: int, month: int, day_of_month: int) -> date:
    return date(year, month, day_of_month)
