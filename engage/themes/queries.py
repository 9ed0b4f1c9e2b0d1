"""Reading themes: what is suggested, what was decided, and what still waits for a person."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from engage.accounts.models import User
from engage.contributions.models import Contribution, Status
from engage.contributions.queries import Cursor
from engage.conversations.models import Conversation
from engage.db import db
from engage.themes.models import ContributionTheme, Theme, ThemeDecision, ThemeSuggestion

PAGE_SIZE = 50
_WORD = re.compile(r"\w+(?:['’]\w+)*")
LOOKED_BACK = 500
"""So many of the last decisions tell how good the suggestions are."""


@dataclass(frozen=True)
class Suggestion:
    """A theme that the software suggests for a voice. ``is_shown`` tells a suggestion from a mere score."""

    theme: Theme
    score: float
    is_likely: bool
    because: Mapping[str, Any]
    is_shown: bool


@dataclass(frozen=True)
class UndecidedVoice:
    """A voice that waits for a person to say what it is about, and what is suggested."""

    contribution: Contribution
    suggested: Sequence[Suggestion]


@dataclass(frozen=True)
class UndecidedPage:
    """One page of the list, and where the next (older) one starts."""

    voices: Sequence[UndecidedVoice]
    older: Cursor | None = None


@dataclass(frozen=True)
class DecidedVoice:
    """A voice with its latest decision, who made it, and the themes that it has now."""

    contribution: Contribution
    decision: ThemeDecision
    by: User
    themes: Sequence[Theme]


@dataclass(frozen=True)
class DecidedPage:
    """One page of the list, newest decision first; ``older`` is the decision before which the next starts."""

    voices: Sequence[DecidedVoice]
    older: int | None = None


@dataclass(frozen=True)
class Agreement:
    """How often people kept what was suggested first, among the last decisions that had a suggestion."""

    kept: int
    of: int


# --- Themes -------------------------------------------------------------------------------------------------


def themes_of_conversation(conversation_id: int) -> Sequence[Theme]:
    """The themes of a conversation's framework, in their order."""
    query = (
        sa.select(Theme)
        .join(Conversation, Conversation.framework_id == Theme.framework_id)
        .where(Conversation.id == conversation_id)
        .order_by(Theme.position)
    )
    return db.session.scalars(query).all()


def themes_of(contribution_ids: Sequence[int]) -> dict[int, list[Theme]]:
    """The present themes of these contributions, in their order; an empty list where there are none.

    One statement. At most 30,000 contributions at a time, which is what a database takes.
    """
    found: dict[int, list[Theme]] = {i: [] for i in contribution_ids}
    query = (
        sa.select(ContributionTheme.contribution_id, Theme)
        .join(Theme, Theme.id == ContributionTheme.theme_id)
        .where(ContributionTheme.contribution_id.in_(contribution_ids))
        .order_by(Theme.position)
    )
    for contribution_id, theme in db.session.execute(query) if contribution_ids else ():
        found[contribution_id].append(theme)
    return found


# --- What is suggested --------------------------------------------------------------------------------------


def suggestions(contribution_ids: Sequence[int]) -> dict[int, list[Suggestion]]:
    """What is suggested for each of these, likeliest first. The likely ones are shown, or else the first."""
    found: dict[int, list[Suggestion]] = {i: [] for i in contribution_ids}
    query = (
        sa.select(ThemeSuggestion, Theme)
        .join(Theme, Theme.id == ThemeSuggestion.theme_id)
        .where(ThemeSuggestion.contribution_id.in_(contribution_ids))
        .order_by(ThemeSuggestion.is_likely.desc(), ThemeSuggestion.score.desc(), Theme.position)
    )
    for row, theme in db.session.execute(query) if contribution_ids else ():
        so_far = found[row.contribution_id]
        shown = row.is_likely or not so_far
        so_far.append(Suggestion(theme, row.score, row.is_likely, row.because, shown))
    return found


def words_that_stand(suggestion: Suggestion, text: str) -> list[str]:
    """The words that weighed most for a suggestion, less any that the text no longer has."""
    present = set(_WORD.findall(_plain(text)))
    present |= {word[:-2] for word in present if word.endswith(("'s", "’s"))}
    words: list[str] = suggestion.because.get("words", [])
    return [word for word in words if set(_WORD.findall(_plain(word))) <= present]


def _plain(text: str) -> str:
    """Lower case without accents, as the suggester reads words."""
    parts = unicodedata.normalize("NFKD", text.lower())
    return "".join(c for c in parts if not unicodedata.combining(c))


def words_of_approved(contribution_ids: Sequence[int]) -> dict[int, str]:
    """The cleared words of those of these voices that are approved now."""
    if not contribution_ids:
        return {}
    query = sa.select(Contribution.id, Contribution.text).where(
        Contribution.id.in_(contribution_ids), Contribution.status == Status.APPROVED
    )
    return dict(db.session.execute(query).all())


