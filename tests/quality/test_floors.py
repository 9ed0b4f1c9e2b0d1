"""Analysis stays as good as it was measured to be.

The floors lie a little under the figures that `python -m tests.quality.themes` and `…grouping` print. Our own
comments are always measured; the shared sets are measured too where `ENGAGE_SHARED_DATA` names their folder.
"""

from __future__ import annotations

import numpy as np
import pytest

from engage.analysis import central, group, phrases, titles
from tests.quality import grouping, themes
from tests.quality.data import (
    labelled,
    own_comments,
    own_groups,
    patient_comments,
    shared_folder,
)

pytestmark = pytest.mark.quality

FOLDER = shared_folder()
COMMENTS = {"own": own_comments} | ({"patients": lambda: patient_comments(FOLDER)} if FOLDER else {})
GROUPS = {"own": own_groups} | (
    {
        "requests": lambda: labelled(FOLDER, "short_requests_dev", "label"),
        "topics": lambda: labelled(FOLDER, "patient_topics_dev", "subcategory"),
    }
    if FOLDER
    else {}
)

# Least macro F1, micro F1, F1 per comment and share of right first suggestions.
FITTED = {"own": (0.61, 0.61, 0.62, 0.66), "patients": (0.675, 0.74, 0.76, 0.83)}
UNFITTED = {"own": (0.67, 0.67, 0.65, 0.74), "patients": (0.44, 0.51, 0.46, 0.64)}

# Least macro F1 after so many decided comments.
FEW = {0: 0.44, 25: 0.465, 100: 0.54, 400: 0.605}

# Least AMI and ARI with the number of groups given.
AGREEMENT = {"own": (0.17, 0.10), "requests": (0.775, 0.54), "topics": (0.19, 0.075)}


def figures(quality: themes.Quality) -> np.ndarray:
    return np.array([quality.macro, quality.micro, quality.per_comment, quality.first])


@pytest.mark.parametrize("name", COMMENTS)
def test_suggestions_learned_from_decisions(name):
    assert np.all(figures(themes.cross_validated(COMMENTS[name]())) >= FITTED[name])


@pytest.mark.parametrize("name", COMMENTS)
def test_suggestions_from_seed_phrases_alone(name):
    themed = COMMENTS[name]()
    nothing, every = np.array([], dtype=int), np.arange(len(themed.texts))
    assert np.all(figures(themes.measure(themed, nothing, every)) >= UNFITTED[name])


@pytest.mark.parametrize("name", [name for name in COMMENTS if name != "own"] or ["own"])
def test_suggestions_grow_better_with_decisions(name):
    if name == "own":
        # A hundred and twenty comments are too few for a curve: decisions must at least not spoil much.
        own = own_comments()
        few = themes.measure(own, np.arange(0, 120, 2), np.arange(1, 120, 2))
        assert few.macro >= 0.55
    else:
        found = themes.few_labels(COMMENTS[name]())
        assert all(found[number].macro >= least for number, least in FEW.items())


@pytest.mark.parametrize("name", GROUPS)
def test_groups_agree_with_people(name):
    texts = GROUPS[name]()
    found = grouping.ours(texts, len(set(texts.labels)))
    assert (found.ami >= AGREEMENT[name][0], found.ari >= AGREEMENT[name][1]) == (True, True)


def test_what_is_shown_of_a_group_is_in_peoples_words():
    own = own_comments()
    found = group(own.vectors)
    everything = "\n".join(own.texts).lower()
    for name in titles(own.texts, found.labels, found.centrality):
        assert name.removesuffix("…").lower() in everything
    for name, places in enumerate(central(own.vectors, found.labels, texts=own.texts)):
        assert {int(found.labels[place]) for place in places} == {name}
        own_words = [own.texts[place] for place in places]
        assert all(phrase.lower() in everything for phrase in phrases(own_words, own.texts))
