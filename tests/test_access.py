"""Who may see what: one table that names every route, and a walk that tries each with every role."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engage import create_app, db
from engage.accounts.guard import StaffBlueprint
from engage.accounts.models import Role
from engage.limits import limiter
from tests import factories, world
from tests.addresses import address_of, routes
from tests.conftest import settings_for

ANYBODY: frozenset[Role] = frozenset()
EVERYBODY = frozenset(Role)
RECORDERS = frozenset({Role.RECORDER, Role.FACILITATOR})
READERS = frozenset({Role.MODERATOR, Role.MEMBER, Role.FACILITATOR})
MODERATORS = frozenset({Role.MODERATOR})
GROUP = frozenset({Role.MEMBER, Role.FACILITATOR})
FACILITATORS = frozenset({Role.FACILITATOR})
LEADS = frozenset({Role.SAFEGUARDING_LEAD})
ADMINS = frozenset({Role.ADMIN})
ORGANISERS = frozenset({Role.FACILITATOR, Role.ADMIN})
WHO_READS_OR_WRITES = READERS | RECORDERS

MAY = {
    "accounts.invitation": ANYBODY,
    "accounts.sign_in": ANYBODY,
    "clips.show": ANYBODY,
    "pages.accessibility": ANYBODY,
    "pages.brand_css": ANYBODY,
    "pages.cookies": ANYBODY,
    "pages.health": ANYBODY,
    "pages.home": ANYBODY,
    "pages.how_we_use": ANYBODY,
    "pages.logo": ANYBODY,
    "pages.privacy": ANYBODY,
    "pages.text_size": ANYBODY,
    "copy.copy": ANYBODY,
    "reading.reading": ANYBODY,
    "saving.come_back": ANYBODY,
    "saving.leave": ANYBODY,
    "saving.save": ANYBODY,
    "saving.saved": ANYBODY,
    "static": ANYBODY,
    "proof.challenge": ANYBODY,
    "survey_paper.copy": ANYBODY,
    "surveys.again": ANYBODY,
    "surveys.all_questions": ANYBODY,
    "surveys.begin": ANYBODY,
    "surveys.check": ANYBODY,
    "surveys.forget": ANYBODY,
    "surveys.look_at_send": ANYBODY,
    "surveys.question": ANYBODY,
    "surveys.send": ANYBODY,
    "surveys.start": ANYBODY,
    "surveys.thanks": ANYBODY,
    "take_back.ask": ANYBODY,
    "tracking.enter": ANYBODY,
    "tracking.finish": ANYBODY,
    "tracking.what_became": ANYBODY,
    "staff_accounts.account": EVERYBODY,
    "staff_accounts.change_password": EVERYBODY,
    "staff_accounts.end_sign_in": EVERYBODY,
    "staff_accounts.sign_out": EVERYBODY,
    "staff_clips.overview": FACILITATORS,
    "staff_clips.question": FACILITATORS,
    "staff_clips.remove": FACILITATORS,
    "staff_clips.show_draft": FACILITATORS,
    "staff_easy_read.choose_picture": FACILITATORS,
    "staff_easy_read.offer": FACILITATORS,
    "staff_easy_read.overview": FACILITATORS,
    "staff_easy_read.question": FACILITATORS,
    "staff_survey_languages.download": FACILITATORS,
    "staff_survey_languages.languages": FACILITATORS,
    "staff_survey_languages.translate": FACILITATORS,
    "staff_survey_languages.upload": FACILITATORS,
    "staff_answers.answers": FACILITATORS,
    "staff_answers.download": FACILITATORS,
    "staff_audit.check": ADMINS,
    "staff_audit.entries": ADMINS,
    "staff_conversation_choice.choose": EVERYBODY,
    "staff_conversation_choice.take_in_hand": EVERYBODY,
    "staff_conversations.change": ORGANISERS,
    "staff_conversations.conversations": ORGANISERS,
    "staff_conversations.start": ORGANISERS,
    "staff_export.download": FACILITATORS,
    "staff_export.export": FACILITATORS,
    "staff_frameworks.framework": FACILITATORS,
    "staff_frameworks.frameworks": FACILITATORS,
    "staff_frameworks.new_framework": FACILITATORS,
    "staff_frameworks.new_theme": FACILITATORS,
    "staff_frameworks.remove_theme": FACILITATORS,
    "staff_frameworks.theme": FACILITATORS,
    "staff_grouping.place": GROUP,
    "staff_grouping.rename": GROUP,
    "staff_grouping.start": GROUP,
    "staff_grouping.take_out": GROUP,
    "staff_imports.discard": RECORDERS,
    "staff_imports.import_page": RECORDERS,
    "staff_imports.imports": RECORDERS,
    "staff_imports.mapping": RECORDERS,
    "staff_imports.progress": RECORDERS,
    "staff_imports.report": RECORDERS,
    "staff_imports.run": RECORDERS,
    "staff_imports.upload": RECORDERS,
    "staff_notes.change_note": RECORDERS,
    "staff_notes.correct_point": RECORDERS,
    "staff_notes.note": RECORDERS,
    "staff_notes.notes": RECORDERS,
    "staff_notes.write_note": RECORDERS,
    "staff_people.end_sign_ins": ADMINS,
    "staff_people.invitation_link": ADMINS,
    "staff_people.invite": ADMINS,
    "staff_people.offer_new_password": ADMINS,
    "staff_people.people": ADMINS,
    "staff_people.person": ADMINS,
    "staff_people.withdraw": ADMINS,
    "staff_priorities.candidates": READERS,
    "staff_priorities.group": READERS,
    "staff_priorities.grouping_state": READERS,
    "staff_priorities.inbox": READERS,
    "staff_quarantine.at_risk": MODERATORS,
    "staff_quarantine.decide": MODERATORS,
    "staff_quarantine.waiting": MODERATORS,
    "staff_reading.raise_concern": WHO_READS_OR_WRITES,
    "staff_results.survey": GROUP,
    "staff_results.surveys": GROUP,
    "staff_results.words": GROUP,
    "staff_safeguarding.concern": LEADS,
    "staff_safeguarding.lane": LEADS,
    "staff_safeguarding.original": LEADS,
    "staff_safeguarding.release": LEADS,
    "staff_safeguarding.take_on": LEADS,
    "staff_survey_builder.add": FACILITATORS,
    "staff_survey_builder.bring_back": FACILITATORS,
    "staff_survey_builder.build": FACILITATORS,
    "staff_survey_builder.copy": FACILITATORS,
    "staff_survey_builder.move": FACILITATORS,
    "staff_survey_builder.remove": FACILITATORS,
    "staff_survey_pages.add_equality": FACILITATORS,
    "staff_survey_pages.move_page": FACILITATORS,
    "staff_survey_pages.new_page": FACILITATORS,
    "staff_survey_pages.page": FACILITATORS,
    "staff_survey_pages.remove_page": FACILITATORS,
    "staff_survey_pages.texts": FACILITATORS,
    "staff_survey_question.question": FACILITATORS,
    "staff_second_keying.key_again": RECORDERS,
    "staff_second_keying.papers": RECORDERS,
    "staff_second_keying.settle": RECORDERS,
    "staff_survey_entry.enter": RECORDERS,
    "staff_survey_entry.surveys": RECORDERS,
    "staff_survey_paper.order": RECORDERS,
    "staff_surveys.dates": FACILITATORS,
    "staff_survey_exchange.bring_in": FACILITATORS,
    "staff_survey_exchange.download": FACILITATORS,
    "staff_survey_exchange.start": FACILITATORS,
    "staff_survey_exchange.take_out": FACILITATORS,
    "staff_survey_preview.as_met": FACILITATORS,
    "staff_survey_preview.preview": FACILITATORS,
    "staff_survey_publishing.publish": FACILITATORS,
    "staff_survey_publishing.versions": FACILITATORS,
    "staff_surveys.start": FACILITATORS,
    "staff_surveys.survey": FACILITATORS,
    "staff_surveys.surveys": FACILITATORS,
    "staff_take_backs.answer": FACILITATORS,
    "staff_take_backs.grant": FACILITATORS,
    "staff_take_backs.one_request": FACILITATORS,
    "staff_take_backs.requests": FACILITATORS,
    "staff_themes.decide": READERS,
    "staff_themes.decided": READERS,
    "staff_themes.next_voice": READERS,
    "staff_themes.undecided": READERS,
    "staff_today.today": EVERYBODY,
    "staff_voices.approve": MODERATORS,
    "staff_voices.next_voice": MODERATORS,
    "staff_voices.original": MODERATORS,
    "staff_voices.queue": MODERATORS,
    "staff_voices.redact": MODERATORS,
    "staff_voices.reopen": MODERATORS,
    "staff_voices.voice": MODERATORS,
    "staff_voices.withhold": MODERATORS,
}
# These end the sign-in with which they are asked for, so they come last.
LAST = ("staff_accounts.change_password", "staff_accounts.sign_out")


@pytest.fixture(scope="module")
def full_database(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a row of every kind. Access does not depend on the kind of database."""
    folder = tmp_path_factory.mktemp("access")
    shutil.copy(sqlite_template, folder / "engage.db")
    app = create_app(settings_for(folder), testing=True)
    with app.app_context():
        world.build()
        with db.db.engine.connect() as connection:
            connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.db.engine.dispose()
    return folder / "engage.db"


