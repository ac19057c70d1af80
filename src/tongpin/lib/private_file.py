"""Small files that only their owner may read: made once by whoever comes first, replaced whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def made_once(file: Path, make: Callable[[], str]) -> str:
    """The file's text, made on first use in a folder of its own; of two processes that make it at once, one wins."""
    file.parent.mkdir(mode=0o700, exist_ok=True)
    while True:
        try:
            return file.read_text()
        except FileNotFoundError:
            draft = _draft(file, make())
            with suppress(FileExistsError):
                os.link(draft, file)  # atomic, and fails where the file is already
            draft.unlink()


def replace(file: Path, text: str) -> None:
    """Write the file anew."""
    _draft(file, text).replace(file)


def _draft(file: Path, text: str) -> Path:
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(text)
    return draft
