"""How the states of an import are called on pages."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from engage.notes.models import ImportState

STATES: dict[ImportState, Any] = {
    ImportState.UPLOADED: _l("Waits for you to choose columns"),
    ImportState.QUEUED: _l("Waits for its turn"),
    ImportState.RUNNING: _l("Being taken in"),
    ImportState.DONE: _l("Done"),
    ImportState.FAILED: _l("Broke off"),
}
STATE_TAGS = {
    ImportState.UPLOADED: "wait",
    ImportState.QUEUED: "wait",
    ImportState.RUNNING: "brand",
    ImportState.DONE: "good",
    ImportState.FAILED: "stop",
}
