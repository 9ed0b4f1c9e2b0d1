"""What may be sent in is taken, whatever it is called; all else is refused with words that help."""

from __future__ import annotations

import hashlib
import io
import struct
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import FileStorage

from engage.files import CAPTIONS, IMAGES, SOUNDS, VIDEOS, FileRefused, Kind, Upload, read_upload
from tests.files import made

EVERY = frozenset(Kind)
LIMIT = 1_000_000

WHOLE = {
    "mp4": (Kind.MP4, made.mp4()),
    "mp4 of a telephone": (Kind.MP4, made.mp4(major=b"mp42")),
    "m4a": (Kind.M4A, made.m4a()),
    "webm": (Kind.WEBM, made.webm()),
    "webm recorded live": (Kind.WEBM, made.webm(unknown=True)),
    "webm sound": (Kind.WEBA, made.webm(2)),
    "mp3": (Kind.MP3, made.mp3()),
    "mp3 without a tag": (Kind.MP3, made.mp3(tag=False)),
    "mp3 with a tag behind": (Kind.MP3, made.mp3(end=b"TAG" + bytes(125))),
    "ogg opus": (Kind.OGG, made.ogg()),
    "ogg vorbis": (Kind.OGG, made.ogg(b"\x01vorbis")),
    "wav": (Kind.WAV, made.wav()),
    "vtt": (Kind.VTT, made.vtt()),
    "vtt with a mark": (Kind.VTT, b"\xef\xbb\xbf" + made.vtt()),
    "jpeg": (Kind.JPEG, made.jpeg()),
    "png": (Kind.PNG, made.png()),
    "webp": (Kind.WEBP, made.webp()),
}


def read(
    content: bytes, kinds: frozenset[Kind] = EVERY, *, name: str | None = "file.bin", largest: int = LIMIT
) -> Upload:
    return read_upload(FileStorage(io.BytesIO(content), filename=name), kinds, largest)


def refusal(content: bytes, kinds: frozenset[Kind] = EVERY, *, largest: int = LIMIT) -> str:
    with pytest.raises(FileRefused) as refused:
        read(content, kinds, largest=largest)
    return str(refused.value)


@pytest.mark.parametrize(("kind", "content"), WHOLE.values(), ids=WHOLE)
def test_a_whole_file_is_taken_whatever_its_name(kind: Kind, content: bytes) -> None:
    upload = read(content, name="harmless.exe")
    assert (upload.kind, upload.size, upload.content()) == (kind, len(content), content)
    assert upload.sha256 == hashlib.sha256(content).hexdigest()
    assert upload.name == f"harmless.{kind}"


@pytest.mark.parametrize("which", ["mp4", "m4a", "webm", "webm sound", "wav", "jpeg", "png", "webp"])
def test_a_file_cut_short_anywhere_is_refused(which: str) -> None:
    content = WHOLE[which][1]
    for keep in range(1, len(content)):
        assert refusal(content[:keep])


@pytest.mark.parametrize("which", ["ogg opus", "webm recorded live"])
def test_a_recording_cut_inside_a_part_is_refused(which: str) -> None:
    """Where a stream was recorded, nobody knows how many parts there were, but each must be whole."""
    assert refusal(WHOLE[which][1][:-1])


