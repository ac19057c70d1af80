"""Processes of an earlier run that are still on their way out.

When the server's main process is killed its children notice within moments, but a busy one may take longer,
and PostgreSQL refuses to start while any of them still holds the shared memory. They are recognised by
their command line, which carries the cluster's name, and by their user; both can be read in every
container.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil

_PAUSE = 0.05


def of_cluster(cluster_name: str, uid: int) -> list[psutil.Process]:
    """Running processes (main and children) of the server with this ``cluster_name``."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            words = process.cmdline()
            child = bool(words) and words[0].startswith(f"postgres: {cluster_name}:")
            main = f"cluster_name={cluster_name}" in words and not _is_launcher(words)
            if (
                (child or main)
                and process.uids().effective == uid
                and process.status() != psutil.STATUS_ZOMBIE
            ):
                found.append(process)
    return found


def clear(cluster_name: str, uid: int, *, patience: float, progress: Callable[[str], None]) -> None:
    """Wait until no process of an earlier run is left; after ``patience`` seconds end them, harder each time.

    SIGINT is PostgreSQL's fast and clean stop, SIGQUIT its stop without a checkpoint; SIGKILL costs a
    recovery too. Call it only while holding the cluster's lock: otherwise these may be somebody's running
    server.
    """
    for ask, seconds in (
        (None, patience),
        (signal.SIGINT, 20.0),
        (signal.SIGQUIT, 5.0),
        (signal.SIGKILL, 5.0),
    ):
        left = of_cluster(cluster_name, uid)
        if not left:
            return
        if ask is not None:
            progress(f"ending {len(left)} PostgreSQL processes of an earlier run ({ask.name})")
            for process in left:
                with contextlib.suppress(psutil.Error):
                    process.send_signal(ask)
        until = time.monotonic() + seconds
        while left and time.monotonic() < until:
            time.sleep(_PAUSE)
            left = [process for process in left if _alive(process)]
    return


def foreign_server(data: Path) -> int | None:
    """The process that holds ``postmaster.pid`` in ``data`` and really is a PostgreSQL, though not one of
    ours.
    """
    pid = recorded_pid(data)
    if pid is None:
        return None
    try:
        process = psutil.Process(pid)
        words = process.cmdline()
    except psutil.Error:
        return None
    runs_postgres = bool(words) and Path(words[0]).name in {"postgres", "postmaster"}
    return pid if runs_postgres and process.status() != psutil.STATUS_ZOMBIE else None


def recorded_pid(data: Path) -> int | None:
    """The process id in ``postmaster.pid``, None without one."""
    try:
        first = (data / "postmaster.pid").read_text(errors="replace").split("\n", 1)[0].strip()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return abs(int(first)) if first.lstrip("-").isdigit() else None


def _alive(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running()) and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _is_launcher(words: list[str]) -> bool:
    return any(word.endswith("launcher.py") for word in words[:5])


def exists(pid: int) -> bool:
    """Whether any process has this number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
