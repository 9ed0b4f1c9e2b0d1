"""What is installed from a built wheel is the whole product: pages, styles, translations, migrations."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
TRY_IT = """
import pathlib, engage
from engage import create_app, db, paths
from engage.config import Settings
here = pathlib.Path(engage.__file__).parent
assert paths.ROOT == here / "_data", paths.ROOT
app = create_app(Settings(environment="development", data_folder=pathlib.Path("data")))
with app.app_context():
    db.upgrade()
    at, newest = db.revisions()
    assert at == newest and at
client = app.test_client()
assert client.get("/").status_code == 200
assert client.get("/static/css/ground.css").status_code == 200
assert client.get("/sign-in").status_code == 200
print("the wheel works")
"""

pytestmark = pytest.mark.load


def test_the_wheel_is_the_whole_product(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as content:
        names = content.namelist()
    for wanted in ("engage/_data/templates/base.html", "engage/demo/voices.json", "engage/py.typed"):
        assert wanted in names
    assert not [name for name in names if name.startswith("tests/")]
    site = tmp_path / "site"
    install = [
        sys.executable,
        "-m",
        "uv",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--target",
        str(site),
        str(wheel),
    ]
    subprocess.run(install, check=True, capture_output=True)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    ran = subprocess.run(
        [sys.executable, "-c", TRY_IT],
        cwd=elsewhere,
        env={"PYTHONPATH": str(site), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stdout == "the wheel works\n", ran.stderr
