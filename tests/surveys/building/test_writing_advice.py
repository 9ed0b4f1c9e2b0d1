"""Advice on words: whole sentences that say what to do."""

from __future__ import annotations

import pytest
from flask import Flask

from engage.analysis.plain_english import Finding, Kind, Note
from engage.surveys.building import writing_advice
from engage.surveys.building.writing_advice import Advice, advice, easy_advice

LONG = (
    "We want to know what you think about the help that you get at home from the people who come to see you."
)


def test_plain_words_need_no_advice(ctx: Flask) -> None:
    assert advice([("Question", "What helps you to live at home?"), ("Help", " ")]) == [
        Advice("Question", "", ())
    ]
    assert advice([]) == []


def test_each_thing_is_said_in_a_sentence(ctx: Flask) -> None:
    [found] = advice([("Question", "Do you utilise the MDT?")])
    assert found.notes == (
        "For “utilise”, say “use”.",
        "Write “MDT” in full: “different professionals who work together”.",
    )
    [found] = advice([("Help", LONG)])
    assert found.notes[0].startswith(
        "This sentence has 23 words: “We want to know what you…” Make two of it."
    )


def test_a_reading_age_is_told_with_what_to_aim_for(ctx: Flask) -> None:
    [easy] = advice(
        [("Help", "You can skip this. You can stop at any time. We will not mind if you do. Ask us.")]
    )
    assert easy.age.endswith("can read this. Good.")
    hard = "Individuals accessing commissioned domiciliary provision experience considerable organisational "
    [found] = advice([("Help", f"{hard}discontinuity. {hard}discontinuity.")])
    assert "aim for 11." in found.age


def test_answers_are_read_one_by_one_and_told_together(ctx: Flask) -> None:
    found = advice([("Answers", "None of these"), ("Answers", "No"), ("Answers", "We utilise it")])
    assert found == [Advice("Answers", "", ("For “utilise”, say “use”.",))]


def test_nobody_gets_more_advice_than_they_can_act_on(ctx: Flask) -> None:
    [found] = advice([("Help", " ".join(f"We utilise {'x' * number}." for number in range(1, 40)))])
    assert len(found.notes) <= writing_advice.MOST_NOTES + 1


@pytest.mark.parametrize("note", list(Note))
@pytest.mark.parametrize("suggestions", [(), ("this", "that")])
def test_every_finding_has_a_sentence(ctx: Flask, note: Note, suggestions: tuple[str, ...]) -> None:
    said = writing_advice.sentence(Finding(Kind.JARGON, "a hard thing " * 20, (0, 10), suggestions, note))
    assert said.endswith((".", "”"))
    assert "%(" not in said
    assert len(said) < 300
    assert not suggestions or "“this” or “that”" in said


def test_easy_read_is_stricter(ctx: Flask) -> None:
    words = "Do not worry about approx. 50% of it."
    assert len(easy_advice("Easy Read", words).notes) > len(advice([("Easy Read", words)])[0].notes)
