"""Where uploads are kept, and how they are handed out again.

A file lies in ``<data folder>/uploads/<first two>/<sha256>.<ending>``; its key is the last part. The same
file sent twice is kept once, so delete a key only when no row names it any more.
"""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path
from typing import BinaryIO

from flask import Response, current_app, send_file

from engage import config
from engage.files.kinds import CONTENT_TYPES, Kind
from engage.files.reading import Upload

_KEY = re.compile(rf"([0-9a-f]{{64}})\.({'|'.join(Kind)})")
POLICY = "default-src 'none'; sandbox"


def store(upload: Upload) -> str:
    """Keep the upload and return its key. A reader sees all of it or nothing; a crash leaves no half file."""
    key = f"{upload.sha256}.{upload.kind}"
    path = _path(key)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size == upload.size:
        return key
    half = path.parent / f".{secrets.token_hex(8)}"
    try:
        _write(half, upload)
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
    _settle(path.parent)
    return key


def open_stored(key: str) -> BinaryIO:
    """The file's content. Raises FileNotFoundError, also for what is no key."""
    return _path(key).open("rb")


def delete(key: str) -> None:
    """Remove the file if it is there. Raises FileNotFoundError for what is no key."""
    _path(key).unlink(missing_ok=True)


def kind_of(key: str) -> Kind:
    """The kind of a stored file. Raises FileNotFoundError for what is no key."""
    found = _KEY.fullmatch(key)
    if not found:
        raise FileNotFoundError(key)
    return Kind(found[2])


def serving_headers(key: str) -> dict[str, str]:
    """The headers under which a stored file may be shown: its own type, no guessing, no script, no frame.

    The name that a browser saves it under comes from its content, not from its sender.
    """
    kind = kind_of(key)
    return {
        "Content-Type": CONTENT_TYPES[kind],
        "Content-Disposition": f'inline; filename="{key[:16]}.{kind}"',
        "Content-Security-Policy": POLICY,
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, max-age=3600",
    }


def send_stored(key: str) -> Response:
    """The answer with a stored file, whole or in the parts that were asked for (films in Safari need parts).

    The view has to make sure that the person may see it. Raises FileNotFoundError.
    """
    response = send_file(
        _path(key).resolve(strict=True), mimetype=CONTENT_TYPES[kind_of(key)], conditional=True, etag=key[:64]
    )
    response.headers.update(serving_headers(key))
    return response


def _path(key: str) -> Path:
    kind_of(key)
    return config.of(current_app).data_folder / "uploads" / key[:2] / key


def _write(path: Path, upload: Upload) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        for piece in upload.pieces():
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())


def _settle(folder: Path) -> None:
    """Have the new name written to disk, too, where the system can."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
