"""Answers from paper and the telephone: keyed in, equal to those sent online, and a sample keyed twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from engage.accounts.models import Role, User
from engage.audit.models import AuditEntry
from engage.contributions import codes
from engage.contributions import queries as contributions
from engage.contributions.models import Channel, Contribution, Receipt, Speaker
from engage.conversations.models import Conversation
from engage.db import db, utcnow
from engage.surveys import queries, services
from engage.surveys.conditions import Condition, Test
from engage.surveys.content import Content, Page
from engage.surveys.keying import entry, second_keying
from engage.surveys.keying.second_keying import WORDS
from engage.surveys.models import (
    EqualityResponse,
    Response,
    SecondKeying,
    StaffEntry,
    Survey,
    SurveyVersion,
    UnsentResponse,
)
from engage.surveys.questions import (
    Agreement,
    Choice,
    Contact,
    Date,
    EasyRead,
    FreeText,
    Number,
    OneChoice,
    Permission,
    Ranking,
    Row,
    SeveralChoices,
)
from engage.surveys.responses import Way, keep_answers
from engage.surveys.texts import Text
from tests.surveys import factories as surveys

SignIn = Callable[..., int]
YES = Condition(tests=(Test.model_validate({"question": "helped", "is": "equals", "value": "yes"}),))


def content() -> Content:
    who = tuple(Choice(value=value, label=Text(value)) for value in ("draws_on_care", "unpaid_carer"))
    asked = (
        OneChoice(id="who", text=Text("Who are you?"), choices=who, about="speaker", required=True),
        surveys.one_choice("helped", easy=EasyRead(text=Text("Do you get help?"))),
        FreeText(id="good", text=Text("What is good about it?"), shown_if=YES),
        SeveralChoices(
            id="by", text=Text("By whom?"), choices=surveys.choices("Family", "Friends"), other=True
        ),
        Agreement(
            id="agree",
            text=Text("Do you agree?"),
            rows=(Row(id="r1", text=Text("It is on time")),),
            choices=surveys.choices("I agree", "I do not"),
        ),
        Ranking(id="rank", text=Text("What first?"), choices=surveys.choices("Money", "Time")),
        Number(id="hours", text=Text("How many hours?")),
        Date(id="since", text=Text("Since when?")),
        Contact(id="contact", text=Text("May we ring?")),
        Permission(id="allow", text=Text("What do you allow?")),
    )
    monitoring = Page(id="eq", equality=True, questions=(surveys.one_choice("age", "Young", "Old"),))
    made = surveys.document(*asked)
    return made.model_copy(update={"pages": (*made.pages, monitoring), "easy_read": True})


ANSWERS = {
    "a.who": "unpaid_carer",
    "a.helped": "yes",
    "a.good": "My sister comes\r\nevery day, thank God. 💛",
    "a.by": ["family", "other"],
    "a.by.other": "The church",
    "a.agree.r1": "i_agree",
    "a.rank.money": "2",
    "a.rank.time": "1",
    "a.hours": "35",
    "a.since.day": "1",
    "a.since.month": "2",
    "a.since.year": "2020",
    "a.contact.phone": "01632 960123",
    "a.contact.uses": "ask_more",
    "a.allow": ["publish", "join"],
    "a.age": "old",
}


def day(offset: int = 0) -> dict[str, str]:
    found = utcnow().date() + timedelta(days=offset)
    return {
        "received_on-day": str(found.day),
        "received_on-month": str(found.month),
        "received_on-year": str(found.year),
    }


def typed(**changes: Any) -> dict[str, Any]:
    return {"channel": "paper", "code": "", **day(), **ANSWERS} | changes


@pytest.fixture
def survey_id(app: Flask) -> int:
    with app.app_context():
        made = surveys.survey(content=content())
        db.session.commit()
        return made.id


@pytest.fixture
def recorder(client: FlaskClient, sign_in: SignIn) -> int:
    return sign_in(client, Role.RECORDER, name="Rana Recorder")


def key(client: FlaskClient, survey_id: int, address: str = "", **changes: Any) -> Any:
    return client.post(f"/staff/surveys/{survey_id}/enter{address}", data=typed(**changes))


def rows(app: Flask) -> list[dict[str, Any]]:
    """Every response with all that it led to, apart from when and by which way it came."""
    with app.app_context():
        found = []
        for response in db.session.scalars(sa.select(Response).order_by(Response.id)):
            receipt = db.session.get_one(Receipt, response.receipt_id)
            said = contributions.contributions_of(receipt)
            monitored = db.session.get(EqualityResponse, response.id)
            found.append(
                {
                    "answers": response.answers,
                    "speaker": response.speaker,
                    "district": response.district,
                    "words": [(c.prompt, c.text, c.answer_key, c.speaker, c.is_verbatim) for c in said],
                    "allowed": (receipt.may_publish, receipt.may_contact, receipt.wants_to_join),
                    "equality": monitored.answers if monitored else None,
                }
            )
        return found


def text(reply: Any) -> str:
    return str(reply.get_data(as_text=True))


# --- Equal rows ---------------------------------------------------------------------------------------------


def test_paper_online_and_coming_back_give_three_equal_rows(
    app: Flask, client: FlaskClient, survey_id: int, recorder: int
) -> None:
    assert key(client, survey_id).status_code == 303
    with app.app_context():
        slug = db.session.get_one(Survey, survey_id).slug
    online = app.test_client()
    online.get(f"/surveys/{slug}/begin?way=all")
    assert online.post(f"/surveys/{slug}/all", data={**ANSWERS, "then": "send"}).status_code == 303
    back_again(app, slug)
    paper, sent, back = rows(app)
    assert paper == sent == back
    assert paper["speaker"] is Speaker.UNPAID_CARER
    assert paper["allowed"] == (True, False, True)
    assert [words[1] for words in paper["words"]] == [
        "My sister comes\nevery day, thank God. 💛",
        "The church",
    ]
    with app.app_context():
        channels = db.session.scalars(sa.select(Response.channel).order_by(Response.id)).all()
        assert channels == [Channel.PAPER, Channel.ONLINE, Channel.ONLINE]


def back_again(app: Flask, slug: str) -> None:
    """Somebody answers a part, saves it under a code, and sends the rest from another device."""
    first, later = app.test_client(), app.test_client()
    first.get(f"/surveys/{slug}/begin?way=all")
    part = {name: value for name, value in ANSWERS.items() if name in ("a.who", "a.helped", "a.good")}
    assert first.post(f"/surveys/{slug}/save?at=all", data=part).status_code == 303
    with first.session_transaction() as kept:
        code = kept["surveys"][slug][0]
    assert later.post("/continue", data={"code": codes.spaced(code)}).status_code == 303
    page = text(later.get(f"/surveys/{slug}/all"))
    assert "My sister comes" in page
    assert later.post(f"/surveys/{slug}/all", data={**ANSWERS, "then": "send"}).status_code == 303


def test_who_keyed_it_in_and_who_helped_is_kept_beside_it(
    app: Flask, client: FlaskClient, survey_id: int, recorder: int
) -> None:
    reply = key(client, survey_id, channel="phone", agreed="y", helped_by="  A   daughter ")
    assert reply.status_code == 303
    with app.app_context():
        kept = db.session.scalars(sa.select(StaffEntry)).one()
        assert (kept.entered_by_id, kept.consent_read_out, kept.helped_by) == (recorder, True, "A daughter")
        audited = db.session.scalars(
            sa.select(AuditEntry).where(AuditEntry.action == "key in response")
        ).one()
        assert audited.actor_id == recorder
        assert "daughter" not in str(audited.detail) and "sister" not in str(audited.detail)
        receipt = db.session.scalars(sa.select(Receipt)).one()
        assert receipt.channel is Channel.PHONE


def test_an_answer_behind_a_condition_that_is_off_is_not_asked_and_not_kept(
    app: Flask, client: FlaskClient, survey_id: int, recorder: int
) -> None:
    assert key(client, survey_id, **{"a.helped": "no"}).status_code == 303
    assert "good" not in rows(app)[0]["answers"]


def test_what_a_pen_left_out_may_stay_out(
    app: Flask, client: FlaskClient, survey_id: int, recorder: int
) -> None:
    only = {"channel": "paper", **day(), "a.hours": "3"}
    assert client.post(f"/staff/surveys/{survey_id}/enter", data=only).status_code == 303
    assert rows(app)[0]["answers"] == {"hours": 3}


# --- Codes --------------------------------------------------------------------------------------------------


def test_the_code_of_the_slip_leads_to_what_became_of_it(
    app: Flask, client: FlaskClient, survey_id: int, recorder: int
) -> None:
    reply = key(client, survey_id, code="k7mp-4twx 9rxm")
    page = text(client.get(reply.location))
    assert "K7MP" in page and "kettle, seven, marmalade, piano" in page
    with app.app_context():
        assert contributions.receipt_by_code("K7MP4TWX9RXM") is not None
    assert app.test_client().post("/track", data={"code": "K7MP 4TWX 9RXM"}).status_code == 303


def test_without_a_code_the_person_gets_a_new_one_once(
    app: Flask, client: FlaskClient, survey_id: int, recorder: int
) -> None:
    first = key(client, survey_id, fresh_code="0123456789AB")
    assert "0123" in text(client.get(first.location))
    second = key(client, survey_id, fresh_code="0123456789AB")  # The button was pressed twice.
    assert second.status_code == 422
    assert "came in on" in text(second)
    assert len(rows(app)) == 1


def test_a_code_that_was_used_says_when(
    app: Flask, client: FlaskClient, survey_id: int, recorder: int
) -> None:
    key(client, survey_id, code="K7MP4TWX9RXM", **day(-3))
    reply = key(client, survey_id, code="K7MP4TWX9RXM")
    assert reply.status_code == 422
    today = utcnow()
    assert f"Answers with this code came in on {today.day} {today:%B %Y} already." in text(reply)
    assert "My sister comes" in text(reply)
    assert len(rows(app)) == 1


def test_answers_begun_online_under_the_code_are_not_lost(
    app: Flask, client: FlaskClient, survey_id: int, recorder: int
) -> None:
    with app.app_context():
        version = queries.latest_version(survey_id)
        keep_answers("K7MP4TWX9RXM", version, {"hours": 3}, now=utcnow())
        db.session.commit()
    reply = key(client, survey_id, code="K7MP4TWX9RXM")
    assert reply.status_code == 422 and "began to answer online" in text(reply)
    with app.app_context():
        assert db.session.scalars(sa.select(UnsentResponse)).one().answers == {"hours": 3}


# --- When and which version ---------------------------------------------------------------------------------


def test_the_day_is_that_on_which_it_reached_us(
    app: Flask, client: FlaskClient, survey_id: int, recorder: int
) -> None:
    key(client, survey_id, **day(-3))
    with app.app_context():
        response = db.session.scalars(sa.select(Response)).one()
        assert response.received_at.date() == utcnow().date() - timedelta(days=3)
        sent = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "send response")).one()
        assert sent.at > utcnow() - timedelta(minutes=5)  # The record is never dated back.
        assert sent.detail["received_at"] == response.received_at.isoformat()
        assert db.session.scalars(sa.select(StaffEntry)).one().entered_at.date() == utcnow().date()


def test_paper_that_came_in_time_counts_after_the_survey_closed(
    app: Flask, client: FlaskClient, recorder: int
) -> None:
    with app.app_context():
        survey_id = surveys.survey(content=content(), opens_in=-9, closes_in=-2).id
        db.session.commit()
    page = text(client.get(f"/staff/surveys/{survey_id}/enter"))
    assert "Key in what reached us by then" in page
    late = key(client, survey_id)
    assert late.status_code == 422 and "only what reached us by then counts" in text(late)
    assert key(client, survey_id, **day(-2)).status_code == 303


def test_paper_from_before_a_change_keeps_its_version(
    app: Flask, client: FlaskClient, survey_id: int, recorder: int
) -> None:
    with app.app_context():
        survey = db.session.get_one(Survey, survey_id)
        by = db.session.scalars(sa.select(User).limit(1)).one()
        changed = surveys.document(surveys.one_choice("new", "This", "That"))
        services.save_draft(survey, changed, by=by, now=utcnow())
        conversation = db.session.get_one(Conversation, survey.conversation_id)
        services.publish_version(survey, conversation, by=by, now=utcnow())
        db.session.commit()
    assert "Question new?" in text(client.get(f"/staff/surveys/{survey_id}/enter"))
    old = text(client.get(f"/staff/surveys/{survey_id}/enter?version=1"))
    assert "What is good about it?" in old and "Question new?" not in old
    assert key(client, survey_id, "?version=1").status_code == 303
    assert key(client, survey_id, "?version=2", **{"a.new": "this"}).status_code == 303
    with app.app_context():
        numbers = sa.select(SurveyVersion.number).join(Response).order_by(Response.id)
        assert db.session.scalars(numbers).all() == [1, 2]
    assert rows(app)[1]["answers"] == {"new": "this"}


def test_the_next_form_is_of_the_same_kind(client: FlaskClient, survey_id: int, recorder: int) -> None:
    reply = key(client, survey_id, "?form=easy", channel="letter", **day(-1))
    page = text(client.get(reply.location))
    yesterday = utcnow().date() - timedelta(days=1)
    assert 'value="letter" checked' in page
    assert f'name="received_on-day" type="text" inputmode="numeric" value="{yesterday.day}"' in page
    assert "Do you get help?" in page and "What is good about it?" not in page
    assert "My sister comes" not in page


def test_easy_read_and_language_are_kept(
    app: Flask, client: FlaskClient, survey_id: int, recorder: int
) -> None:
    assert key(client, survey_id, "?form=easy&language=xx").status_code == 303
    with app.app_context():
        response = db.session.scalars(sa.select(Response)).one()
        assert (response.easy_read, response.language, response.answers) == (True, "en", {"helped": "yes"})


# --- What does not fit --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"channel": ""}, "Choose how the answers came."),
        ({"channel": "online"}, "Choose how the answers came."),
        ({"channel": "phone"}, "Read out how we look after answers"),
        ({"code": "K7MP4TWX9RX0"}, "None of our copies has this code"),
        ({"code": "K7MP"}, "A code looks like K7MP 4TWX 9RHC"),
        ({"code": "U" * 12}, "A code looks like K7MP 4TWX 9RHC"),
        ({"code": "x" * 1_000_000}, "characters too long"),
        ({"received_on-day": "31", "received_on-month": "2"}, "enter it as day, month and year"),
        ({"received_on-year": "9" * 5000}, "enter it as day, month and year"),
        (day(1), "This day has not come yet."),
        (day(-11), "The survey opened on"),
        ({"helped_by": "x" * 300}, "characters too long"),
        ({"a.hours": "many"}, "How many hours? – Enter a number in figures, like 12."),
        ({"a.who": "nobody"}, "Choose from the answers on this page."),
        ({"a.contact.uses": []}, "Say what we may use these for"),
        ({"a.good": "x" * 1_000_000}, "longer than we can take"),
        (dict.fromkeys(ANSWERS, ""), "Key in at least one answer."),
    ],
)
def test_what_does_not_fit_says_what_to_do_and_loses_nothing(
    app: Flask, client: FlaskClient, survey_id: int, recorder: int, changes: dict[str, Any], message: str
) -> None:
    reply = key(client, survey_id, **({"a.by.other": "The ‮church‬ \x00"} | changes))
    page = text(reply)
    assert reply.status_code == 422
    assert message in page and "<title>Error: " in page
    if "a.good" not in changes:
        assert "My sister comes" in page and "The ‮church‬" in page
    assert rows(app) == []


def test_a_page_that_was_open_too_long_keeps_everything(
    app: Flask, client: FlaskClient, survey_id: int, recorder: int
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    reply = key(client, survey_id, csrf_token="old")
    page = text(reply)
    assert reply.status_code == 422
    assert "press the button once more" in page and "My sister comes" in page
    assert rows(app) == []


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.MEMBER, Role.ADMIN, Role.SAFEGUARDING_LEAD])
def test_only_those_who_record_may_key_in(
    client: FlaskClient, survey_id: int, sign_in: SignIn, role: Role
) -> None:
    sign_in(client, role)
    for address in ("/staff/surveys/answers", f"/staff/surveys/{survey_id}/enter"):
        assert client.get(address).status_code == 403
    assert key(client, survey_id).status_code == 403


def test_the_list_asks_the_same_of_the_database_for_one_and_for_many(
    app: Flask, client: FlaskClient, survey_id: int, recorder: int, statements: Any
) -> None:
    with statements:
        assert "Key in answers" in text(client.get("/staff/surveys/answers"))
    one = statements.count
    with app.app_context():
        conversation = db.session.get_one(Conversation, db.session.get_one(Survey, survey_id).conversation_id)
        for _number in range(10):
            surveys.survey(conversation)
        db.session.commit()
    with statements:
        client.get("/staff/surveys/answers")
    assert statements.count == one


def test_nothing_came_in_before_its_version_was_published(
    app: Flask, client: FlaskClient, survey_id: int, recorder: int
) -> None:
    """Most likely the paper is of an earlier version, which can be chosen."""
    with app.app_context():
        survey = db.session.get_one(Survey, survey_id)
        conversation = db.session.get_one(Conversation, survey.conversation_id)
        by = db.session.get_one(User, recorder)
        services.publish_version(survey, conversation, by=by, now=utcnow())
        db.session.commit()
    refused = key(client, survey_id, **day(-1))
    assert refused.status_code == 422 and "Version 2 was published on" in text(refused)
    assert key(client, survey_id, "?version=1", **day(-1)).status_code == 303
    assert key(client, survey_id).status_code == 303


# --- Second keying ------------------------------------------------------------------------------------------


def papers(app: Flask, survey_id: int, by: int, **changes: Any) -> int:
    """Key papers in until one belongs to the sample. Returns its number."""
    answers = {
        "who": "unpaid_carer",
        "helped": "yes",
        "good": "My sister comes every day.",
        "allow": ["publish"],
        "hours": 35,
        "age": "old",
    } | changes
    with app.app_context():
        version = queries.latest_version(survey_id)
        survey = db.session.get_one(Survey, survey_id)
        conversation = db.session.get_one(Conversation, survey.conversation_id)
        while True:
            response = entry.key_in(
                conversation,
                version,
                answers,
                code=codes.new_code(),
                received_on=utcnow().date(),
                way=Way(Channel.PAPER),
                aloud=entry.Aloud(),
                by=db.session.get_one(User, by),
                now=utcnow(),
            )
            if second_keying.is_sampled(response):
                db.session.commit()
                return response.id


SAME = {
    "a.who": "unpaid_carer",
    "a.helped": "yes",
    "a.good": "my sister  comes every day.",
    "a.allow": "publish",
    "a.hours": "35",
}


@pytest.fixture
def other(app: Flask, sign_in: SignIn) -> FlaskClient:
    found = app.test_client()
    sign_in(found, Role.FACILITATOR)
    return found


def test_a_paper_of_the_sample_says_so_when_it_is_kept(
    app: Flask, client: FlaskClient, survey_id: int, recorder: int
) -> None:
    pages = [text(client.get(key(client, survey_id).location)) for _paper in range(10)]
    assert ["somebody else keys it in a second time" in page for page in pages].count(True) == 1


def test_two_keyings_that_are_the_same_are_settled_at_once(
    app: Flask, client: FlaskClient, survey_id: int, recorder: int, other: FlaskClient
) -> None:
    number = papers(app, survey_id, recorder)
    address = f"/staff/surveys/{survey_id}/second-keying"
    page = text(other.get(f"{address}/{number}"))
    assert "My sister" not in page and "Question age?" not in page
    assert other.post(f"{address}/{number}", data=SAME).location.endswith("/second-keying")
    with app.app_context():
        kept = db.session.scalars(sa.select(SecondKeying)).one()
        assert (kept.differences, kept.settled_at is not None) == ([], True)
        assert "sister" not in str(kept.answers)
    page = text(other.get(address))
    assert "0 of 5 answers differed" in page and "Nothing waits." in page


def test_whoever_keyed_it_first_cannot_check_it(
    app: Flask, client: FlaskClient, survey_id: int, recorder: int
) -> None:
    number = papers(app, survey_id, recorder)
    address = f"/staff/surveys/{survey_id}/second-keying/{number}"
    assert client.get(address).status_code == 303
    assert client.post(address, data=SAME).status_code == 303
    with app.app_context():
        assert db.session.scalars(sa.select(SecondKeying)).all() == []
    assert "Somebody else has to do the second one." in text(client.get(address.rpartition("/")[0]))


def test_differences_are_shown_and_settled_one_by_one(
    app: Flask, client: FlaskClient, survey_id: int, recorder: int, other: FlaskClient
) -> None:
    number = papers(app, survey_id, recorder)
    address = f"/staff/surveys/{survey_id}/second-keying/{number}"
    changed = SAME | {"a.who": "draws_on_care", "a.hours": "53", "a.allow": "contact", "a.good": "A cat."}
    reply = other.post(address, data=changed)
    assert reply.location.endswith(f"/{number}/settle")
    page = text(other.get(reply.location))
    for words in ("First keying: 35", "Second keying: 53", "What is good about it?", "keyed in differently"):
        assert words in page
    assert "sister" not in page and "A cat." not in page
    half = other.post(reply.location, data={"keep.who": "second"})
    assert half.status_code == 422 and "choose which keying is right" in text(half)
    choices = {"keep.who": "second", "keep.hours": "first", "keep.allow": "second"}
    assert other.post(reply.location, data=choices).status_code == 303
    with app.app_context():
        response = db.session.get_one(Response, number)
        assert response.answers == {
            "who": "draws_on_care",
            "helped": "yes",
            "good": True,
            "allow": ["contact"],
            "hours": 35,
        }
        assert response.speaker is Speaker.DRAWS_ON_CARE
        receipt = db.session.get_one(Receipt, response.receipt_id)
        assert (receipt.may_publish, receipt.may_contact) == (False, True)
        said = contributions.contributions_of(receipt)
        assert [(c.text, c.speaker) for c in said] == [("My sister comes every day.", Speaker.DRAWS_ON_CARE)]
        audited = sa.select(AuditEntry.detail).where(AuditEntry.action == "settle second keying")
        assert db.session.scalars(audited).one()["second_taken"] == ["allow", "who"]
    page = text(other.get(address.rpartition("/")[0]))
    assert "4 of 5 answers differed" in page and "(80.0 %)" in page
    assert other.get(reply.location).status_code == 303


def test_a_settled_answer_takes_what_hangs_on_it_along(
    app: Flask, client: FlaskClient, survey_id: int, recorder: int, other: FlaskClient
) -> None:
    number = papers(app, survey_id, recorder, good=None)
    address = f"/staff/surveys/{survey_id}/second-keying/{number}"
    data = {name: value for name, value in SAME.items() if name != "a.good"} | {"a.helped": ""}
    reply = other.post(address, data=data)
    assert "Second keying: no answer" in text(other.get(reply.location))
    other.post(reply.location, data={"keep.helped": "second"})
    with app.app_context():
        assert "helped" not in db.session.get_one(Response, number).answers


def test_what_differs_is_settled_only_once(
    app: Flask, client: FlaskClient, survey_id: int, recorder: int, other: FlaskClient
) -> None:
    """Somebody who read the page before another settled it is told so, and changes nothing."""
    number = papers(app, survey_id, recorder)
    address = f"/staff/surveys/{survey_id}/second-keying/{number}"
    assert other.post(address, data=SAME | {"a.hours": "53"}).location.endswith("/settle")
    with app.app_context():
        found = second_keying.paper(survey_id, number)
        assert found and found.second and found.second.settled_at is None
        by, whole = db.session.get_one(User, recorder), queries.content_of(found.version)
        settled = sa.update(SecondKeying).values(settled_at=utcnow())
        db.session.execute(settled, execution_options={"synchronize_session": False})
        with pytest.raises(second_keying.KeyedAgain):
            second_keying.settle(found, whole, {"hours"}, by=by, now=utcnow())
        assert found.response.answers["hours"] == 35


def test_settling_leads_to_each_answer_that_is_open(
    app: Flask, client: FlaskClient, survey_id: int, recorder: int, other: FlaskClient
) -> None:
    number = papers(app, survey_id, recorder)
    address = f"/staff/surveys/{survey_id}/second-keying/{number}"
    reply = other.post(address, data=SAME | {"a.who": "draws_on_care", "a.hours": "53"})
    wrong = other.post(reply.location, data={"keep.who": "second"})
    page = text(wrong)
    (field,) = re.findall(r'<li><a href="#(keep-\d+-first)">How many hours\? – Look at the paper', page)
    (group,) = re.findall(r"govuk-form-group--error.*?</fieldset>", page, re.DOTALL)
    assert wrong.status_code == 422 and f'id="{field}"' in group
    (message,) = re.findall(r'<fieldset class="govuk-fieldset" aria-describedby="([^"]+)">', group)
    assert f'id="{message}"' in group and "choose which keying is right" in group


def test_a_paper_is_keyed_a_second_time_only_once(
    app: Flask, client: FlaskClient, survey_id: int, recorder: int, other: FlaskClient
) -> None:
    number = papers(app, survey_id, recorder)
    address = f"/staff/surveys/{survey_id}/second-keying/{number}"
    assert other.post(address, data=SAME).status_code == 303
    assert other.post(address, data=SAME | {"a.hours": "1"}).location.endswith("/second-keying")
    with app.app_context():
        assert db.session.scalars(sa.select(SecondKeying)).one().differences == []


def test_hidden_and_safeguarded_words_are_left_alone(
    app: Flask, client: FlaskClient, survey_id: int, recorder: int, other: FlaskClient
) -> None:
    number = papers(app, survey_id, recorder)
    with app.app_context():
        response = db.session.get_one(Response, number)
        said = sa.select(Contribution).where(Contribution.receipt_id == response.receipt_id)
        db.session.scalars(said).one().status = "safeguarding"
        db.session.commit()
    other.post(f"/staff/surveys/{survey_id}/second-keying/{number}", data=SAME | {"a.good": "A cat."})
    with app.app_context():
        assert db.session.scalars(sa.select(SecondKeying)).one().differences == []


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.MEMBER, Role.ADMIN])
def test_the_second_keying_is_for_those_who_record(
    app: Flask, client: FlaskClient, survey_id: int, sign_in: SignIn, role: Role
) -> None:
    sign_in(client, role)
    assert client.get(f"/staff/surveys/{survey_id}/second-keying").status_code == 403


def test_papers_that_are_not_in_the_sample_are_not_found(
    app: Flask, survey_id: int, recorder: int, other: FlaskClient
) -> None:
    number = papers(app, survey_id, recorder)
    for wrong in (number + 1, 2**31 - 1, 10**30):
        assert other.get(f"/staff/surveys/{survey_id}/second-keying/{wrong}").status_code == 404
    assert other.get(f"/staff/surveys/99999/second-keying/{number}").status_code == 404


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("My sister comes", "my  SISTER\ncomes", True),
        ("My sister comes", "My brother comes", False),
        ("", "", True),
        ("a " * 50, "a " * 49, True),
        ("a " * 50, "a " * 30, False),
    ],
)
def test_words_are_alike_but_for_spacing_and_capitals(first: str, second: str, same: bool) -> None:
    assert second_keying.alike(first, second) is same


def test_a_difference_in_words_has_a_key_that_no_question_can_have() -> None:
    assert not WORDS[0].isalnum()
