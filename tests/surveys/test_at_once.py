"""Two tabs of one browser at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from time import sleep

import sqlalchemy as sa
from flask import Flask

from engage.contributions.models import Contribution
from engage.db import db, utcnow
from engage.surveys import queries, responses
from engage.surveys.drafts import KEY
from engage.surveys.models import SurveyVersion
from engage.surveys.questions import FreeText
from engage.surveys.texts import Text
from tests.surveys import factories as surveys


def test_what_another_tab_keeps_while_it_is_sent_is_sent_too(app: Flask) -> None:
    """Sending waits for the other tab, so nothing is acknowledged and then removed."""
    with app.app_context():
        slug = surveys.survey(questions=[FreeText(id=one, text=Text(f"{one}?")) for one in "ab"]).slug
        db.session.commit()
    client = app.test_client()
    assert client.post(f"/surveys/{slug}/question/a", data={"a.a": "First"}).status_code == 303
    with client.session_transaction() as session:
        code = session[KEY][slug][0]
    with ThreadPoolExecutor(1) as other:
        with app.app_context():
            version = db.session.scalars(sa.select(SurveyVersion)).one()
            responses.keep_answers(code, version, {"b": "Second"}, now=utcnow())
            sent = other.submit(client.post, f"/surveys/{slug}/send")
            sleep(0.5)
            db.session.commit()
        assert sent.result().status_code == 303
    with app.app_context():
        said = db.session.scalars(sa.select(Contribution.text).order_by(Contribution.id)).all()
        assert said == ["First", "Second"]
        assert queries.unsent_response(code) is None
