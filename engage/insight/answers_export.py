"""A survey's answers as a table: one row a response, with a code book that says what stands in each column.

Empty means not asked; "No answer" means asked and left out. Own words stand in it only where a moderator has
approved them. Contact details, equality monitoring and tracking codes are never in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from heapq import merge
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import gettext as _

from engage.contributions.labels import CHANNELS, SPEAKERS
from engage.contributions.models import Contribution, Receipt, Status
from engage.db import db, only_looking
from engage.insight.code_book import Answers, ExportedColumn
from engage.surveys import routing
from engage.surveys.content import Content
from engage.surveys.models import Response
from engage.surveys.questions import Question, Ranking

BATCH = 500
LONDON = ZoneInfo("Europe/London")
Cell = str | int | float | date | None
"""None stands for an empty cell."""


@dataclass(frozen=True)
class Row:
    """A response as the database has it, with the state and text of its own words by key."""

    response: Any
    words: Mapping[str, tuple[Status, str]]


def exported_rows(answers: Answers, *, codes: bool = False) -> Iterator[list[Cell]]:
    """Every response in the order in which it came, as cells in the order of ``answers.columns``.

    ``codes`` gives the codes of answers instead of their words.
    """
    found = merge(*map(_responses, answers.contents), key=lambda row: row.response.received_at)
    for number, row in enumerate(found, 1):
        content = answers.contents[row.response.version_id]
        said = _cells(content, row)
        yield [
            number,
            *_about(row.response, answers.numbers[row.response.version_id]),
            *(_written(column, said.get(column.key), codes=codes) for column in answers.columns),
            *(_allowed(allowed) for allowed in _permissions(row.response)),
        ]


def _responses(version_id: int) -> Iterator[Row]:
    """The responses to one version, the first one first, read in batches along the index."""
    last: tuple[Any, ...] | None = None
    while True:
        with only_looking():
            batch = _batch(version_id, last)
            db.session.rollback()
        yield from batch
        if len(batch) < BATCH:
            return
        last = (batch[-1].response.received_at, batch[-1].response.id)


def _batch(version_id: int, after: tuple[Any, ...] | None) -> list[Row]:
    query = (
        sa.select(*Response.__table__.c, Receipt.may_publish, Receipt.may_contact, Receipt.wants_to_join)
        .join(Receipt, Receipt.id == Response.receipt_id)
        .where(Response.version_id == version_id)
        .order_by(Response.received_at, Response.id)
        .limit(BATCH)
    )
    if after:
        place = sa.tuple_(sa.literal(after[0], Response.received_at.type), sa.literal(after[1]))
        query = query.where(sa.tuple_(Response.received_at, Response.id) > place)
    responses = db.session.execute(query).all()
    words = _own_words([response.receipt_id for response in responses])
    return [Row(response, words.get(response.receipt_id, {})) for response in responses]


def _own_words(receipt_ids: Sequence[int]) -> dict[int, dict[str, tuple[Status, str]]]:
    c = Contribution
    found: dict[int, dict[str, tuple[Status, str]]] = {}
    rows = db.session.execute(
        sa.select(c.receipt_id, c.answer_key, c.status, c.text).where(
            c.receipt_id.in_(receipt_ids), c.answer_key.is_not(None)
        )
    )
    for receipt_id, key, status, text in rows:
        found.setdefault(receipt_id or 0, {})[key or ""] = (status, text)
    return found


def _about(response: Any, version: int) -> list[Cell]:
    return [
        response.received_at.astimezone(LONDON).date(),
        version,
        str(CHANNELS[response.channel]),
        response.language,
        _("Easy Read") if response.easy_read else _("Usual form"),
        str(SPEAKERS[response.speaker]),
        response.district,
    ]


def _permissions(response: Any) -> tuple[bool | None, ...]:
    return response.may_publish, response.may_contact, response.wants_to_join


def _allowed(allowed: bool | None) -> Cell:
    if allowed is None:
        return None
    return _("Yes") if allowed else _("No")


def _cells(content: Content, row: Row) -> dict[str, Any]:
    """What stands in the columns of the questions that this person was asked.

    A question with an answer was asked, even where its condition looks at answers that are kept apart.
    """
    answers = row.response.answers
    asked = {question.id for question in routing.shown(content, answers)} | answers.keys()
    said: dict[str, Any] = {}
    for question in content.questions:
        if question.id in asked and question.id not in content.equality_ids:
            said |= _of_question(question, answers.get(question.id), row)
    return said


def _of_question(question: Question, answer: Any, row: Row) -> dict[str, Any]:
    left_out = _("No place") if isinstance(question, Ranking) and answer else _("No answer")
    cells = question.cells(answer) if answer is not None else {}
    words = _marked_as_words(question, answer)
    return {
        column.key: _cleared(row.words.get(column.key))
        if column.key in words
        else cells.get(column.key, left_out)
        for column in question.columns()
    }


def _marked_as_words(question: Question, answer: Any) -> set[str]:
    """The columns in which words of this person's own belong, going by what the response keeps."""
    wrote = answer is True or (isinstance(answer, Mapping) and answer.get("other") is True)
    return {column.key for column in question.columns() if column.holds == "words"} if wrote else set()


def _cleared(found: tuple[Status, str] | None) -> str:
    """Words that were approved, or why they are not there. What a lead looks after counts as waiting."""
    if found and found[0] is Status.APPROVED:
        return found[1]
    if found and found[0] is Status.WITHHELD:
        return _("(held back)")
    return _("(not cleared yet)")


def _written(column: ExportedColumn, value: Any, *, codes: bool) -> Cell:
    if value is None:
        return None
    if column.holds == "date" and value != _("No answer"):
        return date.fromisoformat(value)
    if codes or not column.codes:
        return value
    return column.codes.get(str(value), value)
