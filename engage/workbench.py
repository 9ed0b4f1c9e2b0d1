"""The signed-in frame: the rail of places, the conversation in hand, and Today."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Flask, g, request, url_for
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from engage.accounts.guard import EVERYBODY_SIGNED_IN, signed_in_user
from engage.accounts.models import Role
from engage.contributions import queries as contributions
from engage.contributions.models import Status
from engage.conversations.choice import conversation_in_hand
from engage.conversations.models import Conversation
from engage.themes import queries as themes

READERS = {Role.MODERATOR, Role.MEMBER, Role.FACILITATOR}


def _status(status: Status, conversation: Conversation) -> int:
    if "contribution_counts" not in g:
        g.contribution_counts = contributions.counts(conversation.id)
    count: int = g.contribution_counts.by_status[status]
    return count


@dataclass(frozen=True)
class PlaceKind:
    """A place in the rail: who may go there, and how to count what waits in it."""

    label: Any
    endpoint: str
    icon: str
    roles: frozenset[Role]
    waiting: Callable[[Conversation], int] | None = None


@dataclass(frozen=True)
class Place:
    """A place as the rail shows it."""

    label: str
    url: str
    icon: str
    count: int | None
    current: bool


PLACES = (
    PlaceKind(_l("Today"), "staff_today.today", "today", EVERYBODY_SIGNED_IN),
    PlaceKind(
        _l("Safeguarding"),
        "staff_safeguarding.lane",
        "safeguarding",
        frozenset({Role.SAFEGUARDING_LEAD}),
        lambda _conversation: len(contributions.concerns()),
    ),
    PlaceKind(
        _l("Voices"),
        "staff_voices.queue",
        "voices",
        frozenset({Role.MODERATOR}),
        partial(_status, Status.WAITING),
    ),
    PlaceKind(
        _l("Themes"),
        "staff_themes.undecided",
        "themes",
        frozenset(READERS),
        lambda conversation: themes.undecided_count(conversation.id),
    ),
    PlaceKind(_l("Candidate priorities"), "staff_priorities.candidates", "groups", frozenset(READERS)),
    PlaceKind(_l("Event notes"), "staff_notes.notes", "notes", frozenset({Role.RECORDER, Role.FACILITATOR})),
    PlaceKind(
        _l("Imports"), "staff_imports.imports", "imports", frozenset({Role.RECORDER, Role.FACILITATOR})
    ),
    PlaceKind(
        _l("Paper and phone"),
        "staff_survey_entry.surveys",
        "phone",
        frozenset({Role.RECORDER, Role.FACILITATOR}),
    ),
    PlaceKind(_l("Surveys"), "staff_surveys.surveys", "surveys", frozenset({Role.FACILITATOR})),
    PlaceKind(_l("Results"), "staff_results.surveys", "results", frozenset({Role.FACILITATOR, Role.MEMBER})),
    PlaceKind(_l("Export"), "staff_export.export", "export", frozenset({Role.FACILITATOR})),
    PlaceKind(
        _l("Conversations"),
        "staff_conversations.conversations",
        "conversations",
        frozenset({Role.FACILITATOR, Role.ADMIN}),
    ),
    PlaceKind(_l("People"), "staff_people.people", "people", frozenset({Role.ADMIN})),
    PlaceKind(_l("Audit"), "staff_audit.entries", "audit", frozenset({Role.ADMIN})),
)


def init_app(app: Flask) -> None:
    app.context_processor(_frame)


def _frame() -> dict[str, Any]:
    """What every signed-in page shows round its content."""
    if not request or not request.path.startswith("/staff") or not current_user.is_authenticated:
        return {}
    conversation = conversation_in_hand()
    return {
        "places": list(_places(conversation)),
        "conversation_name": conversation.name if conversation else None,
        "conversation_in_hand": conversation,
    }


def _places(conversation: Conversation | None) -> Iterator[Place]:
    roles = signed_in_user().roles
    for kind in PLACES:
        if kind.roles & roles:
            blueprint = kind.endpoint.partition(".")[0]
            yield Place(
                label=str(kind.label),
                url=url_for(kind.endpoint),
                icon=kind.icon,
                count=kind.waiting(conversation) if kind.waiting and conversation else None,
                current=request.blueprint == blueprint,
            )
