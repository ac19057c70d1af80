"""The registry of things a person can meet: each module says how its types are seen, shown and found.

A reference from one module to another's row is (type, public id) and is resolved only here.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q

from tongpin.kernel import authz
from tongpin.kernel.errors import NotFound, Text
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import Membership, Workspace
from tongpin.lib.ids import parse_id


@dataclass(frozen=True, slots=True)
class Card:
    """What every list, search answer, notification and link shows of an object."""

    type: str
    id: uuid.UUID
    title: str
    url: str
    icon: str
    state: Text = ""
    hint: Text = ""


@dataclass(frozen=True, slots=True)
class SearchText:
    """What search keeps of an object: ``title`` weighs more than ``body``; ``pinyin`` is matched by initials."""

    title: str
    body: str = ""
    pinyin: str = ""


@dataclass(frozen=True, slots=True)
class ObjectType:
    """One registered type. ``key`` is the model's ``app_label.model``, the name that events and URLs use."""

    key: str
    model: type[models.Model]
    label: Text
    plural: Text
    icon: str
    card: Callable[[Any], Card]
    search: Callable[[Any], SearchText | None] | None = None
    related: tuple[str, ...] = ()
    private: bool = False
    handle: str = ""
    about: Callable[[Any], Any | None] | None = None
    body_open: Callable[[Actor], bool] | None = None

    @property
    def module(self) -> str:
        """The module whose scopes open it to a token."""
        app = self.key.partition(".")[0]
        return "workspaces" if app == "tenancy" else app

    def visible_to(self, actor: Actor) -> models.QuerySet[Any]:
        """Rows the actor may see, with what the card needs already joined."""
        rows: models.QuerySet[Any] = self.model.objects.visible_to(actor)  # type: ignore[attr-defined]
        return rows.select_related(*self.related) if self.related else rows


_types: dict[str, ObjectType] = {}


def register(
    model: type[models.Model],
    *,
    label: Text,
    plural: Text,
    icon: str,
    card: Callable[[Any], Card],
    search: Callable[[Any], SearchText | None] | None = None,
    related: Sequence[str] = (),
    private: bool = False,
    handle: str = "",
    about: Callable[[Any], Any | None] | None = None,
    body_open: Callable[[Actor], bool] | None = None,
) -> None:
    """Register a model whose default manager has ``visible_to``. Called from ``ready()``.

    ``private``: some of its rows are hidden from some members, so that not even a hint of a change may reach them.
    ``handle``: the field by which its pages' addresses name a row, where that is not the public id.
    ``about(row)``: the row it belongs to (of a comment what it is on, of a task its project): what happens to it is
    told in the activity of that one as well.
    ``body_open``: who finds a row by what only its search body holds (None: everybody who sees the row).
    """
    key = model._meta.label_lower
    _types[key] = ObjectType(
        key, model, label, plural, icon, card, search, tuple(related), private, handle, about, body_open
    )


def types() -> dict[str, ObjectType]:
    """Every registered type by key."""
    return dict(_types)


def find(actor: Actor, key: str, public_id: uuid.UUID) -> Any:
    """The row, if the actor may see it. Raises NotFound otherwise."""
    if key not in _types:
        raise NotFound
    row = _types[key].visible_to(actor).filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row


def cards(actor: Actor, references: Iterable[tuple[str, uuid.UUID]]) -> dict[tuple[str, uuid.UUID], Card]:
    """Cards of those of the referenced rows that the actor may see: one query a type."""
    wanted: dict[str, set[uuid.UUID]] = {}
    for key, public_id in references:
        wanted.setdefault(key, set()).add(public_id)
    found = {}
    for key, ids in wanted.items():
        if key in _types:
            for row in _types[key].visible_to(actor).filter(public_id__in=ids):
                found[key, row.public_id] = _types[key].card(row)
    return found


def within(row: models.Model) -> list[uuid.UUID]:
    """The public ids of everything a row belongs to, the nearest first."""
    found: list[uuid.UUID] = []
    while (kind := _types.get(row._meta.label_lower)) and kind.about:
        above = kind.about(row)
        if above is None or above.public_id in found:
            break
        found.append(above.public_id)
        row = above
    return found


def seen(actor: Actor, prefix: str) -> Q:
    """Condition on a row that refers to an object by ``<prefix>_type`` and ``<prefix>_id``: the actor may see it.

    A token sees only the types that its scopes open.
    """
    found = Q(pk__in=[])
    for kind in _types.values():
        if authz.may_read(actor, kind.module):
            row = kind.visible_to(actor).filter(public_id=OuterRef(f"{prefix}_id"))
            found |= Q(**{f"{prefix}_type": kind.key}) & Q(Exists(row))
    return found


def at(actor: Actor, path: str) -> Card | None:
    """The card of the object on whose page, or on a page below it, the address ``path`` leads; None if none does."""
    words = [word for word in path.split("/") if word]
    for kind in _types.values():
        wanted: dict[str, Any] = {f"{kind.handle}__in": words}
        if not kind.handle:
            wanted = {"public_id__in": [found for word in words if (found := parse_id(word))]}
        for row in kind.visible_to(actor).filter(**wanted):
            card = kind.card(row)
            if f"{path.rstrip('/')}/".startswith(card.url):
                return card
    return None


def sees(member: Membership, key: str, public_id: uuid.UUID) -> bool:
    """Whether the member (``user`` and ``workspace`` loaded) sees the object. Asks the database only for whom it might
    be hidden from: guests, and of private types members.
    """
    kind = _types.get(key)
    asked = member.role == Role.GUEST or (member.role == Role.MEMBER and kind is not None and kind.private)
    if not asked:
        return True
    return kind is not None and kind.visible_to(Actor.for_member(member)).filter(public_id=public_id).exists()


def unscoped(key: str, workspace: Workspace | None, public_id: uuid.UUID) -> Any | None:
    """The row as the system sees it, for indexing; None if it is gone."""
    if key not in _types:
        return None
    return _types[key].visible_to(Actor.system(workspace)).filter(public_id=public_id).first()