@pytest.mark.parametrize(("kind", "content"), WHOLE.values(), ids=WHOLE)
def test_a_web_page_behind_the_end_never_comes_through(kind: Kind, content: bytes) -> None:
    page = b"<script>alert(1)</script>"
    if kind in IMAGES:
        upload = read(content + page)
        assert upload.content() == content
        assert upload.sha256 == hashlib.sha256(content).hexdigest()
    else:
        assert refusal(content + page)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"MZ\x90\0" + bytes(500), "This is a program."),
        (b"\x7fELF" + bytes(500), "This is a program."),
        (b"<!DOCTYPE html><script>alert(1)</script>", "This is a web page."),
        (b"\n <html><body>film.mp4", "This is a web page."),
        (b"<?xml version='1.0'?><svg onload='alert(1)'/>", "This is an SVG drawing."),
        (b"GIF89a/*<script>*/", "This is a GIF picture."),
        (b"PK\x03\x04" + bytes(30) + b"word/document.xml", "This is a Word document."),
        (b"PK\x03\x04" + bytes(30) + b"xl/workbook.xml", "This is an Excel workbook."),
        (b"PK\x03\x04" + bytes(30), "This is a zip file."),
        (b"%PDF-1.7", "This is a PDF."),
        (made.ftyp(b"qt  ") + made.box(b"moov"), "This is a QuickTime film (.mov)."),
        (made.ftyp(b"heic") + made.box(b"meta"), "This is a HEIC picture."),
        (made.riff(b"AVI ", (b"LIST", b"film")), "This is an AVI film."),
        (made.webm(doctype=b"matroska"), "This is a Matroska film (.mkv)."),
        (made.ogg(b"\x80theora"), "This is an OGG film."),
        (made.jpeg(), "This is a JPEG picture."),
        (made.mp3(), "This is an MP3 sound file."),
        (made.m4a(), "This is an M4A sound file."),
        (b"1\n00:00:01,000 --> 00:00:02,000\nHello\n", "This is a caption file of another kind."),
        (b"\0\1\2\3", "We do not know this kind of file."),
        ("مرحبا".encode(), "We do not know this kind of file."),
    ],
)
def test_a_wrong_kind_is_named_and_the_right_ones_too(content: bytes, words: str) -> None:
    assert refusal(content, VIDEOS) == f"{words} Choose an MP4 video or a WebM video."


def test_the_limit_is_exact_and_said() -> None:
    film = made.mp4(data=bytes(2_000_000))
    assert read(film, largest=len(film)).size == len(film)
    message = refusal(film, largest=1_572_864)
    assert message == "This file is larger than 1.5 MB. Make it shorter or smaller, then choose it again."
    assert "larger than" in refusal(film, largest=len(film) - 1)


def test_an_empty_file_is_said_to_be_empty() -> None:
    assert refusal(b"") == "This file is empty. Check that you chose the right one."


class OneWay(io.RawIOBase):
    """A stream that can be read once, as a proxy may hand it on."""

    def __init__(self, content: bytes) -> None:
        self.inner = io.BytesIO(content)
        self.taken = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        piece = self.inner.read(size)
        self.taken += len(piece)
        return piece


def test_a_stream_that_can_be_read_once_is_copied_up_to_the_limit() -> None:
    content = made.mp4(data=bytes(5000))
    sent = FileStorage(OneWay(content))  # type: ignore[arg-type]
    assert read_upload(sent, VIDEOS, LIMIT).content() == content
    sent.close()
    endless = OneWay(content)
    sent = FileStorage(endless)  # type: ignore[arg-type]
    with pytest.raises(FileRefused):
        read_upload(sent, VIDEOS, 1000)
    sent.close()
    assert endless.taken == 1001


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd.png"),
        ("..\\..\\windows\\film.png.exe", "film.png.png"),
        ("a\0b.png", "ab.png"),
        ("", "file.png"),
        (None, "file.png"),
        (".png", "file.png"),
        ("...", "file.png"),
        ("photo\u202egnp.exe", "photognp.png"),
        ("line\r\nSet-Cookie: x.png", "line Set-Cookie: x.png"),
        ("صورة 📷.PNG", "صورة 📷.png"),
        ("x" * 100_000, "x" * 120 + ".png"),
    ],
)
def test_names_are_fit_to_be_shown(name: str | None, shown: str) -> None:
    assert read(made.png(), name=name).name == shown


