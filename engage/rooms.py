"""The rooms that the application is made of: every blueprint in one list."""

from __future__ import annotations

from importlib import import_module

from flask import Blueprint, Flask
from werkzeug.routing import IntegerConverter, Map

from engage.accounts.guard import login_manager
from engage.contributions.queries import LARGEST_ID
from engage.forms import csrf
from engage.limits import limiter
from engage.messages.services import mail

VIEWS = (
    "accounts.views",
    "accounts.staff_views",
    "audit.staff_views",
    "contributions.staff_views",
    "contributions.safeguarding_views",
    "conversations.staff_views",
    "notes.staff_views",
    "priorities.staff_views",
    "priorities.grouping_views",
    "surveys.views",
    "surveys.guarding.proof_views",
    "surveys.guarding.quarantine_views",
    "surveys.comforts.saving_views",
    "surveys.comforts.copy_views",
    "surveys.words.clip_views",
    "surveys.words.easy_read_views",
    "surveys.staff_views",
    "surveys.publishing.publish_views",
    "surveys.publishing.preview_views",
    "surveys.exchanging.exchange_views",
    "surveys.printing.paper_views",
    "surveys.keying.entry_views",
    "surveys.keying.second_keying_views",
    "surveys.building.builder_views",
    "surveys.building.question_views",
    "surveys.building.page_views",
    "surveys.words.translation_views",
    "themes.staff_views",
    "themes.framework_views",
    "insight.staff_views",
    "insight.results_views",
    "insight.answers_views",
    "reading",
    "today",
    "tracking",
    "take_back_views",
)


class RowNumber(IntegerConverter):
    """``<int:…>`` in an address: a number that a row can have. Anything larger is not found."""

    def __init__(
        self,
        map: Map,  # noqa: A002
        fixed_digits: int = 0,
        min: int | None = None,  # noqa: A002
        max: int | None = LARGEST_ID,  # noqa: A002
        signed: bool = False,
    ) -> None:
        super().__init__(map, fixed_digits, min, max, signed)


def init_app(app: Flask) -> None:
    """Start the extensions and hang every room's pages into the app."""
    app.url_map.converters["int"] = RowNumber
    csrf.init_app(app)
    limiter.init_app(app)
    login_manager.init_app(app)
    mail.init_app(app)
    for name in VIEWS:
        module = import_module(f"engage.{name}")
        for found in vars(module).values():
            if isinstance(found, Blueprint):
                app.register_blueprint(found)
