"""The base of every form, and fields that several rooms share."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Any

from flask import abort
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import CSRFProtect, FlaskForm
from wtforms import Field, StringField, TextAreaField
from wtforms.validators import StopValidation, ValidationError
from wtforms.widgets import TextInput

csrf = CSRFProtect()
LONGEST_TEXT = 10_000
LONGEST_LINE = 200
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def clean_text(text: str | None) -> str:
    """What somebody typed, word for word, less what no database can keep (null bytes, broken characters).

    Line ends become ``\\n`` and white space at both ends goes.
    """
    if not text:
        return ""
    return _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def clean_line(text: str | None) -> str:
    """The same for one line: inner white space becomes single spaces."""
    return " ".join(unicodedata.normalize("NFC", clean_text(text)).split())


class Form(FlaskForm):
    """Base form. Its errors are whole sentences that say what to do."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "csrf_token" in self:
            # Several forms may stand on one page, and no two elements may have the same id.
            self.csrf_token.render_kw = {"id": False}


class PatientForm(Form):
    """A form for people who do not sign in: where its page was open too long, what they typed stays.

    Its view is exempt from the check that would answer with an error page (``csrf.exempt``); the form makes
    the same check itself and asks to press the button once more.
    """

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        token = getattr(self, "csrf_token", None)
        if token is not None and token.errors:
            token.errors = []
            self.form_errors.append(
                str(
                    _l(
                        "This page was open for a long time, so please press the button once more. What you "
                        "wrote is still here. If you read this again, your browser may be refusing cookies: "
                        "ring us and we will help."
                    )
                )
            )
        return valid


class Required:
    """The field must be filled in; the message says with what."""

    field_flags = {"required": True}

    def __init__(self, message: Any) -> None:
        self.message = message

    def __call__(self, form: Any, field: Any) -> None:
        if not field.data or (isinstance(field.data, str) and not field.data.strip()):
            if field.process_errors:
                # Something was typed that cannot be read; its own message says what to do.
                raise StopValidation
            field.errors[:] = []
            raise StopValidation(str(self.message))


class AtMost:
    """The text may have so many characters; the message says how many there are too many."""

    def __init__(self, longest: int) -> None:
        self.longest = longest

    def __call__(self, form: Any, field: Any) -> None:
        over = len(field.data or "") - self.longest
        if over > 0:
            raise ValidationError(
                ngettext(
                    "This is %(over)s character too long. Shorten it to %(longest)s or fewer.",
                    "This is %(over)s characters too long. Shorten it to %(longest)s or fewer.",
                    over,
                    over=f"{over:,}",
                    longest=f"{self.longest:,}",
                )
            )


class LineField(StringField):
    """One line of text, cleaned."""

    def __init__(self, label: Any = None, validators: Any = (), longest: int = LONGEST_LINE, **kwargs: Any):
        super().__init__(label, [*validators, AtMost(longest)], filters=[clean_line], **kwargs)
        self.longest = longest


class WordsField(TextAreaField):
    """Several lines in somebody's own words, cleaned but otherwise untouched."""

    def __init__(self, label: Any = None, validators: Any = (), longest: int = LONGEST_TEXT, **kwargs: Any):
        super().__init__(label, [*validators, AtMost(longest)], filters=[clean_text], **kwargs)
        self.longest = longest


class DateField(Field):
    """A date in three boxes, ``<name>-day``, ``-month``, ``-year``. ``.data`` is a date or None.

    What was typed stays in ``.day``, ``.month`` and ``.year`` when it is no date.
    """

    widget = TextInput()
    data: date | None

    def __init__(self, label: Any = None, validators: Any = (), **kwargs: Any):
        super().__init__(label, validators, **kwargs)
        self.day = self.month = self.year = ""

    def process_data(self, value: date | None) -> None:
        self.data = value
        if value:
            self.day, self.month, self.year = str(value.day), str(value.month), str(value.year)

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        super().process(None, data if data is not None else self.default, extra_filters)
        if formdata is not None and f"{self.name}-day" in formdata:
            self.day, self.month, self.year = (
                clean_line(formdata.get(f"{self.name}-{part}")) for part in ("day", "month", "year")
            )
            self._read()

    def _read(self) -> None:
        self.data = None
        if not (self.day or self.month or self.year):
            return
        try:
            self.data = date(int(self.year), int(self.month), int(self.day))
            if not 1900 <= self.data.year <= 2200:
                raise ValueError
        except (ValueError, OverflowError):
            self.data = None
            message = _(
                "%(what)s: enter it as day, month and year in numbers, like 27 3 2026.", what=self.label.text
            )
            self.process_errors = [message]


def load_or_404(found: Any) -> Any:
    """The row, or the "not found" page."""
    if found is None:
        abort(404)
    return found
