"""MP4 and WebM: walked from box to box by seeking, so that 200 MB need no more memory than 2 KB.

Both can hold a film or a sound alone; which one it is comes from the tracks, never from the name. Sources:
ISO/IEC 14496-12 (boxes), RFC 8794 (EBML), RFC 9559 (Matroska) and the WebM container guidelines.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from engage.files.kinds import Broken, Kind, exactly

MOST_PARTS = 200_000  # Boxes or elements on one level; an hour in fragments of a second has 10,000.
_DEEPEST_WANTED = {"moov": "trak", "trak": "mdia", "mdia": "hdlr"}
_TELLING = {"udta", "meta", "uuid"}
_LETTERS = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -\xa9")

_BRANDS = (
    "isom iso2 iso3 iso4 iso5 iso6 iso7 iso8 iso9 mp41 mp42 mp71 avc1 av01 hvc1 dash cmfc cmf2 msdh msix "
    "mmp4 MSNV M4VH M4VP 3gp4 3gp5 3gp6 3gp7 3gp8 3gp9"
)
MP4_BRANDS = frozenset(_BRANDS.split()) | {"M4V ", "M4A ", "M4B "}


# --- MP4 ----------------------------------------------------------------------------------------------------


def _boxes(stream: BinaryIO, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    """Every box between two places: name, start of its content, its end. Together they must fit exactly."""
    at = start
    for _nth in range(MOST_PARTS):
        if at == end:
            return
        stream.seek(at)
        size, name = struct.unpack(">I4s", exactly(stream, 8))
        head = 8
        if size == 1:
            size, head = int.from_bytes(exactly(stream, 8), "big"), 16
        elif size == 0:
            size = end - at
        if size < head or at + size > end or not _LETTERS.issuperset(name):
            raise Broken
        yield name.decode("latin-1"), at + head, at + size
        at += size
    raise Broken


def mp4_kind(stream: BinaryIO, size: int) -> Kind:
    """Whether the boxes hold a film or a sound alone. Raises Broken where they do not fit or hold neither."""
    seen: set[str] = set()
    handlers: set[str] = set()
    for name, start, end in _boxes(stream, 0, size):
        if not seen and (name != "ftyp" or not _brands(stream, start, end) & MP4_BRANDS):
            raise Broken
        if name == "moov":
            if name in seen:
                raise Broken
            handlers = set(_handlers(stream, name, start, end))
        seen.add(name)
    if "moov" not in seen or not seen & {"mdat", "moof"}:
        raise Broken
    if "vide" in handlers:
        return Kind.MP4
    if "soun" in handlers:
        return Kind.M4A
    raise Broken


def _brands(stream: BinaryIO, start: int, end: int) -> set[str]:
    """What an ftyp box says the file keeps to: four letters each, the second group is a version."""
    if end - start > 4096:
        raise Broken
    stream.seek(start)
    text = exactly(stream, end - start).decode("latin-1")
    return {text[i : i + 4] for i in range(0, len(text), 4) if i != 4}


def _handlers(stream: BinaryIO, name: str, start: int, end: int) -> Iterator[str]:
    """What each track is ("vide", "soun", "text"…), from its handler box, three levels down."""
    if name == "hdlr":
        stream.seek(start)
        yield exactly(stream, 12)[8:].decode("latin-1")
        return
    for inner, inner_start, inner_end in _boxes(stream, start, end):
        if inner == _DEEPEST_WANTED[name]:
            yield from _handlers(stream, inner, inner_start, inner_end)


def telling_boxes(stream: BinaryIO, size: int) -> list[tuple[int, int, int]]:
    """Where the boxes are that tell where and by whom a film was made; telephones write the place into them.

    Each as three places: its name, its content, its end. Made ``free`` and filled with zeros, a box draws
    nothing and moves nothing. A track of its own that records places is not among them.
    """
    return list(_telling(stream, 0, size))


def _telling(stream: BinaryIO, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    at = start
    for name, inner, inner_end in _boxes(stream, start, end):
        if name in _TELLING:
            yield at + 4, inner, inner_end
        elif name in ("moov", "trak"):
            yield from _telling(stream, inner, inner_end)
        at = inner_end


# --- WebM ---------------------------------------------------------------------------------------------------

_EBML, _SEGMENT, _DOCTYPE = 0x1A45DFA3, 0x18538067, 0x4282
_TRACKS, _TRACK, _TRACK_TYPE, _CLUSTER = 0x1654AE6B, 0xAE, 0x83, 0x1F43B675
# Seek head, info, tracks, cluster, cues, chapters, tags, void, checksum. Attachments may hold anything: no.
_IN_SEGMENT = {0x114D9B74, 0x1549A966, _TRACKS, _CLUSTER, 0x1C53BB6B, 0x1043A770, 0x1254C367, 0xEC, 0xBF}
# Time, block, group, length of the one before, place, silent tracks, encrypted block, void, checksum.
_IN_CLUSTER = {0xE7, 0xA3, 0xA0, 0xAB, 0xA7, 0x5854, 0xAF, 0xEC, 0xBF}


def _number(stream: BinaryIO, longest: int, *, keep_mark: bool) -> tuple[int, int]:
    """One EBML number of variable length, and its length in bytes. Raises Broken."""
    first = exactly(stream, 1)[0]
    width = 9 - first.bit_length()
    if width > longest:
        raise Broken
    value = first if keep_mark else first & ((1 << (8 - width)) - 1)
    return int.from_bytes(bytes([value]) + exactly(stream, width - 1), "big"), width


def _element(stream: BinaryIO, end: int) -> tuple[int, int, int, bool]:
    """The element that starts here: name, start of its content, its end, whether it says where it ends."""
    name, _width = _number(stream, 4, keep_mark=True)
    size, width = _number(stream, 8, keep_mark=False)
    start = stream.tell()
    if size == (1 << (7 * width)) - 1:
        return name, start, end, False
    if start + size > end:
        raise Broken
    return name, start, start + size, True


def _elements(stream: BinaryIO, start: int, end: int) -> Iterator[tuple[int, int, int, bool]]:
    """Every element between two places. One that does not say where it ends is entered, not stepped over."""
    at = start
    for _nth in range(MOST_PARTS):
        if at == end:
            return
        stream.seek(at)
        element = _element(stream, end)
        yield element
        at = element[2] if element[3] else element[1]
    raise Broken


def webm_kind(stream: BinaryIO, size: int) -> Kind:
    """Whether a WebM file holds a film or a sound alone. Raises Broken where it is neither, or no WebM."""
    stream.seek(0)
    name, start, end, says_end = _element(stream, size)
    if name != _EBML or not says_end or _doctype(stream, start, end) != b"webm":
        raise Broken
    stream.seek(end)
    name, start, end, says_end = _element(stream, size)
    if name != _SEGMENT or end != size:
        raise Broken
    types = _track_types(stream, start, end)
    if 1 in types:
        return Kind.WEBM
    if 2 in types:
        return Kind.WEBA
    raise Broken


def doctype(stream: BinaryIO, size: int) -> bytes:
    """What an EBML file says it is ("webm", "matroska"); nothing where it cannot be read."""
    try:
        stream.seek(0)
        _name, start, end, _says_end = _element(stream, size)
        return _doctype(stream, start, end)
    except Broken:
        return b""


def _doctype(stream: BinaryIO, start: int, end: int) -> bytes:
    if end - start > 4096:
        raise Broken
    for name, inner, inner_end, says_end in _elements(stream, start, end):
        if name == _DOCTYPE and says_end:
            stream.seek(inner)
            return exactly(stream, inner_end - inner).rstrip(b"\0")
    return b""


def _track_types(stream: BinaryIO, start: int, end: int) -> set[int]:
    """1 for a film, 2 for a sound, of each track. Proves every step through the segment on its way."""
    types: set[int] = set()
    clusters = 0
    open_cluster = False
    for name, inner, inner_end, says_end in _elements(stream, start, end):
        if name in _IN_SEGMENT and (says_end or name == _CLUSTER):
            clusters += name == _CLUSTER
            open_cluster = not says_end if name == _CLUSTER else open_cluster and name in _IN_CLUSTER
        elif not (open_cluster and name in _IN_CLUSTER and says_end):
            raise Broken
        if name == _TRACKS:
            types |= set(_types_in(stream, inner, inner_end))
    if not clusters:
        raise Broken
    return types


def _types_in(stream: BinaryIO, start: int, end: int) -> Iterator[int]:
    for name, inner, inner_end, says_end in _elements(stream, start, end):
        if name != _TRACK or not says_end:
            continue
        for field, at, after, _says_end in _elements(stream, inner, inner_end):
            if field == _TRACK_TYPE and after - at == 1:
                stream.seek(at)
                yield exactly(stream, 1)[0]
