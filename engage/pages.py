"""Pages that belong to no room: home, accessibility, privacy, cookies, and the council's colours."""

from __future__ import annotations

import colorsys
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue

from engage import config, i18n, richtext
from engage.accounts.guard import local_path
from engage.config import Settings, contrast
from engage.conversations import queries as conversations
from engage.conversations.stages import stages
from engage.db import db, utcnow
from engage.forms import csrf
from engage.surveys import queries as surveys
from engage.surveys.responses import SAVED_DAYS
from engage.themes import queries as themes
from engage.tracking import CodeForm

bp = Blueprint("pages", __name__)
TEXT_SIZES = ("", "large", "largest")
DARK_CANVAS = "#10191b"
YEAR = 365 * 24 * 3600


def init_app(app: Flask, settings: Settings) -> None:
    app.register_blueprint(bp)
    app.add_template_filter(richtext.render, "richtext")
    app.context_processor(lambda: _page_context(settings))


def _page_context(settings: Settings) -> dict[str, Any]:
    """What every page may show."""
    return {
        "council": {
            "name": settings.council_name,
            "phone": settings.phone,
            "phone_hours": settings.phone_hours,
            "email": settings.email,
            "safeguarding_phone": settings.safeguarding_phone,
            "logo_url": url_for("pages.logo") if settings.logo else None,
        },
        "page_lang": i18n.page_language(),
        "council_words": i18n.council_words(),
        "language_is_unchecked": i18n.page_language() not in {i18n.DEFAULT, *settings.checked},
        "page_dir": i18n.page_direction(),
        "text_size": request.cookies.get("text_size", "") if request else "",
        "languages": i18n.language_menu(),
        "conversation_name": None,
    }


@bp.get("/")
def home() -> ResponseReturnValue:
    """What this is, how to take part and what happens when, all from the conversation that is present."""
    today = utcnow().date()
    conversation = conversations.present_conversation(today)
    versions = surveys.open_surveys_of(conversation.id, today) if conversation else []
    version = versions[0] if versions else None
    content = surveys.content_of(version) if version else None
    return render_template(
        "pages/home.html",
        conversation=conversation,
        conversation_name=conversation.name if conversation else None,
        survey=version.survey if version else None,
        questions=content.usual_length if content else 0,
        more=[(one.survey, surveys.content_of(one).title) for one in versions[1:]],
        themes=themes.themes_of_conversation(conversation.id) if conversation else [],
        steps=stages(conversation, today) if conversation else [],
        is_coming=bool(conversation and conversation.opens_on > today),
        is_over=bool(conversation and conversation.closes_on < today),
        code_form=CodeForm(formdata=None),
    )


@bp.get("/accessibility")
def accessibility() -> ResponseReturnValue:
    return render_template("pages/accessibility.html")


@bp.get("/privacy")
def privacy() -> ResponseReturnValue:
    hours = config.of(current_app).session_hours
    return render_template("pages/privacy.html", hours=hours, days=SAVED_DAYS)


@bp.get("/cookies")
def cookies() -> ResponseReturnValue:
    hours = config.of(current_app).session_hours
    return render_template("pages/cookies.html", hours=hours)


@bp.get("/how-we-use-what-you-say")
def how_we_use() -> ResponseReturnValue:
    return render_template("pages/how_we_use.html")


@bp.post("/text-size")
@csrf.exempt  # A text size harms nobody, and so no public page needs a session for its form.
def text_size() -> ResponseReturnValue:
    """Remember how large the text shall be, and go back to where the person was."""
    size = request.form.get("size", "")
    response = redirect(local_path(request.form.get("next", "")) or url_for("pages.home"), 303)
    if size in TEXT_SIZES:
        response.set_cookie(
            "text_size",
            size,
            max_age=YEAR,
            samesite="Lax",
            httponly=True,
            secure=current_app.config["SESSION_COOKIE_SECURE"],
        )
    return response


@bp.get("/healthz")
def health() -> ResponseReturnValue:
    """For the machine that watches over this one: answers once the database does."""
    db.session.connection()
    return Response("ok\n", mimetype="text/plain")


@bp.get("/logo")
def logo() -> ResponseReturnValue:
    settings = config.of(current_app)
    return send_file(settings.logo.resolve(), max_age=3600) if settings.logo else ("", 404)


@bp.get("/brand.css")
def brand_css() -> ResponseReturnValue:
    """The council's colours, with the lighter brand that the dark scheme needs."""
    settings = config.of(current_app)
    light = lighter_until_readable(settings.brand, DARK_CANVAS)
    css = (
        f":root{{--brand:{settings.brand};--brand-ink:{settings.brand_ink};--accent:{settings.accent};"
        f"--brand-dark:{light};--brand-dark-ink:{DARK_CANVAS}}}"
    )
    response = Response(css, mimetype="text/css")
    response.cache_control.public, response.cache_control.max_age = True, 3600
    return response


def lighter_until_readable(colour: str, ground: str, least: float = 8.5) -> str:
    """The same hue, lightened step by step until its contrast on ``ground`` is at least ``least`` to 1."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    for step in range(int(lightness * 100), 101):
        channels = colorsys.hls_to_rgb(hue, step / 100, min(saturation, 0.6))
        found = "#" + "".join(f"{round(c * 255):02x}" for c in channels)
        if contrast(found, ground) >= least:
            return found
    return "#ffffff"
