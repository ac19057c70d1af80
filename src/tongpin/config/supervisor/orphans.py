"""Processes of a supervisor that was killed, where the operating system did not end them with it."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from typing import Any

import psutil

_SECONDS = 10.0


def clear(state: dict[str, Any], spare: set[str]) -> list[str]:
    """End the children named in a dead supervisor's state file; gives the names of those found.

    Call it only while holding the supervisor's lock. A process is known by its number and its start time;
    those in ``spare`` (PostgreSQL) clear up after themselves.
    """
    found: dict[str, psutil.Process] = {}
    children = state.get("children")
    for name, child in children.items() if isinstance(children, dict) else ():
        pid, created = child.get("pid"), child.get("created")
        if name in spare or not isinstance(pid, int) or not created:
            continue
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            if abs(process.create_time() - created) < 0.05 and process.status() != psutil.STATUS_ZOMBIE:
                found[name] = process
    for process in found.values():
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)  # each child leads a group of its own
    until = time.monotonic() + _SECONDS
    left = list(found.values())
    while left and time.monotonic() < until:
        time.sleep(0.02)
        left = [process for process in left if _running(process)]
    return sorted(found)


def _running(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running()) and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
