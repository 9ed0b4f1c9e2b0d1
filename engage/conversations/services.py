"""Starting and changing a conversation."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import TypedDict

from sqlalchemy.exc import IntegrityError

from engage.accounts.models import User
from engage.audit import services as audit
from engage.conversations import queries
from engage.conversations.models import Conversation
from engage.db import db


class NameTaken(Exception):
    """There is a conversation of this name already."""


class Words(TypedDict):
    """What people read about a conversation, its dates and its districts."""

    name: str
    purpose: str
    opens_on: date
    closes_on: date
    districts: Sequence[str]


@cache
def usual_districts() -> tuple[str, ...]:
    """Districts that a new conversation starts with; a facilitator can change them."""
    return tuple(json.loads(Path(__file__).with_name("districts.json").read_text(encoding="utf-8")))


def slug_for(name: str) -> str:
    """A short form of a name for an address: lower case letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60] or "conversation"


def start_conversation(
    *,
    name: str,
    purpose: str,
    opens_on: date,
    closes_on: date,
    framework_id: int,
    districts: Sequence[str],
    by: User,
    now: datetime,
) -> Conversation:
    """Create a conversation with an address of its own. Raises NameTaken."""
    if queries.conversation_by_name(name):
        raise NameTaken(name)
    base = slug = slug_for(name)
    number = 2
    while queries.conversation_by_slug(slug):
        slug, number = f"{base}-{number}", number + 1
    conversation = Conversation(
        slug=slug,
        name=name,
        purpose=purpose,
        opens_on=opens_on,
        closes_on=closes_on,
        framework_id=framework_id,
        districts=list(districts),
        created_at=now,
    )
    try:
        with db.session.begin_nested():
            db.session.add(conversation)
    except IntegrityError as error:  # Somebody else was faster between the look and the insert.
        raise NameTaken(name) from error
    audit.record("start conversation", "conversation", conversation.id, by=by, now=now, name=name)
    return conversation


def change_conversation(
    conversation: Conversation,
    *,
    name: str,
    purpose: str,
    opens_on: date,
    closes_on: date,
    districts: Sequence[str],
    by: User,
    now: datetime,
) -> None:
    """Change what people read about a conversation, its dates and its districts. Raises NameTaken."""
    namesake = queries.conversation_by_name(name)
    if namesake and namesake.id != conversation.id:
        raise NameTaken(name)
    conversation.name, conversation.purpose = name, purpose
    conversation.opens_on, conversation.closes_on = opens_on, closes_on
    conversation.districts = list(districts)
    db.session.flush()
    audit.record("change conversation", "conversation", conversation.id, by=by, now=now, name=name)
