"""How good are theme suggestions? `python -m tests.quality.themes` prints a table.

Always measured on our own comments; on the shared ones too where `ENGAGE_SHARED_DATA` is set. All figures
are on comments that the suggester was not fitted on. Per comment is the F1 of each comment's set, 1 where
both are empty; first is the share of comments with a theme whose first suggestion is right.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np
from sklearn.metrics import f1_score

from engage.analysis import ThemeSuggester
from tests.quality.data import Themed, own_comments, patient_comments, shared_folder, theme_names

FEW = (0, 25, 100, 400)


@dataclass(frozen=True)
class Quality:
    macro: float
    micro: float
    per_comment: float
    first: float
    calibration: float
    """The mean distance between a score and the share of people who agreed, over ten bands of scores."""


def measure(themed: Themed, fitted: np.ndarray, judged: np.ndarray) -> Quality:
    """Fit on some comments, if any, and judge on others."""
    return judge(themed, judged, *_suggestions(themed, fitted, judged))


def cross_validated(themed: Themed, folds: int = 5, seed: int = 0) -> Quality:
    """Judge every comment by a suggester fitted on the other folds."""
    order = np.random.default_rng(seed).permutation(len(themed.texts))
    judged, scores, decided = [], [], []
    for fold in range(folds):
        unseen = order[fold::folds]
        seen = np.setdiff1d(order, unseen)
        fold_scores, fold_decided = _suggestions(themed, seen, unseen)
        judged.append(unseen)
        scores.append(fold_scores)
        decided.append(fold_decided)
    return judge(themed, np.concatenate(judged), np.concatenate(scores), np.concatenate(decided))


def few_labels(themed: Themed, draws: int = 3) -> dict[int, Quality]:
    """Judge a held-out third after fitting on few comments; the mean of several draws."""
    result = {}
    for number in FEW:
        rows = []
        for draw in range(draws):
            order = np.random.default_rng(draw).permutation(len(themed.texts))
            third = len(order) // 3
            rows.append(astuple(measure(themed, order[third : third + number], order[:third])))
        result[number] = Quality(*(float(value) for value in np.mean(rows, axis=0)))
    return result


def judge(themed: Themed, judged: np.ndarray, scores: np.ndarray, decided: np.ndarray) -> Quality:
    """Compare scores and decisions, both of shape (judged, themes), with what people chose."""
    truth = np.array([[name in themed.themes[place] for name in theme_names()] for place in judged])
    has = truth.any(axis=1)
    first = truth[np.arange(len(judged)), scores.argmax(axis=1)][has].mean()
    return Quality(
        f1_score(truth, decided, average="macro", zero_division=0),
        f1_score(truth, decided, average="micro", zero_division=0),
        f1_score(truth, decided, average="samples", zero_division=1),
        float(first),
        _calibration(scores.ravel(), truth.ravel()),
    )


def _suggestions(themed: Themed, fitted: np.ndarray, judged: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    suggester = ThemeSuggester()
    if len(fitted):
        suggester.fit(
            [themed.texts[place] for place in fitted],
            [themed.themes[place] for place in fitted],
            embeddings=themed.vectors[fitted],
        )
    texts = [themed.texts[place] for place in judged]
    rows = suggester.suggest(texts, embeddings=themed.vectors[judged])
    sets = suggester.decide(texts, embeddings=themed.vectors[judged])
    names = theme_names()
    return (
        np.array([[row[name] for name in names] for row in rows]),
        np.array([[name in chosen for name in names] for chosen in sets]),
    )


def _calibration(scores: np.ndarray, truth: np.ndarray) -> float:
    band = np.minimum((scores * 10).astype(int), 9)
    gaps = [
        abs(scores[band == number].mean() - truth[band == number].mean()) * (band == number).mean()
        for number in np.unique(band)
    ]
    return float(sum(gaps))


def _line(name: str, quality: Quality) -> str:
    return (
        f"{name:42s} {quality.macro:8.3f} {quality.micro:8.3f} {quality.per_comment:12.3f} "
        f"{quality.first:8.3f} {quality.calibration:12.3f}"
    )


def main() -> None:
    print(
        f"{'':42s} {'macro F1':>8s} {'micro F1':>8s} {'per comment':>12s} {'first':>8s} {'calibration':>12s}"
    )
    own = own_comments()
    nothing = np.array([], dtype=int)
    print(_line("own comments, seed phrases alone", measure(own, nothing, np.arange(len(own.texts)))))
    print(_line("own comments, five folds", cross_validated(own)))
    folder = shared_folder()
    if folder is None:
        print("ENGAGE_SHARED_DATA is not set: the shared comments are not measured.")
        return
    shared = patient_comments(folder)
    print(_line("patient comments, five folds", cross_validated(shared)))
    order = np.random.default_rng(0).permutation(len(shared.texts))
    cut = len(order) * 2 // 3
    print(_line("patient comments, two thirds to one", measure(shared, order[:cut], order[cut:])))
    for number, quality in few_labels(shared).items():
        print(_line(f"patient comments, {number} decided", quality))


if __name__ == "__main__":
    main()
