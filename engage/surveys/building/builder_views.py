"""Building a survey: its outline, and the steps that change the order of what is in it.

Every page works without script, and every step looks at the draft as it is at that moment, held until it is
saved: two facilitators can work at once and neither writes over the other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from pydantic import TypeAdapter, ValidationError

from engage.accounts import queries as accounts
from engage.accounts.guard import signed_in_user, staff_blueprint
from engage.accounts.models import Role
from engage.conversations.choice import the_conversation
from engage.db import db, utcnow
from engage.surveys import queries, services
from engage.surveys.building import editing
from engage.surveys.building.builder_forms import AddForm, StepForm
from engage.surveys.building.outline import outline
from engage.surveys.building.starting_points import CATALOGUE, begun, kind_of
from engage.surveys.content import Content, Page, read_content
from engage.surveys.models import Survey
from engage.surveys.questions import AnyQuestion, Question
from engage.surveys.staff_views import ONE, survey_in_hand
from engage.surveys.texts import Text

staff = staff_blueprint("staff_survey_builder", __name__, {Role.FACILITATOR})
BUILD = f"{ONE}/build"
QUESTION = f"{BUILD}/questions/<question_id>"

Change = Callable[[Content], Content]


@staff.get(BUILD)
def build(survey_id: int) -> ResponseReturnValue:
    """The outline: every page and question, what is to be put right, and the steps to change it."""
    return _outline(survey_in_hand(survey_id))


def _outline(survey: Survey, removed: dict[str, Any] | None = None) -> str:
    content, conversation = content_in_hand(survey), the_conversation()
    latest = survey.versions[-1] if survey.versions else None
    published = queries.content_of(latest) if latest else None
    saved_by = accounts.user(survey.draft.changed_by_id) if survey.draft.changed_by_id else None
    return render_template(
        "surveys/build.html",
        survey=survey,
        content=content,
        outline=outline(content, conversation),
        latest=latest,
        has_news=published != services.as_published(content, conversation),
        saved_by=saved_by,
        form=StepForm(),
        removed=removed,
        at=request.args.get("at", ""),
        by=request.args.get("by", ""),
    )


@staff.route(f"{BUILD}/add", methods=["GET", "POST"])
def add(survey_id: int) -> ResponseReturnValue:
    """Add a question: its kind and its words. The rest follows on its own page."""
    survey = survey_in_hand(survey_id)
    content = content_in_hand(survey)
    page = _page_to_add_to(content)
    if page is None:
        flash(_("Add a page first: questions stand on pages."), "warning")
        return back_to_outline(survey)
    form = AddForm()
    form.offer(page)
    if form.validate_on_submit():
        try:
            content, added = editing.add_question(
                content,
                begun(form.kind.data, Text(form.text.data or "")),
                page_id=page.id,
                after=request.values.get("after", ""),
                taken=ids_ever_published(survey),
            )
        except editing.TooMany:
            flash(_("A survey can have 60 questions, and this one has them. Remove one first."), "warning")
            return back_to_outline(survey)
        save(survey, content)
        return redirect(
            url_for("staff_survey_question.question", survey_id=survey.id, question_id=added.id), 303
        )
    reply = render_template(
        "surveys/build_add.html",
        survey=survey,
        page=page,
        form=form,
        kinds={kind.key: kind for kind in CATALOGUE},
        after=content.by_id.get(request.values.get("after", "")),
        form_errors=bool(form.errors),
    )
    return reply, 422 if form.errors else 200


def _page_to_add_to(content: Content) -> Page | None:
    """The page that the address names, else the last one."""
    wanted = request.values.get("page", "")
    return next(
        (page for page in content.pages if page.id == wanted), content.pages[-1] if content.pages else None
    )


@staff.post(f"{QUESTION}/move")
def move(survey_id: int, question_id: str) -> ResponseReturnValue:
    """Move a question up or down, or to the page that its menu names."""
    survey = survey_in_hand(survey_id)
    way = request.form.get("way", "")
    goal = request.form.get(f"goal-{question_id}", "")
    if way in ("up", "down"):
        return step(
            survey,
            lambda content: editing.move_question(content, question_id, -1 if way == "up" else 1),
            _("Moved."),
            at=question_id,
            by=way,
        )
    return step(
        survey,
        lambda content: editing.move_to_page(content, question_id, goal),
        _("Moved to the other page."),
        at=question_id,
    )


@staff.post(f"{QUESTION}/copy")
def copy(survey_id: int, question_id: str) -> ResponseReturnValue:
    """The same question once more, right behind, to be changed."""
    survey = survey_in_hand(survey_id)
    made: list[Question] = []

    def change(content: Content) -> Content:
        editing.page_of(content, question_id)
        words = Text(_("Copy of: %(text)s", text=content.by_id[question_id].text)[:1_000])
        content, again = editing.copy_question(
            content, question_id, words=words, taken=ids_ever_published(survey)
        )
        made.append(again)
        return content

    reply = step(survey, change, _("Copied. Change the words of the copy."), at=question_id)
    if not made:
        return reply
    return redirect(
        url_for("staff_survey_question.question", survey_id=survey.id, question_id=made[0].id), 303
    )


@staff.route(f"{QUESTION}/remove", methods=["GET", "POST"])
def remove(survey_id: int, question_id: str) -> ResponseReturnValue:
    """Ask, then remove a question. The page that follows offers to bring it back."""
    survey = survey_in_hand(survey_id)
    content = content_in_hand(survey)
    if question_id not in content.by_id:
        return gone(survey)
    question, page = content.by_id[question_id], content.page_of(question_id)
    form = StepForm()
    if form.validate_on_submit() and request.form.get("seen") == editing.fingerprint(question):
        ids = [one.id for one in page.questions]
        before = ids[ids.index(question_id) - 1] if ids[0] != question_id else ""
        save(survey, editing.remove_question(content, question_id))
        written = TypeAdapter[Question](AnyQuestion).dump_json(question, by_alias=True).decode()
        return _outline(
            survey,
            {
                "text": question.text,
                "question": written,
                "page": page.id,
                "after": before,
                "equality": page.equality,
            },
        )
    return render_template(
        "surveys/build_remove.html",
        survey=survey,
        question=question,
        kind=kind_of(question),
        seen=editing.fingerprint(question),
        was_changed=request.method == "POST",
        looked_at_by=editing.looked_at_by(content, question_id),
        form=form,
    )


@staff.post(f"{BUILD}/bring-back")
def bring_back(survey_id: int) -> ResponseReturnValue:
    """Put back a question that was just removed, as its form kept it."""
    survey = survey_in_hand(survey_id)
    try:
        question = TypeAdapter[Question](AnyQuestion).validate_json(request.form.get("question", ""))
    except ValidationError:
        flash(_("That question could not be read, so it was not brought back."), "warning")
        return back_to_outline(survey)
    return step(
        survey,
        lambda content: editing.bring_back(
            content,
            question,
            page_id=request.form.get("page", ""),
            after=request.form.get("after", ""),
            equality=request.form.get("equality") == "1",
            published=contents_ever_published(survey),
        ),
        _("The question is back."),
        at=question.id,
    )


# --- What all pages of the builder share ------------------------------------------------------------------


def content_in_hand(survey: Survey) -> Content:
    """The draft; for a change, as it is now and held until the commit."""
    if request.method == "POST":
        return read_content(services.draft_for_change(survey).content)
    return queries.draft_content(survey)


def save(survey: Survey, content: Content) -> None:
    """Keep the changed draft. Reading it once more makes sure that it can always be read."""
    services.save_draft(survey, read_content(content.as_json()), by=signed_in_user(), now=utcnow())
    db.session.commit()


def step(survey: Survey, change: Change, done: str, *, at: str = "", by: str = "") -> ResponseReturnValue:
    """Make one change to the draft as it is now, and go back to the outline, to what was changed."""
    content = content_in_hand(survey)
    try:
        changed = change(content)
    except editing.NotThere:
        return gone(survey)
    except editing.CannotChange as error:
        flash(why_not(error) or _("That does not work here. Nothing was changed."), "warning")
        return back_to_outline(survey)
    if changed != content:
        save(survey, changed)
        flash(done, "success")
    return back_to_outline(survey, at=at, by=by)


def why_not(error: editing.CannotChange) -> str:
    """What keeps a question from coming back, as a sentence; empty where nothing special does."""
    if isinstance(error, editing.NoPage):
        return _(
            "The page of this question is gone, and no other page can have it: equality monitoring stands on "
            "pages of its own. Add such a page first."
        )
    if isinstance(error, editing.NotTheSame):
        return _(
            "This survey was published with another kind of question in its place. Add it as a new question."
        )
    return ""


def gone(survey: Survey) -> ResponseReturnValue:
    """What was asked for is not in the survey: "not found", or for a button, what has happened."""
    if request.method == "GET":
        abort(404)
    flash(_("That is not in the survey any more: somebody removed it. Nothing was changed."), "warning")
    return back_to_outline(survey)


def back_to_outline(survey: Survey, *, at: str = "", by: str = "") -> ResponseReturnValue:
    """The outline, with the focus on the question or page ``at`` that was moved ``by`` (up or down)."""
    address = url_for("staff_survey_builder.build", survey_id=survey.id, at=at or None, by=by or None)
    return redirect(address, 303)


def to_question(survey: Survey, question: Question) -> ResponseReturnValue:
    """The page of a question."""
    address = url_for("staff_survey_question.question", survey_id=survey.id, question_id=question.id)
    return redirect(address, 303)


def contents_ever_published(survey: Survey) -> list[Content]:
    """All versions: answers may hang on what is in them."""
    return [queries.content_of(version) for version in survey.versions]


def ids_ever_published(survey: Survey) -> frozenset[str]:
    """Ids that answers may hang on: they are never given to another question."""
    return editing.ids_in(contents_ever_published(survey))
