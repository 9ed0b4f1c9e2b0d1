"""The export page. An export is streamed to the person who asks and put on record; it is never stored."""

from __future__ import annotations

from flask import Response, abort, render_template, stream_with_context
from flask.typing import ResponseReturnValue

from engage.accounts.guard import signed_in_user, staff_blueprint
from engage.accounts.models import Role
from engage.audit import services as audit
from engage.contributions import queries as contributions
from engage.conversations.choice import the_conversation
from engage.db import db, utcnow
from engage.forms import Form
from engage.insight.export import FORMATS, exported_voices

staff = staff_blueprint("staff_export", __name__, {Role.FACILITATOR})


@staff.get("/export")
def export() -> ResponseReturnValue:
    counts = contributions.counts(the_conversation().id)
    listed = counts.contributions
    return render_template("export/export.html", form=Form(), listed=listed, formats=list(FORMATS))


@staff.post("/export/<file_format>")
def download(file_format: str) -> ResponseReturnValue:
    """Stream every voice of the conversation in hand."""
    if file_format not in FORMATS:
        abort(404)
    conversation, now = the_conversation(), utcnow()
    audit.record(
        "export", "conversation", conversation.id, by=signed_in_user(), now=now, file_format=file_format
    )
    db.session.commit()
    mimetype, write = FORMATS[file_format]
    name = f"{conversation.slug}-{now:%Y-%m-%d}.{file_format}"
    body = stream_with_context(write(exported_voices(conversation)))
    return Response(
        body,
        mimetype=mimetype,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )
