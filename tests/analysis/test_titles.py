"""Groups get titles in people's own words, and voices that stand for them."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engage.analysis import central, phrases, title, titles

BUSES = [
    "There is no evening bus from our village.",
    "We need an evening bus so I can see my sister.",
    "Without the evening bus I sit at home.",
]
STAFF = [
    "The carers are rushed off their feet.",
    "So rushed, and not enough carers.",
    "Not enough carers at night.",
]


def test_a_title_is_a_phrase_that_the_voices_share():
    assert title(BUSES, BUSES + STAFF) == "Evening bus"
    assert title(STAFF, BUSES + STAFF) == "Not enough carers"


def test_titles_go_by_group_and_leave_empty_texts_aside():
    texts = [*BUSES, "", *STAFF]
    labels = np.array([0, 0, 0, -1, 1, 1, 1])
    assert titles(texts, labels) == ["Evening bus", "Not enough carers"]


def test_voices_that_share_no_phrase_are_titled_by_the_most_central():
    texts = ["Ramps take a year.", "My steps are steep!", "Housing list"]
    labels = np.zeros(3, dtype=int)
    assert titles(texts, labels, np.array([0.5, 0.9, 0.1])) == ["My steps are steep"]


def test_a_long_first_sentence_is_cut_with_a_sign():
    text = "My neighbour two doors down has been waiting since spring for rails."
    assert title([text], [text]) == "My neighbour two doors down has been waiting…"


def test_no_two_titles_are_alike():
    found = titles(["The same words here."] * 6, np.array([0, 0, 1, 1, 2, 2]))
    assert len({name.lower() for name in found}) == 3


def test_a_title_never_reaches_into_or_across_a_redaction():
    texts = ["My carer [name] never arrives", "Carer [name] never arrives", "The carer [name] never arrives"]
    found = title(texts, texts)
    assert "name" not in found.lower()
    assert found.lower() == "never arrives"


def test_shouting_is_toned_down():
    assert title(["MORE STAFF", "MORE STAFF"], ["MORE STAFF", "MORE STAFF"]) == "More staff"


def test_phrases_are_typical_of_the_texts_and_do_not_repeat_each_other():
    found = phrases(BUSES, BUSES + STAFF, 3)
    assert found[0] == "evening bus"
    assert len(found) == 3
    assert "rushed" not in " ".join(found)


def test_nothing_to_say_gives_something_to_show():
    assert title([], []) == "…"
    assert titles([], np.array([], dtype=int)) == []
    assert titles(["😀", "😀"], np.array([0, 1])) == ["😀", "😀 (2)"]


def test_the_central_voices_are_near_the_middle_and_differ():
    rows = np.array([[1, 0.02], [1, 0.021], [0.9, 0.45], [0.7, -0.7], [0, 1]], dtype=np.float32)
    labels = np.array([0, 0, 0, 0, 1])
    assert central(rows, labels, 2) == [[0, 2], [4]]
    assert central(rows, labels, 9) == [[0, 2, 3, 1], [4]]


def test_a_readable_voice_comes_before_a_fragment():
    rows = np.array([[1, 0], [1, 0.1]], dtype=np.float32)
    labels = np.array([0, 0])
    texts = ["Buses.", "There is no bus from our village after six."]
    assert central(rows, labels, 1, texts=texts) == [[1]]
    assert central(rows, labels, 1) == [[0]]


def test_no_groups_have_no_central_voices():
    assert central(np.zeros((2, 3)), np.array([-1, -1])) == []


@given(st.lists(st.tuples(st.text(max_size=40), st.integers(0, 3)), max_size=12))
@settings(max_examples=120, deadline=None)
def test_any_texts_get_a_title_a_group_and_none_twice(rows):
    names = sorted({name for _, name in rows})
    labels = np.array([names.index(name) for _, name in rows], dtype=int)
    found = titles([text for text, _ in rows], labels)
    assert len(found) == len(names)
    assert len({name.lower() for name in found}) == len(found)
    assert all(found)
