"""The environment PostgreSQL's programs run in."""

from __future__ import annotations

import os


def plain_environment() -> dict[str, str]:
    """A small environment: no secrets of ours, no PG* variables that would redirect PostgreSQL."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "SYSTEMROOT") if name in os.environ}
    return {"PATH": os.defpath} | kept | {"LANG": "C", "LC_ALL": "C", "TZ": "UTC"}
