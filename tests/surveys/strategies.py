"""Random surveys of every kind of question, with conditions, and random answers to them."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from engage.forms import clean_line
from engage.surveys.conditions import Condition, Test
from engage.surveys.content import Content, Page
from engage.surveys.questions import (
    KINDS,
    ON_EQUALITY_PAGES,
    Agreement,
    Answer,
    Choice,
    Choosing,
    Contact,
    Date,
    EasyRead,
    Number,
    OneOf,
    Permission,
    Postcode,
    Question,
    Ranking,
    Row,
    SeveralChoices,
    ShortText,
    Statement,
)
from engage.surveys.texts import Text

words = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), min_size=1, max_size=30
).filter(lambda said: said.strip())
line = (
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=30)
    .map(clean_line)
    .filter(bool)
)
text = st.builds(
    lambda en, more: Text({"en": en, **more}), line, st.dictionaries(st.sampled_from(["pl", "ur"]), line)
)
maybe_text = st.one_of(st.just(Text({})), text)
easy = st.none() | st.builds(EasyRead, text=text, help=maybe_text, picture=st.sampled_from(["", "house"]))


def _choices(draw: st.DrawFn, *, alone: bool) -> tuple[Choice, ...]:
    """Answers to choose from; the last one may stand alone, where the builder puts such an answer."""
    labels = draw(st.lists(text, min_size=2, max_size=5))
    usual = [Choice(value=f"c{number}", label=label) for number, label in enumerate(labels)]
    if alone and len(usual) > 2 and draw(st.booleans()):
        usual[-1] = usual[-1].model_copy(update={"alone": True})
    return tuple(usual)


def _own(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    """What only this kind has."""
    if kind in ("one_choice", "several_choices", "rating"):
        return {"choices": _choices(draw, alone=kind == "several_choices"), "other": draw(st.booleans())}
    if kind in ("ranking", "district"):
        return {"choices": _choices(draw, alone=False)}
    if kind == "agreement":
        rows = draw(st.lists(text, min_size=1, max_size=3))
        return {
            "choices": _choices(draw, alone=False),
            "rows": tuple(Row(id=f"r{number}", text=said) for number, said in enumerate(rows)),
        }
    if kind == "number":
        low = draw(st.none() | st.integers(-50, 50))
        return {
            "lowest": low,
            "highest": draw(st.none() | st.integers(50, 500)),
            "whole": draw(st.booleans()),
        }
    if kind == "postcode":
        return {"full": draw(st.booleans())}
    return {}


@st.composite
def conditions(draw: st.DrawFn, earlier: list[Question]) -> Condition | None:
    """A condition on earlier questions that one can ask about, or none."""
    asked = [question for question in earlier if question.is_asked]
    if not asked or not draw(st.booleans()):
        return None
    tests = []
    for _number in range(draw(st.integers(1, 3))):
        question = draw(st.sampled_from(asked))
        offered = question.offered() if isinstance(question, OneOf | SeveralChoices) else ()
        if offered and draw(st.booleans()):
            way = "includes" if isinstance(question, SeveralChoices) else "equals"
            tests.append(Test(question=question.id, **{"is": way}, value=draw(st.sampled_from(offered))))
        else:
            tests.append(Test(question=question.id, **{"is": "answered"}))
    return Condition(match=draw(st.sampled_from(["all", "any"])), tests=tuple(tests))


@st.composite
def contents(draw: st.DrawFn, most: int = 8) -> Content:
    """A survey of one or more pages, as the builder could have made it."""
    pages: list[Page] = []
    earlier: list[Question] = []
    monitored: list[Question] = []
    for page_number in range(draw(st.integers(1, 3))):
        questions: list[Question] = []
        equality = page_number > 0 and draw(st.booleans())
        for _number in range(draw(st.integers(0 if earlier else 1, max(1, most // 3)))):
            kind = draw(st.sampled_from(sorted(ON_EQUALITY_PAGES if equality else KINDS)))
            looks_at = [one for one in earlier if one not in monitored] + (questions if equality else [])
            question = KINDS[kind](
                kind=kind,
                id=f"q{len(earlier)}",
                text=draw(text),
                help=draw(maybe_text),
                panel=draw(maybe_text),
                required=draw(st.booleans()),
                easy=draw(easy),
                shown_if=draw(conditions(looks_at)),
                **(_own(draw, kind) | ({"other": False} if equality and "choice" in kind else {})),
            )
            questions.append(question)
            earlier.append(question)
        monitored += questions if equality else []
        pages.append(
            Page(
                id=f"p{page_number}",
                title=draw(maybe_text),
                equality=equality,
                questions=tuple(questions),
            )
        )
    return Content(
        title=draw(text), languages=("en", "pl"), easy_read=draw(st.booleans()), pages=tuple(pages)
    )


def typed(question: Question) -> st.SearchStrategy[dict[str, list[str]]]:
    """What a person might send for a question: an answer that fits, or nothing."""
    return st.one_of(st.just({}), _fitting(question))


def _fitting(question: Question) -> st.SearchStrategy[dict[str, list[str]]]:  # noqa: C901 - a kind a branch
    if isinstance(question, Statement):
        return st.just({})
    if isinstance(question, Agreement):
        return st.fixed_dictionaries({row.id: _one_of(question) for row in question.rows})
    if isinstance(question, Ranking):
        return st.permutations(question.offered()).map(
            lambda order: {value: [str(place)] for place, value in enumerate(order, 1)}
        )
    if isinstance(question, SeveralChoices):
        usual = [choice.value for choice in question.all_choices() if not choice.alone]
        chosen = st.lists(st.sampled_from(usual), min_size=1, unique=True)
        return st.builds(_with_other, chosen, line, st.just(question))
    if isinstance(question, OneOf):
        return st.builds(_with_other, _one_of(question), line, st.just(question))
    if isinstance(question, Number):
        low = -1000 if question.lowest is None else question.lowest
        high = 1000 if question.highest is None else question.highest
        return st.integers(low, high).map(lambda number: {"": [str(number)]})
    if isinstance(question, Date):
        return st.dates(date(1900, 1, 1), date(2200, 12, 31)).map(
            lambda day: {"day": [str(day.day)], "month": [str(day.month)], "year": [str(day.year)]}
        )
    if isinstance(question, Postcode):
        return st.sampled_from(["NG22 8AB", "ng1 5fs", "DN22 7AA"]).map(lambda code: {"": [code]})
    if isinstance(question, Contact):
        return st.just({"name": ["Ada"], "email": ["ada@example.org"], "uses": ["invite"]})
    return (line if isinstance(question, ShortText) else words).map(lambda said: {"": [said]})


def _one_of(question: Choosing) -> st.SearchStrategy[list[str]]:
    return st.sampled_from(question.offered()).map(lambda value: [value])


def _with_other(chosen: list[str], said: str, question: Choosing) -> dict[str, list[str]]:
    other = {"other": [said]} if "other" in chosen and not isinstance(question, Permission) else {}
    return {"": chosen, **other}


@st.composite
def answers(draw: st.DrawFn, content: Content) -> dict[str, Answer]:
    """Answers of somebody who answers some questions and leaves out others."""
    given = {}
    for question in content.questions:
        sent = draw(_fitting(question) if question.required else typed(question))
        answer = question.read(sent)
        if answer is not None:
            given[question.id] = answer
    return given
