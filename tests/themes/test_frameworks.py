"""Sets of themes: the one that comes with the product, and a council's own."""

from __future__ import annotations

import pytest
from flask import Flask

from engage.accounts.models import Role
from engage.db import db
from engage.themes import frameworks, queries, services
from engage.themes.frameworks import ThemeWords
from tests import factories
from tests.factories import NOW

WORDS = ThemeWords("Getting about", "Buses, lifts and blue badges.", ("The bus was late.",))


def test_making_it_real_is_made_once(ctx: Flask) -> None:
    made = frameworks.making_it_real(NOW)
    assert frameworks.making_it_real(NOW).id == made.id
    assert [theme.position for theme in made.themes] == [1, 2, 3, 4, 5, 6]
    assert made.themes[0].name == "Wellbeing and independence"
    assert all(theme.description and theme.seed_phrases for theme in made.themes)
    assert frameworks.framework_choices() == [(made.id, "Making It Real")]


def test_a_copy_can_be_changed_and_the_original_stays(ctx: Flask) -> None:
    facilitator = factories.user(Role.FACILITATOR)
    original = frameworks.making_it_real(NOW)
    copy = frameworks.define_framework("Ours", copy_of=original, by=facilitator, now=NOW)
    frameworks.change_theme(copy.themes[0], WORDS, by=facilitator, now=NOW)
    added = frameworks.add_theme(copy, ThemeWords("Money", "What it costs."), by=facilitator, now=NOW)
    assert (added.key, added.position) == ("money", 7)
    assert copy.themes[0].key == "wellbeing"
    assert original.themes[0].name == "Wellbeing and independence"
    assert len(original.themes) == 6


def test_names_are_taken_once(ctx: Flask) -> None:
    facilitator = factories.user(Role.FACILITATOR)
    ours = frameworks.define_framework("Ours", by=facilitator, now=NOW)
    with pytest.raises(frameworks.NameTaken):
        frameworks.define_framework("Ours", by=facilitator, now=NOW)
    first = frameworks.add_theme(ours, WORDS, by=facilitator, now=NOW)
    other = ThemeWords("getting ABOUT", "The same.")
    with pytest.raises(frameworks.NameTaken):
        frameworks.add_theme(ours, other, by=facilitator, now=NOW)
    frameworks.change_theme(first, other, by=facilitator, now=NOW)
    assert first.name == "getting ABOUT"


def test_keys_differ_even_where_names_have_no_latin_letters(ctx: Flask) -> None:
    facilitator = factories.user(Role.FACILITATOR)
    ours = frameworks.define_framework("Ours", by=facilitator, now=NOW)
    for name in ("صحة", "مال", "Żółw", "x" * 120):
        frameworks.add_theme(ours, ThemeWords(name, "…"), by=facilitator, now=NOW)
    assert [theme.key for theme in ours.themes] == ["theme", "theme-2", "zow", "x" * 32]


def test_a_set_does_not_grow_without_end(ctx: Flask) -> None:
    facilitator = factories.user(Role.FACILITATOR)
    ours = frameworks.define_framework("Ours", by=facilitator, now=NOW)
    for number in range(frameworks.MOST_THEMES):
        frameworks.add_theme(ours, ThemeWords(f"Theme {number}", "…"), by=facilitator, now=NOW)
    with pytest.raises(frameworks.TooManyThemes):
        frameworks.add_theme(ours, WORDS, by=facilitator, now=NOW)


def test_a_theme_that_a_voice_has_or_had_stays(ctx: Flask) -> None:
    facilitator = factories.user(Role.FACILITATOR)
    ours = factories.framework("One", "Two", "Three")
    conversation = factories.conversation(by=facilitator, themes=ours)
    voice = factories.approved(conversation, by=facilitator)
    one, two, three = queries.themes_of_conversation(conversation.id)
    services.decide_themes(voice, [one], by=facilitator, now=NOW)
    services.decide_themes(voice, [two], by=facilitator, now=NOW)
    for theme in (one, two):
        with pytest.raises(frameworks.ThemeInUse):
            frameworks.remove_theme(theme, by=facilitator, now=NOW)
    frameworks.remove_theme(three, by=facilitator, now=NOW)
    db.session.expire_all()
    assert [theme.name for theme in queries.themes_of_conversation(conversation.id)] == ["One", "Two"]
