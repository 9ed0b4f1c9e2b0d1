"""Which language a page speaks, and which way it runs."""

from __future__ import annotations

from functools import cache

from babel import Locale
from flask import Flask, has_request_context, request
from flask_babel import Babel, get_locale

from engage import paths

babel = Babel()
DEFAULT = "en"


def init_app(app: Flask) -> None:
    app.config["BABEL_DEFAULT_LOCALE"] = "en_GB"
    app.config["BABEL_DEFAULT_TIMEZONE"] = "Europe/London"
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(paths.TRANSLATIONS)
    babel.init_app(app, locale_selector=chosen_language)


@cache
def languages() -> tuple[str, ...]:
    """The languages that there are translations for, English first."""
    found = sorted(p.parent.parent.name for p in paths.TRANSLATIONS.glob("*/LC_MESSAGES/messages.mo"))
    return (DEFAULT, *(code for code in found if code != DEFAULT))


def chosen_language() -> str:
    """The language that the person chose, else the best their browser asks for, else English."""
    if not has_request_context():
        return "en_GB"
    chosen = request.cookies.get("language", "")
    found = chosen if chosen in languages() else request.accept_languages.best_match(languages())
    return "en_GB" if found in (None, DEFAULT) else str(found)


def page_language() -> str:
    """For the page's ``lang``: a language code such as ``en``."""
    locale = get_locale()
    return str(locale.language) if locale else DEFAULT


def page_direction() -> str:
    """For the page's ``dir``: ``ltr`` or ``rtl``."""
    locale = get_locale() or Locale.parse("en_GB")
    return str(locale.text_direction)
