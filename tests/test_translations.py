"""The template for translators is up to date, and a translation reaches the page."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent


def test_the_template_has_every_string(tmp_path: Path) -> None:
    """To renew it: make translations"""
    fresh = tmp_path / "messages.pot"
    command = [sys.executable, "-m", "babel.messages.frontend", "extract", "-F", "translations/babel.cfg"]
    command += [
        "-k",
        "_l",
        "-k",
        "_",
        "-k",
        "lazy_gettext",
        "--no-location",
        "-o",
        str(fresh),
        "engage",
        "templates",
    ]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    with fresh.open("rb") as new, (ROOT / "translations" / "messages.pot").open("rb") as kept:
        assert {m.id for m in read_po(new)} == {m.id for m in read_po(kept)}
