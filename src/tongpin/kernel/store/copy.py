"""The copy of the product's own events, so that they can be asked the same questions as product events.

A copy that is handed over twice counts once: the same batch by its token, a different cut of the same events by
the table's key (``uid``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from tongpin.kernel.store import client

TABLE = "work_events"
COLUMNS = (
    "uid",
    "workspace",
    "name",
    "version",
    "subject_type",
    "subject_id",
    "actor_id",
    "via",
    "action",
    "at",
    "payload",
)
_NO_WORKSPACE = UUID(int=0)


def copy_events(rows: Sequence[Mapping[str, Any]]) -> None:
    """Put events into the store; when this returns they are on disk. Idempotent by ``uid``.

    A row has the keys of COLUMNS: ``uid`` and ``workspace`` are UUIDs (workspace None for facts about an account or
    the server), ``at`` is an aware datetime, kept to the millisecond, ``payload`` anything JSON can hold;
    ``subject_id`` and ``actor_id`` may be None, kept as "". Raises StoreUnavailable: hand the batch over again.
    """
    if not rows:
        return
    token = hashlib.sha256(b"".join(_uuid(row["uid"]).bytes for row in rows)).hexdigest()
    client.insert(TABLE, [_values(row) for row in rows], COLUMNS, token=f"{TABLE}:{token}")


def copied_since(at: datetime) -> list[UUID]:
    """The uids of copied events that happened at ``at`` (aware) or later."""
    sql = f"SELECT DISTINCT uid FROM {TABLE} WHERE at >= {{at:DateTime64(3, 'UTC')}}"  # noqa: S608  the name is ours
    return [uid for (uid,) in client.query(sql, {"at": at}).rows]


def erase_events(uids: Sequence[UUID]) -> None:
    """Remove copied events; when this returns they cannot be read. A few thousand at a time."""
    if uids:
        client.command(
            f"DELETE FROM {TABLE} WHERE uid IN {{uids:Array(UUID)}}",  # noqa: S608  the name is ours
            {"uids": [str(uid) for uid in uids]},
        )


def erase_workspace(workspace_uid: UUID) -> None:
    """Remove every copied event of a workspace, for its erasure; when this returns they cannot be read."""
    client.command(
        f"DELETE FROM {TABLE} WHERE workspace = {{workspace:UUID}}",  # noqa: S608  the name is ours
        {"workspace": workspace_uid},
    )


def _values(row: Mapping[str, Any]) -> tuple[Any, ...]:
    at: datetime = row["at"]
    if at.tzinfo is None:
        raise ValueError(f"event {row['uid']} has a time without a zone")
    workspace = row["workspace"]
    return (
        _uuid(row["uid"]),
        _uuid(workspace) if workspace is not None else _NO_WORKSPACE,
        row["name"],
        row["version"],
        row["subject_type"],
        "" if row["subject_id"] is None else str(row["subject_id"]),
        "" if row["actor_id"] is None else str(row["actor_id"]),
        str(row["via"]),
        row["action"],
        at,
        json.dumps(row["payload"], ensure_ascii=False, separators=(",", ":"), default=str),
    )


def _uuid(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)
