"""What ``static/js/proof.js`` asks for before it sends answers."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue

from engage.surveys import drafts
from engage.surveys.guarding import proof, suspicion

bp = Blueprint("proof", __name__, url_prefix="/surveys/<slug>")


@bp.get("/proof")
def challenge(slug: str) -> ResponseReturnValue:
    """Some work for the browser while somebody attacks us; nothing at all the rest of the time."""
    draft = drafts.draft_of(slug)
    answer = (
        jsonify(proof.challenge(draft)) if draft and suspicion.is_under_attack() else Response(status=204)
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer
