"""Starting and publishing a survey, keeping answers on the way, and taking in what a person sends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.exc import IntegrityError

from engage.accounts.models import User
from engage.audit import services as audit
from engage.contributions import codes
from engage.contributions import queries as contributions
from engage.contributions.models import Channel, Receipt
from engage.contributions.services import issue_receipt, receive_together
from engage.conversations.models import Conversation
from engage.conversations.services import slug_for
from engage.db import db, utcnow
from engage.surveys import queries
from engage.surveys.models import Response, Survey, SurveyVersion, UnsentResponse
from engage.surveys.questions import (
    Answer,
    FreeText,
    Question,
    district_in,
    read_questions,
    speaker_in,
)
from engage.tasks import every_minute


class AlreadySent(Exception):
    """What is kept under this nonce was sent; a further answer needs a new one."""


class NothingAnswered(Exception):
    """There is not one answer to send."""


def start_survey(
    conversation: Conversation,
    *,
    title: str,
    introduction: str,
    opens_on: date,
    closes_on: date,
    by: User,
    now: datetime,
) -> Survey:
    """Create a survey with an address of its own. Nobody sees it before a version is published."""
    base = slug = slug_for(title)
    number = 2
    while queries.slug_is_taken(slug):
        slug, number = f"{base}-{number}", number + 1
    survey = Survey(
        conversation_id=conversation.id,
        slug=slug,
        title=title,
        introduction=introduction,
        opens_on=opens_on,
        closes_on=closes_on,
        created_at=now,
    )
    db.session.add(survey)
    db.session.flush()
    audit.record("start survey", "survey", survey.id, by=by, now=now, title=title)
    return survey


def change_survey(
    survey: Survey,
    *,
    title: str,
    introduction: str,
    opens_on: date,
    closes_on: date,
    by: User,
    now: datetime,
) -> None:
    """Change what people read at the start, and between which days they can answer."""
    survey.title, survey.introduction = title, introduction
    survey.opens_on, survey.closes_on = opens_on, closes_on
    db.session.flush()
    audit.record("change survey", "survey", survey.id, by=by, now=now, opens_on=opens_on, closes_on=closes_on)


def publish_version(
    survey: Survey, questions: Sequence[Question], *, by: User, now: datetime
) -> SurveyVersion:
    """Publish these questions word for word. Raises BrokenSurvey where they cannot be asked.

    People who are in the middle of an earlier version finish that one.
    """
    written = [question.as_json() for question in questions]
    read_questions(written)
    version = SurveyVersion(
        number=max((earlier.number for earlier in survey.versions), default=0) + 1,
        questions=written,
        published_at=now,
        published_by_id=by.id,
    )
    survey.versions.append(version)
    db.session.flush()
    audit.record("publish survey", "survey", survey.id, by=by, now=now, version=version.number)
    return version


def keep_answer(
    nonce: str, version: SurveyVersion, question: Question, answer: Answer, *, now: datetime
) -> UnsentResponse:
    """Keep one answer of somebody who is on the way. Raises AlreadySent."""
    unsent = _locked(nonce)
    if unsent is None:
        if contributions.receipt_by_nonce(nonce):
            raise AlreadySent
        unsent = _new_unsent(nonce, version, now)
    unsent.answers = {**unsent.answers, question.id: answer}
    unsent.updated_at = now
    db.session.flush()
    return unsent


def _locked(nonce: str) -> UnsentResponse | None:
    """The row, held until the commit: two tabs of one browser then write one after the other."""
    query = sa.select(UnsentResponse).where(UnsentResponse.nonce_hash == codes.nonce_hash(nonce))
    return db.session.scalar(query.with_for_update().execution_options(populate_existing=True))


def _new_unsent(nonce: str, version: SurveyVersion, now: datetime) -> UnsentResponse:
    made = UnsentResponse(
        nonce_hash=codes.nonce_hash(nonce), version_id=version.id, answers={}, updated_at=now
    )
    try:
        with db.session.begin_nested():
            db.session.add(made)
    except IntegrityError:
        found = _locked(nonce)
        if found is None:
            raise AlreadySent from None
        return found
    return made


def submit_response(
    conversation: Conversation,
    version: SurveyVersion,
    answers: Mapping[str, Answer],
    *,
    nonce: str,
    now: datetime,
    channel: Channel = Channel.ONLINE,
) -> Receipt:
    """Take in what a person sends, and return the receipt. Sent twice, it gives the same receipt.

    Each free text becomes a contribution; the response keeps the closed answers, and which questions were
    answered in words, not the words. What was on the way under this nonce is removed by the database itself.
    Raises NothingAnswered, or AnswerRefused where an answer does not fit its question.
    """
    given = _given(read_questions(version.questions), answers)
    if not given:
        raise NothingAnswered
    receipt = issue_receipt(conversation, nonce=nonce, channel=channel, now=now)
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        earlier = contributions.receipt_by_nonce(nonce)
        if earlier is None:
            raise
        return earlier
    speaker, district = speaker_in(given), district_in(given)
    said = [
        (question.text, str(words)) for question, words in given.items() if isinstance(question, FreeText)
    ]
    receive_together(
        conversation,
        said,
        receipt=receipt,
        channel=channel,
        received_at=now,
        speaker=speaker,
        district=district,
    )
    response = Response(
        version_id=version.id,
        receipt_id=receipt.id,
        channel=channel,
        speaker=speaker,
        district=district,
        received_at=now,
        answers={q.id: True if isinstance(q, FreeText) else answer for q, answer in given.items()},
    )
    db.session.add(response)
    db.session.flush()
    audit.record("send response", "response", response.id, by=None, now=now, free_texts=len(said))
    return receipt


def _given(questions: Sequence[Question], answers: Mapping[str, Answer]) -> dict[Question, Answer]:
    """The questions that were answered, with their answers, read once more as a form would read them."""
    given: dict[Question, Answer] = {}
    for question in questions:
        answer = answers.get(question.id)
        cleaned = question.clean(answer if isinstance(answer, list) else [answer]) if answer else None
        if cleaned:
            given[question] = cleaned
    return given


def forget_unsent(nonce: str) -> None:
    """Remove what a person has not sent and does not want to send."""
    db.session.execute(sa.delete(UnsentResponse).where(UnsentResponse.nonce_hash == codes.nonce_hash(nonce)))
    db.session.flush()


def remove_old_unsent(now: datetime) -> int:
    """Remove answers that were left for longer than a session lasts. Returns how many people's."""
    hours = current_app.config["SESSION_HOURS"]
    result = db.session.execute(
        sa.delete(UnsentResponse).where(UnsentResponse.updated_at < now - timedelta(hours=hours))
    )
    return int(getattr(result, "rowcount", 0))


@every_minute
def sweep_unsent() -> None:
    """Nothing that somebody decided not to send stays with us."""
    remove_old_unsent(utcnow())
    db.session.commit()
