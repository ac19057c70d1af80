"""The engine's libraries, loaded while a person is still copying from Excel rather than when they wait."""

from __future__ import annotations

import sys
import threading

_once = threading.Lock()


def load_ahead() -> None:
    """Start loading what ``plan`` needs, unless it is there or on its way. Returns at once."""
    if "tongpin.lib.effects.evaluation" in sys.modules or not _once.acquire(blocking=False):
        return
    threading.Thread(target=_load, name="load-engine", daemon=True).start()


def _load() -> None:
    import tongpin.lib.effects.evaluation  # noqa: F401, PLC0415  loading it is the point
