"""Pages for when something is not as it should be. They say what to do next."""

from __future__ import annotations

import structlog
from flask import Flask, Response, current_app, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import NoResultFound
from werkzeug.exceptions import HTTPException

from engage.db import db
from engage.logs import places

log = structlog.get_logger(__name__)


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, show_http_error)
    app.register_error_handler(CSRFError, show_expired)
    app.register_error_handler(NoResultFound, lambda error: show(404))
    app.register_error_handler(Exception, show_unexpected)


def show_http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error.get_response()
    response = Response(show(error.code)[0], status=error.code, mimetype="text/html")
    for name, value in error.get_headers():
        if name in ("Retry-After", "Allow"):
            response.headers[name] = value
    return response


def show_expired(_error: CSRFError) -> ResponseReturnValue:
    return show(400)


def show_unexpected(error: Exception) -> ResponseReturnValue:
    if current_app.testing:
        raise error
    log.error("an error that nobody foresaw", error_type=type(error).__name__, places=places(error))
    db.session.rollback()  # The page below asks the database too.
    return show(500)


def show(code: int) -> tuple[str, int]:
    """The page for a status code."""
    title, text, what_next = _words(code)
    page = render_template("errors/error.html", title=title, text=text, what_next=what_next)
    return page, code


def _words(code: int) -> tuple[str, str, list[str]]:
    settings = current_app.extensions["engage.settings"]
    ring = _("Ring us on %(phone)s, %(hours)s.", phone=settings.phone, hours=settings.phone_hours)
    known = {
        400: (
            _("This page was open for a long time"),
            _("For your safety we could not take what you sent from it."),
            [_("Go back one page, copy what you wrote, reload the page and send it again."), ring],
        ),
        403: (
            _("This page is for other people in the team"),
            _("You are signed in, but this page needs a role that you do not hold."),
            [_("If you need it for your work, ask the person who invited you.")],
        ),
        404: (
            _("We cannot find that page"),
            _("The address may be mistyped, or what was here may have moved."),
            [_("Check the address, or start again from the home page."), ring],
        ),
        405: (
            _("That did not work from here"),
            _("The page was asked for in a way that it does not know."),
            [_("Go back and try again from the page before.")],
        ),
        413: (
            _("That is too large for us to take"),
            _("We can take files of up to %(size)s megabytes.", size=settings.max_upload_mb),
            [_("Go back and choose a smaller file, or split it into two."), ring],
        ),
        429: (
            _("Too many tries from here"),
            _("To keep everybody safe, we stop after a number of tries in a short time."),
            [_("Wait five minutes, then try again."), ring],
        ),
    }
    if code in known:
        return known[code]
    return (
        _("Something went wrong on our side"),
        _("It is not your fault, and we have made a note of it."),
        [_("Go back and try again in a minute."), ring],
    )
