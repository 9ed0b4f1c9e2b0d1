"""The moderation queue and desk."""

from __future__ import annotations

from typing import Any, TypeVar

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms.fields import SelectChoice

from engage.accounts.guard import signed_in_user, staff_blueprint
from engage.accounts.models import Role
from engage.contributions import labels, moderation, queries
from engage.contributions.forms import ReasonForm, RedactForm, VoiceFilterForm, WithholdForm
from engage.contributions.models import Channel, Contribution, DecisionKind, Speaker, Status
from engage.contributions.queries import Cursor, VoiceFilter
from engage.conversations.choice import the_conversation
from engage.conversations.models import Conversation
from engage.db import db, utcnow
from engage.forms import clean_text, load_or_404

MODERATED = frozenset({Status.WAITING, Status.APPROVED, Status.WITHHELD})
# Which voices a role reads, and so may raise a concern about.
READ_BY = {
    Role.MODERATOR: MODERATED,
    Role.RECORDER: MODERATED,
    Role.MEMBER: frozenset({Status.APPROVED}),
    Role.FACILITATOR: frozenset({Status.APPROVED}),
}

staff = staff_blueprint("staff_voices", __name__, {Role.MODERATOR})
reading = staff_blueprint("staff_reading", __name__, set(READ_BY))
E = TypeVar("E", Status, Channel, Speaker)


@staff.get("/voices")
def queue() -> ResponseReturnValue:
    """The list of voices, the newest first."""
    conversation = the_conversation()
    form = VoiceFilterForm(request.args)
    form.district.choices = [SelectChoice("", _("Every district"))] + [
        SelectChoice(name, name) for name in conversation.districts
    ]
    page = queries.voices(_chosen(form, conversation), before=Cursor.read(request.args.get("before")))
    counts = queries.counts(conversation.id)
    narrowing: dict[str, Any] = {
        name: value for name, value in request.args.items() if name != "before" and value
    }
    return render_template(
        "voices/queue.html",
        form=form,
        page=page,
        waiting=counts.by_status[Status.WAITING],
        total=counts.contributions,
        oldest=queries.oldest_waiting(conversation.id),
        labels=labels,
        narrowing=narrowing,
        newest_url=url_for(".queue", **narrowing) if request.args.get("before") else None,
        older_url=url_for(".queue", **(narrowing | {"before": str(page.older)})) if page.older else None,
    )


def _chosen(form: VoiceFilterForm, conversation: Conversation) -> VoiceFilter:
    status = _one_of(Status, form.status.data) or Status.WAITING
    return VoiceFilter(
        conversation_id=conversation.id,
        statuses=frozenset({status}) & MODERATED or frozenset({Status.WAITING}),
        channel=_one_of(Channel, form.channel.data),
        speaker=_one_of(Speaker, form.speaker.data),
        district=form.district.data if form.district.data in conversation.districts else None,
        words=form.words.data or "",
    )


def _one_of(kind: type[E], value: str | None) -> E | None:
    """The enum member of a value that came in an address; None for anything else."""
    try:
        return kind(value or "")
    except ValueError:
        return None


@staff.get("/voices/next")
def next_voice() -> ResponseReturnValue:
    """The next voice that waits, after the one that was skipped."""
    conversation = the_conversation()
    after = _seen(request.args.get("after", type=int), conversation, MODERATED)
    found = queries.next_waiting(conversation.id, after)
    if not found:
        return redirect(url_for(".queue"), 303)
    return redirect(url_for(".voice", contribution_id=found.id), 303)


def _seen(
    contribution_id: int | None, conversation: Conversation, statuses: frozenset[Status]
) -> Contribution | None:
    """The contribution, if it is in this conversation and where the reader may see it."""
    if contribution_id is None or not 0 < contribution_id < 2**31:
        return None
    found = queries.contribution(contribution_id, statuses)
    return found if found and found.conversation_id == conversation.id else None


def _voice_or_404(contribution_id: int, statuses: frozenset[Status] = MODERATED) -> Contribution:
    found: Contribution = load_or_404(_seen(contribution_id, the_conversation(), statuses))
    return found


@staff.get("/voices/<int:contribution_id>")
def voice(contribution_id: int) -> ResponseReturnValue:
    """The desk: one voice with its context, its history and what can be decided."""
    return _desk(_voice_or_404(contribution_id))


def _desk(voice: Contribution, *, redact_form: RedactForm | None = None) -> ResponseReturnValue:
    wrong = bool(redact_form and redact_form.errors)
    page = render_template(
        "voices/voice.html",
        voice=voice,
        waiting=queries.counts(voice.conversation_id).by_status[Status.WAITING],
        history=queries.history(voice.id),
        is_sealed=queries.is_sealed(voice.id),
        labels=labels,
        redact_form=redact_form or RedactForm(formdata=None),
        reason_form=ReasonForm(formdata=None),
        form_errors=wrong,
    )
    return page, 422 if wrong else 200


@staff.post("/voices/<int:contribution_id>/approve")
def approve(contribution_id: int) -> ResponseReturnValue:
    return _decided(_voice_or_404(contribution_id), DecisionKind.APPROVE, "", _("Approved."))


