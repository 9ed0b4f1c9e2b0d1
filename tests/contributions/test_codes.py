"""Tracking codes."""

from __future__ import annotations

from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from engage.contributions import codes, queries
from engage.db import db
from tests import factories


def test_a_code_has_sixty_bits_in_three_groups(ctx: Flask) -> None:
    code = codes.new_code()
    assert len(code) == 12
    assert set(code) <= set(codes.SYMBOLS)
    assert [len(group) for group in codes.in_groups(code)] == [4, 4, 4]
    assert codes.tidy(codes.spaced(code).lower()) == code != codes.new_code()


def test_a_slip_of_the_pen_is_noticed(ctx: Flask) -> None:
    code, before = codes.new_code(), ctx.config["SECRET_KEY"]
    assert codes.is_ours(code)
    slips = [
        code[:place] + symbol + code[place + 1 :]
        for place in range(12)
        for symbol in codes.SYMBOLS
        if symbol != code[place]
    ]
    assert sum(map(codes.is_ours, slips)) <= 5
    ctx.config.update(SECRET_KEY="another-key-that-is-long-enough-0123456789")
    assert not codes.is_ours(code)
    ctx.config.update(SECRET_KEY_FALLBACKS=[before])
    assert codes.is_ours(code)


def test_every_symbol_has_a_word_of_its_own() -> None:
    assert len(set(codes.WORDS.values())) == 32
    for symbol, word in codes.WORDS.items():
        assert symbol.isdigit() or word[0].upper() == symbol


def test_a_code_is_found_however_it_is_typed(ctx: Flask) -> None:
    receipt, code = factories.receipt(factories.conversation())
    db.session.commit()
    lower = codes.spaced(code).lower()
    for typed in (
        code,
        lower,
        f" {code[:4]}-{code[4:8]}-{code[8:]} ",
        code.replace("0", "O").replace("1", "l"),
    ):
        found = queries.receipt_by_code(typed)
        assert found
        assert found.id == receipt.id


def test_neighbours_of_a_code_find_nothing(ctx: Flask) -> None:
    _receipt, code = factories.receipt(factories.conversation())
    db.session.commit()
    for place in range(12):
        for symbol in codes.SYMBOLS:
            other = code[:place] + symbol + code[place + 1 :]
            assert (queries.receipt_by_code(other) is not None) == (other == code)
    assert queries.receipt_by_code("") is None
    assert queries.receipt_by_code("\x00" * 12) is None


def test_the_database_holds_no_code(ctx: Flask) -> None:
    receipt, code = factories.receipt(factories.conversation())
    assert code not in receipt.code_hash.upper()


def test_codes_survive_a_change_of_the_secret_key(ctx: Flask) -> None:
    receipt, code = factories.receipt(factories.conversation())
    old = ctx.config["SECRET_KEY"]
    ctx.config["SECRET_KEY"], ctx.config["SECRET_KEY_FALLBACKS"] = "k" * 40, [old]
    found = queries.receipt_by_code(code)
    assert found
    assert found.id == receipt.id


@given(st.text(max_size=60))
def test_anything_may_be_typed_as_a_code(typed: str) -> None:
    tidy = codes.tidy(typed)
    assert tidy == "" or (len(tidy) == 12 and set(tidy) <= set(codes.SYMBOLS))
