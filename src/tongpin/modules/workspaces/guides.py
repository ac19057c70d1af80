"""The guides of ``docs/guides``, as they were shipped with this version."""

from __future__ import annotations

import re
from pathlib import Path

#: In a wheel they lie in the package; a working copy has them where they are written.
_PLACES = (
    Path(__file__).resolve().parents[2] / "guides",
    Path(__file__).resolve().parents[4] / "docs" / "guides",
)
_NAME = re.compile(r"[a-z][a-z-]{0,40}")


def text_of(name: str) -> str | None:
    """The guide called ``name`` as markdown; None if there is none."""
    if not _NAME.fullmatch(name):
        return None
    for place in _PLACES:
        file = place / f"{name}.md"
        if file.is_file():
            return file.read_text(encoding="utf-8")
    return None
