"""A survey as a file of our own: written for another installation or for keeping, and read from anybody.

Nothing in a file is trusted: its size is limited, nothing that it names is fetched, films and recordings stay
where they are, and what the file cannot bring is said line by line.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from babel import Locale, UnknownLocaleError
from flask_babel import gettext as _
from flask_babel import ngettext
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from engage.forms import clean_line
from engage.surveys.content import Content
from engage.surveys.questions import Agreement, Choosing, Question
from engage.surveys.texts import Text
from engage.surveys.wording import map_texts
from engage.surveys.words.pictures import PICTURES

LARGEST_FILE = 2 * 1024 * 1024
"""Bytes of a file. Sixty questions with seven languages and Easy Read take less than half of it."""

DEEPEST = 40
MOST_NAMED = 10


class FileRefused(Exception):
    """The file cannot be read as a survey; ``messages`` say where and what to do."""

    def __init__(self, *messages: str) -> None:
        super().__init__(" ".join(messages))
        self.messages = messages


@dataclass(frozen=True)
class Brought:
    """A survey from a file, and what the file had that could not come with it, a sentence each."""

    content: Content
    left_out: tuple[str, ...] = ()


# --- Out ----------------------------------------------------------------------------------------------------


def as_file(content: Content) -> bytes:
    """The survey as JSON that people can read too. Films and recordings are files of their own: not in it."""
    written = _without_clips(content).as_json()
    return (json.dumps(written, ensure_ascii=False, indent=1) + "\n").encode()


def clip_note(content: Content) -> str:
    """What a file leaves out of a survey; empty where it has everything."""
    count = sum(len(question.clips) for question in content.questions)
    if not count:
        return ""
    return ngettext(
        "One film or recording is left out. Add it again where the survey is going.",
        "%(num)d films or recordings are left out. Add them again where the survey is going.",
        count,
    )


def _without_clips(content: Content) -> Content:
    return _each_question(content, lambda question: question.model_copy(update={"clips": ()}))


def _each_question(content: Content, change: Any) -> Content:
    pages = tuple(
        page.model_copy(update={"questions": tuple(change(question) for question in page.questions)})
        for page in content.pages
    )
    return content.model_copy(update={"pages": pages})


# --- In -----------------------------------------------------------------------------------------------------


def read_file(data: bytes) -> Brought:
    """The survey in a file that ``as_file`` made, here or elsewhere. Raises FileRefused."""
    try:
        content = Content.model_validate(_decoded(data))
    except ValidationError as error:
        raise FileRefused(*in_words(error)) from None
    except RecursionError:
        raise FileRefused(_no_survey()) from None
    return _safe(content)


def _decoded(data: bytes) -> Any:
    try:
        written = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise FileRefused(_no_survey()) from None
    if not isinstance(written, dict) or "pages" not in written:
        raise FileRefused(_no_survey())
    if _depth(written) > DEEPEST:
        raise FileRefused(_no_survey())
    return written


def _no_survey() -> str:
    return _(
        "There is no survey in this file. Choose a file that was taken out of a survey here (.json), "
        "or an XLSForm (.xlsx)."
    )


def _depth(written: Any) -> int:
    """How deep lists and objects stand in one another, without recursion."""
    depth, level = 0, [written]
    while level and depth <= DEEPEST:
        depth += 1
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
    return depth


def _safe(content: Content) -> Brought:
    """Without what belongs to another installation, or could not be shown here."""
    left_out = [note for note in (clip_note(content),) if note]
    content = _without_clips(content)
    languages = {lang for _key, text in _all_texts(content) for lang in text.root} | {*content.languages}
    unknown = sorted(code for code in languages if not _is_language(code))
    if unknown:
        left_out.append(
            _("Texts in languages that we do not know are left out: %(codes)s.", codes=", ".join(unknown))
        )
        content = map_texts(content, lambda _key, text: _only(text, unknown))
        offered = tuple(dict.fromkeys(code for code in content.languages if code not in unknown))
        content = content.model_copy(update={"languages": offered})
    pictures = sorted({name for name in _pictures(content) if name and name not in PICTURES})
    if pictures:
        names = ", ".join(clean_line(name) for name in pictures[:MOST_NAMED])
        left_out.append(_("Pictures that we do not have are left out: %(names)s.", names=names))
        content = _each_question(content, _known_pictures)
    return Brought(content, tuple(left_out))


def _all_texts(content: Content) -> list[tuple[str, Text]]:
    found: list[tuple[str, Text]] = []

    def remember(key: str, text: Text) -> Text:
        found.append((key, text))
        return text

    map_texts(content, remember)
    return found


def _is_language(code: str) -> bool:
    try:
        Locale.parse(code)
    except (UnknownLocaleError, ValueError):
        return False
    return True


def _only(text: Text, unknown: Sequence[str]) -> Text:
    return Text({lang: words for lang, words in text.root.items() if lang not in unknown})


def _pictures(content: Content) -> Iterator[str]:
    for question in content.questions:
        if question.easy:
            yield question.easy.picture
        if isinstance(question, Choosing):
            yield from (choice.picture for choice in question.choices)
        if isinstance(question, Agreement):
            yield from (row.picture for row in question.rows)


def _known_pictures(question: Question) -> Question:
    """The question without pictures that are not in our set."""

    def known(one: Any) -> Any:
        return one if one.picture in PICTURES else one.model_copy(update={"picture": ""})

    update: dict[str, Any] = {"easy": known(question.easy)} if question.easy else {}
    if isinstance(question, Choosing):
        update["choices"] = tuple(known(choice) for choice in question.choices)
    if isinstance(question, Agreement):
        update["rows"] = tuple(known(row) for row in question.rows)
    return question.model_copy(update=update)


# --- What is wrong, in words --------------------------------------------------------------------------------


def in_words(error: ValidationError) -> list[str]:
    """Each thing that does not fit, with its place: "Question 3 on page 2: …". At most MOST_NAMED."""
    found = list(dict.fromkeys(_one_in_words(one) for one in error.errors()))
    if len(found) > MOST_NAMED:
        left = len(found) - MOST_NAMED
        found = found[:MOST_NAMED]
        found.append(ngettext("And one more thing.", "And %(num)d more things.", left))
    return found


def _one_in_words(error: ErrorDetails) -> str:
    where, part = _place(error["loc"])
    what = _what(error, clean_line(part)[:60])
    return _("%(where)s: %(what)s", where=where, what=what) if where else what[:1].upper() + what[1:]


def _place(steps: Sequence[int | str]) -> tuple[str, str]:
    """Where something stands, in words, and the name of the part that is wrong."""
    numbers = {
        name: steps[place + 1]
        for place, name in enumerate(steps[:-1])
        if name in ("pages", "questions", "choices", "rows") and isinstance(steps[place + 1], int)
    }
    counted = {str(name): int(number) + 1 for name, number in numbers.items()}
    part = next((str(step) for step in reversed(steps) if isinstance(step, str) and step != "root"), "")
    if "questions" not in counted:
        return (_("Page %(page)s", page=counted["pages"]) if "pages" in counted else ""), part
    page, question = counted["pages"], counted["questions"]
    if "choices" in counted:
        where = _(
            "Answer %(answer)s of question %(question)s on page %(page)s",
            answer=counted["choices"],
            question=question,
            page=page,
        )
    elif "rows" in counted:
        where = _(
            "Sentence %(row)s of question %(question)s on page %(page)s",
            row=counted["rows"],
            question=question,
            page=page,
        )
    else:
        where = _("Question %(question)s on page %(page)s", question=question, page=page)
    return where, part


def _what(error: ErrorDetails, part: str) -> str:
    """What is wrong with one part, as a sentence."""
    kind, reason = error["type"], error["msg"].removeprefix("Value error, ")
    tag = clean_line(str(error.get("ctx", {}).get("tag", "")))[:60]
    if kind == "literal_error" and part == "format":
        return _("The file was made by a newer version of this software. Bring this one up to date first.")
    if kind == "string_pattern_mismatch" and part in ("id", "question"):
        return _("“%(part)s” must begin with a letter, then letters, digits or underlines.", part=part)
    sentences = {
        "missing": _("“%(part)s” is missing.", part=part),
        "union_tag_not_found": _("it does not say what kind of question it is (“kind”)."),
        "union_tag_invalid": _("“%(kind)s” is no kind of question that we know.", kind=tag),
        "extra_forbidden": _("there is a part “%(part)s” that we do not know. Remove it.", part=part),
        "value_error": _("%(reason)s.", reason=reason),
        "too_long": _("there is too much in “%(part)s”. Shorten it.", part=part),
        "string_too_long": _("there is too much in “%(part)s”. Shorten it.", part=part),
    }
    return sentences.get(
        kind, _("“%(part)s” is not what it should be: %(reason)s.", part=part, reason=reason)
    )
