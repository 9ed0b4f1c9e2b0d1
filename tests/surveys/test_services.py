"""Starting and publishing surveys, keeping answers and taking in what is sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from engage.accounts.models import Role
from engage.audit import services as audit
from engage.audit.models import AuditEntry
from engage.contributions import codes
from engage.contributions import queries as contributions
from engage.contributions.models import Channel, ContactDetails, Contribution, Receipt, Speaker, Status
from engage.conversations.models import Conversation
from engage.db import db, utcnow
from engage.surveys import queries, responses, services
from engage.surveys.content import BrokenSurvey
from engage.surveys.models import Abandoned, Response, Survey, SurveyVersion, UnsentResponse
from engage.surveys.questions import Answer, Contact, OneChoice
from engage.surveys.texts import Text
from tests import factories
from tests.conftest import StatementCounter
from tests.surveys.factories import document, one_choice
from tests.surveys.factories import survey as make_survey

CODE = "C0DEC0DEC0DE"
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
    now, code = utcnow(), codes.new_code()
    receipt = responses.submit_response(conversation, version, ANSWERS, code=code, now=now)
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
    assert receipt.code_hash == codes.code_hash(code)
    entry = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry
    assert (entry.action, entry.actor, entry.actor_id) == ("send response", "a resident", None)
    assert entry.detail == {"free_texts": 2}
    assert audit.verify().is_whole


def test_where_a_survey_asks_twice_how_to_reach_somebody_the_last_counts(ctx: Flask) -> None:
    asked = [Contact(id=one, text=Text("How can we reach you?")) for one in ("first", "second")]
    made = make_survey(questions=asked)
    conversation = db.session.get_one(Conversation, made.conversation_id)
    answers: dict[str, Answer] = {
        "first": {"name": "Kim", "email": "kim@example.org", "uses": ["invite"]},
        "second": {"phone": "01632 960123", "uses": ["ask_more"]},
    }
    responses.submit_response(conversation, made.versions[-1], answers, code=CODE, now=utcnow())
    db.session.commit()
    kept = db.session.scalars(sa.select(ContactDetails)).one()
    assert (kept.name, kept.email, kept.phone, kept.uses) == (None, None, "01632 960123", ["ask_more"])


def test_sending_twice_gives_the_same_receipt(ctx: Flask) -> None:
    conversation, version = _ready()
    code = codes.new_code()
    first = responses.submit_response(conversation, version, ANSWERS, code=code, now=utcnow())
    db.session.commit()
    first_id = first.id
    second = responses.submit_response(
        conversation, version, {"good": "Something else"}, code=code, now=utcnow()
    )
    db.session.commit()
    assert second.id == first_id
    assert (_count(Receipt), _count(Response)) == (1, 1)


def test_nothing_answered_is_not_sent(ctx: Flask) -> None:
    conversation, version = _ready()
    with pytest.raises(responses.NothingAnswered):
        responses.submit_response(conversation, version, {"good": None, "helps": []}, code=CODE, now=utcnow())
    assert _count(Receipt) == 0


def test_sending_takes_at_most_six_statements(app: Flask, statements: StatementCounter) -> None:
    with app.app_context():
        conversation, version = _ready()
        code = codes.new_code()
        responses.keep_answers(code, version, {"good": "Words"}, now=utcnow())
        db.session.commit()
        many = {
            q.id: f"Words for {q.id}" for q in queries.content_of(version).questions if q.kind == "free_text"
        }
        many |= {"permission": ["publish"]}
        with statements:
            responses.submit_response(conversation, version, ANSWERS | many, code=code, now=utcnow())
            db.session.commit()
        assert statements.count <= 6, "\n".join(statements.statements)
        assert _count(UnsentResponse) == 0
        assert _count(Contribution) == 4


@pytest.fixture
def changed_key(ctx: Flask) -> Callable[[], None]:
    """Call it to change the secret key, with the earlier one among the fallbacks."""

    def change() -> None:
        earlier = ctx.config["SECRET_KEY"]
        ctx.config.update(SECRET_KEY=f"another {earlier}", SECRET_KEY_FALLBACKS=[earlier])

    return change


def test_what_was_kept_under_an_earlier_key_goes_when_it_is_sent(
    ctx: Flask, changed_key: Callable[[], None]
) -> None:
    conversation, version = _ready()
    responses.keep_answers(CODE, version, ANSWERS, now=utcnow())
    db.session.commit()
    changed_key()
    responses.submit_response(conversation, version, ANSWERS, code=CODE, now=utcnow())
    db.session.commit()
    assert (_count(UnsentResponse), _count(Receipt)) == (0, 1)
    assert queries.unsent_response(CODE) is None


def test_what_was_sent_under_an_earlier_key_is_not_sent_again(
    ctx: Flask, changed_key: Callable[[], None]
) -> None:
    conversation, version = _ready()
    first = responses.submit_response(conversation, version, ANSWERS, code=CODE, now=utcnow())
    db.session.commit()
    changed_key()
    second = responses.submit_response(conversation, version, ANSWERS, code=CODE, now=utcnow())
    db.session.commit()
    assert second.id == first.id and (_count(Receipt), _count(Response)) == (1, 1)


def test_answers_are_kept_one_by_one(ctx: Flask) -> None:
    _conversation, version = _ready()
    responses.keep_answers(CODE, version, {"good": "Kind people"}, now=utcnow())
    responses.keep_answers(CODE, version, {"helps": ["home"]}, now=utcnow())
    responses.keep_answers(CODE, version, {"good": "Kind people, and tea"}, now=utcnow())
    db.session.commit()
    kept = queries.unsent_response(CODE)
    assert kept
    assert kept.answers == {"good": "Kind people, and tea", "helps": ["home"]}
    assert kept.code_hash == codes.code_hash(CODE)
    assert kept.last_question == "good"


def test_nothing_can_be_kept_under_what_was_sent(ctx: Flask) -> None:
    conversation, version = _ready()
    responses.submit_response(conversation, version, ANSWERS, code=CODE, now=utcnow())
    db.session.commit()
    with pytest.raises(responses.AlreadySent):
        responses.keep_answers(CODE, version, {"better": "More"}, now=utcnow())


def test_answers_left_for_longer_than_a_session_are_removed(ctx: Flask) -> None:
    _conversation, version = _ready()
    now = utcnow()
    long_ago, lately = now - timedelta(hours=20, minutes=1), now - timedelta(hours=19, minutes=59)
    for code, begun in (("OLD", long_ago), ("OLDTOO", long_ago), ("YOUNG", lately), ("SAVED", long_ago)):
        responses.keep_answers(code, version, {"good": "Words", "better": "More"}, now=begun)
    responses.save_for_later("SAVED", version, now=long_ago)
    db.session.commit()
    responses.sweep_unsent()
    left = {code: queries.unsent_response(code) is not None for code in ("OLD", "OLDTOO", "YOUNG", "SAVED")}
    assert left == {"OLD": False, "OLDTOO": False, "YOUNG": True, "SAVED": True}
    assert responses.remove_old_unsent(now + timedelta(days=responses.SAVED_DAYS)) == 2
    stopped = db.session.scalars(sa.select(Abandoned)).one()
    assert (stopped.version_id, stopped.question, stopped.people) == (version.id, "better", 4)


def test_forgotten_answers_are_gone(ctx: Flask) -> None:
    _conversation, version = _ready()
    responses.keep_answers(CODE, version, {"good": "Words"}, now=utcnow())
    db.session.commit()
    responses.forget_unsent(CODE)
    db.session.commit()
    assert _count(UnsentResponse) == 0


def test_two_surveys_of_one_name_have_two_addresses(ctx: Flask) -> None:
    by = factories.user(Role.FACILITATOR)
    conversation = factories.conversation(by=by)
    today = utcnow().date()
    slugs = [
        services.start_survey(
            conversation,
            document().model_copy(update={"title": Text("Talk to us")}),
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
    conversation = db.session.get_one(Conversation, survey.conversation_id)
    first = survey.versions[0].content
    services.save_draft(survey, document(one_choice("only")), by=by, now=factories.NOW)
    services.publish_version(survey, conversation, by=by, now=factories.NOW)
    db.session.commit()
    db.session.expire_all()
    versions = db.session.get_one(Survey, survey.id).versions
    assert [version.number for version in versions] == [1, 2]
    assert versions[0].content == first != versions[1].content
    assert queries.latest_version(survey.id).number == 2


def test_what_people_can_answer_today_is_listed_with_the_first_first(ctx: Flask) -> None:
    by = factories.user(Role.FACILITATOR)
    conversation = factories.conversation(by=by)
    today = utcnow().date()
    make_survey(conversation, by=by, opens_in=-20, closes_in=-1)
    make_survey(conversation, by=by, opens_in=1, closes_in=9)
    make_survey(conversation, by=by, published=False)
    assert queries.open_surveys_of(conversation.id, today) == []
    fresh = make_survey(conversation, by=by, opens_in=0, closes_in=0)
    running = make_survey(conversation, by=by, opens_in=-10, closes_in=0)
    services.publish_version(running, conversation, by=by, now=factories.NOW)
    found = queries.open_surveys_of(conversation.id, today)
    assert [(one.survey.id, one.number) for one in found] == [(running.id, 2), (fresh.id, 1)]
    assert queries.published_survey("\x00") is None


@pytest.mark.parametrize("number", [1, 20])
def test_the_list_of_surveys_takes_one_statement(
    app: Flask, statements: StatementCounter, number: int
) -> None:
    with app.app_context():
        by = factories.user(Role.FACILITATOR)
        conversation = factories.conversation(by=by)
        made = [make_survey(conversation, by=by) for _ in range(number)]
        responses.submit_response(
            conversation, made[0].versions[0], ANSWERS, code=codes.new_code(), now=utcnow()
        )
        db.session.commit()
        db.session.expunge_all()
        with statements:
            lines = queries.surveys(conversation.id)
        assert statements.count == 1
        assert sorted(line.responses for line in lines) == [0] * (number - 1) + [1]
        assert {line.number for line in lines} == {1}


def test_a_draft_that_somebody_else_changed_is_not_overwritten(ctx: Flask) -> None:
    by = factories.user(Role.FACILITATOR)
    survey = make_survey(by=by, published=False)
    assert survey.draft.revision == 1
    services.save_draft(survey, document(one_choice("a")), by=by, now=factories.NOW, revision=1)
    with pytest.raises(services.ChangedMeanwhile):
        services.save_draft(survey, document(one_choice("b")), by=by, now=factories.NOW, revision=1)
    assert list(queries.draft_content(survey).by_id) == ["a"]


def test_a_draft_that_cannot_be_asked_is_not_published(ctx: Flask) -> None:
    by = factories.user(Role.FACILITATOR)
    survey = make_survey(by=by, published=False)
    conversation = db.session.get_one(Conversation, survey.conversation_id)
    broken = document(OneChoice(id="q", text=Text("Which?")))
    services.save_draft(survey, broken, by=by, now=factories.NOW)
    with pytest.raises(BrokenSurvey, match=r"“Which\?”: Give at least two answers"):
        services.publish_version(survey, conversation, by=by, now=factories.NOW)
    assert survey.versions == []
