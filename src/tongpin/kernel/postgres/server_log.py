"""What the server has written since it was last started."""

from __future__ import annotations

import contextlib
from pathlib import Path

# Causes are near the end of a log.
_TAIL = 65536


class ServerLog:
    """The server's own log files, and the file its output goes to until it has opened them."""

    def __init__(self, start: Path, folder: Path) -> None:
        self.start = start
        self.folder = folder
        self._marks: dict[Path, int] = {}

    def mark(self) -> None:
        """Remember where the files end; ``read`` gives what comes after."""
        self._marks = {path: path.stat().st_size for path in self._files()}

    def read(self) -> str:
        """The text written since ``mark``, at most the last 64 KB of each file."""
        parts = []
        for path in (self.start, *self._files()):
            with contextlib.suppress(OSError), path.open("rb") as file:
                size = path.stat().st_size
                before = self._marks.get(path, 0)
                file.seek(max(before if before <= size else 0, size - _TAIL))
                parts.append(file.read().decode(errors="replace"))
        return "\n".join(parts)

    def last_line(self) -> str:
        """The last line written, for a progress message; empty when there is none."""
        lines = [line for line in self.read().splitlines() if line.strip()]
        return lines[-1][:300] if lines else ""

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("postgresql-*.log"))
