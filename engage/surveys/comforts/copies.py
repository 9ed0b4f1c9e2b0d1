"""A copy of what somebody sent, for themselves: to print, or to mail once.

It is given for a short while after sending and to the device that sent, never to a code alone: whoever holds
a code might not be the person who spoke.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import render_template
from flask_babel import gettext as _

from engage.contributions import codes
from engage.contributions import queries as contributions
from engage.contributions.models import Receipt
from engage.db import db
from engage.messages import services as messages
from engage.surveys import queries
from engage.surveys.content import Content
from engage.surveys.models import QuarantinedResponse, Response, SurveyVersion
from engage.surveys.questions import Answer, Contact, Question, Writing
from engage.surveys.texts import Said

GIVEN_FOR = timedelta(hours=1)


@dataclass(frozen=True)
class Answered:
    """One question with what the person answered, as they read it."""

    question: Said
    words: str


@dataclass(frozen=True)
class Copy:
    """All that was sent, but for contact details and equality monitoring, which stay where they are."""

    title: Said
    sent_at: datetime
    answered: list[Answered]


def is_given(receipt: Receipt, now: datetime) -> bool:
    """Whether it was sent so short a while ago that the person may still be at the device."""
    return now - receipt.received_at <= GIVEN_FOR


def copy_of(receipt: Receipt) -> Copy | None:
    """The copy of what was sent under a receipt; None where nothing is there, or not any more."""
    for table in (Response, QuarantinedResponse):
        found = db.session.execute(
            sa.select(table.answers, SurveyVersion)
            .join(SurveyVersion, SurveyVersion.id == table.version_id)
            .where(table.receipt_id == receipt.id)
        ).first()
        if found:
            content = queries.content_of(found[1])
            return Copy(content.title.said(), receipt.received_at, _answered(content, found[0], receipt))
    return None


def _answered(content: Content, answers: Mapping[str, Answer], receipt: Receipt) -> list[Answered]:
    own = {
        voice.answer_key: voice.text for voice in contributions.contributions_of(receipt) if voice.answer_key
    }
    lines = []
    for question in content.questions:
        if question.id in content.equality_ids or isinstance(question, Contact):
            continue
        words = _words(question, answers.get(question.id), own)
        if words:
            lines.append(Answered(question.text.said(), words))
    return lines


def _words(question: Question, answer: Answer, own: Mapping[str, str]) -> str:
    """What was chosen, and own words as they were written, wherever they are kept by now."""
    chosen = "" if isinstance(question, Writing) and answer is True else question.words(answer)
    said = [words for key, words in own.items() if key == question.id or key.startswith(f"{question.id}.")]
    return "\n".join([chosen, *said] if chosen else said)


def mail_copy(to: str, copy: Copy, code: str) -> None:
    """Send the copy once, in plain text and in HTML. The address is used for this alone and kept nowhere.

    Raises OSError or smtplib.SMTPException where it cannot be sent.
    """
    values = {
        "copy": copy,
        "code": codes.spaced(code),
        "address": messages.link("tracking.enter"),
        "who_writes": messages.who_writes(),
    }
    messages.send(
        to,
        _("A copy of what you told us"),
        render_template("mails/copy.txt", **values),
        html=render_template("mails/copy.html", **values),
    )
