"""Lists, search and counts, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from engage.contributions import queries
from engage.contributions.models import Channel, Contribution, Status
from engage.contributions.queries import Cursor, VoiceFilter
from engage.conversations.models import Conversation
from engage.db import db
from tests import factories
from tests.conftest import StatementCounter
from tests.factories import NOW

WAITING = frozenset({Status.WAITING})


def test_pages_hold_every_voice_once_the_newest_first(ctx: Flask) -> None:
    conversation = factories.conversation()
    at = [NOW + timedelta(minutes=n // 3) for n in range(23)]  # Three share each minute.
    made = [factories.contribution(conversation, at=moment).id for moment in at]
    db.session.commit()
    seen: list[int] = []
    cursor: Cursor | None = None
    while True:
        page = queries.voices(VoiceFilter(conversation.id, WAITING), before=cursor, size=5)
        seen += [voice.id for voice in page.voices]
        if not page.older:
            break
        cursor = Cursor.read(str(page.older))
        assert cursor == page.older
    assert seen == sorted(made, reverse=True)


@pytest.mark.parametrize(
    "written", [None, "", "x", "1-2-3-x", "9e999-1", "nan-1", "1.0-99999999999999999999", "\x00-1"]
)
def test_a_broken_cursor_shows_the_first_page(ctx: Flask, written: str | None) -> None:
    conversation = factories.conversation()
    factories.contribution(conversation)
    page = queries.voices(VoiceFilter(conversation.id, WAITING), before=Cursor.read(written))
    assert len(page.voices) in (0, 1)


@pytest.fixture
def spoken(ctx: Flask) -> Conversation:
    conversation = factories.conversation()
    factories.contribution(conversation, "The bus to Worksop is late. Buses matter!", district="Bassetlaw")
    factories.contribution(conversation, "Opiekunka zawsze się spóźnia.", channel=Channel.PHONE)
    factories.contribution(conversation, "My review's overdue; O'Brien said \"wait\"", channel=Channel.PAPER)
    factories.contribution(factories.conversation(), "The bus in another conversation")
    db.session.commit()
    return conversation


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("bus", 1),
        ("BUS late", 1),
        ("late bus", 1),
        ("bus review", 0),
        ("work", 1),
        ("spóźnia", 1),
        ("o'brien", 1),
        ('"wait"', 1),
        ("overdue;", 1),
        ("bus' OR 1=1 --", 0),
        ("NOT bus", 0),
        ("NEAR(bus late)", 0),
        ("text:bus", 0),
        ("!!!", 0),
        ("* & | !", 0),
        ("\x00bus", 1),
        ("bus " * 500, 1),
        ("خ", 0),
        ("😀", 0),
    ],
)
def test_search_takes_anything_and_finds_the_same_on_both_databases(
    spoken: Conversation, words: str, found: int
) -> None:
    page = queries.voices(VoiceFilter(spoken.id, WAITING, words=words))
    assert len(page.voices) == found


def test_filters_narrow(spoken: Conversation) -> None:
    def texts(**narrowing: object) -> list[str]:
        chosen = VoiceFilter(spoken.id, WAITING, **narrowing)  # type: ignore[arg-type]
        return [voice.text[:8] for voice in queries.voices(chosen).voices]

    assert texts(district="Bassetlaw") == ["The bus "]
    assert texts(channel=Channel.PHONE) == ["Opiekunk"]
    assert texts(channel=Channel.PHONE, district="Bassetlaw") == []


def test_a_page_costs_one_statement_however_long(app: Flask, statements: StatementCounter) -> None:
    with app.app_context():
        conversation = factories.conversation()
        factories.contribution(conversation)
        db.session.commit()
        chosen = VoiceFilter(conversation.id, WAITING)
        with statements:
            queries.voices(chosen)
        one = statements.count
        for _ in range(50):
            factories.contribution(conversation)
        db.session.commit()
        with statements:
            queries.voices(chosen)
        assert statements.count == one == 1


def test_lists_use_the_index_and_not_a_sort(ctx: Flask) -> None:
    conversation = factories.conversation()
    db.session.commit()
    if db.engine.dialect.name != "sqlite":
        indexes = sa.inspect(db.engine).get_indexes("contribution")
        assert "ix_contribution_queue" in {index["name"] for index in indexes}
        return
    query = (
        queries.narrowed(sa.select(Contribution.id), VoiceFilter(conversation.id, WAITING))
        .order_by(Contribution.received_at.desc(), Contribution.id.desc())
        .limit(50)
    )
    text = str(query.compile(db.engine, compile_kwargs={"literal_binds": True}))
    plan = " ".join(row[3] for row in db.session.execute(sa.text(f"EXPLAIN QUERY PLAN {text}")))
    assert "ix_contribution_queue" in plan
    assert "TEMP B-TREE" not in plan
