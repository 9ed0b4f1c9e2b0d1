"""Taking a file of comments into the ledger, in small steps, so that nobody waits and nothing comes twice.

How far an import is stands in its row, written in the same transaction as the voices themselves. A worker
that is killed leaves the row as it was after the last step; the next one goes on from there.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

import sqlalchemy as sa
import structlog
from flask_babel import gettext as _

from engage.accounts.models import User
from engage.audit import services as audit
from engage.contributions import services as contributions
from engage.conversations.models import Conversation
from engage.db import db, utcnow
from engage.notes import queries, reading, responses
from engage.notes.columns import ColumnMapping
from engage.notes.models import CommentImport, ImportFile, ImportState
from engage.notes.reports import FIRST_ROWS, Findings
from engage.notes.responses import ResponseReader
from engage.notes.rows import KeyMaker, Reading, RowReader
from engage.notes.tables import Row, Table, UnreadableFile

BATCH = 1_000
# A run that has not moved for this long was killed, and somebody else may take it up.
STALE = timedelta(minutes=2)
MOST_ATTEMPTS = 5
Progress = Callable[[int, int], None]
# A row and each text in it, with the key by which it is known again.
KnownRow = tuple[Row, list[tuple[Reading, str]]]
log = structlog.get_logger(__name__)


class TakenOver(Exception):
    """Another run has taken this import up, because this one was silent for too long."""


def run(
    import_id: int,
    *,
    progress: Progress | None = None,
    embed: bool = False,
    named: int | None = FIRST_ROWS,
    clock: Callable[[], datetime] = utcnow,
) -> Findings | None:
    """Take the rows in, or go on where an earlier run broke off. None where another run has it in hand.

    Commits after each step. At most ``named`` rows of each kind are named in what is returned.
    """
    since = clock()
    if not _claim(import_id, since):
        return None
    comment_import = db.session.get_one(CommentImport, import_id, populate_existing=True)
    hold = Hold(comment_import, since)
    findings = Findings.read(comment_import.report)
    try:
        ended = _take_in_to_the_end(hold, findings, progress, named, clock)
    except TakenOver:
        db.session.rollback()
        log.warning("an import was taken over by another run", comment_import=import_id)
        return None
    if ended is ImportState.FAILED:
        return findings
    if progress:
        progress(comment_import.rows_done, comment_import.rows_done)
    if embed:
        contributions.embed_missing(comment_import.conversation_id, progress=progress, save=db.session.commit)
        db.session.commit()
    return findings


class Hold:
    """One run's hold on an import. What it writes on the row counts only while no other run has taken it."""

    def __init__(self, comment_import: CommentImport, since: datetime) -> None:
        self.comment_import = comment_import
        self._since = since

    def write(self, now: datetime, **values: object) -> None:
        """Write on the row in the present transaction. Raises TakenOver; the caller rolls back."""
        ours = (CommentImport.state == ImportState.RUNNING) & (CommentImport.updated_at == self._since)
        written = db.session.execute(
            sa.update(CommentImport)
            .where(CommentImport.id == self.comment_import.id, ours)
            .values(updated_at=now, **values)
            .execution_options(synchronize_session=False)
            .returning(CommentImport.id)
        ).scalar()
        if written is None:
            raise TakenOver
        self._since = now
        db.session.refresh(self.comment_import)


def _take_in_to_the_end(
    hold: Hold,
    findings: Findings,
    progress: Progress | None,
    named: int | None,
    clock: Callable[[], datetime],
) -> ImportState:
    """Take in what is left and close the import; say how it ended. Raises TakenOver."""
    try:
        _take_in(hold, findings, progress, named, clock)
    except UnreadableFile as error:
        db.session.rollback()
        _end(hold, findings, ImportState.FAILED, clock(), message=str(error))
        return ImportState.FAILED
    _end(hold, findings, ImportState.DONE, clock())
    return ImportState.DONE


def _claim(import_id: int, now: datetime) -> bool:
    """Take an import in hand, unless another run has it. One statement, so that only one of two gets it."""
    broken_off = (CommentImport.state == ImportState.RUNNING) & (CommentImport.updated_at < now - STALE)
    claimed = db.session.execute(
        sa.update(CommentImport)
        .where(CommentImport.id == import_id, (CommentImport.state == ImportState.QUEUED) | broken_off)
        .values(state=ImportState.RUNNING, updated_at=now)
        .execution_options(synchronize_session=False)
        .returning(CommentImport.id)
    ).scalar()
    if claimed:
        comment_import = db.session.get_one(CommentImport, import_id, populate_existing=True)
        attempts = comment_import.report.get("attempts", 0) + 1
        comment_import.report = comment_import.report | {"attempts": attempts}
        if attempts > MOST_ATTEMPTS:
            words = _(
                "We tried several times and could not go on. Save the file again and send it once more."
            )
            db.session.flush()
            findings = Findings.read(comment_import.report)
            _end(Hold(comment_import, now), findings, ImportState.FAILED, now, message=words)
            return False
    db.session.commit()
    return claimed is not None


