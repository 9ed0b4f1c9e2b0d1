"""The real server in a process of its own, and people who use it over the network."""

from __future__ import annotations

import contextlib
import copy
import html
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from urllib.parse import urlencode

from engage.config import Settings

STARTS_WITHIN = 60.0  # Seconds.
CONTACTS = {
    "council_name": "Our council",
    "phone": "01632 960 100",
    "email": "talk@example.org",
    "safeguarding_phone": "01632 960 101",
}
HURRIED = {
    "seconds_per_answer": 0.0,
    "burst_limit": "1000000 per minute",
    "sustained_limit": "1000000 per hour",
    "attack_limit": "1000000 per minute",
}
"""Tests answer from one address, and take no time over it. What follows from that has tests of its own."""

LOST = (ConnectionError, TimeoutError, http.client.HTTPException)
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_CODE = re.compile(r'<b translate="no">([0-9A-Z]{4})</b>')


def settings_of(folder: Path, database_url: str = "") -> Settings:
    """Settings as a council has them: nothing that production refuses."""
    return Settings(
        environment="production",
        secret_key="a-key-for-tests-that-is-long-enough-0123456789",
        base_url="https://engage.council.example",
        data_folder=folder,
        database_url=database_url,
        **CONTACTS,
        **HURRIED,  # type: ignore[arg-type]
    )


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


@dataclass
class Server:
    """``engage serve``, or another command that serves, in its own process group."""

    settings: Settings
    port: int = field(default_factory=free_port)
    options: Sequence[str] = ()
    command: Sequence[str] = (sys.executable, "-c", "from engage.cli import main; main()", "serve")
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.process = subprocess.Popen(
            [*self.command, "--port", str(self.port), *self.options],
            env=os.environ | self._environment(),
            start_new_session=True,
        )
        until = time.monotonic() + STARTS_WITHIN
        while not self._answers():
            assert self.process.poll() is None, "the server ended while it started"
            assert time.monotonic() < until, "the server does not answer"
            time.sleep(0.05)

    def kill(self) -> None:
        """What a power cut does to every process of the server."""
        assert self.process
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        assert self.process
        self.process.terminate()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.kill()

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        if self.process and self.process.poll() is None:
            self.stop()

    def _environment(self) -> dict[str, str]:
        names = ("environment", "secret_key", "base_url", "data_folder", "database_url", *CONTACTS, *HURRIED)
        return {f"ENGAGE_{name.upper()}": str(getattr(self.settings, name)) for name in names}

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/cookies")
            return connection.getresponse().status < 500
        except LOST:
            return False
        finally:
            connection.close()


@dataclass(frozen=True)
class Reply:
    status: int
    location: str
    text: str

    @property
    def token(self) -> str:
        """The first form's protection against other sites, where the page has a form."""
        found = _TOKEN.search(self.text)
        return html.unescape(found[1]) if found else ""


class Visitor:
    """A browser of sorts: keeps its cookies and its connection, and counts what it asks for.

    ``patient`` goes on asking while the server is away, as people do, up to so many seconds.
    """

    def __init__(self, port: int, *, patient: float = 0.0) -> None:
        self.port = port
        self.patient = patient
        self.cookies: dict[str, str] = {}
        self.requests = 0
        self._connection: http.client.HTTPConnection | None = None

    def twin(self) -> Visitor:
        """Another window of the same browser: the same cookies, a connection of its own."""
        made = Visitor(self.port, patient=self.patient)
        made.cookies = copy.copy(self.cookies)
        return made

    def get(self, path: str) -> Reply:
        return self._ask("GET", path)

    def post(self, path: str, **fields: str) -> Reply:
        return self._ask("POST", path, urlencode(fields))

    def close(self) -> None:
        if self._connection:
            self._connection.close()
        self._connection = None

    def _ask(self, method: str, path: str, body: str | None = None) -> Reply:
        until = time.monotonic() + max(self.patient, 0.5)
        while True:
            try:
                return self._once(method, path, body)
            except LOST:
                self.close()
                if time.monotonic() > until:
                    raise
                time.sleep(0.02)

    def _once(self, method: str, path: str, body: str | None) -> Reply:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        text = answer.read().decode()
        self.requests += 1
        for cookie in answer.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return Reply(answer.status, answer.headers.get("Location", ""), text)


def answer_survey(visitor: Visitor, slug: str, answers: Mapping[str, str]) -> Reply:
    """Answer one question after the other, up to the page on which one checks and sends. Returns that page.

    ``answers`` has what to say by question; questions that are not in it are left empty.
    """
    survey = f"/surveys/{slug}"
    assert visitor.get(survey).status == 200
    following = visitor.get(f"{survey}/begin").location
    while "/question/" in following:
        page = visitor.get(following)
        assert page.status == 200, page.text
        question = following.rpartition("/")[2]
        fields = {"csrf_token": page.token, f"a.{question}": answers.get(question, "")}
        sent = visitor.post(following, **fields)
        assert sent.status == 303, sent.text
        following = sent.location
    check = visitor.get(f"{survey}/check")
    assert check.status == 200, check.text
    return check


def send(visitor: Visitor, slug: str, check: Reply) -> str:
    """Send what was checked. Returns the tracking code from the page that says thank you."""
    sent = visitor.post(f"/surveys/{slug}/send", csrf_token=check.token)
    assert sent.status == 303, sent.text
    thanks = visitor.get(f"/surveys/{slug}/thanks")
    code = "".join(_CODE.findall(thanks.text))
    assert thanks.status == 200 and len(code) == 12, thanks.text
    return code


@contextlib.contextmanager
def repeatedly(work: Callable[[], None], *, threads: int) -> Iterator[Callable[[], None]]:
    """Do ``work`` again and again in several threads while the block runs; what fails there fails here.

    Yields a check that can be called in between.
    """
    over = Event()

    def go_on() -> None:
        while not over.is_set():
            work()

    with ThreadPoolExecutor(threads) as pool:
        running = [pool.submit(go_on) for _ in range(threads)]

        def check() -> None:
            for one in running:
                if one.done():
                    one.result()

        try:
            yield check
        finally:
            over.set()
        for one in running:
            one.result()
