"""``TONGPIN_DATA/run``: who supervises, what runs, and where it listens."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tongpin.kernel.postgres import FolderHeld, FolderLock, holder

from .child import Slot


class AlreadyServing(Exception):
    """Another ``tongpin serve`` has this data folder. ``pid`` is its process (0 when unknown)."""

    def __init__(self, data: Path, pid: int) -> None:
        self.pid = pid
        self.message = f"{data} is already served" + (
            f" by process {pid}." if pid else " by another process."
        )
        self.hint = (
            f"Use that one, stop it (kill {pid}), " if pid else "Use that one, stop it, "
        ) + "or set TONGPIN_DATA to another folder."
        super().__init__(f"{self.message} {self.hint}")


class RunFolder:
    """The lock and the state file of one data folder."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.path = data / "run"
        self._lock = FolderLock(self.path / "serve.lock")

    def take(self) -> None:
        """Take the lock or raise AlreadyServing; given up when this process ends, however it ends."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            self._lock.acquire()
        except FolderHeld as held:
            raise AlreadyServing(self.data, held.pid) from None

    def release(self) -> None:
        self._lock.release()

    @property
    def file(self) -> Path:
        return self.path / "state.json"

    def left(self) -> dict[str, Any]:
        """The state file as it is, also when its supervisor is dead; empty without one."""
        try:
            found = json.loads(self.file.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def write(self, status: str, started_at: str, slots: Iterable[Slot]) -> None:
        """Replace the state file in one step."""
        state = {
            "pid": os.getpid(),
            "status": status,
            "started_at": started_at,
            "children": {slot.name: _described(slot) for slot in slots},
        }
        draft = self.file.with_name(".state.json")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(state, file, ensure_ascii=False, indent=1)
        draft.replace(self.file)

    def remove(self) -> None:
        self.file.unlink(missing_ok=True)


def read_state(data: Path) -> dict[str, Any] | None:
    """The state of the ``tongpin serve`` that runs on ``data`` now, None when there is none.

    ``pid``, ``status`` (starting, ready, stopping), ``started_at``, and ``children``: name to ``pid``,
    ``state``, ``restarts``, ``since``, ``address``, ``port`` and ``message`` (why it last failed).
    """
    folder = RunFolder(data)
    pid = holder(folder.path / "serve.lock")
    if pid is None:
        return None
    state = folder.left()
    if pid and state.get("pid") != pid:  # it has just begun; the file is still its predecessor's
        return {"pid": pid, "status": "starting", "started_at": "", "children": {}}
    return state or None


def _described(slot: Slot) -> dict[str, Any]:
    address = slot.child.address() if slot.child.address is not None and slot.alive else ""
    tail = address.rsplit(":", 1)[-1].rstrip("/")
    return {
        "pid": slot.process.pid if slot.process is not None else None,
        "created": slot.created,
        "state": str(slot.state),
        "since": slot.changed,
        "restarts": max(slot.restarts, 0),
        "address": address,
        "port": int(tail) if tail.isdigit() else None,
        "message": slot.message,
    }
