"""The pages about groups, as people see them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from engage.accounts.models import Role
from engage.contributions import moderation
from engage.contributions.models import Channel, Contribution, DecisionKind
from engage.db import db, utcnow
from engage.priorities import grouping, services
from engage.priorities.models import Group, Grouping, GroupingState, GroupMember
from engage.themes import queries as themes
from tests import factories
from tests.factories import NOW
from tests.priorities.voices import BUSES, CARERS, LETTERS, started, themed

READERS = (Role.MODERATOR, Role.MEMBER, Role.FACILITATOR)
OTHERS = (Role.RECORDER, Role.SAFEGUARDING_LEAD, Role.ADMIN)
SignIn = Callable[..., int]


def text_of(answer: object) -> str:
    return answer.get_data(as_text=True)  # type: ignore[attr-defined, no-any-return]


def one_group(app: Flask, title: str = "Same faces", *texts: str) -> tuple[int, list[int]]:
    """A conversation with one group of these voices; the identifiers of the group and of the voices."""
    with app.app_context():
        by, conversation = started()
        voices = [themed(conversation, text, 1, by=by) for text in texts or CARERS]
        theme = themes.themes_of_conversation(conversation.id)[1]
        group = services.start_group(voices[0], theme, title, by=by, now=NOW)
        for voice in voices[1:]:
            services.put_in_group(voice, group, by=by, now=NOW)
        db.session.commit()
        return group.id, [voice.id for voice in voices]


def grouped(app: Flask) -> None:
    """A conversation whose voices have been grouped by the software."""
    with app.app_context():
        by, conversation = started()
        for text in CARERS:
            themed(conversation, text, 1, by=by)
        for text in BUSES:
            themed(conversation, text, 0, by=by, channel=Channel.PHONE)
        themed(conversation, LETTERS[0], 2, by=by, channel=Channel.EVENT, voices=12)
        themed(conversation, "The weather was nice.", by=by)
        factories.approved(conversation, "Nobody has themed this yet.", by=by)
        db.session.commit()
        grouping.group_now(conversation, by=by, now=utcnow())


@pytest.mark.parametrize("role", READERS)
def test_readers_see_candidate_priorities_by_theme(
    app: Flask, client: FlaskClient, sign_in: SignIn, role: Role
) -> None:
    grouped(app)
    sign_in(client, role)
    page = text_of(client.get("/staff/priorities"))
    assert "groups of voices that say much the same" in page
    assert "Getting about" in page
    assert "Care at home" in page
    assert "By phone" in page
    assert "3 not yet placed" in page
    assert any(text in page for text in CARERS)
    assert ("Group again" in page) == (role is not Role.MODERATOR)
    assert (">Rename<" in page) == (role is not Role.MODERATOR)
    page = text_of(client.get("/staff/priorities?theme=care-at-home"))
    assert not any(text in page for text in BUSES)
    assert any(text in page for text in CARERS)


@pytest.mark.parametrize("role", OTHERS)
def test_others_do_not(app: Flask, client: FlaskClient, sign_in: SignIn, role: Role) -> None:
    group_id, _voices = one_group(app)
    sign_in(client, role)
    for path in ("", f"/groups/{group_id}", "/inbox", "/runs/1.json"):
        assert client.get(f"/staff/priorities{path}").status_code == 403


@pytest.mark.parametrize("role", [Role.MODERATOR, *OTHERS])
def test_only_the_group_changes_groups(app: Flask, client: FlaskClient, sign_in: SignIn, role: Role) -> None:
    group_id, voices = one_group(app)
    sign_in(client, role)
    assert client.post("/staff/priorities/start").status_code == 403
    assert client.post(f"/staff/priorities/groups/{group_id}/title", data={"title": "x"}).status_code == 403
    assert client.post(f"/staff/priorities/inbox/{voices[0]}").status_code == 403
    assert client.post(f"/staff/priorities/groups/{group_id}/voices/{voices[0]}/out").status_code == 403


def test_the_empty_page_says_what_is_missing(app: Flask, client: FlaskClient, sign_in: SignIn) -> None:
    with app.app_context():
        by, conversation = started()
        conversation_id, by_id = conversation.id, by.id
        db.session.commit()
    sign_in(client, Role.MEMBER)
    assert "No voice is approved yet" in text_of(client.get("/staff/priorities"))
    assert "Every voice has its place" in text_of(client.get("/staff/priorities/inbox"))
    for number, words in (
        (1, "2 voices are approved, and 1 has a theme."),
        (2, "2 of 4 approved voices have"),
    ):
        with app.app_context():
            found = db.session.get(type(conversation), conversation_id)
            maker = db.session.get(type(by), by_id)
            assert found is not None
            assert maker is not None
            themed(found, CARERS[number], 1, by=maker)
            factories.approved(found, by=maker)
            db.session.commit()
        page = " ".join(text_of(client.get("/staff/priorities")).split())
        assert words in page
    assert "Group the voices" in page


def test_grouping_from_the_page(app: Flask, client: FlaskClient, sign_in: SignIn) -> None:
    with app.app_context():
        by, conversation = started()
        for text in CARERS:
            themed(conversation, text, 1, by=by)
        db.session.commit()
    sign_in(client, Role.MEMBER)
    assert client.post("/staff/priorities/start").status_code == 303
    page = text_of(client.get("/staff/priorities"))
    assert "Waits for its turn." in page
    assert "Check again" in page
    answer = client.post("/staff/priorities/start", follow_redirects=True)
    assert "The voices are being grouped already." in text_of(answer)
    with app.app_context():
        run = db.session.scalars(sa.select(Grouping)).one()
        run_id = run.id
    state = client.get(f"/staff/priorities/runs/{run_id}.json").get_json()
    assert (state["finished"], state["total"]) == (False, None)
    with app.app_context():
        grouping.run_grouping(run_id)
    state = client.get(f"/staff/priorities/runs/{run_id}.json").get_json()
    assert (state["finished"], state["done"], state["total"]) == (True, 12, 12)
    page = text_of(client.get("/staff/priorities"))
    assert any(text in page for text in CARERS)


@pytest.mark.parametrize(
    ("state", "message", "total", "words"),
    [
        (GroupingState.RUNNING, None, 0, "Reading the voices"),
        (GroupingState.RUNNING, None, 40, "Reading: 7 of 40 steps done"),
        (GroupingState.RUNNING, "Care at home", 40, "Putting together what was said about “Care at home”"),
        (GroupingState.FAILED, "The model is missing.", 40, "Nothing was changed; start it again."),
    ],
)
def test_the_page_says_how_far_it_is(
    app: Flask,
    client: FlaskClient,
    sign_in: SignIn,
    state: GroupingState,
    message: str | None,
    total: int,
    words: str,
) -> None:
    with app.app_context():
        by, conversation = started()
        run = grouping.start_grouping(conversation, by=by, now=utcnow())
        run.state, run.message, run.steps_done, run.steps_total = state, message, 7, total
        db.session.commit()
    sign_in(client, Role.MODERATOR)
    assert words in " ".join(text_of(client.get("/staff/priorities")).split())


def test_a_group_is_read_whole_and_named(app: Flask, client: FlaskClient, sign_in: SignIn) -> None:
    group_id, _voices = one_group(app)
    sign_in(client, Role.MEMBER)
    url = f"/staff/priorities/groups/{group_id}"
    page = text_of(client.get(url))
    assert all(text in page for text in CARERS)
    assert "6 voices" in page
    assert "Mansfield" in page
    answer = client.post(f"{url}/title", data={"title": "  Two carers\t who know me "})
    assert answer.location == url
    page = text_of(client.get(url))
    assert ">Two carers who know me</span>" in page
    assert "From now on this group stays as it is" in page


@pytest.mark.parametrize(
    ("title", "message"),
    [
        ("", "Give the group a title"),
        (" \x00 ", "Give the group a title"),
        ("x" * 201, "1 character too long"),
        ("x" * 1_000_000, "999,800 characters too long"),
    ],
)
def test_bad_titles_are_kept_and_explained(
    app: Flask, client: FlaskClient, sign_in: SignIn, title: str, message: str
) -> None:
    group_id, _voices = one_group(app)
    sign_in(client, Role.MEMBER)
    answer = client.post(f"/staff/priorities/groups/{group_id}/title", data={"title": title})
    assert answer.status_code == 422
    assert message in text_of(answer)
    assert "<title>Error:" in text_of(answer)
    assert title.strip(" \x00") in text_of(answer)
    with app.app_context():
        group = db.session.get(Group, group_id)
        assert group is not None
        assert group.title == "Same faces"


def test_long_titles_and_words_of_any_kind_are_shown_as_words(
    app: Flask, client: FlaskClient, sign_in: SignIn
) -> None:
    texts = [
        "<script>alert(1)</script> my carer",
        "أحتاج إلى مترجم عندما أتصل.",
        "w" * 3_000,
        "{{ 7*7 }} 👩‍🦽",
    ]
    group_id, _voices = one_group(app, "<b>" + "س" * 190, *texts)
    sign_in(client, Role.MODERATOR)
    for path in ("", f"/groups/{group_id}"):
        page = text_of(client.get(f"/staff/priorities{path}"))
        assert "<script>alert" not in page
        assert "&lt;b&gt;" + "س" * 190 in page
        assert "أحتاج إلى مترجم عندما أتصل." in page


def test_a_voice_is_placed_from_the_inbox(app: Flask, client: FlaskClient, sign_in: SignIn) -> None:
    group_id, voices = one_group(app)
    sign_in(client, Role.MEMBER)
    answer = client.post(f"/staff/priorities/groups/{group_id}/voices/{voices[0]}/out")
    place = answer.location
    assert place == f"/staff/priorities/inbox/{voices[0]}"
    page = text_of(client.get("/staff/priorities/inbox"))
    assert "1 voice is not yet placed" in page
    assert CARERS[0] in page
    assert "In no group yet for" in page
    answer = client.post(place, data={})
    assert answer.status_code == 422
    assert "Choose a group, or start a new one." in text_of(answer)
    with app.app_context():
        theme_id = db.session.scalar(sa.select(GroupMember.theme_id))
    answer = client.post(place, data={"where": f"new-{theme_id}", "title": ""})
    assert "Give the group a title" in text_of(answer)
    assert re.search(rf'value="new-{theme_id}" checked', text_of(answer))
    answer = client.post(
        place, data={"where": f"new-{theme_id}", "title": "New faces"}, follow_redirects=True
    )
    assert "Placed: New faces" in text_of(answer)
    answer = client.post(place, data={"where": f"group-{group_id}"}, follow_redirects=True)
    assert "Placed: Same faces" in text_of(answer)
    assert "6 voices" in text_of(client.get(f"/staff/priorities/groups/{group_id}"))


def test_a_voice_cannot_be_put_where_the_page_does_not_say(
    app: Flask, client: FlaskClient, sign_in: SignIn
) -> None:
    strange, _voices = one_group(app)
    group_id, voices = one_group(app)
    sign_in(client, Role.MEMBER)
    with client.session_transaction() as session, app.app_context():
        found = db.session.get(Group, group_id)
        assert found is not None
        session["conversation_id"] = found.conversation_id
    for where in (f"group-{strange}", "group-x", "new-999", "\x00", "group-" + "9" * 40):
        answer = client.post(f"/staff/priorities/inbox/{voices[0]}", data={"where": where, "title": "T"})
        assert answer.status_code == 422
    assert client.get(f"/staff/priorities/groups/{strange}").status_code == 404
    assert client.get(f"/staff/priorities/groups/{strange}/title").status_code == 404


def test_the_inbox_names_each_reason(app: Flask, client: FlaskClient, sign_in: SignIn) -> None:
    grouped(app)
    sign_in(client, Role.MODERATOR)
    page = text_of(client.get("/staff/priorities/inbox"))
    assert "3 voices are not yet placed" in page
    for words in ("No theme yet", "None of the themes fits", "In no group yet for", "for 12 people"):
        assert words in page
    assert "Find its place" not in page


@pytest.mark.parametrize("number", ["0", "-1", "9" * 40, "x", "%00"])
def test_numbers_of_nothing_are_not_found(
    app: Flask, client: FlaskClient, sign_in: SignIn, number: str
) -> None:
    group_id, _voices = one_group(app)
    sign_in(client, Role.FACILITATOR)
    for path in ("groups/{}", "groups/{}/title", "inbox/{}", "runs/{}.json"):
        assert client.get(f"/staff/priorities/{path.format(number)}").status_code == 404
    assert client.post(f"/staff/priorities/groups/{group_id}/voices/{number}/out").status_code == 404
    for path in (
        f"/inbox?before=1-{number}",
        f"/groups/{group_id}?after=0.5_{number}",
        f"?theme={number}",
    ):
        assert client.get(f"/staff/priorities{path}").status_code == 200


def test_a_concern_takes_a_voice_off_every_page_and_count(
    app: Flask, client: FlaskClient, sign_in: SignIn
) -> None:
    group_id, voices = one_group(app, "Same faces", "Zebrafish: he hits me.", *CARERS)
    sign_in(client, Role.FACILITATOR)
    paths = ("", "?theme=care-at-home", f"/groups/{group_id}", "/inbox")
    assert "Zebrafish" in text_of(client.get(f"/staff/priorities{paths[2]}"))
    with app.app_context():
        moderator = factories.user(Role.MODERATOR)
        found = db.session.get(Contribution, voices[0])
        assert found is not None
        moderation.decide(found, DecisionKind.RAISE_CONCERN, by=moderator, now=utcnow(), reason="Harm.")
        db.session.commit()
    for path in paths:
        page = text_of(client.get(f"/staff/priorities{path}"))
        assert "Zebrafish" not in page
        assert "7 voices" not in page
    assert "6 voices" in text_of(client.get(f"/staff/priorities/groups/{group_id}"))
    assert client.get(f"/staff/priorities/inbox/{voices[0]}").status_code == 404
    out = f"/staff/priorities/groups/{group_id}/voices/{voices[0]}/out"
    assert client.post(out).status_code == 404


def test_a_group_whose_voices_all_left_is_gone_from_sight(
    app: Flask, client: FlaskClient, sign_in: SignIn
) -> None:
    group_id, voices = one_group(app, "Wombat", CARERS[0])
    with app.app_context():
        moderator = factories.user(Role.MODERATOR)
        found = db.session.get(Contribution, voices[0])
        assert found is not None
        moderation.decide(found, DecisionKind.RAISE_CONCERN, by=moderator, now=utcnow(), reason="Harm.")
        db.session.commit()
    sign_in(client, Role.FACILITATOR)
    assert "Wombat" not in text_of(client.get("/staff/priorities"))
    assert client.get(f"/staff/priorities/groups/{group_id}").status_code == 404


def test_pages_take_the_same_statements_for_one_and_for_fifty(
    app: Flask, client: FlaskClient, sign_in: SignIn, statements
) -> None:
    grouped(app)
    sign_in(client, Role.FACILITATOR)
    with app.app_context():
        group_id = db.session.scalars(sa.select(Group.id).order_by(Group.id)).first()
    paths = ("", "/inbox", f"/groups/{group_id}")
    counts: list[list[int]] = []
    for more in (0, 49):
        with app.app_context():
            group = db.session.get(Group, group_id)
            assert group is not None
            by, conversation = factories.user(), db.session.get(_conversation(), group.conversation_id)
            assert conversation is not None
            theme = themes.themes_of_conversation(conversation.id)[1]
            for number in range(more):
                voice = themed(conversation, f"{number}: {CARERS[0]}", 1, by=by)
                made = services.start_group(voice, theme, f"Group {number}", by=by, now=NOW)
                if number % 2:
                    services.take_out(voice, made, by=by, now=NOW)
            db.session.commit()
        found = []
        for path in paths:
            with statements:
                assert client.get(f"/staff/priorities{path}").status_code == 200
            found.append(statements.count)
        counts.append(found)
    assert counts[0] == counts[1]


def _conversation() -> type:
    from engage.conversations.models import Conversation

    return Conversation
