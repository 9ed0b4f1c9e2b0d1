"""Facilitators write the Easy Read twin of each question, choose its pictures, and note who tested it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engage.accounts.guard import signed_in_user, staff_blueprint
from engage.accounts.models import Role
from engage.db import db, utcnow
from engage.forms import clean_line, csrf
from engage.surveys import queries, services
from engage.surveys.content import Content, read_content
from engage.surveys.models import Survey
from engage.surveys.questions import Question
from engage.surveys.staff_views import ONE, survey_in_hand
from engage.surveys.words import easy_read, pictures, text_checks
from engage.surveys.words.easy_read import Part
from engage.surveys.words.translation_forms import EasyWordsForm, OfferEasyReadForm, TestedForm

staff = staff_blueprint("staff_easy_read", __name__, {Role.FACILITATOR})
WORDS = "w."
"""What the field of a part begins with."""


@staff.route(f"{ONE}/easy-read", methods=["GET", "POST"])
def overview(survey_id: int) -> ResponseReturnValue:
    """Each question beside its twin, what is left out, and who tested the Easy Read form."""
    survey = survey_in_hand(survey_id)
    form = TestedForm()
    if form.validate_on_submit():
        content = read_content(services.draft_for_change(survey).content)
        if request.form.get("was") != easy_read.fingerprint(content):
            form.form_errors.append(
                _("The Easy Read words or pictures changed meanwhile. Check that this is what was tested.")
            )
        elif not any(question.has_twin for question in content.questions):
            form.form_errors.append(_("There is nothing to test yet. Write the first sentence."))
        else:
            _keep_test(survey, content, form)
            return redirect(url_for(".overview", survey_id=survey_id), 303)
    content = queries.draft_content(survey)
    page = render_template(
        "surveys/easy_read.html",
        survey=survey,
        content=content,
        parts=easy_read.parts,
        advice=easy_read.advice,
        problems=easy_read.problems(content),
        left_out=easy_read.left_out(content),
        last_test=text_checks.last_test(survey),
        is_tested=text_checks.easy_read_tested(survey, content) is not None,
        fingerprint=easy_read.fingerprint(content),
        form=form,
        offer_form=OfferEasyReadForm(),
        form_errors=bool(form.errors or form.form_errors),
    )
    return page, 422 if form.errors or form.form_errors else 200


def _keep_test(survey: Survey, content: Content, form: TestedForm) -> None:
    if form.tested_on.data is None:
        abort(400)
    text_checks.record_easy_read_test(
        survey,
        content,
        tested_by=form.tested_by.data or "",
        tested_at=datetime.combine(form.tested_on.data, time(12), UTC),
        by=signed_in_user(),
        now=utcnow(),
    )
    db.session.commit()
    flash(_("It is noted who tested the Easy Read form."), "success")


@staff.post(f"{ONE}/easy-read/offer")
def offer(survey_id: int) -> ResponseReturnValue:
    """Let people choose Easy Read, or no longer, from the next version on."""
    survey = survey_in_hand(survey_id)
    if OfferEasyReadForm().validate():
        content = read_content(services.draft_for_change(survey).content)
        wanted = request.form.get("offer") == "yes"
        if wanted and not any(question.has_twin for question in content.questions):
            flash(_("There is nothing to offer yet. Write the first sentence."), "warning")
        elif content.easy_read != wanted:
            changed = content.model_copy(update={"easy_read": wanted})
            services.save_draft(survey, changed, by=signed_in_user(), now=utcnow())
            flash(_("Saved. It counts from the next version that you publish."), "success")
        db.session.commit()
    return redirect(url_for(".overview", survey_id=survey_id), 303)


# --- One question -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Written:
    """One part on the page: the words as typed or kept, and what somebody else wrote meanwhile."""

    part: Part
    words: str
    theirs: str | None = None
    too_long: bool = False


@staff.route(f"{ONE}/easy-read/<question_id>", methods=["GET", "POST"])
@csrf.exempt
def question(survey_id: int, question_id: str) -> ResponseReturnValue:
    """The easy words of one question. A button that leads to the pictures keeps the words first."""
    survey = survey_in_hand(survey_id)
    form = EasyWordsForm()
    if request.method == "GET":
        return _question_page(survey, question_id, form)
    typed = {key.removeprefix(WORDS): said for key, said in request.form.items() if key.startswith(WORDS)}
    if not form.validate() or not _keep_words(survey, question_id, typed, form):
        return _question_page(survey, question_id, form, typed)
    db.session.commit()
    part = request.form.get("picture", "")
    if part:
        return redirect(
            url_for(".choose_picture", survey_id=survey_id, question_id=question_id, part=part), 303
        )
    flash(_("Saved."), "success")
    return redirect(_next(survey, question_id), 303)


def _next(survey: Survey, question_id: str) -> str:
    """The next question where the button says so, else the overview."""
    if request.form.get("then") == "next":
        ids = [question.id for question in queries.draft_content(survey).questions]
        after = ids[ids.index(question_id) + 1 :]
        if after:
            return url_for(".question", survey_id=survey.id, question_id=after[0])
    return url_for(".overview", survey_id=survey.id)


def _keep_words(survey: Survey, question_id: str, typed: dict[str, str], form: EasyWordsForm) -> bool:
    """Put the words into the draft; False, said on the form, where they do not fit or somebody was faster."""
    content = read_content(services.draft_for_change(survey).content)
    found = content.by_id.get(question_id) or abort(404)
    if request.form.get("was") != easy_read.mark(found):
        form.form_errors.append(
            _("Somebody else changed this question meanwhile. What you wrote is still here: look, then save.")
        )
        return False
    try:
        changed = easy_read.with_words(content, question_id, typed)
    except easy_read.TooLong:
        form.form_errors.append(_("One of the texts is too long. Shorten it to 5,000 characters."))
        return False
    if changed != content:
        services.save_draft(survey, changed, by=signed_in_user(), now=utcnow())
    return True


def _question_page(
    survey: Survey, question_id: str, form: EasyWordsForm, typed: dict[str, str] | None = None
) -> ResponseReturnValue:
    content = queries.draft_content(survey)
    found = content.by_id.get(question_id) or abort(404)
    wrong = bool(form.form_errors)
    ids = [one.id for one in content.questions]
    page = render_template(
        "surveys/easy_read_question.html",
        survey=survey,
        question=found,
        number=ids.index(question_id) + 1,
        total=len(ids),
        is_last=ids[-1] == question_id,
        parts=_written(found, typed or {}),
        advice=easy_read.advice(found),
        seen=easy_read.mark(found),
        pictures=pictures.PICTURES,
        form=form,
        form_errors=wrong,
    )
    return page, 422 if wrong else 200


def _written(question: Question, typed: dict[str, str]) -> list[Written]:
    """The parts with what was typed; what is kept stands beside it where the two differ."""
    made = []
    for part in easy_read.parts(question):
        words = typed.get(part.name, part.easy)
        differs = words.replace("\r\n", "\n").strip() != part.easy
        made.append(Written(part, words, part.easy if differs else None))
    return made


# --- Pictures -----------------------------------------------------------------------------------------------


@staff.route(f"{ONE}/easy-read/<question_id>/picture/<part>", methods=["GET", "POST"])
def choose_picture(survey_id: int, question_id: str, part: str) -> ResponseReturnValue:
    """One picture for one part: those that suit the sentence first, then all in groups; or by a word."""
    survey = survey_in_hand(survey_id)
    form = OfferEasyReadForm()
    chosen = request.form.get("picture", "")
    if form.validate_on_submit() and (not chosen or chosen in pictures.PICTURES):
        content = read_content(services.draft_for_change(survey).content)
        if _changed_meanwhile(content, question_id, part):
            message = _("Somebody else changed this question meanwhile. Look at it, then choose the picture.")
            form.form_errors.append(message)
            return _picture_page(survey, question_id, part, form), 409
        try:
            changed = easy_read.with_picture(content, question_id, part, chosen)
        except KeyError:
            abort(404)
        if changed != content:
            services.save_draft(survey, changed, by=signed_in_user(), now=utcnow())
        db.session.commit()
        return redirect(url_for(".question", survey_id=survey_id, question_id=question_id), 303)
    return _picture_page(survey, question_id, part, form)


def _changed_meanwhile(content: Content, question_id: str, part: str) -> bool:
    """Whether the question is another than the one that the page of pictures showed."""
    found = content.by_id.get(question_id) or abort(404)
    if not any(one.name == part and one.has_picture for one in easy_read.parts(found)):
        abort(404)
    return request.form.get("was") != easy_read.mark(found)


def _picture_page(survey: Survey, question_id: str, part: str, form: OfferEasyReadForm) -> str:
    content = queries.draft_content(survey)
    found = content.by_id.get(question_id) or abort(404)
    place = next((one for one in easy_read.parts(found) if one.name == part and one.has_picture), None)
    if place is None:
        abort(404)
    sought = clean_line(request.args.get("q", ""))[:100]
    return render_template(
        "surveys/easy_read_picture.html",
        survey=survey,
        question=found,
        part=place,
        sought=sought,
        seen=easy_read.mark(found),
        found=pictures.suggested(sought, most=30) if sought else [],
        suggested=pictures.suggested(place.easy or place.ordinary),
        groups=pictures.in_groups(),
        group_labels=pictures.GROUP_LABELS,
        form=form,
    )