# --- What waits ---------------------------------------------------------------------------------------------


def _is_undecided() -> sa.ColumnElement[bool]:
    return ~sa.exists().where(ThemeDecision.contribution_id == Contribution.id)


def undecided_count(conversation_id: int) -> int:
    """How many approved voices wait for a person to say what they are about."""
    query = (
        sa.select(sa.func.count())
        .select_from(Contribution)
        .where(
            Contribution.conversation_id == conversation_id,
            Contribution.status == Status.APPROVED,
            _is_undecided(),
        )
    )
    return db.session.scalar(query) or 0


def undecided(conversation_id: int, *, before: Cursor | None = None, size: int = PAGE_SIZE) -> UndecidedPage:
    """Approved voices without a decision, the newest first, each with what is suggested. Two statements."""
    query = (
        sa.select(Contribution)
        .where(
            Contribution.conversation_id == conversation_id,
            Contribution.status == Status.APPROVED,
            _is_undecided(),
        )
        .order_by(Contribution.received_at.desc(), Contribution.id.desc())
    )
    if before:
        query = query.where(older_than(before))
    found = db.session.scalars(query.limit(size + 1)).all()
    suggested = suggestions([c.id for c in found[:size]])
    voices = [UndecidedVoice(c, suggested[c.id]) for c in found[:size]]
    if len(found) <= size:
        return UndecidedPage(voices)
    last = found[size - 1]
    return UndecidedPage(voices, Cursor(last.received_at, last.id))


def older_than(cursor: Cursor) -> sa.ColumnElement[bool]:
    """Contributions that come after this place in a list ordered newest first."""
    return sa.tuple_(Contribution.received_at, Contribution.id) < sa.tuple_(
        sa.literal(cursor.received_at, Contribution.received_at.type),
        sa.literal(cursor.contribution_id),
    )


def next_undecided(conversation_id: int, after: Contribution | None = None) -> Contribution | None:
    """The newest voice that waits, or the next older than ``after``; then from the newest again."""
    cursor = Cursor(after.received_at, after.id) if after else None
    page = undecided(conversation_id, before=cursor, size=1)
    if not page.voices and after:
        page = undecided(conversation_id, size=1)
    return page.voices[0].contribution if page.voices else None


# --- What was decided ---------------------------------------------------------------------------------------


def decided(
    conversation_id: int,
    *,
    theme: Theme | None = None,
    none_fits: bool = False,
    before: int | None = None,
    size: int = PAGE_SIZE,
) -> DecidedPage:
    """Approved voices with their latest decision, the newest decision first. Two statements.

    ``theme`` narrows to voices that have it, ``none_fits`` to those that none fits.
    """
    later = aliased(ThemeDecision)
    query = (
        sa.select(Contribution, ThemeDecision, User)
        .join(Contribution, Contribution.id == ThemeDecision.contribution_id)
        .join(User, User.id == ThemeDecision.decided_by_id)
        .where(
            Contribution.conversation_id == conversation_id,
            Contribution.status == Status.APPROVED,
            ~sa.exists().where(
                later.contribution_id == ThemeDecision.contribution_id, later.id > ThemeDecision.id
            ),
        )
        .order_by(ThemeDecision.id.desc())
    )
    has = sa.exists().where(ContributionTheme.contribution_id == Contribution.id)
    if theme:
        query = query.where(has.where(ContributionTheme.theme_id == theme.id))
    elif none_fits:
        query = query.where(~has)
    if before:
        query = query.where(ThemeDecision.id < before)
    found = db.session.execute(query.limit(size + 1)).all()
    themes = themes_of([contribution.id for contribution, _, _ in found[:size]])
    voices = [DecidedVoice(c, decision, user, themes[c.id]) for c, decision, user in found[:size]]
    return DecidedPage(voices, found[size - 1][1].id if len(found) > size else None)


def history(contribution_id: int) -> Sequence[tuple[ThemeDecision, User]]:
    """Every decision about a voice's themes with who made it, the first one first."""
    query = (
        sa.select(ThemeDecision, User)
        .join(User, User.id == ThemeDecision.decided_by_id)
        .where(ThemeDecision.contribution_id == contribution_id)
        .order_by(ThemeDecision.id)
    )
    return db.session.execute(query).all()


def agreement(conversation_id: int) -> Agreement:
    """How often the first suggestion was kept, in the last ``LOOKED_BACK`` decisions."""
    query = (
        sa.select(ThemeDecision.theme_keys, ThemeDecision.suggested)
        .join(Contribution, Contribution.id == ThemeDecision.contribution_id)
        .where(Contribution.conversation_id == conversation_id, Contribution.status == Status.APPROVED)
        .order_by(ThemeDecision.id.desc())
        .limit(LOOKED_BACK)
    )
    rows = [(keys, suggested) for keys, suggested in db.session.execute(query) if suggested]
    return Agreement(sum(suggested[0] in keys for keys, suggested in rows), len(rows))