@staff.route("/voices/<int:contribution_id>/withhold", methods=["GET", "POST"])
def withhold(contribution_id: int) -> ResponseReturnValue:
    voice = _voice_or_404(contribution_id)
    form = WithholdForm()
    if form.validate_on_submit():
        return _decided(voice, DecisionKind.WITHHOLD, form.words, _("Held back."))
    return _ask("voices/withhold.html", form, voice)


@staff.route("/voices/<int:contribution_id>/reopen", methods=["GET", "POST"])
def reopen(contribution_id: int) -> ResponseReturnValue:
    """Put a decided voice back in the queue."""
    voice = _voice_or_404(contribution_id)
    form = ReasonForm()
    if form.validate_on_submit():
        return _decided(voice, DecisionKind.REOPEN, form.reason.data, _("Put back in the queue."))
    return _ask("voices/reopen.html", form, voice)


def _ask(template: str, form: Any, voice: Contribution, **more: Any) -> ResponseReturnValue:
    page = render_template(
        template, form=form, voice=voice, form_errors=bool(form.errors), labels=labels, **more
    )
    return page, 422 if form.errors else 200


def _taken_back() -> ResponseReturnValue:
    db.session.rollback()
    flash(_("The person took this back. Its words are gone, and it cannot be used again."), "warning")
    return redirect(url_for(".next_voice"), 303)


def _decided(voice: Contribution, kind: DecisionKind, reason: str, message: str) -> ResponseReturnValue:
    try:
        moderation.decide(voice, kind, by=signed_in_user(), now=utcnow(), reason=reason)
    except moderation.TakenBack:
        return _taken_back()
    except moderation.NotAllowed:
        db.session.rollback()
        flash(_("Somebody else decided about this voice a moment ago. Here is the next one."), "warning")
        return redirect(url_for(".next_voice"), 303)
    db.session.commit()
    flash(message, "success")
    if kind is DecisionKind.REOPEN:
        return redirect(url_for(".voice", contribution_id=voice.id), 303)
    return redirect(url_for(".next_voice", after=voice.id), 303)


@staff.post("/voices/<int:contribution_id>/redact")
def redact(contribution_id: int) -> ResponseReturnValue:
    """Hide words."""
    voice = _voice_or_404(contribution_id)
    form = RedactForm()
    if not form.validate_on_submit():
        return _desk(voice, redact_form=form)
    passage = moderation.Passage(form.words.data, form.label.data)
    reason = form.reason.data or str(labels.REDACTION_LABELS[form.label.data])
    try:
        moderation.redact(voice, [passage], by=signed_in_user(), now=utcnow(), reason=reason)
    except moderation.WordsNotFound:
        db.session.rollback()
        form.words.errors = [_("These words are not in the text. Copy them from it exactly.")]
        return _desk(voice, redact_form=form)
    except moderation.TakenBack:
        return _taken_back()
    except moderation.NotAllowed:
        db.session.rollback()
        flash(_("Put this voice back in the queue first; then words in it can be hidden."), "warning")
        return redirect(url_for(".voice", contribution_id=voice.id), 303)
    db.session.commit()
    flash(_("Hidden. The original stays sealed."), "success")
    return redirect(url_for(".voice", contribution_id=voice.id), 303)


@staff.post("/voices/<int:contribution_id>/original")
def original(contribution_id: int) -> ResponseReturnValue:
    """Open the sealed original, on record."""
    voice = _voice_or_404(contribution_id)
    form = ReasonForm()
    if not form.validate_on_submit():
        flash(_("Write why you need to see the original. The look is put on record."), "error")
        return redirect(url_for(".voice", contribution_id=voice.id), 303)
    text = moderation.reveal(voice, by=signed_in_user(), now=utcnow(), reason=form.reason.data)
    db.session.commit()
    back_url = url_for(".voice", contribution_id=voice.id)
    return render_template("voices/original.html", voice=voice, text=text, back_url=back_url)


@reading.route("/voices/<int:contribution_id>/concern", methods=["GET", "POST"])
def raise_concern(contribution_id: int) -> ResponseReturnValue:
    """Any reader can say that somebody may be at risk. The voice leaves every other screen at once."""
    roles = signed_in_user().roles
    visible = frozenset[Status]().union(*(READ_BY.get(role, frozenset()) for role in roles))
    voice = _voice_or_404(contribution_id, visible)
    form = ReasonForm()
    if not form.validate_on_submit():
        shows_words = Role.MODERATOR in roles or voice.status is Status.APPROVED
        return _ask("voices/raise_concern.html", form, voice, shows_words=shows_words)
    try:
        moderation.decide(
            voice, DecisionKind.RAISE_CONCERN, by=signed_in_user(), now=utcnow(), reason=form.reason.data
        )
    except moderation.NotAllowed:
        abort(404)
    db.session.commit()
    flash(_("Thank you. A safeguarding lead has it now, and it is off every other screen."), "success")
    return redirect(url_for("staff_today.today"), 303)


def excerpt(text: str, longest: int = 240) -> str:
    """The beginning of a text for a list, cut between words."""
    words = clean_text(text).replace("\n", " ")
    return words if len(words) <= longest else words[:longest].rsplit(" ", 1)[0] + " …"


@staff.app_template_filter("excerpt")
def _excerpt_filter(text: str, longest: int = 240) -> str:
    return excerpt(text, longest)
