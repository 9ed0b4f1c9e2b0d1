"""Starting a survey, changing its draft, and publishing it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from engage.accounts.models import User
from engage.audit import services as audit
from engage.conversations.models import Conversation
from engage.conversations.services import slug_for
from engage.db import db
from engage.surveys import queries, routing
from engage.surveys.content import BrokenSurvey, Content, read_content
from engage.surveys.models import Survey, SurveyDraft, SurveyVersion
from engage.surveys.wording import only_offered


class ChangedMeanwhile(Exception):
    """Somebody else changed the draft since it was read."""


def start_survey(
    conversation: Conversation,
    content: Content,
    *,
    opens_on: date,
    closes_on: date,
    by: User,
    now: datetime,
) -> Survey:
    """Create a survey with a draft and an address of its own. Nobody sees it before it is published."""
    title = str(content.title)
    base = slug = slug_for(title)
    number = 2
    while queries.slug_is_taken(slug):
        slug, number = f"{base}-{number}", number + 1
    survey = Survey(
        conversation_id=conversation.id,
        slug=slug,
        title=title,
        opens_on=opens_on,
        closes_on=closes_on,
        created_at=now,
        draft=SurveyDraft(content=content.as_json(), revision=1, changed_at=now, changed_by_id=by.id),
    )
    db.session.add(survey)
    db.session.flush()
    audit.record("start survey", "survey", survey.id, by=by, now=now, title=title)
    return survey


def change_dates(survey: Survey, *, opens_on: date, closes_on: date, by: User, now: datetime) -> None:
    """Change between which days people can answer; this closes a survey and opens it again."""
    survey.opens_on, survey.closes_on = opens_on, closes_on
    db.session.flush()
    audit.record("change survey", "survey", survey.id, by=by, now=now, opens_on=opens_on, closes_on=closes_on)


def draft_for_change(survey: Survey) -> SurveyDraft:
    """The draft as it is now, held until the commit, so that two people change it one after the other.

    The survey's versions are read afresh after this: somebody may have published while we waited.
    """
    query = sa.select(SurveyDraft).where(SurveyDraft.survey_id == survey.id)
    draft = db.session.scalars(query.with_for_update().execution_options(populate_existing=True)).one()
    db.session.expire(survey, ["versions"])
    return draft


def save_draft(
    survey: Survey, content: Content, *, by: User, now: datetime, revision: int | None = None
) -> SurveyDraft:
    """Put this content in place of the draft's. ``revision`` is the one that it was made from.

    Raises ChangedMeanwhile where the draft has another revision by now.
    """
    draft = draft_for_change(survey)
    if revision is not None and draft.revision != revision:
        raise ChangedMeanwhile
    draft.content, draft.revision = content.as_json(), draft.revision + 1
    draft.changed_at, draft.changed_by_id = now, by.id
    survey.title = str(content.title) or survey.title
    db.session.flush()
    audit.record("change survey draft", "survey", survey.id, by=by, now=now, revision=draft.revision)
    return draft


def as_published(content: Content, conversation: Conversation) -> Content:
    """A draft as people will meet it: in the languages it is offered in, with the present districts."""
    return only_offered(content).with_places(conversation.districts)


def publish_version(
    survey: Survey,
    conversation: Conversation,
    *,
    by: User,
    now: datetime,
    checks: dict[str, Any] | None = None,
) -> SurveyVersion:
    """Publish the draft word for word, with the conversation's present districts.

    People who are in the middle of an earlier version finish that one. Raises BrokenSurvey where the draft
    cannot be asked as it is.
    """
    content = as_published(read_content(draft_for_change(survey).content), conversation)
    found = routing.problems(content)
    if found:
        where = content.by_id.get(found[0].question)
        raise BrokenSurvey(
            _("“%(question)s”: %(message)s", question=where.text, message=found[0].message)
            if where
            else found[0].message
        )
    version = SurveyVersion(
        number=max((earlier.number for earlier in survey.versions), default=0) + 1,
        content=content.as_json(),
        checks=checks or {},
        published_at=now,
        published_by_id=by.id,
    )
    survey.versions.append(version)
    db.session.flush()
    audit.record("publish survey", "survey", survey.id, by=by, now=now, version=version.number)
    return version
