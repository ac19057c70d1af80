"""The list of users after events were taken away: the store adds to ``ids_seen`` by itself and takes nothing out."""

from __future__ import annotations

from uuid import UUID

from tongpin.kernel.store import client
from tongpin.modules.analytics.erasing import batches
from tongpin.modules.analytics.queries.person import person_sql
from tongpin.modules.analytics.wire.record import GROUP

_LONG = {"max_execution_time": 600}
_HERE = "workspace = {workspace:UUID}"
_DONE = "event != {group:String}"
# Of whom something is known, they stay although nothing they did is left: somebody must be able to erase them.
_KNOWN = f"SELECT person FROM persons FINAL WHERE {_HERE} AND NOT deleted AND properties NOT IN ('', '{{}}')"  # noqa: S608  ours
_DIFFER = f"""
    SELECT did FROM (
        SELECT did, min(first_at) AS first, max(last_at) AS last, 0 AS left
        FROM ids_seen WHERE {_HERE} GROUP BY did
        UNION ALL
        SELECT did, min(timestamp) AS first, max(timestamp) AS last, 1 AS left
        FROM events WHERE {_HERE} AND {_DONE} GROUP BY did
    )
    GROUP BY did
    HAVING (count() = 1 OR min(first) != max(first) OR min(last) != max(last))
       AND (max(left) = 1 OR {person_sql()} NOT IN ({_KNOWN}))
"""  # noqa: S608  names of ours
# As the view on ``events`` does it. Said once more it must not be taken for a repetition.
_AGAIN = f"""
    INSERT INTO ids_seen (workspace, did, distinct_id, first_at, last_at)
    SETTINGS insert_deduplicate = 0
    SELECT workspace, did, any(distinct_id), min(timestamp), max(timestamp)
    FROM events WHERE {_HERE} AND {_DONE} AND did IN {{dids:Array(UInt64)}} GROUP BY workspace, did
"""  # noqa: S608  names of ours


def renew(workspace: UUID) -> int:
    """Have the list say what the events of a workspace say; how many ids it said something else of.

    Right whatever comes in meanwhile, and harmless when done twice or cut off. Raises StoreUnavailable, QueryTooHeavy.
    """
    asked = {"workspace": workspace, "group": GROUP}
    wrong = [did for (did,) in client.query(_DIFFER, asked, options=_LONG).rows]
    for dids in batches(wrong):
        client.command(
            f"DELETE FROM ids_seen WHERE {_HERE} AND did IN {{dids:Array(UInt64)}}",  # noqa: S608  ours
            {**asked, "dids": dids},
        )
        client.command(_AGAIN, {**asked, "dids": dids})
    return len(wrong)
