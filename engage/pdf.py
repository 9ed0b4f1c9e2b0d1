"""Paper copies: tagged PDF files from fixed templates, the same on every machine.

The templates are in ``templates/print`` and the fonts in ``static/fonts-print``; nothing is taken from the
system, and nothing is fetched. What people wrote reaches a template as JSON and is shown as text: it is never
part of the template's language, and a template may read no file but those beside it.

The file claims PDF/UA-1 (ISO 14289-1), and the engine refuses to write one that breaks a rule which it can
check: no title, a skipped heading level, a picture without words, a letter that no font has. Whether a
picture's words are good ones is for people to judge.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from io import BytesIO
from typing import Any, cast

import segno
import typst
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject, TextStringObject

from engage import paths

TEMPLATES = paths.TEMPLATES / "print"
FONTS = paths.STATIC / "fonts-print"
STAND_IN = "\ufffd"
RIGHT_TO_LEFT = ("ar", "ur")


class PdfFailed(Exception):
    """A copy could not be made; the message names the reason for whoever looks after the template."""


def render(template: str, content: Mapping[str, Any], *, language: str, title: str) -> bytes:
    """Return the PDF file of ``content`` laid out by ``templates/print/<template>.typ``.

    ``language`` is a code such as ``ur``; it sets the reading direction and the first font. The same
    arguments give the same bytes: the file carries no date. Raises PdfFailed.
    """
    inputs = {
        "content": json.dumps(printable(content), ensure_ascii=False),
        "language": language,
        "title": printable(title),
    }
    try:
        copy = typst.Compiler(
            TEMPLATES / f"{template}.typ",
            root=TEMPLATES,
            font_paths=_fonts(),
            ignore_system_fonts=True,
            sys_inputs=inputs,
        )
        file = cast(bytes, copy.compile(format="pdf", pdf_standards=["ua-1"], timestamp=0))
        letters = json.loads(copy.query("<letters>", field="value"))
    except typst.TypstError as error:
        raise PdfFailed(error.message) from error
    finally:
        _forget()
    return _with_letters(file, letters, language) if letters else file


def _with_letters(file: bytes, letters: list[dict[str, str]], language: str) -> bytes:
    """Write the true letters of joined-up scripts into ``file``, beside what stands on its pages.

    The engine draws an Arabic, Urdu or Gurmukhi word from pieces, in the order of the page: read back piece
    by piece, it is gibberish. The template marks each such text, and lists the texts in the same order; every
    mark gets its text as ``ActualText`` (ISO 32000-1, 14.9.4), which screen readers take in its place, and
    its language, which the engine does not pass on from a mark.
    The pages' direction is set too: the engine takes all Punjabi for the one written in Arabic letters.
    """
    writer = PdfWriter(clone_from=BytesIO(file))
    writer.pdf_header = "%PDF-1.7"
    marks = list(_marks(writer.root_object["/StructTreeRoot"].get_object()))
    if len(marks) != len(letters):
        raise PdfFailed(f"{len(letters)} texts for {len(marks)} marks")
    for mark, text in zip(marks, letters, strict=True):
        mark[NameObject("/ActualText")] = TextStringObject(text["letters"])
        if text["language"] != language:
            mark[NameObject("/Lang")] = TextStringObject(text["language"])
    preferences = cast(DictionaryObject, writer.root_object["/ViewerPreferences"])
    preferences[NameObject("/Direction")] = NameObject("/R2L" if language in RIGHT_TO_LEFT else "/L2R")
    written = BytesIO()
    writer.write(written)
    return written.getvalue()


def _marks(branch: object) -> Iterator[DictionaryObject]:
    """The ``Em`` elements at or below ``branch`` of the structure tree, in reading order."""
    if isinstance(branch, IndirectObject):
        branch = branch.get_object()
    if isinstance(branch, ArrayObject):
        for item in branch:
            yield from _marks(item)
    elif isinstance(branch, DictionaryObject):
        if str(branch.get("/S")) == "/Em":
            yield branch
        else:
            yield from _marks(branch.get("/K"))


def printable(value: Any) -> Any:
    """Return ``value`` with every text in it reduced to letters that the fonts have, at any depth.

    Letters that no font has become U+FFFD, so that a gap is seen; marks that only steer the layout go.
    """
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value).translate(_letters())
    if isinstance(value, Mapping):
        return {key: printable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [printable(inner) for inner in value]
    return value


def unprintable(text: str) -> str:
    """The letters of ``text`` that a copy would show as a gap, each once, in order."""
    letters = _letters()
    missing = (c for c in unicodedata.normalize("NFC", text) if letters[ord(c)] == STAND_IN)
    return "".join(dict.fromkeys(missing))


def qr_svg(address: str) -> str:
    """Return a QR code of ``address`` as an SVG drawing, without styles, sized by whatever shows it.

    Level M: a code stays readable with up to 15 % of it lost to a fold or a stain. Raises PdfFailed for an
    address that is too long for any code.
    """
    try:
        code = segno.make_qr(address, error="m", boost_error=False)
    except segno.DataOverflowError as error:
        raise PdfFailed(str(error)) from error
    drawing = BytesIO()
    code.save(drawing, kind="svg", xmldecl=False, nl=False, omitsize=True, svgclass=None, lineclass=None)
    return drawing.getvalue().decode("ascii")


class _Letters(dict[int, str]):
    """For ``str.translate``: what becomes of a letter, worked out when it is first met."""

    def __init__(self, known: frozenset[int]) -> None:
        self.known = known

    def __missing__(self, code: int) -> str:
        self[code] = found = self.look_up(code)
        return found

    def look_up(self, code: int) -> str:
        letter = chr(code)
        category = unicodedata.category(letter)
        if letter == "\t":
            return " "
        if letter == "\n" or (code in self.known and category != "Cc"):
            return letter
        return "" if category in ("Cc", "Cf") else STAND_IN


@cache
def _letters() -> _Letters:
    """The letters that the fonts have between them, from the list that was written when they were trimmed."""
    known: set[int] = set()
    for line in (FONTS / "characters.txt").read_text(encoding="ascii").split():
        first, _, last = line.partition("-")
        known.update(range(int(first, 16), int(last or first, 16) + 1))
    return _Letters(frozenset(known))


@cache
def _fonts() -> typst.Fonts:
    """Our fonts alone, read once for the life of the process."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])


def _forget() -> None:
    """Let go of what the engine remembers of the last copy: a long one in Urdu holds 75 MB.

    The engine drops what its last ten runs did not need, so eleven empty runs (10 ms in all) clear it.
    """
    nothing = typst.Compiler(root=TEMPLATES, font_paths=_fonts(), ignore_system_fonts=True)
    for _ in range(11):
        nothing.compile(b" ", format="pdf")
