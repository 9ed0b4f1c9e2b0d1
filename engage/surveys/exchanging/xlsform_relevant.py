"""Expressions of XLSForms that we can say too: when a question is asked, and between which bounds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import ValidationError

from engage.surveys.conditions import Condition, Test
from engage.surveys.questions import Choosing, Question, SeveralChoices

LONGEST = 2_000
_NAME = r"\$\{\s*(?P<name>[^\s${}]{1,100})\s*\}"
_VALUE = r"""(?:'(?P<single>[^']{0,100})'|"(?P<double>[^"]{0,100})"|(?P<bare>[0-9]{1,10}))"""
_TESTS = (
    (re.compile(rf"selected\(\s*{_NAME}\s*,\s*{_VALUE}\s*\)"), "includes"),
    (re.compile(rf"{_NAME}\s*!=\s*(?:''|\"\")"), "answered"),
    (re.compile(rf"string-length\(\s*{_NAME}\s*\)\s*>\s*0"), "answered"),
    (re.compile(rf"{_NAME}\s*={{1,2}}\s*{_VALUE}"), "equals"),
)
_JOINED = re.compile(r"\s+(and|or)\s+")
_OPEN, _CLOSED = re.compile(r"\(\s*"), re.compile(r"\s*\)")
_BOUND = re.compile(r"\.\s*(?P<sign>>=|<=|>|<)\s*(?:(?P<number>-?[0-9]{1,10})|date\('(?P<day>[0-9-]{10})'\))")
_ALONE = re.compile(r"not\(selected\(\., '(?P<code>[^']{1,100})'\) and count-selected\(\.\) > 1\)")


class NotSayable(Exception):
    """The expression says something that our conditions or bounds cannot."""


def condition(written: str, earlier: Mapping[str, tuple[Question, Mapping[str, str]]]) -> Condition:
    """What an expression in ``relevant`` means. Raises NotSayable.

    ``earlier`` has the questions that come before by their names in the form, with the values of their
    answers by the form's codes.
    """
    tests, joined = _split(_without_brackets(written.strip()))
    if len(set(joined)) > 1:
        raise NotSayable
    try:
        return Condition(
            match="any" if joined and joined[0] == "or" else "all",
            tests=tuple(_test(kind, found, earlier) for kind, found in tests),
        )
    except ValidationError:
        raise NotSayable from None


def _without_brackets(written: str) -> str:
    """Without one pair of brackets around the whole."""
    if not (written.startswith("(") and written.endswith(")")):
        return written
    depth = 0
    for place, sign in enumerate(written):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if depth == 0 and place < len(written) - 1:
            return written
    return written[1:-1].strip()


def _split(written: str) -> tuple[list[tuple[str, re.Match[str]]], list[str]]:
    """The tests in their order, and the words that join them."""
    if len(written) > LONGEST:
        raise NotSayable
    tests: list[tuple[str, re.Match[str]]] = []
    joined: list[str] = []
    place = 0
    while True:
        kind, found, place = _test_at(written, place)
        tests.append((kind, found))
        if place == len(written):
            return tests, joined
        word = _JOINED.match(written, place)
        if word is None:
            raise NotSayable
        joined.append(word[1])
        place = word.end()


def _test_at(written: str, place: int) -> tuple[str, re.Match[str], int]:
    """The test that stands here, in brackets of its own or not, and where it ends."""
    opened = _OPEN.match(written, place)
    start = opened.end() if opened else place
    for pattern, kind in _TESTS:
        found = pattern.match(written, start)
        if found is None:
            continue
        closed = _CLOSED.match(written, found.end()) if opened else found
        if closed:
            return kind, found, closed.end()
    raise NotSayable


def _test(kind: str, found: re.Match[str], earlier: Mapping[str, tuple[Question, Mapping[str, str]]]) -> Test:
    question, codes = earlier.get(found["name"], (None, {}))
    if question is None or not question.is_asked:
        raise NotSayable
    if kind == "answered":
        return Test(question=question.id, **{"is": "answered"})
    said = next(found[part] for part in ("single", "double", "bare") if found[part] is not None)
    if kind == "equals" and said == "":
        raise NotSayable
    several = isinstance(question, SeveralChoices)
    chosen = isinstance(question, Choosing) and question.kind != "ranking"
    if not chosen or said not in codes or (several and kind == "equals"):
        raise NotSayable
    return Test(question=question.id, **{"is": "includes" if several else "equals"}, value=codes[said])


def bounds(written: str, *, whole: bool) -> dict[str, Any]:
    """The ends between which a constraint lets a number or a day be: ``lowest``, ``highest``.

    ``whole``: it is about whole numbers, so that "more than 0" means 1 or more.

    Raises NotSayable for anything else.
    """
    found: dict[str, Any] = {}
    for part in _JOINED.split(written.strip()[:LONGEST]):
        if part == "and":
            continue
        one = _BOUND.fullmatch(part.strip())
        if one is None:
            raise NotSayable
        end = "lowest" if one["sign"].startswith(">") else "highest"
        if end in found:
            raise NotSayable
        found[end] = _end(one, whole)
    return found


def _end(one: re.Match[str], whole: bool) -> int | date:
    if len(one["sign"]) == 1 and not (whole and one["number"]):
        raise NotSayable
    if one["day"]:
        try:
            return date.fromisoformat(one["day"])
        except ValueError:
            raise NotSayable from None
    step = {">": 1, "<": -1}.get(one["sign"], 0)
    return int(one["number"]) + step


def alone(written: str) -> set[str]:
    """The codes that a constraint lets nobody choose together with others. Raises NotSayable."""
    found = _ALONE.findall(written[:LONGEST])
    said = " and ".join(f"not(selected(., '{code}') and count-selected(.) > 1)" for code in found)
    if not found or said != written.strip():
        raise NotSayable
    return set(found)
