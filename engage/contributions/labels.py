"""How the ledger's states are called on pages."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from engage.contributions.models import Channel, DecisionKind, Speaker, Status

CHANNELS: dict[Channel, Any] = {
    Channel.ONLINE: _l("Online"),
    Channel.PHONE: _l("By phone"),
    Channel.PAPER: _l("On paper"),
    Channel.EVENT: _l("At an event"),
    Channel.LETTER: _l("By letter"),
    Channel.IMPORT: _l("From another tool"),
}
SPEAKERS: dict[Speaker, Any] = {
    Speaker.DRAWS_ON_CARE: _l("A person who draws on care"),
    Speaker.UNPAID_CARER: _l("An unpaid carer"),
    Speaker.FAMILY_OR_FRIEND: _l("Family or friend"),
    Speaker.STAFF: _l("Somebody who works in care"),
    Speaker.PROVIDER: _l("A care provider"),
    Speaker.NOT_SAID: _l("Somebody who did not say"),
}
STATUSES: dict[Status, Any] = {
    Status.WAITING: _l("Waits to be read"),
    Status.APPROVED: _l("Approved"),
    Status.WITHHELD: _l("Held back"),
    Status.SAFEGUARDING: _l("With a safeguarding lead"),
}
DECISIONS: dict[DecisionKind, Any] = {
    DecisionKind.APPROVE: _l("Approved"),
    DecisionKind.WITHHOLD: _l("Held back"),
    DecisionKind.REDACT: _l("Words hidden"),
    DecisionKind.REOPEN: _l("Put back in the queue"),
    DecisionKind.RAISE_CONCERN: _l("Safeguarding concern raised"),
    DecisionKind.ACKNOWLEDGE_CONCERN: _l("Concern taken on by a safeguarding lead"),
    DecisionKind.RELEASE_CONCERN: _l("Concern looked after, back in the queue"),
}
STATUS_TAGS = {
    Status.WAITING: "wait",
    Status.APPROVED: "good",
    Status.WITHHELD: "stop",
    Status.SAFEGUARDING: "stop",
}
# What hidden words read as. The key is stored in the text, in square brackets.
REDACTION_LABELS: dict[str, Any] = {
    "name": _l("a name"),
    "phone number": _l("a phone number"),
    "e-mail address": _l("an e-mail address"),
    "address": _l("an address or postcode"),
    "date of birth": _l("a date of birth"),
    "number": _l("an NHS, National Insurance or account number"),
    "detail": _l("another detail that points to a person"),
    "hurtful words": _l("words that hurt somebody"),
}
WITHHOLD_REASONS: dict[str, Any] = {
    "person": _l("It points to a person, and hiding words would not change that."),
    "abuse": _l("It attacks a person or a group of people."),
    "advert": _l("It is an advertisement, or a program sent it."),
    "elsewhere": _l("It is not about care and support; we passed it to somebody who can help."),
    "twice": _l("It reached us twice; we count it once."),
    "other": _l("Another reason"),
}
