"""What can be discussed: every registered type but a few, and who follows a discussion without having asked."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from typing import Any

from tongpin.kernel import objects
from tongpin.kernel.errors import NotFound
from tongpin.kernel.objects import ObjectType
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership

_SPACE = uuid.UUID("5b0d7b1e-6b3c-4f52-9f57-9c1d0f1f2a11")

#: People and the places they are in are not discussed, nor is a discussion itself.
NOT_DISCUSSED = {
    "tenancy.membership",
    "tenancy.workspace",
    "workspaces.department",
    "discussions.discussion",
    "discussions.comment",
}

#: Gets the object; gives the users (primary keys) who hear of what is written on it: its author, its lead.
Followers = Callable[[Any], Iterable[int]]

_followers: dict[str, Followers] = {}


def followed_by(key: str, followers: Followers) -> None:
    """Say who follows the discussions of a type (``app_label.model``) from the start. Called from ``ready()``."""
    _followers[key] = followers


def followers_of(row: Any) -> set[int]:
    """Primary keys of the users who follow this object's discussion without having asked."""
    found = _followers.get(row._meta.label_lower)
    return set(found(row)) if found else set()


def kinds() -> list[ObjectType]:
    """Every type whose objects can be discussed."""
    return [kind for key, kind in objects.types().items() if key not in NOT_DISCUSSED]


def find(actor: Actor, key: str, public_id: uuid.UUID) -> Any:
    """The object, if the actor may see it and it can be discussed. Raises NotFound."""
    if key in NOT_DISCUSSED:
        raise NotFound
    return objects.find(actor, key, public_id)


def discussion_id(key: str, public_id: uuid.UUID) -> uuid.UUID:
    """The public id of the object's discussion: known before the first comment, so that a page can listen for it."""
    return uuid.uuid5(_SPACE, f"{key}:{public_id}")


def seers(row: Any, members: Iterable[Membership]) -> list[Membership]:
    """Those of the members (``user`` and ``workspace`` loaded) who see the object. A query for each who might not."""
    here = (m for m in members if m.workspace_id == row.workspace_id and m.deactivated_at is None)
    return [member for member in here if objects.sees(member, row._meta.label_lower, row.public_id)]
