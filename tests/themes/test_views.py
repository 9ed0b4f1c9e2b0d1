"""The pages about themes, as people see them."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from engage.accounts.models import Role
from engage.contributions import moderation
from engage.contributions.models import Contribution, DecisionKind
from engage.db import db, utcnow
from engage.themes import frameworks, queries, services, suggestions
from engage.themes.models import Theme, ThemeDecision, ThemeFramework
from tests import factories
from tests.factories import NOW

READERS = (Role.MODERATOR, Role.MEMBER, Role.FACILITATOR)
OTHERS = (Role.RECORDER, Role.SAFEGUARDING_LEAD, Role.ADMIN)
HUGE = "9" * 40


def make(app: Flask, *texts: str, suggest: bool = False) -> list[int]:
    """A conversation with Making It Real and these approved voices; their identifiers."""
    with app.app_context():
        moderator = factories.user(Role.MODERATOR, name="Maya Moderator")
        conversation = factories.conversation(by=moderator, themes=frameworks.making_it_real(NOW))
        ids = [factories.approved(conversation, text, by=moderator).id for text in texts]
        db.session.commit()
        if suggest:
            suggestions.suggest_missing(conversation, save=db.session.commit)
        return ids


def decisions(app: Flask, contribution_id: int) -> list[list[str]]:
    with app.app_context():
        return [decision.theme_keys for decision, _user in queries.history(contribution_id)]


def text_of(answer: object) -> str:
    return answer.get_data(as_text=True)  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize("role", READERS)
def test_readers_see_what_waits_with_its_first_suggestion(
    app: Flask, client: FlaskClient, sign_in, role: Role
) -> None:
    make(app, "I rang and rang and nobody told me what help I could get.", suggest=True)
    sign_in(client, role)
    page = text_of(client.get("/staff/themes"))
    assert "1 voice waits for its theme" in page
    assert "I rang and rang" in page
    assert "Likely" in page
    assert "Information and advice" in page
    assert ("Sets of themes" in page) == (role is Role.FACILITATOR)


@pytest.mark.parametrize("role", OTHERS)
def test_others_do_not(app: Flask, client: FlaskClient, sign_in, role: Role) -> None:
    (voice,) = make(app, "A voice that is not for everybody.")
    sign_in(client, role)
    for path in ("", "/decided", "/next", f"/voices/{voice}"):
        assert client.get(f"/staff/themes{path}").status_code == 403


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.MEMBER, Role.RECORDER, Role.ADMIN])
def test_only_facilitators_change_the_sets(app: Flask, client: FlaskClient, sign_in, role: Role) -> None:
    make(app)
    sign_in(client, role)
    for path in ("", "/new", "/1", "/1/themes/new", "/themes/1"):
        assert client.get(f"/staff/theme-sets{path}").status_code == 403
    assert client.post("/staff/theme-sets/themes/1/remove").status_code == 403


def test_nobody_signed_out_sees_anything(app: Flask, client: FlaskClient) -> None:
    (voice,) = make(app, "A voice.")
    for path in ("/staff/themes", f"/staff/themes/voices/{voice}", "/staff/theme-sets"):
        assert client.get(path).status_code == 303


def test_deciding_one_by_one_goes_through_all(app: Flask, client: FlaskClient, sign_in) -> None:
    first, second = make(app, "The letter was full of jargon.", "My carers are in a hurry.", suggest=True)
    sign_in(client, Role.MEMBER, name="Priya Member")
    answer = client.get("/staff/themes/next")
    assert answer.location.endswith(f"/voices/{second}")
    page = text_of(client.get(answer.location))
    assert "My carers are in a hurry." in page
    assert "Much like “" in page
    assert 'data-key="6"' in page
    seen = re.findall(r'name="themes" type="checkbox" value="(\w+)"', page)
    assert len(seen) == 6
    answer = client.post(
        f"/staff/themes/voices/{second}", data={"themes": ["workforce", "care"], "seen": "0"}
    )
    assert (answer.status_code, answer.location) == (303, f"/staff/themes/next?after={second}")
    answer = client.get(answer.location)
    assert answer.location.endswith(f"/voices/{first}")
    answer = client.post(f"/staff/themes/voices/{first}", data={"none_fits": "y", "seen": "0"})
    answer = client.get(answer.location)
    page = text_of(client.get(answer.location))
    assert "Every approved voice has been themed" in page
    assert "Saved: none of them fits." in page
    assert "of the last 2 voices" in page.lower()
    with app.app_context():
        keys = [decision.theme_keys for decision in db.session.scalars(sa.select(ThemeDecision))]
    assert keys[1] == []
    assert set(keys[0]) <= {"workforce", "care"}
    page = text_of(client.get("/staff/themes/decided"))
    assert "None of the themes fits" in page
    assert "Workforce" in page
    assert "Priya Member" in page
    page = text_of(client.get("/staff/themes/decided?theme=none"))
    assert "The letter was full of jargon." in page
    assert "My carers" not in page


def test_a_decision_can_be_changed_and_the_earlier_one_stays(
    app: Flask, client: FlaskClient, sign_in
) -> None:
    (voice,) = make(app, "The letter was full of jargon.")
    sign_in(client, Role.MEMBER, name="Priya Member")
    url = f"/staff/themes/voices/{voice}"
    client.post(url, data={"themes": "information", "seen": "0", "reason": "She says so."})
    page = text_of(client.get(url))
    assert "What was decided before" in page
    assert "Priya Member: She says so." in page
    assert re.search(r'value="information"[^>]* checked', page)
    answer = client.post(url, data={"themes": "wellbeing", "seen": "1"})
    assert answer.location == "/staff/themes/decided"
    assert decisions(app, voice) == [["information"], ["wellbeing"]]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "Choose what it is about, or “None of them fits”."),
        ({"themes": "information", "none_fits": "y"}, "but not both"),
        ({"themes": "information", "seen": "7"}, "Somebody else decided while you read."),
        ({"themes": "information", "reason": "x" * 201}, "1 character too long"),
    ],
)
def test_bad_answers_say_what_to_do_and_keep_what_was_chosen(
    app: Flask, client: FlaskClient, sign_in, data: dict[str, str], message: str
) -> None:
    (voice,) = make(app, "The letter was full of jargon.")
    sign_in(client, Role.MEMBER)
    answer = client.post(f"/staff/themes/voices/{voice}", data={"seen": "0"} | data)
    page = text_of(answer)
    assert answer.status_code == 422
    assert message in page
    assert "<title>Error:" in page
    assert bool(re.search(r'value="information"[^>]* checked', page)) == ("themes" in data)
    assert data.get("reason", "") in page
    assert decisions(app, voice) == []


def test_unknown_themes_in_the_form_choose_nothing(app: Flask, client: FlaskClient, sign_in) -> None:
    (voice,) = make(app, "The letter was full of jargon.")
    sign_in(client, Role.MEMBER)
    url = f"/staff/themes/voices/{voice}"
    answer = client.post(url, data={"themes": ["made-up", "\x00", "1"], "seen": "0"})
    assert answer.status_code == 422
    assert "Choose what it is about" in text_of(answer)
    assert decisions(app, voice) == []


@pytest.mark.parametrize("number", ["0", HUGE, "-1", "x", "%00"])
def test_numbers_of_nothing_are_not_found(app: Flask, client: FlaskClient, sign_in, number: str) -> None:
    make(app, "A voice.")
    sign_in(client, Role.FACILITATOR)
    for path in ("themes/voices/{}", "theme-sets/{}", "theme-sets/themes/{}", "theme-sets/{}/themes/new"):
        assert client.get(f"/staff/{path.format(number)}").status_code == 404
    for query in (f"?before={number}", f"?before=1-{number}", f"/decided?before={number}&theme={number}"):
        assert client.get(f"/staff/themes{query}").status_code == 200
    assert client.get(f"/staff/themes/next?after={number}").status_code == 303


def test_voices_of_another_conversation_are_not_found(app: Flask, client: FlaskClient, sign_in) -> None:
    (old,) = make(app, "A voice of another conversation.")
    make(app, "A voice of this one.")
    sign_in(client, Role.FACILITATOR)
    with client.session_transaction() as session, app.app_context():
        session["conversation_id"] = db.session.scalar(
            sa.select(Contribution.conversation_id).where(Contribution.id != old)
        )
    assert client.get(f"/staff/themes/voices/{old}").status_code == 404
    assert "another conversation" not in text_of(client.get("/staff/themes"))


def test_a_voice_leaves_every_page_when_a_concern_is_raised(app: Flask, client: FlaskClient, sign_in) -> None:
    secret, other = make(app, "Zebrafish: he hits me.", "The bus is late.", suggest=True)
    sign_in(client, Role.FACILITATOR)
    assert "Zebrafish" in text_of(client.get("/staff/themes"))
    client.post(f"/staff/themes/voices/{secret}", data={"themes": "wellbeing", "seen": "0"})
    with app.app_context():
        moderator = factories.user(Role.MODERATOR)
        found = db.session.get(Contribution, secret)
        assert found is not None
        moderation.decide(found, DecisionKind.RAISE_CONCERN, by=moderator, now=utcnow(), reason="Harm.")
        db.session.commit()
    for path in ("", "/decided", "/decided?theme=wellbeing", f"/voices/{other}"):
        answer = client.get(f"/staff/themes{path}")
        assert answer.status_code == 200
        assert "Zebrafish" not in text_of(answer)
    assert client.get(f"/staff/themes/voices/{secret}").status_code == 404
    answer = client.post(f"/staff/themes/voices/{secret}", data={"themes": "workforce", "seen": "1"})
    assert answer.status_code == 404
    assert decisions(app, secret) == [["wellbeing"]]


def test_words_of_any_kind_are_shown_as_words(app: Flask, client: FlaskClient, sign_in) -> None:
    texts = ("<script>alert(1)</script>", "أحتاج إلى مترجم", "{{ 7 * 7 }} 👩‍🦽", "a\u202eb" * 30)
    ids = make(app, *texts, suggest=True)
    sign_in(client, Role.MEMBER)
    for i in ids:
        page = text_of(client.get(f"/staff/themes/voices/{i}"))
        assert "<script>alert(1)" not in page
        assert 'dir="auto"' in page
    assert "&lt;script&gt;alert(1)" in text_of(client.get("/staff/themes"))


def test_pages_say_what_comes_next_when_there_is_nothing(app: Flask, client: FlaskClient, sign_in) -> None:
    make(app)
    sign_in(client, Role.MEMBER)
    assert "No voice is approved yet" in text_of(client.get("/staff/themes"))
    assert "Nothing here yet" in text_of(client.get("/staff/themes/decided"))


def test_a_facilitator_writes_a_set_of_their_own(app: Flask, client: FlaskClient, sign_in) -> None:
    make(app)
    sign_in(client, Role.FACILITATOR)
    assert "Making It Real" in text_of(client.get("/staff/theme-sets"))
    answer = client.post("/staff/theme-sets/new", data={"name": "", "copy_of": "0"})
    assert answer.status_code == 422
    assert "Give the set a name" in text_of(answer)
    answer = client.post("/staff/theme-sets/new", data={"name": "Making It Real", "copy_of": "1"})
    assert "There is a set of that name already" in text_of(answer)
    answer = client.post("/staff/theme-sets/new", data={"name": "Ours", "copy_of": "1"})
    assert answer.status_code == 303
    ours = answer.location
    page = text_of(client.get(ours))
    assert "Wellbeing and independence" in page
    answer = client.post(f"{ours}/themes/new", data={"name": "Money", "description": ""})
    assert answer.status_code == 422
    assert "Write in a sentence or two" in text_of(answer)
    answer = client.post(
        f"{ours}/themes/new",
        data={
            "name": "Money",
            "description": "What it costs.",
            "phrases": "Dear\r\n\r\nDear\r\nFees",
        },
    )
    assert answer.location == ours
    with app.app_context():
        theme = db.session.scalars(sa.select(Theme).where(Theme.name == "Money")).one()
        assert theme.seed_phrases == ["Dear", "Fees"]
        theme_id, framework_id = theme.id, theme.framework_id
    page = text_of(client.get(f"/staff/theme-sets/themes/{theme_id}"))
    assert "Dear\nFees" in page
    client.post(
        f"/staff/theme-sets/themes/{theme_id}",
        data={"name": "Paying for care", "description": "What it costs.", "phrases": ""},
    )
    assert "Paying for care" in text_of(client.get(ours))
    answer = client.post(f"/staff/theme-sets/themes/{theme_id}/remove", follow_redirects=True)
    assert "Removed: Paying for care." in text_of(answer)
    with app.app_context():
        found = db.session.get(ThemeFramework, framework_id)
        assert found is not None
        assert len(found.themes) == 6


def test_a_theme_in_use_is_not_removed(app: Flask, client: FlaskClient, sign_in) -> None:
    (voice,) = make(app, "The letter was full of jargon.")
    with app.app_context():
        found = db.session.get(Contribution, voice)
        assert found is not None
        theme = queries.themes_of_conversation(found.conversation_id)[1]
        services.decide_themes(found, [theme], by=factories.user(Role.MEMBER), now=NOW)
        theme_id = theme.id
        db.session.commit()
    sign_in(client, Role.FACILITATOR)
    url = f"/staff/theme-sets/themes/{theme_id}"
    assert "Voices have this theme, so it stays." in text_of(client.get(url))
    answer = client.post(f"{url}/remove", follow_redirects=True)
    assert "Voices have the theme “Information and advice”, so it stays." in text_of(answer)


@pytest.mark.parametrize(
    ("phrases", "message"),
    [
        ("\n".join(f"Phrase {n}" for n in range(61)), "These are 61 phrases."),
        ("x" * 301, "is too long"),
        ("x" * 1_000_000, "too long"),
    ],
)
def test_phrases_are_few_and_short(
    app: Flask, client: FlaskClient, sign_in, phrases: str, message: str
) -> None:
    make(app)
    sign_in(client, Role.FACILITATOR)
    answer = client.post(
        "/staff/theme-sets/themes/1", data={"name": "A", "description": "B", "phrases": phrases}
    )
    assert answer.status_code == 422
    assert message in text_of(answer)
    assert phrases[:300] in text_of(answer)
