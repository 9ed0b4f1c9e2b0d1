"""Paper copies: what a screen reader finds in the file, and what it says when text is out of the ordinary."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from engage import pdf
from tests import paper

LANGUAGES = ("en", "pl", "ro", "uk", "ur", "ar", "pa")
SIZES = ("standard", "large", "easy")


def made(content: dict[str, Any], language: str = "en", title: str = "A form") -> PdfReader:
    return PdfReader(BytesIO(pdf.render("form", content, language=language, title=title)))


def tree(branch: object) -> Iterator[DictionaryObject]:
    """Every element of the structure tree below ``branch``, in reading order."""
    found = branch.get_object() if isinstance(branch, IndirectObject) else branch
    if isinstance(found, ArrayObject):
        for item in found:
            yield from tree(item)
    elif isinstance(found, DictionaryObject):
        if "/S" in found:
            yield found
        yield from tree(found.get("/K"))


def elements(file: PdfReader) -> list[DictionaryObject]:
    return list(tree(file.trailer["/Root"]["/StructTreeRoot"]))


def kinds(file: PdfReader) -> list[str]:
    return [str(element["/S"]) for element in elements(file)]


def shown(file: PdfReader) -> str:
    return "\n".join(page.extract_text() for page in file.pages)


def plain_form(*blocks: dict[str, Any], **changes: Any) -> dict[str, Any]:
    title = {"part": "title", "words": "A form"}
    return {
        "size": "standard",
        "form_name": "Form",
        "page_of": "Page {page} of {pages}",
        "blocks": [title, *blocks],
    } | changes


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_copy_has_all_that_a_screen_reader_needs(language: str, size: str) -> None:
    texts = paper.TEXTS[language]
    file = made(paper.form(language, size), language, texts[0])
    root = file.trailer["/Root"]
    assert file.pdf_header == "%PDF-1.7"
    assert str(root["/Lang"]) == language
    assert root["/MarkInfo"]["/Marked"].value is True
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    assert file.metadata is not None and file.metadata.title == unicodedata.normalize("NFC", texts[0])
    assert "<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_object().get_data().decode()
    assert [kind for kind in kinds(file) if kind.startswith("/H")] == (
        ["/H1", "/H2", "/H3", "/H3", "/H3", "/H4", "/H4", "/H3", "/H2"]
    )
    assert [kind for kind in kinds(file) if kind in ("/L", "/LI")] == ["/L"] + ["/LI"] * 3 + (
        ["/L", "/LI", "/LI"] * 2
    )
    assert len(file.pages) in ((2, 3) if size == "standard" else (3, 4, 5))


@pytest.mark.parametrize("language", LANGUAGES)
def test_pictures_and_places_to_write_are_put_into_words(language: str) -> None:
    texts = paper.TEXTS[language]
    file = made(paper.form(language), language)
    alternatives = [str(element["/Alt"]) for element in elements(file) if element["/S"] == "/Figure"]
    lines, day, month, year, sun, qr = texts[10], *texts[16:20], texts[22]
    expected = [sun, lines, lines, f"{day}, {month}, {year}", qr]
    assert alternatives == [unicodedata.normalize("NFC", text) for text in expected]


@pytest.mark.parametrize("language", ["en", "pl", "ro", "uk"])
def test_words_can_be_read_back_from_the_page(language: str) -> None:
    text = shown(made(paper.form(language), language))
    for sentence in (texts for texts in paper.TEXTS[language][:6] if texts != ""):
        assert sentence in text.replace("\n", " ")
    assert paper.CODE in text and paper.ADDRESS in text


@pytest.mark.parametrize("language", ["ur", "ar", "pa"])
def test_scripts_that_join_up_carry_their_true_letters(language: str) -> None:
    file = made(paper.form(language), language)
    carried = [str(element["/ActualText"]) for element in elements(file) if "/ActualText" in element]
    marks = [element for element in elements(file) if element["/S"] == "/Em"]
    assert len(carried) == len(marks)
    title, opening, why, question = (unicodedata.normalize("NFC", t) for t in paper.TEXTS[language][:4])
    assert carried[:5] == [title, opening, title, why, question]


@pytest.mark.parametrize(("language", "other"), [("ur", "en"), ("en", "pl"), ("uk", "ar"), ("pa", "en")])
def test_a_text_in_another_language_says_so(language: str, other: str) -> None:
    words = {"text": paper.TEXTS[other][1], "language": other}
    own = {"part": "paragraph", "words": paper.TEXTS[language][1]}
    file = made(plain_form(own, {"part": "paragraph", "words": words}), language)
    languages = [element.get("/Lang") for element in elements(file) if element["/S"] in ("/P", "/Em")]
    assert [found for found in languages if found] == [other]


@pytest.mark.parametrize(
    ("language", "direction"), [("ur", "/R2L"), ("ar", "/R2L"), ("pa", "/L2R"), ("en", "/L2R")]
)
def test_direction_follows_the_language(language: str, direction: str | None) -> None:
    preferences = made(paper.form(language), language).trailer["/Root"]["/ViewerPreferences"]
    assert preferences.get("/Direction") == direction


def sizes_on(file: PdfReader) -> set[float]:
    """Sizes of print in the file, in points."""
    found: set[float] = set()
    for page in file.pages:
        contents = page.get_contents()
        assert contents is not None
        found |= {float(size) for size in re.findall(rb"/f\d+ ([\d.]+) Tf", contents.get_data())}
    return found


@pytest.mark.parametrize(("size", "smallest"), [("standard", 13), ("large", 19), ("easy", 17)])
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_print_is_smaller_than_promised(language: str, size: str, smallest: int) -> None:
    assert min(sizes_on(made(paper.form(language, size), language))) >= smallest


def test_go_to_leads_to_the_question_and_is_only_words_where_there_is_none() -> None:
    question = {"part": "question", "number": "1", "words": "Why?", "blocks": []}
    heading = {"part": "heading", "words": "Part"}
    there = {"part": "go_to", "words": "Go to question 1", "question": "1"}
    gone = {"part": "go_to", "words": "Go to question 9", "question": "9"}
    assert kinds(made(plain_form(heading, question, there))).count("/Link") == 1
    assert kinds(made(plain_form(heading, question, gone))).count("/Link") == 0


def test_a_picture_without_words_is_passed_over() -> None:
    file = made(plain_form({"part": "picture", "svg": paper.SUN, "alt": "", "words": ["Sun"]}))
    assert "/Figure" not in kinds(file)


def test_the_same_content_gives_the_same_file() -> None:
    for language in ("en", "ur"):
        first, second = (
            pdf.render("form", paper.form(language), language=language, title="A form") for _ in range(2)
        )
        assert first == second


CODE_OF_THE_TEMPLATE = [
    '#import "parts.typ": *',
    '#read("/etc/passwd")',
    '#include "form.typ"',
    "$ x^2 $ and *bold* and _em_ and `raw`",
    r"\ \u{41} \#emph",
    "= Not a heading",
    "- not a list",
    "@preview/cetz:0.3.0 <label> https://example.org",
    '"], blocks: (part: "slip")',
    "#panic(sys.inputs)",
    "// not a comment /* nor this */",
]


@pytest.mark.parametrize("written", CODE_OF_THE_TEMPLATE)
def test_the_templates_language_in_a_text_is_only_text(written: str) -> None:
    choice = {"label": written, "go_to": {"words": written, "question": written}, "hint": written}
    file = made(
        plain_form({"part": "paragraph", "words": written}, {"part": "choices", "choices": [choice]}),
        title=written,
    )
    assert " ".join(shown(file).split()).count(written) == 4
    assert kinds(file).count("/H1") == 1 and "/Link" not in kinds(file)
    assert file.metadata is not None and file.metadata.title == written


def test_letters_that_cannot_be_printed_leave_a_gap_that_is_seen() -> None:
    text = shown(made(plain_form({"part": "paragraph", "words": "Tea 茶\x00\x1b[31m\ttime\ud800"})))
    assert "Tea \ufffd[31m time\ufffd" in text
    assert pdf.unprintable("Tea 茶 and 茶, \x00zł 🙂 ۔ ੴ") == "茶"


def test_a_picture_in_a_text_is_printed() -> None:
    assert "🙂" in shown(made(plain_form({"part": "paragraph", "words": "I feel 🙂 today"})))


def test_a_text_of_a_million_letters_runs_over_as_many_pages_as_it_takes() -> None:
    question = {"part": "question", "number": "1", "words": "Why?", "blocks": []}
    long = "word " * 200_000
    file = made(plain_form({"part": "heading", "words": "Part"}, question | {"hint": long}))
    assert len(file.pages) > 100
    assert sum(page.extract_text().count("word") for page in file.pages[:3]) > 1000


ANY_LETTERS = st.text(max_size=40)
PRINTED = st.text(
    st.one_of(
        *(st.characters(min_codepoint=first, max_codepoint=last) for first, last in (
            (0x20, 0x24F), (0x300, 0x36F), (0x400, 0x52F), (0x600, 0x6FF), (0x8A0, 0x8FF), (0x951, 0x952),
            (0xA00, 0xA7F), (0x2000, 0x206F), (0x2190, 0x21FF), (0x2600, 0x27BF), (0x1F300, 0x1F6FF),
        ))
    ),
    max_size=40,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    texts=st.lists(st.one_of(ANY_LETTERS, PRINTED), min_size=1, max_size=8),
    language=st.sampled_from(LANGUAGES),
)
def test_any_text_can_be_printed(texts: list[str], language: str) -> None:
    file = made(plain_form(*({"part": "paragraph", "words": text} for text in texts)), language)
    assert kinds(file)[:2] == ["/Document", "/H1"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (plain_form({"part": "poem", "words": "x"}), "no such part: poem"),
        (
            plain_form({"part": "picture", "svg": "no drawing", "alt": "x", "words": []}),
            "failed to parse SVG",
        ),
        (plain_form(size="huge"), 'does not contain key "huge"'),
        (
            plain_form({"part": "question", "words": "Why?", "blocks": []}),
            "skipped from heading level 1 to 3",
        ),
    ],
)
def test_what_cannot_be_made_says_why(content: dict[str, Any], reason: str) -> None:
    with pytest.raises(pdf.PdfFailed, match=re.escape(reason)):
        made(content)


def test_a_title_is_needed() -> None:
    with pytest.raises(pdf.PdfFailed, match="title"):
        made(plain_form(), title="")


@pytest.mark.parametrize(
    "address", ["form.typ", "/etc/hostname", "../../etc/hostname", "file:///etc/hostname"]
)
def test_a_drawing_cannot_bring_in_a_file(address: str) -> None:
    drawing = f'{paper.SUN.removesuffix("</svg>")}<image href="{address}" width="9" height="9"/></svg>'
    with pytest.raises(pdf.PdfFailed, match="failed to load linked image"):
        made(plain_form({"part": "picture", "svg": drawing, "alt": "A drawing", "words": []}))


def test_a_qr_code_is_a_drawing_without_styles() -> None:
    drawing = pdf.qr_svg(paper.ADDRESS)
    assert drawing.startswith('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ')
    assert "style" not in drawing and "class" not in drawing
    assert pdf.qr_svg(paper.ADDRESS) == drawing != pdf.qr_svg(paper.ADDRESS + "X")
    with pytest.raises(pdf.PdfFailed):
        pdf.qr_svg("x" * 5000)


def test_only_our_own_fonts_are_in_the_file() -> None:
    names = set()
    for language in LANGUAGES:
        for page in made(paper.form(language), language).pages:
            for font in page["/Resources"]["/Font"].values():
                names.add(str(font["/BaseFont"]).partition("+")[2].partition("-Identity")[0])
    assert names == {
        "AtkinsonHyperlegibleNext-Regular",
        "AtkinsonHyperlegibleNext-Bold",
        "NotoSans-Regular",
        "NotoSans-Bold",
        "NotoNastaliqUrdu-Regular",
        "NotoNastaliqUrdu-Bold",
        "NotoSansArabic-Regular",
        "NotoSansArabic-Bold",
        "NotoSansGurmukhi-Regular",
        "NotoSansGurmukhi-Bold",
    }


def test_no_template_fetches_anything() -> None:
    for template in pdf.TEMPLATES.glob("*.typ"):
        written = template.read_text(encoding="utf-8")
        assert re.findall(r'(?:import|include|read|image)\s*\(?\s*"([^"]*)"', written) in ([], ["parts.typ"])
        assert "@" not in written and "eval(" not in written
