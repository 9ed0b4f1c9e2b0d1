"""Notes of events, and their points."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engage.accounts.guard import signed_in_user, staff_blueprint
from engage.accounts.models import Role
from engage.contributions import labels
from engage.contributions.models import Contribution, Status
from engage.conversations.choice import the_conversation
from engage.db import db, utcnow
from engage.forms import load_or_404
from engage.notes import queries, services
from engage.notes.forms import (
    OWN_WORDS,
    SUMMARY,
    EventNoteForm,
    PointForm,
    SeveralPointsForm,
    filled_note_form,
)
from engage.notes.import_views import staff_imports
from engage.notes.models import EventNote, NotePoint
from engage.notes.queries import NoteCursor, PointLine

staff = staff_blueprint("staff_notes", __name__, {Role.RECORDER, Role.FACILITATOR})
__all__ = ["staff", "staff_imports"]


@staff.get("/notes")
def notes() -> ResponseReturnValue:
    """The list of notes, the newest event first."""
    conversation = the_conversation()
    before = NoteCursor.read(request.args.get("before"))
    lines, older = queries.notes(conversation.id, before=before)
    return render_template(
        "notes/notes.html",
        lines=lines,
        newest_url=url_for(".notes") if before else None,
        older_url=url_for(".notes", before=str(older)) if older else None,
    )


@staff.route("/notes/new", methods=["GET", "POST"])
def write_note() -> ResponseReturnValue:
    conversation = the_conversation()
    form = EventNoteForm(conversation)
    if form.validate_on_submit():
        note = services.write_note(conversation, **form.answers(), by=signed_in_user(), now=utcnow())
        db.session.commit()
        flash(_("The note is kept. Now write down the first point."), "success")
        return redirect(url_for(".note", note_id=note.id, next=1), 303)
    page = render_template("notes/write_note.html", form=form, form_errors=bool(form.errors))
    return page, 422 if form.errors else 200


@staff.route("/notes/<int:note_id>/change", methods=["GET", "POST"])
def change_note(note_id: int) -> ResponseReturnValue:
    """Put right where, when or how many."""
    conversation = the_conversation()
    note = _note_or_404(note_id)
    form = filled_note_form(note, conversation)
    if form.validate_on_submit():
        services.change_note(note, **form.answers(), by=signed_in_user(), now=utcnow())
        db.session.commit()
        flash(_("Your changes are kept."), "success")
        return redirect(url_for(".note", note_id=note.id), 303)
    page = render_template("notes/change_note.html", form=form, note=note, form_errors=bool(form.errors))
    return page, 422 if form.errors else 200


@staff.route("/notes/<int:note_id>", methods=["GET", "POST"])
def note(note_id: int) -> ResponseReturnValue:
    """The points so far, and a form for the next one."""
    note = _note_or_404(note_id)
    several = bool(request.args.get("several"))
    before = request.args.get("before", type=int)
    points, older = queries.points(note, reader=signed_in_user(), before=before)
    form = _point_form(several, points)
    if form.validate_on_submit():
        kept = _keep(note, form)
        flash(_what_was_kept(kept), "success")
        return redirect(url_for(".note", note_id=note.id, next=1, several=1 if several else None), 303)
    page = render_template(
        "notes/note.html",
        note=note,
        form=form,
        several=several,
        form_errors=bool(form.errors),
        points=points,
        count=queries.point_count(note),
        labels=labels,
        may_raise=_may_raise,
        newest_url=url_for(".note", note_id=note.id) if before else None,
        older_url=url_for(".note", note_id=note.id, before=older) if older else None,
    )
    return page, 422 if form.errors else 200


def _point_form(several: bool, points: list[PointLine]) -> PointForm:
    """The form for the next point. What was asked stays as it was at the last point that one may see."""
    asked = next((point.prompt for point in points[:1] if point.prompt), "")
    form = (SeveralPointsForm if several else PointForm)(data={"prompt": asked})
    if not form.errors and request.args.get("next") and request.method == "GET":
        form.words.render_kw = {"autofocus": True}
    return form


def _keep(note: EventNote, form: PointForm) -> list[int]:
    """Write the points down and return their numbers in the note."""
    kept = [
        services.add_point(
            note, words, voices=voices, **form.about(), by=signed_in_user(), now=utcnow()
        ).position
        for words, voices in form.written()
    ]
    db.session.commit()
    return kept


def _what_was_kept(positions: list[int]) -> str:
    if len(positions) == 1:
        return _("Point %(number)d is kept.", number=positions[0])
    return _(
        "Points %(first)d to %(last)d are kept.",
        first=positions[0],
        last=positions[-1],
    )


def _may_raise(point: PointLine) -> bool:
    """Whether the page on which a concern is raised is open to this reader for this point."""
    readers_of_waiting = {Role.RECORDER, Role.MODERATOR}
    return point.status is Status.APPROVED or (
        not point.is_out_of_sight and bool(signed_in_user().roles & readers_of_waiting)
    )


@staff.route("/notes/<int:note_id>/points/<int:contribution_id>", methods=["GET", "POST"])
def correct_point(note_id: int, contribution_id: int) -> ResponseReturnValue:
    """Put right a slip of the pen, as long as nobody has read the point."""
    note = _note_or_404(note_id)
    point: NotePoint = load_or_404(queries.point(note, contribution_id))
    contribution = services.correctable(point, by=signed_in_user())
    if not contribution:
        flash(_("This point can no longer be changed here: somebody has it in hand."), "warning")
        return redirect(url_for(".note", note_id=note.id), 303)
    form = _filled_point_form(contribution)
    if form.validate_on_submit():
        return _corrected(note, point, form)
    page = render_template(
        "notes/correct_point.html", note=note, point=point, form=form, form_errors=bool(form.errors)
    )
    return page, 422 if form.errors else 200


def _filled_point_form(contribution: Contribution) -> PointForm:
    return PointForm(
        data={
            "prompt": contribution.prompt,
            "words": contribution.text,
            "voices": str(contribution.voices),
            "kind": OWN_WORDS if contribution.is_verbatim else SUMMARY,
            "speaker": contribution.speaker.value,
        }
    )


def _corrected(note: EventNote, point: NotePoint, form: PointForm) -> ResponseReturnValue:
    ((words, voices),) = form.written()
    try:
        services.correct_point(point, words, voices=voices, **form.about(), by=signed_in_user(), now=utcnow())
    except services.NotYours:
        db.session.rollback()
        flash(_("This point can no longer be changed here: somebody has it in hand."), "warning")
    else:
        db.session.commit()
        flash(_("Point %(number)d is put right.", number=point.position), "success")
    return redirect(url_for(".note", note_id=note.id), 303)


def _note_or_404(note_id: int) -> EventNote:
    found: EventNote = load_or_404(queries.note(note_id, the_conversation().id))
    return found
