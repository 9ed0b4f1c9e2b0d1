"""What a column of another tool's export holds, by its question and its cells: words, choices, or names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from engage.forms import clean_line


class Kind(StrEnum):
    """What becomes of a column."""

    WORDS = "words"
    CHOICES = "choices"
    # What says when, in which language and which answer it was.
    ABOUT = "about"
    PERSONAL = "personal"
    AGREED = "agreed"
    WORKINGS = "workings"


_NAME = r"(?:full |first |last |family |given |middle |own |preferred )*(?:name|surname|forename)s?"
_REACHED = (
    r"e-?mail(?: address)?|(?:tele|mobile |home |work )?phone(?: number)?|mobile(?: number)?"
    r"|contact (?:number|details)"
    r"|(?:home |full |postal |street |postal )?address(?: line \d)?|post ?code|zip code"
)
_PROOF = (
    r"date of birth|d\.?o\.?b\.?|nhs number|national insurance number|signature|ip address|latitude|longitude"
)
_OTHER = r"initials|user ?name|(?:twitter|facebook|social media) (?:handle|name)|next of kin"
_GROUP = r"organi[sz]ation(?: name)?|name of (?:your |the )?organi[sz]ation|company(?: name)?|employer"
# The whole heading or its last part, such as "Name" in "1 What is your name? - Name".
_WHOLE = re.compile(
    rf"(?:your |respondent(?:’s|'s)? |contact )?(?:{_NAME}|{_REACHED}|{_PROOF}|{_OTHER}|{_GROUP})[?:*]*"
)
_ASKED = re.compile(
    rf"\b(?:your|full|first|last) {_NAME}\b|\bname of (?:your|the) organi[sz]ation"
    r"|\bwhat is your organi[sz]ation"
    r"|\byour (?:e-?mail|post ?code|signature|(?:home |full |postal )?address|contact details)\b"
    r"|\byour date of birth"
    r"|\byour (?:tele|mobile )?phone number|\b(?:leave|give|enter) (?:us )?your details"
    r"|(?:’s|'s) (?:full |first |last )?name\b"
    r"|\bname of (?:the |your )?(?:person|carer|relative|mother|father|partner|child|social worker|doctor)"
)
# The same words in a question that people answer at length are what it is about, not who they are.
_ASKED_SHORTLY = re.compile(
    r"\be-?mail address|\b(?:phone|telephone|mobile|contact) number|\bpost ?code|\bnhs number|\bdate of birth"
    r"|\bcontact details"
)
LONG_ENOUGH_FOR_A_VIEW = 8
_CONTENT = re.compile(
    r"[^\s@]+@[^\s@]+\.[a-z]{2,}"
    r"|(?:\+|00|0)[\d ()/-]{8,18}\d"
    r"|\d{1,3}(?:\.\d{1,3}){3}"
    r"|[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}",
    re.IGNORECASE,
)
_FULL_POSTCODE = re.compile(r"\b[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}\b", re.IGNORECASE)
_AGREED = re.compile(
    r"\bconsents?\b|\bpublish\w* (?:your |my |this |the )?(?:response|answer|comment|word|view|name)s?"
    r"|\bprivacy (?:notice|policy|statement)|\bmay we (?:publish|contact)"
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_SENTENCE = re.compile(r"[.!?…]\s*$|, ")
FULL_ENOUGH = 0.3
MANY = 20
SOME = 0.15
LOOKED_INTO = 2_000


def personal(heading: str, values: Sequence[str]) -> bool:
    """Whether a column can show who somebody is, by what was asked or by what stands in it."""
    asked = re.sub(r"\s*\(?\d+\)?$", "", clean_line(heading).lower())  # "Name (2)" is a name too.
    parts = [asked, re.split(r" - |: |\? ", asked)[-1]]
    if "post" in asked and "code" in asked and not any(_FULL_POSTCODE.search(value) for value in values):
        return False  # The first half of a postcode is a district.
    if any(_WHOLE.fullmatch(part.strip()) for part in parts) or _ASKED.search(asked):
        return True
    if _ASKED_SHORTLY.search(asked) and _words_on_average(values) < LONG_ENOUGH_FOR_A_VIEW:
        return True
    telling = sum(1 for value in values if _CONTENT.fullmatch(value.strip()))
    return bool(values) and telling >= FULL_ENOUGH * len(values)


def kind(heading: str, values: Sequence[str], *, typed: bool = False) -> Kind:
    """What the filled cells of a question are. ``typed`` says that the tool itself marks it as typed in."""
    if personal(heading, values):
        return Kind.PERSONAL
    if _are_words(values, typed=typed):
        return Kind.WORDS
    return Kind.AGREED if _AGREED.search(clean_line(heading).lower()) else Kind.CHOICES


def _are_words(values: Sequence[str], *, typed: bool) -> bool:
    """Long and varied: some answers have four words or more, and every second of those is unlike all others.

    Short answers such as "no" or "nothing else" say nothing against it. Of a few answers each choice may have
    been chosen once; there only long ones or whole sentences count.
    """
    long = [clean_line(value[:LOOKED_INTO]).casefold() for value in values if _words(value) >= 4]
    ends = sum(1 for value in values if value.rstrip().endswith(";"))
    if not values or ends >= 0.8 * len(values):
        return False  # Several choices in one cell, each followed by a semicolon.
    if typed and len({clean_line(value).casefold() for value in values}) >= FULL_ENOUGH * len(values):
        return _words_on_average(values) >= 1.5 and any(_words(value) >= 3 for value in values)
    if len(long) < SOME * len(values) or not long or _are_lists(long):
        return False
    sentences = sum(1 for value in long if _SENTENCE.search(value)) / len(long)
    enough = len(long) >= MANY or _words_on_average(long) >= 6 or sentences >= FULL_ENOUGH
    return len(set(long)) >= 0.5 * len(long) and enough


def _are_lists(values: Sequence[str]) -> bool:
    """Whether the cells put the same few choices together in ever other ways: "Bus,Taxi", "Bus,A lift"."""
    parts = [part.strip() for value in values for part in re.split(r"[;,|]", value)]
    return len(parts) >= 8 and len(set(parts)) < 0.4 * len(parts)


def _words(value: str) -> int:
    return len(_WORD.findall(value[:LOOKED_INTO]))


def _words_on_average(values: Sequence[str]) -> float:
    return sum(_words(value) for value in values) / max(1, len(values))
