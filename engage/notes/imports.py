"""Files of comments, from sending them in to the work in the background. ``taking.py`` takes them in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from engage.accounts.models import User
from engage.audit import services as audit
from engage.conversations.models import Conversation
from engage.db import db, only_looking, utcnow
from engage.forms import clean_line
from engage.notes import columns, layouts, reading, taking
from engage.notes.answers import Kind
from engage.notes.columns import ColumnMapping, ColumnMissing
from engage.notes.layouts import Layout
from engage.notes.models import CommentImport, ImportFile, ImportState
from engage.notes.reports import ImportReport, report
from engage.notes.tables import Row, Table, UnreadableFile
from engage.tasks import every_minute, task

__all__ = ["ImportReport", "UnreadableFile", "import_file", "run_import"]

# A file that is never taken in holds people's words to no purpose.
KEPT_UNUSED = timedelta(days=7)


class AlreadyStarted(Exception):
    """The import was started before, by a second click or a colleague."""


@dataclass(frozen=True)
class Preview:
    """A file before it is taken in: the table with its first rows, and a likely mapping.

    ``layout`` is that of another tool's export, if it is one; ``first`` are the first rows that hold answers.
    """

    table: Table
    guess: dict[str, Any]
    first: tuple[Row, ...]
    layout: Layout | None = None


# --- Before it starts ---------------------------------------------------------------------------------------


def upload(
    conversation: Conversation, file_name: str, content: bytes, *, by: User, now: datetime
) -> CommentImport:
    """Keep a file until it is taken in. Raises UnreadableFile where it is no table."""
    layouts.recognise(reading.open_table(content))
    return _keep_file(conversation, file_name, content, by=by, now=now)


def _keep_file(
    conversation: Conversation, file_name: str, content: bytes, *, by: User, now: datetime
) -> CommentImport:
    made = CommentImport(
        conversation_id=conversation.id,
        file_name=clean_line(file_name.replace("\\", "/").rsplit("/", 1)[-1])[-255:] or _("a file"),
        state=ImportState.UPLOADED,
        started_by_id=by.id,
        started_at=now,
        updated_at=now,
    )
    db.session.add(made)
    db.session.flush()
    db.session.add(ImportFile(comment_import_id=made.id, content=content))
    db.session.flush()
    audit.record(
        "upload file of comments", "comment_import", made.id, by=by, now=now, file_name=made.file_name
    )
    return made


def preview(comment_import: CommentImport, sheet: str | None = None) -> Preview:
    """Look into a file that waits to be taken in. Raises UnreadableFile.

    Call it with nothing changed: it ends the transaction, so that nobody waits while the file is read.
    """
    db.session.rollback()
    with only_looking():
        districts = db.session.get_one(Conversation, comment_import.conversation_id).districts
        content = taking.content(comment_import)
        db.session.rollback()
    table = reading.open_table(content, sheet=sheet)
    layout = layouts.recognise(table, districts)
    if layout is None:
        return Preview(table, columns.guess(table.headers, table.first), table.first)
    return Preview(table, layout.proposal(), layout.first, layout)


def map_columns(
    comment_import: CommentImport, mapping: ColumnMapping, table: Table, *, by: User, now: datetime
) -> None:
    """Say which column of the table holds what, and put the import in the queue.

    Raises ColumnMissing, or AlreadyStarted.
    """
    columns.places(mapping, table.headers)
    columns.text_places(mapping, table.headers)
    if layout := layouts.recognise(table):
        layout.refuse_personal(mapping)
    db.session.refresh(comment_import, with_for_update=True)
    if comment_import.state is not ImportState.UPLOADED:
        raise AlreadyStarted
    comment_import.mapping = mapping.as_json()
    comment_import.rows_total = table.about_rows
    comment_import.state = ImportState.QUEUED
    comment_import.updated_at = now
    db.session.flush()
    # A file without headings has people's words in their place, so that only what was chosen is named.
    audit.record(
        "choose columns of comments",
        "comment_import",
        comment_import.id,
        by=by,
        now=now,
        columns=sorted(mapping.columns()),
        channel=mapping.channel,
    )


def discard(comment_import: CommentImport, *, by: User | None, now: datetime) -> None:
    """Throw away a file that was not taken in; without ``by``, its time is over. Raises AlreadyStarted."""
    db.session.refresh(comment_import, with_for_update=True)
    if comment_import.state is not ImportState.UPLOADED:
        raise AlreadyStarted
    import_id, file_name = comment_import.id, comment_import.file_name
    taking.forget_file(comment_import)
    db.session.delete(comment_import)
    db.session.flush()
    audit.record(
        "throw away file of comments",
        "comment_import",
        import_id,
        by=by,
        now=now,
        on_behalf="the time limit for unused files",
        file_name=file_name,
    )


# --- Taking in ----------------------------------------------------------------------------------------------


def import_file(
    conversation: Conversation,
    file_name: str,
    content: bytes,
    mapping: Mapping[str, Any],
    *,
    by: User,
    now: datetime,
    progress: taking.Progress | None = None,
    embed: bool = False,
) -> ImportReport:
    """Take a file in, here and now, committing as it goes. For the command line.

    ``mapping`` has the names of ColumnMapping; in an export of a tool that we know it adds to what the layout
    proposes. ``progress`` is called with (done, total) after each step.
    Raises UnreadableFile, with nothing taken in unless the file breaks off in its middle.
    """
    districts = conversation.districts
    db.session.commit()  # Nobody waits while the file is looked into.
    table = reading.open_table(content, sheet=mapping.get("sheet"))
    layout = layouts.recognise(table, districts)
    chosen = _completed(mapping, table, layout)
    columns.places(chosen, table.headers)
    made = _keep_file(conversation, file_name, content, by=by, now=now)
    map_columns(made, chosen, table, by=by, now=now)
    db.session.commit()
    findings = taking.run(made.id, progress=progress, embed=embed, named=None)
    if findings is None or made.state is ImportState.FAILED:
        raise UnreadableFile(made.message or _("Somebody else is taking this file in already."))
    return report(
        made.id,
        made.rows_done,
        findings,
        tool=layout.name if layout else None,
        never_taken=tuple(column.heading for column in layout.of(Kind.PERSONAL)) if layout else (),
    )


def _completed(mapping: Mapping[str, Any], table: Table, layout: Layout | None) -> ColumnMapping:
    """What was asked for, with what another tool's layout proposes for the rest. Raises ColumnMissing."""
    if layout is None:
        if not mapping.get("text_column"):
            raise ColumnMissing(
                _(
                    "Say which column holds what people said. This file has: %(headings)s.",
                    headings=", ".join(table.headers[:40]),
                )
            )
        return ColumnMapping.read(mapping)
    proposal = layout.proposal()
    if text := mapping.get("text_column"):
        proposal = {what: heading for what, heading in proposal.items() if heading != text}
        proposal["text_columns"] = (text,)
    chosen = ColumnMapping.read(proposal | dict(mapping))
    layout.refuse_personal(chosen)
    return chosen


# --- In the background --------------------------------------------------------------------------------------


@task
def run_import(import_id: int) -> None:
    """Take one file in. Vectors for its voices are made later, together with everybody's."""
    taking.run(import_id)


@every_minute
def sweep_imports() -> None:
    """Take up imports that no worker is doing, and forget files that nobody took in."""
    now = utcnow()
    waiting = (CommentImport.state == ImportState.QUEUED) | (
        (CommentImport.state == ImportState.RUNNING) & (CommentImport.updated_at < now - taking.STALE)
    )
    for import_id in db.session.scalars(sa.select(CommentImport.id).where(waiting)).all():
        run_import.enqueue(import_id)
    unused = sa.select(CommentImport).where(
        CommentImport.state == ImportState.UPLOADED, CommentImport.updated_at < now - KEPT_UNUSED
    )
    for comment_import in db.session.scalars(unused).all():
        try:
            discard(comment_import, by=None, now=now)
        except AlreadyStarted:
            db.session.rollback()
        db.session.commit()
