"""Questions on paper: how each kind is laid out for a pen."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _l

from engage import paths
from engage.surveys.conditions import Condition, Test
from engage.surveys.content import Content
from engage.surveys.printing.directions import END, Directions
from engage.surveys.printing.speech import Block, Speech, Words
from engage.surveys.questions import (
    OTHER,
    USES,
    Agreement,
    Choice,
    Choosing,
    Contact,
    Date,
    FreeText,
    Number,
    OneOf,
    Permission,
    Postcode,
    Question,
    Ranking,
    SeveralChoices,
    ShortText,
)
from engage.surveys.words.pictures import PICTURES

FREE_LINES, SHORT_LINES, ADDRESS_LINES = 8, 2, 3
MOST_DIGITS = 6

TICK_ONE, TICK_ALL = _l("Tick one box."), _l("Tick all that apply.")
TICK_EACH = _l("Tick one box for each sentence.")
TICK_ALLOWED = _l("Tick what you allow. What you do not tick is not allowed.")
RANK = _l(
    "Write 1 in the box of the most important one, 2 in the next one, and so on. You can leave some empty."
)
KNOW = _l("What you need to know to answer")
LINES, BOXES = _l("Lines to write on"), _l("Boxes to write in")
WHAT_ELSE = _l("If it is something else, write here what it is")
GO_TO, GO_TO_END = _l("Go to question %(number)s"), _l("Go to the end of the questions")
ONLY_IF = _l("Only if %(what)s.")
CHOSE = _l("you chose “%(answer)s” in question %(number)s")
ANSWERED = _l("you answered question %(number)s")
AND, OR = _l("and"), _l("or")
ONLY_IF_CHOSEN = _l("Only if you chose “%(answer)s” in question %(number)s.")
ONLY_IF_ANSWERED = _l("Only if you answered question %(number)s.")
DAY, MONTH, YEAR = _l("Day"), _l("Month"), _l("Year")
AREA, SECOND_HALF = _l("First half, like NG22"), _l("Second half")
FIRST_HALF = _l("First half")
NO_STREET = _l("Only the first half, like NG22. We do not need to know your street.")
IN_FIGURES = _l("In figures")
CONTACT_LINES = (
    (_l("Your name, or how we should call you"), 1),
    (_l("E-mail address"), 1),
    (_l("Telephone number"), 1),
    (_l("Address for letters"), ADDRESS_LINES),
)
WHAT_FOR = _l("What may we use it for?")
USE_LABELS = {
    "ask_more": _l("To ask me more about what I said"),
    "tell_result": _l("To tell me what came of it"),
    "invite": _l("To invite me to take part again"),
}


def question(asked: Question, content: Content, found: Directions, say: Speech, *, easy: bool) -> list[Block]:
    """One question, or a statement, with all that is needed to answer it."""
    said: list[Words] = []
    if asked.id in found.sentences and asked.shown_if:
        said.append(_only_if(asked.shown_if, content, found, say))
    said += say.paragraphs(asked.help)
    hint, answer = _answer(asked, found, say, easy=easy)
    said += [hint] if hint else []
    inner: list[Block] = []
    if asked.panel:
        inner.append({"part": "panel", "words": [say.ours(KNOW), *say.paragraphs(asked.panel)]})
    hints = [] if asked.panel else said[:1]
    inner += [{"part": "paragraph", "words": words} for words in said[len(hints) :]]
    inner += answer
    if asked.id in found.after:
        inner.append({"part": "go_to", **_go_to(found.after[asked.id], say)})
    block: Block = {"part": "question", "words": say.text(asked.text), "blocks": inner}
    if hints:
        block["hint"] = hints[0]
    if asked.id in found.numbers:
        block["number"] = found.numbers[asked.id]
    if easy and asked.easy and asked.easy.picture in PICTURES:
        block["picture"] = {"svg": drawing(asked.easy.picture), "alt": ""}
    return [block]


def beside(picture: str, words: Words) -> Block:
    """A sentence with a picture at its side, or alone where there is no such picture."""
    if picture not in PICTURES:
        return {"part": "paragraph", "words": words}
    return {"part": "picture", "svg": drawing(picture), "alt": "", "words": [words]}


@cache
def drawing(name: str) -> str:
    """A picture of the set as SVG."""
    return (paths.STATIC / PICTURES[name].path).read_text(encoding="utf-8")


# --- Conditions ---------------------------------------------------------------------------------------------


def _only_if(condition: Condition, content: Content, found: Directions, say: Speech) -> Words:
    """A condition as a sentence. Tests of questions that this kind of copy does not ask never hold."""
    tests = [test for test in condition.tests if test.question in found.numbers]
    if len(tests) == 1:
        values = _values(tests[0], content, found, say)
        return say.ours(ONLY_IF_CHOSEN if "answer" in values else ONLY_IF_ANSWERED, **values)
    parts = []
    for test in tests:
        values = _values(test, content, found, say)
        parts.append(say.plain(CHOSE if "answer" in values else ANSWERED, **values))
    joined = f" {say.plain(AND if condition.match == 'all' else OR)} ".join(parts)
    return say.ours(ONLY_IF, what=joined)


def _values(test: Test, content: Content, found: Directions, say: Speech) -> dict[str, str]:
    asked = content.by_id[test.question]
    number = {"number": found.numbers[test.question]}
    if test.is_ == "answered" or not isinstance(asked, Choosing):
        return number
    return {**number, "answer": asked.label(test.value, say.language)}


def _go_to(number: str, say: Speech) -> dict[str, Any]:
    if number == END:
        return {"words": say.ours(GO_TO_END), "question": "end"}
    return {"words": say.ours(GO_TO, number=number), "question": number}


# --- Answers ------------------------------------------------------------------------------------------------

Laid = tuple[Words | None, list[Block]]
"""What to do, in a sentence, and where to do it."""


def _answer(asked: Question, found: Directions, say: Speech, *, easy: bool) -> Laid:
    for kind, lay in _KINDS:
        if isinstance(asked, kind):
            return lay(asked, found, say, easy)
    return None, []


def _lines(count: int, say: Speech) -> Block:
    return {"part": "lines", "count": count, "alt": say.plain(LINES)}


def _cells(say: Speech, *groups: tuple[Words, int]) -> Block:
    each = [{"label": label, "count": count} for label, count in groups]
    return {"part": "cells", "groups": each, "alt": say.plain(BOXES)}


def _writing(asked: Question, _found: Directions, say: Speech, _easy: bool) -> Laid:
    return None, [_lines(SHORT_LINES if isinstance(asked, ShortText) else FREE_LINES, say)]


def _one_of(asked: OneOf, found: Directions, say: Speech, easy: bool) -> Laid:
    leads = found.at_choice.get(asked.id, {})
    return say.ours(TICK_ONE), [_choices(asked, say, leads, easy=easy)]


def _several(asked: SeveralChoices, _found: Directions, say: Speech, easy: bool) -> Laid:
    hint = TICK_ALLOWED if isinstance(asked, Permission) else TICK_ALL
    return say.ours(hint), [_choices(asked, say, {}, easy=easy)]


def _choices(asked: Choosing, say: Speech, leads: dict[str, str], *, easy: bool) -> Block:
    listed = []
    for choice in asked.all_choices():
        item = _choice(choice, say, easy=easy)
        if choice.value in leads:
            item["go_to"] = _go_to(leads[choice.value], say)
        if choice.value == OTHER and asked.other:
            item["write"] = say.plain(WHAT_ELSE)
        listed.append(item)
    return {"part": "choices", "choices": listed}


def _choice(choice: Choice, say: Speech, *, easy: bool) -> dict[str, Any]:
    item: dict[str, Any] = {"label": say.text(choice.label)}
    if easy and choice.picture in PICTURES:
        item["svg"] = drawing(choice.picture)
    return item


def _agreement(asked: Agreement, _found: Directions, say: Speech, easy: bool) -> Laid:
    listed = [_choice(choice, say, easy=easy) for choice in asked.all_choices()]
    rows = [say.text(row.text) for row in asked.rows]
    return say.ours(TICK_EACH), [{"part": "scale", "rows": rows, "choices": listed}]


def _ranking(asked: Ranking, _found: Directions, say: Speech, easy: bool) -> Laid:
    return say.ours(RANK), [_choices(asked, say, {}, easy=easy)]


def _number(asked: Number, _found: Directions, say: Speech, _easy: bool) -> Laid:
    label = say.text(asked.unit) if asked.unit else say.ours(IN_FIGURES)
    if not asked.whole or (asked.lowest is not None and asked.lowest < 0):
        return label, [_lines(1, say)]
    digits = len(str(asked.highest)) if asked.highest is not None else MOST_DIGITS
    return None, [_cells(say, (label, digits))]


def _date(_asked: Question, _found: Directions, say: Speech, _easy: bool) -> Laid:
    return None, [_cells(say, (say.ours(DAY), 2), (say.ours(MONTH), 2), (say.ours(YEAR), 4))]


def _postcode(asked: Postcode, _found: Directions, say: Speech, _easy: bool) -> Laid:
    if asked.full:
        return None, [_cells(say, (say.ours(FIRST_HALF), 4), (say.ours(SECOND_HALF), 3))]
    return say.ours(NO_STREET), [_cells(say, (say.ours(AREA), 4))]


def _contact(_asked: Question, _found: Directions, say: Speech, _easy: bool) -> Laid:
    blocks: list[Block] = []
    for label, count in CONTACT_LINES:
        blocks.append({"part": "paragraph", "words": say.ours(label)})
        blocks.append(_lines(count, say))
    blocks.append({"part": "paragraph", "words": say.ours(WHAT_FOR)})
    uses = [{"label": say.ours(USE_LABELS[use])} for use in USES]
    return None, [*blocks, {"part": "choices", "choices": uses}]


Lay = Callable[[Any, Directions, Speech, bool], Laid]
_KINDS: tuple[tuple[type[Question], Lay], ...] = (
    (OneOf, _one_of),
    (SeveralChoices, _several),
    (Agreement, _agreement),
    (Ranking, _ranking),
    (FreeText, _writing),
    (ShortText, _writing),
    (Number, _number),
    (Date, _date),
    (Postcode, _postcode),
    (Contact, _contact),
)
