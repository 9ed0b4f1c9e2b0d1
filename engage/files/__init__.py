"""Files that people send in: checked by what is in them, kept under their own content's name, shown safely.

``read_upload`` looks, ``without_metadata`` takes out what a picture or film tells about its maker, ``store``
keeps, ``send_stored`` shows. Knows nothing of surveys or events.
"""

from engage.files.kinds import CAPTIONS, IMAGES, KIND_NAMES, SOUNDS, VIDEOS, FileRefused, Kind
from engage.files.reading import Upload, read_upload, without_metadata
from engage.files.storage import delete, kind_of, open_stored, send_stored, serving_headers, store

__all__ = [
    "CAPTIONS",
    "IMAGES",
    "KIND_NAMES",
    "SOUNDS",
    "VIDEOS",
    "FileRefused",
    "Kind",
    "Upload",
    "delete",
    "kind_of",
    "open_stored",
    "read_upload",
    "send_stored",
    "serving_headers",
    "store",
    "without_metadata",
]
