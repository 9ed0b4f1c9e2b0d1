"""Taking a survey's answers away. An export is streamed and put on record; it is never stored."""

from __future__ import annotations

from flask import Response, abort, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue

from engage.accounts.guard import signed_in_user, staff_blueprint
from engage.accounts.models import Role
from engage.audit import services as audit
from engage.db import db, utcnow
from engage.insight.answers_export import exported_rows
from engage.insight.code_book import answers_of, code_book, headings
from engage.insight.spreadsheets import FORMATS
from engage.surveys import queries
from engage.surveys.staff_views import survey_in_hand

staff = staff_blueprint("staff_answers", __name__, {Role.FACILITATOR})


@staff.get("/surveys/<int:survey_id>/answers")
def answers(survey_id: int) -> ResponseReturnValue:
    found = survey_in_hand(survey_id)
    count = queries.response_count([version.id for version in found.versions])
    return render_template("insight/results_export.html", survey=found, count=count)


@staff.post("/surveys/<int:survey_id>/answers/<file_format>")
def download(survey_id: int, file_format: str) -> ResponseReturnValue:
    """Every response of a survey as a table with its code book."""
    found, now = survey_in_hand(survey_id), utcnow()
    if file_format not in FORMATS:
        abort(404)
    codes = request.form.get("cells") == "codes"
    exported = answers_of(found.versions)
    head, book, slug = headings(exported), code_book(exported), found.slug
    audit.record(
        "export answers",
        "survey",
        found.id,
        by=signed_in_user(),
        now=now,
        file_format=file_format,
        cells="codes" if codes else "words",
    )
    db.session.commit()
    mimetype, ending, write = FORMATS[file_format]
    body = stream_with_context(write(head, exported_rows(exported, codes=codes), book))
    name = f"{slug}-answers-{now:%Y-%m-%d}.{ending}"
    return Response(
        body,
        mimetype=mimetype,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )
