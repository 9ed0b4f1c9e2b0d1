"""A published version stays as it is, whoever asks the database."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from engage import db as database
from engage.db import db
from tests.surveys import factories as surveys

CHANGES = ("UPDATE survey_version SET number = 7", "DELETE FROM survey_version")


@pytest.mark.parametrize("change", CHANGES)
def test_a_published_version_is_never_changed_nor_removed(ctx: Flask, change: str) -> None:
    surveys.survey()
    db.session.commit()
    with pytest.raises(sa.exc.DBAPIError, match="a published version stays as it is"):
        db.session.execute(sa.text(change))
    db.session.rollback()
    assert db.session.scalar(sa.text("SELECT number FROM survey_version")) == 1


def test_versions_can_be_taken_back_to_an_earlier_scheme_and_are_safe_again(ctx: Flask) -> None:
    surveys.survey()
    db.session.commit()
    database.downgrade("0014")
    database.upgrade()
    with pytest.raises(sa.exc.DBAPIError, match="a published version stays as it is"):
        db.session.execute(sa.text(CHANGES[0]))
    db.session.rollback()
