"""Engage carries a voice the whole way, from "I want to tell you something" to "this is what changed"."""

from __future__ import annotations

from flask import Flask

from engage import config, paths
from engage.config import Settings


def create_app(settings: Settings | None = None, *, testing: bool = False) -> Flask:
    """Build the web application. Raises config.SettingsError where the settings are unsafe.

    ``settings`` come from the environment unless given; ``testing`` turns on the guard against forgotten
    commits.
    """
    from engage import (
        analysis,
        db,
        errors,
        headers,
        i18n,
        logs,
        models,  # noqa: F401 - every table must be known before the first query
        pages,
        rooms,
        tasks,
        workbench,
    )

    logs.init()
    settings = settings or config.load()
    config.refuse_unsafe(settings)
    app = Flask(
        "engage",
        template_folder=str(paths.TEMPLATES),
        static_folder=str(paths.STATIC),
        root_path=str(paths.PACKAGE),
    )
    app.testing = testing
    settings.data_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    config.apply(app, settings)
    analysis.use_model(settings.sentence_model, threads=settings.model_threads)
    db.init_app(app, settings.database)
    i18n.init_app(app, settings)
    headers.init_app(app, settings)
    errors.init_app(app)
    rooms.init_app(app)
    pages.init_app(app, settings)
    workbench.init_app(app)
    tasks.init_app(app, settings.queue)
    return app


def close(app: Flask) -> None:
    """Let go of the database and the queue. Call it at the end of a program, outside an app context."""
    from engage import db

    with app.app_context():
        db.db.engine.dispose()
    app.extensions["engage.queue"].storage.close()
