"""Subscribers that belong to no module: the copy of the stream into the store."""

from __future__ import annotations

from tongpin.kernel.events import relay
from tongpin.kernel.events.models import Event
from tongpin.kernel.store import copy
from tongpin.kernel.store.client import StoreUnavailable
from tongpin.kernel.tenancy.models import User, Workspace


def copy_to_store(events: list[Event]) -> None:
    """Put a batch into the store. Raises TryLater while the store is down."""
    workspaces = dict(
        Workspace.objects.filter(pk__in={e.workspace_id for e in events}).values_list("pk", "public_id")
    )
    people = dict(User.objects.filter(pk__in={e.actor_id for e in events}).values_list("pk", "public_id"))
    rows = [
        {
            "uid": event.uid,
            "workspace": workspaces.get(event.workspace_id),
            "name": event.name,
            "version": event.v,
            "subject_type": event.subject_type,
            "subject_id": event.subject_id,
            "actor_id": people.get(event.actor_id),
            "via": event.via,
            "action": event.action,
            "at": event.at,
            "payload": event.payload,
        }
        for event in events
    ]
    try:
        copy.copy_events(rows)
    except StoreUnavailable as error:
        raise relay.TryLater(str(error)) from error
