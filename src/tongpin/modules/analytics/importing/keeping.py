"""Where files of events lie while they are uploaded and read: ``TONGPIN_DATA/imports``, one a name."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from django.conf import settings


def folder() -> Path:
    """The folder of all of them."""
    return Path(settings.DATA) / "imports"


def path(name: UUID) -> Path:
    """Where the file lies, or will."""
    return folder() / str(name)


def room() -> int:
    """Bytes of the disk that files may fill: a twentieth of it, and 2 GB at least, stay free for the databases."""
    usage = shutil.disk_usage(settings.DATA)
    return max(usage.free - max(2 << 30, usage.total // 20), 0)


def append(name: UUID, at: int, content: bytes) -> None:
    """Put a part at its place, on the disk on return. What an attempt that was cut off left behind it goes.

    Raises OSError.
    """
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path(name), os.O_WRONLY | os.O_CREAT, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.truncate(at)
        file.seek(at)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def forget(name: UUID) -> None:
    """Remove it, if it is there."""
    path(name).unlink(missing_ok=True)


def names() -> Iterator[Path]:
    """All that lie there."""
    if folder().is_dir():
        yield from folder().iterdir()
