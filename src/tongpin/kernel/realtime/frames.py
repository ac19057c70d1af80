"""The wire format of ``/rt/events``: server-sent events.

``hello``    first; ``data: {"at": "<position>"}``; its id is where this stream goes on from
``changed``  ``data: {"w": slug, "s": ["type:uuid", "type"], "e": event name, "by": actor's public id|null}``
``resync``   too much was missed to tell it piece by piece: fetch everything shown again
``bye``      the session ended, or the token stopped (``data: {"reason": "session"|"token"}``); do not connect again

A ``changed`` without an id is a hint about the reader's own (``hints``), told once. Every other id is
``xid.id``, the place in the event stream, and comes back as ``Last-Event-ID``.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from tongpin.kernel.events.models import Event
from tongpin.kernel.events.stream import Position

HEARTBEAT = b": \n\n"
RETRY_MS = 1000


def hello(at: Position, *, mark: bool = True) -> bytes:
    """The greeting; without ``mark`` it has no id, so that a client cut off after it does not go on from here."""
    return _frame("hello", {"at": str(at)}, at if mark else None, retry=True)


def is_hello(frame: bytes) -> bool:
    return b"\nevent: hello\n" in frame


def resync(at: Position) -> bytes:
    return _frame("resync", {"at": str(at)}, at)


def bye(reason: str = "session") -> bytes:
    return _frame("bye", {"reason": reason}, None)


def changed(event: Event, slug: str, by: uuid.UUID | None) -> bytes:
    """The hint of one event: what changed, never what it is now."""
    data = {
        "w": slug,
        "s": [f"{event.subject_type}:{event.subject_id}", event.subject_type],
        "e": event.name,
        "by": str(by) if by else None,
    }
    return _frame("changed", data, Position(event.xid, event.pk))


def own(slug: str, subject: str) -> bytes:
    """A hint about something of the reader's own (``hints``). Without an id: it is not told again."""
    return _frame("changed", {"w": slug, "s": [subject], "e": "", "by": None}, None)


def _frame(kind: str, data: dict[str, Any], at: Position | None, *, retry: bool = False) -> bytes:
    lines = [f"event: {kind}", f"data: {json.dumps(data, separators=(',', ':'))}"]
    if at is not None:
        lines.insert(0, f"id: {at}")
    if retry:
        lines.insert(0, f"retry: {RETRY_MS}")
    return ("\n".join(lines) + "\n\n").encode()
