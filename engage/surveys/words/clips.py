"""Films in British Sign Language and recordings of questions: taking them in, and who may see which."""

from __future__ import annotations

from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from engage import files
from engage.surveys.content import Content
from engage.surveys.models import Survey
from engage.surveys.queries import content_of
from engage.surveys.questions import Clip, Question
from engage.surveys.texts import NOTHING, Text

LARGEST = 200 * 1024 * 1024
"""Bytes of a film. Two minutes that a telephone films in full HD have some 150 MB."""
LARGEST_CAPTIONS = 2 * 1024 * 1024
MOST = 6
LANGUAGE_OF_SIGNS = "en"


class ClipRefused(Exception):
    """The clip cannot be taken; the message says what to do, ``field`` in which field."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field


def take_in(
    *,
    kind: str,
    language: str,
    file: FileStorage | None,
    captions: FileStorage | None,
    transcript: str,
    silent: bool,
) -> Clip:
    """Look at the files by their content, keep them, and return the clip. Raises ClipRefused.

    A film with sound needs captions, a recording needs its words in writing. A film that is only signed needs
    neither: the words of the question stand beside it.
    """
    upload = _looked_at(file, files.VIDEOS if kind == "bsl" else files.SOUNDS, LARGEST, "file")
    subtitles = None
    if kind == "bsl" and captions and captions.filename:
        subtitles = _looked_at(captions, files.CAPTIONS, LARGEST_CAPTIONS, "captions")
    if kind == "bsl" and not (subtitles or silent):
        raise ClipRefused(
            _("Choose the captions of the film (.vtt). If it has no sound at all, say so below."), "captions"
        )
    if kind == "audio" and not transcript:
        message = _("Write down what the recording says, for people who cannot hear it.")
        raise ClipRefused(message, "transcript")
    return Clip(
        kind="bsl" if kind == "bsl" else "audio",
        language=language,
        file=files.store(files.without_metadata(upload)),
        captions=files.store(subtitles) if subtitles else "",
        transcript=Text({language: transcript}) if transcript else NOTHING,
    )


def _looked_at(
    file: FileStorage | None, kinds: frozenset[files.Kind], largest: int, field: str
) -> files.Upload:
    if file is None or not file.filename:
        raise ClipRefused(_("Choose a file."), field)
    try:
        return files.read_upload(file, kinds, largest)
    except files.FileRefused as refused:
        raise ClipRefused(str(refused), field) from None


def with_clip(content: Content, question_id: str, clip: Clip) -> Content:
    """The survey with one more clip. Raises ClipRefused where a question has enough, or this one already."""
    clips = content.by_id[question_id].clips
    if any(one.file == clip.file for one in clips):
        raise ClipRefused(_("This question has that file already."), "file")
    if len(clips) >= MOST:
        raise ClipRefused(
            _("A question can have %(most)s clips. Take one away first.", most=MOST),
            "file",
        )
    return _with_clips(content, question_id, (*clips, clip))


def without_clip(content: Content, question_id: str, file: str) -> Content:
    """The survey without a clip; unchanged where it is gone already."""
    clips = content.by_id[question_id].clips
    return _with_clips(content, question_id, tuple(one for one in clips if one.file != file))


def _with_clips(content: Content, question_id: str, clips: tuple[Clip, ...]) -> Content:
    def changed(question: Question) -> Question:
        return question.model_copy(update={"clips": clips}) if question.id == question_id else question

    pages = tuple(
        page.model_copy(update={"questions": tuple(changed(question) for question in page.questions)})
        for page in content.pages
    )
    return content.model_copy(update={"pages": pages})


def keys_in(content: Content) -> frozenset[str]:
    """The stored files that a survey shows: clips and their captions."""
    clips = [clip for question in content.questions for clip in question.clips]
    return frozenset(key for clip in clips for key in (clip.file, clip.captions) if key)


def is_published(survey: Survey, key: str) -> bool:
    """Whether people may fetch a file: it stands in a version of this survey."""
    return any(key in keys_in(content_of(version)) for version in reversed(survey.versions))
