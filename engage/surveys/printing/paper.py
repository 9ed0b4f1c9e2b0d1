"""A survey on paper: one published version as a copy to print, in one language and one size of print.

Copies of one version ask the same questions with the same numbers in every language, in standard and large
print; Easy Read asks those that have a twin. Words that are missing in its language stand in English and are
marked as such. Each copy has a code of its own at the foot of every page, for joining sheets that came apart
and for keying in, and on a slip to keep. Nothing about a code is stored before answers arrive under it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l

from engage import pdf
from engage.config import Settings
from engage.contributions import codes
from engage.surveys.content import Content, Page
from engage.surveys.printing import paper_questions
from engage.surveys.printing.directions import directions
from engage.surveys.printing.speech import Block, Speech, Words, one_number


class Size(StrEnum):
    """The kinds of copy."""

    STANDARD = "standard"
    LARGE = "large"
    EASY = "easy"


@dataclass(frozen=True)
class Order:
    """What the copies are to be like. ``send_to`` is where people send them, if that is known."""

    language: str = "en"
    size: Size = Size.STANDARD
    send_to: str = ""


@dataclass(frozen=True)
class Print:
    """What is printed: the version's content and number, its last day, and where codes are typed in."""

    content: Content
    number: int
    closes_on: date
    track_address: str


def make(printed: Print, order: Order, council: Settings, made: Sequence[str]) -> bytes:
    """The PDF file with a copy for each code, or one copy without a code where there are none.

    The same arguments give the same bytes. Raises engage.pdf.PdfFailed.
    """
    title = printed.content.title.said(order.language).words
    return pdf.render(
        "form", form(printed, order, council, made), language=order.language, title=title or "–"
    )


def form(printed: Print, order: Order, council: Settings, made: Sequence[str]) -> dict[str, Any]:
    """What ``templates/print/form.typ`` lays out."""
    say = Speech(order.language)
    content = as_printed(printed.content, order.size)
    blocks = [
        {"part": "title", "words": say.text(content.title)},
        *_opening(content, say, easy=order.size is Size.EASY),
        *_questions(content, say, easy=order.size is Size.EASY),
        {"part": "new_sheet"},
        *_closing(printed, order, council, say),
        *([_slip(printed, say)] if made else _without_code(council, say)),
    ]
    title = content.title.said(order.language).words
    return {
        "size": order.size.value,
        "form_name": title,
        "version": say.plain(VERSION, number=printed.number),
        "page_of": say.plain(PAGE_OF),
        "blocks": blocks,
        "codes": [codes.spaced(code) for code in made] or [""],
    }


def as_printed(content: Content, size: Size) -> Content:
    """The survey with the questions that somebody with this kind of copy can be asked."""
    chosen = content.for_easy_read() if size is Size.EASY else content
    kept: set[str] = set()
    pages = []
    for page in chosen.pages:
        asked = []
        for question in page.questions:
            condition = question.shown_if
            holds = [test.question in kept for test in condition.tests] if condition else [True]
            if all(holds) if condition and condition.match == "all" else any(holds):
                kept.add(question.id)
                asked.append(question)
        if asked:
            pages.append(page.model_copy(update={"questions": tuple(asked)}))
    return chosen.model_copy(update={"pages": tuple(pages)})


# --- Before the questions -----------------------------------------------------------------------------------

PAGE_OF, VERSION = _l("Page {page} of {pages}"), _l("Version %(number)s")
WHY, CHANGE, WHO = _l("Why we ask"), _l("What can still change"), _l("Who decides")
DECIDED_ON = _l("The decision is planned for %(day)s.")
READERS = _l(
    "People who work on this conversation read every word. They hide names and anything else that shows who "
    "somebody is before others see it. Then the co-production group reads it: people who draw on care and "
    "support, unpaid carers and staff."
)
RIGHTS = _l("Taking part is up to you and changes nothing about your care.")
LOOKED_AFTER = _l("How we look after what you tell us")
HOW = _l("How to fill in this form")
PEN = _l("Use a pen. Leave out any question that you like.")
MORE_ROOM = _l(
    "If you need more room, write on another sheet, with the number of the question and the code from the "
    "foot of this page."
)
HELPED = _l("Somebody may help you. Please ask them to write down your words as you say them.")
EASY_OPENING = (
    ("helping-hands", _l("You can ask somebody to help you.")),
    ("question", _l("You do not have to answer every question.")),
    ("private", _l("We do not tell other people your name.")),
)
LONGER_FORM = _l("There is a longer form that says why we ask and who decides. You can ask us for it.")


