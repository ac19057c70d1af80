"""What the vendors of group robots have in common: what is said, how often, and what an answer means."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol, runtime_checkable

from tongpin.modules.digests.enums import Verdict, Why


@dataclass(frozen=True, slots=True)
class Line:
    """One update in plain text. ``about`` names the object and leads to ``url`` (absolute); both may be empty."""

    said: str
    about: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """What one message says: a title and at least one line; ``picture`` is the address of a PNG to show below them."""

    title: str
    lines: Sequence[Line]
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``count`` messages in any ``seconds`` on end."""

    count: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Answer:
    """``said`` is what the vendor answered, for people; ``wait``: seconds in which it takes nothing more."""

    verdict: Verdict
    said: str = ""
    why: Why | None = None
    wait: int = 0


DELIVERED = Answer(Verdict.DELIVERED)


Pictures = Literal["address", "bytes", "none"]
"""How a vendor takes pictures: by an address its servers fetch, as a message of their own, or not at all."""


class Vendor(Protocol):
    """One module a vendor. ``ROOM`` is the most that ``size(body)`` may be; ``SIGNED`` whether robots can have a
    signing secret. One whose ``PICTURES`` are "bytes" is a ``WithPictures`` as well.
    """

    @property
    def LIMITS(self) -> tuple[Limit, ...]: ...

    @property
    def ROOM(self) -> int: ...

    @property
    def SIGNED(self) -> bool: ...

    @property
    def PICTURES(self) -> Pictures: ...

    def card(self, note: Note) -> dict[str, Any]:
        """The body that shows a note."""

    def size(self, body: dict[str, Any]) -> int:
        """How much of ROOM a body takes."""

    def sign(
        self, address: str, body: dict[str, Any], secret: str, at: datetime
    ) -> tuple[str, dict[str, Any]]:
        """Address and body with the signature of that instant."""

    def read_answer(self, status: int, headers: Mapping[str, str], text: str) -> Answer:
        """What an answer means."""


@runtime_checkable
class WithPictures(Protocol):
    """A vendor that takes a picture's bytes."""

    def picture(self, png: bytes) -> dict[str, Any]:
        """The body that shows a picture and nothing else."""


def wire(body: dict[str, Any]) -> bytes:
    """A body as it is sent."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def one_line(text: str, most: int = 300) -> str:
    """Text without line ends or other control signs, shortened."""
    flat = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"


#: Signs that would be markup, and look-alikes that are none: neither DingTalk nor WeCom documents an escape.
_HARMLESS = str.maketrans("<>[]*`#|\\", "＜＞［］＊｀＃｜＼")


def harmless(text: str) -> str:
    """Text that stays text where a vendor reads markdown, so that no title can call everybody or hide a link."""
    return one_line(text).translate(_HARMLESS)


def listed(note: Note, clean: Any = harmless) -> str:
    """The lines as markdown: one by itself, several as a list."""
    mark = "- " if len(note.lines) > 1 else ""
    return "\n".join(mark + _shown(line, clean) for line in note.lines)


def _shown(line: Line, clean: Any) -> str:
    said = clean(line.said)
    if not line.about:
        return str(said)
    about = clean(line.about)
    return f"{said} [{about}]({line.url})" if line.url else f"{said} {about}"


def as_json(text: str) -> dict[str, Any]:
    """The answer's object; an empty one for anything else."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def number(found: dict[str, Any], *names: str) -> int | None:
    """The first of these fields that holds a whole number."""
    for name in names:
        value = found.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    return None


def by_status(status: int, headers: Mapping[str, str], text: str) -> Answer | None:
    """What the HTTP status alone says, the same for all; None where the body decides (200)."""
    said = one_line(f"HTTP {status} {text}".strip())
    if status == 429:
        return Answer(Verdict.LATER, said, Why.LIMITED, retry_after(headers))
    if 300 <= status < 400:
        return Answer(Verdict.FIX, said, Why.ADDRESS)
    if status >= 500 or status == 408:
        return Answer(Verdict.TROUBLE, said, Why.UNREACHED)
    return None


def retry_after(headers: Mapping[str, str], default: int = 60) -> int:
    """Seconds of a Retry-After header: between one second and an hour."""
    value = headers.get("Retry-After", "")
    return min(max(int(value), 1), 3600) if value.isdecimal() else default
