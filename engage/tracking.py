"""What became of what somebody said, for whoever holds the tracking code.

It looks into every room, so it stands beside ``pages.py``. Whoever types a code might not be the person who
spoke: nothing that is in the safeguarding lane is shown, and no page names a member of staff.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa
from flask import Blueprint, Response, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from engage.contributions import labels, taking_back
from engage.contributions import queries as contributions
from engage.contributions.models import (
    Channel,
    Contribution,
    DecisionKind,
    ModerationDecision,
    Receipt,
    Redaction,
    Status,
)
from engage.conversations import queries as conversations
from engage.conversations.stages import DAY
from engage.db import db, utcnow
from engage.forms import LineField, PatientForm, csrf
from engage.headers import without_copies
from engage.limits import limit_wrong_codes
from engage.priorities import queries as priorities
from engage.priorities.evidence import sizes_of
from engage.priorities.models import Group
from engage.surveys.comforts import saving
from engage.surveys.drafts import TRACKED
from engage.surveys.forms import ComeBackForm
from engage.surveys.guarding import quarantine
from engage.themes import queries as themes
from engage.themes.models import Theme, ThemeDecision

bp = Blueprint("tracking", __name__, url_prefix="/track")
R = TypeVar("R", ModerationDecision, Redaction, ThemeDecision)
KEY = TRACKED
UNREAD = (Status.WAITING, Status.SAFEGUARDING)
"""Shown alike to the letter: whoever holds the code cannot tell whether a concern was raised."""

FEWEST = 5
"""A number of other people is said from so many."""

SHOWN_FOR = 30 * 60  # Seconds after which the page asks for the code again, for devices that people share.
REACHED_US = {
    Channel.ONLINE: _l("It reached us online, in your words."),
    Channel.PHONE: _l("You told us by phone, and we wrote it down."),
    Channel.PAPER: _l("It reached us on paper."),
    Channel.EVENT: _l("You said it at an event, and we wrote it down."),
    Channel.LETTER: _l("It reached us by letter."),
    Channel.IMPORT: _l("It reached us with answers that were collected elsewhere."),
}


class CodeForm(PatientForm):
    """A tracking code, however it was typed.

    Another site that sends a code here shows no more than somebody who types it, so this form needs no
    protection from other sites, and the pages that have it leave no cookie.
    """

    class Meta(PatientForm.Meta):  # type: ignore[name-defined]
        csrf = False

    code = LineField(_l("Your tracking code"), longest=100, render_kw={"dir": "ltr"})


@dataclass(frozen=True)
class Together:
    """A group that a voice is in: its title, once a person chose one, and how many others stand in it."""

    title: str | None
    others: int


@dataclass
class Said:
    """One thing that was said and all that a person may read about it. Empty for the safeguarding lane."""

    contribution: Contribution
    decisions: Sequence[ModerationDecision] = ()
    parts: Sequence[tuple[str, bool]] = ()
    themes: Sequence[Theme] = ()
    groups: Sequence[Together] = field(default_factory=list)
    sorted_at: datetime | None = None

    @property
    def is_unread(self) -> bool:
        """Whether nothing of it is shown yet: it waits, or a safeguarding lead looks after it."""
        return self.contribution.status in UNREAD


@bp.after_request
def keep_no_copy(response: Response) -> Response:
    """What somebody said must not come back on a shared device with the back button."""
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.route("", methods=["GET", "POST"])
@csrf.exempt
@limit_wrong_codes
def enter() -> ResponseReturnValue:
    """Take a code. It travels in the body of the request, so that no address and no log ever has it."""
    form = CodeForm()
    if form.validate_on_submit():
        receipt = contributions.receipt_by_code(form.code.data)
        if receipt:
            session[KEY] = [receipt.id, int(utcnow().timestamp())]
            return redirect(url_for(".what_became"), 303)
        if saving.unsent_by_code(form.code.data or ""):
            # Their own page takes the code once more, with the protection that this one does without.
            back = ComeBackForm()
            return render_template("surveys/come_back.html", form=back, not_sent_yet=True)
        form.code.errors = [
            _(
                "We do not know this code. Check each letter and number: there are twelve, in three groups "
                "of four."
            )
        ]
    page = render_template("tracking/enter.html", form=form, form_errors=bool(form.errors))
    return page, 422 if form.errors else 200


@bp.get("/what-became")
def what_became() -> ResponseReturnValue:
    receipt = receipt_in_hand()
    if receipt is None:
        return redirect(url_for(".enter"), 303)
    conversation = conversations.conversation(receipt.conversation_id)
    found = everything_said(receipt)
    return render_template(
        "tracking/what_became.html",
        receipt=receipt,
        conversation_name=conversation.name if conversation else None,
        said=[(one, now_in_words(one), steps(one)) for one in found],
        take_back=taking_back.request_of(receipt),
        withheld=any(one.contribution.status is Status.WITHHELD for one in found),
        form=PatientForm(formdata=None),
    )


@bp.post("/finish")
@csrf.exempt
def finish() -> ResponseReturnValue:
    """Close what was shown, so that the next person at this device does not see it."""
    if PatientForm().validate():
        session.pop(KEY, None)
    return without_copies(redirect(url_for(".enter"), 303))


def receipt_in_hand() -> Receipt | None:
    """What the code leads to that was typed a little while ago at this device."""
    receipt_id, since = session.get(KEY, (None, 0))
    if receipt_id is None or utcnow().timestamp() - since > SHOWN_FOR:
        return None
    return db.session.get(Receipt, receipt_id)


# --- Reading ------------------------------------------------------------------------------------------------


def everything_said(receipt: Receipt) -> list[Said]:
    """All that came with a receipt. The same number of statements for one thing and for fifty."""
    voices = contributions.contributions_of(receipt) or quarantine.voices_held(receipt)
    ids = [voice.id for voice in voices if voice.status not in UNREAD]
    decisions, hidden, sortings = (
        _rows(ModerationDecision, ids),
        _rows(Redaction, ids),
        _rows(ThemeDecision, ids),
    )
    of_themes, of_groups = themes.themes_of(ids), _groups(voices)
    return [
        Said(
            voice,
            decisions.get(voice.id, ()),
            list(parts(voice.text, hidden.get(voice.id, ()))),
            of_themes.get(voice.id, ()),
            of_groups.get(voice.id, ()),
            sortings[voice.id][-1].decided_at if voice.id in sortings else None,
        )
        if voice.id in ids
        else Said(voice)
        for voice in voices
    ]


def parts(text: str, hidden: Sequence[Redaction]) -> Iterator[tuple[str, bool]]:
    """The text that readers see in pieces: (words, whether they stand for something hidden).

    Places of redactions count in the verbatim text; each hidden passage reads as its label in brackets.
    """
    at = shift = 0
    for redaction in sorted(hidden, key=lambda r: r.start):
        start = redaction.start + shift
        end = start + len(redaction.label) + 2
        if text[at:start]:
            yield text[at:start], False
        yield str(labels.REDACTION_LABELS.get(redaction.label, redaction.label)), True
        at, shift = end, shift + (end - start) - (redaction.end - redaction.start)
    if text[at:]:
        yield text[at:], False


def _rows(table: type[R], ids: Sequence[int]) -> dict[int, list[R]]:
    """Rows of a table by the voice that they are about, the first one first."""
    query = sa.select(table).where(table.contribution_id.in_(ids)).order_by(table.id)
    found: dict[int, list[R]] = {}
    for row in db.session.scalars(query):
        found.setdefault(row.contribution_id, []).append(row)
    return found


def _groups(voices: Sequence[Contribution]) -> dict[int, list[Together]]:
    """The groups in which each of one person's voices stands, with how many other people stand there."""
    by_id = {voice.id: voice for voice in voices if voice.status is Status.APPROVED}
    places = priorities.groups_of(list(by_id))
    own: dict[int, list[int]] = {}
    for voice_id, found in places.items():
        for place in found:
            own.setdefault(place.group_id, []).append(by_id[voice_id].voices)
    sizes = sizes_of(Group.id.in_(own))
    # All voices under one receipt are one person's, as they are in the sizes.
    others = {i: sizes[i].people - (sum(counts) - len(counts) + 1) for i, counts in own.items()}
    return {
        voice_id: [
            Together(place.title if place.is_named else None, max(others[place.group_id], 0))
            for place in found
        ]
        for voice_id, found in places.items()
    }


