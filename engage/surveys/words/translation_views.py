"""Facilitators put a survey into other languages: which, what is missing, side by side, and by file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import FileStorage

from engage import i18n
from engage.accounts.guard import signed_in_user, staff_blueprint
from engage.accounts.models import Role
from engage.db import db, utcnow
from engage.forms import csrf
from engage.surveys import queries, services
from engage.surveys.content import Content, read_content
from engage.surveys.models import Survey
from engage.surveys.staff_views import ONE, survey_in_hand
from engage.surveys.words import text_checks, translating, translation_files
from engage.surveys.words.translating import Line, Merged, State
from engage.surveys.words.translation_files import LARGEST_FILE, FileNotTaken, Written
from engage.surveys.words.translation_forms import OfferForm, TextsFileForm, TranslateForm

staff = staff_blueprint("staff_survey_languages", __name__, {Role.FACILITATOR})
WORDS, SEEN = "t.", "was."
"""What the fields of a text begin with: the translation, and the fingerprint of what the person saw."""


@staff.route(f"{ONE}/languages", methods=["GET", "POST"])
def languages(survey_id: int) -> ResponseReturnValue:
    """Which languages the survey is offered in, and how far each is."""
    survey = survey_in_hand(survey_id)
    form = OfferForm()
    if form.validate_on_submit():
        content = read_content(services.draft_for_change(survey).content)
        chosen = _chosen(content)
        if chosen != content.languages:
            changed = content.model_copy(update={"languages": chosen})
            services.save_draft(survey, changed, by=signed_in_user(), now=utcnow())
        db.session.commit()
        flash(_("Saved."), "success")
        return redirect(url_for(".languages", survey_id=survey_id), 303)
    content = queries.draft_content(survey)
    return render_template(
        "surveys/translate_languages.html",
        survey=survey,
        content=content,
        states=text_checks.state_of_languages(survey, content, choosable(content)),
        form=form,
        english_name=translating.english_name,
        direction=translating.direction,
    )


def _chosen(content: Content) -> tuple[str, ...]:
    """What the form offers, beside what somebody else added or took away since the page was read."""
    offered, was = set(request.form.getlist("offered")), set(request.form.getlist("was"))
    wanted = (set(content.languages) | (offered - was)) - (was - offered)
    return tuple(code for code in choosable(content) if code == i18n.DEFAULT or code in wanted)


def choosable(content: Content) -> list[str]:
    """The languages of the pages, English first, then any more that the survey is offered in."""
    offered = filter(translating.is_language, content.languages)
    return list(dict.fromkeys([*i18n.languages(), *offered]))


@dataclass
class Report:
    """What could not be kept as it was sent. ``ticked`` are texts that were marked as checked.

    ``typed`` and ``seen`` are fields as they were sent, where nothing of the form was kept.
    """

    merged: Merged | None = None
    typed: dict[str, str] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)
    saved: int = 0
    ticked: frozenset[str] = frozenset()
    not_checked: int = 0
    twice: dict[str, str] = field(default_factory=dict)
    from_file: bool = False

    def words(self, line: Line) -> str:
        """What stands in the box of a text: what was typed and is not kept, else the translation."""
        typed = self.merged.typed(line.key) if self.merged else self.typed.get(line.key)
        return line.words if typed is None else typed

    def concerns(self, key: str) -> bool:
        """Whether something that was typed for this text is not kept."""
        return key in self.typed or bool(self.merged and self.merged.typed(key) is not None)

    @property
    def is_whole(self) -> bool:
        return (self.merged is None or self.merged.is_whole) and not self.twice


@staff.route(f"{ONE}/languages/<language>", methods=["GET", "POST"])
@csrf.exempt
def translate(survey_id: int, language: str) -> ResponseReturnValue:
    """English and one other language side by side."""
    survey = survey_in_hand(survey_id)
    _check_language(survey, language)
    form = TranslateForm()
    if request.method == "GET":
        return _translate_page(survey, language, form, Report())
    typed, seen = _fields(WORDS), _fields(SEEN)
    if not form.validate():
        return _translate_page(survey, language, form, Report(typed=typed, seen=seen, ticked=_ticked()))
    report = _save(survey, language, typed, seen)
    _record_checks(survey, language, form, report, typed=typed, seen=seen)
    db.session.commit()
    if report.is_whole and not form.errors:
        return redirect(url_for(".translate", survey_id=survey_id, language=language, **_filter()), 303)
    return _translate_page(survey, language, form, report)


def _fields(prefix: str) -> dict[str, str]:
    """What was sent in the fields whose names begin so, by the rest of their names."""
    return {key.removeprefix(prefix): said for key, said in request.form.items() if key.startswith(prefix)}


def _ticked() -> frozenset[str]:
    return frozenset(request.form.getlist("checked"))


def _save(survey: Survey, language: str, typed: dict[str, str], seen: dict[str, str]) -> Report:
    """Keep what can be kept of these translations."""
    content = read_content(services.draft_for_change(survey).content)
    merged = translating.merge(content, language, typed, seen)
    if merged.saved:
        services.save_draft(survey, merged.content, by=signed_in_user(), now=utcnow())
        flash(
            ngettext("One text is saved.", "%(num)d texts are saved.", len(merged.saved)),
            "success",
        )
    return Report(merged, saved=len(merged.saved), ticked=_ticked())


def _record_checks(
    survey: Survey,
    language: str,
    form: TranslateForm,
    report: Report,
    *,
    typed: dict[str, str],
    seen: dict[str, str],
) -> None:
    """Keep who checked the words that were ticked, or all on the page."""
    everything = request.form.get("then") == "check_all"
    if report.merged is None or not (everything or report.ticked):
        return
    if not form.checked_by.data:
        message = _("Say who has checked the words. It is somebody who reads the language well.")
        form.checked_by.errors = [message]
        return
    can = translating.checkable(report.merged.content, language, typed, seen)
    wanted = set(typed) if everything else report.ticked
    marks = {key: mark for key, mark in can.items() if key in wanted}
    report.not_checked = 0 if everything else len(wanted - marks.keys())
    if marks:
        text_checks.record_checks(
            survey, language, marks, checked_by=form.checked_by.data, by=signed_in_user(), now=utcnow()
        )
        flash(
            ngettext("One text is marked as checked.", "%(num)d texts are marked as checked.", len(marks)),
            "success",
        )
    if report.not_checked:
        flash(
            ngettext(
                "One text is not marked as checked: it has no words, or changed while you read.",
                "%(num)d texts are not marked as checked: they have no words, or changed while you read.",
                report.not_checked,
            ),
            "warning",
        )


def _check_language(survey: Survey, language: str) -> None:
    if language == i18n.DEFAULT or language not in choosable(queries.draft_content(survey)):
        abort(404)


def _filter() -> dict[str, Any]:
    return {"show": "open"} if request.args.get("show") == "open" else {}


def _translate_page(
    survey: Survey, language: str, form: TranslateForm, report: Report, file_error: str = ""
) -> ResponseReturnValue:
    content = queries.draft_content(survey)
    found = translating.lines(content, language, text_checks.checks_of(survey, language))
    only_open = bool(_filter())
    shown = [
        line
        for line in found
        if not only_open or line.state is not State.CHECKED or report.concerns(line.key)
    ]
    wrong = bool(form.errors or file_error or not report.is_whole)
    page = render_template(
        "surveys/translate.html",
        survey=survey,
        language=language,
        name=i18n.own_name(language),
        english_name=translating.english_name(language),
        direction=translating.direction(language),
        is_offered=language in content.languages,
        sections=translating.sections(content, shown),
        shown=len(shown),
        lines=found,
        counts={state: sum(line.state is state for line in found) for state in State},
        only_open=only_open,
        report=report,
        numbers={line.key: line.number for line in found},
        form=form,
        file_form=TextsFileForm(),
        file_error=file_error,
        form_errors=wrong,
    )
    return page, 422 if wrong else 200


# --- By file ------------------------------------------------------------------------------------------------


@staff.get(f"{ONE}/languages/<language>/texts.<file_format>")
def download(survey_id: int, language: str, file_format: str) -> ResponseReturnValue:
    """All texts for a translator outside."""
    survey = survey_in_hand(survey_id)
    _check_language(survey, language)
    if file_format not in translation_files.FORMATS:
        abort(404)
    found = translating.lines(
        queries.draft_content(survey), language, text_checks.checks_of(survey, language)
    )
    response = Response(
        translation_files.as_file(found, language, file_format),
        content_type=translation_files.FORMATS[file_format],
    )
    name = f"{survey.slug}-{language}.{file_format}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@staff.post(f"{ONE}/languages/<language>/upload")
def upload(survey_id: int, language: str) -> ResponseReturnValue:
    """Take in the file of a translator. What cannot be taken is shown beside what is there."""
    survey = survey_in_hand(survey_id)
    _check_language(survey, language)
    try:
        written = _read(request.files.get("file"), language)
    except FileNotTaken as error:
        return _translate_page(survey, language, TranslateForm(formdata=None), Report(), str(error))
    report = _save(survey, language, written.words, written.marks)
    report.from_file, report.twice = True, written.twice
    db.session.commit()
    if not report.is_whole:
        return _translate_page(survey, language, TranslateForm(formdata=None), report)
    if not report.saved:
        flash(_("There is nothing new in this file: every text is as it was."), "info")
    return redirect(url_for(".translate", survey_id=survey_id, language=language), 303)


def _read(file: FileStorage | None, language: str) -> Written:
    if file is None or not file.filename:
        raise FileNotTaken(_("Choose the file with the translations."))
    content = file.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise FileNotTaken(_("This file is larger than 8 megabytes. The texts of a survey are much smaller."))
    return translation_files.read_file(content, language)
