"""The built front end: which hashed file stands for which name. Written by ``build.mjs``."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.templatetags.static import static

FOLDER = Path(__file__).resolve().parent / "static" / "tongpin"


class NotBuilt(RuntimeError):
    """The front end was never built, or lacks the asset asked for."""


@cache
def _read(stamp: int) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((FOLDER / "manifest.json").read_text("utf-8"))
    return data


def manifest() -> dict[str, Any]:
    """``files`` (name to file and imports), ``icons`` and the islands' ``messages``.

    Read once; while developing, again whenever the build wrote it.
    """
    path = FOLDER / "manifest.json"
    try:
        return _read(path.stat().st_mtime_ns if settings.DEBUG or settings.TESTING else 0)
    except FileNotFoundError:
        raise NotBuilt("The front end is not built. Run: python hatch_build.py") from None


def file_of(name: str) -> Path:
    """Where the built file of ``name`` (app.css, goals/lookback.js, lazy/chart_engine.js) is."""
    return FOLDER / str(_entry(name)["file"])


def url_of(name: str) -> str:
    """Its address; the hash in it lets browsers keep it for ever."""
    return _address(_entry(name)["file"])


@cache
def _address(file: str) -> str:
    return static(f"tongpin/{file}")


def imports_of(name: str) -> list[str]:
    """Addresses of the chunks a script needs at once, for modulepreload."""
    return [_address(path) for path in _entry(name)["imports"]]


def has_icon(name: str) -> bool:
    """Whether the sprite holds that icon."""
    return name in manifest()["icons"]


def version() -> str:
    """Changes with every build: for addresses of answers made from the build."""
    return hashlib.sha256(json.dumps(manifest()["messages"]).encode()).hexdigest()[:10]


def _entry(name: str) -> dict[str, Any]:
    try:
        entry: dict[str, Any] = manifest()["files"][name]
    except KeyError:
        raise NotBuilt(f"The front end has no asset named {name!r}.") from None
    return entry
