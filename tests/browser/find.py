"""Finds a browser for the tests, and installs one where there is none: ``python -m tests.browser.find``.

A browser counts only if it starts: on some systems the command is there and asks to be installed. Where no
browser can be had, this says what to install and fails; the tests are never left out silently.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WHAT_TO_DO = """\
The tests in a real browser need Chromium, and there is none that starts on this computer. Either

  install it          Debian:  sudo apt-get install chromium
                      others:  .venv/bin/python -m playwright install --with-deps chromium
  or say where it is           make test ENGAGE_BROWSER=/path/to/chromium

and run the command again."""


def is_root() -> bool:
    return os.geteuid() == 0


def arguments() -> list[str]:
    """What the browser needs to start in a container; it only visits our own server on this machine."""
    return ["--no-sandbox", "--disable-dev-shm-usage"]


@cache
def find() -> str | None:
    """The path of a browser that starts, or None."""
    return next((path for path in _candidates() if _starts(path)), None)


def _candidates() -> Iterator[str]:
    named = os.environ.get("ENGAGE_BROWSER")
    if named:
        # Whoever names a browser wants that one and no other.
        yield shutil.which(named) or named
        return
    yield from filter(None, map(shutil.which, NAMES))
    with sync_playwright() as playwright:
        yield playwright.chromium.executable_path


def _starts(path: str) -> bool:
    if not Path(path).is_file():
        return False
    command = [path, "--headless", "--disable-gpu", *arguments(), "--dump-dom", "about:blank"]
    try:
        tried = subprocess.run(command, capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return tried.returncode == 0 and b"<html" in tried.stdout


def _ways_to_install() -> Iterator[list[list[str]]]:
    """Each way as commands that must all succeed, the least intrusive first."""
    install = [sys.executable, "-m", "playwright", "install"]
    yield [[*install, "--with-deps", "chromium"] if is_root() else [*install, "chromium"]]
    become_root = _become_root()
    if become_root is None or not shutil.which("apt-get"):
        return
    apt = [*become_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    yield [[*apt, "update"], [*apt, "install", "-y", "chromium"]]
    yield [[*become_root, sys.executable, "-m", "playwright", "install-deps", "chromium"]]


def _become_root() -> list[str] | None:
    """What to write before a command so that root runs it; None where that would need a password."""
    if is_root():
        return []
    if not shutil.which("sudo"):
        return None
    asked = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
    return ["sudo", "-n"] if asked.returncode == 0 else None


def install() -> str | None:
    """Try every way to install a browser until one starts. Returns its path, or None."""
    for commands in _ways_to_install():
        for command in commands:
            print("Installing a browser for the tests:", " ".join(command), flush=True)
            if subprocess.run(command, check=False).returncode:
                break
        find.cache_clear()
        if found := find():
            return found
    return None


def main() -> int:
    named = os.environ.get("ENGAGE_BROWSER")
    found = find() or (None if named else install())
    if found is None:
        if named:
            print(f"ENGAGE_BROWSER is {named}, and no browser starts there.\n", file=sys.stderr)
        print(WHAT_TO_DO, file=sys.stderr)
        return 1
    print(f"The tests use the browser {found}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
