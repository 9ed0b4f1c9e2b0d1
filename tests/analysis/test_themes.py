"""Themes are suggested from descriptions alone, learned from decisions, and explained."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engage.analysis import Because, ThemeDescription, ThemeSuggester, embed, making_it_real
from engage.analysis.theme_models import MeaningModel, best_thresholds

SIX = (
    "Wellbeing and independence",
    "Information and advice",
    "Active and supportive communities",
    "Flexible and integrated care and support",
    "When things need to change",
    "Workforce",
)
PETS = {
    "Dogs": ThemeDescription("Dogs", "About dogs", ("My dog barks all night", "Walking the dog")),
    "Cats": ThemeDescription("Cats", "About cats", ("The cat sleeps on the sofa", "My cat purrs")),
}
DECIDED = [
    "The bus is late again",
    "No bus on Sundays",
    "My carer is kind",
    "Lovely carers",
    "Nothing to add",
]
THEMES = [{"Buses"}, {"Buses"}, {"Carers"}, {"Carers"}, set()]


def test_the_six_themes_have_plain_words_and_enough_phrases():
    themes = making_it_real()
    assert tuple(themes) == SIX
    assert all(15 <= len(theme.seed_phrases) <= 25 for theme in themes.values())
    every = [phrase for theme in themes.values() for phrase in theme.seed_phrases]
    assert len(set(every)) == len(every)


def test_without_decisions_the_six_themes_are_suggested_from_their_phrases():
    suggester = ThemeSuggester()
    texts = ["Nobody tells me what help I can get", "The carers are kind and friendly"]
    first, second = suggester.suggest(texts)
    assert next(iter(first)) == "Information and advice"
    assert next(iter(second)) == "Workforce"
    assert set(first) == set(SIX)
    assert list(first.values()) == sorted(first.values(), reverse=True)
    assert [
        ("Information and advice" in suggester.decide(texts)[0]),
        ("Workforce" in suggester.decide(texts)[1]),
    ] == [
        True,
        True,
    ]


def test_given_themes_are_used_under_their_own_names():
    suggester = ThemeSuggester(PETS)
    assert suggester.themes == ("Dogs", "Cats")
    assert next(iter(suggester.suggest(["A barking dog"])[0])) == "Dogs"


def test_decisions_teach_any_names():
    suggester = ThemeSuggester().fit(DECIDED, THEMES)
    assert suggester.themes == ("Buses", "Carers")
    assert suggester.decide(["When is the next bus?", "A very kind carer"]) == [{"Buses"}, {"Carers"}]


def test_decisions_among_the_six_keep_all_six():
    assert ThemeSuggester().fit(["kind carers"], [{"Workforce"}]).themes == SIX
    assert ThemeSuggester().fit(["nothing"], [set()]).themes == SIX
    assert ThemeSuggester(PETS).fit(["a fish"], [{"Fish"}]).themes == ("Dogs", "Cats", "Fish")


def test_a_decision_moves_the_suggestion():
    text = "The gritting lorry never comes up our hill"
    before = ThemeSuggester().suggest([text])[0]["Active and supportive communities"]
    decided = ["The gritter does not come up the hill", "Our hill is never gritted"]
    after = ThemeSuggester().fit(decided, [{"Active and supportive communities"}] * 2).suggest([text])[0]
    assert after["Active and supportive communities"] > before + 0.1


def test_vectors_made_before_give_the_same_suggestions():
    texts = ["Buses again", "Kind carers"]
    by_text = ThemeSuggester().fit(DECIDED, THEMES)
    by_vector = ThemeSuggester().fit(DECIDED, THEMES, embeddings=embed(DECIDED))
    assert by_vector.suggest(texts, embeddings=embed(texts)) == by_text.suggest(texts)


def test_the_reason_is_the_nearest_phrase_or_decision_and_words_of_the_text():
    unfitted = ThemeSuggester(PETS).because(["walking my dog"])[0]["Dogs"]
    assert (unfitted.nearest, unfitted.nearest_index) == ("Walking the dog", None)
    fitted = ThemeSuggester().fit(DECIDED, THEMES).because(["A kind carer came by bus"])[0]
    assert (fitted["Carers"].nearest, fitted["Carers"].nearest_index) == ("My carer is kind", 2)
    assert fitted["Carers"].cosine > 0.5
    assert set(fitted["Carers"].words) == {"carer", "kind"}
    assert fitted["Buses"].words == ("bus",)


def test_the_place_of_the_nearest_decision_counts_empty_texts():
    fitted = ThemeSuggester().fit(["", *DECIDED], [{"Buses"}, *THEMES])
    assert fitted.because(["My carer is kind"])[0]["Carers"].nearest_index == 3


def test_an_empty_text_gets_no_suggestion_and_no_reason():
    for suggester in (ThemeSuggester(), ThemeSuggester().fit(DECIDED, THEMES)):
        assert set(suggester.suggest([" "])[0].values()) == {0.0}
        assert suggester.decide([""]) == [set()]
        assert set(suggester.because([""])[0].values()) == {Because(None, None, 0.0, ())}


def test_no_texts_give_no_suggestions():
    suggester = ThemeSuggester()
    assert (suggester.suggest([]), suggester.decide([]), suggester.because([])) == ([], [], [])
    assert suggester.fit([], []).suggest([]) == []


def test_no_themes_at_all_suggest_nothing():
    suggester = ThemeSuggester({})
    assert suggester.suggest(["a voice"]) == [{}]
    assert suggester.decide(["a voice"]) == [set()]


@pytest.mark.parametrize(
    ("texts", "themes"),
    [
        (["one voice"], [{"New"}]),
        (["one voice"], [set()]),
        (["", ""], [{"New"}, set()]),
        (["!!", "??", "😀"], [{"New"}, set(), {"Other"}]),
        (["a", "b", "c"], [{"New"}, {"New"}, {"New"}]),
        (["only one has it", "none here", "nor here"], [{"New"}, set(), set()]),
    ],
)
@pytest.mark.parametrize("described", [None, PETS, {}])
def test_few_decisions_never_break(texts, themes, described):
    suggester = ThemeSuggester(described).fit(texts, themes)
    for row in suggester.suggest(["another voice", "", *texts]):
        assert set(row) == set(suggester.themes)
        assert all(0.0 <= score <= 1.0 for score in row.values())
    assert all(chosen <= set(suggester.themes) for chosen in suggester.decide(texts))
    assert all(set(row) == set(suggester.themes) for row in suggester.because(texts))


def test_a_theme_that_was_never_chosen_and_has_no_phrases_is_not_suggested():
    suggester = ThemeSuggester({"Empty": ThemeDescription("Empty", ""), **PETS}).fit(["my dog"], [{"Dogs"}])
    assert suggester.suggest(["my dog"])[0]["Empty"] == 0.0
    assert suggester.decide(["my dog"]) == [{"Dogs"}]


def test_lengths_that_differ_are_refused():
    with pytest.raises(ValueError, match="one set of themes"):
        ThemeSuggester().fit(["a"], [])
    with pytest.raises(ValueError, match="one row of embeddings"):
        ThemeSuggester().suggest(["a"], embeddings=np.zeros((2, 384), dtype=np.float32))


def test_the_held_out_scores_are_those_of_a_model_fitted_without_the_row():
    random = np.random.default_rng(0)
    vectors = random.normal(size=(12, 5))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    labels = random.integers(0, 2, size=(12, 2)).astype(float)
    weights = random.uniform(0.5, 1.0, size=12)
    model = MeaningModel().fit(vectors, labels, weights)
    for row in range(12):
        rest = np.delete(np.arange(12), row)
        kernel = model._kernel(vectors)[np.ix_(rest, rest)] + np.diag(model.ridge / weights[rest])
        alpha = np.linalg.solve(kernel, labels[rest] - model.base)
        expected = model.base + model._kernel(vectors)[row, rest] @ alpha
        assert np.allclose(model.held_out_scores(vectors)[row], expected)


def test_thresholds_part_what_can_be_parted():
    scores = np.array([[0.15], [0.2], [0.25], [0.6], [0.65]])
    labels = np.array([[0.0], [0.0], [0.0], [1.0], [1.0]])
    (threshold,) = best_thresholds(scores, labels, np.ones(5))
    assert 0.25 < threshold < 0.6


@given(st.lists(st.tuples(st.text(max_size=20), st.sets(st.sampled_from(["A", "B", "C"]))), max_size=8))
@settings(max_examples=30, deadline=None)
def test_any_decisions_can_be_learned(rows):
    suggester = ThemeSuggester(PETS).fit([text for text, _ in rows], [themes for _, themes in rows])
    assert all(0.0 <= score <= 1.0 for score in suggester.suggest(["a dog"])[0].values())
