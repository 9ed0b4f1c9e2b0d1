"""The kinds of file that may be sent in, and how a file is looked at piece by piece."""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, BinaryIO

from flask_babel import lazy_gettext as _l


class Kind(StrEnum):
    """A kind of file; the value is the ending under which it is kept."""

    MP4 = "mp4"
    WEBM = "webm"
    M4A = "m4a"
    WEBA = "weba"
    MP3 = "mp3"
    OGG = "ogg"
    WAV = "wav"
    VTT = "vtt"
    JPEG = "jpg"
    PNG = "png"
    WEBP = "webp"


VIDEOS = frozenset({Kind.MP4, Kind.WEBM})
SOUNDS = frozenset({Kind.M4A, Kind.WEBA, Kind.MP3, Kind.OGG, Kind.WAV})
CAPTIONS = frozenset({Kind.VTT})
IMAGES = frozenset({Kind.JPEG, Kind.PNG, Kind.WEBP})

CONTENT_TYPES: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.MP4: "video/mp4",
        Kind.WEBM: "video/webm",
        Kind.M4A: "audio/mp4",
        Kind.WEBA: "audio/webm",
        Kind.MP3: "audio/mpeg",
        Kind.OGG: "audio/ogg",
        Kind.WAV: "audio/wav",
        Kind.VTT: "text/vtt; charset=utf-8",
        Kind.JPEG: "image/jpeg",
        Kind.PNG: "image/png",
        Kind.WEBP: "image/webp",
    }
)

KIND_NAMES: Mapping[Kind, Any] = MappingProxyType(
    {
        Kind.MP4: _l("an MP4 video"),
        Kind.WEBM: _l("a WebM video"),
        Kind.M4A: _l("an M4A sound file"),
        Kind.WEBA: _l("a WebM sound file"),
        Kind.MP3: _l("an MP3 sound file"),
        Kind.OGG: _l("an OGG sound file"),
        Kind.WAV: _l("a WAV sound file"),
        Kind.VTT: _l("a WebVTT caption file (.vtt)"),
        Kind.JPEG: _l("a JPEG picture"),
        Kind.PNG: _l("a PNG picture"),
        Kind.WEBP: _l("a WebP picture"),
    }
)


class FileRefused(Exception):
    """The file cannot be taken; the message says why and what to do, in words for the page."""


class Broken(Exception):
    """The file begins like its kind and does not go on like it. Never leaves this package."""


def length(stream: BinaryIO) -> int:
    """How many bytes the stream has; leaves it at its beginning."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    return size


def exactly(stream: BinaryIO, count: int) -> bytes:
    """The next ``count`` bytes. Raises Broken where there are fewer."""
    found = stream.read(count)
    if len(found) != count:
        raise Broken
    return found
