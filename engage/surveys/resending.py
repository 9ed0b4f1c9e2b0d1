"""Whether a page is sent a second time, word for word: the button pressed twice, or somebody going back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa

from engage.contributions import queries as contributions
from engage.contributions.models import ContactDetails, Receipt
from engage.db import db
from engage.surveys import queries, responses
from engage.surveys.models import EqualityResponse, QuarantinedResponse, Response, SurveyVersion
from engage.surveys.questions import Answer, AnswerRefused, Contact, Question

LATELY = timedelta(minutes=10)
"""For so long the same again is taken for the same. Later, somebody may well mean it as a further answer."""


def is_same(code: str, version: SurveyVersion, answers: Mapping[str, Answer], *, now: datetime) -> bool:
    """Whether all of these answers are among those that were sent under a code just now.

    False where one of them differs, or where it cannot be seen.
    """
    receipt = contributions.receipt_by_code(code)
    if receipt is None or now - receipt.received_at > LATELY:
        return False
    content = queries.content_of(version)
    try:
        given = responses.answers_given(content, answers)
    except AnswerRefused:
        return False
    held = db.session.scalar(
        sa.select(QuarantinedResponse.answers).where(QuarantinedResponse.receipt_id == receipt.id)
    )
    if held is not None:
        return all(held.get(question.id) == answer for question, answer in given)
    sent = _Sent(receipt)
    return all(
        sent.has_monitored(question, answer)
        if question.id in content.equality_ids
        else sent.has(question, answer)
        for question, answer in given
    )


class _Sent:
    """What was taken in under a receipt, from the tables in which its parts are."""

    def __init__(self, receipt: Receipt) -> None:
        found = db.session.execute(
            sa.select(Response.answers, EqualityResponse.answers)
            .outerjoin(EqualityResponse, EqualityResponse.response_id == Response.id)
            .where(Response.receipt_id == receipt.id)
        ).first()
        self.answers: Mapping[str, Answer] = found[0] if found else {}
        self.monitored: Mapping[str, Answer] = (found[1] if found else None) or {}
        self.words = {(one.answer_key, one.text) for one in contributions.contributions_of(receipt)}
        self.contact = db.session.get(ContactDetails, receipt.id)

    def has(self, question: Question, answer: Answer) -> bool:
        if isinstance(question, Contact):
            return self.contact is not None and all(
                getattr(self.contact, part) == answer.get(part) for part in Contact.parts
            )
        said = set(question.own_words(answer))
        return self.answers.get(question.id) == question.kept(answer) and said <= self.words

    def has_monitored(self, question: Question, answer: Answer) -> bool:
        """The same for equality monitoring, where own words cannot be seen."""
        return self.monitored.get(question.id) == question.kept(answer) and not question.own_words(answer)
