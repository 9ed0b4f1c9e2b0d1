"""Suggesting themes with the real sentence model: what is kept, when it goes, what it learns from."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from flask import Flask

from engage.accounts.models import Role, User
from engage.contributions import moderation
from engage.contributions.models import Contribution, DecisionKind, Status
from engage.conversations.models import Conversation
from engage.db import db, utcnow
from engage.themes import frameworks, queries, services, suggestions
from engage.themes.models import ThemeSuggestion
from tests import factories
from tests.factories import NOW

TEXTS = (
    "I rang and rang and nobody told me what help I could get.",
    "The letter was full of jargon and I could not understand it.",
    "My carers are kind but they are always in a hurry and badly paid.",
    "I want to stay in my own home and a grab rail would help.",
)


def started() -> tuple[User, Conversation]:
    moderator = factories.user(Role.MODERATOR)
    conversation = factories.conversation(by=moderator, themes=frameworks.making_it_real(NOW))
    return moderator, conversation


def suggested_ids() -> set[int]:
    return set(db.session.scalars(sa.select(ThemeSuggestion.contribution_id)))


def suggest(conversation: Conversation) -> int:
    db.session.commit()
    return suggestions.suggest_missing(conversation, save=db.session.commit)


def test_voices_to_be_read_and_approved_get_suggestions_others_do_not(ctx: Flask) -> None:
    moderator, conversation = started()
    waiting = factories.contribution(conversation, TEXTS[0])
    approved = factories.approved(conversation, TEXTS[1], by=moderator)
    withheld, concern = (factories.contribution(conversation, text) for text in TEXTS[2:])
    moderation.decide(withheld, DecisionKind.WITHHOLD, by=moderator, now=NOW, reason="Twice.")
    moderation.decide(concern, DecisionKind.RAISE_CONCERN, by=moderator, now=NOW, reason="Harm.")
    ids = {waiting.id, approved.id}
    steps: list[tuple[int, int]] = []
    db.session.commit()
    done = suggestions.suggest_missing(
        conversation, save=db.session.commit, progress=lambda done, total: steps.append((done, total))
    )
    assert done == 2
    assert suggested_ids() == ids
    assert steps[-1][0] == steps[-1][1]
    first = queries.suggestions([waiting.id])[waiting.id][0]
    assert first.theme.key == "information"
    assert first.is_likely
    assert first.because["words"]
    assert "phrase" in first.because
    assert suggest(conversation) == 0
    assert suggestions.conversations_to_suggest() == []


def test_hidden_words_take_the_suggestion_with_them(ctx: Flask) -> None:
    moderator, conversation = started()
    voice = factories.approved(conversation, "Denise rang and rang about information.", by=moderator)
    suggest(conversation)
    before = db.session.scalars(sa.select(ThemeSuggestion.suggested_at)).all()
    moderation.redact(
        voice, [moderation.Passage("Denise", "name")], by=moderator, now=utcnow(), reason="A name."
    )
    db.session.commit()
    one = queries.suggestions([voice.id])[voice.id][0]
    assert "denise" not in queries.words_that_stand(one, voice.text)
    assert suggestions.conversations_to_suggest() == [conversation.id]
    # A grouping gives the voice a new vector first: the suggestion still counts as made from other words.
    from engage.contributions.services import embed_missing

    embed_missing(conversation.id, save=db.session.commit)
    assert suggestions.conversations_to_suggest() == [conversation.id]
    suggestions.suggest_where_missing()
    after = db.session.scalars(sa.select(ThemeSuggestion.suggested_at)).all()
    assert min(after) > max(before)
    stored = db.session.scalars(sa.select(ThemeSuggestion.because)).all()
    assert all("denise" not in " ".join(because["words"]) for because in stored)
    assert suggestions.conversations_to_suggest() == []


def test_a_reason_names_a_decided_voice_by_its_number_and_shows_it_only_while_approved(ctx: Flask) -> None:
    moderator, conversation = started()
    themes = {theme.key: theme for theme in queries.themes_of_conversation(conversation.id)}
    words = "The stairlift engineer came on Tuesday and whistled the whole morning."
    decided = factories.approved(conversation, words, by=moderator)
    services.decide_themes(decided, [themes["workforce"]], by=moderator, now=NOW)
    db.session.commit()
    suggest(conversation)
    like = factories.contribution(conversation, "The stairlift engineer whistled all Tuesday morning.")
    suggest(conversation)
    one = next(s for s in queries.suggestions([like.id])[like.id] if s.theme.key == "workforce")
    assert one.because["voice"] == decided.id
    assert words not in str(one.because)
    assert queries.words_of_approved([decided.id]) == {decided.id: words}
    moderation.decide(decided, DecisionKind.RAISE_CONCERN, by=moderator, now=NOW, reason="Harm.")
    assert queries.words_of_approved([decided.id]) == {}


def test_suggestions_follow_what_people_decide(ctx: Flask) -> None:
    moderator, conversation = started()
    theme = queries.themes_of_conversation(conversation.id)[2]
    early = factories.contribution(conversation, "Number 0: the allotment gate sticks.")
    suggest(conversation)
    was = {s.theme.id: s.score for s in queries.suggestions([early.id])[early.id]}
    for number in range(1, 32):
        voice = factories.approved(conversation, f"Number {number}: the allotment gate sticks.", by=moderator)
        services.decide_themes(voice, [theme], by=moderator, now=utcnow() + timedelta(seconds=number))
    db.session.commit()
    suggestions.suggest_where_missing()
    now = {s.theme.id: s.score for s in queries.suggestions([early.id])[early.id]}
    assert queries.suggestions([early.id])[early.id][0].theme.id == theme.id
    assert now[theme.id] > was.get(theme.id, 0.0)


def test_changed_themes_are_suggested_anew_where_nobody_decided(ctx: Flask) -> None:
    moderator, conversation = started()
    done = factories.approved(conversation, TEXTS[0], by=moderator)
    open_one = factories.contribution(conversation, TEXTS[1])
    suggest(conversation)
    theme = queries.themes_of_conversation(conversation.id)[0]
    services.decide_themes(done, [theme], by=moderator, now=NOW)
    was = {s.theme.id: s.score for s in queries.suggestions([open_one.id])[open_one.id]}
    words = frameworks.ThemeWords(theme.name, "Letters full of jargon.", (TEXTS[1], TEXTS[1].upper()))
    frameworks.change_theme(theme, words, by=moderator, now=NOW)
    assert suggested_ids() == {done.id}
    suggest(conversation)
    assert suggested_ids() == {done.id, open_one.id}
    now = {s.theme.id: s.score for s in queries.suggestions([open_one.id])[open_one.id]}
    assert now[theme.id] > was.get(theme.id, 0.0) + 0.2


def test_voices_in_other_languages_and_of_signs_alone_are_not_asked_about_for_ever(ctx: Flask) -> None:
    _moderator, conversation = started()
    for text in ("أحتاج إلى مترجم عندما أتصل.", "???!!!", "🚌" * 50, "\u202eevil", "x" * 9_000):
        factories.contribution(conversation, text)
    assert suggest(conversation) == 5
    assert suggestions.conversations_to_suggest() == []


def test_a_voice_that_changes_while_it_is_read_is_left_for_the_next_time(ctx: Flask) -> None:
    _moderator, conversation = started()
    voice = factories.contribution(conversation, TEXTS[0])
    voice_id = voice.id
    calls = 0

    def save() -> None:
        nonlocal calls
        calls += 1
        db.session.commit()
        if calls == 2:  # The vectors are stored; now a moderator takes the voice away.
            found = db.session.get(Contribution, voice_id)
            assert found is not None
            found.status = Status.WITHHELD
            db.session.commit()

    db.session.commit()
    suggestions.suggest_missing(conversation, save=save)
    assert suggested_ids() == set()


def test_a_conversation_without_themes_is_left_in_peace(ctx: Flask) -> None:
    facilitator = factories.user(Role.FACILITATOR)
    empty = frameworks.define_framework("Nothing yet", by=facilitator, now=NOW)
    conversation = factories.conversation(by=facilitator, themes=empty)
    factories.contribution(conversation)
    assert suggest(conversation) == 0
    assert suggestions.conversations_to_suggest() == []
