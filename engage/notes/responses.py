"""Reading the answers in another tool's export: several texts in one row, each with its own question."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from engage.forms import clean_text
from engage.notes import layouts
from engage.notes.columns import ColumnMapping, text_places
from engage.notes.layouts import Layout
from engage.notes.rows import LONGEST_PROMPT, Reading, RowReader
from engage.notes.tables import Row, Table


def reader(
    mapping: ColumnMapping, table: Table, districts: Sequence[str], today: date
) -> RowReader | ResponseReader:
    """What reads the rows of this table by this mapping. Raises ColumnMissing."""
    layout = layouts.recognise(table, districts) if mapping.tool else None
    if layout is None:
        return RowReader(mapping, table.headers, districts, today)
    return ResponseReader(layout, mapping, table.headers, districts, today)


class ResponseReader:
    """Reads the rows of an export that we know. Raises ColumnMissing at the start, nothing later."""

    def __init__(
        self,
        layout: Layout,
        mapping: ColumnMapping,
        headers: Sequence[str],
        districts: Sequence[str],
        today: date,
    ) -> None:
        layout.refuse_personal(mapping)
        self.layout = layout
        self.with_unfinished = mapping.with_unfinished
        self.rows = RowReader(mapping, headers, districts, today, layout.clock.moment)
        self.texts = text_places(mapping, headers)

    def readings(self, row: Row) -> list[Reading]:
        """Each text of one answer; none for a row of headings."""
        if row.number in self.layout.heading_rows:
            return []
        if unfit := self.layout.why_left_out(row, with_unfinished=self.with_unfinished):
            return [Reading(text="", unfit=unfit)]
        whole = self.rows.read(self._with_known_days(row))
        origin = self.layout.origin(row, whole.reference) if whole.reference else None
        found: list[Reading] = []
        seen: Counter[str] = Counter()
        for at in self.texts:
            text = clean_text(row.cells[at])
            if text:
                question = (self.layout.columns[at].question or "")[:LONGEST_PROMPT] or whole.prompt
                part = replace(whole, text=text, prompt=question, origin=origin, repeated=seen[text])
                part.problems = [] if found else whole.problems  # Told once a row.
                found.append(part)
                seen[text] += 1
        return found or [replace(whole, text="", unfit="no_words")]

    def _with_known_days(self, row: Row) -> Row:
        at = self.rows.places.get("date")
        if at is None:
            return row
        return replace(row, cells=(*row.cells[:at], self.layout.day(row.cells[at]), *row.cells[at + 1 :]))
