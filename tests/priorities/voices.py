"""Voices for tests of grouping: three things that people ask for, and some that say what nobody else says."""

from __future__ import annotations

from engage.accounts.models import Role, User
from engage.contributions.models import Channel, Contribution
from engage.conversations.models import Conversation
from engage.db import db
from engage.themes import queries as themes
from engage.themes import services as theming
from tests import factories
from tests.factories import NOW

CARERS = [
    "It is a different carer every week and I have to explain everything again.",
    "Please send the same carer each time, I am tired of new faces.",
    "New carers every day. Mum is frightened of strangers in her house.",
    "I want one or two carers who know me, not a stranger each morning.",
    "The agency sends somebody new each week and they do not know my routine.",
    "We never know who is coming. A regular carer would change everything.",
]
BUSES = [
    "The bus to the day centre was late again and I waited in the rain.",
    "There is no bus after six, so I cannot see my friends in the evening.",
    "The community bus does not come to our village any more.",
    "I cannot get to the clinic because the bus no longer stops near us.",
    "Buses with a ramp are rare, so I stay at home in my wheelchair.",
    "My bus pass does not work before half past nine and my appointment is at nine.",
]
LETTERS = [
    "The letter about my assessment was full of words that I did not understand.",
    "Send letters in large print, I cannot read the small writing.",
    "I got three letters about my direct payment and each said something else.",
    "The council's letters are too long and too hard to read.",
]


def started(*names: str) -> tuple[User, Conversation]:
    """A facilitator and a conversation with these themes, or with three."""
    facilitator = factories.user(Role.FACILITATOR, name="Frances Facilitator")
    framework = factories.framework(*names)
    return facilitator, factories.conversation(by=facilitator, themes=framework)


def themed(
    conversation: Conversation,
    text: str | None,
    *places: int,
    by: User,
    channel: Channel = Channel.ONLINE,
    voices: int = 1,
    **values: object,
) -> Contribution:
    """An approved voice with the themes at these places (from 0) in the framework; none: none fits."""
    made = factories.approved(conversation, text, by=by, channel=channel, voices=voices, **values)
    known = themes.themes_of_conversation(conversation.id)
    theming.decide_themes(made, [known[place] for place in places], by=by, now=NOW)
    db.session.flush()
    return made