# --- In plain words -----------------------------------------------------------------------------------------


def now_in_words(said: Said) -> tuple[str, str]:
    """Where it stands: a heading of a few words, and a sentence."""
    status = said.contribution.status
    if said.is_unread:
        return (
            _("A member of staff is looking after this"),
            _("They read every word before anybody else does."),
        )
    if status is Status.WITHHELD:
        return _("We read it, and hold it back"), _reason(said)
    if said.groups:
        return _("It is together with what others said"), _("The co-production group reads it next.")
    if said.themes:
        return _("It has its place"), _("Next it is put together with what others said about the same thing.")
    return _("A person has read it"), _("Next it is put together with what others said about the same thing.")


def _reason(said: Said) -> str:
    given = [d.reason for d in said.decisions if d.kind is DecisionKind.WITHHOLD and d.reason]
    return given[-1] if given else _("Ring us, and we tell you why.")


def steps(said: Said) -> list[dict[str, str]]:
    """The timeline: heard, read, put together, decided, done."""
    heard = {
        "title": _("Heard"),
        "when": format_date(said.contribution.received_at, DAY),
        "text": str(REACHED_US[said.contribution.channel]),
        "state": "done",
    }
    if said.contribution.status is Status.WITHHELD:
        return [heard, _read(said)]
    return [
        heard,
        _read(said),
        _together(said),
        {
            "title": _("Decided"),
            "text": _(
                "The co-production group agrees what comes first. You read here what it decided, and why."
            ),
            "state": "later",
        },
        {
            "title": _("Done"),
            "text": _("What changed because of it, or why it did not."),
            "state": "later",
        },
    ]


