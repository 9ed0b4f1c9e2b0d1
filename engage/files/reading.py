"""Taking in a file that somebody sends: its kind comes from its content, never from its name."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from types import MappingProxyType
from typing import Any, BinaryIO, cast

from babel.lists import format_list
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import FileStorage

from engage.files import captions, images, sound, video
from engage.files.kinds import IMAGES, KIND_NAMES, Broken, FileRefused, Kind, exactly, length
from engage.forms import clean_line

PIECE = 1024 * 1024
LARGEST_IMAGE = 32 * 1024 * 1024  # Bytes; pictures are looked at in memory, films are not.
LONGEST_NAME = 120
_HEAD = 64 * 1024
_MEGABYTE = 1024 * 1024
_HIDDEN = dict.fromkeys([*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF])

_STARTS: tuple[tuple[bytes, Any], ...] = (
    (b"%PDF", _l("a PDF")),
    (b"\xd0\xcf\x11\xe0", _l("an older Office file")),
    (b"{\\rtf", _l("a text document")),
    (b"MZ", _l("a program")),
    (b"\x7fELF", _l("a program")),
    (b"GIF8", _l("a GIF picture")),
    (b"BM", _l("a BMP picture")),
    (b"II*\0", _l("a TIFF picture")),
    (b"MM\0*", _l("a TIFF picture")),
    (b"fLaC", _l("a FLAC sound file")),
    (b"FORM", _l("an AIFF sound file")),
    (b"0&\xb2u", _l("a Windows Media file")),
    (b"FLV\x01", _l("a Flash film")),
    (b"\x1f\x8b", _l("a packed file")),
    (b"7z\xbc\xaf", _l("a packed file")),
    (b"Rar!", _l("a packed file")),
)
_IN_ZIP: tuple[tuple[bytes, Any], ...] = (
    (b"word/", _l("a Word document")),
    (b"xl/", _l("an Excel workbook")),
    (b"ppt/", _l("a PowerPoint presentation")),
    (b"opendocument", _l("an OpenDocument file")),
)
_APPLE = {
    b"qt  ": _l("a QuickTime film (.mov)"),
    b"heic": _l("a HEIC picture"),
    b"mif1": _l("a HEIC picture"),
}


@dataclass(frozen=True)
class Upload:
    """A file that was looked at and is what it says. ``size`` is in bytes, ``sha256`` in hexadecimal.

    The content may be read until the request ends; ``name`` is what the sender called it, fit to be shown and
    good for nothing else. ``blanked`` are the boxes of a film that come out empty.
    """

    kind: Kind
    stream: BinaryIO
    size: int
    sha256: str
    name: str
    blanked: tuple[tuple[int, int, int], ...] = ()

    def pieces(self) -> Iterator[bytes]:
        """The content from its beginning, a megabyte at a time."""
        self.stream.seek(0)
        at = 0
        while piece := self.stream.read(PIECE):
            yield self._blank(piece, at) if self.blanked else piece
            at += len(piece)

    def _blank(self, piece: bytes, at: int) -> bytes:
        """The piece that starts at ``at`` with the named boxes made free and their content zero."""
        changed = bytearray(piece)
        for name, start, end in self.blanked:
            for place, new in ((name, b"free"), (start, None)):
                first, last = max(place, at), min(place + 4 if new else end, at + len(piece))
                if first < last:
                    part = new[first - place : last - place] if new else bytes(last - first)
                    changed[first - at : last - at] = part
        return bytes(changed)

    def content(self) -> bytes:
        """The whole content; for pictures and captions, not for films."""
        return b"".join(self.pieces())


def read_upload(storage: FileStorage, kinds: set[Kind] | frozenset[Kind], largest: int) -> Upload:
    """The file that somebody sent, if it is one of ``kinds``, whole, and has at most ``largest`` bytes.

    Raises FileRefused, whose message says what to do. What stands behind the end of a picture is cut off.
    """
    stream = _seekable(storage, largest)
    size = length(stream)
    if size > largest:
        raise FileRefused(_too_large(largest))
    if not size:
        raise FileRefused(_("This file is empty. Check that you chose the right one."))
    kind = _kind_of(stream, size, kinds)
    if kind in IMAGES:
        if size > LARGEST_IMAGE:
            raise FileRefused(_too_large(LARGEST_IMAGE))
        stream.seek(0)
        stream = BytesIO(images.whole(kind, exactly(stream, size)))
        size = length(stream)
    name = cleaned_name(storage.filename, kind)
    return Upload(kind, stream, size, _hash(stream), name)


def without_metadata(upload: Upload) -> Upload:
    """The same picture, MP4 film or M4A sound without place, camera, names and comments.

    Other kinds come back as they are.
    """
    if upload.kind in (Kind.MP4, Kind.M4A):
        blanked = tuple(video.telling_boxes(upload.stream, upload.size))
        changed = replace(upload, blanked=blanked)
        digest = hashlib.sha256()
        for piece in changed.pieces():
            digest.update(piece)
        return replace(changed, sha256=digest.hexdigest())
    if upload.kind not in IMAGES:
        return upload
    content = images.stripped(upload.kind, upload.content())
    stream = BytesIO(content)
    return replace(upload, stream=stream, size=len(content), sha256=_hash(stream))


def cleaned_name(name: str | None, kind: Kind) -> str:
    """The last part of a file's name, without signs that hide or turn letters, with its kind's ending."""
    last = clean_line((name or "").replace("\\", "/").replace("\0", "").rsplit("/", 1)[-1].translate(_HIDDEN))
    stem = last.rsplit(".", 1)[0].strip(". ") or "file"
    return f"{stem[:LONGEST_NAME]}.{kind}"


def _seekable(storage: FileStorage, largest: int) -> BinaryIO:
    """A stream that can be read twice. Flask's own can; what cannot is copied.

    Never more than ``largest`` and one byte; the request closes the copy at its end, as it closes its own.
    """
    stream = cast(BinaryIO, storage.stream)
    if stream.seekable():
        return stream
    kept = cast(BinaryIO, tempfile.SpooledTemporaryFile(max_size=PIECE))  # noqa: SIM115 - closed with the request
    left = largest + 1
    while left and (piece := stream.read(min(PIECE, left))):
        kept.write(piece)
        left -= len(piece)
    storage.stream = kept
    return kept


def _hash(stream: BinaryIO) -> str:
    stream.seek(0)
    digest = hashlib.sha256()
    while piece := stream.read(PIECE):
        digest.update(piece)
    stream.seek(0)
    return digest.hexdigest()


# --- Which kind ---------------------------------------------------------------------------------------------


def _kind_of(stream: BinaryIO, size: int, kinds: set[Kind] | frozenset[Kind]) -> Kind:
    head = stream.read(_HEAD)
    family = _family(head)
    try:
        kind = _CHECKS[family](stream, size) if family else None
    except Broken:
        raise FileRefused(_broken_or_other(stream, size, head, family, kinds)) from None
    if kind is None or kind not in kinds:
        raise FileRefused(_wrong_kind(KIND_NAMES[kind] if kind else _other_kind(head), kinds))
    return kind


def _family(head: bytes) -> str | None:
    """By which check a file with this beginning has to go."""
    if head[4:8] == b"ftyp":
        return None if head[8:12] in _APPLE else "boxes"
    if head[:4] == b"RIFF":
        return {b"WAVE": "wav", b"WEBP": "webp"}.get(head[8:12])
    for start, family in (
        (b"\x1aE\xdf\xa3", "ebml"),
        (b"OggS", "ogg"),
        (b"ID3", "mp3"),
        (images.JPEG_START, "jpg"),
        (images.PNG_START, "png"),
        (b"WEBVTT", "vtt"),
        (b"\xef\xbb\xbfWEBVTT", "vtt"),
    ):
        if head.startswith(start):
            return family
    return "mp3" if sound.is_frame(head) else None


def _check_sound(check: Callable[[BinaryIO, int], None], kind: Kind) -> Callable[[BinaryIO, int], Kind]:
    def checked(stream: BinaryIO, size: int) -> Kind:
        check(stream, size)
        return kind

    return checked


def _check_image(kind: Kind) -> Callable[[BinaryIO, int], Kind]:
    def checked(stream: BinaryIO, size: int) -> Kind:
        if size <= LARGEST_IMAGE:
            stream.seek(0)
            images.ENDS[kind](exactly(stream, size))
        return kind

    return checked


def _check_vtt(stream: BinaryIO, size: int) -> Kind:
    stream.seek(0)
    captions.check_vtt(stream.read(captions.LARGEST + 1))
    return Kind.VTT


_CHECKS: Mapping[str, Callable[[BinaryIO, int], Kind]] = MappingProxyType(
    {
        "boxes": video.mp4_kind,
        "ebml": video.webm_kind,
        "ogg": _check_sound(sound.check_ogg, Kind.OGG),
        "mp3": _check_sound(sound.check_mp3, Kind.MP3),
        "wav": _check_sound(sound.check_wav, Kind.WAV),
        "jpg": _check_image(Kind.JPEG),
        "png": _check_image(Kind.PNG),
        "webp": _check_image(Kind.WEBP),
        "vtt": _check_vtt,
    }
)


# --- What to say --------------------------------------------------------------------------------------------


def _too_large(largest: int) -> str:
    return _(
        "This file is larger than %(size)s MB. Make it shorter or smaller, then choose it again.",
        size=f"{largest / _MEGABYTE:.1f}".removesuffix(".0"),
    )


def _wanted(kinds: set[Kind] | frozenset[Kind]) -> str:
    names = [str(KIND_NAMES[kind]) for kind in Kind if kind in kinds]
    return format_list(names, style="or", locale=get_locale() or "en")


def _wrong_kind(found: Any, kinds: set[Kind] | frozenset[Kind]) -> str:
    if found is None:
        return _("We do not know this kind of file. Choose %(wanted)s.", wanted=_wanted(kinds))
    return _("This is %(found)s. Choose %(wanted)s.", found=str(found), wanted=_wanted(kinds))


def _broken_or_other(
    stream: BinaryIO, size: int, head: bytes, family: str | None, kinds: set[Kind] | frozenset[Kind]
) -> str:
    """A film in a neighbouring format is another kind; all else that stops half-way is broken."""
    if family == "ebml" and video.doctype(stream, size) == b"matroska":
        return _wrong_kind(_("a Matroska film (.mkv)"), kinds)
    if family == "ogg" and b"theora" in head[:100]:
        return _wrong_kind(_("an OGG film"), kinds)
    return _(
        "This file is damaged or not complete. Save or export it once more, then choose it again. It should "
        "be %(wanted)s.",
        wanted=_wanted(kinds),
    )


def _other_kind(head: bytes) -> Any:
    """The name of a kind that we never take, or None."""
    if head[4:8] == b"ftyp":
        return _APPLE.get(head[8:12])
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return _("an AVI film")
    if head.startswith(b"PK\x03\x04"):
        return next((name for mark, name in _IN_ZIP if mark in head), _l("a zip file"))
    for start, name in _STARTS:
        if head.startswith(start):
            return name
    return _text_kind(head)


def _text_kind(head: bytes) -> Any:
    if b"\0" in head:
        return None
    start = head[:1000].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if b"<svg" in start:
        return _("an SVG drawing")
    if start.startswith((b"<!doctype html", b"<html", b"<script")):
        return _("a web page")
    if b" --> " in head:
        return _("a caption file of another kind")
    return None
