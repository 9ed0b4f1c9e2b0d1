"""WebVTT captions: read line by line, so that the message can say which line to mend.

Source: W3C WebVTT, "File structure". Only the tags that WebVTT knows may stand in a caption, and styles may
fetch nothing.
"""

from __future__ import annotations

import re

from flask_babel import gettext as _

from engage.files.kinds import FileRefused

MOST_CUES = 10_000
LARGEST = 2 * 1024 * 1024  # Bytes; three hours of talk have about 200,000.
_HEAD = re.compile(r"WEBVTT(?:[ \t][^\n]*)?(?:\n|\Z)")
_TIME = r"(?:(\d{2,4}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
_TIMING = re.compile(rf"[ \t]*{_TIME}[ \t]+-->[ \t]+{_TIME}(?:[ \t][^<>]*)?")
_TAG = re.compile(
    r"</?(?:b|i|u|ruby|rt|c|v|lang)>"
    r"|<(?:b|i|u|ruby|rt|c|v|lang)(?:\.[\w-]+)*(?:[ \t\n][^<>&]*)?>"
    rf"|<{_TIME}>"
)
_FETCHES = re.compile(r"url\s*\(|@|\\|<|image-set|expression", re.IGNORECASE)


def check_vtt(content: bytes) -> None:
    """Raise FileRefused where these are no WebVTT captions; the message says which line to mend."""
    if len(content) > LARGEST:
        raise FileRefused(
            _("This caption file is too long. Captions for one film have less than 2 megabytes.")
        )
    text = _text(content)
    blocks = _blocks(text)
    cues = sum(_check_block(line, lines) for line, lines in blocks)
    if not cues:
        raise FileRefused(_("There are no captions in this file. Check that you chose the right one."))
    if cues > MOST_CUES:
        raise FileRefused(
            _(
                "This file has %(cues)s captions. We can take %(most)s.",
                cues=f"{cues:,}",
                most=f"{MOST_CUES:,}",
            )
        )


def _text(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileRefused(_("Save the captions as UTF-8 text, then choose the file again.")) from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text or not _HEAD.match(text):
        raise FileRefused(_("These are no WebVTT captions. The first line of the file must be WEBVTT."))
    return text


def _blocks(text: str) -> list[tuple[int, list[str]]]:
    """What stands between empty lines, with the number of its first line; the heading is left out."""
    blocks: list[tuple[int, list[str]]] = []
    fresh = True
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            fresh = True
        elif fresh:
            blocks.append((number, [line]))
            fresh = False
        else:
            blocks[-1][1].append(line)
    return blocks[1:]


def _check_block(number: int, lines: list[str]) -> int:
    """How many captions the block is: one, or none where it is a note, a style or a region."""
    if lines[0].startswith("NOTE") and "-->" not in lines[0]:
        return 0
    if lines[0].strip() in ("STYLE", "REGION"):
        if _FETCHES.search("\n".join(lines[1:])):
            raise FileRefused(_("Take out the block of styles at line %(line)s.", line=number))
        return 0
    place = 0 if "-->" in lines[0] else 1
    if len(lines) <= place or not (timing := _TIMING.fullmatch(lines[place])):
        raise FileRefused(
            _("Line %(line)s should be a time like 00:01.000 --> 00:04.000. Mend it.", line=number + place)
        )
    if _milliseconds(timing.groups()[:4]) >= _milliseconds(timing.groups()[4:]):
        raise FileRefused(_("The caption at line %(line)s ends before it begins.", line=number + place))
    _check_words(number + place + 1, "\n".join(lines[place + 1 :]))
    return 1


def _check_words(number: int, words: str) -> None:
    left = _TAG.sub("", words)
    if "<" in left or "-->" in left:
        line = (
            number + words[: words.find(left[left.find("<") :][:20])].count("\n") if "<" in left else number
        )
        raise FileRefused(
            _(
                "The caption at line %(line)s has a sign that captions cannot have. Take out the < or the "
                "tag that starts with it.",
                line=line,
            )
        )


def _milliseconds(parts: tuple[str | None, ...]) -> int:
    hours, minutes, seconds, thousandths = (int(part or 0) for part in parts)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths
