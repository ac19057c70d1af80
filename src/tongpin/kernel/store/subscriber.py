"""From the stream into the store: the handler the relay calls."""

from __future__ import annotations

from typing import Any

from tongpin.kernel.events import relay
from tongpin.kernel.events.models import Event
from tongpin.kernel.store import copy, schema
from tongpin.kernel.store.client import QueryTooHeavy, StoreError, StoreNotMade, StoreUnavailable

NAME = "store.copy"
_UNKNOWN_TABLE = 60
_PASSING = {243, 252}  # the disk is full, merges are behind: not the fault of any event


def take(events: list[Event]) -> None:
    """Copy a batch of the stream; events of imports are wanted too. Idempotent.

    Raises TryLater while the store is down: the batch is to come again, not to be parked.
    """
    rows = [row_of(event) for event in events]
    try:
        try:
            copy.copy_events(rows)
        except (StoreNotMade, StoreError) as error:
            # The store may have been down when the schema was brought up to date, or its folder is a new one.
            if isinstance(error, StoreError) and error.code != _UNKNOWN_TABLE:
                raise
            schema.migrate()
            copy.copy_events(rows)
    except (StoreUnavailable, QueryTooHeavy, schema.SchemaError) as error:
        raise relay.TryLater(str(error)) from error
    except StoreError as error:
        if error.code in _PASSING:
            raise relay.TryLater(str(error)) from error
        raise


def row_of(event: Event) -> dict[str, Any]:
    """The row ``copy.copy_events`` takes for ``event``; people and workspaces go by their public ids."""
    return {
        "uid": event.uid,
        "workspace": event.workspace.public_id if event.workspace else None,
        "name": event.name,
        "version": event.v,
        "subject_type": event.subject_type,
        "subject_id": event.subject_id,
        "actor_id": event.actor.public_id if event.actor else None,
        "via": event.via,
        "action": event.action,
        "at": event.at,
        "payload": event.payload,
    }
