"""Two people who publish one survey at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from time import sleep

import sqlalchemy as sa
from flask import Flask

from engage.accounts.models import Role, User
from engage.conversations.models import Conversation
from engage.db import db, utcnow
from engage.surveys import services
from engage.surveys.models import Survey, SurveyVersion
from tests import factories
from tests.surveys import factories as surveys


def test_the_second_of_two_who_publish_counts_on_from_the_first(app: Flask) -> None:
    """Whoever waits for the draft has read the versions before, and takes the number after the newest."""
    with app.app_context():
        made, by = surveys.survey(), factories.user(Role.FACILITATOR)
        db.session.commit()
        survey_id, user_id = made.id, by.id
    with ThreadPoolExecutor(1) as other:
        with app.app_context():
            _publish(survey_id, user_id)
            second = other.submit(_in_a_transaction, app, survey_id, user_id)
            sleep(0.5)
            db.session.commit()
        assert second.result(timeout=20) == 3
    with app.app_context():
        numbers = sa.select(SurveyVersion.number).where(SurveyVersion.survey_id == survey_id)
        assert sorted(db.session.scalars(numbers)) == [1, 2, 3]


def _in_a_transaction(app: Flask, survey_id: int, user_id: int) -> int:
    with app.app_context():
        number = _publish(survey_id, user_id)
        db.session.commit()
        return number


def _publish(survey_id: int, user_id: int) -> int:
    survey = db.session.get_one(Survey, survey_id)
    assert survey.versions
    conversation = db.session.get_one(Conversation, survey.conversation_id)
    by = db.session.get_one(User, user_id)
    return services.publish_version(survey, conversation, by=by, now=utcnow()).number
