"""`make bench`: speed and memory, each part against a baseline measured in the same run.

One part alone: ``python -m tests.benchmarks journeys`` (or ``importing``, ``grouping``, ``results``).
"""

from __future__ import annotations

import sys

from tests.benchmarks import grouping, importing, journeys, results

PARTS = {
    "journeys": journeys.main,
    "importing": importing.main,
    "grouping": grouping.main,
    "results": results.main,
}


def main() -> None:
    wanted = sys.argv[1:] or list(PARTS)
    unknown = [name for name in wanted if name not in PARTS]
    if unknown:
        sys.exit(f"There is no part called {', '.join(unknown)}. There is: {', '.join(PARTS)}.")
    for name in wanted:
        print(f"\n== {name} ==", flush=True)
        PARTS[name]()


if __name__ == "__main__":
    main()
