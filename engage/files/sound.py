"""MP3, OGG and WAV: walked from frame to frame, page to page, chunk to chunk, up to the end of the file.

Sources: ISO/IEC 11172-3 and 13818-3 (MP3 frames), id3.org (ID3v2.4), RFC 3533 (Ogg), RFC 2361 (WAVE formats).
"""

from __future__ import annotations

import struct
from typing import BinaryIO

from engage.files.kinds import Broken, exactly

FEWEST_FRAMES = 3  # Fewer frames in a row may be chance.
_KILOBITS = {  # Of layer III, by its number in the header, for MPEG 1 and for MPEG 2 and 2.5.
    3: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_OGG_CODECS = (b"\x01vorbis", b"OpusHead", b"\x7fFLAC", b"Speex   ")
_WAVE_FORMATS = {1, 3, 6, 7, 0xFFFE}  # Whole numbers, fractions, A-law, mu-law, said in more detail.


# --- MP3 ----------------------------------------------------------------------------------------------------


def is_frame(head: bytes) -> bool:
    """Whether these bytes start a frame of MPEG audio layer III."""
    return _frame_length(head[:4]) > 0


def _frame_length(head: bytes) -> int:
    """How many bytes the frame takes that begins with these four; 0 where they begin none."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return 0
    version, rate, bits = head[1] >> 3 & 3, head[2] >> 2 & 3, head[2] >> 4
    if version == 1 or rate == 3 or bits in (0, 15):
        return 0
    kilobits = _KILOBITS[3 if version == 3 else 2][bits]
    factor = 144_000 if version == 3 else 72_000
    return factor * kilobits // _RATES[version][rate] + (head[2] >> 1 & 1)


def check_mp3(stream: BinaryIO, size: int) -> None:
    """Raise Broken where this is no MP3 file from its tag to its end."""
    at = _after_id3(stream)
    frames = 0
    while True:
        stream.seek(at)
        step = _frame_length(stream.read(4))
        if not step:
            break
        frames += 1
        at += step
    if frames < FEWEST_FRAMES:
        raise Broken
    if at < size:
        stream.seek(at)
        _check_end_of_mp3(stream, size - at)


def _after_id3(stream: BinaryIO) -> int:
    """Where the sound starts behind an ID3v2 tag, if there is one, and the zeros that may fill it up."""
    stream.seek(0)
    head = exactly(stream, 10)
    if not head.startswith(b"ID3"):
        return 0
    if max(head[6:10]) > 127:
        raise Broken
    size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
    at = 10 + size + (10 if head[5] & 0x10 else 0)
    stream.seek(at)
    filling = stream.read(4096)
    return at + len(filling) - len(filling.lstrip(b"\0"))


def _check_end_of_mp3(stream: BinaryIO, left: int) -> None:
    """Behind the last frame may stand an ID3v1 tag, an APE tag or a few zeros, and nothing else."""
    if left > 64 * 1024:
        raise Broken
    rest = exactly(stream, left)
    if rest[-128:-125] == b"TAG":
        rest = rest[:-128]
    if rest and not rest.startswith(b"APETAGEX") and rest.strip(b"\0"):
        raise Broken


# --- OGG ----------------------------------------------------------------------------------------------------


def check_ogg(stream: BinaryIO, size: int) -> None:
    """Raise Broken where this is no Ogg file whose pages hold a sound.

    The first page's checksum is proved; the rest is walked. A film in Ogg (Theora) is no sound.
    """
    at = 0
    while at < size:
        stream.seek(at)
        head = exactly(stream, 27)
        if head[:5] != b"OggS\0":
            raise Broken
        segments = exactly(stream, head[26])
        if at == 0:
            body = exactly(stream, sum(segments))
            if (
                not body.startswith(_OGG_CODECS)
                or not head[5] & 2
                or not _checksum_fits(head + segments + body)
            ):
                raise Broken
        at += 27 + len(segments) + sum(segments)
    if at != size:
        raise Broken


def _checksum_fits(page: bytes) -> bool:
    return ogg_checksum(page[:22] + bytes(4) + page[26:]) == int.from_bytes(page[22:26], "little")


def ogg_checksum(page: bytes) -> int:
    """CRC-32 as Ogg has it: polynomial 0x04c11db7, no bits turned. ``page`` has zeros in its place."""
    crc = 0
    for byte in page:
        crc ^= byte << 24
        for _bit in range(8):
            crc = (crc << 1 ^ (0x04C11DB7 if crc & 0x80000000 else 0)) & 0xFFFFFFFF
    return crc


# --- WAV ----------------------------------------------------------------------------------------------------


def check_wav(stream: BinaryIO, size: int) -> None:
    """Raise Broken where this is no WAVE file whose chunks fill it."""
    stream.seek(0)
    riff, told, wave = struct.unpack("<4sI4s", exactly(stream, 12))
    if riff != b"RIFF" or wave != b"WAVE" or told + 8 not in (size, size - 1):
        raise Broken
    at, seen = 12, []
    while at < told + 8:
        stream.seek(at)
        name, length = struct.unpack("<4sI", exactly(stream, 8))
        if name == b"fmt " and not (length >= 16 and _is_sound(exactly(stream, 16))):
            raise Broken
        if name == b"data" and (b"fmt " not in seen or not length):
            raise Broken
        seen.append(name)
        at += 8 + length + length % 2
    if b"data" not in seen or at not in (told + 8, told + 9):
        raise Broken


def _is_sound(form: bytes) -> bool:
    kind, channels, rate = struct.unpack("<HHI", form[:8])
    return kind in _WAVE_FORMATS and 1 <= channels <= 32 and 1_000 <= rate <= 768_000
