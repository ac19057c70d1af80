"""Effects as JSON and back, versioned, so that a saved result can be shown years later."""

from __future__ import annotations

import math
import types
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from tongpin.lib.effects.types import Effect

EFFECT_VERSION = 1


class UnknownVersion(ValueError):
    """The stored result was written by a version this code cannot read."""


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value


@cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def _typed(kind: Any, value: Any) -> Any:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        if value is None:
            return None
        inner = [k for k in get_args(kind) if k is not type(None)]
        return _typed(inner[0], value) if len(inner) == 1 else value
    if origin is tuple:
        return tuple(_typed(get_args(kind)[0], v) for v in value)
    if origin is dict:
        return dict(value)
    if isinstance(kind, type):
        if is_dataclass(kind):
            hints = _hints(kind)
            # A field added later keeps its default, so version 1 results stay readable.
            return kind(**{k: _typed(hints[k], v) for k, v in value.items() if k in hints})
        if issubclass(kind, Enum):
            return kind(value)
        if issubclass(kind, date):
            return date.fromisoformat(value)
        if kind is float:
            return float(value)
    return value


def effect_to_json(effect: Effect) -> dict[str, Any]:
    """A dict of plain JSON values with ``version``; NaN and infinity become null."""
    return {"version": EFFECT_VERSION, **_plain(effect)}


def effect_from_json(data: dict[str, Any]) -> Effect:
    """The inverse of ``effect_to_json``. Raises ``UnknownVersion``."""
    if data.get("version") != EFFECT_VERSION:
        raise UnknownVersion(f"effect version {data.get('version')!r}, this code reads {EFFECT_VERSION}")
    effect: Effect = _typed(Effect, {k: v for k, v in data.items() if k != "version"})
    return effect