def _opening(content: Content, say: Speech, *, easy: bool) -> Iterator[Block]:
    yield from _paragraphs(say.paragraphs(content.introduction))
    if easy:
        for name, sentence in EASY_OPENING:
            yield paper_questions.beside(name, say.ours(sentence))
        yield _paragraph(say.ours(LONGER_FORM))
        return
    for heading, text in ((WHY, content.reason), (CHANGE, content.still_open), (WHO, content.who_decides)):
        if text:
            yield {"part": "heading", "words": say.ours(heading)}
            yield from _paragraphs(say.paragraphs(text))
    if content.decides_on:
        yield _paragraph(say.ours(DECIDED_ON, day=content.decides_on))
    yield {"part": "heading", "words": say.ours(LOOKED_AFTER)}
    yield from _paragraphs(
        [
            say.ours(RIGHTS),
            say.ours(READERS),
            *say.paragraphs(content.privacy),
            *say.paragraphs(content.considered),
        ]
    )
    yield {"part": "heading", "words": say.ours(HOW)}
    yield {"part": "panel", "words": [say.ours(PEN), say.ours(MORE_ROOM), say.ours(HELPED)]}


# --- The questions ------------------------------------------------------------------------------------------

QUESTIONS = _l("The questions")


def _questions(content: Content, say: Speech, *, easy: bool) -> Iterator[Block]:
    found = directions(content)
    for number, page in enumerate(content.pages):
        if easy:
            yield {"part": "new_page"}
        yield from _page_opening(page, say, first=number == 0)
        for place, question in enumerate(page.questions):
            if easy and place:
                yield {"part": "new_page"}
            yield from paper_questions.question(question, content, found, say, easy=easy)


def _page_opening(page: Page, say: Speech, *, first: bool) -> Iterator[Block]:
    if page.title:
        yield {"part": "heading", "words": say.text(page.title)}
    elif first:
        yield {"part": "heading", "words": say.ours(QUESTIONS)}
    yield from _paragraphs(say.paragraphs(page.explanation))


# --- After the questions ------------------------------------------------------------------------------------

LAST = _l("That was the last question")
THANKS = _l("Thank you. Please send this form back so that it reaches us by %(day)s.")
SEND_TO = _l("Send it to: %(address)s")
GIVE_BACK = _l(
    "Give it to the person who gave it to you, or ring us on %(phone)s (%(hours)s) and we tell you where to "
    "send it. On that number you can also give your answers by telephone. Our e-mail address is %(email)s."
)
RING = _l(
    "Questions? Ring us on %(phone)s (%(hours)s). On that number you can also give your answers by "
    "telephone. Our e-mail address is %(email)s."
)
SLOW = _l("We read everything, but it can take days until we read a form on paper.")
DANGER = _l("Somebody is in danger now: ring %(number)s.")
HURT = _l("Somebody is being hurt, neglected or taken advantage of: ring our care line on %(number)s.")
LISTEN = _l(
    "It is all too much and you want somebody to listen: Samaritans answer day and night on %(number)s."
)
KEEP = _l("Cut this off and keep it")
YOUR_CODE = _l("This is your code. With it you can see what became of your words, or take them back.")
WHERE = _l("Type it in at the address below, or ring us and read it out. Keep it to yourself.")
QR = _l("QR code of the address on this slip")
CUT = _l("Cut here")
NO_CODE = _l(
    "This copy has no code. To be able to see what became of your words, ring us on %(phone)s and ask for a "
    "copy with a code, or give us your answers by telephone."
)


def _closing(printed: Print, order: Order, council: Settings, say: Speech) -> Iterator[Block]:
    ways = {"phone": one_number(council.phone), "hours": council.phone_hours, "email": council.email}
    yield {"part": "heading", "words": say.ours(LAST)}
    yield _paragraph(say.ours(THANKS, day=printed.closes_on))
    if order.send_to:
        yield _paragraph(say.ours(SEND_TO, address=order.send_to))
    yield _paragraph(say.ours(RING if order.send_to else GIVE_BACK, **ways))
    notice = [say.ours(SLOW), say.ours(DANGER, number="999")]
    if council.safeguarding_phone:
        notice.append(say.ours(HURT, number=one_number(council.safeguarding_phone)))
    yield {"part": "panel", "words": [*notice, say.ours(LISTEN, number=one_number("116 123"))]}


def _slip(printed: Print, say: Speech) -> Block:
    """What people keep. The QR code leads to the page where codes are typed: no code stands in an address."""
    return {
        "part": "slip",
        "title": say.ours(KEEP),
        "words": [say.ours(YOUR_CODE), say.ours(WHERE)],
        "code": "",
        "address": printed.track_address,
        "qr": pdf.qr_svg(printed.track_address),
        "qr_alt": say.plain(QR),
        "cut": say.plain(CUT),
    }


def _without_code(council: Settings, say: Speech) -> list[Block]:
    return [_paragraph(say.ours(NO_CODE, phone=one_number(council.phone)))]


def _paragraph(words: Words) -> Block:
    return {"part": "paragraph", "words": words}


def _paragraphs(texts: Sequence[Words]) -> Iterator[Block]:
    return (_paragraph(words) for words in texts)
