"""Under attack: a browser does its little sum by itself; without script one is kept apart, not refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser

from engage import close, create_app, db
from engage.surveys.models import QuarantinedResponse, Response
from engage.surveys.questions import FreeText
from engage.surveys.texts import Text
from tests.browser.conftest import serving
from tests.conftest import settings_for
from tests.live import free_port
from tests.surveys import factories as surveys


@pytest.mark.parametrize("way", ["all on one page", "one at a time"])
@pytest.mark.parametrize("script", [True, False])
def test_answers_get_through(browser: Browser, tmp_path: Path, script: bool, way: str) -> None:
    port = free_port()
    site = f"http://127.0.0.1:{port}"
    app = create_app(settings_for(tmp_path, under_attack=True, base_url=site))
    with app.app_context():
        db.upgrade()
        slug = surveys.survey(questions=[FreeText(id="a", text=Text("What helps?"))]).slug
        db.db.session.commit()
    with serving(app, port):
        context = browser.new_context(java_script_enabled=script)
        page, wrong = context.new_page(), list[str]()
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.goto(f"{site}/surveys/{slug}/{'all' if way.startswith('all') else 'question/a'}")
        page.fill("[name='a.a']", "Neighbours")
        if way.startswith("all"):
            page.click("button[value=send]")
        else:
            page.get_by_role("button", name="Continue").click()
            page.get_by_role("button", name="Send what I said").click()
        page.wait_for_url("**/thanks", timeout=60_000)
        assert page.get_by_role("heading", name="Thank you. We have it.").is_visible()
        assert wrong == []
        context.close()
    with app.app_context():
        counted = db.db.session.scalar(sa.select(sa.func.count(Response.id)))
        signs = db.db.session.scalars(sa.select(QuarantinedResponse.signs)).all()
    close(app)
    assert (counted, signs) == ((1, []) if script else (0, [["no_proof"]]))
