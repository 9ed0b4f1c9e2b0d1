"""Tiny whole files of every kind, put together byte by byte."""

from __future__ import annotations

import struct
import zlib

from engage.files.sound import ogg_checksum

# --- MP4 ----------------------------------------------------------------------------------------------------


def box(name: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), name) + body


def ftyp(major: bytes = b"isom", *others: bytes) -> bytes:
    return box(b"ftyp", major, bytes(4), *(others or (b"mp42",)))


def track(kind: bytes) -> bytes:
    return box(b"trak", box(b"mdia", box(b"hdlr", bytes(8), kind, bytes(13))))


def mp4(*tracks: bytes, data: bytes = b"film", major: bytes = b"isom") -> bytes:
    inside = tracks or (track(b"soun"), track(b"vide"))
    return ftyp(major) + box(b"free") + box(b"mdat", data) + box(b"moov", box(b"mvhd", bytes(100)), *inside)


def m4a() -> bytes:
    return mp4(track(b"soun"), major=b"M4A ")


# --- WebM ---------------------------------------------------------------------------------------------------


def element(name: int, *content: bytes, unknown: bool = False) -> bytes:
    body = b"".join(content)
    size = b"\x01" + b"\xff" * 7 if unknown else (1 << 56 | len(body)).to_bytes(8, "big")
    return name.to_bytes((name.bit_length() + 7) // 8, "big") + size + body


def webm(
    *types: int, doctype: bytes = b"webm", unknown: bool = False, blocks: bytes = b"", rest: bytes = b""
) -> bytes:
    tracks = [element(0xAE, element(0xD7, b"\1"), element(0x83, bytes([kind]))) for kind in types or (1, 2)]
    clusters = [
        element(0x1F43B675, element(0xE7, bytes([nth])), element(0xA3, b"\x81\0\0\x80film"), unknown=unknown)
        for nth in range(3)
    ]
    segment = [element(0x1549A966, b""), element(0x1654AE6B, *tracks), *clusters, blocks, rest]
    head = element(0x1A45DFA3, element(0x4286, b"\1"), element(0x4282, doctype))
    return head + element(0x18538067, *segment, unknown=unknown)


# --- Sound --------------------------------------------------------------------------------------------------

FRAME = b"\xff\xfb\x90\x00" + bytes(413)  # MPEG 1, layer III, 128 kilobits a second, 44,100 Hz: 417 bytes.


def id3(size: int = 20) -> bytes:
    return b"ID3\4\0\0" + bytes([0, 0, size >> 7, size & 127]) + bytes(size)


def mp3(frames: int = 5, *, tag: bool = True, end: bytes = b"") -> bytes:
    return (id3() if tag else b"") + FRAME * frames + end


def ogg_page(body: bytes, *, first: bool = False, nth: int = 0) -> bytes:
    assert len(body) < 255
    page = b"OggS\0" + bytes([2 if first else 0]) + struct.pack("<QIII", 0, 7, nth, 0) + bytes([1, len(body)])
    page += body
    return page[:22] + struct.pack("<I", ogg_checksum(page)) + page[26:]


def ogg(codec: bytes = b"OpusHead\1\1") -> bytes:
    return ogg_page(codec, first=True) + ogg_page(b"OpusTags", nth=1) + ogg_page(b"sound", nth=2)


def riff(kind: bytes, *chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(struct.pack("<4sI", name, len(c)) + c + bytes(len(c) % 2) for name, c in chunks)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + kind + body


def wav(data: bytes = b"\0\1\2") -> bytes:
    form = struct.pack("<HHIIHH", 1, 1, 8000, 8000, 1, 8)
    return riff(b"WAVE", (b"fmt ", form), (b"LIST", b"INFO"), (b"data", data))


# --- Pictures -----------------------------------------------------------------------------------------------


def segment(marker: int, content: bytes = b"") -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


def exif(turned: int = 6, order: str = "<") -> bytes:
    """An EXIF segment with a place in it and which way up the picture is."""
    start = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    maker = struct.pack(order + "HHII", 0x010F, 2, 18, 38)
    way = struct.pack(order + "HHIHH", 0x0112, 3, 1, turned, 0)
    return segment(
        0xE1,
        b"Exif\0\0" + start + struct.pack(order + "H", 2) + maker + way + bytes(4) + b"51.5N 0.1W Secret!",
    )


def jpeg(*extra: bytes, width: int = 2, height: int = 3) -> bytes:
    frame = segment(0xC0, struct.pack(">BHHB", 8, height, width, 1) + b"\1\x11\0")
    scan = segment(0xDA, b"\1\1\0\0\x3f\0") + b"\x12\xff\0\x34\xff\xd0\x56"
    jfif = segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
    tables = segment(0xDB, bytes(65)) + segment(0xC4, bytes(17))
    return b"\xff\xd8" + jfif + b"".join(extra) + tables + frame + scan + b"\xff\xd9"


def chunk(name: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(*extra: bytes, width: int = 1, height: int = 1) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    picture = chunk(b"IDAT", zlib.compress(b"\0\x80"))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(extra) + picture + chunk(b"IEND")


def webp(*extra: tuple[bytes, bytes], flags: int = 0x0C) -> bytes:
    more = (b"VP8X", bytes([flags, 0, 0, 0, 1, 0, 0, 2, 0, 0]))
    return riff(b"WEBP", more, (b"VP8L", b"/\0\0\0\0"), *extra)


def vtt(*cues: str) -> bytes:
    return ("WEBVTT\n\n" + "\n\n".join(cues or ("00:01.000 --> 00:04.000\nGood morning.",)) + "\n").encode()
