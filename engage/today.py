"""Today: the first page after signing in. What waits for me, each with its one next step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date, ngettext
from flask_babel import gettext as _

from engage.accounts.guard import EVERYBODY_SIGNED_IN, signed_in_user, staff_blueprint
from engage.accounts.models import Role
from engage.contributions import labels, taking_back
from engage.contributions import queries as contributions
from engage.contributions.models import Status
from engage.conversations.choice import conversation_in_hand
from engage.conversations.models import Conversation
from engage.db import utcnow
from engage.priorities import inbox
from engage.surveys import queries as surveys
from engage.surveys.guarding import quarantine
from engage.themes import queries as themes

staff = staff_blueprint("staff_today", __name__, EVERYBODY_SIGNED_IN)


@dataclass(frozen=True)
class Waiting:
    """Something that waits: how many, of what, more about it, and the next step."""

    number: int | None
    what: str
    more: str
    action: str
    url: str
    is_urgent: bool = False

    @property
    def is_calm(self) -> bool:
        return self.number == 0


@staff.get("/")
def today() -> ResponseReturnValue:
    conversation = conversation_in_hand()
    roles = signed_in_user().roles
    if conversation is None:
        may_start = bool(roles & {Role.FACILITATOR, Role.ADMIN})
        return render_template("today/no_conversation.html", may_start=may_start)
    counts = contributions.counts(conversation.id)
    waiting = list(_waiting(conversation, roles, counts))
    shown = {c: n for c, n in counts.by_channel.items() if n}
    return render_template(
        "today/today.html",
        waiting=sorted(waiting, key=lambda one: (not one.is_urgent, one.is_calm)),
        things=sum(1 for one in waiting if one.number),
        conversation=conversation,
        today=utcnow().date(),
        counts=counts,
        approved=counts.by_status[Status.APPROVED],
        channels=sorted(shown.items(), key=lambda pair: -pair[1]),
        labels=labels,
    )


def _waiting(
    conversation: Conversation, roles: frozenset[Role], counts: contributions.Counts
) -> Iterator[Waiting]:
    """Everything that waits for somebody with these roles, each kind once."""
    for role, look in WAITS:
        if roles & role:
            yield look(conversation, counts)


def _concerns(_conversation: Conversation, _counts: contributions.Counts) -> Waiting:
    new = contributions.concerns_not_taken_on()
    return Waiting(
        new,
        ngettext(
            "worry about somebody’s safety that nobody has taken on",
            "worries about somebody’s safety that nobody has taken on",
            new,
        ),
        _("Only safeguarding leads see what was said.") if new else _("New ones appear here at once."),
        _("Open the safeguarding lane"),
        url_for("staff_safeguarding.lane"),
        is_urgent=bool(new),
    )


def _unread(conversation: Conversation, counts: contributions.Counts) -> Waiting:
    unread, oldest = counts.by_status[Status.WAITING], contributions.oldest_waiting(conversation.id)
    return Waiting(
        unread,
        ngettext("voice waits to be read", "voices wait to be read", unread),
        _("The oldest since %(day)s.", day=format_date(oldest, "EEEE d MMMM")) if oldest else _("All read."),
        _("Read the next one"),
        url_for("staff_voices.next_voice"),
    )


def _held(conversation: Conversation, _counts: contributions.Counts) -> Waiting:
    held = quarantine.waiting_count(conversation.id)
    return Waiting(
        held,
        ngettext("response looks like a machine’s", "responses look like a machine’s", held),
        _("They count as soon as a person says that a person sent them.") if held else _("None kept apart."),
        _("Look at them") if held else _("See what was put aside"),
        url_for("staff_quarantine.waiting") if held else url_for("staff_quarantine.waiting", state="spam"),
    )


def _unthemed(conversation: Conversation, _counts: contributions.Counts) -> Waiting:
    undecided = themes.undecided_count(conversation.id)
    return Waiting(
        undecided,
        ngettext("approved voice has no theme yet", "approved voices have no theme yet", undecided),
        _("Each has a suggestion with its reason. You decide."),
        _("Say what they are about"),
        url_for("staff_themes.next_voice"),
    )


def _unplaced(conversation: Conversation, _counts: contributions.Counts) -> Waiting:
    unplaced = inbox.inbox_count(conversation.id)
    return Waiting(
        unplaced,
        ngettext("approved voice is in no group", "approved voices are in no group", unplaced),
        _("Nothing approved is left out: each is either in a group or in the inbox."),
        _("See the candidate priorities"),
        url_for("staff_priorities.candidates"),
    )


def _responses(conversation: Conversation, _counts: contributions.Counts) -> Waiting:
    lines = surveys.surveys(conversation.id)
    is_open = any(line.survey.is_open(utcnow().date()) for line in lines)
    responses = sum(line.responses for line in lines)
    return Waiting(
        responses if lines else 0,
        ngettext("person has answered a survey", "people have answered a survey", responses),
        _("A survey is open.") if is_open else _("No survey is open at the moment."),
        _("Look at the surveys"),
        url_for("staff_surveys.surveys"),
    )


def _take_backs(conversation: Conversation, _counts: contributions.Counts) -> Waiting:
    asking = taking_back.waiting_count(conversation.id)
    return Waiting(
        asking,
        ngettext("person asks for their answers back", "people ask for their answers back", asking),
        _("They asked after the close. Give the answers back, or say why they stay."),
        _("Answer them"),
        url_for("staff_take_backs.requests"),
    )


def _notes(_conversation: Conversation, _counts: contributions.Counts) -> Waiting:
    return Waiting(
        None,
        _("Were you at an event?"),
        _("Write down what people said, point by point. Each point counts like any other voice."),
        _("Write an event note"),
        url_for("staff_notes.write_note"),
    )


def _people(_conversation: Conversation, _counts: contributions.Counts) -> Waiting:
    return Waiting(
        None,
        _("Does somebody need to sign in?"),
        _("Invite them with a link, and say what they may do."),
        _("Invite somebody"),
        url_for("staff_people.invite"),
    )


READERS = frozenset({Role.MODERATOR, Role.MEMBER, Role.FACILITATOR})
WAITS: tuple[
    tuple[frozenset[Role], Callable[[Conversation, contributions.Counts], Waiting]],
    ...,
] = (
    (frozenset({Role.SAFEGUARDING_LEAD}), _concerns),
    (frozenset({Role.MODERATOR}), _unread),
    (frozenset({Role.MODERATOR}), _held),
    (READERS, _unthemed),
    (READERS, _unplaced),
    (frozenset({Role.FACILITATOR}), _responses),
    (frozenset({Role.FACILITATOR}), _take_backs),
    (frozenset({Role.RECORDER, Role.FACILITATOR}), _notes),
    (frozenset({Role.ADMIN}), _people),
)
