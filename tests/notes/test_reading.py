"""Opening files of every kind that people send."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime

import pytest

from engage.notes.reading import open_table
from engage.notes.tables import UnreadableFile
from engage.notes.workbooks import MOST_UNPACKED_MB
from tests.notes.files import changed, csv_file, workbook

ROWS = [("Ref", "Comment"), ("1", "Café visits cost £4 – too much"), ("2", "naïve")]


def cells(content: bytes, **options: str) -> list[tuple[str, ...]]:
    return [row.cells for row in open_table(content, **options).rows()]


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("cp1252", "Windows-1252"),
    ],
)
def test_every_alphabet_is_read_and_named(encoding: str, name: str) -> None:
    table = open_table(csv_file(ROWS, encoding=encoding))
    assert table.encoding == name
    assert table.headers == ("Ref", "Comment")
    assert [row.cells for row in table.rows()] == ROWS[1:]


def test_bytes_that_windows_does_not_know_are_latin() -> None:
    table = open_table("Comment\ncaf\xe9\x81\n".encode("latin-1"))
    assert table.encoding == "Latin-1"
    assert next(table.rows()).cells[0].startswith("café")


def test_one_broken_letter_does_not_spoil_the_others() -> None:
    content = ("Comment\n" + "é" * 30 + "\n").encode() + b"cut off \xc3\n"
    table = open_table(content)
    assert table.encoding == "UTF-8"
    assert [row.cells[0] for row in table.rows()] == ["é" * 30, "cut off \ufffd"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_delimiter_is_found(delimiter: str) -> None:
    rows = [("Ref", "Comment"), ("1", "late; again, and | again\tand so on"), ("2", "fine")]
    assert cells(csv_file(rows, delimiter=delimiter)) == rows[1:]


def test_commas_in_an_only_column_separate_nothing() -> None:
    assert cells(b'Comment\nLate, late, late\n"Quoted, too"\n') == [("Late, late, late",), ("Quoted, too",)]


def test_a_line_that_tells_the_delimiter_is_no_heading() -> None:
    table = open_table(b"sep=;\r\nRef;Comment\r\n1;late, again\r\n")
    assert table.headers == ("Ref", "Comment")
    assert [(row.number, row.cells) for row in table.rows()] == [(3, ("1", "late, again"))]


def test_line_breaks_in_quotation_marks_belong_to_their_cell() -> None:
    rows = list(open_table(b'Ref,Comment\r\n1,"first\nsecond"\r\n2,"She said ""no"""\r\n').rows())
    assert [(row.number, row.cells[1]) for row in rows] == [(2, "first\nsecond"), (3, 'She said "no"')]


def test_ragged_rows_are_made_even_and_told() -> None:
    rows = list(open_table(b"Ref,Comment,Who\n1\n2,late,carer,more,\n\n,,\n3,fine,\n").rows())
    assert [(row.number, row.cells, row.extra) for row in rows] == [
        (2, ("1", "", ""), 0),
        (3, ("2", "late", "carer"), 1),
        (6, ("3", "fine", ""), 0),
    ]


def test_empty_and_double_headings_can_be_told_apart() -> None:
    table = open_table(b"Comment,,comment,Comment (2),\na,b,c,d,\n")
    assert table.headers == ("Comment", "Column 2", "comment (2)", "Comment (2) (2)")


