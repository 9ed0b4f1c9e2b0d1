"""Captions that browsers can show are taken; for others the message says which line to mend."""

from __future__ import annotations

import pytest

from engage.files.captions import check_vtt
from engage.files.kinds import FileRefused
from tests.files import made

CUE = "00:01.000 --> 00:04.000"


def refusal(content: bytes) -> str:
    with pytest.raises(FileRefused) as refused:
        check_vtt(content)
    return str(refused.value)


@pytest.mark.parametrize(
    "content",
    [
        made.vtt(f"{CUE}\n<v Amina>Good <b>morning</b>, <i.loud>all</i>.</v>"),
        made.vtt(f"intro\n{CUE} align:start position:10%\nTwo\nlines &lt; three &amp; four"),
        made.vtt(f"{CUE}\n<00:00:02.000><c.yellow>word</c> <lang ur>سلام</lang> <ruby>a<rt>b</rt></ruby>"),
        made.vtt(
            "NOTE made by hand <script>", "STYLE\n::cue { color: yellow }", "REGION\nid:low", f"{CUE}\nHi"
        ),
        made.vtt("100:00:00.000 --> 100:00:01.000\nA very long film"),
        made.vtt(f"{CUE}\nHi").replace(b"\n", b"\r\n"),
        made.vtt(f"{CUE}\nHi").replace(b"\n", b"\r"),
        b"WEBVTT Captions of a film\nKind: captions\nLanguage: en\n\n" + CUE.encode() + b"\nHi",
        made.vtt(f"{CUE}\n"),
    ],
)
def test_good_captions_are_taken(content: bytes) -> None:
    check_vtt(content)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (made.vtt(f"{CUE}\nOne\nTwo <script>alert(1)</script>"), "caption at line 5 has a sign"),
        (made.vtt(f"{CUE}\n<img src=x onerror=alert(1)>"), "caption at line 4 has a sign"),
        (made.vtt(f"{CUE}\n<b onclick='a()'><svg/onload=a()>"), "caption at line 4 has a sign"),
        (made.vtt(f"{CUE}\none < two"), "caption at line 4 has a sign"),
        (made.vtt(f"{CUE}\nHi", "00:09,000 --> 00:10,000\nHi"), "Line 6 should be a time like"),
        (made.vtt("just words"), "Line 4 should be a time like"),
        (made.vtt("00:04.000 --> 00:01.000\nHi"), "caption at line 3 ends before it begins"),
        (made.vtt("00:61.000 --> 00:99.000\nHi"), "Line 3 should be a time like"),
        (made.vtt("STYLE\n::cue { background: url(//evil.example) }", f"{CUE}\nHi"), "styles at line 3"),
        (made.vtt("STYLE\n@import '//evil.example'", f"{CUE}\nHi"), "styles at line 3"),
        (b"WEBVTT\n\n", "no captions in this file"),
        (b"WEBVTTX\n\n" + CUE.encode(), "The first line of the file must be WEBVTT"),
        (b"\n" + made.vtt(), "The first line of the file must be WEBVTT"),
        (made.vtt(f"{CUE}\nH\0i"), "no WebVTT captions"),
        (made.vtt().decode().encode("utf-16"), "Save the captions as UTF-8"),
        (b"WEBVTT\n\n" + CUE.encode() + b"\ncaf\xe9", "Save the captions as UTF-8"),
        (made.vtt(*[f"{CUE}\nHi"] * 10_001), "10,001 captions. We can take 10,000"),
        (made.vtt(f"{CUE}\n" + "x" * 2_200_000), "too long"),
    ],
)
def test_other_captions_are_refused_with_the_line_to_mend(content: bytes, words: str) -> None:
    assert words in refusal(content)


@pytest.mark.parametrize(
    "filling", ["<" * 1_000_000, "<b" * 500_000, "<b." * 300_000, "<c.a" + ".a" * 700_000]
)
def test_captions_made_to_take_long_do_not(filling: str) -> None:
    assert "has a sign" in refusal(made.vtt(f"{CUE}\n{filling}"))
