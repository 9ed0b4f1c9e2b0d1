"""Import of 10,000 comments, embedding included, against the time that embedding them takes."""

from __future__ import annotations

import csv
import io
import tempfile
import time
from pathlib import Path

from engage import analysis, close, create_app, db
from engage.accounts.models import Role
from engage.db import utcnow
from engage.notes import imports
from tests import factories
from tests.benchmarks.grouping import comments
from tests.live import settings_of

NUMBER = 10_000
AIM = 1.5


def texts() -> list[str]:
    """Different comments: our own sentences, two at a time, with a number that keeps them apart."""
    said = comments()
    return [f"{said[n % len(said)]} {said[(n * 7) % len(said)]} ({n})" for n in range(NUMBER)]


def main() -> None:
    said = texts()
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["id", "comment"])
    writer.writerows(enumerate(said))
    content = file.getvalue().encode()
    analysis.embed(said[:8])
    started = time.perf_counter()
    analysis.embed(said)
    embedding = time.perf_counter() - started
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(settings_of(Path(folder)))
        with app.app_context():
            db.upgrade()
            by = factories.user(Role.FACILITATOR)
            conversation = factories.conversation(by=by)
            db.db.session.commit()
            mapping = {"text_column": "comment", "reference_column": "id"}
            started = time.perf_counter()
            report = imports.import_file(
                conversation, "comments.csv", content, mapping, by=by, now=utcnow(), progress=None, embed=True
            )
            importing = time.perf_counter() - started
        close(app)
    assert report.taken == NUMBER
    print(f"{NUMBER:,} comments: embedding alone {embedding:.1f} s, import with embedding {importing:.1f} s")
    print(f"The import takes {importing / embedding:.2f} times the embedding (aim: at most {AIM})")


if __name__ == "__main__":
    main()
