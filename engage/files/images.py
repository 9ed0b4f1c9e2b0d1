"""JPEG, PNG and WebP: whether a picture is whole, where it ends, and the same picture without what it tells
about its maker (place, camera, time, names).

Nothing here decodes a picture. Each check returns how many bytes the picture takes, so that whatever was
hidden behind its end can be cut off. Sources: ITU T.81 (JPEG), W3C PNG third edition, RFC 9649 (WebP).
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from engage.files.kinds import Broken, Kind

LARGEST_SIDE = 20_000  # Pixels.
MOST_PIXELS = 100_000_000
MOST_CHUNKS = 100_000  # A photograph of 30 megabytes has some thousands.

JPEG_START = b"\xff\xd8"
PNG_START = b"\x89PNG\r\n\x1a\n"
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_SCAN, _END, _COMMENT, _APP0, _APP1, _APP2, _APP14 = 0xDA, 0xD9, 0xFE, 0xE0, 0xE1, 0xE2, 0xEE
_ORIENTATION = 0x0112
_PNG_KEPT = frozenset(
    b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD pHYs acTL fcTL fdAT".split()
)
_WEBP_KEPT = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP", b"ANIM", b"ANMF"))
_WEBP_ABOUT = 0x08 | 0x04  # The flags in VP8X that say "EXIF is here" and "XMP is here".


def _plausible(width: int, height: int) -> None:
    if not (0 < width <= LARGEST_SIDE and 0 < height <= LARGEST_SIDE) or width * height > MOST_PIXELS:
        raise Broken


def _part(content: bytes, start: int, count: int) -> bytes:
    part = content[start : start + count]
    if len(part) != count:
        raise Broken
    return part


# --- JPEG ---------------------------------------------------------------------------------------------------


def _jpeg_segments(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Every marker with where its segment starts and ends; a scan's segment includes its picture data."""
    at = 2
    while True:
        if _part(content, at, 1) != b"\xff":
            raise Broken
        start = at
        while (marker := _part(content, at + 1, 1)[0]) == 0xFF:
            at += 1
        if marker == _END:
            yield marker, start, at + 2
            return
        if marker < 0xC0 or 0xD0 <= marker <= 0xD8:
            raise Broken
        size = int.from_bytes(_part(content, at + 2, 2), "big")
        if size < 2:
            raise Broken
        at += 2 + len(_part(content, at + 2, size))
        if marker == _SCAN:
            at = _end_of_scan(content, at)
        yield marker, start, at


def _end_of_scan(content: bytes, at: int) -> int:
    """Where the next real marker stands: not a stuffed byte, not a restart, not filling."""
    found = _MARKER.search(content, at)
    if not found:
        raise Broken
    return found.start()


def jpeg_end(content: bytes) -> int:
    """How many bytes the JPEG picture takes. Raises Broken."""
    if not content.startswith(JPEG_START):
        raise Broken
    seen = set()
    for marker, start, end in _jpeg_segments(content):
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack(">HH", _part(content, start + 5, 4))
            _plausible(width, height)
            seen.add("frame")
        elif marker == _SCAN:
            if "frame" not in seen:
                raise Broken
            seen.add("scan")
        elif marker == _END and "scan" in seen:
            return end
    raise Broken


def _jpeg_without(content: bytes) -> bytes:
    kept = [JPEG_START]
    turned = 1
    for marker, start, end in _jpeg_segments(content):
        segment = content[start:end]
        if marker == _APP1:
            turned = max(turned, _orientation(segment))
        elif _is_needed(marker, segment):
            kept.append(segment)
    if turned > 1:
        kept.insert(1, _orientation_alone(turned))
    return b"".join(kept)


def _is_needed(marker: int, segment: bytes) -> bool:
    """Whether a decoder needs the segment: colours yes; comments, thumbnails and notes of programs no."""
    if marker == _APP0:
        return b"JFIF\0" in segment[:12]
    if marker == _APP2:
        return b"ICC_PROFILE\0" in segment[:20]
    if marker == _APP14:
        return b"Adobe" in segment[:12]
    return marker != _COMMENT and not _APP0 <= marker <= 0xEF


def _orientation(segment: bytes) -> int:
    """Which way up the camera was held, 1 to 8, from an EXIF segment; 1 where it does not say."""
    at = segment.find(b"Exif\0\0")
    exif = segment[at + 6 :] if 0 <= at < 12 else b""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    if order is None or len(exif) < 8:
        return 1
    first = struct.unpack(order + "I", exif[4:8])[0]
    count = exif[first : first + 2]
    if len(count) < 2:
        return 1
    for entry in range(first + 2, first + 2 + 12 * struct.unpack(order + "H", count)[0], 12):
        fields = exif[entry : entry + 10]
        if len(fields) < 10:
            return 1
        tag, _type, _count, value = struct.unpack(order + "HHIH", fields)
        if tag == _ORIENTATION:
            return int(value) if 1 <= value <= 8 else 1
    return 1


