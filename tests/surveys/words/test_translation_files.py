"""Files of translations that are damaged or made to take much memory."""

from __future__ import annotations

import random
import tracemalloc

from flask import Flask

from engage.surveys.texts import LONGEST
from engage.surveys.words.translating import Line
from engage.surveys.words.translation_files import FileNotTaken, Written, as_file, heading, read_file
from tests.surveys.swollen import LONG, MEGABYTE, workbook


def line(number: int) -> Line:
    words = f"Słowa {number}"
    return Line(
        number=number,
        check=None,
        key=f"q{number}.text",
        what="Question",
        english=f"Words {number}",
        words=words,
    )


def test_a_damaged_workbook_is_read_or_refused(ctx: Flask) -> None:
    """300 files with a few bytes changed: whatever goes wrong inside, the person is told what to do."""
    chance = random.Random(20)
    whole = as_file([line(n) for n in range(40)], "pl", "xlsx")
    refused = 0
    for _ in range(300):
        data = bytearray(whole)
        for _flip in range(chance.randint(1, 5)):
            data[chance.randrange(2, len(data))] ^= chance.randint(1, 255)
        try:
            assert isinstance(read_file(bytes(data), "pl"), Written)
        except FileNotTaken:
            refused += 1
    assert refused > 100


def test_a_long_text_in_many_cells_is_kept_once(ctx: Flask) -> None:
    """The file holds one text of 1 MB, to which 400 cells point. A text that is too long stays too long."""
    rows = [["Key", "English", heading("pl")], *([f"q{number}", LONG, LONG] for number in range(200))]
    data = workbook({"Texts": rows})
    tracemalloc.start()
    written = read_file(data, "pl")
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(written.words) == 200 and len(written.words["q9"]) == LONGEST + 1
    assert most < 25 * MEGABYTE
