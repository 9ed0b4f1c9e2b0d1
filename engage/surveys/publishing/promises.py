"""What a facilitator says about a survey before it is published: promises, and reasons to go on without."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from engage.surveys.content import Content
from engage.surveys.models import Survey
from engage.surveys.publishing.check_list import Check, Principle, State
from engage.surveys.words.text_checks import easy_read_tested, state_of_languages

LONGEST_REASON = 500


@dataclass(frozen=True)
class Promise:
    """Something that only a person can say."""

    key: str
    principle: Principle
    words: Any


PROMISES = (
    Promise("undecided", Principle.OPEN, _l("Nothing that we ask about is decided already.")),
    Promise("tried", Principle.KNOW, _l("Somebody with lived experience has tried it.")),
    Promise("time_to_read", Principle.CARE, _l("We have time to read what comes in before the decision.")),
)


@dataclass(frozen=True)
class Said:
    """What the facilitator said: promises that hold (keys), and reasons to go on without, by key."""

    agreed: frozenset[str] = frozenset()
    reasons: Mapping[str, str] = field(default_factory=dict)


def open_points(checks: Iterable[Check], said: Said) -> list[tuple[str, str]]:
    """What still keeps the survey from being published: (what to do, key) each; empty where nothing does."""
    found = []
    for check in checks:
        if check.state is State.STOP:
            found.append((_("Put this right first: %(what)s.", what=check.title), check.key))
        elif check.state is State.LOOK:
            message = _("%(what)s: say why you go on all the same, or change it.", what=check.title)
            found += _reason_problem(check.key, message, said)
    for promise in PROMISES:
        if promise.key not in said.agreed:
            message = _("Tick this, or say why not: “%(what)s”", what=promise.words)
            found += _reason_problem(promise.key, message, said)
    return found


def _reason_problem(key: str, missing: str, said: Said) -> list[tuple[str, str]]:
    """What is wrong with a reason: it is ``missing``, or too long."""
    reason = said.reasons.get(key, "")
    if len(reason) > LONGEST_REASON:
        return [(_("Shorten your reason to %(most)s characters or fewer.", most=LONGEST_REASON), key)]
    return [] if reason else [(missing, key)]


def kept(survey: Survey, content: Content, checks: Iterable[Check], said: Said) -> dict[str, Any]:
    """What the version keeps of all this, as JSON.

    ``agreed`` are keys of promises and of checks that were good; ``set_aside`` has for each other key what
    was found and the reason; ``unchecked`` are languages, ``tested_by`` is who tested Easy Read.
    """
    found = list(checks)
    set_aside = {
        check.key: {"what": check.title, "reason": said.reasons[check.key]}
        for check in found
        if check.state is State.LOOK
    }
    for promise in PROMISES:
        if promise.key not in said.agreed:
            set_aside[promise.key] = {"what": str(promise.words), "reason": said.reasons[promise.key]}
    tested = easy_read_tested(survey, content) if content.easy_read else None
    return {
        "agreed": [promise.key for promise in PROMISES if promise.key in said.agreed],
        "good": [check.title for check in found if check.state is State.GOOD],
        "set_aside": set_aside,
        "unchecked": [state.code for state in state_of_languages(survey, content) if not state.is_done],
        **({"tested_by": tested.checked_by} if tested else {}),
    }
