"""Save and come back: keeping all that was typed, finding it again by code, and the mail that helps.

Answers that are not complete yet are kept as they were typed, beside those that fit, so that somebody who
stops in the middle of a date or a sentence finds it again. Only the code leads back to them.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from flask import current_app
from flask_babel import format_date
from flask_babel import gettext as _
from limits import parse
from sqlalchemy.orm import contains_eager

from engage.contributions import codes
from engage.conversations.models import Conversation
from engage.db import db
from engage.forms import clean_text
from engage.limits import limiter
from engage.messages import services as messages
from engage.surveys import responses
from engage.surveys.answering import TYPED, Filled, Sheet, Values
from engage.surveys.models import Survey, SurveyVersion, UnsentResponse

MOST_TYPED = 100_000  # Characters on one form that are kept unread; the longest answer has far fewer.
DAY = "EEEE d MMMM y"
Limits = tuple[tuple[str, str], ...]
MAILS: Limits = (("draft", "3 per hour"), ("to", "5 per day"), ("from", "20 per hour"))
"""How many mails may go out: for one set of answers, to one address, and asked for from one place."""

COPY_MAILS: Limits = (("copy", "2 per day"), ("to", "5 per day"), ("from", "20 per hour"))


class TooMuch(Exception):
    """More was typed than can be kept unread; the page itself says what to shorten."""


class TooManyMails(Exception):
    """So many were sent that another one would be a nuisance to somebody."""


def save(
    code: str, version: SurveyVersion, filled: Filled, *, language: str, easy_read: bool, now: datetime
) -> UnsentResponse:
    """Keep what fits as answers and the rest as it was typed, for as long as saved answers stay.

    ``language`` and ``easy_read`` are how the person reads, so that they find it again in the same form.

    Raises TooMuch, or responses.AlreadySent.
    """
    unread = {key: _clean(typed) for key, typed in filled.typed.items() if key not in filled.answers}
    if sum(map(_length, unread.values())) > MOST_TYPED:
        raise TooMuch
    unread = {key: typed for key, typed in unread.items() if _length(typed)}
    unsent = responses.keep_answers(code, version, filled.answers, now=now, unseen=filled.unseen)
    if unread:
        kept = unsent.answers.get(TYPED, {})
        unsent.answers = {**unsent.answers, TYPED: {**kept, **unread}}
    unsent.language, unsent.easy_read = language, easy_read
    return responses.save_for_later(code, version, now=now)


def _clean(typed: Values) -> Values:
    """Less what no database can keep."""
    return {part: [clean_text(value) for value in values] for part, values in typed.items()}


def _length(typed: Values) -> int:
    return sum(len(value) for values in typed.values() for value in values)


def unsent_by_code(typed: str) -> tuple[UnsentResponse, Conversation] | None:
    """The answers that a typed code leads to, with version, survey and conversation.

    None for wrong, unknown and expired codes alike.
    """
    code = codes.tidy(typed) or "no code"
    found = db.session.execute(
        sa.select(UnsentResponse, Conversation)
        .join(UnsentResponse.version)
        .join(SurveyVersion.survey)
        .join(Conversation, Conversation.id == Survey.conversation_id)
        .where(UnsentResponse.code_hash.in_(codes.possible_hashes(code)))
        .options(contains_eager(UnsentResponse.version).contains_eager(SurveyVersion.survey))
    ).first()
    return (found[0], found[1]) if found else None


def next_step(sheet: Sheet) -> str | None:
    """The id of the question at which somebody goes on; None where only checking is left.

    What was typed and could not be read comes first, then what follows the last question with an answer.
    """
    for question in sheet.unread():
        return question.id
    answered = [place for place, one in enumerate(sheet.shown) if sheet.answers.get(one.id) is not None]
    following = answered[-1] + 1 if answered else 0
    return sheet.shown[following].id if following < len(sheet.shown) else None


def mail_way_back(to: str, sheet: Sheet, kept_until: datetime) -> None:
    """Send the way back once. The address is used for this alone and kept nowhere.

    The code stands in the text and never in the link: addresses end up in histories and logs.
    Raises OSError or smtplib.SMTPException where it cannot be sent.
    """
    title = sheet.content.title.said().words
    day = format_date(kept_until, DAY)
    parts = [
        _("You asked us to send you the way back to your answers to “%(survey)s”.", survey=title),
        _("Your code is:"),
        codes.spaced(sheet.draft.code),
        _("To carry on, open this page and type in the code:"),
        messages.link("saving.come_back"),
        _("We keep your answers until %(day)s. After that, what was not sent is removed.", day=day),
        _("Nobody reads your answers before you send them. Whoever has this code can read and change them."),
        messages.who_writes(),
    ]
    messages.send(to, _("The way back to your answers"), "\n\n".join(parts))


def count_mail(draft_code: str, to: str, asked_from: str, limits: Limits = MAILS) -> None:
    """Count a mail before it is sent. Raises TooManyMails.

    What is counted are digests, for a day at most. They have the secret key in them: without it nobody can
    try out whose address one stands for.
    """
    own = codes.code_hash(draft_code)
    keys: Mapping[str, str] = {"draft": own, "copy": own, "to": to.lower(), "from": asked_from}
    secret: str = current_app.config["SECRET_KEY"]
    for name, limit in limits:
        digest = hmac.digest(secret.encode(), f"mails:{keys[name]}".encode(), "sha256").hex()
        if not limiter.limiter.hit(parse(limit), "mail", name, digest):
            raise TooManyMails
