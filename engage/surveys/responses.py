"""Keeping answers on the way, and taking in what a person sends."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.exc import IntegrityError

from engage.audit import services as audit
from engage.contributions import codes
from engage.contributions import queries as contributions
from engage.contributions.models import Channel, ContactDetails, Receipt, Speaker
from engage.contributions.services import Permission, Said, issue_receipt, receive_together
from engage.conversations.models import Conversation
from engage.db import db, utcnow
from engage.surveys import queries, routing
from engage.surveys.answering import Filled, together
from engage.surveys.content import Content
from engage.surveys.models import (
    Abandoned,
    EqualityResponse,
    QuarantinedResponse,
    QuarantineState,
    Response,
    SurveyVersion,
    UnsentResponse,
)
from engage.surveys.questions import (
    CONTACT,
    DISTRICT,
    JOIN,
    NOT_SAID,
    PUBLISH,
    SPEAKER,
    Answer,
    Contact,
    Question,
)
from engage.surveys.questions import Permission as PermissionQuestion
from engage.tasks import every_minute

Given = list[tuple[Question, Answer]]
SAVED_DAYS = 30  # How long answers stay that somebody saved to come back to.


class AlreadySent(Exception):
    """What is kept under this code was sent; a further answer needs a new one."""


class NothingAnswered(Exception):
    """There is not one answer to send."""


@dataclass(frozen=True)
class Way:
    """How a response came: the channel, and the form in which the person answered."""

    channel: Channel = Channel.ONLINE
    language: str = "en"
    easy_read: bool = False


def keep_answers(
    code: str,
    version: SurveyVersion,
    answers: Mapping[str, Answer],
    *,
    now: datetime,
    unseen: Collection[str] = (),
) -> UnsentResponse:
    """Keep answers of somebody who is on the way, beside those kept before. Raises AlreadySent.

    ``unseen`` are blanks that take the place of nothing (``answering.Filled``).
    """
    unsent = _locked(code)
    if unsent is None:
        if contributions.receipt_by_code(code):
            raise AlreadySent
        unsent = _new_unsent(code, version, now)
    unsent.answers = together(unsent.answers, answers, unseen)
    unsent.last_question = list(answers)[-1] if answers else unsent.last_question
    unsent.updated_at, unsent.kept_until = now, max(unsent.kept_until, _until(now))
    db.session.flush()
    return unsent


def kept_with(code: str, filled: Filled) -> dict[str, Answer]:
    """All that can be sent under a code: what was kept, whichever tab it came from, and what a form sent."""
    unsent = _locked(code)
    return together(unsent.answers if unsent else {}, filled.answers, filled.unseen)


def save_for_later(code: str, version: SurveyVersion, *, now: datetime) -> UnsentResponse:
    """Keep what is on the way for longer, since the person means to come back. Raises AlreadySent."""
    unsent = keep_answers(code, version, {}, now=now)
    unsent.is_saved, unsent.kept_until = True, now + timedelta(days=SAVED_DAYS)
    db.session.flush()
    return unsent


def _until(now: datetime) -> datetime:
    return now + timedelta(hours=current_app.config["SESSION_HOURS"])


def _locked(code: str) -> UnsentResponse | None:
    """The row, held until the commit: two tabs of one browser then write one after the other."""
    query = sa.select(UnsentResponse).where(UnsentResponse.code_hash.in_(codes.possible_hashes(code)))
    return db.session.scalar(query.with_for_update().execution_options(populate_existing=True))


def _new_unsent(code: str, version: SurveyVersion, now: datetime) -> UnsentResponse:
    made = UnsentResponse(
        code_hash=codes.code_hash(code),
        version_id=version.id,
        answers={},
        begun_at=now,
        updated_at=now,
        kept_until=_until(now),
    )
    try:
        with db.session.begin_nested():
            db.session.add(made)
    except IntegrityError:
        found = _locked(code)
        if found is None:
            raise AlreadySent from None
        return found
    return made


def submit_response(
    conversation: Conversation,
    version: SurveyVersion,
    answers: Mapping[str, Answer],
    *,
    code: str,
    now: datetime,
    way: Way | None = None,
    signs: Sequence[str] = (),
    received_at: datetime | None = None,
) -> Receipt:
    """Take in what a person sends, and return the receipt. Sent twice, it gives the same receipt.

    With ``signs`` that a machine sent it, it is kept apart until a person has looked. Own words become a
    contribution each; the response keeps the closed answers. Contact details and equality monitoring go to
    tables of their own. Answers to questions that the person was not asked are left out. What was on the way
    under this code is removed by the database itself. ``received_at`` is given where it came before now, on
    paper. Raises NothingAnswered, or AnswerRefused where an answer does not fit its question.
    """
    way = way or Way()
    content = queries.content_of(version)
    given = answers_given(content, answers)
    if not given:
        raise NothingAnswered
    asked = content.for_easy_read([q.id for q, _answer in given]) if way.easy_read else content
    earlier = _sent_under_earlier_keys(code)
    if earlier:
        return earlier
    receipt = issue_receipt(
        conversation,
        code=code,
        channel=way.channel,
        now=received_at or now,
        permission=permission_in(asked, given),
    )
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        earlier = contributions.receipt_by_code(code)
        if earlier is None:
            raise
        return earlier
    if signs:
        _keep_apart(version, given, signs, receipt=receipt, way=way)
    else:
        take_in(conversation, version, given, receipt=receipt, way=way, now=now)
    return receipt


def _sent_under_earlier_keys(code: str) -> Receipt | None:
    """What was sent under this code, where the secret key changed. What is on the way is removed.

    The database knows a code by its hash under the present key alone, and so neither refuses a second receipt
    nor removes what was kept under another key.
    """
    hashes = codes.possible_hashes(code)
    if len(hashes) == 1:
        return None
    db.session.execute(sa.delete(UnsentResponse).where(UnsentResponse.code_hash.in_(hashes)))
    return contributions.receipt_by_code(code)


def _keep_apart(
    version: SurveyVersion, given: Given, signs: Sequence[str], *, receipt: Receipt, way: Way
) -> None:
    db.session.add(
        QuarantinedResponse(
            version_id=version.id,
            receipt_id=receipt.id,
            language=way.language,
            easy_read=way.easy_read,
            answers={question.id: answer for question, answer in given},
            signs=list(signs),
            received_at=receipt.received_at,
            state=QuarantineState.WAITING,
        )
    )
    db.session.flush()


_RESPONSE = sa.insert(Response.__table__).returning(Response.id)  # type: ignore[arg-type] # No object is made.


def take_in(
    conversation: Conversation,
    version: SurveyVersion,
    given: Given,
    *,
    receipt: Receipt,
    way: Way,
    now: datetime,
) -> None:
    """Put what was given where it belongs: the ledger, the response, and what is kept apart from both.

    The record says ``now``, and when it came where that was earlier.
    """
    content = queries.content_of(version)
    monitored = {q.id: q.kept(answer) for q, answer in given if q.id in content.equality_ids}
    said = [(q, answer) for q, answer in given if q.id not in content.equality_ids]
    speaker, district = speaker_in(said), district_in(said)
    words = own_words(said)
    receive_together(
        conversation,
        words,
        receipt=receipt,
        channel=way.channel,
        received_at=receipt.received_at,
        speaker=speaker,
        district=district,
    )
    response_id = _keep_response(version, said, receipt=receipt, way=way, speaker=speaker, district=district)
    if monitored:
        db.session.add(EqualityResponse(response_id=response_id, answers=monitored))
    _keep_contact(said, receipt)
    came = {} if receipt.received_at == now else {"received_at": receipt.received_at.isoformat()}
    audit.record("send response", "response", response_id, by=None, now=now, free_texts=len(words), **came)


def _keep_response(
    version: SurveyVersion,
    said: Given,
    *,
    receipt: Receipt,
    way: Way,
    speaker: Speaker,
    district: str | None,
) -> int:
    response_id: int = db.session.execute(
        _RESPONSE,
        {
            "version_id": version.id,
            "receipt_id": receipt.id,
            "channel": way.channel,
            "speaker": speaker,
            "district": district,
            "language": way.language,
            "easy_read": way.easy_read,
            "received_at": receipt.received_at,
            "answers": {q.id: q.kept(answer) for q, answer in said},
        },
    ).scalar_one()
    return response_id


def answers_given(content: Content, answers: Mapping[str, Answer]) -> Given:
    """The questions that were asked and answered, with their answers, read once more as a form would.

    Raises AnswerRefused where an answer does not fit its question.
    """
    given = []
    for question in routing.shown(content, answers):
        answer = answers.get(question.id)
        cleaned = question.read(question.typed(answer)) if answer is not None else None
        if cleaned is not None:
            given.append((question, cleaned))
    return given


def own_words(given: Given) -> list[Said]:
    """What becomes a voice each."""
    return [
        Said(str(question.text), words, key)
        for question, answer in given
        for key, words in question.own_words(answer)
    ]


def permission_in(content: Content, given: Given) -> Permission | None:
    """What the person allows; None where the survey does not ask."""
    if not any(isinstance(question, PermissionQuestion) for question in content.questions):
        return None
    ticked = {value for q, answer in given if isinstance(q, PermissionQuestion) for value in q.values(answer)}
    return Permission(
        may_publish=PUBLISH in ticked, may_contact=CONTACT in ticked, wants_to_join=JOIN in ticked
    )


def _keep_contact(given: Given, receipt: Receipt) -> None:
    """How to reach the person; where the survey asks twice, what they said last."""
    said = [answer for question, answer in given if isinstance(question, Contact)]
    if said:
        details = {part: said[-1].get(part) for part in (*Contact.parts, "uses")}
        db.session.add(ContactDetails(receipt_id=receipt.id, given_at=receipt.received_at, **details))


def speaker_in(given: Given) -> Speaker:
    """Who speaks, by their answers."""
    for question, answer in given:
        if question.about == SPEAKER and question.values(answer):
            return Speaker(question.values(answer)[0])
    return Speaker.NOT_SAID


def district_in(given: Given) -> str | None:
    """Where the person lives, by their answers; None where they would rather not say."""
    for question, answer in given:
        if question.about == DISTRICT and question.values(answer):
            value = question.values(answer)[0]
            return None if value == NOT_SAID else value
    return None


def forget_unsent(code: str, *, even_saved: bool = True) -> bool:
    """Remove what a person has not sent and does not want to send; True where it is gone.

    Saved answers have a code that leads back to them. They stay where not ``even_saved`` shall go.
    """
    unsent = _locked(code)
    if unsent and unsent.is_saved and not even_saved:
        return False
    if unsent:
        db.session.delete(unsent)
        db.session.flush()
    return True


def remove_old_unsent(now: datetime) -> int:
    """Remove answers that were left for too long, counting only where people stopped. Returns how many."""
    left = db.session.scalars(
        sa.select(UnsentResponse).where(UnsentResponse.kept_until < now).with_for_update()
    ).all()
    for unsent in left:
        _count_abandoned(unsent)
        db.session.delete(unsent)
    db.session.flush()
    return len(left)


def _count_abandoned(unsent: UnsentResponse) -> None:
    key = (unsent.version_id, unsent.last_question or "")
    counted = db.session.get(Abandoned, key)
    if counted is None:
        counted = Abandoned(version_id=key[0], question=key[1], people=0)
        db.session.add(counted)
    counted.people += 1


@every_minute
def sweep_unsent() -> None:
    """Nothing that somebody decided not to send stays with us."""
    remove_old_unsent(utcnow())
    db.session.commit()
