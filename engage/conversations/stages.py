"""What happens in a conversation, and when, for the people who take part in it."""

from __future__ import annotations

from datetime import date

from flask_babel import format_date
from flask_babel import gettext as _

from engage.conversations.models import Conversation

DAY = "d MMMM y"


def stages(conversation: Conversation, today: date) -> list[dict[str, str]]:
    """Four steps for the component ``line``: title, when, text and state (done, now or later)."""
    last = format_date(conversation.closes_on, DAY)
    if today < conversation.opens_on:
        listening = ("later", _("From %(day)s", day=format_date(conversation.opens_on, DAY)))
    elif today <= conversation.closes_on:
        listening = ("now", _("Now, until %(day)s", day=last))
    else:
        listening = ("done", _("Until %(day)s", day=last))
    return [
        {
            "title": _("We listen"),
            "when": listening[1],
            "text": _("Online, by phone, on paper and face to face."),
            "state": listening[0],
        },
        {
            "title": _("People read it"),
            "when": _("As it comes in"),
            "text": _("A person reads every word, and hides what would show who somebody is."),
            "state": "later" if listening[0] == "later" else "now",
        },
        {
            "title": _("What belongs together is put together"),
            "when": _("After %(day)s", day=last),
            "text": _("By theme, so that one voice joins others that say much the same."),
            "state": "later",
        },
        {
            "title": _("The co-production group decides"),
            "when": _("After that"),
            "text": _("It agrees what comes first, and says why."),
            "state": "later",
        },
    ]
