"""What roles and standpoints are called, and what each role is for, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from engage.accounts.models import Role, Standpoint

ROLE_NAMES: dict[Role, Any] = {
    Role.RECORDER: _l("Recorder"),
    Role.MODERATOR: _l("Moderator"),
    Role.MEMBER: _l("Group member"),
    Role.FACILITATOR: _l("Facilitator"),
    Role.SAFEGUARDING_LEAD: _l("Safeguarding lead"),
    Role.ADMIN: _l("Admin"),
}
ROLE_PURPOSES: dict[Role, Any] = {
    Role.RECORDER: _l("Writes down what people say at events, on the phone and on paper; brings in files."),
    Role.MODERATOR: _l("Reads every new voice first: clears it, holds it back or covers personal details."),
    Role.MEMBER: _l("Sits in the co-production group, decides on themes and reads the candidate priorities."),
    Role.FACILITATOR: _l("Runs conversations and surveys, groups voices and takes out the results."),
    Role.SAFEGUARDING_LEAD: _l("Sees the voices that somebody is worried about, and nobody else does."),
    Role.ADMIN: _l("Invites people, decides what they may do and looks after the record of changes."),
}
STANDPOINT_NAMES: dict[Standpoint, Any] = {
    Standpoint.LIVED_EXPERIENCE: _l("Lived experience"),
    Standpoint.STAFF: _l("Staff"),
}
STANDPOINT_PURPOSES: dict[Standpoint, Any] = {
    Standpoint.LIVED_EXPERIENCE: _l("Draws on care and support, or cares for somebody who does."),
    Standpoint.STAFF: _l("Works for the council or for an organisation that provides care."),
}


def role_names(roles: Iterable[Role | str]) -> str:
    """The names of these roles in one line, always in the same order."""
    held = {Role(role) for role in roles}
    return ", ".join(str(name) for role, name in ROLE_NAMES.items() if role in held)


def role_line(roles: Iterable[Role | str], standpoint: Standpoint) -> str:
    """Roles and standpoint in one line, such as "Moderator · lived experience"."""
    speaks_from = str(STANDPOINT_NAMES[standpoint])
    return _(
        "%(roles)s · %(standpoint)s",
        roles=role_names(roles),
        standpoint=speaks_from[:1].lower() + speaks_from[1:],
    )