@pytest.fixture
def full_app(full_database: Path, tmp_path: Path) -> Iterator[Flask]:
    """An installation with a row of every kind, for one test."""
    shutil.copy(full_database, tmp_path / "engage.db")
    app = create_app(settings_for(tmp_path), testing=True)
    app.config["WTF_CSRF_ENABLED"] = False
    limiter.reset()
    yield app
    with app.app_context():
        db.db.engine.dispose()


def signed_in(app: Flask, role: Role) -> FlaskClient:
    """A browser of somebody who has this role and no other."""
    with app.app_context():
        email = factories.user(role).email
        db.db.session.commit()
    client = app.test_client()
    reply = client.post("/sign-in", data={"email": email, "password": factories.PASSWORD})
    assert reply.status_code == 303
    return client


def requests_to(app: Flask) -> list[tuple[str, str, str]]:
    """Method, address and endpoint of all that one must sign in for; those in LAST come last."""
    found = [
        (method, address_of(app, rule), rule.endpoint)
        for rule in routes(app)
        for method in sorted((rule.methods or set()) & {"GET", "POST"})
        if MAY[rule.endpoint]
    ]
    return sorted(found, key=lambda one: one[2] in LAST)


def test_every_route_is_in_the_table_and_says_the_same(full_app: Flask) -> None:
    found = {}
    for rule in routes(full_app):
        blueprint = full_app.blueprints.get(rule.endpoint.rpartition(".")[0])
        found[rule.endpoint] = blueprint.roles if isinstance(blueprint, StaffBlueprint) else ANYBODY
    assert found == MAY


