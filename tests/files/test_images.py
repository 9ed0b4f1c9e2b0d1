"""A picture or film without what it tells about its maker still shows the same, the right way up."""

from __future__ import annotations

import hashlib
import io
import struct

import pytest
from werkzeug.datastructures import FileStorage

from engage.files import IMAGES, Kind, read_upload, without_metadata
from tests.files import made

XMP = b"http://ns.adobe.com/xap/1.0/\0<x>Secret!</x>"
SECRETS = (b"Secret!", b"51.5N")


def stripped(content: bytes) -> bytes:
    upload = without_metadata(read_upload(FileStorage(io.BytesIO(content)), IMAGES, 1_000_000))
    assert upload.size == len(upload.content())
    # What comes out is itself a whole picture, with nothing left to take out.
    again = without_metadata(read_upload(FileStorage(io.BytesIO(upload.content())), IMAGES, 1_000_000))
    assert (again.content(), again.sha256) == (upload.content(), upload.sha256)
    return upload.content()


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("turned", [2, 3, 6, 8])
def test_a_jpeg_loses_its_place_and_keeps_its_way_up(order: str, turned: int) -> None:
    xmp = made.segment(0xE1, XMP)
    comment = made.segment(0xFE, b"Secret!")
    makers = made.segment(0xE2, b"MPF\0Secret!") + made.segment(0xED, b"Photoshop Secret!")
    bare = stripped(made.jpeg(made.exif(turned, order), xmp, comment, makers))
    assert not any(secret in bare for secret in SECRETS)
    assert bare.count(b"Exif\0\0") == 1
    assert struct.pack(">HHIH", 0x0112, 3, 1, turned) in bare
    assert bare.endswith(made.jpeg()[made.jpeg().index(b"\xff\xdb") :])


@pytest.mark.parametrize("turned", [0, 1, 9, 60_000])
def test_a_jpeg_that_is_upright_needs_no_word_about_it(turned: int) -> None:
    assert b"Exif" not in stripped(made.jpeg(made.exif(turned)))


@pytest.mark.parametrize(
    "broken", [b"", b"II*\0", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff", b"XX"]
)
def test_a_jpeg_with_broken_notes_is_taken_without_them(broken: bytes) -> None:
    assert stripped(made.jpeg(made.segment(0xE1, b"Exif\0\0" + broken))) == stripped(made.jpeg())


def test_a_jpeg_keeps_its_colours() -> None:
    colours = made.segment(0xE2, b"ICC_PROFILE\0\1\1colours") + made.segment(0xEE, b"Adobe\0\x64\0\0\0\0\0")
    assert stripped(made.jpeg(colours)) == made.jpeg(colours)


def test_a_png_loses_its_words_and_keeps_its_colours() -> None:
    words = [made.chunk(name, b"Secret!") for name in (b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME", b"prVt")]
    colours = made.chunk(b"gAMA", bytes(4))
    assert stripped(made.png(*words, colours)) == made.png(colours)


def test_a_webp_loses_its_notes_and_no_longer_announces_them() -> None:
    full = made.webp((b"EXIF", b"Secret!"), (b"XMP ", b"Secret!"), flags=0x3C)
    assert stripped(full) == made.webp(flags=0x30)


@pytest.mark.parametrize("before", [0, 900, *range(1_048_240, 1_048_440)])
def test_a_film_loses_its_place_and_nothing_moves(before: int) -> None:
    """The place stands where two pieces of a megabyte meet, too."""
    place = made.box(b"udta", made.box(b"\xa9xyz", b"+51.5-0.1/ Secret!"))
    sound = made.box(b"trak", made.box(b"mdia", made.box(b"hdlr", bytes(8), b"vide", bytes(13))), place)
    film = made.mp4(sound, place, made.box(b"meta", b"Secret!"), data=bytes(before))
    upload = read_upload(FileStorage(io.BytesIO(film)), {Kind.MP4}, 2_000_000)
    bare = without_metadata(upload)
    content = bare.content()
    assert b"Secret!" in film and b"Secret!" not in content
    assert (len(content), bare.size) == (len(film), len(film))
    assert bare.sha256 == hashlib.sha256(content).hexdigest() != upload.sha256
    assert content.startswith(film[: film.index(b"udta")])
    assert (
        without_metadata(read_upload(FileStorage(io.BytesIO(content)), {Kind.MP4}, 2_000_000)).sha256
        == bare.sha256
    )


def test_what_is_no_picture_comes_back_as_it_is() -> None:
    upload = read_upload(FileStorage(io.BytesIO(made.wav())), {Kind.WAV}, 1_000_000)
    assert without_metadata(upload) is upload
