"""The definitions for a cluster, to be read and run by hand: replicated tables, Distributed ones over several shards.

The product makes replicated tables by itself (``CLICKHOUSE_CLUSTER``). It has never been run over Distributed tables:
docs/guides/many-machines.md says what would have to change first.
"""

from __future__ import annotations

import re

from tongpin.kernel.store import client, schema

SHARD_BY = {
    "work_events": "sipHash64(workspace)",
    "events": "sipHash64(distinct_id)",
    "ids_seen": "did",
    "person_overrides": "did",
    "persons": "person",
    "customers": "sipHash64(workspace, kind, key)",
}
"""What puts a row on its shard. All rows of an id lie together; ids of one person may not, so that figures about
persons are brought together where the question is asked. A test wants every table here."""

_TABLE = re.compile(r"CREATE TABLE IF NOT EXISTS (\w+)")


def statements(cluster: str, *, shards: bool) -> list[str]:
    """The definitions for the cluster of that name, in order, each without its semicolon.

    With ``shards`` the replicated tables are in the database ``…_local`` and Distributed ones of the same names over
    them in the product's own. Raises SchemaError for a name that is none.
    """
    schema.check_name(cluster)
    database = client.DATABASE
    local = f"{database}_local" if shards else database
    made = [
        f"CREATE DATABASE IF NOT EXISTS {local} ON CLUSTER {cluster}",
        f"USE {local}",
        *(each for migration in schema.migrations() for each in migration.statements(cluster)),
    ]
    if not shards:
        return made
    made.append(f"CREATE DATABASE IF NOT EXISTS {database} ON CLUSTER {cluster}")
    for table in [name for each in made for name in _TABLE.findall(each)]:
        made.append(
            f"CREATE TABLE IF NOT EXISTS {database}.{table} ON CLUSTER {cluster} AS {local}.{table}"
            f" ENGINE = Distributed({cluster}, {local}, {table}, {SHARD_BY[table]})"
        )
    return made
