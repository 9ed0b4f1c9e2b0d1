"""Security headers on every answer, and how many proxies to believe."""

from __future__ import annotations

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response as WerkzeugResponse

from engage import errors
from engage.config import Settings
from engage.db import LOOKING

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; media-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)

FILES = {"static", "clips.show", "pages.logo", "pages.brand_css"}
"""Endpoints that give everybody the same file. Their answers are kept by caches, and so have no cookie."""


class Sessions(SecureCookieSessionInterface):
    """Sessions in a signed cookie, which neither files nor refused requests send."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if request.endpoint not in FILES and not _comes_from_another_site():
            super().save_session(app, session, response)


def init_app(app: Flask, settings: Settings) -> None:
    if settings.trusted_proxies:
        n = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=0)  # type: ignore[method-assign]
    secure = settings.base_url.startswith("https://")
    app.session_interface = Sessions()
    app.before_request(_refuse_other_sites)

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", POLICY)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        if secure:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if request.endpoint != "static" and "Cache-Control" not in headers:
            # People share computers: a page with somebody's words must not come back with the back button.
            headers["Cache-Control"] = "no-store" if current_user.is_authenticated else "private, no-cache"
        return response


def _refuse_other_sites() -> ResponseReturnValue | None:
    """Take no form from another site, as its answer would put a new session in place of the person's own.

    The browser sends their cookie with none of these. One that does not say where a form comes from is
    trusted as before: forms that matter have a token of their own.
    """
    return (errors.show(400)[0], 403) if _comes_from_another_site() else None


def _comes_from_another_site() -> bool:
    return request.method not in LOOKING and request.headers.get("Sec-Fetch-Site") == "cross-site"


def without_copies(response: WerkzeugResponse) -> WerkzeugResponse:
    """Ask the browser to drop every page that it still has: the next person at the device may go back."""
    response.headers["Clear-Site-Data"] = '"cache"'
    return response
