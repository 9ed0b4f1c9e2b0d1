"""Starting and publishing surveys, keeping answers and taking in what is sent."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from engage.accounts.models import Role
from engage.audit import services as audit
from engage.audit.models import AuditEntry
from engage.contributions import codes
from engage.contributions import queries as contributions
from engage.contributions.models import Channel, Contribution, Receipt, Speaker, Status
from engage.conversations.models import Conversation
from engage.db import db, utcnow
from engage.surveys import queries, services
from engage.surveys.models import Response, Survey, SurveyVersion, UnsentResponse
from engage.surveys.questions import Answer, FreeText, big_conversation
from tests import factories
from tests.conftest import StatementCounter
from tests.surveys.factories import survey as make_survey

ANSWERS: dict[str, Answer] = {
    "connection": "unpaid_carer",
    "district": "Mansfield",
    "good": "The day centre knows my name. 😀",
    "better": "أحتاج إلى مترجم عندما أتصل.",
    "reach": "quite_hard",
    "information": None,
    "helps": ["people", "breaks"],
    "anything": "  ",
    "helped": "no",
}


def _ready() -> tuple[Conversation, SurveyVersion]:
    survey = make_survey()
    db.session.commit()
    conversation = db.session.get(Conversation, survey.conversation_id)
    assert conversation
    return conversation, survey.versions[-1]


def _count(table: type) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_what_is_sent_becomes_a_response_and_one_contribution_a_text(ctx: Flask) -> None:
    conversation, version = _ready()
    now, nonce = utcnow(), codes.new_nonce()
    clean = {question.id: ANSWERS.get(question.id) for question in big_conversation(["Mansfield"])}
    clean["anything"] = None
    receipt = services.submit_response(conversation, version, clean, nonce=nonce, now=now)
    db.session.commit()

    response = db.session.scalars(sa.select(Response)).one()
    assert (response.speaker, response.district) == (Speaker.UNPAID_CARER, "Mansfield")
    assert (response.channel, response.receipt_id) == (Channel.ONLINE, receipt.id)
    assert response.answers == {
        "connection": "unpaid_carer",
        "district": "Mansfield",
        "good": True,
        "better": True,
        "reach": "quite_hard",
        "helps": ["people", "breaks"],
        "helped": "no",
    }
    voices = contributions.contributions_of(receipt)
    assert [(voice.prompt, voice.text) for voice in voices] == [
        ("What is good about your care and support, or the support you give?", ANSWERS["good"]),
        ("What would make it better?", ANSWERS["better"]),
    ]
    assert {(v.status, v.channel, v.speaker, v.district) for v in voices} == {
        (Status.WAITING, Channel.ONLINE, Speaker.UNPAID_CARER, "Mansfield")
    }
    assert receipt.code_hash == codes.code_hash(codes.code_for(nonce))
    entry = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry
    assert (entry.action, entry.actor, entry.actor_id) == ("send response", "a resident", None)
    assert entry.detail == {"free_texts": 2}
    assert audit.verify().is_whole


def test_sending_twice_gives_the_same_receipt(ctx: Flask) -> None:
    conversation, version = _ready()
    nonce = codes.new_nonce()
    first = services.submit_response(conversation, version, ANSWERS, nonce=nonce, now=utcnow())
    db.session.commit()
    first_id = first.id
    second = services.submit_response(
        conversation, version, {"good": "Something else"}, nonce=nonce, now=utcnow()
    )
    db.session.commit()
    assert second.id == first_id
    assert (_count(Receipt), _count(Response)) == (1, 1)


def test_nothing_answered_is_not_sent(ctx: Flask) -> None:
    conversation, version = _ready()
    with pytest.raises(services.NothingAnswered):
        services.submit_response(conversation, version, {"good": None, "helps": []}, nonce="n", now=utcnow())
    assert _count(Receipt) == 0


def test_sending_takes_at_most_six_statements(app: Flask, statements: StatementCounter) -> None:
    with app.app_context():
        conversation, version = _ready()
        nonce = codes.new_nonce()
        question = big_conversation(["Mansfield"])[2]
        services.keep_answer(nonce, version, question, "Words", now=utcnow())
        db.session.commit()
        many = {q.id: f"Words for {q.id}" for q in big_conversation([]) if isinstance(q, FreeText)}
        with statements:
            services.submit_response(conversation, version, ANSWERS | many, nonce=nonce, now=utcnow())
            db.session.commit()
        assert statements.count <= 6, "\n".join(statements.statements)
        assert _count(UnsentResponse) == 0
        assert _count(Contribution) == 4


def test_answers_are_kept_one_by_one(ctx: Flask) -> None:
    _conversation, version = _ready()
    asked = {question.id: question for question in big_conversation(["Mansfield"])}
    services.keep_answer("nonce", version, asked["good"], "Kind people", now=utcnow())
    services.keep_answer("nonce", version, asked["helps"], ["home"], now=utcnow())
    services.keep_answer("nonce", version, asked["good"], "Kind people, and tea", now=utcnow())
    db.session.commit()
    kept = queries.unsent_response("nonce")
    assert kept
    assert kept.answers == {"good": "Kind people, and tea", "helps": ["home"]}
    assert kept.nonce_hash == codes.nonce_hash("nonce") != "nonce"


def test_nothing_can_be_kept_under_what_was_sent(ctx: Flask) -> None:
    conversation, version = _ready()
    services.submit_response(conversation, version, ANSWERS, nonce="nonce", now=utcnow())
    db.session.commit()
    with pytest.raises(services.AlreadySent):
        services.keep_answer("nonce", version, big_conversation([])[1], "More", now=utcnow())


def test_answers_left_for_longer_than_a_session_are_removed(ctx: Flask) -> None:
    _conversation, version = _ready()
    question, now = big_conversation([])[1], utcnow()
    services.keep_answer("old", version, question, "Old", now=now - timedelta(hours=20, minutes=1))
    services.keep_answer("young", version, question, "Young", now=now - timedelta(hours=19, minutes=59))
    db.session.commit()
    services.sweep_unsent()
    assert queries.unsent_response("old") is None
    assert queries.unsent_response("young") is not None


def test_forgotten_answers_are_gone(ctx: Flask) -> None:
    _conversation, version = _ready()
    services.keep_answer("nonce", version, big_conversation([])[1], "Words", now=utcnow())
    db.session.commit()
    services.forget_unsent("nonce")
    db.session.commit()
    assert _count(UnsentResponse) == 0


def test_two_surveys_of_one_name_have_two_addresses(ctx: Flask) -> None:
    by = factories.user(Role.FACILITATOR)
    conversation = factories.conversation(by=by)
    today = utcnow().date()
    slugs = [
        services.start_survey(
            conversation,
            title="Talk to us",
            introduction="About care.",
            opens_on=today,
            closes_on=today,
            by=by,
            now=factories.NOW,
        ).slug
        for _ in range(3)
    ]
    assert slugs == ["talk-to-us", "talk-to-us-2", "talk-to-us-3"]


def test_a_version_stays_as_it_was_published(ctx: Flask) -> None:
    by = factories.user(Role.FACILITATOR)
    survey = make_survey(by=by)
    first = survey.versions[0].questions
    services.publish_version(survey, big_conversation(["Elsewhere"]), by=by, now=factories.NOW)
    db.session.commit()
    db.session.expire_all()
    versions = db.session.get_one(Survey, survey.id).versions
    assert [version.number for version in versions] == [1, 2]
    assert versions[0].questions == first
    assert queries.latest_version(survey.id).number == 2


def test_open_survey_is_the_one_that_people_can_answer_today(ctx: Flask) -> None:
    by = factories.user(Role.FACILITATOR)
    conversation = factories.conversation(by=by)
    today = utcnow().date()
    over = make_survey(conversation, by=by, opens_in=-20, closes_in=-1)
    later = make_survey(conversation, by=by, opens_in=1, closes_in=9)
    hidden = make_survey(conversation, by=by, published=False)
    assert queries.open_survey_of(conversation.id, today) is None
    is_open = make_survey(conversation, by=by, opens_in=0, closes_in=0)
    found = queries.open_survey_of(conversation.id, today)
    assert found
    assert found.survey is is_open
    assert queries.open_survey(is_open.slug, today) is is_open
    assert [queries.open_survey(one.slug, today) for one in (over, later, hidden)] == [None] * 3
    assert queries.published_survey("\x00") is None


@pytest.mark.parametrize("number", [1, 20])
def test_the_list_of_surveys_takes_one_statement(
    app: Flask, statements: StatementCounter, number: int
) -> None:
    with app.app_context():
        by = factories.user(Role.FACILITATOR)
        conversation = factories.conversation(by=by)
        made = [make_survey(conversation, by=by) for _ in range(number)]
        services.submit_response(
            conversation, made[0].versions[0], ANSWERS, nonce=codes.new_nonce(), now=utcnow()
        )
        db.session.commit()
        db.session.expunge_all()
        with statements:
            lines = queries.surveys(conversation.id)
        assert statements.count == 1
        assert sorted(line.responses for line in lines) == [0] * (number - 1) + [1]
        assert {line.number for line in lines} == {1}
