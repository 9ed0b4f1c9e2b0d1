"""Changing one question: its form, how people will meet it, and whether it is plain English."""

from __future__ import annotations

import re

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engage.accounts import queries as accounts
from engage.accounts.guard import staff_blueprint
from engage.accounts.models import Role
from engage.contributions.labels import SPEAKERS
from engage.conversations import frameworks
from engage.conversations.choice import the_conversation
from engage.surveys import services, spoken
from engage.surveys.building import editing
from engage.surveys.building.builder_views import (
    QUESTION,
    back_to_outline,
    content_in_hand,
    contents_ever_published,
    save,
    why_not,
)
from engage.surveys.building.outline import problems_of
from engage.surveys.building.question_base import GONE, QuestionForm
from engage.surveys.building.question_forms import form_for
from engage.surveys.building.starting_points import kind_of
from engage.surveys.building.writing_advice import advice
from engage.surveys.content import Content
from engage.surveys.models import Survey
from engage.surveys.questions import KINDS, Question
from engage.surveys.staff_views import survey_in_hand

staff = staff_blueprint("staff_survey_question", __name__, {Role.FACILITATOR})
_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
CONFLICT = 409


@staff.route(QUESTION, methods=["GET", "POST"])
def question(survey_id: int, question_id: str) -> ResponseReturnValue:
    """One question. ``do`` says which button was pressed: one that saves, one of a list, or only a look."""
    survey = survey_in_hand(survey_id)
    content = content_in_hand(survey)
    asked = content.by_id.get(question_id) or _removed_meanwhile(question_id)
    published = services.as_published(content, the_conversation())
    themes = frameworks.themes_of(the_conversation().framework_id)
    form = form_for(asked, content, published, themes, contents_ever_published(survey))
    if request.method == "GET":
        form.seen.data = editing.english_fingerprint(asked)
        return _page(survey, content, asked, form)
    do = request.form.get("do", "save")
    if form.press(do) or do == "look":
        return _page(survey, content, asked, form)
    if not form.validate():
        return _page(survey, content, asked, form, 422)
    if form.seen.data != _fingerprint(content, asked):
        return _page(survey, content, asked, form, CONFLICT, meanwhile=True)
    try:
        changed = _put(survey, content, form.changed(asked, content))
    except editing.CannotChange as error:
        no_room = _("There is no room for this question. Remove another one first.")
        form.text.errors = [why_not(error) or no_room]
        return _page(survey, content, asked, form, CONFLICT)
    save(survey, changed)
    if do == "next":
        page = content.page_of(question_id).id if question_id in content.by_id else ""
        flash(_("Saved. Now the next one."), "success")
        address = url_for("staff_survey_builder.add", survey_id=survey_id, page=page, after=question_id)
        return redirect(address, 303)
    flash(_("Saved."), "success")
    return back_to_outline(survey, at=question_id)


def _removed_meanwhile(question_id: str) -> Question:
    """A blank question of the kind that the form is about, so that nothing that was typed is lost."""
    kind = request.form.get("kind", "")
    if kind not in KINDS or not _ID.fullmatch(question_id):
        abort(404)
    return KINDS[kind](kind=kind, id=question_id)


def _fingerprint(content: Content, asked: Question) -> str:
    return editing.english_fingerprint(asked) if asked.id in content.by_id else GONE


def _put(survey: Survey, content: Content, changed: Question) -> Content:
    """In its place; where somebody removed it meanwhile, back on its page. Raises CannotChange."""
    if changed.id in content.by_id:
        return editing.put_question(content, changed)
    return editing.bring_back(
        content,
        changed,
        page_id=request.form.get("page", ""),
        after="",
        equality=request.form.get("equality") == "1",
        published=contents_ever_published(survey),
    )


def _looked_at(survey: Survey, content: Content, changed: Question) -> Content:
    """The survey with what was typed, for a look; as it is where that cannot be saved."""
    try:
        return _put(survey, content, changed)
    except editing.CannotChange:
        return content


def _page(
    survey: Survey,
    content: Content,
    asked: Question,
    form: QuestionForm,
    status: int = 200,
    *,
    meanwhile: bool = False,
) -> ResponseReturnValue:
    """The page of a question, with what was typed. ``meanwhile``: somebody else changed it since."""
    is_there = asked.id in content.by_id
    changed_by = accounts.user(survey.draft.changed_by_id) if survey.draft.changed_by_id else None
    if meanwhile:
        form.seen.data = _fingerprint(content, asked)
    typed = _looked_at(survey, content, form.changed(asked, content))
    shown = services.as_published(typed, the_conversation())
    page = render_template(
        "surveys/build_question.html",
        survey=survey,
        content=content,
        page=content.page_of(asked.id) if is_there else None,
        question=asked,
        kind=kind_of(asked),
        form=form,
        form_errors=bool(form.errors),
        meanwhile=meanwhile,
        is_there=is_there,
        changed_by=changed_by,
        speakers=SPEAKERS,
        preview=shown.by_id.get(asked.id),
        advice=advice(form.texts()),
        problems=problems_of(typed, the_conversation())[asked.id],
        condition=spoken.only_if(typed, typed.by_id[asked.id]) if asked.id in typed.by_id else "",
        looked_at_by=editing.looked_at_by(content, asked.id),
    )
    return page, status
