"""What people do with groups, and what the software makes of titles."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from engage import tracking
from engage.accounts.models import Role
from engage.audit.models import AuditEntry
from engage.contributions import moderation
from engage.contributions.models import Contribution, DecisionKind
from engage.db import db, utcnow
from engage.priorities import grouping, inbox, queries, services
from engage.priorities.evidence import shown_title
from engage.priorities.inbox import Why
from engage.priorities.models import Group, GroupMember
from engage.priorities.new_groups import occurs
from engage.themes import queries as themes
from engage.themes import services as theming
from tests import factories
from tests.factories import NOW
from tests.priorities.voices import BUSES, CARERS, started, themed


def members(group: Group) -> set[int]:
    query = sa.select(GroupMember.contribution_id).where(GroupMember.group_id == group.id)
    return set(db.session.scalars(query))


def test_a_name_is_tidied_checked_and_recorded_without_its_words(ctx: Flask) -> None:
    by, conversation = started()
    voice = themed(conversation, CARERS[0], 1, by=by)
    group = services.start_group(voice, themes.themes_of([voice.id])[voice.id][0], "First", by=by, now=NOW)
    services.rename_group(group, "  صوت\n  the   same 👋 ", by=by, now=NOW)
    assert (group.title, group.titled_by_id) == ("صوت the same 👋", by.id)
    for bad in ("", "   ", "x" * 201):
        with pytest.raises(services.BadTitle):
            services.rename_group(group, bad, by=by, now=NOW)
    services.rename_group(group, "x" * 200, by=by, now=NOW)
    entries = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "name group")).all()
    assert [entry.detail for entry in entries] == [{}, {}]


def test_a_voice_is_put_taken_out_and_moved(ctx: Flask) -> None:
    by, conversation = started()
    first, second = (themed(conversation, text, 1, by=by) for text in CARERS[:2])
    theme = themes.themes_of_conversation(conversation.id)[1]
    one = services.start_group(first, theme, "One", by=by, now=NOW)
    two = services.start_group(second, theme, "Two", by=by, now=NOW)
    assert inbox.inbox_count(conversation.id) == 0
    services.put_in_group(first, two, by=by, now=NOW)
    assert (members(one), members(two)) == (set(), {first.id, second.id})
    services.take_out(first, two, by=by, now=NOW)
    assert [one.contribution.id for one in inbox.inbox(conversation.id).voices] == [first.id]
    assert queries.group(one.id, conversation.id) is None  # Nobody is in it.


def test_a_place_given_by_a_person_outlives_every_grouping(ctx: Flask) -> None:
    by, conversation = started()
    for text in CARERS + BUSES:
        themed(conversation, text, 1, by=by)
    odd = themed(conversation, "Zebra crossings, please.", 1, by=by)
    db.session.commit()
    grouping.group_now(conversation, by=by, now=NOW)
    group = db.session.scalars(sa.select(Group).order_by(Group.id)).first()
    assert group is not None
    services.put_in_group(odd, group, by=by, now=utcnow())
    db.session.commit()
    group_id = group.id
    grouping.group_now(conversation, by=by, now=utcnow())
    kept = db.session.get(Group, group_id)
    assert kept is not None
    assert odd.id in members(kept)


def test_a_group_that_is_gone_is_said_to_be_gone(ctx: Flask) -> None:
    by, conversation = started()
    voices = [themed(conversation, text, 1, by=by) for text in CARERS]
    db.session.commit()
    grouping.group_now(conversation, by=by, now=NOW)
    group = db.session.scalars(sa.select(Group)).first()
    assert group is not None
    db.session.expunge(group)
    grouping.group_now(conversation, by=by, now=utcnow())
    if db.session.scalar(sa.select(Group.id).where(Group.id == group.id)) is not None:
        db.session.execute(sa.delete(GroupMember))
        db.session.execute(sa.delete(Group))
    for action in (
        lambda: services.rename_group(group, "New", by=by, now=NOW),
        lambda: services.put_in_group(voices[0], group, by=by, now=NOW),
        lambda: services.take_out(voices[0], group, by=by, now=NOW),
    ):
        with pytest.raises(services.GroupGone):
            action()


def test_a_voice_goes_only_where_it_may(ctx: Flask) -> None:
    by, conversation = started()
    voice = themed(conversation, CARERS[0], 1, by=by)
    elsewhere = themed(conversation, CARERS[1], 0, by=by)
    strange = themed(started()[1], CARERS[2], 1, by=by)
    theme = themes.themes_of_conversation(conversation.id)[1]
    group = services.start_group(voice, theme, "Same faces", by=by, now=NOW)
    for unfit in (elsewhere, strange, factories.contribution(conversation)):
        with pytest.raises(services.NotForThisGroup):
            services.put_in_group(unfit, group, by=by, now=NOW)
    moderation.decide(voice, DecisionKind.REOPEN, by=by, now=NOW, reason="Again.")
    with pytest.raises(services.NotForThisGroup):
        services.start_group(voice, theme, "Another", by=by, now=NOW)
    assert members(group) == {voice.id}


def test_a_suggested_title_goes_with_the_voice_whose_words_it_has(ctx: Flask) -> None:
    by, conversation = started()
    voice = themed(conversation, "My neighbour Denise does everything for me.", 1, by=by)
    other = themed(conversation, CARERS[0], 1, by=by)
    theme = themes.themes_of_conversation(conversation.id)[1]
    group = services.start_group(voice, theme, "My neighbour Denise", by=by, now=NOW)
    services.put_in_group(other, group, by=by, now=NOW)
    group.titled_by_id, group.title_from_id = None, voice.id
    db.session.flush()

    def titles() -> set[str]:
        card = queries.group(group.id, conversation.id)
        assert card is not None
        parts = queries.candidates(conversation.id)
        places = queries.groups_of([other.id])[other.id]
        listed = queries.groups_in_themes(conversation.id, [theme.id])
        return {
            card.title,
            *(one.title for part in parts for one in part.groups),
            *(place.title for place in places),
            *(one.title for one in listed),
        }

    neutral = "A group without a title (Care at home)"
    assert titles() == {"My neighbour Denise"}
    moderation.redact(voice, [moderation.Passage("Denise", "name")], by=by, now=NOW, reason="A name.")
    assert titles() == {neutral}
    group.title = "my  NEIGHBOUR"
    assert titles() == {"my  NEIGHBOUR"}
    moderation.decide(voice, DecisionKind.RAISE_CONCERN, by=by, now=NOW, reason="Harm.")
    assert titles() == {neutral}
    services.rename_group(group, "Neighbours who help", by=by, now=NOW)
    assert titles() == {"Neighbours who help"}


def test_the_person_who_tracks_reads_no_title_of_a_voice_that_left(ctx: Flask) -> None:
    by, conversation = started()
    slip, _code = factories.receipt(conversation)
    own = themed(conversation, CARERS[0], 1, by=by, receipt=slip)
    secret = themed(conversation, "My neighbour Denise hits me.", 1, by=by)
    theme = themes.themes_of_conversation(conversation.id)[1]
    group = services.start_group(secret, theme, "My neighbour Denise", by=by, now=NOW)
    services.put_in_group(own, group, by=by, now=NOW)
    group.title_from_id = secret.id
    db.session.flush()
    assert [place.title for place in tracking.everything_said(slip)[0].groups] == ["My neighbour Denise"]
    moderation.decide(secret, DecisionKind.RAISE_CONCERN, by=by, now=NOW, reason="Harm.")
    (place,) = tracking.everything_said(slip)[0].groups
    assert (place.title, place.others) == ("A group without a title (Care at home)", 0)


def test_a_title_saved_unchanged_stays_sealed_with_its_voice(ctx: Flask) -> None:
    by, conversation = started()
    secret = themed(conversation, "My neighbour Denise hits me.", 1, by=by)
    other = themed(conversation, CARERS[0], 1, by=by)
    theme = themes.themes_of_conversation(conversation.id)[1]
    for title in ("My neighbour Denise", "“MY NEIGHBOUR”, Denise! (2)"):
        group = services.start_group(secret, theme, title, by=by, now=NOW)
        services.put_in_group(other, group, by=by, now=NOW)
        services.rename_group(group, group.title, by=by, now=NOW)
        assert group.title_from_id == secret.id
    made_up = services.start_group(other, theme, "People next door", by=by, now=NOW)
    assert made_up.title_from_id is None
    services.rename_group(made_up, "my neighbour denise", by=by, now=NOW)
    assert made_up.title_from_id is None  # No voice of this group has it.
    services.put_in_group(secret, made_up, by=by, now=NOW)
    assert made_up.title_from_id == secret.id
    moderation.decide(secret, DecisionKind.RAISE_CONCERN, by=by, now=NOW, reason="Harm.")
    # A form that was opened before the concern is saved after it.
    services.rename_group(made_up, "My neighbour Denise", by=by, now=NOW)
    for one in (group, made_up):
        assert shown_title(one, secret, "Care") == "A group without a title (Care)"
    services.rename_group(made_up, "People next door", by=by, now=NOW)
    assert shown_title(made_up, None, "Care") == "People next door"


def test_a_suggested_title_that_a_person_kept_is_not_theirs(ctx: Flask) -> None:
    by, conversation = started()
    voices = [themed(conversation, f"Sarah Jones is kind to me. {text}", 1, by=by) for text in CARERS[:3]]
    more = themed(conversation, CARERS[4], 1, by=by)
    for voice in voices:
        moderation.redact(
            voice, [moderation.Passage("Sarah Jones", "name")], by=by, now=NOW, reason="A name."
        )
    theme = themes.themes_of_conversation(conversation.id)[1]
    group = services.start_group(voices[0], theme, "Sarah Jones", by=by, now=NOW)
    group.titled_by_id, group.suggested_title = None, "Sarah Jones"
    db.session.flush()
    services.put_in_group(more, group, by=by, now=NOW)
    assert shown_title(group, None, "Care") == "A group without a title (Care)"
    services.take_out(more, group, by=by, now=NOW)
    assert shown_title(group, None, "Care") == "A group without a title (Care)"


def test_words_of_a_suggested_title_that_many_said_go_when_they_are_hidden(ctx: Flask) -> None:
    by, conversation = started()
    texts = [text + " Sarah Jones is kind to me." for text in CARERS]
    voices = [themed(conversation, text, 1, by=by) for text in texts]
    db.session.commit()
    grouping.group_now(conversation, by=by, now=NOW)
    groups = db.session.scalars(sa.select(Group)).all()
    assert groups
    assert all(group.title_from_id for group in groups)
    for group in groups:
        group.title = group.suggested_title = "Sarah Jones"
    for voice in voices:
        moderation.redact(
            voice, [moderation.Passage("Sarah Jones", "name")], by=by, now=NOW, reason="A name."
        )
    shown = [card.title for part in queries.candidates(conversation.id) for card in part.groups]
    assert set(shown) == {"A group without a title (Care at home)"}


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Margaret Maggie Thornton", "I miss Margaret 'Maggie' Thornton."),
        ("Great (2)", "That is great!"),
        ("Agency carer's", "The agency carer's-2nd visit"),
        ("Ask about buses", "Ask [name] about buses"),
        ("I was told by somebody that nobody will co", "I was told by somebody that nobody will come."),
        ("O'Brien", "Mr O’Brien"),
        ("की मदद", "मुझे की मदद चाहिए"),
        ("Café", "The cafe\u0301 is shut"),
    ],
)
def test_a_title_is_found_in_the_voice_it_comes_from(title: str, text: str) -> None:
    assert occurs(title, text)


def test_a_title_without_words_is_nobodys() -> None:
    assert not occurs("👋 …", "Anything at all")
    assert not occurs("Car", "The same carer")


def test_whose_words_a_title_has(ctx: Flask) -> None:
    assert occurs("Same carer …", "I want the  SAME\ncarer each day")
    assert not occurs("Same carer", "I want the same kind carer")
    neutral = "A group without a title (Care)"
    theirs = {"title": "Ours", "suggested_title": "", "titled_by_id": 1}
    assert shown_title(Group(**theirs, title_from_id=None), None, "Care") == "Ours"
    assert shown_title(Group(**theirs, title_from_id=1), None, "Care") == neutral
    suggested = Group(title="Ours", suggested_title="Ours", titled_by_id=None, title_from_id=None)
    assert shown_title(suggested, None, "Care") == neutral


def test_titles_of_real_groups_come_from_voices_that_are_shown(ctx: Flask) -> None:
    by, conversation = started()
    secret = themed(conversation, "Xanthippe hits me when my carer is a stranger.", 1, by=by)
    for text in CARERS[:2]:
        themed(conversation, text, 1, by=by)
    db.session.commit()
    grouping.group_now(conversation, by=by, now=NOW)
    moderation.decide(secret, DecisionKind.RAISE_CONCERN, by=by, now=NOW, reason="Harm.")
    for part in queries.candidates(conversation.id):
        for card in part.groups:
            assert "Xanthippe" not in card.title
            assert all("Xanthippe" not in voice.text for voice in card.central)
    assert queries.groups_of([secret.id]) == {secret.id: []}


def test_places_of_voices_count_the_others(ctx: Flask) -> None:
    by, conversation = started()
    voices = [themed(conversation, text, 1, by=by) for text in CARERS[:3]]
    lost = factories.approved(conversation, by=by)
    theme = themes.themes_of_conversation(conversation.id)[1]
    group = services.start_group(voices[0], theme, "Same faces", by=by, now=NOW)
    for voice in voices[1:]:
        services.put_in_group(voice, group, by=by, now=NOW)
    place = queries.GroupPlace("Same faces", "Care at home", 2, group.id, is_named=True)
    assert queries.groups_of([voices[0].id, lost.id]) == {voices[0].id: [place], lost.id: []}
    moderation.decide(voices[1], DecisionKind.WITHHOLD, by=by, now=NOW, reason="Twice.")
    assert queries.groups_of([voices[0].id])[voices[0].id][0].others == 1
    theming.decide_themes(voices[2], [], by=by, now=NOW)
    assert queries.groups_of([voices[0].id])[voices[0].id][0].others == 0
    assert queries.groups_of([]) == {}


def test_the_inbox_says_why(ctx: Flask) -> None:
    by, conversation = started()
    no_theme = factories.approved(conversation, by=by)
    none_fits = themed(conversation, None, by=by)
    half = themed(conversation, CARERS[0], 0, 1, by=by)
    theme = themes.themes_of_conversation(conversation.id)[0]
    services.start_group(half, theme, "Half", by=by, now=NOW)
    found = {one.contribution.id: one for one in inbox.inbox(conversation.id).voices}
    assert (found[no_theme.id].themes, found[no_theme.id].why) == ([], Why.NO_THEME)
    assert (found[none_fits.id].themes, found[none_fits.id].why) == ([], Why.NONE_FITS)
    assert [theme.name for theme in found[half.id].themes] == ["Care at home"]
    assert found[half.id].why is Why.NO_GROUP
    assert inbox.inbox_counts(conversation.id) == dict.fromkeys(Why, 1)
    for why in Why:
        (one,) = inbox.inbox(conversation.id, why=why).voices
        assert one.why is why
    seen, cursor = [], None
    while True:
        page = inbox.inbox(conversation.id, before=cursor, size=1)
        seen += [one.contribution.id for one in page.voices]
        cursor = page.older
        if cursor is None:
            break
    assert seen == [half.id, none_fits.id, no_theme.id]


def test_a_group_is_read_page_by_page_from_its_centre(ctx: Flask) -> None:
    by, conversation = started()
    voices = [themed(conversation, CARERS[0], 1, by=by) for _ in range(7)]
    theme = themes.themes_of_conversation(conversation.id)[1]
    group = services.start_group(voices[0], theme, "Same faces", by=by, now=NOW)
    for voice in voices[1:]:
        services.put_in_group(voice, group, by=by, now=NOW)
    for place, row in enumerate(db.session.scalars(sa.select(GroupMember))):
        row.centrality = (0.1 + 0.2, 1 / 3)[place % 2]
    db.session.commit()
    db.session.expire_all()
    seen: list[tuple[float, int]] = []
    after = None
    while True:
        page = queries.members(group.id, after=after, size=2)
        for voice in page.voices:
            row = db.session.get(GroupMember, (theme.id, voice.id))
            assert row is not None
            seen.append((-row.centrality, voice.id))
        if page.next is None:
            break
        after = queries.Place.read(str(page.next))
    assert len(seen) == 7
    assert seen == sorted(seen)


@pytest.mark.parametrize(
    "written", [None, "", "x", "1", "nan_1", "inf_2", "0.5_-1", "0.5_" + "9" * 30, "1_2_3"]
)
def test_broken_places_are_no_places(written: str | None) -> None:
    assert queries.Place.read(written) is None


def test_pages_take_the_same_statements_for_one_and_for_fifty(ctx: Flask, statements) -> None:
    by, conversation = started()
    known = themes.themes_of_conversation(conversation.id)
    counts: list[int] = []
    for more in (1, 49):
        for number in range(more):
            voice = themed(conversation, f"Voice {number}: {CARERS[0]}", 0, 1, by=by)
            services.start_group(voice, known[0], f"Group {number}", by=by, now=NOW)
        db.session.commit()
        conversation_id = conversation.id
        group_id = db.session.scalars(sa.select(Group.id)).first()
        assert group_id is not None
        ids = db.session.scalars(sa.select(Contribution.id)).all()
        db.session.expunge_all()
        with statements:
            parts = queries.candidates(conversation_id)
            queries.readiness(conversation_id)
            inbox.inbox_count(conversation_id)
            page = inbox.inbox(conversation_id)
            queries.group(group_id, conversation_id)
            queries.members(group_id)
            queries.groups_of(ids)
            counts.append(statements.count)
    assert (len(parts[0].groups), len(page.voices)) == (50, 50)
    assert counts[0] == counts[1]
    assert Role.FACILITATOR in by.roles
