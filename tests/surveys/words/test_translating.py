"""What is missing, what somebody checked, and what two people changed at once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from engage.forms import clean_text
from engage.surveys.content import Content, Page
from engage.surveys.questions import Agreement, Clip, EasyRead, Number, Row
from engage.surveys.templates import template
from engage.surveys.texts import Text
from engage.surveys.wording import texts
from engage.surveys.words import translating
from engage.surveys.words.translating import Check, State, checkable, fingerprint, merge
from tests.surveys.factories import choices, one_choice

WHEN = datetime(2026, 5, 3, tzinfo=UTC)


def content(title: str = "Title", **words: str) -> Content:
    return Content(title=Text({"en": title} | words))


def seen(english: str, words: str = "") -> dict[str, str]:
    return {"title": fingerprint(english, words)}


def test_a_line_knows_how_far_it_is(ctx: Flask) -> None:
    def state(check: Check | None, **words: str) -> State:
        return translating.lines(content(**words), "pl", {"title": check} if check else {})[0].state

    good = Check(fingerprint("Title", "Tytuł"), "Ada", WHEN, "Sam")
    assert state(None) is State.MISSING
    assert state(good) is State.MISSING
    assert state(None, pl="Tytuł") is State.UNCHECKED
    assert state(good, pl="Tytuł") is State.CHECKED
    assert state(good, pl="Inny") is State.UNCHECKED


def test_a_line_knows_which_side_changed(ctx: Flask) -> None:
    good = {"title": Check(fingerprint("Title", "Tytuł"), "Ada", WHEN, "Sam")}
    line = translating.lines(content("Other", pl="Tytuł"), "pl", good)[0]
    assert (line.english_changed, line.words_changed) == (True, False)
    line = translating.lines(content(pl="Inny"), "pl", good)[0]
    assert (line.english_changed, line.words_changed) == (False, True)


def test_every_text_says_what_it_is(ctx: Flask) -> None:
    question = one_choice("a").model_copy(
        update={
            "help": Text("Help"),
            "panel": Text("Know"),
            "easy": EasyRead(text=Text("Easy"), help=Text("Easy help")),
            "choices": (choices("Yes.no")[0].model_copy(update={"easy": Text("Y")}),),
            "clips": (Clip(kind="audio", file="a", transcript=Text("Said")),),
        }
    )
    agree = Agreement(id="b", text=Text("How?"), rows=(Row(id="r", text=Text("Good"), easy=Text("G")),))
    number = Number(id="c", text=Text("How many?"), unit=Text("hours"))
    page = Page(id="p", title=Text("You"), explanation=Text("Because"), questions=(question, agree, number))
    found = translating.lines(Content(title=Text("T"), pages=(page,)), "pl", {})
    assert {line.english: line.what for line in found} == {
        "T": "Title",
        "You": "Heading of the page",
        "Because": "Why we ask",
        "Question a?": "Question",
        "Help": "Help",
        "Know": "What people need to know to answer",
        "Easy": "Easy Read: sentence",
        "Easy help": "Easy Read: help",
        "Said": "What the film or recording says",
        "Yes.no": "Answer",
        "Y": "Easy Read: answer",
        "How?": "Question",
        "Good": "Sentence to agree with",
        "G": "Easy Read: sentence to agree with",
        "How many?": "Question",
        "hours": "Unit",
    }
    assert [line.number for line in found] == list(range(1, 17))


def test_texts_stand_under_their_page_and_question(ctx: Flask) -> None:
    pages = (
        Page(id="p", title=Text("You"), questions=(one_choice("a"),)),
        Page(id="q", questions=(one_choice("b"),)),
    )
    whole = Content(title=Text("T"), pages=pages)
    found = translating.sections(whole, translating.lines(whole, "pl", {}))
    assert [section.heading for section in found] == ["Before the questions", "Page 1: You", "Page 2"]
    assert [block.heading for block in found[1].blocks] == ["", "Question a?"]
    assert [line.english for line in found[1].blocks[1].lines] == ["Question a?", "Yes", "No"]


def test_the_big_conversation_has_a_line_for_each_text(ctx: Flask) -> None:
    whole = template("big_conversation")
    found = translating.lines(whole, "pl", {})
    assert [line.key for line in found] == [key for key, _text in texts(whole)]
    sections = translating.sections(whole, found)
    assert [line for part in sections for block in part.blocks for line in block.lines] == found


def test_words_are_put_in_where_nobody_else_wrote() -> None:
    merged = merge(content(), "pl", {"title": " Tytuł\r\n "}, seen("Title"))
    assert merged.saved == {"title"}
    assert merged.is_whole
    assert merged.content == content(pl="Tytuł")


def test_words_are_taken_away() -> None:
    merged = merge(content(pl="Tytuł", ur="عنوان"), "pl", {"title": ""}, seen("Title", "Tytuł"))
    assert merged.content == content(ur="عنوان")


def test_what_somebody_did_not_touch_stays_as_the_other_wrote_it() -> None:
    merged = merge(content(pl="Cudzy"), "pl", {"title": "Stary"}, seen("Title", "Stary"))
    assert (merged.saved, merged.is_whole) == (frozenset(), True)
    assert merged.content == content(pl="Cudzy")


def test_both_wrote_the_same_words() -> None:
    merged = merge(content(pl="Tytuł"), "pl", {"title": "Tytuł"}, seen("Title"))
    assert (merged.saved, merged.is_whole) == (frozenset(), True)


@pytest.mark.parametrize("mark", ["", "x" * 64, fingerprint("Title", ""), fingerprint("Old", "Cudzy")])
def test_both_wrote(mark: str) -> None:
    merged = merge(content(pl="Cudzy"), "pl", {"title": "Mój"}, {"title": mark})
    assert merged.content == content(pl="Cudzy")
    assert merged.typed("title") == "Mój"
    assert merged.clashes["title"].theirs == "Cudzy"


@given(st.text(), st.text(), st.text(), st.text())
def test_no_word_is_lost(english: str, now: str, before: str, typed: str) -> None:
    """Whatever was typed is kept, or shown again, or was on the page already, unchanged."""
    start = content("Title", pl=now)
    merged = merge(start, "pl", {"title": typed}, {"title": fingerprint(english, before)})
    words = clean_text(typed)
    kept = merged.content.title.in_language("pl")
    assert kept == words or merged.typed("title") == words or words == before
    assert kept in (words, clean_text(now))


def test_only_words_that_were_read_count_as_checked() -> None:
    typed = {"title": "Tytuł"}
    good = {"title": fingerprint("Title", "Tytuł")}
    assert checkable(content(pl="Tytuł"), "pl", typed, good) == good
    assert checkable(content(pl="Tytuł"), "pl", typed, seen("Title")) == good
    assert checkable(content(pl="Tytuł"), "pl", typed, seen("Other", "Tytuł")) == {}
    assert checkable(content(pl="Inny"), "pl", typed, good) == {}
    assert checkable(content(), "pl", {"title": ""}, seen("Title")) == {}
    assert checkable(content(pl="Tytuł"), "pl", {}, {}) == {}