def test_null_bytes_and_huge_cells_are_only_text() -> None:
    huge = "x" * 3_000_000
    rows = list(open_table(f"Ref,Comment\n1,a\x00b\n2,{huge}\n3,after\n".encode()).rows())
    assert [len(row.cells[1]) for row in rows] == [3, 3_000_000, 5]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "This file is empty"),
        (b"\xef\xbb\xbf \r\n", "This file is empty"),
        (b",,,\n,,\n", "This file is empty"),
        (b"Ref,Comment\n", "headings but no rows"),
        (b"Ref,Comment\n\n , \n", "headings but no rows"),
        (b"%PDF-1.7\n\x93\x8c", "This is a PDF"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "This is a picture"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "older Office file, or one with a password"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b'{"id": 1}', "JSON"),
        (b"PK\x03\x04nonsense", "damaged"),
        (bytes(range(1, 32)) * 40, "cannot find rows of text"),
        (",".join(f"c{n}" for n in range(400)).encode() + b"\n1\n", "more than 300 columns"),
    ],
)
def test_what_is_no_table_says_what_to_do(content: bytes, words: str) -> None:
    with pytest.raises(UnreadableFile, match=words):
        open_table(content)


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("word/document.xml", "Word document"),
        ("content.xml", "OpenDocument"),
        ("comments.csv", "zip file"),
    ],
)
def test_other_packages_are_named(part: str, words: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr(part, "something")
    with pytest.raises(UnreadableFile, match=words):
        open_table(out.getvalue())


def test_a_workbook_gives_values_days_and_numbers_as_words() -> None:
    content = workbook(
        (
            "Comments",
            [
                ("Ref", "Comment", "When", "People"),
                (1, "late", date(2026, 3, 27), 3.0),
                (None, None, None, None),
                (2.5, "=1", datetime.fromisoformat("2026-03-27 14:05"), True),
            ],
        )
    )
    # What "=1" gave when the workbook was last saved stands beside the formula.
    content = changed(content, "xl/worksheets/sheet1.xml", b"<f>1</f><v />", b"<f>1</f><v>42</v>")
    table = open_table(content)
    assert (table.encoding, table.sheet) == (None, "Comments")
    assert table.headers == ("Ref", "Comment", "When", "People")
    assert [(row.number, row.cells) for row in table.rows()] == [
        (2, ("1", "late", "2026-03-27", "3")),
        (4, ("2.5", "42", "2026-03-27 14:05:00", "True")),
    ]


def test_a_sheet_can_be_chosen() -> None:
    content = workbook(("Cover", [("Title",), ("A survey",)]), ("Data", [("Comment",), ("late",)]))
    assert open_table(content).sheets == ("Cover", "Data")
    assert cells(content) == [("A survey",)]
    assert cells(content, sheet=" data") == [("late",)]
    with pytest.raises(UnreadableFile, match="no sheet called “Else”"):
        open_table(content, sheet="Else")


def test_a_workbook_that_unpacks_to_far_too_much_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/workbook.xml", "<workbook/>")
        with package.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(MOST_UNPACKED_MB + 1):
                part.write(b" " * 1024 * 1024)
    assert len(out.getvalue()) < 1024 * 1024
    with pytest.raises(UnreadableFile, match="unpacks to more than 200 megabytes"):
        open_table(out.getvalue())


def test_a_workbook_with_a_broken_part_is_refused() -> None:
    good = workbook(("Data", [("Comment",), ("late",)]))
    with pytest.raises(UnreadableFile, match="damaged"):
        open_table(changed(good, "xl/worksheets/sheet1.xml", b"<sheetData>", b"<sheetData><row <"))
    with pytest.raises(UnreadableFile, match="damaged"):
        open_table(good[: len(good) // 2])


def test_a_workbook_with_a_wrong_size_is_read_whole() -> None:
    good = workbook(("Data", [("Ref", "Comment"), (1, "late"), (2, "fine")]))
    content = changed(good, "xl/worksheets/sheet1.xml", b'<dimension ref="A1:B3"', b'<dimension ref="A1:A1"')
    assert content != good
    assert cells(content) == [("1", "late"), ("2", "fine")]


def test_a_row_number_that_no_program_has_ends_the_reading() -> None:
    good = workbook(("Data", [("Comment",), ("late",), ("fine",)]))
    content = changed(good, "xl/worksheets/sheet1.xml", b'<row r="3"', b'<row r="900000000"')
    assert cells(content) == [("late",)]
