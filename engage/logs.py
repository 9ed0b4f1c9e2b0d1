"""What the server writes down about itself. Never anybody's words.

A database's error message can quote the row that it refuses, so neither messages nor variables of an error
are written: only its type and the places in the code.
"""

from __future__ import annotations

import logging
import sys
import traceback

import structlog


def places(error: BaseException) -> list[str]:
    """Where an error came from: ``file:line function``, the innermost last."""
    return [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(error.__traceback__)]


def _without_error(record: logging.LogRecord) -> bool:
    record.exc_info = record.exc_text = None
    return True


def init() -> None:
    """Lines of JSON on standard error; in a terminal, lines for people."""
    for_people = sys.stderr.isatty()
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if for_people else structlog.processors.JSONRenderer()
    )
    # These write down errors with their messages; ``errors`` and ``tasks`` write the same without.
    for name in ("engage", "huey", "huey.consumer", "gunicorn.error"):
        logging.getLogger(name).addFilter(_without_error)
    processors: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*processors, renderer],
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
