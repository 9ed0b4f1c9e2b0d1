"""Pages of the second keying: what waits, keying a paper again, and settling where the two differ."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engage.accounts.guard import signed_in_user, staff_blueprint
from engage.accounts.models import Role
from engage.db import db, utcnow
from engage.forms import csrf, load_or_404
from engage.surveys import queries, spoken
from engage.surveys.answering import Filled, read_all
from engage.surveys.content import Content
from engage.surveys.forms import SendForm
from engage.surveys.keying import entry, second_keying
from engage.surveys.keying.entry_forms import SettleForm
from engage.surveys.keying.second_keying import WORDS, KeyedAgain, Paper, SamePerson
from engage.surveys.models import Survey
from engage.surveys.printing.directions import directions
from engage.surveys.printing.paper import Size, as_printed
from engage.surveys.questions import AnswerRefused
from engage.surveys.staff_views import ONE, survey_in_hand

staff = staff_blueprint("staff_second_keying", __name__, {Role.RECORDER, Role.FACILITATOR})
PAPER = f"{ONE}/second-keying/<int:response_id>"


@staff.get(f"{ONE}/second-keying")
def papers(survey_id: int) -> ResponseReturnValue:
    """The papers that wait, and how many answers differed so far."""
    survey = survey_in_hand(survey_id)
    return render_template(
        "surveys/entry_second_list.html",
        survey=survey,
        papers=second_keying.open_papers(survey.id),
        measured=second_keying.measured(survey.id),
        every=second_keying.EVERY,
        reader_id=signed_in_user().id,
    )


@staff.route(PAPER, methods=["GET", "POST"])
@csrf.exempt
def key_again(survey_id: int, response_id: int) -> ResponseReturnValue:
    """Key a paper a second time, without seeing the first keying."""
    survey, found = _in_hand(survey_id, response_id)
    if found.second is not None:
        return redirect(url_for(".papers", survey_id=survey_id), 303)
    if found.first_by.id == signed_in_user().id:
        flash(_("You keyed this paper in first. Somebody else keys it in the second time."), "warning")
        return redirect(url_for(".papers", survey_id=survey_id), 303)
    whole = queries.content_of(found.version)
    content = _on_the_desk(whole, easy=found.response.easy_read)
    form = SendForm()
    if request.method == "GET":
        return _key_page(survey, found, content, form, Filled())
    filled = read_all(content, request.form)
    if form.validate() and not filled.wrong and _keep(found, whole, form, filled):
        return redirect(_after(survey_id, response_id), 303)
    return _key_page(survey, found, content, form, filled)


@staff.route(f"{PAPER}/settle", methods=["GET", "POST"])
def settle(survey_id: int, response_id: int) -> ResponseReturnValue:
    """Where two keyings differ: look at the paper, and say which one is right, question by question."""
    survey, found = _in_hand(survey_id, response_id)
    if found.second is None or found.second.settled_at is not None:
        return redirect(url_for(".papers", survey_id=survey_id), 303)
    content = queries.content_of(found.version)
    differences = [
        _difference(found, content, key, place) for place, key in enumerate(found.second.differences, 1)
    ]
    form = SettleForm()
    if form.validate_on_submit() and not _mark_open(differences):
        _settle(found, content, differences)
        return redirect(url_for(".papers", survey_id=survey_id), 303)
    errors = [(str(message), None) for message in form.form_errors]
    errors += [(one["wrong"], one["leads_to"]) for one in differences if one["wrong"]]
    page = render_template(
        "surveys/entry_settle.html",
        survey=survey,
        paper=found,
        differences=differences,
        chosen=request.form,
        form=form,
        errors=errors,
        form_errors=bool(errors or form.errors),
    )
    return page, 422 if errors or form.errors else 200


def _mark_open(differences: list[dict[str, Any]]) -> bool:
    """Mark each difference for which no keying was chosen; whether there is one."""
    for one in differences:
        if one["choices"] and request.form.get(one["field"]) not in ("first", "second"):
            one["wrong"] = _(
                "%(question)s – Look at the paper and choose which keying is right.", question=one["question"]
            )
    return any(one["wrong"] for one in differences)


def _settle(found: Paper, content: Content, differences: list[dict[str, Any]]) -> None:
    """Settle what differs as it was chosen, and commit, unless somebody else did meanwhile."""
    second = {one["key"] for one in differences if request.form.get(one["field"]) == "second"}
    try:
        second_keying.settle(found, content, second, by=signed_in_user(), now=utcnow())
    except KeyedAgain:
        db.session.rollback()
        flash(_("Somebody else settled this paper meanwhile. Nothing was changed."), "warning")
        return
    db.session.commit()
    flash(_("Settled."), "success")


def _in_hand(survey_id: int, response_id: int) -> tuple[Survey, Paper]:
    survey = survey_in_hand(survey_id)
    return survey, load_or_404(second_keying.paper(survey.id, response_id))


def _on_the_desk(whole: Content, *, easy: bool) -> Content:
    """What is keyed again: the form as it was printed, without equality monitoring."""
    printed = as_printed(whole, Size.EASY if easy else Size.STANDARD)
    pages = tuple(page for page in printed.pages if not page.equality)
    return entry.as_keyed(printed.model_copy(update={"pages": pages}))


def _key_page(
    survey: Survey, found: Paper, content: Content, form: SendForm, filled: Filled
) -> ResponseReturnValue:
    wrong = [
        (_("%(question)s – %(message)s", question=one.question.text, message=one.message), one.field_id)
        for one in filled.wrong.values()
    ]
    errors = [*((str(message), None) for message in form.form_errors), *wrong]
    page = render_template(
        "surveys/entry_again.html",
        survey=survey,
        paper=found,
        content=content,
        numbers=directions(
            as_printed(
                queries.content_of(found.version),
                Size.EASY if found.response.easy_read else Size.STANDARD,
            )
        ).numbers,
        only_if=lambda question: spoken.only_if(content, question),
        values=filled.typed,
        wrong=filled.wrong,
        form=form,
        errors=errors,
        form_errors=bool(errors),
    )
    return page, 422 if errors else 200


def _keep(found: Paper, whole: Content, form: SendForm, filled: Filled) -> bool:
    """Keep the second keying and commit; False, with the reason on the form, where it cannot be kept."""
    try:
        second_keying.key_again(found, whole, filled.answers, by=signed_in_user(), now=utcnow())
    except (KeyedAgain, SamePerson):
        form.form_errors.append(_("This paper has been keyed in a second time already. Take the next one."))
        return False
    except AnswerRefused as refused:
        form.form_errors.append(str(refused))
        return False
    db.session.commit()
    return True


def _after(survey_id: int, response_id: int) -> str:
    found = second_keying.paper(survey_id, response_id)
    if found and found.second and found.second.differences:
        return url_for(".settle", survey_id=survey_id, response_id=response_id)
    flash(_("Kept. Both keyings are the same."), "success")
    return url_for(".papers", survey_id=survey_id)


def _difference(found: Paper, content: Content, key: str, place: int) -> dict[str, Any]:
    """One difference for the page: both answers in words, or only that own words differ."""
    question = content.by_id[key.partition(WORDS)[0].partition(".")[0]]
    shown: dict[str, Any] = {
        "key": key,
        "field": f"keep.{key}",
        "question": str(question.text),
        "choices": [],
        "wrong": "",
        "leads_to": f"keep-{place}-first",
    }
    if key.endswith(WORDS) or found.second is None:
        return shown
    first = found.response.answers.get(question.id)
    second = found.second.answers.get(question.id)
    nothing = _("no answer")
    shown["choices"] = [
        ("first", _("First keying: %(answer)s", answer=question.words(first) or nothing)),
        ("second", _("Second keying: %(answer)s", answer=question.words(second) or nothing)),
    ]
    return shown
