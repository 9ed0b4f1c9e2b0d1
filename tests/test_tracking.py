"""What became of what somebody said, for whoever holds the code."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engage import tracking
from engage.accounts.models import Role, User
from engage.contributions import codes, moderation
from engage.contributions.models import Contribution, DecisionKind, Receipt, Redaction
from engage.contributions.moderation import Passage
from engage.conversations.models import Conversation
from engage.db import db, utcnow
from engage.priorities.models import Group, Grouping, GroupingState, GroupMember
from engage.themes.models import ContributionTheme, ThemeDecision
from engage.themes.queries import themes_of_conversation
from tests import factories
from tests.conftest import StatementCounter

UNKNOWN = "We do not know this code."


class Told:
    """A receipt with its code, and somebody on the staff who decides about what came with it."""

    def __init__(self) -> None:
        self.staff = factories.user(Role.MODERATOR, name="Priya Hidden-Surname")
        self.conversation = factories.conversation(by=self.staff)
        self.receipt, self.code = factories.receipt(self.conversation)

    def say(self, text: str) -> Contribution:
        return factories.contribution(self.conversation, text, receipt=self.receipt)

    def say_and_read(self, text: str) -> None:
        self.decide(self.say(text), DecisionKind.APPROVE)

    def decide(self, voice: Contribution, kind: DecisionKind, reason: str = "") -> None:
        moderation.decide(voice, kind, by=self.staff, now=factories.NOW, reason=reason)


def put_under_theme(voice: Contribution, conversation: Conversation, by: User, position: int = 1) -> None:
    theme = themes_of_conversation(conversation.id)[position - 1]
    decision = ThemeDecision(
        contribution_id=voice.id,
        theme_keys=[theme.key],
        suggested=[],
        decided_by_id=by.id,
        decided_at=factories.NOW,
    )
    db.session.add(decision)
    db.session.flush()
    db.session.add(ContributionTheme(contribution_id=voice.id, theme_id=theme.id, decision_id=decision.id))


def put_in_group(title: str, conversation: Conversation, by: User, *voices: Contribution) -> None:
    theme = themes_of_conversation(conversation.id)[0]
    times = {"started_at": factories.NOW, "updated_at": factories.NOW}
    grouping = Grouping(conversation_id=conversation.id, state=GroupingState.DONE, **times)
    db.session.add(grouping)
    db.session.flush()
    group = Group(
        conversation_id=conversation.id,
        theme_id=theme.id,
        grouping_id=grouping.id,
        title=title,
        suggested_title="",
        titled_by_id=by.id,
        created_at=factories.NOW,
        updated_at=factories.NOW,
    )
    db.session.add(group)
    db.session.flush()
    db.session.add_all(
        GroupMember(theme_id=theme.id, contribution_id=voice.id, group_id=group.id, centrality=0.9)
        for voice in voices
    )
    db.session.flush()


def look(client: FlaskClient, code: str) -> str:
    reply = client.post("/track", data={"code": code}, follow_redirects=True)
    assert reply.request.path == "/track/what-became"
    return unescape(reply.get_data(as_text=True))


def test_a_code_leads_to_what_was_said(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        told = Told()
        told.say("The bus never comes.")
        told.say("الحافلة متأخرة 😀")
        db.session.commit()
        code = told.code
    reply = client.post("/track", data={"code": code})
    assert (reply.status_code, reply.location) == (303, "/track/what-became")
    assert reply.headers["Cache-Control"] == "no-store"
    page = look(client, code)
    assert "You told us 2 things." in page
    assert page.count("They read every word before anybody else does.") == 2
    assert "The bus never comes." not in page  # Words are shown once a person has read them.
    assert code not in page


@pytest.mark.parametrize("change", [str.lower, codes.spaced, lambda code: "-".join(code), lambda c: f" {c} "])
def test_a_code_may_be_typed_in_any_way(app: Flask, client: FlaskClient, change: object) -> None:
    with app.app_context():
        told = Told()
        told.say_and_read("Words.")
        db.session.commit()
        code = told.code
    assert "Words." in look(client, change(code))  # type: ignore[operator]


@pytest.mark.parametrize(
    "typed", ["", "0000 0000 0000", "hello", "\x00", "😀" * 12, "x" * 1_000_000, "' OR 1=1 --", "İ" * 12]
)
def test_wrong_and_unknown_codes_get_the_same_answer(client: FlaskClient, typed: str) -> None:
    reply = client.post("/track", data={"code": typed})
    page = reply.get_data(as_text=True)
    assert reply.status_code == 422
    assert UNKNOWN in page or "characters too long" in page
    assert "<title>Error:" in page
    assert client.get("/track/what-became").location == "/track"


def test_wrong_and_unknown_codes_take_the_same_statements(
    client: FlaskClient, statements: StatementCounter
) -> None:
    counts = set()
    for typed in ("hello", "0000 0000 0000", ""):
        with statements:
            client.post("/track", data={"code": typed})
        counts.add(statements.count)
    assert counts == {2}


def test_only_so_many_codes_can_be_tried(client: FlaskClient) -> None:
    replies = [client.post("/track", data={"code": "hello"}).status_code for _ in range(31)]
    assert replies == [422] * 30 + [429]
    assert client.get("/track").status_code == 200


def test_an_approved_voice_with_a_theme_and_a_group(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        told = Told()
        voice = told.say("The bus never comes.")
        told.decide(voice, DecisionKind.APPROVE)
        others = [factories.approved(told.conversation, by=told.staff) for _ in range(2)]
        others[0].voices = 10
        hidden = factories.approved(told.conversation, by=told.staff)
        for one in (voice, *others, hidden):
            put_under_theme(one, told.conversation, told.staff)
        put_in_group("Buses that come", told.conversation, told.staff, voice, *others, hidden)
        told.decide(hidden, DecisionKind.RAISE_CONCERN, "Sounds unsafe")
        db.session.commit()
        code = told.code
    page = look(client, code)
    assert "With what 11 other people said. The co-production group calls it “Buses that come”." in page
    assert "Getting about" in page
    assert "A person read it, and changed nothing." in page
    assert "Hidden-Surname" not in page


def test_a_voice_that_stands_alone_in_its_group(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        told = Told()
        voice = told.say("One of a kind.")
        told.decide(voice, DecisionKind.APPROVE)
        put_under_theme(voice, told.conversation, told.staff)
        put_in_group("A kind of its own", told.conversation, told.staff, voice)
        db.session.commit()
        code = told.code
    assert "It stands by itself so far. The co-production group calls it “A kind of its own”." in look(
        client, code
    )


def test_hidden_passages_are_marked(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        told = Told()
        voice = told.say("Ask Ann Smith, not Ann Smith's sister, on 0115 496 0000 [sic].")
        for words, label in (("Ann Smith", "name"), ("0115 496 0000", "phone number")):
            passage = Passage(words, label)
            moderation.redact(voice, [passage], by=told.staff, now=factories.NOW, reason="Points to somebody")
        told.decide(voice, DecisionKind.APPROVE)
        db.session.commit()
        code = told.code
    page = look(client, code)
    assert "Ann" not in page
    assert "0115 496 0000" not in page
    hidden = '<span class="app-hidden">{}</span>'
    words = "Ask {0}, not {0}'s sister, on {1} [sic]."
    assert words.format(hidden.format("a name"), hidden.format("a phone number")) in page
    assert "hid what would show who somebody is" in page


def test_parts_put_together_are_the_text_that_readers_see() -> None:
    original = "Ann met Bob, Bob met Ann."
    hidden = [
        Redaction(start=13, end=16, label="name"),
        Redaction(start=0, end=3, label="name"),
        Redaction(start=8, end=11, label="n"),
    ]
    text = moderation.cleared(original, hidden)
    found = list(tracking.parts(text, hidden))
    assert [words for words, is_hidden in found if not is_hidden] == [" met ", ", ", " met Ann."]
    assert list(tracking.parts("Nothing hidden [name]", [])) == [("Nothing hidden [name]", False)]


def test_a_voice_held_back_says_why_and_how_to_ask_again(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        told = Told()
        voice = told.say("Somebody is a fool.")
        told.decide(voice, DecisionKind.WITHHOLD, "First reason")
        told.decide(voice, DecisionKind.REOPEN, "A mistake of ours")
        told.decide(voice, DecisionKind.WITHHOLD, "It attacks a person.")
        db.session.commit()
        code = told.code
    page = look(client, code)
    assert "We read it, and hold it back" in page
    assert "It attacks a person." in page
    assert "First reason" not in page
    assert "A mistake of ours" not in page
    assert "Ring us with your code and ask again." in page


@pytest.mark.parametrize("with_past", [False, True])
def test_a_safeguarding_voice_looks_the_same_as_one_that_waits(
    app: Flask, client: FlaskClient, with_past: bool
) -> None:
    pages = []
    for kind in (DecisionKind.REOPEN, DecisionKind.RAISE_CONCERN):
        with app.app_context():
            told = Told()
            voice = told.say("He hits me with a stick.")
            voice.prompt = "What is good?"
            db.session.flush()
            if with_past:
                told.decide(voice, DecisionKind.APPROVE)
                put_under_theme(voice, told.conversation, told.staff, position=2)
                put_in_group("Sticks and stones", told.conversation, told.staff, voice)
            if with_past or kind is DecisionKind.RAISE_CONCERN:
                told.decide(voice, kind, "Being hit")
            db.session.commit()
            code, name = told.code, told.conversation.name
        pages.append(look(client, code).replace(name, "the conversation"))
    waiting, in_care = (re.sub(r'nonce="[^"]*"|name="csrf_token"[^>]*', "", page) for page in pages)
    assert waiting == in_care
    assert "A member of staff is looking after this" in in_care
    assert "We asked: What is good?" in in_care
    for secret in ("stick", "Sticks and stones", "Care at home", "Being hit", "concern"):
        assert secret not in in_care


def test_every_tracking_page_says_whom_to_ring_in_danger(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        told = Told()
        told.decide(told.say("Tea."), DecisionKind.APPROVE)
        db.session.commit()
        code = told.code
    for page in (client.get("/track").get_data(as_text=True), look(client, code)):
        assert 'href="tel:999"' in page
        assert "0808 157 0420" in page


def test_other_people_are_counted_from_five_and_nobody_is_their_own_other(
    app: Flask, client: FlaskClient
) -> None:
    with app.app_context():
        told = Told()
        own = [told.say("Buses."), told.say("Buses again.")]
        for voice in own:
            told.decide(voice, DecisionKind.APPROVE)
        others = [factories.approved(told.conversation, by=told.staff) for _ in range(6)]
        for voice in (*own, *others[:1]):
            put_under_theme(voice, told.conversation, told.staff)
        put_in_group("Running late", told.conversation, told.staff, *own, *others)
        receipt = told.receipt
        assert [found.groups[0].others for found in tracking.everything_said(receipt)] == [1, 1]
        db.session.commit()
        code, ids = told.code, [voice.id for voice in others[1:]]
        conversation_id, staff_id = told.conversation.id, told.staff.id
    page = look(client, code)
    assert page.count("With what other people said. The co-production group calls it “Running late”.") == 2
    with app.app_context():
        conversation, staff = db.session.get(Conversation, conversation_id), db.session.get(User, staff_id)
        assert conversation
        assert staff
        for number in ids[:4]:
            voice = db.session.get(Contribution, number)
            assert voice
            put_under_theme(voice, conversation, staff)
        db.session.commit()
    assert "With what 5 other people said. The co-production group calls it “Running late”." in look(
        client, code
    )


def test_a_voice_that_fits_no_theme(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        told = Told()
        voice = told.say("Hello.")
        told.decide(voice, DecisionKind.APPROVE)
        db.session.add(
            ThemeDecision(
                contribution_id=voice.id,
                theme_keys=[],
                suggested=[],
                decided_by_id=told.staff.id,
                decided_at=factories.NOW,
            )
        )
        db.session.commit()
        code = told.code
    assert "It fits none of our themes." in look(client, code)


def test_a_receipt_without_words(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        told = Told()
        db.session.commit()
        code = told.code
    assert "You chose answers and wrote nothing in your own words." in look(client, code)


def test_one_code_shows_nobody_elses_words(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        mine, other = Told(), Told()
        mine.say_and_read("My words.")
        other.say_and_read("Their words.")
        db.session.commit()
        code = mine.code
    page = look(client, code)
    assert "My words." in page
    assert "Their words." not in page


def test_the_page_closes(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        told = Told()
        told.say_and_read("Words.")
        db.session.commit()
        code = told.code
        receipt_id = told.receipt.id
    look(client, code)
    assert client.get("/track/what-became").status_code == 200
    assert client.post("/track/finish").location == "/track"
    assert client.get("/track/what-became").location == "/track"
    long_ago = int(utcnow().timestamp()) - tracking.SHOWN_FOR - 1
    with client.session_transaction() as session:
        session[tracking.KEY] = [receipt_id, long_ago]
    assert client.get("/track/what-became").location == "/track"


def test_a_receipt_that_was_erased_asks_for_the_code_again(app: Flask, client: FlaskClient) -> None:
    with client.session_transaction() as session:
        session[tracking.KEY] = [4711, int(utcnow().timestamp())]
    assert client.get("/track/what-became").location == "/track"


def test_a_page_without_a_cookie_takes_the_code(app: Flask, client: FlaskClient) -> None:
    """However long the page was open, and whatever the browser refuses to keep."""
    app.config["WTF_CSRF_ENABLED"] = True
    with app.app_context():
        told = Told()
        told.say_and_read("Words.")
        db.session.commit()
        code = told.code
    reply = client.post("/track", data={"code": code, "csrf_token": "stale"})
    assert (reply.status_code, reply.location) == (303, "/track/what-became")
    page = client.get("/track/what-became").get_data(as_text=True)
    assert "Words." in page


@pytest.mark.parametrize("number", [1, 50])
def test_the_page_takes_the_same_statements_for_one_thing_and_for_fifty(
    app: Flask, client: FlaskClient, statements: StatementCounter, number: int
) -> None:
    with app.app_context():
        told = Told()
        for _ in range(number):
            voice = told.say("Words.")
            told.decide(voice, DecisionKind.APPROVE)
            put_under_theme(voice, told.conversation, told.staff)
        db.session.commit()
        code = told.code
        assert db.session.get(Receipt, told.receipt.id)
    look(client, code)
    with statements:
        client.get("/track/what-became")
    assert statements.count == 10
