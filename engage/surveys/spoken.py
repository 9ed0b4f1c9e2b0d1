"""Conditions in words: on one page, on paper and in the builder."""

from __future__ import annotations

from flask_babel import gettext as _

from engage.surveys.conditions import Condition, Test
from engage.surveys.content import Content
from engage.surveys.questions import Choosing, Question


def only_if(content: Content, question: Question) -> str:
    """For whom a question is, such as: "Only if you chose “Yes” for “Did somebody help you?”"."""
    return said(content, question.shown_if) if question.shown_if else ""


def said(content: Content, condition: Condition) -> str:
    """A condition as a sentence."""
    parts = [_test(content, test) for test in condition.tests]
    joined = (_(" and ") if condition.match == "all" else _(" or ")).join(parts)
    return _("Only if %(what)s.", what=joined)


def _test(content: Content, test: Test) -> str:
    asked = content.by_id.get(test.question)
    if asked is None:
        return _("a question that is not there was answered")
    text = asked.text.said().words
    if test.is_ == "answered":
        return _("you answered “%(question)s”", question=text)
    label = asked.label(test.value) if isinstance(asked, Choosing) else test.value
    return _("you chose “%(answer)s” for “%(question)s”", answer=label, question=text)
