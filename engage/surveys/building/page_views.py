"""Changing the pages of a survey, and the texts that people read before they begin."""

from __future__ import annotations

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engage.accounts.guard import staff_blueprint
from engage.accounts.models import Role
from engage.surveys.building import editing
from engage.surveys.building.builder_forms import TEXTS, PageForm, StepForm, TextsForm
from engage.surveys.building.builder_views import (
    BUILD,
    back_to_outline,
    content_in_hand,
    gone,
    ids_ever_published,
    save,
    step,
)
from engage.surveys.building.outline import title_of
from engage.surveys.building.starting_points import EQUALITY_TITLE, EQUALITY_WHY, equality_questions
from engage.surveys.building.writing_advice import advice
from engage.surveys.content import Content
from engage.surveys.staff_views import survey_in_hand
from engage.surveys.texts import Text, ours

staff = staff_blueprint("staff_survey_pages", __name__, {Role.FACILITATOR})
PAGE = f"{BUILD}/pages/<page_id>"
CONFLICT = 409


@staff.route(f"{BUILD}/pages/new", methods=["GET", "POST"])
def new_page(survey_id: int) -> ResponseReturnValue:
    """Add a page at the end."""
    survey = survey_in_hand(survey_id)
    content = content_in_hand(survey)
    form = PageForm()
    looked = request.form.get("do") == "look"
    if not looked and form.validate_on_submit():
        try:
            content, page = editing.add_page(
                content,
                Text(form.title.data),
                explanation=Text(form.explanation.data or ""),
                taken=ids_ever_published(survey),
            )
        except editing.TooMany:
            flash(_("A survey can have 30 pages, and this one has them. Remove one first."), "warning")
            return back_to_outline(survey)
        save(survey, content)
        flash(_("The page is there. Now add its questions."), "success")
        return back_to_outline(survey, at=page.id)
    reply = render_template(
        "surveys/build_page.html",
        survey=survey,
        page=None,
        form=form,
        advice=advice(form.texts()),
        form_errors=bool(form.errors),
    )
    return reply, 422 if form.errors else 200


@staff.post(f"{BUILD}/pages/equality")
def add_equality(survey_id: int) -> ResponseReturnValue:
    """Add the usual page of equality monitoring at the end, to be changed like any other."""
    survey = survey_in_hand(survey_id)
    return step(
        survey,
        lambda content: editing.add_page(
            content,
            ours(EQUALITY_TITLE),
            explanation=ours(EQUALITY_WHY),
            equality=True,
            questions=equality_questions(),
            taken=ids_ever_published(survey),
        )[0],
        _("The page with equality monitoring is at the end. Change it as you need it."),
    )


@staff.route(PAGE, methods=["GET", "POST"])
def page(survey_id: int, page_id: str) -> ResponseReturnValue:
    """The heading of a page and the words under it."""
    survey = survey_in_hand(survey_id)
    content = content_in_hand(survey)
    try:
        found = editing.page_in(content, page_id)
    except editing.NotThere:
        return gone(survey)
    words = {name: getattr(found, name).in_language("en") for name in ("title", "explanation")}
    seen = editing.fingerprint([found.title.root, found.explanation.root])
    form = PageForm(data={**words, "seen": seen})
    meanwhile = False
    if request.form.get("do") != "look" and form.validate_on_submit():
        meanwhile = form.seen.data != seen
        if not meanwhile:
            save(survey, editing.put_page(content, form.changed(found)))
            flash(_("Saved."), "success")
            return back_to_outline(survey, at=page_id)
        form.seen.data = seen
    reply = render_template(
        "surveys/build_page.html",
        survey=survey,
        page=found,
        form=form,
        advice=advice(form.texts()),
        meanwhile=meanwhile,
        form_errors=bool(form.errors),
    )
    return reply, _status(form, meanwhile)


@staff.post(f"{PAGE}/move")
def move_page(survey_id: int, page_id: str) -> ResponseReturnValue:
    """Move a page with its questions up or down."""
    way = request.form.get("way", "")
    return step(
        survey_in_hand(survey_id),
        lambda content: editing.move_page(content, page_id, -1 if way == "up" else 1),
        _("The page is moved."),
        at=page_id,
        by=way if way in ("up", "down") else "",
    )


@staff.route(f"{PAGE}/remove", methods=["GET", "POST"])
def remove_page(survey_id: int, page_id: str) -> ResponseReturnValue:
    """Ask, then remove a page, with its questions or without."""
    survey = survey_in_hand(survey_id)
    content = content_in_hand(survey)
    try:
        found = editing.page_in(content, page_id)
    except editing.NotThere:
        return gone(survey)
    seen = editing.fingerprint(found)
    form = StepForm()
    if form.validate_on_submit() and request.form.get("seen") == seen:
        keep = request.form.get("do") != "all"
        return step(
            survey,
            lambda now: editing.remove_page(now, page_id, keep_questions=keep),
            _("The page is removed."),
        )
    goal = editing.page_for_the_rest(content, page_id)
    return render_template(
        "surveys/build_remove_page.html",
        survey=survey,
        page=found,
        title=title_of(content, found),
        is_only_page=len(content.pages) == 1,
        goal=title_of(content, goal) if goal else "",
        seen=seen,
        was_changed=request.method == "POST",
        form=form,
    )


@staff.route(f"{BUILD}/texts", methods=["GET", "POST"])
def texts(survey_id: int) -> ResponseReturnValue:
    """What the survey is called and what people read first: why we ask, what can change, who decides."""
    survey = survey_in_hand(survey_id)
    content = content_in_hand(survey)
    seen = _seen_texts(content)
    form = TextsForm(data={**TextsForm.fill(content), "seen": seen})
    meanwhile = False
    if request.form.get("do") != "look" and form.validate_on_submit():
        meanwhile = form.seen.data != seen
        if not meanwhile:
            save(survey, form.changed(content))
            flash(_("Saved."), "success")
            return back_to_outline(survey)
        form.seen.data = seen
    reply = render_template(
        "surveys/build_texts.html",
        survey=survey,
        form=form,
        saved=content,
        names=TEXTS,
        advice=advice(form.texts()),
        meanwhile=meanwhile,
        form_errors=bool(form.errors),
    )
    return reply, _status(form, meanwhile)


def _seen_texts(content: Content) -> str:
    return editing.fingerprint([*(getattr(content, name).root for name in TEXTS), content.decides_on])


def _status(form: PageForm | TextsForm, meanwhile: bool) -> int:
    if meanwhile:
        return CONFLICT
    return 422 if form.errors else 200
