"""Which conversation a signed-in person has in hand."""

from __future__ import annotations

from flask import abort, g, redirect, session, url_for

from engage.conversations import queries
from engage.conversations.models import Conversation
from engage.db import utcnow

KEY = "conversation_id"


def conversation_in_hand() -> Conversation | None:
    """The conversation that the person chose, else the present one; None where there is none at all."""
    if "conversation_in_hand" not in g:
        chosen = queries.conversation(session[KEY]) if session.get(KEY) else None
        g.conversation_in_hand = chosen or queries.present_conversation(utcnow().date())
    found: Conversation | None = g.conversation_in_hand
    return found


def the_conversation() -> Conversation:
    """The conversation in hand; where there is none, the request ends at the page that explains it."""
    found = conversation_in_hand()
    if found is None:
        abort(redirect(url_for("staff_today.today"), 303))
    return found


def take_in_hand(conversation: Conversation) -> None:
    session[KEY] = conversation.id
    g.conversation_in_hand = conversation
