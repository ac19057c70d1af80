"""What children print, passed on line by line."""

from __future__ import annotations

import contextlib
import json
import os
from typing import IO, Any

_LONGEST_LINE = 256 * 1024
_CHUNK = 65536
_CHUNKS = 64


class Pipe:
    """One output of one child: complete lines go to ``target``.

    A line that is a JSON object (a structured log) is passed on as it is, so that what reads our output can
    parse it; to a person at a terminal it is shown as text. Any other line is marked with the child's name.
    """

    def __init__(self, name: str, source: IO[bytes], target: IO[bytes], width: int, people: bool) -> None:
        self.source = source
        self._target = target
        self._prefix = f"{name:<{width}} | ".encode()
        self._people = people
        self._rest = b""
        os.set_blocking(source.fileno(), False)

    def pass_on(self) -> bool:
        """Read what is there, up to a bound so that a talkative child leaves time for the others.

        False at the end of the output.
        """
        for _ in range(_CHUNKS):
            try:
                data = os.read(self.source.fileno(), _CHUNK)
            except BlockingIOError:
                return True
            except OSError:
                data = b""
            if not data:
                self._flush()
                return False
            *lines, self._rest = (self._rest + data).split(b"\n")
            if len(self._rest) > _LONGEST_LINE:
                lines.append(self._rest)
                self._rest = b""
            self._write(lines)
        return True

    def close(self) -> None:
        """Pass on what is left, the beginning of a line too. Something else may still hold the other end."""
        self.pass_on()
        self._flush()
        self.source.close()

    def _flush(self) -> None:
        if self._rest:
            self._write([self._rest])
            self._rest = b""

    def _write(self, lines: list[bytes]) -> None:
        if not lines:
            return
        text = b"".join(self._shown(line) + b"\n" for line in lines)
        # Nobody reads our output any more (a closed terminal): that is no reason to stop.
        with contextlib.suppress(OSError, ValueError):
            self._target.write(text)
            self._target.flush()

    def _shown(self, line: bytes) -> bytes:
        if line.startswith(b"{"):
            if not self._people:
                return line
            with contextlib.suppress(ValueError):
                return self._prefix + _for_people(json.loads(line)).encode()
        return self._prefix + line


def _for_people(record: dict[str, Any]) -> str:
    """A structured log line as text: what happened, then the details, tracebacks last."""
    rest = dict(record)
    event = str(rest.pop("event", rest.pop("message", "")))
    level = str(rest.pop("level", "")).lower()
    trace = rest.pop("exception", None)
    for dull in ("timestamp", "logger"):
        rest.pop(dull, None)
    words = [] if level in {"", "info", "debug"} else [level.upper()]
    words += [event, *(f"{name}={value}" for name, value in rest.items())]
    return " ".join(words) + (f"\n{trace}" if trace else "")
