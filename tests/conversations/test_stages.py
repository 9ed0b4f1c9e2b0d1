"""What happens in a conversation, and when."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask

from engage.conversations import queries
from engage.conversations.models import Conversation
from engage.conversations.stages import stages
from engage.db import db, utcnow
from tests import factories

OPENS, CLOSES = factories.day(2026, 6, 1), factories.day(2026, 7, 17)


@pytest.mark.parametrize(
    ("today", "states", "when"),
    [
        (OPENS - timedelta(days=1), ["later", "later", "later", "later"], "From 1 June 2026"),
        (OPENS, ["now", "now", "later", "later"], "Now, until 17 July 2026"),
        (CLOSES, ["now", "now", "later", "later"], "Now, until 17 July 2026"),
        (CLOSES + timedelta(days=1), ["done", "now", "later", "later"], "Until 17 July 2026"),
    ],
)
def test_stages_follow_the_conversations_dates(ctx: Flask, today: date, states: list[str], when: str) -> None:
    found = stages(Conversation(opens_on=OPENS, closes_on=CLOSES), today)
    assert [stage["state"] for stage in found] == states
    assert found[0]["when"] == when
    assert found[2]["when"] == "After 17 July 2026"


def test_a_new_conversation_does_not_push_the_running_one_away(ctx: Flask) -> None:
    running = factories.conversation("Big Conversation 2026")
    running.opens_on -= timedelta(days=5)
    newer = factories.conversation("Carers 2027")
    newer.opens_on = utcnow().date()
    db.session.commit()
    assert queries.present_conversation(utcnow().date()) == running
    running.closes_on = utcnow().date() - timedelta(days=1)
    db.session.commit()
    assert queries.present_conversation(utcnow().date()) == newer