BROKEN = {
    "mp4 without a film's place": made.ftyp() + made.box(b"mdat", b"film"),
    "mp4 without tracks": made.mp4(made.box(b"free")),
    "mp4 of text alone": made.mp4(made.track(b"text")),
    "mp4 with a box of no size": made.mp4()[:-120] + struct.pack(">I4s", 3, b"moov"),
    "mp4 with a box beyond its end": made.ftyp() + struct.pack(">I4s", 9999, b"moov"),
    "mp4 of no known brand": made.ftyp(b"evil", b"none") + made.mp4()[24:],
    "mp4 with a web page for a box": made.mp4() + b"<script>alert(1)</script>",
    "mp4 with two indexes": made.mp4() + made.box(b"moov"),
    "mp4 with an endless list of brands": made.box(b"ftyp", b"isom" * 2_500) + made.mp4(),
    "webm without clusters": made.webm()[:40],
    "webm with a hidden file": made.webm(rest=made.element(0x1941A469, b"<script>")),
    "webm of subtitles alone": made.webm(17),
    "webm with a block outside": made.webm(blocks=made.element(0xA3, b"film")),
    "mp3 of two frames": made.mp3(2),
    "mp3 with a page behind": made.mp3(end=b"<html>" * 30_000),
    "mp3 with a tag beyond its end": made.id3(127)[:20] + made.FRAME * 3,
    "ogg with another checksum": made.ogg().replace(b"OpusHead\1\1", b"OpusHead\1\2"),
    "ogg of no sound": made.ogg(b"fishead"),
    "wav with data before its format": made.riff(b"WAVE", (b"data", b"12"), (b"fmt ", bytes(16))),
    "wav of no format": made.riff(b"WAVE", (b"fmt ", bytes(16)), (b"data", b"12")),
    "wav without sound": made.wav(b""),
    "jpeg of no size": made.jpeg(width=0),
    "jpeg of giant size": made.jpeg(width=60_000, height=60_000),
    "jpeg without picture": b"\xff\xd8" + made.segment(0xE0, b"JFIF\0") + b"\xff\xd9",
    "jpeg with a web page": b"\xff\xd8<script>alert(1)</script>\xff\xd9",
    "png with another checksum": made.png().replace(b"IDAT", b"IDAU"),
    "png of giant size": made.png(width=2**31, height=2**31),
    "png without picture": b"\x89PNG\r\n\x1a\n" + made.chunk(b"IHDR", bytes(13)) + made.chunk(b"IEND"),
    "png that begins with another chunk": b"\x89PNG\r\n\x1a\n" + made.chunk(b"tEXt", b"hi") + made.png()[8:],
    "png of very many parts": made.png(*[made.chunk(b"tEXt")] * 100_000),
    "jpeg that never ends": made.jpeg()[:-2] + b"\xff\0\xff\xff\xd0" * 1_000_000,
    "webp without picture": made.riff(b"WEBP", (b"EXIF", b"place")),
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_what_begins_well_and_goes_on_badly_is_damaged(content: bytes) -> None:
    message = refusal(content, largest=10_000_000)
    assert message.startswith("This file is damaged or not complete. Save or export it once more")


def taken_or_refused(content: bytes, kinds: frozenset[Kind]) -> bool:
    """Whether the one or the other happened, and the refusal has words; anything else is raised."""
    try:
        return read(content, kinds).kind in kinds
    except FileRefused as refused:
        return bool(str(refused))


@given(
    st.binary(max_size=400),
    st.sampled_from(
        [b"", *(content[:n] for _k, content in WHOLE.values() for n in (4, 12, 40, len(content)))]
    ),
)
def test_no_bytes_at_all_raise_anything_but_a_refusal(tail: bytes, start: bytes) -> None:
    for kinds in (EVERY, IMAGES, SOUNDS, CAPTIONS):
        assert taken_or_refused(start + tail, kinds)


@given(st.sampled_from(list(WHOLE)), st.data())
def test_nor_does_a_whole_file_with_changed_bytes(which: str, data: st.DataObject) -> None:
    content = bytearray(WHOLE[which][1])
    for _change in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    assert taken_or_refused(bytes(content), EVERY)


def test_a_film_of_200_megabytes_needs_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    size = 200 * 1024 * 1024
    index = made.mp4()[made.mp4().index(b"moov") - 4 :]
    with path.open("wb") as file:
        file.write(made.ftyp() + struct.pack(">I4s", size, b"mdat"))
        file.seek(len(made.ftyp()) + size)
        file.write(index)
    with path.open("rb") as file:
        tracemalloc.start()
        upload = read_upload(FileStorage(file, filename="film.mp4"), VIDEOS, 2 * size)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert (upload.kind, upload.size) == (Kind.MP4, path.stat().st_size)
    assert most < 8 * 1024 * 1024
