"""Keying a sample of papers a second time, by somebody else, to see how many mistakes there are.

One paper in ten, by the number of its response: nobody chooses which. The second person does not see the
first one's work. Closed answers that differ are settled by a person; own words are only compared, since what
is in the ledger may have been read and decided about already. Equality monitoring is not keyed again: it is
never shown beside a response.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher

import sqlalchemy as sa

from engage.accounts.models import User
from engage.audit import services as audit
from engage.contributions.models import Channel, Contribution, Receipt, SealedOriginal, Status
from engage.db import db
from engage.surveys import responses, routing
from engage.surveys.content import Content
from engage.surveys.models import Response, SecondKeying, StaffEntry, SurveyVersion
from engage.surveys.questions import Answer, Contact, Question, Writing
from engage.surveys.responses import Given

EVERY = 10
ALIKE = 0.95
"""Share of words that agree, in their order, from which two keyings of own words count as the same."""

WORDS = "~words"
"""At the end of a difference in own words: the question's or the answer's key before it. No id is like it."""

MOST_LISTED = 100


class SamePerson(Exception):
    """Whoever keyed a paper first cannot check their own work."""


class KeyedAgain(Exception):
    """The paper has been keyed a second time already, or what differed is settled."""


@dataclass(frozen=True)
class Paper:
    """A response of the sample: its version, who keyed it first, when, and its second keying if any."""

    response: Response
    version: SurveyVersion
    first_by: User
    entered_at: datetime
    second: SecondKeying | None


@dataclass(frozen=True)
class Measured:
    """How many answers were compared, on how many papers, and how many of them differed."""

    papers: int = 0
    answers: int = 0
    differed: int = 0

    @property
    def percent(self) -> float:
        return 100 * self.differed / self.answers if self.answers else 0.0


def is_sampled(response: Response) -> bool:
    """Whether this paper is to be keyed a second time."""
    return response.channel is Channel.PAPER and response.id % EVERY == 0


def _sample(survey_id: int) -> sa.Select[Response, SurveyVersion, User, datetime, SecondKeying]:
    return (
        sa.select(Response, SurveyVersion, User, StaffEntry.entered_at, SecondKeying)
        .join(SurveyVersion, SurveyVersion.id == Response.version_id)
        .join(StaffEntry, StaffEntry.response_id == Response.id)
        .join(User, User.id == StaffEntry.entered_by_id)
        .outerjoin(SecondKeying, SecondKeying.response_id == Response.id)
        .where(
            SurveyVersion.survey_id == survey_id,
            Response.channel == Channel.PAPER,
            Response.id % EVERY == 0,
        )
    )


def open_papers(survey_id: int) -> list[Paper]:
    """Papers that wait for their second keying, or whose differences wait for somebody; the oldest first."""
    query = _sample(survey_id).where(SecondKeying.settled_at.is_(None)).order_by(Response.id)
    return [Paper(*row) for row in db.session.execute(query.limit(MOST_LISTED))]


def paper(survey_id: int, response_id: int) -> Paper | None:
    """One paper of the sample."""
    row = db.session.execute(_sample(survey_id).where(Response.id == response_id)).first()
    return Paper(*row) if row else None


def measured(survey_id: int) -> Measured:
    """What all second keyings of a survey found, before anything was settled."""
    query = (
        sa.select(SecondKeying.answers, SecondKeying.differences, Response.answers)
        .join(Response, Response.id == SecondKeying.response_id)
        .join(SurveyVersion, SurveyVersion.id == Response.version_id)
        .where(SurveyVersion.survey_id == survey_id)
    )
    rows = db.session.execute(query).all()
    return Measured(
        papers=len(rows),
        answers=sum(len({*second, *first, *_questions(found)}) for second, found, first in rows),
        differed=sum(len(_questions(found)) for _second, found, _first in rows),
    )


def _questions(differences: list[str]) -> set[str]:
    """The questions that differ, each once, whether in the choice, in own words or in both."""
    return {difference.partition(WORDS)[0].partition(".")[0] for difference in differences}


def compared(content: Content) -> list[Question]:
    """The questions that are keyed a second time."""
    return [q for q in content.questions if q.is_asked and q.id not in content.equality_ids]


def key_again(
    found: Paper, content: Content, answers: Mapping[str, Answer], *, by: User, now: datetime
) -> SecondKeying:
    """Keep a second keying with its differences. Raises SamePerson or KeyedAgain."""
    if found.first_by.id == by.id:
        raise SamePerson
    if db.session.get(SecondKeying, found.response.id):
        raise KeyedAgain
    given = [
        (q, answer)
        for q, answer in responses.answers_given(content, answers)
        if q.id not in content.equality_ids
    ]
    kept = {q.id: q.kept(answer) for q, answer in given}
    differences = [*_closed(content, found.response.answers, kept), *_words(found.response, content, given)]
    second = SecondKeying(
        response_id=found.response.id,
        answers=kept,
        differences=differences,
        keyed_by_id=by.id,
        keyed_at=now,
        settled_at=None if differences else now,
    )
    db.session.add(second)
    db.session.flush()
    audit.record(
        "key response again", "response", found.response.id, by=by, now=now, differences=len(differences)
    )
    return second


def _in_words(question: Question) -> bool:
    """Whether the response keeps only that there was an answer, and what it was is kept elsewhere."""
    return isinstance(question, Writing | Contact)


def _closed(content: Content, first: Mapping[str, Answer], second: Mapping[str, Answer]) -> list[str]:
    return [
        q.id + (WORDS if _in_words(q) else "")
        for q in compared(content)
        if first.get(q.id) != second.get(q.id)
    ]


def _words(response: Response, content: Content, given: Given) -> list[str]:
    """Keys of own words that were keyed both times and are not alike.

    Words of which something is hidden, which were taken back, or which are with a safeguarding lead are left
    alone.
    """
    rows = db.session.execute(
        sa.select(Contribution.answer_key, Contribution.text).where(
            Contribution.receipt_id == response.receipt_id,
            Contribution.status != Status.SAFEGUARDING,
            Contribution.taken_back_at.is_(None),
            ~sa.exists().where(SealedOriginal.contribution_id == Contribution.id),
        )
    )
    first = {row.answer_key: row.text for row in rows}
    second = dict(words for q, answer in given for words in q.own_words(answer))
    return [key + WORDS for key, text in second.items() if key in first and not alike(first[key], text)]


def alike(first: str, second: str) -> bool:
    """Whether two keyings have the same words, but for spacing, capitals and a slip here and there."""
    one, other = first.casefold().split(), second.casefold().split()
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= ALIKE


def settle(found: Paper, content: Content, take_second: set[str], *, by: User, now: datetime) -> None:
    """Put the second keying's answer in place of the first one's for these questions, and end the matter.

    What hangs on the answers follows: questions that are not asked any more, who speaks, the district, and
    what the person allows. Own words stay as they are. Raises KeyedAgain where it is settled already, also by
    somebody who does so at the same moment.
    """
    held = sa.select(SecondKeying).where(SecondKeying.response_id == found.response.id).with_for_update()
    second = db.session.scalars(held.execution_options(populate_existing=True)).one_or_none()
    response = found.response
    if second is None or second.settled_at is not None:
        raise KeyedAgain
    taken = take_second & set(second.differences)
    answers = dict(response.answers)
    for question_id in taken:
        answers.pop(question_id, None)
        if question_id in second.answers:
            answers[question_id] = second.answers[question_id]
    asked = {question.id for question in routing.shown(content, answers)}
    answers = {
        key: answer for key, answer in answers.items() if key in asked or _in_words(content.by_id[key])
    }
    if taken:
        _put_in_place(response, content, answers)
    second.settled_at = now
    db.session.flush()
    audit.record("settle second keying", "response", response.id, by=by, now=now, second_taken=sorted(taken))


def _put_in_place(response: Response, content: Content, answers: dict[str, Answer]) -> None:
    given = [(q, answers[q.id]) for q in content.questions if q.id in answers]
    response.answers = answers
    response.speaker, response.district = responses.speaker_in(given), responses.district_in(given)
    db.session.execute(
        sa.update(Contribution)
        .where(Contribution.receipt_id == response.receipt_id)
        .values(speaker=response.speaker, district=response.district)
    )
    permission = responses.permission_in(content, given)
    receipt = db.session.get(Receipt, response.receipt_id)
    if permission and receipt:
        receipt.may_publish = permission.may_publish
        receipt.may_contact = permission.may_contact
        receipt.wants_to_join = permission.wants_to_join
