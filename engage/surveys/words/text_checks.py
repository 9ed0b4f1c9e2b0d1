"""Who checked the words of a survey in another language, and who tested its Easy Read form."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from engage import i18n
from engage.accounts.models import User
from engage.audit import services as audit
from engage.db import db
from engage.surveys.content import Content
from engage.surveys.models import Survey, TextCheck
from engage.surveys.words.easy_read import fingerprint as easy_fingerprint
from engage.surveys.words.translating import Check, State, is_language, lines

EASY_READ = "easy_read"
"""The key of the test of the Easy Read form, kept under English."""


@dataclass(frozen=True)
class LanguageState:
    """How many texts a survey has, and how far they are in one language. ``name`` is the language's own."""

    code: str
    name: str
    texts: int
    missing: int
    checked: int
    unchecked: int

    @property
    def is_done(self) -> bool:
        return self.texts == self.checked


def checks_of(survey: Survey, language: str) -> dict[str, Check]:
    """Every check of one language by the key of its text, whether it still holds or not."""
    return _checks(survey)[language]


def _checks(survey: Survey) -> Mapping[str, dict[str, Check]]:
    found: dict[str, dict[str, Check]] = defaultdict(dict)
    query = (
        sa.select(TextCheck, User.name)
        .join(User, User.id == TextCheck.recorded_by_id)
        .where(TextCheck.survey_id == survey.id)
    )
    for row, recorded_by in db.session.execute(query):
        found[row.language][row.key] = Check(row.fingerprint, row.checked_by, row.checked_at, recorded_by)
    return found


def state_of_languages(
    survey: Survey, content: Content, languages: Iterable[str] | None = None
) -> list[LanguageState]:
    """How far each language is, in one statement: those that the survey is offered in, unless told."""
    checks = _checks(survey)
    wanted = (code for code in (languages or content.languages) if is_language(code))
    codes = [code for code in wanted if code != i18n.DEFAULT]
    return [_state(content, code, checks[code]) for code in codes]


def _state(content: Content, code: str, checks: Mapping[str, Check]) -> LanguageState:
    found = [line for line in lines(content, code, checks) if line.english]
    counts = Counter(line.state for line in found)
    return LanguageState(
        code,
        i18n.own_name(code),
        len(found),
        counts[State.MISSING],
        counts[State.CHECKED],
        counts[State.UNCHECKED],
    )


def record_checks(
    survey: Survey,
    language: str,
    fingerprints: Mapping[str, str],
    *,
    checked_by: str,
    by: User,
    now: datetime,
) -> None:
    """Keep that ``checked_by`` read these texts, in place of earlier checks of the same texts.

    Call it with the draft held for change, so that two people record one after the other.
    """
    query = sa.select(TextCheck).where(TextCheck.survey_id == survey.id, TextCheck.language == language)
    earlier = {row.key: row for row in db.session.scalars(query)}
    for key, mark in fingerprints.items():
        row = earlier.get(key)
        if row is None:
            row = TextCheck(survey_id=survey.id, language=language, key=key)
            db.session.add(row)
        row.fingerprint, row.checked_by, row.checked_at = mark, checked_by, now
        row.recorded_by_id = by.id
    db.session.flush()
    audit.record(
        "check survey words", "survey", survey.id, by=by, now=now, language=language, texts=len(fingerprints)
    )


# --- Easy Read ----------------------------------------------------------------------------------------------


def last_test(survey: Survey) -> TextCheck | None:
    """The last test of the Easy Read form, whether the words have changed since or not."""
    return db.session.scalar(
        sa.select(TextCheck).where(
            TextCheck.survey_id == survey.id,
            TextCheck.language == i18n.DEFAULT,
            TextCheck.key == EASY_READ,
        )
    )


def easy_read_tested(survey: Survey, content: Content) -> TextCheck | None:
    """The test of the Easy Read form as it is now; None where nobody tested just these words and pictures."""
    found = last_test(survey)
    return found if found and found.fingerprint == easy_fingerprint(content) else None


def record_easy_read_test(
    survey: Survey, content: Content, *, tested_by: str, tested_at: datetime, by: User, now: datetime
) -> None:
    """Keep who tested the Easy Read form as it is now, and on which day."""
    row = last_test(survey)
    if row is None:
        row = TextCheck(survey_id=survey.id, language=i18n.DEFAULT, key=EASY_READ)
        db.session.add(row)
    row.fingerprint, row.checked_by, row.checked_at = easy_fingerprint(content), tested_by, tested_at
    row.recorded_by_id = by.id
    db.session.flush()
    audit.record("record Easy Read test", "survey", survey.id, by=by, now=now)
