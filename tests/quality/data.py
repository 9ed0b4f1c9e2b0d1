"""Where labelled texts come from: our own small set always, the shared sets where they are at hand.

The environment variable `ENGAGE_SHARED_DATA` names the folder with the shared sets. They are read from
there and never copied.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engage.analysis import embed, making_it_real

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Themed:
    """Comments with the themes that people chose, and the comments' vectors."""

    texts: list[str]
    themes: list[set[str]]
    vectors: NDArray[np.float32]


@dataclass(frozen=True)
class Labelled:
    """Texts with one label each, and the texts' vectors."""

    texts: list[str]
    labels: list[str]
    vectors: NDArray[np.float32]


def shared_folder() -> Path | None:
    """Return the folder with the shared sets, or None where there is none."""
    named = os.environ.get("ENGAGE_SHARED_DATA")
    return Path(named) if named else None


@cache
def own_comments() -> Themed:
    """Return our own comments about adult social care, written for this measure."""
    names = {row["key"]: row["name"] for row in _built_in()}
    rows = json.loads((HERE / "own_comments.json").read_text(encoding="utf-8"))
    texts = [text for text, _ in rows]
    return Themed(texts, [{names[key] for key in keys} for _, keys in rows], embed(texts))


@cache
def own_groups() -> Labelled:
    """Return our own comments that have exactly one theme, with it as their label."""
    own = own_comments()
    places = [place for place, themes in enumerate(own.themes) if len(themes) == 1]
    return Labelled(
        [own.texts[place] for place in places],
        [next(iter(own.themes[place])) for place in places],
        own.vectors[places],
    )


@cache
def patient_comments(folder: Path) -> Themed:
    """Return real comments of patients and carers with one, several or none of the six themes."""
    rows = _lines(folder / "patient_comments_dev.jsonl")
    texts = [row["text"] for row in rows]
    return Themed(texts, [set(row["themes"]) for row in rows], embed(texts))


@cache
def labelled(folder: Path, name: str, field: str) -> Labelled:
    """Return a set of texts with one label each."""
    rows = _lines(folder / f"{name}.jsonl")
    texts = [row["text"] for row in rows]
    return Labelled(texts, [row[field] for row in rows], embed(texts))


def theme_names() -> list[str]:
    return list(making_it_real())


def _built_in() -> list[dict[str, str]]:
    import engage.analysis.themes as themes

    path = Path(themes.__file__).with_name("making_it_real.json")
    rows: list[dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))["themes"]
    return rows


def _lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
