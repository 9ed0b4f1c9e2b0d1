"""Surveys for tests, made through the services that the product uses. The caller commits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import count

from engage.accounts.models import Role, User
from engage.conversations.models import Conversation
from engage.db import db, utcnow
from engage.surveys import services
from engage.surveys.content import Content, Page
from engage.surveys.models import Survey
from engage.surveys.questions import Choice, OneChoice, Question
from engage.surveys.templates import template
from engage.surveys.texts import Text
from tests import factories

_numbers = count(1)


def document(*questions: Question, **texts: object) -> Content:
    """A survey of one page with these questions; without any, a Big Conversation's."""
    if not questions:
        return template("big_conversation").model_copy(update=texts)
    return Content(
        title=Text("Tell us what matters"),
        introduction=Text("We want to hear what care and support is like."),
        pages=(Page(id="page_1", questions=questions),),
    ).model_copy(update=texts)


def choices(*labels: str) -> tuple[Choice, ...]:
    """Answers to choose from; the value is the label in lower case with underlines."""
    return tuple(Choice(value=label.lower().replace(" ", "_"), label=Text(label)) for label in labels)


def one_choice(question_id: str = "a", *labels: str, **values: object) -> OneChoice:
    """A question with one answer out of several, "Yes" and "No" unless told."""
    offered = choices(*(labels or ("Yes", "No")))
    return OneChoice(id=question_id, text=Text(f"Question {question_id}?"), choices=offered, **values)  # type: ignore[arg-type]


def survey(
    conversation: Conversation | None = None,
    *,
    by: User | None = None,
    content: Content | None = None,
    questions: Sequence[Question] = (),
    opens_in: int = -10,
    closes_in: int = 10,
    published: bool = True,
) -> Survey:
    """A survey, a Big Conversation's unless told, open from ``opens_in`` to ``closes_in`` days from today."""
    by = by or factories.user(Role.FACILITATOR)
    conversation = conversation or factories.conversation(by=by)
    today = utcnow().date()
    title = Text(f"Tell us what matters {next(_numbers)}")
    made = services.start_survey(
        conversation,
        (content or document(*questions)).model_copy(update={"title": title}),
        opens_on=today + timedelta(days=opens_in),
        closes_on=today + timedelta(days=closes_in),
        by=by,
        now=factories.NOW,
    )
    if published:
        services.publish_version(made, conversation, by=by, now=factories.NOW)
        db.session.flush()
    return made
