"""Small private files beside the data."""

from __future__ import annotations

import os
from pathlib import Path

from .owner import Owner


def write_private(path: Path, text: str, owner: Owner) -> None:
    """Replace the file in one step; 0600 and the owner's."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    owner.give(draft)
    draft.replace(path)


def sync_folder(path: Path) -> None:
    """Make a rename in ``path`` survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
