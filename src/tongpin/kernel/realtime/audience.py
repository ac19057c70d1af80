"""Things that are one person's own: hints about them reach nobody else, whatever their role."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from tongpin.kernel.events.models import Event

#: Gets public ids of one type, gives the user each belongs to; blocking.
Owners = Callable[[list[uuid.UUID]], dict[uuid.UUID, int]]

_personal: dict[str, Owners] = {}


def personal(key: str, owners: Owners) -> None:
    """Declare a type (``app_label.model``) as personal. Called from ``apps.ready()``."""
    _personal[key] = owners


def is_personal(key: str) -> bool:
    """Whether hints about this type go to its owner only."""
    return key in _personal


def personal_types() -> list[str]:
    """Every personal type: lists that others read leave them out."""
    return sorted(_personal)


def owners_of(events: list[Event]) -> dict[tuple[str, uuid.UUID], int]:
    """The owner of each personal subject of these events; one query a type. One that is gone has none."""
    wanted: dict[str, list[uuid.UUID]] = {}
    for event in events:
        if event.subject_type in _personal:
            wanted.setdefault(event.subject_type, []).append(event.subject_id)
    return {
        (key, public_id): user_id
        for key, ids in wanted.items()
        for public_id, user_id in _personal[key](ids).items()
    }