def _read(said: Said) -> dict[str, str]:
    if said.is_unread:
        return {"title": _("Read"), "text": _("A person will read every word of it."), "state": "now"}
    last = [d for d in said.decisions if d.kind in (DecisionKind.APPROVE, DecisionKind.WITHHOLD)]
    when = {"when": format_date(last[-1].made_at, DAY)} if last else {}
    if said.contribution.status is Status.WITHHELD:
        text = _("A person read it. It is held back, and nobody uses it.")
    elif any(is_hidden for _words, is_hidden in said.parts):
        text = _("A person read it, and hid what would show who somebody is.")
    else:
        text = _("A person read it, and changed nothing.")
    return {"title": _("Read"), "text": text, "state": "done", **when}


def _together(said: Said) -> dict[str, str]:
    step = {"title": _("Put together")}
    if said.is_unread:
        return {**step, "text": _("By theme, with what others said about the same thing."), "state": "later"}
    if said.sorted_at:
        step["when"] = format_date(said.sorted_at, DAY)
    if said.groups:
        return {**step, "text": " ".join(_in_group(group) for group in said.groups), "state": "done"}
    if said.themes:
        text = _("A person put it under its theme. It joins what others said about it next.")
    elif said.sorted_at:
        text = _("It fits none of our themes. It stays in a list of its own, which the group reads too.")
    else:
        step.pop("when", None)
        text = _("Next a person decides what it is about.")
    return {**step, "text": text, "state": "now"}


def _in_group(group: Together) -> str:
    if not group.others:
        company = _("It stands by itself so far.")
    elif group.others < FEWEST:
        company = _("With what other people said.")
    else:
        company = _("With what %(people)d other people said.", people=group.others)
    name = _("The co-production group calls it “%(title)s”.", title=group.title) if group.title else ""
    return f"{company} {name}".rstrip()
