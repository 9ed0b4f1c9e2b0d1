"""Deciding themes: what is kept, what is refused."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DatabaseError

from engage.accounts.models import Role
from engage.audit.models import AuditEntry
from engage.contributions import moderation
from engage.contributions.models import DecisionKind
from engage.db import db, utcnow
from engage.themes import queries, services
from engage.themes.models import ThemeSuggestion
from tests import factories
from tests.factories import NOW


def keys(contribution_id: int) -> list[str]:
    return [theme.key for theme in queries.themes_of([contribution_id])[contribution_id]]


def test_several_themes_are_kept_in_their_order(ctx: Flask) -> None:
    member = factories.user(Role.MEMBER)
    conversation = factories.conversation()
    voice = factories.approved(conversation, by=member)
    themes = queries.themes_of_conversation(conversation.id)
    decision = services.decide_themes(voice, [themes[2], themes[0], themes[2]], by=member, now=NOW)
    assert decision.theme_keys == ["getting-about", "information"]
    assert keys(voice.id) == ["getting-about", "information"]
    entry = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.action, entry.subject_id) == ("decide themes", voice.id)
    assert entry.detail == {"themes": ["getting-about", "information"]}


def test_none_fits_is_a_decision_and_a_later_one_takes_its_place(ctx: Flask) -> None:
    member = factories.user(Role.MEMBER)
    conversation = factories.conversation()
    voice = factories.approved(conversation, by=member)
    assert queries.undecided_count(conversation.id) == 1
    services.decide_themes(voice, [], by=member, now=NOW, reason="  It is about the weather. ")
    assert queries.undecided_count(conversation.id) == 0
    assert keys(voice.id) == []
    theme = queries.themes_of_conversation(conversation.id)[1]
    services.decide_themes(voice, [theme], by=member, now=NOW)
    assert keys(voice.id) == [theme.key]
    past = queries.history(voice.id)
    assert [decision.theme_keys for decision, _user in past] == [[], [theme.key]]
    assert past[0][0].reason == "It is about the weather."


def test_a_decision_keeps_what_was_suggested(ctx: Flask) -> None:
    member = factories.user(Role.MEMBER)
    conversation = factories.conversation()
    first, second, third = queries.themes_of_conversation(conversation.id)
    voice = factories.approved(conversation, by=member)
    for theme, score, likely in ((first, 0.2, False), (second, 0.9, True), (third, 0.6, True)):
        db.session.add(
            ThemeSuggestion(
                contribution_id=voice.id,
                theme_id=theme.id,
                score=score,
                is_likely=likely,
                because={},
                suggested_at=NOW,
            )
        )
    db.session.flush()
    decision = services.decide_themes(voice, [second], by=member, now=NOW)
    assert decision.suggested == [second.key, third.key]
    assert queries.agreement(conversation.id) == queries.Agreement(kept=1, of=1)
    services.decide_themes(voice, [third], by=member, now=NOW)
    assert queries.agreement(conversation.id) == queries.Agreement(kept=1, of=2)


@pytest.mark.parametrize(
    "kind", [None, DecisionKind.WITHHOLD, DecisionKind.REOPEN, DecisionKind.RAISE_CONCERN]
)
def test_only_approved_voices_have_themes(ctx: Flask, kind: DecisionKind | None) -> None:
    moderator = factories.user(Role.MODERATOR)
    conversation = factories.conversation()
    voice = factories.contribution(conversation)
    if kind:
        moderation.decide(voice, DecisionKind.APPROVE, by=moderator, now=NOW)
        moderation.decide(voice, kind, by=moderator, now=NOW, reason="To see.")
    with pytest.raises(services.NotApproved):
        services.decide_themes(voice, [], by=moderator, now=utcnow())
    assert queries.history(voice.id) == []


def test_a_theme_of_another_framework_is_refused(ctx: Flask) -> None:
    member = factories.user(Role.MEMBER)
    voice = factories.approved(factories.conversation(), by=member)
    strange = factories.framework("Roads").themes[0]
    with pytest.raises(services.NotOfThisFramework):
        services.decide_themes(voice, [strange], by=member, now=NOW)
    assert keys(voice.id) == []


def test_the_database_keeps_decisions_as_they_are(ctx: Flask) -> None:
    member = factories.user(Role.MEMBER)
    voice = factories.approved(factories.conversation(), by=member)
    services.decide_themes(voice, [], by=member, now=NOW)
    db.session.commit()
    for change in ("UPDATE theme_decision SET reason = 'x'", "DELETE FROM theme_decision"):
        with pytest.raises(DatabaseError):
            db.session.execute(sa.text(change))
        db.session.rollback()


def test_lists_take_the_same_statements_for_one_and_for_fifty(ctx: Flask, statements) -> None:
    member = factories.user(Role.MEMBER)
    conversation = factories.conversation()
    theme = queries.themes_of_conversation(conversation.id)[0]
    counts = []
    for more in (1, 49):
        for number in range(more):
            factories.approved(conversation, by=member)
            done = factories.approved(conversation, by=member)
            services.decide_themes(done, [theme] if number % 2 else [], by=member, now=NOW)
        db.session.commit()
        db.session.expunge_all()
        with statements:
            waiting = queries.undecided(conversation.id, size=60)
            decided = queries.decided(conversation.id, size=60)
            queries.agreement(conversation.id)
            counts.append(statements.count)
    assert (len(waiting.voices), len(decided.voices)) == (50, 50)
    assert counts[0] == counts[1] == 6
    assert queries.undecided_count(conversation.id) == 50


def test_pages_follow_each_other_without_gap_or_repeat(ctx: Flask) -> None:
    member = factories.user(Role.MEMBER)
    conversation = factories.conversation()
    theme = queries.themes_of_conversation(conversation.id)[0]
    waiting = [factories.approved(conversation, by=member, at=NOW).id for _ in range(5)]
    done = [factories.approved(conversation, by=member).id for _ in range(5)]
    for i in done:
        voice = db.session.get(services.Contribution, i)
        assert voice is not None
        services.decide_themes(voice, [theme], by=member, now=NOW)
    seen, cursor = [], None
    while True:
        page = queries.undecided(conversation.id, before=cursor, size=2)
        seen += [one.contribution.id for one in page.voices]
        cursor = page.older
        if cursor is None:
            break
    assert seen == waiting[::-1]
    read, before = [], None
    while True:
        decided = queries.decided(conversation.id, theme=theme, before=before, size=2)
        read += [one.contribution.id for one in decided.voices]
        before = decided.older
        if before is None:
            break
    assert read == done[::-1]
    assert queries.decided(conversation.id, none_fits=True).voices == []
