"""The sets of themes: Making It Real, which comes with the product, and a council's own."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from engage.accounts.models import User
from engage.audit import services as audit
from engage.contributions.models import Contribution
from engage.conversations import frameworks as conversation_frameworks
from engage.conversations.models import Conversation
from engage.db import db
from engage.themes.models import ContributionTheme, Theme, ThemeDecision, ThemeFramework, ThemeSuggestion

MOST_THEMES = 12
MOST_PHRASES = 60


class NameTaken(Exception):
    """There is a framework, or a theme in this framework, of that name already."""


class ThemeInUse(Exception):
    """A theme that voices have, or had by an earlier decision, stays."""


class TooManyThemes(Exception):
    """More themes than anybody could hold in mind, or tell apart by their marks."""


@dataclass(frozen=True)
class ThemeWords:
    """What a theme is called, what it means, and what people might say about it."""

    name: str
    description: str
    seed_phrases: tuple[str, ...] = ()


# --- Reading ------------------------------------------------------------------------------------------------


def framework_choices() -> Sequence[tuple[int, str]]:
    """(id, name) of every framework, for the form that starts a conversation."""
    query = sa.select(ThemeFramework.id, ThemeFramework.name).order_by(ThemeFramework.id)
    return db.session.execute(query).all()


def frameworks() -> Sequence[ThemeFramework]:
    """Every framework with its themes, the first one first. Two statements, however many there are."""
    query = sa.select(ThemeFramework).options(selectinload(ThemeFramework.themes)).order_by(ThemeFramework.id)
    return db.session.scalars(query).all()


def framework(framework_id: int) -> ThemeFramework | None:
    return db.session.get(ThemeFramework, framework_id)


def theme(theme_id: int) -> Theme | None:
    return db.session.get(Theme, theme_id)


def is_in_use(theme: Theme) -> bool:
    """Whether a voice has this theme, or had it by an earlier decision."""
    has = sa.select(ContributionTheme).where(ContributionTheme.theme_id == theme.id)
    had = (
        sa.select(ThemeDecision.id)
        .join(Contribution, Contribution.id == ThemeDecision.contribution_id)
        .join(Conversation, Conversation.id == Contribution.conversation_id)
        .where(
            Conversation.framework_id == theme.framework_id,
            sa.cast(ThemeDecision.theme_keys, sa.Text).contains(f'"{theme.key}"', autoescape=True),
        )
    )
    return bool(db.session.scalar(sa.select(sa.or_(has.exists(), had.exists()))))


# --- Changing -----------------------------------------------------------------------------------------------


@cache
def _shipped() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        files("engage.analysis").joinpath("making_it_real.json").read_text(encoding="utf-8")
    )
    return found


def making_it_real(now: datetime) -> ThemeFramework:
    """The framework that comes with the product, made at the first call."""
    shipped = _shipped()
    found = db.session.scalar(sa.select(ThemeFramework).where(ThemeFramework.name == shipped["name"]))
    if found:
        return found
    made = ThemeFramework(name=shipped["name"])
    made.themes = [
        Theme(
            key=theme["key"],
            name=theme["name"],
            description=theme["description"],
            seed_phrases=list(theme["seed_phrases"]),
            position=position,
        )
        for position, theme in enumerate(shipped["themes"], 1)
    ]
    db.session.add(made)
    db.session.flush()
    audit.record(
        "define themes", "theme framework", made.id, by=None, now=now, on_behalf="the set-up", name=made.name
    )
    return made


def define_framework(
    name: str, *, copy_of: ThemeFramework | None = None, by: User, now: datetime
) -> ThemeFramework:
    """Start a framework, empty or with another one's themes. Raises NameTaken."""
    if db.session.scalar(sa.select(ThemeFramework.id).where(ThemeFramework.name == name)):
        raise NameTaken(name)
    made = ThemeFramework(name=name)
    made.themes = [
        Theme(
            key=theme.key,
            name=theme.name,
            description=theme.description,
            seed_phrases=list(theme.seed_phrases),
            position=theme.position,
        )
        for theme in (copy_of.themes if copy_of else [])
    ]
    db.session.add(made)
    db.session.flush()
    audit.record("define themes", "theme framework", made.id, by=by, now=now, name=name)
    return made


def add_theme(framework: ThemeFramework, words: ThemeWords, *, by: User, now: datetime) -> Theme:
    """Add a theme at the end. Raises NameTaken or TooManyThemes."""
    if len(framework.themes) >= MOST_THEMES:
        raise TooManyThemes
    _refuse_taken(framework, words.name, but=None)
    keys = {theme.key for theme in framework.themes}
    made = Theme(
        key=_free_key(words.name, keys),
        name=words.name,
        description=words.description,
        seed_phrases=list(words.seed_phrases),
        position=max((theme.position for theme in framework.themes), default=0) + 1,
    )
    framework.themes.append(made)
    db.session.flush()
    _forget_suggestions(framework.id)
    audit.record("add theme", "theme", made.id, by=by, now=now, name=made.name)
    return made


def change_theme(theme: Theme, words: ThemeWords, *, by: User, now: datetime) -> None:
    """Change what a theme is called, what it means, and its phrases. Its key stays. Raises NameTaken."""
    _refuse_taken(theme.framework, words.name, but=theme)
    theme.name, theme.description = words.name, words.description
    theme.seed_phrases = list(words.seed_phrases)
    db.session.flush()
    _forget_suggestions(theme.framework_id)
    audit.record("change theme", "theme", theme.id, by=by, now=now, name=theme.name)


def remove_theme(theme: Theme, *, by: User, now: datetime) -> None:
    """Remove a theme that no voice has or had. Raises ThemeInUse."""
    if is_in_use(theme):
        raise ThemeInUse
    framework_id, theme_id, name = theme.framework_id, theme.id, theme.name
    db.session.delete(theme)
    db.session.flush()
    _forget_suggestions(framework_id)
    audit.record("remove theme", "theme", theme_id, by=by, now=now, name=name)


def _refuse_taken(framework: ThemeFramework, name: str, *, but: Theme | None) -> None:
    for theme in framework.themes:
        if theme is not but and theme.name.casefold() == name.casefold():
            raise NameTaken(name)


def _free_key(name: str, taken: set[str]) -> str:
    """A short name for a theme that nobody sees: letters, digits and hyphens, not used yet."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    base = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:32].strip("-") or "theme"
    key, number = base, 2
    while key in taken:
        key, number = f"{base}-{number}", number + 1
    return key


def _forget_suggestions(framework_id: int) -> None:
    """What was suggested by the old words goes, where nobody has decided yet; the sweep suggests anew."""
    of_framework = (
        sa.select(Contribution.id)
        .join(Conversation, Conversation.id == Contribution.conversation_id)
        .where(
            Conversation.framework_id == framework_id,
            ~sa.exists().where(ThemeDecision.contribution_id == Contribution.id),
        )
    )
    db.session.execute(sa.delete(ThemeSuggestion).where(ThemeSuggestion.contribution_id.in_(of_framework)))


def themes_in(framework_id: int) -> list[tuple[int, str]]:
    """(position, name) of each theme of a framework, in their order."""
    query = (
        sa.select(Theme.position, Theme.name)
        .where(Theme.framework_id == framework_id)
        .order_by(Theme.position)
    )
    return [(position, name) for position, name in db.session.execute(query)]


conversation_frameworks.register(
    conversation_frameworks.Source(
        choices=framework_choices,
        usual_name=lambda: str(_shipped()["name"]),
        usual=lambda now: making_it_real(now).id,
        themes=themes_in,
    )
)
