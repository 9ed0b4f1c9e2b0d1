"""The two models behind theme suggestions, and the threshold between them.

`WordsModel` sees words and parts of words, `MeaningModel` sees sentence vectors. Each gives, for each
theme, an estimate of how likely a person would be to choose it; their mean is better than either.
Both can also say what they would have given for each training row had it not been there, which is
what thresholds are chosen on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse
from sklearn import linear_model
from sklearn.feature_extraction import text as text_features

from engage.analysis.embedding import FloatArray

Scores = NDArray[np.float64]

# These libraries come without types.
TfidfVectorizer: Any = text_features.TfidfVectorizer
LogisticRegression: Any = linear_model.LogisticRegression
cho_factor: Any = linalg.cho_factor
cho_solve: Any = linalg.cho_solve
hstack: Any = sparse.hstack
ENGLISH_STOP_WORDS: frozenset[str] = text_features.ENGLISH_STOP_WORDS

FOLDS = 5
MOST_KERNEL_ROWS = 5_000
"""The meaning model solves a system of this size at most; beyond, an even choice of rows stands for all."""


class WordsModel:
    """One logistic regression a theme on TF-IDF of words, word pairs and runs of 2 to 5 characters."""

    def __init__(self, strength: float = 4.0) -> None:
        self.strength = strength

    def fit(self, texts: Sequence[str], labels: Scores, weights: Scores) -> Self:
        """Learn from texts, 0/1 labels of shape (n, themes) and a weight a row."""
        least = 2 if len(texts) >= 300 else 1
        self.words = TfidfVectorizer(
            ngram_range=(1, 2), sublinear_tf=True, min_df=least, strip_accents="unicode"
        )
        self.characters = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=least
        )
        features = self._learned_features(texts)
        self.models = [self._one(features, labels[:, theme], weights) for theme in range(labels.shape[1])]
        return self

    def scores(self, texts: Sequence[str]) -> Scores:
        """Return the likelihoods, shape (n, themes)."""
        return self._predict(self.models, self._features(texts))

    def held_out_scores(self, texts: Sequence[str], labels: Scores, weights: Scores) -> Scores:
        """Return the likelihoods of the training rows, each from a model that did not see it."""
        features = self._features(texts)
        fold = np.arange(len(texts)) % FOLDS
        result = np.zeros(labels.shape)
        for number in range(FOLDS):
            seen, unseen = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
            if len(seen) == 0 or len(unseen) == 0:
                continue
            models = [
                self._one(features[seen], labels[seen, theme], weights[seen])
                for theme in range(labels.shape[1])
            ]
            result[unseen] = self._predict(models, features[unseen])
        return result

    def weighty_words(self, text: str, theme: int, most: int) -> list[str]:
        """Return the words and pairs of this text that speak most for the theme, the weightiest first."""
        model = self.models[theme]
        if isinstance(model, float):
            return []
        row = self.words.transform([text]).tocoo()
        weight = model.coef_[0][row.col] * row.data
        names = self.words.get_feature_names_out()
        order = [int(place) for place in np.argsort(-weight, kind="stable") if weight[place] > 0]
        return _telling([str(names[row.col[place]]) for place in order], most)

    def _one(self, features: Any, labels: Scores, weights: Scores) -> Any:
        """Return a fitted model, or the constant that stands for it where all labels are the same."""
        if len(np.unique(labels)) < 2:
            return 0.0 if not len(labels) else float(labels[0])
        model = LogisticRegression(C=self.strength, solver="liblinear", random_state=0)
        return model.fit(features, labels, sample_weight=weights)

    @staticmethod
    def _predict(models: Sequence[Any], features: Any) -> Scores:
        columns = [
            np.full(features.shape[0], model)
            if isinstance(model, float)
            else model.predict_proba(features)[:, 1]
            for model in models
        ]
        return np.column_stack(columns)

    def _learned_features(self, texts: Sequence[str]) -> Any:
        """Learn the vocabulary; a nonsense word keeps it from being empty where texts hold no words."""
        known = [*texts, "zzqx", "zzqx"]
        return hstack(
            [self.words.fit(known).transform(texts), self.characters.fit(known).transform(texts)]
        ).tocsr()

    def _features(self, texts: Sequence[str]) -> Any:
        return hstack([self.words.transform(texts), self.characters.transform(texts)]).tocsr()


class MeaningModel:
    """Kernel ridge regression on sentence vectors with a Gaussian kernel, all themes at once.

    A linear model that may bend: measured on labelled comments it adds about one point of F1 to plain
    logistic regression on the same vectors, and what it would have given for a row left out has a
    closed form (G. Wahba's leave-one-out identity), so that no refitting is needed.
    """

    def __init__(self, ridge: float = 0.2, width: float = 1.0) -> None:
        self.ridge = ridge
        self.width = width

    def fit(self, vectors: FloatArray, labels: Scores, weights: Scores) -> Self:
        """Learn from unit rows (n, d), 0/1 labels (n, themes) and a weight a row."""
        chosen = np.arange(len(vectors))
        if len(vectors) > MOST_KERNEL_ROWS:
            chosen = np.linspace(0, len(vectors) - 1, MOST_KERNEL_ROWS).astype(np.int64)
        self.chosen, self.vectors = chosen, vectors[chosen]
        self.base = np.average(labels, axis=0, weights=weights)
        kernel = self._kernel(self.vectors)
        kernel[np.diag_indices_from(kernel)] += self.ridge / weights[chosen]
        self._factor = cho_factor(kernel, lower=True, overwrite_a=True)
        self._residual = labels[chosen] - self.base
        self.alpha: Scores = cho_solve(self._factor, self._residual)
        return self

    def scores(self, vectors: FloatArray) -> Scores:
        """Return the estimates, shape (n, themes), mostly between 0 and 1."""
        parts = [
            self.base + self._kernel(vectors[start : start + 1_000]) @ self.alpha
            for start in range(0, len(vectors), 1_000)
        ]
        return np.concatenate(parts) if parts else np.zeros((0, len(self.base)))

    def held_out_scores(self, vectors: FloatArray) -> Scores:
        """Return what each training row would have got without itself, shape (n, themes)."""
        result = self.scores(vectors)
        inverse = np.diag(cho_solve(self._factor, np.eye(len(self.chosen))))
        result[self.chosen] = self.base + self._residual - self.alpha / inverse[:, None]
        return result

    def _kernel(self, vectors: FloatArray) -> Scores:
        cosines = vectors.astype(np.float64) @ self.vectors.T.astype(np.float64)
        return np.asarray(np.exp(-self.width * (2.0 - 2.0 * cosines)))


def _telling(words: Sequence[str], most: int) -> list[str]:
    """Return the first words and pairs that a person would take for a reason, none inside another."""
    chosen: list[str] = []
    for word in words:
        parts = word.split()
        if parts[0] in ENGLISH_STOP_WORDS or parts[-1] in ENGLISH_STOP_WORDS:
            continue
        if not any(set(parts) & set(other.split()) for other in chosen):
            chosen.append(word)
        if len(chosen) == most:
            break
    return chosen


def best_thresholds(scores: Scores, labels: Scores, weights: Scores) -> Scores:
    """Return a threshold a theme, shape (themes,): the one with the best F1 on held-out scores.

    The fewer examples a theme has, the closer its threshold stays to the one that all share,
    so that a theme with one example is not judged by that one alone.
    """
    shared = _best_threshold(scores.ravel(), labels.ravel(), np.repeat(weights, labels.shape[1]))
    examples = (labels * weights[:, None]).sum(axis=0)
    result = np.full(labels.shape[1], shared)
    for theme in np.flatnonzero(examples > 0):
        own = _best_threshold(scores[:, theme], labels[:, theme], weights)
        trust = examples[theme] / (examples[theme] + 10.0)
        result[theme] = trust * own + (1.0 - trust) * shared
    return result


def _best_threshold(scores: Scores, labels: Scores, weights: Scores) -> float:
    """Return the middle of the best stretch of thresholds, weighing each row."""
    tries = np.linspace(0.1, 0.7, 61)
    wanted = float((labels * weights).sum())
    if wanted == 0.0:
        return 0.5
    quality = np.zeros(len(tries))
    for place, threshold in enumerate(tries):
        chosen = scores > threshold
        right = float((labels * weights)[chosen].sum())
        quality[place] = 2.0 * right / (float(weights[chosen].sum()) + wanted)
    smooth = np.convolve(np.pad(quality, 2, mode="edge"), np.ones(5) / 5.0, mode="valid")
    return float(tries[int(smooth.argmax())])
