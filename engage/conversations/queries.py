"""Reading conversations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa

from engage.conversations.models import Conversation
from engage.db import db


def conversations() -> Sequence[Conversation]:
    """All conversations, the newest first."""
    return db.session.scalars(
        sa.select(Conversation).order_by(Conversation.opens_on.desc(), Conversation.id.desc())
    ).all()


def conversation(conversation_id: int) -> Conversation | None:
    return db.session.get(Conversation, conversation_id)


def conversation_by_slug(slug: str) -> Conversation | None:
    return db.session.scalar(sa.select(Conversation).where(Conversation.slug == slug))


def conversation_by_name(name: str) -> Conversation | None:
    """The conversation of this name, whatever capitals it is written in."""
    query = sa.select(Conversation).where(sa.func.lower(Conversation.name) == name.lower())
    return db.session.scalars(query.order_by(Conversation.id).limit(1)).first()


def present_conversation(today: date) -> Conversation | None:
    """The one that is open today; else the next to come or the last that was."""
    found = conversations()
    for one in found:
        if one.is_open(today):
            return one
    return found[0] if found else None
