"""What one row says: its cells as words, people, places and days."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache

from babel import Locale

from engage.contributions.labels import SPEAKERS
from engage.contributions.models import Speaker
from engage.forms import LONGEST_LINE, LONGEST_TEXT, clean_line, clean_text
from engage.notes.columns import ColumnMapping, places
from engage.notes.models import MOST_PEOPLE
from engage.notes.moments import moment
from engage.notes.tables import Row

LONGEST_PROMPT = 2_000

# Tried in this order: "paid carer" is in "unpaid carer", and a "family carer" is a carer.
_NOT_SAID = re.compile(
    r"(i |we |prefers? |would |rather |did |do )*not (to )?(say|said|stated|known|given|answer(ed)?)"
    r"|unknown|anonymous|n/?a|none|other|-"
)
_SPEAKERS: tuple[tuple[Speaker, str], ...] = (
    (
        Speaker.STAFF,
        r"staff|(?<!un)paid carer|care ?worker|support worker|social worker|employee|work(s|ing)? (in|for)"
        r"|practitioner|professional|nurse|occupational therapist",
    ),
    (
        Speaker.PROVIDER,
        r"providers?|care home (owner|manager)|agency|compan(y|ies)|organi[sz]ations?|charity",
    ),
    (Speaker.UNPAID_CARER, r"carers?|care for|looks? after|caring"),
    (
        Speaker.FAMILY_OR_FRIEND,
        r"family|friends?|relatives?|neighbours?|(grand)?(son|daughter|mother|father|parent|child)"
        r"|wife|husband|partner|sister|brother",
    ),
    (
        Speaker.DRAWS_ON_CARE,
        r"draws? on|service users?|users?|patients?|clients?|customers?|residents?|tenants?"
        r"|(uses?|has|have|receiv\w+|gets?|need\w*) (care|support|services)|person with|disabled|self|myself",
    ),
)


@dataclass(slots=True)
class Reading:
    """What a row says. ``problems`` are pairs of what could not be read and what stood there."""

    text: str
    prompt: str | None = None
    speaker: Speaker = Speaker.NOT_SAID
    district: str | None = None
    received_at: datetime | None = None
    voices: int = 1
    reference: str = ""
    language: str | None = None
    # What stands in the cells that say who, where, when, for how many and in which language.
    about: tuple[str, ...] = ()
    problems: list[tuple[str, str]] = field(default_factory=list)
    # In an answer to another tool's survey: what tells it from all others, why it does not count, and how
    # many texts of the same words stood before this one in it.
    origin: str | None = None
    unfit: str | None = None
    repeated: int = 0

    @property
    def why_left_out(self) -> tuple[str, str] | None:
        """Why the row cannot be taken in, as a pair like those of ``problems``; None where it can."""
        if self.unfit or not self.text:
            return self.unfit or "no_words", ""
        if len(self.text) > LONGEST_TEXT:
            return "too_long", f"{len(self.text):,}"
        return None


class RowReader:
    """Reads the rows of one file by one mapping. Raises ColumnMissing at the start, nothing later."""

    def __init__(
        self,
        mapping: ColumnMapping,
        headers: Sequence[str],
        districts: Sequence[str],
        today: date,
        read_moment: Callable[[str, date], datetime | None] = moment,
    ) -> None:
        self.places = places(mapping, headers)
        self.prompt = clean_line(mapping.prompt) or None
        self.districts = {clean_line(name).casefold(): name for name in districts}
        self.today = today
        self.read_moment = read_moment

    def readings(self, row: Row) -> list[Reading]:
        """What the row says, as one text."""
        return [self.read(row)]

    def read(self, row: Row) -> Reading:
        """What the row says. A cell that cannot be read is put on the list of problems and left empty."""
        cell = {what: clean_text(row.cells[place]) for what, place in self.places.items()}
        reading = Reading(
            text=cell["text"],
            prompt=self.prompt,
            reference=cell.get("reference", ""),
            about=tuple(clean_line(cell.get(what)) for what in self._READ),
        )
        if row.extra:
            reading.problems.append(("extra_cells", str(row.extra)))
        if cell.get("prompt"):
            reading.prompt = cell["prompt"][:LONGEST_PROMPT]
        for what, value in cell.items():
            read = self._READ.get(what)
            if read and value and not read(self, reading, value):
                reading.problems.append((what, clean_line(value)[:LONGEST_LINE]))
        return reading

    def _speaker(self, reading: Reading, value: str) -> bool:
        found = speaker(clean_line(value).casefold()[:LONGEST_LINE])
        reading.speaker = found or Speaker.NOT_SAID
        return found is not None

    def _district(self, reading: Reading, value: str) -> bool:
        plain = clean_line(value).casefold().removesuffix(" district").replace(" & ", " and ")
        reading.district = self.districts.get(plain)
        return reading.district is not None

    def _date(self, reading: Reading, value: str) -> bool:
        reading.received_at = self.read_moment(clean_line(value), self.today)
        return reading.received_at is not None

    def _voices(self, reading: Reading, value: str) -> bool:
        if not re.fullmatch(r"[0-9]{1,6}(\.0+)?", value) or not 1 <= float(value) <= MOST_PEOPLE:
            return False
        reading.voices = int(float(value))
        return True

    def _language(self, reading: Reading, value: str) -> bool:
        reading.language = language(clean_line(value).casefold())
        return reading.language is not None

    _READ = {
        "speaker": _speaker,
        "district": _district,
        "date": _date,
        "voices": _voices,
        "language": _language,
    }


@cache
def _speaker_names() -> dict[str, Speaker]:
    values = {s.value: s for s in Speaker} | {s.value.replace("_", " "): s for s in Speaker}
    return values | {str(label).casefold(): s for s, label in SPEAKERS.items()}


def speaker(value: str) -> Speaker | None:
    """Who speaks, from one of our own names or from words such as "family carer"; None where unclear."""
    exact = _speaker_names().get(value) or (Speaker.NOT_SAID if _NOT_SAID.fullmatch(value) else None)
    if exact:
        return exact
    return next((who for who, words in _SPEAKERS if re.search(rf"\b(?:{words})\b", value)), None)


@cache
def _language_codes() -> dict[str, str]:
    english = {name.casefold(): code for code, name in Locale("en").languages.items()}
    own = {name.casefold(): code for code in ("pl", "ro", "ur", "pa", "ar") for name in [_own_name(code)]}
    return english | own


def _own_name(code: str) -> str:
    return Locale(code).get_display_name(code) or code


def language(value: str) -> str | None:
    """A language code such as ``pl`` or ``en-GB``, from a code or an English name of the language."""
    value = re.sub(r"\s*\(.*\)|[\u200e\u200f]", "", value)  # "English (United Kingdom)"
    match = re.fullmatch(r"([a-z]{2,3})(?:[-_]([a-z]{2}))?(?:[-_][a-z-]+)?", value)
    if match and match[1] in Locale("en").languages:
        return f"{match[1]}-{match[2].upper()}" if match[2] else match[1]
    code = _language_codes().get(value)
    return code.replace("_", "-") if code and len(code) <= 12 else None


class KeyMaker:
    """Keys by which a row is known again when its file comes a second time.

    Everything that a row says is in its key, so that somebody else's same words in another file count. The
    cells count as they stand, not as we read them: what we understand of them may change, the file does not.
    Two people who said the same in one file both count: the second such row gets the running number 2.
    """

    def __init__(self) -> None:
        self._seen: Counter[bytes] = Counter()

    def key(self, reading: Reading) -> str:
        """64 characters: SHA-256 of all that the row says and the running number of identical ones.

        For an answer to another tool's survey the number that it has there takes the place of all that we may
        map otherwise next time, and the first 32 characters are the same for all texts of one answer.
        """
        if reading.origin:
            answer = hashlib.sha256(reading.origin.encode()).hexdigest()
            part = hashlib.sha256(f"{reading.text}\x00{reading.repeated}".encode()).hexdigest()
            return answer[:32] + part[:32]
        same = "\x00".join((reading.reference, reading.text, reading.prompt or "", *reading.about)).encode()
        seen = hashlib.sha256(same).digest()
        self._seen[seen] += 1
        return hashlib.sha256(b"%s\x00%d" % (same, self._seen[seen])).hexdigest()