def _orientation_alone(turned: int) -> bytes:
    """An EXIF segment that says which way up the picture is, and nothing else."""
    tiff = struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, _ORIENTATION, 3, 1, turned, 0, 0)
    return b"\xff\xe1" + struct.pack(">H", len(tiff) + 8) + b"Exif\0\0" + tiff


# --- PNG ----------------------------------------------------------------------------------------------------


def _png_chunks(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Every chunk's name, start and end, with its checksum proved, up to the last."""
    at, name = len(PNG_START), b""
    while name != b"IEND":
        size, name = struct.unpack(">I4s", _part(content, at, 8))
        body = _part(content, at + 4, size + 4)
        if zlib.crc32(body) != int.from_bytes(_part(content, at + 8 + size, 4), "big"):
            raise Broken
        yield name, at, at + 12 + size
        at += 12 + size


def png_end(content: bytes) -> int:
    """How many bytes the PNG picture takes. Raises Broken."""
    if not content.startswith(PNG_START):
        raise Broken
    names: list[bytes] = []
    end = 0
    for name, start, end in _png_chunks(content):  # noqa: B007 - the last end is the answer
        if not names:
            if name != b"IHDR" or content[start : start + 4] != b"\0\0\0\x0d":
                raise Broken
            _plausible(*struct.unpack(">II", _part(content, start + 8, 8)))
        names.append(name)
        if len(names) > MOST_CHUNKS:
            raise Broken
    if names.count(b"IHDR") != 1 or b"IDAT" not in names:
        raise Broken
    return end


def _png_without(content: bytes) -> bytes:
    kept = [content[start:end] for name, start, end in _png_chunks(content) if name in _PNG_KEPT]
    return PNG_START + b"".join(kept)


# --- WebP ---------------------------------------------------------------------------------------------------


def _webp_chunks(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    end = 8 + int.from_bytes(_part(content, 4, 4), "little")
    at = 12
    while at < end:
        name, size = struct.unpack("<4sI", _part(content, at, 8))
        after = at + 8 + size + size % 2
        _part(content, at, after - at)
        if after > end:
            raise Broken
        yield name, at, after
        at = after


def webp_end(content: bytes) -> int:
    """How many bytes the WebP picture takes. Raises Broken."""
    if content[:4] != b"RIFF" or content[8:12] != b"WEBP":
        raise Broken
    names: list[bytes] = []
    end = 12
    for name, start, end in _webp_chunks(content):  # noqa: B007 - the last end is the answer
        names.append(name)
        if name == b"VP8X":
            sides = _part(content, start + 12, 6)
            _plausible(int.from_bytes(sides[:3], "little") + 1, int.from_bytes(sides[3:], "little") + 1)
    if not names or names[0] not in (b"VP8 ", b"VP8L", b"VP8X"):
        raise Broken
    if not {b"VP8 ", b"VP8L", b"ANMF"} & set(names):
        raise Broken
    return end


def _webp_without(content: bytes) -> bytes:
    kept = []
    for name, start, end in _webp_chunks(content):
        chunk = content[start:end]
        if name == b"VP8X":
            chunk = chunk[:8] + bytes([chunk[8] & ~_WEBP_ABOUT]) + chunk[9:]
        if name in _WEBP_KEPT:
            kept.append(chunk)
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body


# --- Together -----------------------------------------------------------------------------------------------

ENDS: Mapping[Kind, Callable[[bytes], int]] = MappingProxyType(
    {Kind.JPEG: jpeg_end, Kind.PNG: png_end, Kind.WEBP: webp_end}
)
_WITHOUT: Mapping[Kind, Callable[[bytes], bytes]] = MappingProxyType(
    {Kind.JPEG: _jpeg_without, Kind.PNG: _png_without, Kind.WEBP: _webp_without}
)


def whole(kind: Kind, content: bytes) -> bytes:
    """The picture up to its end, without what was put behind it. Raises Broken."""
    return content[: ENDS[kind](content)]


def stripped(kind: Kind, content: bytes) -> bytes:
    """The picture up to its end, without EXIF, XMP, comments and thumbnails. Raises Broken.

    Colour profiles stay, and so does which way up a JPEG is to be shown. The picture data is not touched.
    """
    return _WITHOUT[kind](whole(kind, content))
