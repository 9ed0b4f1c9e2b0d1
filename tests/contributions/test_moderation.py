"""Deciding about a voice, on both databases."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from engage.accounts.models import Role, User
from engage.audit.models import AuditEntry
from engage.contributions import moderation, queries
from engage.contributions.models import (
    Contribution,
    DecisionKind,
    Embedding,
    ModerationDecision,
    Redaction,
    SealedOriginal,
    Status,
)
from engage.contributions.moderation import Passage
from engage.contributions.services import embed_missing
from engage.db import db, utcnow
from tests import factories
from tests.factories import NOW


@pytest.fixture
def moderator(ctx: Flask) -> User:
    return factories.user(Role.MODERATOR, name="Priya")


@pytest.fixture
def voice(moderator: User) -> Contribution:
    conversation = factories.conversation(by=moderator)
    return factories.contribution(conversation, "Denise is kind. Ring Denise on 01632 960 417.")


def test_approving_is_kept_in_the_history_with_who(voice: Contribution, moderator: User) -> None:
    moderation.decide(voice, DecisionKind.APPROVE, by=moderator, now=NOW)
    assert voice.status is Status.APPROVED
    [(decision, who)] = queries.history(voice.id)
    assert (decision.kind, decision.status_before, who.name) == (
        DecisionKind.APPROVE,
        Status.WAITING,
        "Priya",
    )
    assert (
        db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id.desc())).first() == "approve"
    )


def test_holding_back_needs_a_reason(voice: Contribution, moderator: User) -> None:
    with pytest.raises(moderation.ReasonMissing):
        moderation.decide(voice, DecisionKind.WITHHOLD, by=moderator, now=NOW, reason="  ")
    assert voice.status is Status.WAITING


def test_a_decision_that_does_not_follow_is_refused(voice: Contribution, moderator: User) -> None:
    moderation.decide(voice, DecisionKind.APPROVE, by=moderator, now=NOW)
    with pytest.raises(moderation.NotAllowed):
        moderation.decide(voice, DecisionKind.APPROVE, by=moderator, now=NOW)


def test_hiding_words_seals_the_original(voice: Contribution, moderator: User) -> None:
    original = voice.text
    moderation.redact(voice, [Passage("Denise", "name")], by=moderator, now=NOW, reason="a name")
    moderation.redact(
        voice, [Passage("01632 960 417", "phone number")], by=moderator, now=NOW, reason="phone"
    )
    assert voice.text == "[name] is kind. Ring [name] on [phone number]."
    sealed = db.session.get(SealedOriginal, voice.id)
    assert sealed and sealed.text == original
    assert moderation.reveal(voice, by=moderator, now=NOW, reason="to check a date") == original
    last = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert last and (last.action, last.detail) == ("look at sealed original", {"reason": "to check a date"})


def test_words_that_are_not_there_cannot_be_hidden(voice: Contribution, moderator: User) -> None:
    with pytest.raises(moderation.WordsNotFound):
        moderation.redact(voice, [Passage("Dennis", "name")], by=moderator, now=NOW, reason="a name")
    assert db.session.scalar(sa.select(sa.func.count(SealedOriginal.contribution_id))) == 0


def test_hidden_words_cannot_be_found_and_their_vector_goes(voice: Contribution, moderator: User) -> None:
    db.session.commit()
    embed_missing(voice.conversation_id, save=db.session.commit)
    assert db.session.scalar(sa.select(sa.func.count(Embedding.contribution_id))) == 1
    moderation.redact(voice, [Passage("Denise", "name")], by=moderator, now=NOW, reason="a name")
    assert db.session.scalar(sa.select(sa.func.count(Embedding.contribution_id))) == 0
    found = db.session.scalars(sa.select(Contribution.id).where(queries.matching("denise"))).all()
    assert found == []
    assert db.session.scalars(sa.select(Contribution.id).where(queries.matching("kind"))).all() == [voice.id]


def test_a_concern_leaves_every_list_at_once(voice: Contribution, moderator: User) -> None:
    moderation.decide(voice, DecisionKind.RAISE_CONCERN, by=moderator, now=NOW, reason="afraid at home")
    everything_else = frozenset(set(Status) - {Status.SAFEGUARDING})
    chosen = queries.VoiceFilter(voice.conversation_id, everything_else)
    assert queries.voices(chosen).voices == []
    assert queries.contribution(voice.id, everything_else) is None
    assert [c.id for c, _decision in queries.concerns()] == [voice.id]


def test_the_database_keeps_the_history_as_it_was(voice: Contribution, moderator: User) -> None:
    moderation.decide(voice, DecisionKind.APPROVE, by=moderator, now=NOW)
    db.session.commit()
    for change in ("UPDATE moderation_decision SET reason = 'x'", "DELETE FROM moderation_decision"):
        with pytest.raises(sa.exc.DBAPIError, match="only be added to"):
            db.session.execute(sa.text(change))
        db.session.rollback()


def test_of_two_who_decide_at_once_one_learns_it(app: Flask) -> None:
    """Sixteen threads approve the same voice: one decision is kept, fifteen are told."""
    with app.app_context():
        person = factories.user(Role.MODERATOR)
        voice_id = factories.contribution(factories.conversation(by=person)).id
        person_id = person.id
        db.session.commit()
    refused: list[int] = []

    def approve() -> None:
        with app.app_context():
            user, voice = db.session.get(User, person_id), db.session.get(Contribution, voice_id)
            assert user and voice
            try:
                moderation.decide(voice, DecisionKind.APPROVE, by=user, now=utcnow())
                db.session.commit()
            except moderation.NotAllowed:
                refused.append(1)

    threads = [threading.Thread(target=approve) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(ModerationDecision.id))) == 1
    assert len(refused) == 15


@given(
    st.text(min_size=1, max_size=80),
    st.lists(st.tuples(st.integers(0, 79), st.integers(1, 20)), max_size=4),
)
def test_cleared_text_keeps_all_but_the_hidden_passages(text: str, spans: list[tuple[int, int]]) -> None:
    redactions: list[Redaction] = []
    for start, length in spans:
        end = min(start + length, len(text))
        if end > start and all(end <= r.start or start >= r.end for r in redactions):
            redactions.append(Redaction(start=start, end=end, label="name"))
    kept = text
    for redaction in sorted(redactions, key=lambda r: -r.start):
        kept = f"{kept[: redaction.start]}[name]{kept[redaction.end :]}"
    assert moderation.cleared(text, redactions) == kept
