"""Grouping with the real sentence model: what comes together, what stays, what a crash leaves."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engage.accounts.models import User
from engage.audit.models import AuditEntry
from engage.contributions import moderation
from engage.contributions import services as ledger
from engage.contributions.models import Channel, Contribution, DecisionKind, Status
from engage.conversations.models import Conversation
from engage.db import db, utcnow
from engage.priorities import grouping, inbox, queries, services
from engage.priorities.models import Group, Grouping, GroupingState, GroupMember
from engage.themes import queries as themes
from engage.themes import services as theming
from tests.factories import NOW, approved
from tests.priorities.voices import BUSES, CARERS, LETTERS, started, themed


def groups() -> dict[str, set[int]]:
    """Every group that there is, by title, with the identifiers of its voices."""
    rows = db.session.execute(
        sa.select(Group.id, Group.title, GroupMember.contribution_id).join(
            GroupMember, GroupMember.group_id == Group.id
        )
    )
    found: dict[tuple[int, str], set[int]] = {}
    for group_id, title, contribution_id in rows:
        found.setdefault((group_id, title), set()).add(contribution_id)
    return {title: members for (_id, title), members in found.items()}


def shown(conversation: Conversation) -> set[int]:
    """Identifiers of all voices that pages about groups show, in groups or in the inbox."""
    found: set[int] = set()
    for part in queries.candidates(conversation.id):
        for card in part.groups:
            found |= {voice.id for voice in queries.members(card.id, size=10_000).voices}
    return found | {one.contribution.id for one in inbox.inbox(conversation.id, size=10_000).voices}


def approved_ids(conversation: Conversation) -> set[int]:
    query = sa.select(Contribution.id).where(
        Contribution.conversation_id == conversation.id, Contribution.status == Status.APPROVED
    )
    return set(db.session.scalars(query))


def run(conversation: Conversation, by: User) -> int:
    db.session.commit()
    return grouping.group_now(conversation, by=by, now=utcnow())


def test_voices_that_say_much_the_same_come_together(ctx: Flask) -> None:
    by, conversation = started()
    carers = {themed(conversation, text, 1, by=by).id for text in CARERS}
    buses = {themed(conversation, text, 1, by=by).id for text in BUSES}
    steps: list[tuple[int, int]] = []
    db.session.commit()
    made = grouping.group_now(
        conversation, by=by, now=utcnow(), progress=lambda done, total: steps.append((done, total))
    )
    found = groups()
    assert made == len(found) >= 2
    assert set().union(*found.values()) == carers | buses
    of_a_kind = sum(max(len(members & carers), len(members & buses)) for members in found.values())
    assert of_a_kind >= 10
    assert all(len(members) >= 2 for members in found.values())
    row = db.session.scalars(sa.select(Grouping)).one()
    assert (row.state, row.steps_done, row.steps_total) == (GroupingState.DONE, 24, 24)
    assert steps[-1][1] == 24
    entry = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "group voices")).one()
    assert entry.detail == {"groups": made, "voices": 12, "groups_before": 0}
    assert entry.actor == "Frances Facilitator"


def test_running_twice_gives_the_same_groups_once(ctx: Flask) -> None:
    by, conversation = started()
    for text in CARERS + BUSES:
        themed(conversation, text, 0, by=by)
    run(conversation, by)
    first = groups()
    run(conversation, by)
    assert groups() == first


def test_one_voice_alone_is_no_group(ctx: Flask) -> None:
    by, conversation = started()
    only = themed(conversation, CARERS[0], 0, by=by)
    assert run(conversation, by) == 0
    page = inbox.inbox(conversation.id)
    assert [one.contribution.id for one in page.voices] == [only.id]
    assert [theme.name for theme in page.voices[0].themes] == ["Getting about"]


def test_a_named_group_keeps_its_title_and_voices(ctx: Flask) -> None:
    by, conversation = started()
    for text in CARERS + BUSES:
        themed(conversation, text, 1, by=by)
    run(conversation, by)
    title, members = next(iter(groups().items()))
    row = db.session.scalars(sa.select(Group).where(Group.title == title)).one()
    services.rename_group(row, "  The same few\n faces ", by=by, now=utcnow())
    db.session.commit()
    new = {themed(conversation, text, 1, by=by).id for text in LETTERS}
    run(conversation, by)
    after = groups()
    assert after["The same few faces"] == members
    assert not any(members & others for name, others in after.items() if name != "The same few faces")
    assert new <= set().union(*after.values())


def test_a_voice_with_several_themes_stands_in_a_group_of_each(ctx: Flask) -> None:
    by, conversation = started()
    ids = {themed(conversation, text, 0, 2, by=by).id for text in CARERS}
    run(conversation, by)
    parts = {part.theme.position: part for part in queries.candidates(conversation.id)}
    assert parts[1].voices == parts[3].voices == len(ids)
    assert parts[2].groups == []
    places = queries.groups_of(sorted(ids))
    assert {tuple(place.theme_name for place in found) for found in places.values()} == {
        ("Getting about", "Information")
    }


def test_kept_groups_let_go_of_voices_that_left(ctx: Flask) -> None:
    by, conversation = started()
    voices = [themed(conversation, text, 1, by=by) for text in CARERS]
    run(conversation, by)
    for row in db.session.scalars(sa.select(Group)).all():
        services.rename_group(row, f"Group {row.id}", by=by, now=utcnow())
    moderation.decide(voices[0], DecisionKind.WITHHOLD, by=by, now=NOW, reason="Twice.")
    theming.decide_themes(voices[1], [], by=by, now=NOW)
    run(conversation, by)
    standing = set().union(*groups().values())
    assert standing.isdisjoint({voices[0].id, voices[1].id})
    assert shown(conversation) == approved_ids(conversation) == {v.id for v in voices[1:]}


def test_a_second_grouping_waits_for_the_first(ctx: Flask) -> None:
    by, conversation = started()
    grouping.start_grouping(conversation, by=by, now=utcnow())
    with pytest.raises(grouping.AlreadyGrouping, match="Wait until that is done"):
        grouping.start_grouping(conversation, by=by, now=utcnow())
    other = started()[1]
    grouping.start_grouping(other, by=by, now=utcnow())


def test_a_run_that_its_job_lost_is_done_by_the_sweep(ctx: Flask) -> None:
    by, conversation = started()
    for text in CARERS:
        themed(conversation, text, 1, by=by)
    row = grouping.start_grouping(conversation, by=by, now=utcnow())
    db.session.commit()
    grouping.resume_groupings()
    assert groups() == {}  # Queued a moment ago: its job is on the way.
    for state in (GroupingState.QUEUED, GroupingState.RUNNING):
        db.session.execute(
            sa.update(Grouping).values(state=state, updated_at=utcnow() - timedelta(minutes=6))
        )
        db.session.commit()
        grouping.resume_groupings()
        db.session.expire_all()
        assert row.state is GroupingState.DONE
        assert len(set().union(*groups().values())) == len(CARERS)


def test_a_run_at_work_is_left_alone(ctx: Flask) -> None:
    by, conversation = started()
    row = grouping.start_grouping(conversation, by=by, now=utcnow())
    row.state = GroupingState.RUNNING
    db.session.commit()
    grouping.resume_groupings()
    grouping.run_grouping(row.id)
    db.session.expire_all()
    assert row.state is GroupingState.RUNNING


def test_a_run_that_never_ends_is_given_up(ctx: Flask) -> None:
    by, conversation = started()
    row = grouping.start_grouping(conversation, by=by, now=utcnow() - timedelta(hours=7))
    db.session.commit()
    grouping.resume_groupings()
    db.session.expire_all()
    assert row.state is GroupingState.FAILED
    grouping.start_grouping(conversation, by=by, now=utcnow())


def test_a_crash_half_way_changes_nothing_and_the_sweep_does_it_again(
    ctx: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    by, conversation = started()
    for text in CARERS + BUSES:
        themed(conversation, text, 1, by=by)
    run(conversation, by)
    before = groups()
    for text in LETTERS:
        themed(conversation, text, 1, by=by)
    row = grouping.start_grouping(conversation, by=by, now=utcnow())
    db.session.commit()

    class PowerCut(BaseException):
        pass

    def cut(*_rows: object) -> None:
        raise PowerCut

    with monkeypatch.context() as patched:
        patched.setattr(grouping.new_groups, "insert", cut)
        with pytest.raises(PowerCut):
            grouping.run_grouping(row.id)
    db.session.rollback()
    assert groups() == before
    db.session.expire_all()
    assert row.state is GroupingState.RUNNING
    db.session.execute(sa.update(Grouping).values(updated_at=utcnow() - timedelta(minutes=6)))
    db.session.commit()
    grouping.resume_groupings()
    assert set().union(*groups().values()) == approved_ids(conversation)


def test_a_job_that_was_thought_dead_stops_when_it_wakes(ctx: Flask) -> None:
    by, conversation = started()
    for text in CARERS:
        themed(conversation, text, 1, by=by)
    row = grouping.start_grouping(conversation, by=by, now=utcnow())
    db.session.commit()
    sleeper = grouping.Heartbeat(row.id, None)
    assert sleeper.claim()
    db.session.execute(sa.update(Grouping).values(updated_at=utcnow() - timedelta(minutes=6)))
    db.session.commit()
    grouping.resume_groupings()
    found = groups()
    with pytest.raises(grouping.Superseded):
        sleeper.beat(1)
    with pytest.raises(grouping.Superseded):
        sleeper.finish(utcnow())
    db.session.rollback()
    assert groups() == found


def test_a_failure_is_said_and_changes_nothing(ctx: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    by, conversation = started()
    themed(conversation, CARERS[0], 0, by=by)
    row = grouping.start_grouping(conversation, by=by, now=utcnow())
    db.session.commit()
    monkeypatch.setattr(ledger, "EMBED_BATCH", 0)  # range() refuses a step of nothing.
    with pytest.raises(ValueError, match="zero"):
        grouping.run_grouping(row.id)
    db.session.expire_all()
    assert row.state is GroupingState.FAILED
    assert row.finished_at is not None


TEXTS = st.sampled_from([*CARERS, *BUSES, *LETTERS, "???", "أحتاج إلى مترجم عندما أتصل.", "🚌🚌"])
VOICE = st.tuples(
    TEXTS,
    st.sampled_from([None, (), (0,), (1,), (0, 1), (0, 1, 2)]),
    st.sampled_from([None, DecisionKind.WITHHOLD, DecisionKind.REOPEN, DecisionKind.RAISE_CONCERN]),
    st.booleans(),
)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(voices=st.lists(VOICE, min_size=0, max_size=14), name_one=st.booleans())
def test_nothing_approved_is_left_out(
    ctx: Flask,
    voices: list[tuple[str, tuple[int, ...] | None, DecisionKind | None, bool]],
    name_one: bool,
) -> None:
    """Whatever is approved, themed, taken back before or after: groups and inbox together show just it."""
    by, conversation = started()
    made = []
    for text, places, fate, after in voices:
        if places is None:
            voice = approved(conversation, text, by=by)
        else:
            voice = themed(conversation, text, *places, by=by)
        if fate and not after:
            moderation.decide(voice, fate, by=by, now=NOW, reason="So.")
        made.append((voice, fate if after else None))
    run(conversation, by)
    assert shown(conversation) == approved_ids(conversation)
    row = db.session.scalars(sa.select(Group).where(Group.conversation_id == conversation.id)).first()
    if row and name_one:
        services.rename_group(row, "Named", by=by, now=utcnow())
    for voice, fate in made:
        if fate:
            moderation.decide(voice, fate, by=by, now=NOW, reason="So.")
    assert shown(conversation) == approved_ids(conversation)
    run(conversation, by)
    assert shown(conversation) == approved_ids(conversation)
    assert inbox.inbox_count(conversation.id) == len(inbox.inbox(conversation.id, size=99).voices)


def test_what_changes_while_groups_are_worked_out_counts(ctx: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    by, conversation = started()
    voices = [themed(conversation, text, 1, by=by) for text in CARERS]
    withheld = voices[0].id
    db.session.commit()
    work_out = grouping.new_groups.groups_of_theme

    def slowly(*args: object) -> object:
        found = work_out(*args)  # type: ignore[arg-type]
        voice = db.session.get(Contribution, withheld)
        assert voice is not None
        moderation.decide(voice, DecisionKind.RAISE_CONCERN, by=by, now=NOW, reason="Harm.")
        db.session.commit()
        return found

    monkeypatch.setattr(grouping.new_groups, "groups_of_theme", slowly)
    run(conversation, by)
    assert set().union(*groups().values()) == approved_ids(conversation)
    assert withheld not in set().union(*groups().values())


def test_sizes_count_voices_and_people(ctx: Flask) -> None:
    from tests.factories import receipt

    by, conversation = started()
    slip, _code = receipt(conversation)
    themed(conversation, CARERS[0], 1, by=by, receipt=slip)
    themed(conversation, CARERS[1], 1, by=by, receipt=slip)
    themed(conversation, CARERS[2], 1, by=by, channel=Channel.EVENT, voices=12)
    db.session.flush()
    run(conversation, by)
    (card,) = next(part for part in queries.candidates(conversation.id) if part.groups).groups
    assert (card.size.voices, card.size.people) == (3, 13)
    assert card.size.by_channel == {Channel.ONLINE: 2, Channel.EVENT: 1}
    assert len(card.central) == 3
    assert {theme.position for theme in themes.themes_of_conversation(conversation.id)} == {1, 2, 3}
