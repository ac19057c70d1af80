"""Typed payloads: a frozen dataclass per event name, with upcasters from its older versions.

``tests/architecture`` pins the JSON of every registered payload, so that a change of shape is a decision.
"""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, ClassVar, Protocol, TypeVar


class Payload(Protocol):
    """Any dataclass registered with ``@event``."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


P = TypeVar("P", bound=type)
Upcaster = Callable[[dict[str, Any]], dict[str, Any]]


@dataclasses.dataclass(frozen=True, slots=True)
class EventKind:
    """What is known of one event name. ``upcasters[n]`` turns a payload of version n into version n + 1."""

    name: str
    v: int
    payload: type
    upcasters: dict[int, Upcaster]


_by_name: dict[str, EventKind] = {}
_by_class: dict[type, EventKind] = {}


def event(name: str, v: int = 1, upcasters: dict[int, Upcaster] | None = None) -> Callable[[P], P]:
    """Register a frozen dataclass as the payload of ``name`` (``module.noun_verbed``), version ``v``."""

    def register(cls: P) -> P:
        if not dataclasses.is_dataclass(cls) or not cls.__dataclass_params__.frozen:  # type: ignore[attr-defined]
            raise TypeError(f"{cls.__name__} must be a frozen dataclass")
        if name in _by_name:
            raise ValueError(f"event registered twice: {name}")
        if set(upcasters or {}) != set(range(1, v)):
            raise ValueError(f"{name} v{v} needs an upcaster from each older version")
        kind = EventKind(name, v, cls, upcasters or {})
        _by_name[name] = kind
        _by_class[cls] = kind
        return cls

    return register


def kinds() -> dict[str, EventKind]:
    """Every registered event kind by name."""
    return dict(_by_name)


def kind_of(payload: Any) -> EventKind:
    """The kind a payload object belongs to. Raises KeyError for an unregistered class."""
    return _by_class[type(payload)]


def to_json(payload: Any) -> dict[str, Any]:
    """A payload as plain JSON values: UUIDs and dates as text."""
    return {field.name: _plain(getattr(payload, field.name)) for field in dataclasses.fields(payload)}


def _plain(value: Any) -> Any:
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return value


def from_row(name: str, v: int, payload: dict[str, Any]) -> Any:
    """The typed payload of a stored row, brought up to today's version. Raises KeyError for an unknown name."""
    kind = _by_name[name]
    while v < kind.v:
        payload = kind.upcasters[v](payload)
        v += 1
    return kind.payload(**payload)
