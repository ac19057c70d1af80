"""The media type of bytes, from the bytes: what the browser or the name claims is not asked."""

from __future__ import annotations

import codecs

UNKNOWN = "application/octet-stream"
TEXT = "text/plain; charset=utf-8"

_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"%PDF-", "application/pdf"),
    (4, b"ftypavif", "image/avif"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypqt", "video/quicktime"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (0, b"ID3", "audio/mpeg"),
    (8, b"WAVE", "audio/wav"),
    (0, b"OggS", "application/ogg"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
)
_OFFICE = "application/vnd.openxmlformats-officedocument."
_IN_ZIP: tuple[tuple[bytes, str], ...] = (
    (b"xl/", f"{_OFFICE}spreadsheetml.sheet"),
    (b"word/", f"{_OFFICE}wordprocessingml.document"),
    (b"ppt/", f"{_OFFICE}presentationml.presentation"),
)


def media_type(head: bytes) -> str:
    """The type of a file that begins with ``head`` (give at least 4 KB of it, or all).

    Markup (HTML, SVG, XML) is plain text here: nothing a person uploads is ever run or rendered.
    """
    for offset, signature, kind in _SIGNATURES:
        if head[offset : offset + len(signature)] == signature:
            return kind
    if head.startswith(b"PK\x03\x04"):
        return next((kind for folder, kind in _IN_ZIP if folder in head), "application/zip")
    return TEXT if _is_text(head) else UNKNOWN


def _is_text(head: bytes) -> bool:
    try:
        # The last character may have been cut in two: an incremental decoder waits for the rest.
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return not any(c < " " and c not in "\t\n\r\f" for c in text)
