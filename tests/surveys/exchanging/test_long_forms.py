"""Forms that are made to take a long time or much memory are read all the same, or refused."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from time import perf_counter

import pytest
from flask import Flask
from flask_babel import Babel

from engage.surveys.exchanging import xlsform_in
from engage.surveys.exchanging.xlsform_sheets import read_sheets
from engage.surveys.texts import LONGEST
from tests.surveys.swollen import LONG, MEGABYTE, workbook


@pytest.fixture(autouse=True)
def words() -> Iterator[None]:
    app = Flask(__name__)
    Babel(app)
    with app.test_request_context():
        yield


def test_a_long_text_in_many_cells_is_kept_once() -> None:
    """The file holds one text of 1 MB, to which 400 cells point."""
    row = ["text", "a", LONG, LONG, LONG, LONG]
    data = workbook({"survey": [["type", "name", "label", "hint", "x", "y"], *[row] * 100]})
    tracemalloc.start()
    sheets = read_sheets(data)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(sheets.survey) == 100 and len(sheets.survey[-1].text("label").in_language("en")) == LONGEST
    assert most < 20 * MEGABYTE


def test_many_columns_that_are_not_read_take_little_time() -> None:
    head = [f"column {n}" for n in range(30)]
    survey = [["type", "name", "label", *head], *(["text", f"q{n}", "What?", *head] for n in range(600))]
    choices = [["list_name", "name", "label", *head], *(["l", f"c{n}", "A", *head] for n in range(600))]
    sheets = read_sheets(workbook({"survey": survey, "choices": choices}))
    begun = perf_counter()
    notes = xlsform_in._column_notes(sheets)
    assert perf_counter() - begun < 1
    assert len(notes) == 30 and notes[0].endswith("(rows 2, 3, 4, 5, 6, 7, 8, 9 …).")
