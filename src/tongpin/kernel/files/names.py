"""File names that are safe to store, to print and to offer for download."""

from __future__ import annotations

import re
import unicodedata

#: Most file systems take 255 bytes; some room is left for " (1)" that a browser may add.
BYTES = 240
_PARTS = re.compile(r"[/\\]")
_FORBIDDEN = re.compile(r'[<>:"|?*\x00-\x1f\x7f]')
_RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


def clean(name: str) -> str:
    """``name`` without folders, control and direction characters, and not longer than BYTES in UTF-8.

    Letters of every script and emoji stay. The extension is kept when the name is cut. Never empty.
    """
    name = _PARTS.split(unicodedata.normalize("NFC", name))[-1]
    # Cc control, Cf format (direction overrides among them, but the joiner inside emoji stays), Cs
    # surrogates, Co private, Cn unassigned, Zl/Zp line ends.
    shown = "".join(
        c
        for c in name
        if c == "\u200d" or unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    )
    shown = re.sub(r"\s+", " ", _FORBIDDEN.sub("_", shown)).strip(" .\u200d")
    if not shown:
        return "file"
    if _RESERVED.match(shown):
        shown = f"_{shown}"
    return _cut(shown)


def _cut(name: str) -> str:
    if len(name.encode()) <= BYTES:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension.encode()) > 16:
        stem, dot, extension = name, "", ""
    room = BYTES - len((dot + extension).encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip(" .\u200d") + dot + extension
