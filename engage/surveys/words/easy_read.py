"""The Easy Read twin of each question: what it consists of, what is left out, and what makes it easier.

Easy Read has a picture and a short sentence for one idea at a time. The twin keeps the question's id, so that
answers pool. Nothing here asks the database.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from engage import i18n
from engage.forms import clean_text
from engage.surveys.building.writing_advice import easy_advice
from engage.surveys.content import Content, Page
from engage.surveys.questions import Agreement, Choice, Choosing, EasyRead, Question
from engage.surveys.texts import LONGEST, NOTHING, Text
from engage.surveys.words.pictures import PICTURES
from engage.surveys.words.translating import digest

MOST_CHOICES = 6
"""Answers on one page of Easy Read; with more, people lose the first before they reach the last."""

SENTENCE, HELP = "sentence", "help"


class TooLong(Exception):
    """Words have more characters than a text may have."""


@dataclass(frozen=True)
class Part:
    """A place for easy words and a picture. ``name`` is ``sentence``, ``help``, ``choice-1`` or ``row-1``.

    ``ordinary`` and ``easy`` are the English words; help has no picture of its own.
    """

    name: str
    label: str
    ordinary: str
    easy: str
    picture: str

    @property
    def has_picture(self) -> bool:
        return self.name != HELP

    @property
    def advice(self) -> tuple[str, ...]:
        """What would make the easy words easier."""
        return easy_advice(self.label, self.easy).notes if self.easy else ()


def parts(question: Question) -> list[Part]:
    """Everything of a question that has an Easy Read form, the sentence first."""
    twin = question.easy or EasyRead()
    label = _("Sentence") if question.is_asked else _("What people read")
    found = [
        Part(SENTENCE, label, _en(question.text), _en(twin.text), twin.picture),
        Part(HELP, _("Help"), _en(question.help), _en(twin.help), ""),
    ]
    if isinstance(question, Agreement):
        for nth, row in enumerate(question.rows, 1):
            name = _("Sentence %(number)s to agree with", number=nth)
            found.append(Part(f"row-{nth}", name, _en(row.text), _en(row.easy), row.picture))
    if isinstance(question, Choosing):
        for nth, choice in enumerate(own_choices(question), 1):
            name = _("Answer %(number)s", number=nth)
            found.append(Part(f"choice-{nth}", name, _en(choice.label), _en(choice.easy), choice.picture))
    return found


def own_choices(question: Choosing) -> tuple[Choice, ...]:
    """The answers that can have a twin: not "something else", which is ours, nor places, which are names."""
    if question.kind == "permission":
        return question.all_choices()
    return () if question.kind == "district" else question.choices


def _en(text: Text) -> str:
    return text.in_language(i18n.DEFAULT)


def mark(question: Question) -> str:
    """A digest of all that the page of one question shows, to see whether somebody else changed it."""
    shown = [(part.name, part.ordinary, part.easy, part.picture) for part in parts(question)]
    return digest(json.dumps(shown))


def fingerprint(content: Content) -> str:
    """A digest of all that people meet in Easy Read: 64 digits. A test ends when it changes.

    That is every question with a twin in its order, its words and those of its answers (ordinary ones where
    there are no easy ones) in every language, its pictures, help, films and conditions.
    """
    easy = content.for_easy_read()
    found = easy.model_copy(update={"pages": tuple(map(_as_met, easy.pages))}).as_json()
    for untold in ("easy_read", "languages"):
        found.pop(untold, None)
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()


def _as_met(page: Page) -> Page:
    """The page without what Easy Read does not show: ordinary words are replaced by then."""
    return page.model_copy(update={"questions": tuple(map(_without_spare, page.questions))})


def _without_spare(question: Question) -> Question:
    """The question without easy words that stand in place of its own already. Pictures stay."""
    twin = question.easy or EasyRead()
    updates: dict[str, object] = {"easy": EasyRead(picture=twin.picture)}
    if isinstance(question, Choosing):
        updates["choices"] = tuple(one.model_copy(update={"easy": NOTHING}) for one in question.choices)
    return question.model_copy(update=updates)


# --- Changing -----------------------------------------------------------------------------------------------


def with_words(content: Content, question_id: str, words: Mapping[str, str]) -> Content:
    """The survey with these English easy words, by the name of their part; other languages stay.

    Raises KeyError for a question that is not there, and TooLong.
    """
    cleaned = {name: clean_text(said) for name, said in words.items()}
    if any(len(said) > LONGEST for said in cleaned.values()):
        raise TooLong
    question = content.by_id[question_id]
    twin = question.easy or EasyRead()
    changed = twin.model_copy(
        update={
            "text": _said(twin.text, cleaned.get(SENTENCE)),
            "help": _said(twin.help, cleaned.get(HELP)),
        }
    )
    updates: dict[str, object] = {"easy": changed if changed != EasyRead() else None}
    for field, prefix in (("choices", "choice"), ("rows", "row")):
        members = _members(question, field)
        written = tuple(
            one.model_copy(update={"easy": _said(one.easy, cleaned.get(f"{prefix}-{nth}"))})
            for nth, one in enumerate(members, 1)
        )
        if written != members:
            updates[field] = written
    return _replaced(content, question, updates)


def _said(text: Text, words: str | None) -> Text:
    """The text with other English words. Where those go, their translations go with them."""
    if words is None:
        return text
    return text.with_words(i18n.DEFAULT, words) if words else NOTHING


def with_picture(content: Content, question_id: str, part: str, picture: str) -> Content:
    """The survey with another picture in one part, or with none ("").

    Raises KeyError for a part or a picture that is not there.
    """
    if picture and picture not in PICTURES:
        raise KeyError(picture)
    question = content.by_id[question_id]
    if part == SENTENCE:
        twin = (question.easy or EasyRead()).model_copy(update={"picture": picture})
        return _replaced(content, question, {"easy": twin if twin != EasyRead() else None})
    prefix, _dash, number = part.partition("-")
    field = {"choice": "choices", "row": "rows"}[prefix]
    members = list(_members(question, field))
    place = int(number) - 1 if number.isascii() and number.isdigit() else -1
    if not 0 <= place < len(members):
        raise KeyError(part)
    members[place] = members[place].model_copy(update={"picture": picture})
    return _replaced(content, question, {field: tuple(members)})


def _members(question: Question, field: str) -> tuple[Choice, ...]:
    if field == "choices" and isinstance(question, Choosing):
        return own_choices(question)
    return getattr(question, field, ()) if field == "rows" else ()


def _replaced(content: Content, question: Question, updates: Mapping[str, object]) -> Content:
    changed = question.model_copy(update=dict(updates))
    pages = tuple(
        page.model_copy(
            update={"questions": tuple(changed if one.id == question.id else one for one in page.questions)}
        )
        for page in content.pages
    )
    return content.model_copy(update={"pages": pages})


# --- What to look at ----------------------------------------------------------------------------------------


def left_out(content: Content) -> list[Question]:
    """The questions and statements that people do not meet in Easy Read."""
    return [question for question in content.questions if not question.has_twin]


def problems(content: Content) -> list[tuple[str, str]]:
    """What must be put right before Easy Read can be offered: (question id, or "", what to do)."""
    found = []
    if not any(question.has_twin and question.is_asked for question in content.questions):
        found.append(("", _("No question has an Easy Read sentence yet.")))
    for question in left_out(content):
        if question.required:
            message = _("It must be answered, so it needs an Easy Read sentence. Or let people leave it out.")
            found.append((question.id, message))
    for question in content.questions:
        found += [(question.id, message) for message in _unreachable(content, question)]
    return found


def _unreachable(content: Content, question: Question) -> Iterator[str]:
    """Where a question with a twin is asked only after one that Easy Read leaves out."""
    if question.shown_if is None or not question.has_twin:
        return
    for earlier in dict.fromkeys(test.question for test in question.shown_if.tests):
        asked = content.by_id.get(earlier)
        if asked is not None and not asked.has_twin:
            yield _(
                "It is only asked after “%(question)s”, which Easy Read leaves out. So nobody who reads Easy "
                "Read meets it in that way.",
                question=asked.text,
            )


def advice(question: Question) -> list[str]:
    """What would make the twin of a question easier. It never keeps anybody from publishing."""
    found = []
    if isinstance(question, Agreement) and len(question.rows) > 1:
        found.append(_("One idea a page: make a question of its own of each sentence to agree with."))
    if isinstance(question, Choosing) and len(question.all_choices()) > MOST_CHOICES:
        found.append(
            _(
                "There are %(count)s answers. Up to %(most)s are easy to keep in mind: put some together, or "
                "ask in two steps.",
                count=len(question.all_choices()),
                most=MOST_CHOICES,
            )
        )
    if question.has_twin and question.easy and not question.easy.picture:
        found.append(_("Choose a picture: it helps people to find out what the sentence is about."))
    return found
