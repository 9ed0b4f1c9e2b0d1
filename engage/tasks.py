"""Background work through Huey.

A room declares a task with ``@task``; ``name.enqueue(…)`` puts it in the queue after the view has committed.
Rows in the database say what is to be done and how far it is; a job in the queue is only the nudge, so a job
that is lost is picked up by the sweep that runs every minute (``@every_minute``).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Generic, ParamSpec

import structlog
from flask import Flask, current_app
from huey import Huey, PostgresHuey, SqliteHuey, crontab
from huey.consumer import Consumer

from engage.logs import places

P = ParamSpec("P")
WORKERS = 2  # Threads: a long grouping must not hold up an import.
log = structlog.get_logger(__name__)

_tasks: dict[str, Task[Any]] = {}
_sweeps: dict[str, Callable[[], None]] = {}


class Task(Generic[P]):
    """A function that the worker runs inside an app context."""

    def __init__(self, function: Callable[P, None]) -> None:
        self.function = function
        self.name = f"{function.__module__}.{function.__name__}"
        functools.update_wrapper(self, function)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Run it here and now."""
        self.function(*args, **kwargs)

    def enqueue(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Put it in the queue. Call after the commit, so that the worker sees what the view wrote."""
        current_app.extensions["engage.queued"][self.name](*args, **kwargs)


def task(function: Callable[P, None]) -> Task[P]:
    """Declare a background task. Its arguments must be plain values, such as row identifiers."""
    declared = Task(function)
    _tasks[declared.name] = declared
    return declared


def every_minute(function: Callable[[], None]) -> Callable[[], None]:
    """Declare a sweep: work found in the database that no job is doing."""
    _sweeps[f"{function.__module__}.{function.__name__}"] = function
    return function


def init_app(app: Flask, url: str) -> None:
    """Open the queue and register every declared task with it."""
    queue = _open(url)
    app.extensions["engage.queue"] = queue
    app.extensions["engage.queued"] = {
        name: queue.task(name=name.replace(".", "_"))(_in_context(app, declared.function))
        for name, declared in _tasks.items()
    }
    for name, sweep in _sweeps.items():
        queue.periodic_task(crontab(minute="*"), name=name.replace(".", "_"))(_in_context(app, sweep))


def _open(url: str) -> Huey:
    if url.startswith("sqlite:///"):
        return SqliteHuey("engage", filename=url.removeprefix("sqlite:///"), fsync=True)
    return PostgresHuey("engage", dsn=url.replace("postgresql+psycopg://", "postgresql://"))


def _in_context(app: Flask, function: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> None:
        with app.app_context():
            try:
                function(*args, **kwargs)
            except Exception as error:
                log.error(
                    "a background job failed",
                    job=function.__name__,
                    error_type=type(error).__name__,
                    places=places(error),
                )
                raise

    return run


class EmbeddedConsumer(Consumer):
    """Huey's consumer inside another program, which keeps its own signal handlers."""

    def _set_signal_handlers(self) -> None:
        return


def start_consumer(app: Flask, workers: int = WORKERS) -> EmbeddedConsumer:
    """Start worker threads in this process and return the consumer, which has ``.stop()``."""
    consumer = EmbeddedConsumer(app.extensions["engage.queue"], workers=workers, periodic=True)
    consumer.start()
    return consumer
