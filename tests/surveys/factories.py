"""Surveys for tests, made through the services that the product uses. The caller commits."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

from engage.accounts.models import Role, User
from engage.conversations.models import Conversation
from engage.db import utcnow
from engage.surveys import services
from engage.surveys.models import Survey
from engage.surveys.questions import Question, big_conversation
from tests import factories

_numbers = count(1)


def survey(
    conversation: Conversation | None = None,
    *,
    by: User | None = None,
    questions: tuple[Question, ...] | None = None,
    opens_in: int = -10,
    closes_in: int = 10,
    published: bool = True,
) -> Survey:
    """A Big Conversation's survey, open from ``opens_in`` to ``closes_in`` days from today."""
    by = by or factories.user(Role.FACILITATOR)
    conversation = conversation or factories.conversation(by=by)
    today = utcnow().date()
    made = services.start_survey(
        conversation,
        title=f"Tell us what matters {next(_numbers)}",
        introduction="We want to hear what care and support is like.",
        opens_on=today + timedelta(days=opens_in),
        closes_on=today + timedelta(days=closes_in),
        by=by,
        now=factories.NOW,
    )
    if published:
        services.publish_version(
            made, questions or big_conversation(conversation.districts), by=by, now=factories.NOW
        )
    return made
