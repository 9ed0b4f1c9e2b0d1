"""Which themes a comment belongs to: a suggestion, with its reason, for a person to decide on.

Without any decided comment the suggester works from each theme's description and seed phrases. Every
decided comment moves it from those towards what people here decide; there is no moment of switching.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Self

import numpy as np

from engage.analysis.embedding import FloatArray, embed
from engage.analysis.theme_models import MeaningModel, Scores, WordsModel, best_thresholds

SEED_WEIGHT = 1.0
"""How much a seed phrase counts against a comment that a person decided on; half or double is no better."""


@dataclass(frozen=True)
class ThemeDescription:
    """A theme in plain words, with phrases as people would say them."""

    name: str
    description: str
    seed_phrases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Because:
    """Why a theme is suggested: what the comment resembles, and which of its words speak for the theme.

    `nearest` is a seed phrase when `nearest_index` is None, else the decided comment at that place in the
    texts given to `fit`. `cosine` says how near, from -1 to 1. `words` occur in the comment (lower case).
    """

    nearest: str | None
    nearest_index: int | None
    cosine: float
    words: tuple[str, ...]


@lru_cache(maxsize=1)
def making_it_real() -> Mapping[str, ThemeDescription]:
    """Return the six built-in themes by name."""
    rows = json.loads(Path(__file__).with_name("making_it_real.json").read_text(encoding="utf-8"))["themes"]
    return {
        row["name"]: ThemeDescription(row["name"], row["description"], tuple(row["seed_phrases"]))
        for row in rows
    }


class ThemeSuggester:
    """Suggest themes for comments, several a comment or none.

    `themes` maps the names that suggestions use to their descriptions; by default the six Making It
    Real themes. `model` is a folder with another sentence model, as for `embed`. The same decisions
    in the same order give the same suggestions.
    """

    def __init__(
        self, themes: Mapping[str, ThemeDescription] | None = None, *, model: str | Path | None = None
    ) -> None:
        self._given = dict(themes) if themes is not None else None
        self._model = model
        self._described: dict[str, ThemeDescription] = dict(
            making_it_real() if self._given is None else self._given
        )
        self._ready = False

    @property
    def themes(self) -> tuple[str, ...]:
        """The names that suggestions use, in order."""
        return tuple(self._described)

    def fit(
        self,
        texts: Sequence[str],
        themes: Sequence[AbstractSet[str]],
        *,
        embeddings: FloatArray | None = None,
    ) -> Self:
        """Learn from decided comments: `themes[i]` holds the names decided for `texts[i]`, maybe none.

        `embeddings`, shape (n, d), saves embedding the texts again. Each call starts afresh. Names that
        are not among the suggester's themes are added, without a description; a suggester made without
        themes takes just the names decided, unless all of them are among the six. Raises `ValueError`
        when the lengths differ.
        """
        if len(texts) != len(themes) or (embeddings is not None and len(embeddings) != len(texts)):
            raise ValueError("Give one set of themes, and one row of embeddings, for each text.")
        self._described = self._themes_with(sorted(set().union(*themes)))
        vectors = self._embedded(texts, embeddings)
        used = [int(place) for place in np.flatnonzero(vectors.any(axis=1))]
        self._learn([texts[place] for place in used], [themes[place] for place in used], vectors[used])
        self._example_index = used
        return self

    def suggest(
        self, texts: Sequence[str], *, embeddings: FloatArray | None = None
    ) -> list[dict[str, float]]:
        """Return for each text every theme with a score from 0 to 1, the likeliest first.

        A score estimates how likely a person would be to choose the theme. A text with nothing in it
        gets 0 for all.
        """
        scores = self._scores(texts, self._embedded(texts, embeddings))
        result = []
        for row in scores:
            order = np.argsort(-row, kind="stable")
            result.append({self.themes[theme]: float(row[theme]) for theme in order})
        return result

    def decide(self, texts: Sequence[str], *, embeddings: FloatArray | None = None) -> list[set[str]]:
        """Return for each text the themes whose score passes the theme's own threshold, maybe none."""
        scores = self._scores(texts, self._embedded(texts, embeddings))
        return [{self.themes[theme] for theme in np.flatnonzero(row > self._thresholds)} for row in scores]

    def because(
        self, texts: Sequence[str], *, embeddings: FloatArray | None = None, most_words: int = 4
    ) -> list[dict[str, Because]]:
        """Return for each text and theme what speaks for that theme."""
        vectors = self._embedded(texts, embeddings)
        self._be_ready()
        cosines = vectors @ self._vectors.T
        return [
            {name: self._reason(text, theme, near, most_words) for theme, name in enumerate(self.themes)}
            for text, near in zip(texts, cosines, strict=True)
        ]

    def _themes_with(self, names: Sequence[str]) -> dict[str, ThemeDescription]:
        known = self._given if self._given is not None else dict(making_it_real())
        if self._given is None and not set(names) <= set(known):
            known = {name: known[name] for name in names if name in known}
        return known | {name: ThemeDescription(name, "") for name in names if name not in known}

    def _learn(self, texts: Sequence[str], themes: Sequence[AbstractSet[str]], vectors: FloatArray) -> None:
        """Fit both models on seeds and decided comments together, and choose the thresholds."""
        seeds, seed_labels = self._seeds()
        decided = np.array([[name in chosen for name in self.themes] for chosen in themes], dtype=np.float64)
        self._labels: Scores = np.concatenate([seed_labels, decided.reshape(len(themes), len(self.themes))])
        self._texts = [*seeds, *texts]
        self._n_seeds = len(seeds)
        self._vectors = np.concatenate([embed(seeds, model=self._model), vectors])
        weights = np.concatenate([np.full(len(seeds), SEED_WEIGHT), np.ones(len(texts))])
        self._ready = True
        self._words: WordsModel | None = None
        self._thresholds = np.full(len(self.themes), 0.5)
        if not self._texts or not self.themes:
            return
        self._words = WordsModel().fit(self._texts, self._labels, weights)
        self._meaning = MeaningModel().fit(self._vectors, self._labels, weights)
        held_out = self._words.held_out_scores(self._texts, self._labels, weights)
        held_out = _blended(held_out, self._meaning.held_out_scores(self._vectors))
        self._thresholds = best_thresholds(held_out, self._labels, weights)

    def _seeds(self) -> tuple[list[str], Scores]:
        """Return all seed phrases and descriptions, each labelled with its theme alone.

        They are dealt out theme by theme in turn, so that every fold has some of each.
        """
        phrases = {
            theme: [text for text in (description.description, *description.seed_phrases) if text.strip()]
            for theme, description in enumerate(self._described.values())
        }
        dealt = sorted(
            (place, theme, text) for theme, texts in phrases.items() for place, text in enumerate(texts)
        )
        labels = np.zeros((len(dealt), len(self.themes)))
        for row, (_, theme, _) in enumerate(dealt):
            labels[row, theme] = 1.0
        return [text for _, _, text in dealt], labels

    def _be_ready(self) -> None:
        if not self._ready:
            self.fit([], [])

    def _embedded(self, texts: Sequence[str], embeddings: FloatArray | None) -> FloatArray:
        if embeddings is None:
            return embed(texts, model=self._model)
        if len(embeddings) != len(texts):
            raise ValueError("Give one row of embeddings for each text.")
        return np.asarray(embeddings, dtype=np.float32)

    def _scores(self, texts: Sequence[str], vectors: FloatArray) -> Scores:
        self._be_ready()
        if self._words is None or not len(texts):
            return np.zeros((len(texts), len(self.themes)))
        scores = _blended(self._words.scores(texts), self._meaning.scores(vectors))
        scores[~vectors.any(axis=1)] = 0.0
        return scores

    def _reason(self, text: str, theme: int, cosines: FloatArray, most_words: int) -> Because:
        examples = np.flatnonzero(self._labels[:, theme])
        words = self._words.weighty_words(text, theme, most_words) if self._words is not None else []
        if not len(examples) or not cosines.any():
            return Because(None, None, 0.0, tuple(words))
        nearest = int(examples[int(np.argmax(cosines[examples]))])
        index = self._example_index[nearest - self._n_seeds] if nearest >= self._n_seeds else None
        return Because(self._texts[nearest], index, float(cosines[nearest]), tuple(words))


def _blended(words: Scores, meaning: Scores) -> Scores:
    return np.asarray((words + np.clip(meaning, 0.0, 1.0)) / 2.0)