def test_signed_in_pages_are_under_one_path(full_app: Flask) -> None:
    inside = {rule.endpoint for rule in routes(full_app) if rule.rule.startswith("/staff")}
    assert inside == {endpoint for endpoint, roles in MAY.items() if roles}


def test_nothing_but_get_and_post_changes_or_shows(full_app: Flask) -> None:
    for rule in routes(full_app):
        assert (rule.methods or set()) <= {"GET", "HEAD", "OPTIONS", "POST"}


def test_nobody_gets_in_without_signing_in(full_app: Flask) -> None:
    client = full_app.test_client()
    for method, address, _endpoint in requests_to(full_app):
        reply = client.open(address, method=method)
        assert reply.status_code == 303, (method, address)
        assert reply.location.startswith("/sign-in"), (method, address)


@pytest.mark.parametrize("role", list(Role))
def test_each_role_gets_in_where_it_may_and_nowhere_else(full_app: Flask, role: Role) -> None:
    asked = requests_to(full_app)
    client = signed_in(full_app, role)
    wrong = []
    for method, address, endpoint in asked:
        reply = client.open(address, method=method)
        reply.close()
        if role not in MAY[endpoint]:
            is_right = reply.status_code == 403
        else:
            # What is asked for may be gone by now, or the form may lack something; but nobody is turned away.
            is_right = reply.status_code in (200, 303, 404, 409, 410, 422)
            is_right = is_right and (endpoint in LAST or not (reply.location or "").startswith("/sign-in"))
        if not is_right:
            wrong.append((method, address, reply.status_code, reply.location))
    assert wrong == []
