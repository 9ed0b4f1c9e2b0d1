"""How long does grouping take? `python -m tests.benchmarks.grouping` prints a table.

Each line is measured in a process of its own, so that its peak memory is its own. The vectors are those of
our own comments with noise added until no two are alike. Times are given as ratios too, against plain
scikit-learn on the same vectors in the same run, because seconds differ from machine to machine.
Embedding, which comes before grouping, is measured apart.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

SIZES = (1_000, 10_000, 100_000)
WARD_SIZES = (1_000, 10_000)
"""Plain Ward compares all with all: a hundred thousand would need 40 GB."""

ROUNDS = 10
"""Plain k-means gets so many rounds at most; left alone it takes minutes for a hundred thousand."""

NOISE = 0.02
COMMENTS = Path(__file__).parents[1] / "quality" / "own_comments.json"


def comments() -> list[str]:
    """Return our own comments and the seed phrases of the six themes, some 230 sentences."""
    from engage.analysis import making_it_real

    written = [text for text, _ in json.loads(COMMENTS.read_text(encoding="utf-8"))]
    return written + [phrase for theme in making_it_real().values() for phrase in theme.seed_phrases]


def vectors(number: int) -> np.ndarray:
    """Return that many different unit rows, shape (number, 384)."""
    from engage.analysis.embedding import embed, unit_rows

    random = np.random.default_rng(0)
    real = embed(comments())
    rows = real[random.integers(0, len(real), number)]
    return unit_rows(rows + random.normal(scale=NOISE, size=rows.shape).astype(np.float32))


def ours(rows: np.ndarray) -> int:
    from engage.analysis import group

    return group(rows).n_groups


def plain_ward(rows: np.ndarray) -> int:
    from sklearn.cluster import AgglomerativeClustering

    from engage.analysis import usual_number

    return int(AgglomerativeClustering(usual_number(len(rows))).fit(rows).n_clusters_)


def plain_k_means(rows: np.ndarray) -> int:
    from sklearn.cluster import KMeans

    from engage.analysis import usual_number

    return len(
        KMeans(usual_number(len(rows)), n_init=1, max_iter=ROUNDS, random_state=0).fit(rows).cluster_centers_
    )


WAYS: dict[str, Callable[[np.ndarray], int]] = {
    "ours": ours,
    "plain Ward": plain_ward,
    "plain k-means": plain_k_means,
}


def measure_here(way: str, number: int) -> dict[str, float]:
    """Measure one way in this process: seconds, groups, and peak memory before and after in megabytes."""
    rows = vectors(number)
    before = _peak()
    started = time.perf_counter()
    groups = WAYS[way](rows)
    return {"seconds": time.perf_counter() - started, "groups": groups, "before": before, "peak": _peak()}


def embedding_here() -> dict[str, float]:
    """Measure embedding in this process: texts a second and peak memory in megabytes."""
    from engage.analysis import embed

    # A number at the end keeps the texts apart; the same text would be embedded only once.
    texts = [f"{text} {number}" for number in range(3) for text in comments()]
    embed(texts[:8])
    started = time.perf_counter()
    embed(texts)
    return {"a second": len(texts) / (time.perf_counter() - started), "peak": _peak()}


def elsewhere(*arguments: str) -> dict[str, float]:
    """Run one measure in a fresh process."""
    command = [sys.executable, "-m", "tests.benchmarks.grouping", *arguments]
    finished = subprocess.run(command, check=True, capture_output=True, text=True)
    result: dict[str, float] = json.loads(finished.stdout)
    return result


def _peak() -> float:
    """Return the most memory that this process has held, in megabytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024 * 1024 if sys.platform == "darwin" else 1024)


def main() -> None:
    found = elsewhere("embedding")
    print(f"Embedding: {found['a second']:.0f} texts a second, peak memory {found['peak']:.0f} MB\n")
    print(f"{'texts':>8s} {'way':14s} {'groups':>6s} {'seconds':>8s} {'ours is':>12s} {'peak MB':>8s}")
    for number in SIZES:
        mine = elsewhere("ours", str(number))
        _line(number, "ours", mine, "")
        for way in ("plain Ward", "plain k-means"):
            if way == "plain Ward" and number not in WARD_SIZES:
                continue
            other = elsewhere(way, str(number))
            _line(number, way, other, f"{mine['seconds'] / other['seconds']:.2f} times")


def _line(number: int, way: str, found: dict[str, float], ratio: str) -> None:
    measured = f"{found['groups']:6.0f} {found['seconds']:8.2f} {ratio:>12s} {found['peak']:8.0f}"
    print(f"{number:8,d} {way:14s} {measured}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["embedding"]:
        print(json.dumps(embedding_here()))
    elif len(sys.argv) == 3:
        print(json.dumps(measure_here(sys.argv[1], int(sys.argv[2]))))
    else:
        main()
