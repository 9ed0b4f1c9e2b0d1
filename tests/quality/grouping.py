"""How good are groups? `python -m tests.quality.grouping` prints a table.

AMI and ARI compare groups with people's labels: 1 is the same, 0 is chance. Beside our method stand plain
Ward and k-means of scikit-learn on the same rows. Always measured on our own comments; on the shared sets
too where `ENGAGE_SHARED_DATA` is set.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.cluster import AgglomerativeClustering, KMeans
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

from engage.analysis import group
from tests.quality.data import Labelled, labelled, own_groups, shared_folder


@dataclass(frozen=True)
class Agreement:
    ami: float
    ari: float
    n_groups: int


def agreement(texts: Labelled, labels: np.ndarray) -> Agreement:
    return Agreement(
        adjusted_mutual_info_score(texts.labels, labels),
        adjusted_rand_score(texts.labels, labels),
        len(np.unique(labels)),
    )


def ours(texts: Labelled, n_groups: int | None) -> Agreement:
    return agreement(texts, group(texts.vectors, n_groups).labels)


def ward(texts: Labelled, n_groups: int) -> Agreement:
    return agreement(texts, AgglomerativeClustering(n_groups).fit_predict(texts.vectors))


def k_means(texts: Labelled, n_groups: int) -> Agreement:
    return agreement(texts, KMeans(n_groups, n_init=1, random_state=0).fit_predict(texts.vectors))


def sample(texts: Labelled, number: int, seed: int = 0) -> Labelled:
    """Return so many of the texts, by chance."""
    places = np.random.default_rng(seed).permutation(len(texts.texts))[:number]
    return Labelled(
        [texts.texts[place] for place in places],
        [texts.labels[place] for place in places],
        texts.vectors[places],
    )


def _report(name: str, texts: Labelled) -> None:
    number = len(set(texts.labels))
    rows = {
        "ours, number given": ours(texts, number),
        "ours, own number": ours(texts, None),
        "plain Ward, number given": ward(texts, number),
        "k-means, number given": k_means(texts, number),
    }
    for way, found in rows.items():
        print(f"{name:34s} {way:26s} {found.n_groups:6d} {found.ami:6.3f} {found.ari:6.3f}")


def main() -> None:
    print(f"{'texts':34s} {'way':26s} {'groups':>6s} {'AMI':>6s} {'ARI':>6s}")
    _report("own comments", own_groups())
    folder = shared_folder()
    if folder is None:
        print("ENGAGE_SHARED_DATA is not set: the shared sets are not measured.")
        return
    requests = labelled(folder, "short_requests_dev", "label")
    _report("short requests, all", requests)
    _report("short requests, 3,000", sample(requests, 3_000))
    _report("short requests, 600", sample(requests, 600))
    topics = labelled(folder, "patient_topics_dev", "subcategory")
    _report("patient topics, all", topics)
    _report("patient topics, 600", sample(topics, 600))


if __name__ == "__main__":
    main()
