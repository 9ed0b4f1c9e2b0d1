"""Taking in files of comments: send the file, say what its columns hold, watch, read the report."""

from __future__ import annotations

from flask import Response, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from engage import config
from engage.accounts.guard import signed_in_user, staff_blueprint
from engage.accounts.models import Role
from engage.contributions.labels import CHANNELS
from engage.contributions.models import Channel
from engage.conversations.choice import the_conversation
from engage.db import db, utcnow
from engage.forms import load_or_404
from engage.notes import imports, queries, reports, tools
from engage.notes.answers import Kind
from engage.notes.import_forms import AnswersForm, MappingForm, UploadForm
from engage.notes.labels import STATE_TAGS, STATES
from engage.notes.models import CommentImport, ImportState
from engage.notes.tables import UnreadableFile

staff_imports = staff_blueprint("staff_imports", __name__, {Role.RECORDER, Role.FACILITATOR})


@staff_imports.get("/imports", endpoint="imports")
def import_list() -> ResponseReturnValue:
    """The list of files, the newest first."""
    before = request.args.get("before", type=int)
    found, older = queries.imports(the_conversation().id, before=before)
    return render_template(
        "imports/imports.html",
        imports=[(one, reports.Findings.read(one.report)) for one in found],
        states=STATES,
        state_tags=STATE_TAGS,
        newest_url=url_for(".imports") if before else None,
        older_url=url_for(".imports", before=older) if older else None,
    )


@staff_imports.route("/imports/new", methods=["GET", "POST"])
def upload() -> ResponseReturnValue:
    """Send a file."""
    conversation = the_conversation()
    form = UploadForm()
    if form.validate_on_submit():
        content = form.file.data.read()
        db.session.commit()  # Nothing changed; nobody waits while the file is looked into.
        try:
            made = imports.upload(
                conversation, form.file.data.filename, content, by=signed_in_user(), now=utcnow()
            )
        except UnreadableFile as error:
            form.file.errors = [str(error)]
        else:
            db.session.commit()
            return redirect(url_for(".mapping", import_id=made.id, channel=form.channel.data), 303)
    page = render_template(
        "imports/upload.html",
        form=form,
        form_errors=bool(form.errors),
        most_mb=config.of(current_app).max_upload_mb,
    )
    return page, 422 if form.errors else 200


@staff_imports.get("/imports/<int:import_id>/columns")
def mapping(import_id: int) -> ResponseReturnValue:
    """What the columns hold: guessed from their headings, for a person to put right."""
    return _mapping_page(_import_or_404(import_id))


@staff_imports.post("/imports/<int:import_id>/run")
def run(import_id: int) -> ResponseReturnValue:
    """Begin to take the file in."""
    return _mapping_page(_import_or_404(import_id))


def _mapping_page(comment_import: CommentImport) -> ResponseReturnValue:
    if comment_import.state is not ImportState.UPLOADED:
        return redirect(url_for(".import_page", import_id=comment_import.id), 303)
    try:
        preview = imports.preview(comment_import, request.args.get("sheet"))
    except UnreadableFile as error:
        flash(str(error), "error")
        first_sheet = url_for(".mapping", import_id=comment_import.id)
        return redirect(first_sheet if request.args.get("sheet") else url_for(".upload"), 303)
    form = _columns_form(preview)
    if form.validate_on_submit():
        return _started(comment_import, form, preview)
    page = render_template(
        "imports/answers.html" if preview.layout else "imports/mapping.html",
        comment_import=comment_import,
        form=form,
        form_errors=bool(form.errors),
        table=preview.table,
        first=preview.first,
        layout=preview.layout,
        kinds=Kind,
        sheet=preview.table.sheet if len(preview.table.sheets) > 1 else None,
    )
    return page, 422 if form.errors else 200


def _columns_form(preview: imports.Preview) -> MappingForm | AnswersForm:
    if preview.layout:
        return AnswersForm(preview.layout, preview.guess, data=_chosen_channel())
    return MappingForm(preview.table.headers, preview.guess, data=_chosen_channel())


def _chosen_channel() -> dict[str, str]:
    chosen = request.args.get("channel")
    return {"channel": chosen} if chosen in set(Channel) else {}


def _started(
    comment_import: CommentImport, form: MappingForm | AnswersForm, preview: imports.Preview
) -> ResponseReturnValue:
    try:
        chosen = form.mapping(preview.table.sheet)
        imports.map_columns(comment_import, chosen, preview.table, by=signed_in_user(), now=utcnow())
    except imports.AlreadyStarted:
        db.session.rollback()
    else:
        db.session.commit()
        imports.run_import.enqueue(comment_import.id)
    return redirect(url_for(".import_page", import_id=comment_import.id), 303)


@staff_imports.get("/imports/<int:import_id>")
def import_page(import_id: int) -> ResponseReturnValue:
    """How far it has got; once it is done, what was taken in and what not and why."""
    comment_import = _import_or_404(import_id)
    if comment_import.state is ImportState.UPLOADED:
        return redirect(url_for(".mapping", import_id=comment_import.id), 303)
    findings = reports.Findings.read(comment_import.report)
    return render_template(
        "imports/import_page.html",
        comment_import=comment_import,
        findings=findings,
        sections=list(reports.sections(findings)),
        first_rows=reports.FIRST_ROWS,
        progress_words=_progress_words(comment_import),
        is_under_way=comment_import.state in (ImportState.QUEUED, ImportState.RUNNING),
        channel=CHANNELS[Channel(comment_import.mapping.get("channel", Channel.IMPORT))],
        tool=tools.NAMES.get(comment_import.mapping.get("tool") or ""),
    )


@staff_imports.get("/imports/<int:import_id>/progress")
def progress(import_id: int) -> ResponseReturnValue:
    """How far it has got, for the script that asks again."""
    comment_import = _import_or_404(import_id)
    return jsonify(
        done=comment_import.rows_done,
        total=comment_import.rows_total or None,
        text=_progress_words(comment_import),
        finished=comment_import.state not in (ImportState.QUEUED, ImportState.RUNNING),
        url=None,
    )


def _progress_words(comment_import: CommentImport) -> str:
    if comment_import.state is ImportState.QUEUED:
        return _("It waits for its turn. That takes a few seconds, or a few minutes when much is going on.")
    if not comment_import.rows_done:
        return _("The file is being opened.")
    return ngettext("%(num)d row read so far", "%(num)d rows read so far", comment_import.rows_done)


@staff_imports.get("/imports/<int:import_id>/report.csv")
def report(import_id: int) -> ResponseReturnValue:
    """The rows that were left out, or taken in with something missing, as a table."""
    comment_import = _import_or_404(import_id)
    return Response(
        reports.as_csv(reports.Findings.read(comment_import.report)),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="import-{comment_import.id}-report.csv"'},
    )


@staff_imports.post("/imports/<int:import_id>/discard")
def discard(import_id: int) -> ResponseReturnValue:
    """Throw a file away before it is taken in."""
    comment_import = _import_or_404(import_id)
    try:
        imports.discard(comment_import, by=signed_in_user(), now=utcnow())
    except imports.AlreadyStarted:
        db.session.rollback()
        return redirect(url_for(".import_page", import_id=comment_import.id), 303)
    db.session.commit()
    flash(_("The file is thrown away. Nothing of it was kept."), "success")
    return redirect(url_for(".imports"), 303)


def _import_or_404(import_id: int) -> CommentImport:
    found: CommentImport = load_or_404(queries.comment_import(import_id, the_conversation().id))
    return found
