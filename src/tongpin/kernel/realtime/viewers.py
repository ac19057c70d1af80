"""Who is watching: a session's person and their workspaces, as the database says now. All of it blocks."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.utils.crypto import constant_time_compare

from tongpin.kernel import clock, objects
from tongpin.kernel.events.models import Event
from tongpin.kernel.tenancy import entry
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import Membership, User

Subject = tuple[str, uuid.UUID]


@dataclass(slots=True)
class Viewer:
    """A signed-in person. ``places``: the membership by workspace key, workspace and user loaded."""

    user_id: int
    places: dict[int, Membership] = field(default_factory=dict)

    def may_be_barred(self, workspace_id: int, key: str) -> bool:
        """Whether rows of that type may be hidden from this person: any from a guest, private ones from a member."""
        place = self.places.get(workspace_id)
        if place is None or place.role in (Role.OWNER, Role.ADMIN):
            return place is None
        kind = objects.types().get(key)
        return place.role == Role.GUEST or (kind is not None and kind.private)


def people_of(session_keys: Iterable[str]) -> dict[str, int]:
    """The user of each session that is still good: not ended, not expired, made with the present password."""
    sessions = _session_model().objects.filter(session_key__in=set(session_keys), expire_date__gt=clock.now())
    data = {row.session_key: row.get_decoded() for row in sessions}
    users = {
        str(user.pk): user
        for user in User.objects.filter(pk__in={d[SESSION_KEY] for d in data.values() if SESSION_KEY in d})
        if user.is_active
    }
    found = {}
    for key, values in data.items():
        user = users.get(str(values.get(SESSION_KEY)))
        if user is not None and _made_with_this_password(user, values.get(HASH_SESSION_KEY)):
            found[key] = user.pk
    return found


def _made_with_this_password(user: User, stamp: object) -> bool:
    return isinstance(stamp, str) and any(
        constant_time_compare(stamp, known)
        for known in (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    )


def _session_model() -> Any:
    return import_module(settings.SESSION_ENGINE).SessionStore.get_model_class()


def viewers(user_ids: Iterable[int]) -> dict[int, Viewer]:
    """Each person or workspace token with the workspaces it is active in, and may enter with what it has set up."""
    found = {user_id: Viewer(user_id) for user_id in user_ids}
    rows = Membership.actors.select_related("workspace", "user").filter(
        user__in=found, user__is_active=True, deactivated_at=None, workspace__deleted_at=None
    )
    asked = {row.user_id for row in rows if row.workspace.second_factor_required}
    have = entry.with_second_factor(asked) if asked else set()
    for row in rows:
        if row.is_token or row.user_id in have or not row.workspace.second_factor_required:
            found[row.user_id].places[row.workspace_id] = row
    return found


def seen_by_barred(events: list[Event], watching: Iterable[Viewer]) -> dict[tuple[int, int], set[Subject]]:
    """For each who may be barred, by (user, workspace): those subjects they may see. A query a person and type."""
    wanted: dict[int, dict[str, set[uuid.UUID]]] = {}
    for event in events:
        if event.workspace_id is not None:
            wanted.setdefault(event.workspace_id, {}).setdefault(event.subject_type, set()).add(
                event.subject_id
            )
    types = objects.types()
    seen: dict[tuple[int, int], set[Subject]] = {}
    for viewer in watching:
        for workspace_id, by_type in wanted.items():
            if workspace_id not in viewer.places:
                continue
            actor = Actor.for_member(viewer.places[workspace_id])
            subjects = seen.setdefault((viewer.user_id, workspace_id), set())
            for key, ids in by_type.items():
                if key in types and viewer.may_be_barred(workspace_id, key):
                    rows = types[key].model.objects.visible_to(actor).filter(public_id__in=ids)  # type: ignore[attr-defined]
                    subjects.update(
                        (key, public_id) for public_id in rows.values_list("public_id", flat=True)
                    )
    return seen