def _take_in(
    hold: Hold,
    findings: Findings,
    progress: Progress | None,
    named: int | None,
    clock: Callable[[], datetime],
) -> None:
    """Read on from the row that was reached, and keep voices step by step."""
    comment_import = hold.comment_import
    conversation = db.session.get_one(Conversation, comment_import.conversation_id)
    mapping = ColumnMapping.read(comment_import.mapping)
    file = content(comment_import)
    db.session.commit()  # Nobody waits while the file is opened and read.
    table = reading.open_table(file, sheet=mapping.sheet)
    findings.encoding = table.encoding
    reader = responses.reader(mapping, table, conversation.districts, comment_import.started_at.date())
    rows = _known_rows(table, reader)
    deque(islice(rows, comment_import.rows_done), maxlen=0)  # Reached before; only their keys count.
    for batch in _batches(rows):
        for row, texts in batch:
            for read, _key in texts:
                for kind, value in [read.why_left_out] if read.why_left_out else read.problems:
                    findings.note(kind, row.number, value, named)
        texts = [text for _row, texts in batch for text in texts]
        for start in range(0, len(texts), BATCH):
            _keep(conversation, mapping, comment_import, texts[start : start + BATCH], findings)
        done = comment_import.rows_done + len(batch)
        total = max(comment_import.rows_total, done)
        hold.write(clock(), rows_done=done, rows_total=total, report=findings.as_json())
        db.session.commit()
        if progress:
            progress(comment_import.rows_done, comment_import.rows_total)


def _batches(rows: Iterator[KnownRow]) -> Iterator[list[KnownRow]]:
    """Rows in steps. Where the file breaks off, those before the break come first, then the error."""
    batch: list[KnownRow] = []
    try:
        for row in rows:
            batch.append(row)
            if len(batch) == BATCH:
                yield batch
                batch = []
    except UnreadableFile:
        yield batch
        raise
    if batch:
        yield batch


def _known_rows(table: Table, reader: RowReader | ResponseReader) -> Iterator[KnownRow]:
    """Each row with what it says and the keys by which that is known again, without rows of headings."""
    keys = KeyMaker()
    for row in table.rows():
        if texts := reader.readings(row):
            yield row, [(read, keys.key(read)) for read in texts]


def _keep(
    conversation: Conversation,
    mapping: ColumnMapping,
    comment_import: CommentImport,
    batch: Sequence[tuple[Reading, str]],
    findings: Findings,
) -> None:
    """Add the rows of one step that are not in the ledger yet."""
    wanted = [(read, key) for read, key in batch if not read.why_left_out]
    # Of two imports into one conversation the second waits here, so that both see what is there already.
    db.session.execute(
        sa.select(Conversation.id).where(Conversation.id == conversation.id).with_for_update(key_share=True)
    )
    there = queries.known_keys(conversation.id, [key for _read, key in wanted])
    for read, key in wanted:
        if key in there:
            findings.already_there += 1
            continue
        there.add(key)  # The same answer may stand in the file twice.
        findings.taken += 1
        contributions.receive(
            conversation,
            read.text,
            channel=mapping.channel,
            received_at=read.received_at or comment_import.started_at,
            speaker=read.speaker,
            district=read.district,
            prompt=read.prompt,
            voices=read.voices,
            language=read.language,
            import_key=key,
        )
    db.session.flush()


def _end(
    hold: Hold,
    findings: Findings,
    state: ImportState,
    now: datetime,
    *,
    message: str | None = None,
) -> None:
    """Close an import: its file goes, what became of it stays and is put on record. Raises TakenOver."""
    comment_import = hold.comment_import
    hold.write(
        now,
        state=state,
        message=message,
        report=findings.as_json(),
        rows_total=CommentImport.rows_done,
        finished_at=now,
    )
    forget_file(comment_import)
    db.session.flush()
    audit.record(
        "import comments" if state is ImportState.DONE else "break off import of comments",
        "comment_import",
        comment_import.id,
        by=db.session.get_one(User, comment_import.started_by_id),
        now=now,
        taken=findings.taken,
        already_there=findings.already_there,
        left_out=findings.left_out,
    )
    db.session.commit()


def content(comment_import: CommentImport) -> bytes:
    """The file that waits to be taken in. Raises UnreadableFile where it is gone."""
    found = queries.import_content(comment_import)
    if found is None:
        raise UnreadableFile(_("This file is no longer here. Please send it again."))
    return found


def forget_file(comment_import: CommentImport) -> None:
    """Delete the file of an import."""
    db.session.execute(sa.delete(ImportFile).where(ImportFile.comment_import_id == comment_import.id))
