"""Which set of themes a conversation uses.

Themes stand above conversations, so this room does not know them: the themes room registers here what there
is to choose from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

USUAL = "usual"


@dataclass(frozen=True)
class Source:
    """Where frameworks come from.

    ``choices`` gives (id, name) of those that exist. ``usual_name`` is the one that comes with the product;
    ``usual`` makes it at the first call and returns its id. ``themes`` gives (position, name) of a
    framework's themes.
    """

    choices: Callable[[], Sequence[tuple[int, str]]]
    usual_name: Callable[[], str]
    usual: Callable[[datetime], int]
    themes: Callable[[int], Sequence[tuple[int, str]]]


_sources: list[Source] = []


def register(source: Source) -> None:
    """Say where frameworks come from. The latest source counts."""
    _sources[:] = [source]


def choices() -> list[tuple[str, str]]:
    """(value, name) for a form: the usual framework first, whether or not it was made already."""
    [source] = _sources
    usual, existing = source.usual_name(), source.choices()
    return [(USUAL, usual), *((str(number), name) for number, name in existing if name != usual)]


def chosen(value: str, *, now: datetime) -> int:
    """The id of the framework behind a form's value; makes the usual one where it does not exist yet."""
    [source] = _sources
    return source.usual(now) if value == USUAL else int(value)


def name_of(framework_id: int) -> str:
    """What a conversation's framework is called."""
    [source] = _sources
    return dict(source.choices()).get(framework_id, "")


def themes_of(framework_id: int) -> Sequence[tuple[int, str]]:
    """(position, name) of the themes of a conversation's framework, in their order."""
    [source] = _sources
    return source.themes(framework_id)
