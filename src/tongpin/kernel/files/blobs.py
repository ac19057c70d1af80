"""Bytes on disk under their SHA-256: ``TONGPIN_DATA/files/ab/cd/abcd…``. Written once, never changed."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.conf import settings

PIECE = 1 << 20


class TooLarge(Exception):
    """More bytes than the limit."""


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes in the store. ``head`` is their beginning (at most 64 KB), to tell the type by."""

    sha256: str
    size: int
    head: bytes


def root() -> Path:
    """The folder of all blobs."""
    return Path(settings.DATA) / "files"


def path(sha256: str) -> Path:
    """Where the blob with that hash lies. Raises ValueError for anything that is not one."""
    if len(sha256) != 64 or not all(c in "0123456789abcdef" for c in sha256):
        raise ValueError("not a SHA-256")
    return root() / sha256[:2] / sha256[2:4] / sha256


def write(content: IO[bytes], limit: int) -> Blob:
    """Put the bytes in the store and on the disk (fsync) before returning. Raises TooLarge past ``limit``
    bytes."""
    folder = root()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size, head = hashlib.sha256(), 0, b""
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".incoming-", delete=False) as draft:
        try:
            while piece := content.read(PIECE):
                size += len(piece)
                if size > limit:
                    raise TooLarge
                head = head or piece[: 1 << 16]
                digest.update(piece)
                draft.write(piece)
            draft.flush()
            os.fsync(draft.fileno())
            sha256 = digest.hexdigest()
            final = path(sha256)
            final.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.replace(draft.name, final)  # the same bytes again replace themselves, with a fresh time
        except BaseException:
            Path(draft.name).unlink(missing_ok=True)
            raise
    for parent in (final.parent, final.parent.parent, folder):
        _sync_folder(parent)
    return Blob(sha256, size, head)


def names() -> Iterator[str]:
    """The hash of every blob in the store."""
    for file in root().glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
        if len(file.name) == 64:
            yield file.name


def drafts() -> Iterator[Path]:
    """Files of uploads that have not finished, or never will."""
    yield from root().glob(".incoming-*")


def _sync_folder(folder: Path) -> None:
    """Make a new name in the folder outlive a power cut, too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
