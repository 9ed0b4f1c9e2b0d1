"""How a person likes to read and answer: one page for all of it, chosen once and kept for a year.

Each choice is a cookie of its own, so no page needs a session for it, and nothing tells who the person is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from engage import i18n
from engage.accounts.guard import local_path
from engage.forms import csrf
from engage.surveys.comforts import preferences

bp = Blueprint("reading", __name__)


@dataclass(frozen=True)
class Preference:
    """One thing to choose: its cookie, its question, and the answers as (value, label, more about it).

    The first answer is how pages are as long as nobody chose.
    """

    cookie: str
    question: Any
    answers: tuple[tuple[str, Any, Any], ...]

    @property
    def chosen(self) -> str:
        """What this person chose, or the first answer."""
        kept = request.cookies.get(self.cookie, "")
        return kept if kept in self.values else self.answers[0][0]

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(value for value, _label, _more in self.answers)


COLOURS = Preference(
    "colours",
    _l("Colours"),
    (
        ("device", _l("As on my device"), _l("Light or dark, as you set it there")),
        ("light", _l("Light"), ""),
        ("dark", _l("Dark"), ""),
        ("contrast", _l("Strong contrast"), _l("White and yellow on black")),
        ("soft", _l("Soft"), _l("Dark brown on cream, easier where white glares")),
    ),
)
READ_ALOUD = Preference(
    "read_aloud",
    _l("Reading aloud"),
    (
        ("auto", _l("Show the “Listen” button where my device can read aloud"), ""),
        ("yes", _l("Show it, and tell me where my device has no voice for the language"), ""),
        ("no", _l("Do not show it"), _l("I do not need it, or I have my own screen reader")),
    ),
)
PREFERENCES = (
    Preference(
        "text_size",
        _l("Text size"),
        (("", _l("Standard"), ""), ("large", _l("Large"), ""), ("largest", _l("Largest"), "")),
    ),
    COLOURS,
    Preference(
        "answering",
        _l("Answering questions"),
        (
            ("one", _l("One question at a time"), _l("Less on each page")),
            ("all", _l("All questions on one page"), _l("To see everything before you begin")),
        ),
    ),
    Preference(
        "easy_read",
        _l("Easy Read"),
        (
            ("no", _l("The usual words"), ""),
            ("yes", _l("Easy Read, where there is it"), _l("Short sentences with a picture each")),
        ),
    ),
    READ_ALOUD,
)


@bp.app_context_processor
def _comfort() -> dict[str, str]:
    """What the frame of every page needs to know."""
    if not request:
        return {"colours": "", "read_aloud": "no"}
    colours = COLOURS.chosen if i18n.is_public_page() else "device"
    return {"colours": "" if colours == "device" else colours, "read_aloud": READ_ALOUD.chosen}


@bp.route("/reading", methods=["GET", "POST"])
@csrf.exempt  # What somebody likes to read harms nobody, and so no public page needs a session for its form.
def reading() -> ResponseReturnValue:
    """Show what is chosen, or keep new choices and go back to where the person was."""
    came_from = local_path(request.values.get("next", ""))
    if request.method == "POST":
        return _keep(came_from)
    return render_template(
        "pages/reading.html",
        preferences=PREFERENCES,
        names=[(code, i18n.own_name(code)) for code in i18n.languages()],
        came_from=came_from or "",
        is_kept="kept" in request.args,
    )


def _keep(came_from: str | None) -> ResponseReturnValue:
    response = redirect(came_from or url_for(".reading", kept=1), 303)
    for one in PREFERENCES:
        value = request.form.get(one.cookie)
        if value is not None and value in one.values:
            preferences.remember(response, one.cookie, value)
    language = request.form.get(i18n.COOKIE, "")
    if language in i18n.languages():
        preferences.remember(response, i18n.COOKIE, language)
    return response
