"""A file of 100,000 rows: how long it takes and how much memory it needs."""

from __future__ import annotations

import resource
import time

import pytest
import sqlalchemy as sa
from flask import Flask

from engage.accounts.models import Role
from engage.contributions.models import Contribution
from engage.db import db
from engage.notes.imports import import_file
from tests import factories
from tests.notes.files import comments, csv_file

ROWS = 100_000
MOST_MEGABYTES = 150
MOST_SECONDS = 300  # Some 20 on a machine that has nothing else to do.


@pytest.mark.load
def test_a_hundred_thousand_rows(ctx: Flask) -> None:
    recorder = factories.user(Role.RECORDER)
    conversation = factories.conversation(by=recorder)
    content = csv_file(comments(ROWS))
    db.session.commit()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.monotonic()
    mapping = {"text_column": "Comment", "reference_column": "Ref", "district_column": "District"}
    report = import_file(conversation, "large.csv", content, mapping, by=recorder, now=factories.NOW)
    seconds = time.monotonic() - start
    megabytes = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"{ROWS:,} rows in {seconds:.1f} s with {megabytes:.0f} MB more than before")
    assert (report.total, report.taken) == (ROWS, ROWS)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Contribution)) == ROWS
    assert megabytes < MOST_MEGABYTES
    assert seconds < MOST_SECONDS
