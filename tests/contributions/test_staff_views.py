"""The desk and the safeguarding lane as people meet them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from engage.accounts.models import Role
from engage.audit.models import AuditEntry
from engage.contributions import moderation
from engage.contributions.models import Contribution, DecisionKind, ModerationDecision, Status
from engage.contributions.staff_views import excerpt
from engage.db import db
from tests import factories
from tests.conftest import StatementCounter
from tests.factories import NOW

SignIn = Callable[..., int]


@pytest.fixture
def voices(app: Flask) -> list[int]:
    """Three voices that wait, the oldest first."""
    with app.app_context():
        conversation = factories.conversation("Big Conversation 2026")
        texts = ("The bus is late.", "Ring Denise on 01632 960 417.", "Nobody tells me who comes.")
        made = [factories.contribution(conversation, text).id for text in texts]
        db.session.commit()
    return made


def status_of(app: Flask, voice: int) -> Status:
    with app.app_context():
        return db.session.get_one(Contribution, voice).status


def test_the_queue_shows_what_waits_the_newest_first(
    app: Flask, client: FlaskClient, sign_in: SignIn, voices: list[int]
) -> None:
    sign_in(client, Role.MODERATOR)
    page = client.get("/staff/voices").get_data(as_text=True)
    assert "3 voices wait" in page
    assert page.index("Nobody tells me") < page.index("Ring Denise") < page.index("The bus is late")


def test_a_search_that_finds_nothing_says_what_to_do(
    client: FlaskClient, sign_in: SignIn, voices: list[int]
) -> None:
    sign_in(client, Role.MODERATOR)
    page = client.get("/staff/voices?words=helicopter&district=Nowhere&status=safeguarding").get_data(
        as_text=True
    )
    assert "No voice is like that" in page
    assert "Try fewer words" in page


def test_an_empty_queue_says_so(app: Flask, client: FlaskClient, sign_in: SignIn) -> None:
    with app.app_context():
        factories.conversation()
        db.session.commit()
    sign_in(client, Role.MODERATOR)
    assert "No voice waits" in client.get("/staff/voices").get_data(as_text=True)
    assert client.get("/staff/voices/next").location == "/staff/voices"


def test_approving_leads_to_the_next_older_one(
    app: Flask, client: FlaskClient, sign_in: SignIn, voices: list[int]
) -> None:
    sign_in(client, Role.MODERATOR)
    assert client.get("/staff/voices/next").location == f"/staff/voices/{voices[2]}"
    answer = client.post(f"/staff/voices/{voices[2]}/approve", follow_redirects=True)
    assert answer.request.path == f"/staff/voices/{voices[1]}"
    assert "Approved." in answer.get_data(as_text=True)
    assert status_of(app, voices[2]) is Status.APPROVED


def test_two_people_who_decide_at_once_are_told(
    app: Flask, client: FlaskClient, sign_in: SignIn, voices: list[int]
) -> None:
    sign_in(client, Role.MODERATOR)
    client.post(f"/staff/voices/{voices[0]}/approve")
    answer = client.post(f"/staff/voices/{voices[0]}/approve", follow_redirects=True)
    assert "Somebody else decided about this voice a moment ago" in answer.get_data(as_text=True)


def test_holding_back_asks_why_and_keeps_what_was_typed(
    app: Flask, client: FlaskClient, sign_in: SignIn, voices: list[int]
) -> None:
    sign_in(client, Role.MODERATOR)
    address = f"/staff/voices/{voices[0]}/withhold"
    answer = client.post(address, data={"reason": "Half a thought"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Choose why you hold it back." in page
    assert "Half a thought" in page
    assert "Error:" in page
    client.post(address, data={"why": "advert", "reason": "It sells stairlifts."})
    with app.app_context():
        [decision] = db.session.scalars(sa.select(ModerationDecision))
        assert decision.reason == "It is an advertisement, or a program sent it. It sells stairlifts."
    assert status_of(app, voices[0]) is Status.WITHHELD


def test_hiding_words_and_looking_at_the_original_on_record(
    app: Flask, client: FlaskClient, sign_in: SignIn, voices: list[int]
) -> None:
    moderator = sign_in(client, Role.MODERATOR)
    address = f"/staff/voices/{voices[1]}"
    wrong = client.post(f"{address}/redact", data={"words": "Dennis", "label": "name"})
    assert wrong.status_code == 422
    assert "These words are not in the text." in wrong.get_data(as_text=True)
    assert "Dennis" in wrong.get_data(as_text=True)
    hidden = client.post(
        f"{address}/redact", data={"words": "Denise", "label": "name"}, follow_redirects=True
    )
    page = hidden.get_data(as_text=True)
    assert "Ring [name] on" in page
    assert "Denise" not in page
    assert "Write why you need" in client.post(f"{address}/original", follow_redirects=True).get_data(
        as_text=True
    )
    seen = client.post(f"{address}/original", data={"reason": "A complaint came in"}).get_data(as_text=True)
    assert "Ring Denise on" in seen
    with app.app_context():
        look = db.session.scalar(sa.select(AuditEntry).where(AuditEntry.action == "look at sealed original"))
        assert look
        assert (look.actor_id, look.subject_id) == (moderator, voices[1])


def test_a_decided_voice_can_go_back_to_the_queue(
    app: Flask, client: FlaskClient, sign_in: SignIn, voices: list[int]
) -> None:
    sign_in(client, Role.MODERATOR)
    client.post(f"/staff/voices/{voices[0]}/approve")
    assert client.post(f"/staff/voices/{voices[0]}/reopen", data={}).status_code == 422
    client.post(f"/staff/voices/{voices[0]}/reopen", data={"reason": "A slip of the finger"})
    assert status_of(app, voices[0]) is Status.WAITING


def test_a_concern_leaves_every_screen_but_the_lane(
    app: Flask, client: FlaskClient, sign_in: SignIn, voices: list[int]
) -> None:
    sign_in(client, Role.MODERATOR)
    address = f"/staff/voices/{voices[2]}"
    assert client.post(f"{address}/concern", data={}).status_code == 422
    assert client.post(f"{address}/concern", data={"reason": "Alone at night"}).status_code == 303
    for path in (
        "/staff/voices",
        "/staff/voices?words=nobody",
        f"{address}/withhold",
        address,
        f"{address}/concern",
    ):
        answer = client.get(path)
        assert "Nobody tells me" not in answer.get_data(as_text=True)
        assert answer.status_code == (
            200 if path.startswith("/staff/voices?") or path == "/staff/voices" else 404
        )
    assert client.get(f"/staff/safeguarding/{voices[2]}").status_code == 403
    lead = app.test_client()
    sign_in(lead, Role.SAFEGUARDING_LEAD)
    assert "1 voice needs a safeguarding lead" in lead.get("/staff/safeguarding").get_data(as_text=True)
    page = lead.get(f"/staff/safeguarding/{voices[2]}").get_data(as_text=True)
    assert "Nobody tells me" in page
    assert "Alone at night" in page


def test_no_total_gives_a_concern_away(
    app: Flask, client: FlaskClient, sign_in: SignIn, voices: list[int]
) -> None:
    sign_in(client, Role.MODERATOR, Role.FACILITATOR)
    client.post(f"/staff/voices/{voices[2]}/concern", data={"reason": "Alone at night"})
    assert "There are 2 in all." in client.get("/staff/voices").get_data(as_text=True)
    assert "<dd>2</dd>" in client.get("/staff/").get_data(as_text=True)
    assert "2 voices, each with its whole trail" in client.get("/staff/export").get_data(as_text=True)


def test_a_lead_can_open_the_sealed_original_on_record(
    app: Flask, client: FlaskClient, sign_in: SignIn, voices: list[int]
) -> None:
    sign_in(client, Role.MODERATOR, Role.SAFEGUARDING_LEAD)
    client.post(f"/staff/voices/{voices[1]}/redact", data={"words": "Denise", "label": "name"})
    client.post(f"/staff/voices/{voices[1]}/concern", data={"reason": "Alone at night"})
    address = f"/staff/safeguarding/{voices[1]}"
    assert "See the sealed original" in client.get(address).get_data(as_text=True)
    assert client.post(f"/staff/voices/{voices[1]}/original", data={"reason": "x"}).status_code == 404
    assert client.post(f"{address}/original", data={}).location == address
    assert "Denise" in client.post(f"{address}/original", data={"reason": "To find her"}).get_data(
        as_text=True
    )
    with app.app_context():
        looks = sa.select(AuditEntry).where(AuditEntry.action == "look at sealed original")
        assert db.session.scalars(looks).one().subject_id == voices[1]


def test_a_lead_takes_a_concern_on_and_lets_it_go_with_a_reason(
    app: Flask, client: FlaskClient, sign_in: SignIn, voices: list[int]
) -> None:
    with app.app_context():
        voice = db.session.get_one(Contribution, voices[0])
        moderator = factories.user(Role.MODERATOR)
        moderation.decide(voice, DecisionKind.RAISE_CONCERN, by=moderator, now=NOW, reason="Worried")
        db.session.commit()
    sign_in(client, Role.SAFEGUARDING_LEAD)
    address = f"/staff/safeguarding/{voices[0]}"
    assert "nobody has taken on" in client.get("/staff/").get_data(as_text=True)
    assert "You look after this now." in client.post(f"{address}/take-on", follow_redirects=True).get_data(
        as_text=True
    )
    assert client.post(f"{address}/release", data={}).status_code == 422
    client.post(f"{address}/release", data={"reason": "The social worker visited."})
    assert status_of(app, voices[0]) is Status.WAITING
    assert client.get(address).status_code == 404
    assert client.post(f"{address}/release", data={"reason": "again"}).status_code == 404


@pytest.mark.parametrize("role", [Role.MEMBER, Role.FACILITATOR])
def test_members_meet_only_cleared_words(
    app: Flask, client: FlaskClient, sign_in: SignIn, voices: list[int], role: Role
) -> None:
    sign_in(client, role)
    assert client.get(f"/staff/voices/{voices[0]}").status_code == 403
    assert client.get(f"/staff/voices/{voices[0]}/concern").status_code == 404


@pytest.mark.parametrize("number", ["0", "999999", "99999999999999999999", "-1", "x"])
def test_a_voice_that_is_not_there(
    client: FlaskClient, sign_in: SignIn, voices: list[int], number: str
) -> None:
    sign_in(client, Role.MODERATOR)
    assert client.get(f"/staff/voices/{number}").status_code == 404
    assert client.get(f"/staff/voices/next?after={number}").status_code == 303


def test_a_voice_of_another_conversation_is_not_here(
    app: Flask, client: FlaskClient, sign_in: SignIn, voices: list[int]
) -> None:
    with app.app_context():
        other = factories.conversation("Last year")
        other.opens_on = other.opens_on.replace(year=2001)
        other.closes_on = other.closes_on.replace(year=2001, month=12)
        elsewhere = factories.contribution(other, "Said in another year").id
        db.session.commit()
    sign_in(client, Role.MODERATOR)
    assert client.get(f"/staff/voices/{elsewhere}").status_code == 404
    assert client.post(f"/staff/voices/{elsewhere}/approve").status_code == 404
    assert status_of(app, elsewhere) is Status.WAITING


@pytest.mark.parametrize(
    "text", ["😀" * 500, "مرحبا " * 200, "x" * 9_000, "<script>alert(1)</script>", "a\nb\n\nc"]
)
def test_any_text_shows_as_it_was_said(
    app: Flask, client: FlaskClient, sign_in: SignIn, voices: list[int], text: str
) -> None:
    with app.app_context():
        conversation = db.session.get_one(Contribution, voices[0]).conversation_id
        voice = factories.contribution(db.session.get_one(factories.Conversation, conversation), text).id
        db.session.commit()
    sign_in(client, Role.MODERATOR)
    page = client.get(f"/staff/voices/{voice}").get_data(as_text=True)
    assert "<script>alert" not in page
    assert text.strip().replace("<", "&lt;").replace(">", "&gt;") in page
    assert client.get("/staff/voices").status_code == 200


def test_a_megabyte_of_reason_is_sent_back_with_every_word(
    client: FlaskClient, sign_in: SignIn, voices: list[int]
) -> None:
    sign_in(client, Role.MODERATOR)
    reason = "too much " * 120_000
    answer = client.post(f"/staff/voices/{voices[0]}/withhold", data={"why": "other", "reason": reason})
    assert answer.status_code == 422
    assert "characters too long. Shorten it to 1,000" in answer.get_data(as_text=True)
    assert reason.strip() in answer.get_data(as_text=True)


def test_the_list_costs_the_same_for_one_voice_and_for_fifty(
    app: Flask, client: FlaskClient, sign_in: SignIn, voices: list[int], statements: StatementCounter
) -> None:
    sign_in(client, Role.MODERATOR)
    with statements:
        client.get("/staff/voices")
    few = statements.count
    with app.app_context():
        conversation = db.session.get_one(Contribution, voices[0]).conversation_id
        for _ in range(50):
            factories.contribution(db.session.get_one(factories.Conversation, conversation))
        db.session.commit()
    with statements:
        page = client.get("/staff/voices").get_data(as_text=True)
    assert statements.count == few
    assert "Older" in page


def test_an_excerpt_is_cut_between_words() -> None:
    assert excerpt("short") == "short"
    assert excerpt("word " * 100, 12) == "word word …"
