"""The check list before publishing, what it stops, what it lets pass for a reason, and the history."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from engage.accounts.models import Role
from engage.contributions import codes
from engage.conversations.models import Conversation
from engage.db import db, utcnow
from engage.surveys import queries, services
from engage.surveys.content import Content, Page
from engage.surveys.models import Survey
from engage.surveys.publishing import check_list, promises
from engage.surveys.publishing.changes import changes
from engage.surveys.publishing.check_list import State
from engage.surveys.publishing.promises import Said
from engage.surveys.questions import (
    Agreement,
    EasyRead,
    FreeText,
    Permission,
    Row,
    SeveralChoices,
    ShortText,
)
from engage.surveys.responses import submit_response
from engage.surveys.templates import template
from engage.surveys.texts import NOTHING, Text
from engage.surveys.words.text_checks import record_easy_read_test
from tests import factories
from tests.conftest import StatementCounter
from tests.surveys.factories import choices, document, one_choice
from tests.surveys.factories import survey as make_survey
from tests.surveys.publishing.filling_in import REASON, filled_in, publish

SignIn = Callable[..., int]
TODAY = utcnow().date()


def _states(survey: Survey, content: Content) -> dict[str, State]:
    return {check.key: check.state for check in check_list.check_list(survey, content, utcnow().date())}


def _survey(content: Content, *, days: int = 40) -> Survey:
    return make_survey(content=content, opens_in=0, closes_in=days, published=False)


GOOD = (
    template("big_conversation")
    .with_places(["Ashfield", "Mansfield"])
    .model_copy(update={"decides_on": TODAY + timedelta(days=100), "languages": ("en",)})
)


# --- What the software sees ---------------------------------------------------------------------------------


def test_a_survey_with_everything_has_nothing_to_look_at_but_easy_read(ctx: Flask) -> None:
    states = _states(_survey(GOOD), GOOD)
    looked = {key: state for key, state in states.items() if state is not State.GOOD}
    assert looked == {"easy_read": State.LOOK, "equality": State.NOTE}


@pytest.mark.parametrize(
    ("change", "key", "state"),
    [
        ({"privacy": NOTHING}, "privacy", State.STOP),
        ({"reason": NOTHING}, "reason", State.LOOK),
        ({"still_open": NOTHING}, "still_open", State.LOOK),
        ({"who_decides": NOTHING}, "who_decides", State.LOOK),
        ({"considered": NOTHING}, "considered", State.LOOK),
        ({"decides_on": None}, "decides_on", State.LOOK),
        ({"decides_on": TODAY + timedelta(days=3)}, "decides_on", State.LOOK),
        ({"languages": ("en", "cy")}, "language_cy", State.LOOK),
        ({"pages": ()}, "questions", State.STOP),
        ({"pages": GOOD.pages[:2]}, "permission", State.LOOK),
        ({"introduction": Text("Write 𒀀 here.")}, "paper", State.LOOK),
        ({"easy_read": True}, "easy_read", State.STOP),
    ],
)
def test_each_thing_that_is_not_as_it_should_be_is_seen(
    ctx: Flask, change: dict[str, object], key: str, state: State
) -> None:
    survey = _survey(GOOD)
    assert _states(survey, GOOD).get(key) is not state
    assert _states(survey, GOOD.model_copy(update=change))[key] is state


def test_hard_words_are_named_with_their_reading_age(ctx: Flask) -> None:
    hard = Text(
        "Notwithstanding considerable organisational transformation, multidisciplinary stakeholders "
        "collaboratively operationalise commissioning intentions across neighbourhood infrastructures."
    )
    content = GOOD.model_copy(update={"reason": hard})
    check = next(one for one in check_list.check_list(_survey(GOOD), content, TODAY) if one.key == "plain")
    assert check.state is State.LOOK
    assert "“Notwithstanding considerable" in check.notes[0]


@pytest.mark.parametrize(
    ("days", "state", "planning"), [(27, State.GOOD, False), (26, State.LOOK, False), (19, State.LOOK, True)]
)
def test_days_are_counted_with_the_first_and_the_last(
    ctx: Flask, days: int, state: State, *, planning: bool
) -> None:
    found = check_list.check_list(_survey(GOOD, days=days), GOOD, TODAY)
    check = next(one for one in found if one.key == "days")
    assert check.title == f"It is open for {days + 1} days"
    assert check.state is state
    assert any("planning application" in note for note in check.notes) is planning


def test_easy_read_is_ready_once_just_these_words_were_tested(ctx: Flask) -> None:
    content = GOOD.model_copy(update={"easy_read": True})
    survey = _survey(content)
    by = factories.user(Role.FACILITATOR)
    draft = queries.draft_content(survey)
    record_easy_read_test(survey, draft, tested_by="Our Voice", tested_at=utcnow(), by=by, now=utcnow())
    assert _states(survey, content)["easy_read"] is State.GOOD
    question = content.questions[0]
    other = question.model_copy(update={"easy": EasyRead(text=Text("Who?"))})
    page = content.pages[0].model_copy(update={"questions": (other, *content.pages[0].questions[1:])})
    changed = draft.model_copy(update={"pages": (page, *content.pages[1:])})
    services.save_draft(survey, changed, by=by, now=utcnow())
    assert _states(survey, changed)["easy_read"] is State.STOP


def test_two_questions_about_permission_are_seen(ctx: Flask) -> None:
    twice = (Permission(id="p", text=Text("May we?")), Permission(id="p2", text=Text("May we again?")))
    content = document(one_choice("a"), *twice)
    assert _states(_survey(content), content)["permission"] is State.LOOK


def test_equality_monitoring_without_a_reason_is_seen(ctx: Flask) -> None:
    page = Page(id="equality", equality=True, questions=(one_choice("b"),))
    content = document(one_choice("a"))
    content = content.model_copy(update={"pages": (*content.pages, page)})
    assert _states(_survey(content), content)["equality"] is State.LOOK


# --- What a person says -------------------------------------------------------------------------------------


def test_what_is_open_is_asked_for_and_what_was_said_is_kept(ctx: Flask) -> None:
    content = GOOD.model_copy(update={"reason": NOTHING})
    survey = _survey(content)
    found = check_list.check_list(survey, content, TODAY)
    keys = [key for _message, key in promises.open_points(found, Said())]
    assert keys == ["reason", "easy_read", "undecided", "tried", "time_to_read"]
    said = Said(
        frozenset({"undecided", "time_to_read"}),
        {"reason": "It is in the letter.", "easy_read": "We ring people.", "tried": "Next week."},
    )
    assert promises.open_points(found, said) == []
    kept = promises.kept(survey, content, found, said)
    assert kept["agreed"] == ["undecided", "time_to_read"]
    assert kept["set_aside"] == {
        "reason": {"what": "It does not say why you ask", "reason": "It is in the letter."},
        "easy_read": {"what": "It has no Easy Read form", "reason": "We ring people."},
        "tried": {"what": "Somebody with lived experience has tried it.", "reason": "Next week."},
    }
    assert kept["unchecked"] == []


def test_a_promise_is_to_be_ticked_or_explained(ctx: Flask) -> None:
    assert promises.open_points([], Said(frozenset(["undecided", "tried"]))) == [
        (
            "Tick this, or say why not: “We have time to read what comes in before the decision.”",
            "time_to_read",
        )
    ]


def test_a_reason_may_not_be_endless(ctx: Flask) -> None:
    found = check_list.check_list(_survey(GOOD), GOOD, TODAY)
    said = Said(frozenset(["undecided", "tried", "time_to_read"]), {"easy_read": "x" * 501})
    assert promises.open_points(found, said) == [
        ("Shorten your reason to 500 characters or fewer.", "easy_read")
    ]


# --- The pages ----------------------------------------------------------------------------------------------


@pytest.fixture
def draft(app: Flask, client: FlaskClient, sign_in: SignIn) -> str:
    """A draft in the workbench of a facilitator who is signed in; its address."""
    with app.app_context():
        survey = make_survey(content=GOOD, published=False)
        db.session.commit()
        address = f"/staff/surveys/{survey.id}"
    sign_in(client, Role.FACILITATOR)
    return address


def _page(client: FlaskClient, path: str) -> str:
    return unescape(client.get(path).get_data(as_text=True))


def test_the_page_follows_the_four_principles(client: FlaskClient, draft: str) -> None:
    page = _page(client, f"{draft}/publish")
    places = [page.index(str(title)) for title in check_list.PRINCIPLES.values()]
    assert places == sorted(places)
    assert "Our own rule is 28 days" in page


def test_without_reasons_nothing_is_published_and_what_was_typed_stays(
    app: Flask, client: FlaskClient, draft: str
) -> None:
    data = filled_in(client.get(f"{draft}/publish").get_data(as_text=True))
    sent = data | {"reason-easy_read": "", "reason-days": "Short & right"}
    reply = client.post(f"{draft}/publish", data=sent)
    page = unescape(reply.get_data(as_text=True))
    assert reply.status_code == 422
    assert "Error: Publish:" in page
    assert 'href="#reason-easy_read">It has no Easy Read form: say why you go on' in page
    assert "Short & right</textarea>" in page
    assert page.count("checked>") == 3
    with app.app_context():
        assert db.session.scalars(sa.select(Survey)).one().versions == []


def test_a_version_keeps_what_was_said_and_shows_it(app: Flask, client: FlaskClient, draft: str) -> None:
    assert publish(client, draft).location == draft
    page = _page(client, f"{draft}/versions")
    assert "It has no Easy Read form" in page
    assert page.count(REASON) == 2
    assert "Nobody has answered it yet." in page
    with app.app_context():
        version = db.session.scalars(sa.select(Survey)).one().versions[0]
        assert set(version.checks["set_aside"]) == {"easy_read", "days"}
        assert version.checks["agreed"] == ["undecided", "tried", "time_to_read"]
    again = _page(client, f"{draft}/publish")
    assert "Everything in the draft is published." in again


def test_the_next_version_shows_what_changed_and_begins_with_the_reasons_before(
    app: Flask, client: FlaskClient, draft: str
) -> None:
    publish(client, draft)
    with app.app_context():
        survey = db.session.scalars(sa.select(Survey)).one()
        by = factories.user(Role.FACILITATOR)
        content = queries.draft_content(survey).model_copy(update={"reason": Text("For you.")})
        services.save_draft(survey, content, by=by, now=utcnow())
        db.session.commit()
    assert f"{REASON}</textarea>" in _page(client, f"{draft}/publish").replace("\n", "")
    assert publish(client, draft).location == draft
    page = _page(client, f"{draft}/versions")
    assert page.index("Version 2") < page.index("Why we ask: other words") < page.index("Version 1")


def test_a_draft_that_somebody_changed_meanwhile_is_looked_at_again(client: FlaskClient, draft: str) -> None:
    reply = publish(client, draft, revision="0")
    assert reply.status_code == 422
    assert "Somebody changed the survey since you read this page." in reply.get_data(as_text=True)


def test_nobody_publishes_without_a_privacy_notice(app: Flask, client: FlaskClient, draft: str) -> None:
    with app.app_context():
        survey = db.session.scalars(sa.select(Survey)).one()
        content = queries.draft_content(survey).model_copy(update={"privacy": NOTHING})
        services.save_draft(survey, content, by=factories.user(Role.FACILITATOR), now=utcnow())
        db.session.commit()
    reply = publish(client, draft, **{"reason-privacy": "No time."})
    assert reply.status_code == 422
    assert "Put this right first: It does not say what becomes of the answers." in reply.get_data(
        as_text=True
    )


@pytest.mark.parametrize("words", ["x" * 1_000_000, "🙂\u202e\0" * 300])
def test_reasons_of_any_kind_are_said_to_be_too_long(client: FlaskClient, draft: str, words: str) -> None:
    reply = publish(client, draft, **{"reason-days": words})
    assert reply.status_code == 422
    assert "Shorten your reason to 500 characters or fewer." in reply.get_data(as_text=True)


def test_the_history_takes_the_same_statements_for_one_version_and_for_more(
    app: Flask, client: FlaskClient, draft: str, statements: StatementCounter
) -> None:
    counts = []
    for number in (1, 6):
        with app.app_context():
            survey = db.session.scalars(sa.select(Survey)).one()
            conversation = db.session.scalars(sa.select(Conversation)).one()
            by = factories.user(Role.FACILITATOR)
            for _ in range(number):
                version = services.publish_version(survey, conversation, by=by, now=utcnow())
            submit_response(conversation, version, {"good": "Tea"}, code=codes.new_code(), now=utcnow())
            db.session.commit()
        client.get(f"{draft}/versions")
        with statements:
            assert "One person answered it." in _page(client, f"{draft}/versions")
        counts.append(statements.count)
    assert counts[0] == counts[1]


# --- Preview ------------------------------------------------------------------------------------------------


def test_a_preview_shows_each_form_and_keeps_nothing(app: Flask, client: FlaskClient, draft: str) -> None:
    assert "What would make it better?" in _page(client, f"{draft}/preview")
    easy = _page(client, f"{draft}/preview?form=easy")
    assert "What should change?" in easy
    assert "pictures/growing.svg" in easy
    met = _page(client, f"{draft}/preview/as-people-meet-it")
    assert "Preview: nothing can be sent" in met
    assert "Places" not in met
    assert client.get(f"{draft}/preview?version=1").status_code == 404
    assert client.get(f"{draft}/preview?language=zz&form=odd&way=odd").status_code == 200


def test_a_preview_in_another_language_says_so(app: Flask, client: FlaskClient, draft: str) -> None:
    with app.app_context():
        survey = db.session.scalars(sa.select(Survey)).one()
        content = queries.draft_content(survey)
        content = content.model_copy(
            update={"languages": ("en", "ur"), "reason": Text({"en": "Why", "ur": "کیوں"})}
        )
        services.save_draft(survey, content, by=factories.user(Role.FACILITATOR), now=utcnow())
        db.session.commit()
    page = _page(client, f"{draft}/preview?language=ur")
    assert '<div class="app-preview" lang="ur" dir="rtl">' in page
    assert "کیوں" in page
    assert '<html lang="en" dir="ltr"' in page
    met = _page(client, f"{draft}/preview/as-people-meet-it?language=ur")
    assert '<html lang="ur" dir="rtl"' in met
    assert 'lang="en" dir="ltr"' in met


def test_conditions_can_be_tried_one_question_at_a_time(client: FlaskClient, draft: str) -> None:
    path = f"{draft}/preview?way=one"
    data = {"at": "permission", "a.good": "Tea", "a.permission": "contact"}
    page = unescape(client.post(path, data=data).get_data(as_text=True))
    assert "How can we reach you?" in page
    assert '<input type="hidden" name="a.good" value="Tea">' in page
    page = unescape(client.post(path, data={"at": "permission"}).get_data(as_text=True))
    assert "Check what you want to say" in page
    page = unescape(client.post(path, data={"at": "better", "go": "back"}).get_data(as_text=True))
    assert "What is good about your care and support" in page
    reply = client.post(path, data={"at": "connection", "a.connection": "nobody"})
    assert reply.status_code == 422
    assert client.post(path, data={"at": "no-such-question"}).status_code == 200


def test_conditions_can_be_tried_on_one_page(client: FlaskClient, draft: str) -> None:
    page = _page(client, f"{draft}/preview")
    assert "These are not asked:" not in page
    reply = client.post(f"{draft}/preview", data={"at": "~start", "a.good": "Tea"})
    page = unescape(reply.get_data(as_text=True))
    assert "These are not asked:" in page
    assert "Tea</textarea>" in page.replace("\n", "")


# --- What changed -------------------------------------------------------------------------------------------


def test_what_changed_is_said_question_by_question(ctx: Flask) -> None:
    before = document(
        one_choice("a"),
        ShortText(id="gone", text=Text("Gone?")),
        SeveralChoices(id="s", text=Text("Which?"), choices=choices("A", "B")),
        Agreement(
            id="g", text=Text("Agree?"), choices=choices("A", "B"), rows=(Row(id="r", text=Text("R")),)
        ),
        FreeText(id="k", text=Text("Kind?")),
    )
    after = document(
        SeveralChoices(id="s", text=Text("Which ones?"), choices=choices("A", "C"), required=True),
        one_choice("a").model_copy(update={"help": Text("Help")}),
        Agreement(
            id="g", text=Text("Agree?"), choices=choices("A", "B"), rows=(Row(id="r", text=Text("S")),)
        ),
        ShortText(id="k", text=Text("Kind?")),
        ShortText(id="new", text=Text("New?")),
        easy_read=True,
        languages=("en", "pl"),
    )
    assert changes(before, before) == []
    assert changes(before, after) == [
        "Now offered in Polish too",
        "Easy Read is now offered",
        "“Which ones?”: other words (before: “Which?”), now has to be answered, new answer “C”, "
        "without the answer “B”",
        "“Question a?”: other help",
        "“Agree?”: other sentences to agree with",
        "“Kind?”: another kind of question",
        "New question: “New?”",
        "Gone: “Gone?”",
        "The questions come in another order.",
    ]
