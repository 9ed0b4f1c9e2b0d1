"""Every voice with its trail, as CSV, XLSX or JSON, in constant memory.

What was held back or still waits is listed without its words. What is in the safeguarding lane is not listed
at all. Text cells can never become formulas in a spreadsheet.
"""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from engage.accounts.models import User
from engage.contributions.models import Contribution, DecisionKind, ModerationDecision, Status
from engage.conversations.models import Conversation
from engage.db import db, only_looking
from engage.priorities import queries as priorities
from engage.themes import queries as themes
from engage.themes.models import ThemeDecision

BATCH = 500
CHUNK = 64 * 1024
LONGEST_CELL = 32_767  # Characters; Excel's own limit.
LISTED = (Status.WAITING, Status.APPROVED, Status.WITHHELD)
IN_THE_LANE = (
    DecisionKind.RAISE_CONCERN,
    DecisionKind.ACKNOWLEDGE_CONCERN,
    DecisionKind.RELEASE_CONCERN,
)
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True)
class Step:
    """One step of a voice's trail."""

    at: str
    what: str
    who: str
    why: str


@dataclass(frozen=True)
class ExportedVoice:
    """A voice as it leaves the house. ``text`` is empty unless it was approved."""

    id: int
    received_at: str
    channel: str
    speaker: str
    district: str
    language: str
    prompt: str
    text: str
    voices: int
    verbatim: bool
    status: str
    themes: list[str]
    candidate_priorities: list[str]
    trail: list[Step]


COLUMNS = tuple(ExportedVoice.__dataclass_fields__)


def exported_voices(conversation: Conversation) -> Iterator[ExportedVoice]:
    """Every voice of a conversation, the first one first, read in batches."""
    last = 0
    while True:
        with only_looking():
            batch = _batch(conversation.id, last)
            db.session.rollback()
        yield from batch
        if len(batch) < BATCH:
            return
        last = batch[-1].id


def _batch(conversation_id: int, after: int) -> list[ExportedVoice]:
    found = db.session.scalars(
        sa.select(Contribution)
        .where(
            Contribution.conversation_id == conversation_id,
            Contribution.id > after,
            Contribution.status.in_(LISTED),
            Contribution.taken_back_at.is_(None),
        )
        .order_by(Contribution.id)
        .limit(BATCH)
    ).all()
    ids = [c.id for c in found]
    trails, named, grouped = _trails(ids), themes.themes_of(ids), priorities.groups_of(ids)
    return [
        _exported(
            c,
            themes=[theme.name for theme in named.get(c.id, [])],
            groups=[place.title for place in grouped.get(c.id, [])],
            trail=trails.get(c.id, []),
        )
        for c in found
    ]


def _exported(c: Contribution, *, themes: list[str], groups: list[str], trail: list[Step]) -> ExportedVoice:
    is_approved = c.status is Status.APPROVED
    return ExportedVoice(
        id=c.id,
        received_at=_at(c.received_at),
        channel=c.channel.value,
        speaker=c.speaker.value,
        district=c.district or "",
        language=c.language or "",
        prompt=(c.prompt or "") if is_approved else "",
        text=c.text if is_approved else "",
        voices=c.voices,
        verbatim=c.is_verbatim,
        status=c.status.value,
        themes=themes if is_approved else [],
        candidate_priorities=groups if is_approved else [],
        trail=[Step(_at(c.received_at), "arrived", "", c.channel.value), *trail],
    )


def _trails(ids: list[int]) -> dict[int, list[Step]]:
    """Moderation first, then themes. What happened in the safeguarding lane stays there."""
    trails: dict[int, list[Step]] = {}
    moderated = db.session.execute(
        sa.select(ModerationDecision, User.name)
        .join(User, User.id == ModerationDecision.made_by_id)
        .where(ModerationDecision.contribution_id.in_(ids), ModerationDecision.kind.not_in(IN_THE_LANE))
        .order_by(ModerationDecision.id)
    )
    for decision, name in moderated:
        step = Step(_at(decision.made_at), decision.kind.value, name, decision.reason or "")
        trails.setdefault(decision.contribution_id, []).append(step)
    themed = db.session.execute(
        sa.select(ThemeDecision, User.name)
        .join(User, User.id == ThemeDecision.decided_by_id)
        .where(ThemeDecision.contribution_id.in_(ids))
        .order_by(ThemeDecision.id)
    )
    for theming, name in themed:
        what = f"themes {', '.join(theming.theme_keys) or 'none fits'}"
        trails.setdefault(theming.contribution_id, []).append(
            Step(_at(theming.decided_at), what, name, theming.reason or "")
        )
    return trails


def _at(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def as_csv(found: Iterable[ExportedVoice]) -> Iterator[bytes]:
    """CSV in UTF-8 with a byte order mark, so that Excel reads it right."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    yield b"\xef\xbb\xbf"
    for one in found:
        writer.writerow([harmless(value) for value in _cells(one)])
        if buffer.tell() > CHUNK:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def as_json(found: Iterable[ExportedVoice]) -> Iterator[bytes]:
    """One JSON array."""
    separator = "[\n"
    for one in found:
        yield (separator + json.dumps(asdict(one), ensure_ascii=False)).encode()
        separator = ",\n"
    yield b"[]\n" if separator == "[\n" else b"\n]\n"


def as_xlsx(found: Iterable[ExportedVoice]) -> Iterator[bytes]:
    """A workbook with one sheet, written to a temporary file first because of how XLSX is built."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Voices")
    sheet.append(list(COLUMNS))
    for one in found:
        sheet.append([_text_cell(sheet, value) if isinstance(value, str) else value for value in _cells(one)])
    with tempfile.TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        yield from iter(lambda: file.read(CHUNK), b"")


FORMATS: dict[str, tuple[str, Callable[[Iterable[ExportedVoice]], Iterator[bytes]]]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", as_xlsx),
    "json": ("application/json", as_json),
}


def _cells(one: ExportedVoice) -> list[str | int | bool]:
    trail = "\n".join(
        " ".join([step.at, step.what, *([f"by {step.who}"] if step.who else [])])
        + (f": {step.why}" if step.why else "")
        for step in one.trail
    )
    values = {name: getattr(one, name) for name in COLUMNS}
    values |= {
        "themes": "; ".join(one.themes),
        "candidate_priorities": "; ".join(one.candidate_priorities),
        "trail": trail,
    }
    return list(values.values())


def harmless(value: Any) -> Any:
    """The value, with an apostrophe before text that a spreadsheet would take for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def _text_cell(sheet: Any, value: str) -> Any:
    cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", value)[:LONGEST_CELL])
    cell.data_type = "s"
    return cell
