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
    """The one that is open today, of several the one that opened first; else the newest.

    So a conversation that somebody prepares does not push the running one off the home page and the desks.
    """
    found = conversations()
    running = [one for one in found if one.is_open(today)]
    if running:
        return min(running, key=lambda one: (one.opens_on, one.id))
    return found[0] if found else None
