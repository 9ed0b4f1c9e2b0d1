"""A real browser and the real application: the sample conversation, and an empty installation, both live."""

from __future__ import annotations

import logging
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from engage import close, create_app, db, tasks
from engage.accounts import services as accounts
from engage.accounts.models import Role, Standpoint, User
from engage.contributions import taking_back
from engage.conversations import queries as conversations
from engage.db import utcnow
from engage.demo import load as demo
from engage.notes import imports
from engage.surveys import queries
from engage.surveys.keying import second_keying
from engage.surveys.models import Response, StaffEntry, SurveyVersion
from tests import factories
from tests.browser import find
from tests.conftest import settings_for
from tests.live import free_port

PICTURES = Path(__file__).parents[2] / "test-results"
SECONDS = 1_000  # Playwright counts milliseconds.
TABLE = b"Comment,Who\r\nThe day centre is warm.,carer\r\nNobody rings back.,someone\r\n,left out\r\n"


@dataclass(frozen=True)
class Site:
    """A running installation: its address, and the cookie of somebody signed in with each role."""

    app: Flask
    url: str
    cookies: dict[Role, str]
    code_of_invitation: str = ""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all; each test has a profile of its own. Without a browser the tests fail."""
    executable = find.find()
    if executable is None:
        pytest.fail(find.WHAT_TO_DO, pytrace=False)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=executable, args=find.arguments())
        yield started
        started.close()


@contextmanager
def serving(app: Flask, port: int) -> Iterator[None]:
    """Serve an app in a thread, with a worker for its background jobs."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    consumer = tasks.start_consumer(app)
    try:
        yield
    finally:
        consumer.stop(graceful=True)
        server.shutdown()
        thread.join()
        server.server_close()
        close(app)


def cookie_of(app: Flask, email: str, password: str) -> str:
    """Sign in once and keep the cookie, so that no test needs to do it again."""
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    reply = client.post("/sign-in", data={"email": email, "password": password})
    app.config["WTF_CSRF_ENABLED"] = True
    assert reply.status_code == 303, reply.get_data(as_text=True)
    cookie = client.get_cookie("engage")
    assert cookie
    return cookie.value


@pytest.fixture(scope="session")
def demo_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The sample conversation, with a row of the few kinds that it has none of."""
    port = free_port()
    settings = demo.settings(tmp_path_factory.mktemp("demo"), port)
    app = create_app(settings)
    app.add_url_rule("/breaks", "breaks", _break)
    with app.app_context():
        db.upgrade()
        people = demo.load(settings.data_folder, progress=lambda *_: None)
        token = _add_what_the_sample_lacks()
        by_role = {role: one for one in people for role in _roles_of(one.email)}
        db.db.session.rollback()
    cookies = {role: cookie_of(app, one.email, one.password) for role, one in by_role.items()}
    with serving(app, port):
        yield Site(app, f"http://127.0.0.1:{port}", cookies, token)


def _roles_of(email: str) -> frozenset[Role]:
    user = accounts.queries.user_by_email(email)
    return user.roles if user else frozenset()


def _break() -> str:
    raise RuntimeError("on purpose, for the page that says sorry")


def _add_what_the_sample_lacks() -> str:
    """An import that waits, one that is done, and an invitation. Returns the invitation's token."""
    now = utcnow()
    conversation = conversations.present_conversation(now.date())
    assert conversation
    recorder = factories.user(Role.RECORDER, name="Rosa Recorder")
    taking_back.ask(factories.receipt(conversation)[0], now=now)
    imports.upload(conversation, "waiting.csv", TABLE, by=recorder, now=now)
    columns = {"text_column": "Comment", "speaker_column": "Who"}
    imports.import_file(conversation, "done.csv", TABLE, columns, by=recorder, now=now)
    _key_a_paper_again(by=recorder)
    _invitation, token = accounts.invite(
        email="new@example.org",
        name="Noor New",
        roles=[Role.MEMBER],
        standpoint=Standpoint.LIVED_EXPERIENCE,
        by=recorder,
        now=now,
    )
    db.db.session.commit()
    return token


def _key_a_paper_again(*, by: User) -> None:
    """One paper of the sample keyed a second time, with another answer."""
    keyed = db.db.session.scalars(sa.select(Response).join(StaffEntry).order_by(Response.id))
    sampled = next(response for response in keyed if second_keying.is_sampled(response))
    version = db.db.session.get_one(SurveyVersion, sampled.version_id)
    paper = second_keying.paper(version.survey_id, sampled.id)
    assert paper
    content = queries.content_of(version)
    second_keying.key_again(paper, content, {"helped": "yes", "reach": "not_tried"}, by=by, now=utcnow())


@pytest.fixture(scope="session")
def empty_site(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Site]:
    """An installation on its first day: people can sign in, and there is nothing else."""
    folder, port = tmp_path_factory.mktemp("empty"), free_port()
    shutil.copy(sqlite_template, folder / "engage.db")
    app = create_app(settings_for(folder, base_url=f"http://127.0.0.1:{port}"))
    with app.app_context():
        emails = {role: factories.user(role).email for role in Role}
        db.db.session.commit()
    cookies = {role: cookie_of(app, email, factories.PASSWORD) for role, email in emails.items()}
    with serving(app, port):
        yield Site(app, f"http://127.0.0.1:{port}", cookies)


@dataclass
class Window:
    """A page of a signed-in person or of nobody; ``troubles`` is what the browser complained about."""

    page: Page
    context: BrowserContext
    troubles: list[str] = field(default_factory=list)


Open = Callable[..., Page]


@pytest.fixture
def windows(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """``windows(site, role=None, width=1280, **profile)`` opens a page in a profile of its own.

    At the end nothing may have gone wrong in any of them; what a failed test saw is kept as pictures.
    """
    opened: list[Window] = []
    yield partial(_open, browser, opened)
    failed = getattr(request.node, "failed_call", False)
    for number, window in enumerate(opened):
        if failed or window.troubles:
            name = re.sub(r"\W+", "-", request.node.nodeid.partition("browser/")[2]).strip("-")
            PICTURES.mkdir(exist_ok=True)
            window.page.screenshot(path=PICTURES / f"{name}-{number}.png", full_page=True)
        window.context.close()
    assert [trouble for window in opened for trouble in window.troubles] == []


def _open(
    browser: Browser,
    opened: list[Window],
    site: Site,
    role: Role | None = None,
    *,
    width: int = 1280,
    **profile: Any,
) -> Page:
    context = browser.new_context(
        base_url=site.url,
        viewport={"width": width, "height": 900},
        locale="en-GB",
        reduced_motion=profile.pop("reduced_motion", "reduce"),
        **profile,
    )
    context.set_default_timeout(20 * SECONDS)
    if role:
        context.add_cookies([{"name": "engage", "value": site.cookies[role], "url": site.url}])
    window = Window(context.new_page(), context)
    window.page.on("console", lambda message: _note(window, message.type, message.text))
    window.page.on("pageerror", lambda error: window.troubles.append(str(error)))
    opened.append(window)
    return window.page


def _note(window: Window, kind: str, text: str) -> None:
    """Keep what the console says went wrong. A page that is itself an error is no trouble."""
    if kind in ("error", "warning") and not re.search(r"status of (400|403|404|405|422|500) ", text):
        window.troubles.append(text)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[Any]:
    report = yield
    if report.when == "call":
        item.failed_call = report.failed  # type: ignore[attr-defined]
    return report
