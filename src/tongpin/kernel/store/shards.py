"""The definitions for a cluster, to be read and run by hand: replicated tables, Distributed ones over several shards.

The product makes replicated tables by itself (``CLICKHOUSE_CLUSTER``). It has never been run over Distributed tables:
docs/guides/many-machines.md says what would have to change first.
"""

from __future__ import annotations

import re

from tongpin.kernel.store import schema

SHARD_BY = {
    "work_events": "sipHash64(workspace)",
    "events": "sipHash64(distinct_id)",
    "ids_seen": "did",
    "person_overrides": "did",
    "persons": "person",
    "customers": "sipHash64(workspace, kind, key)",
    "segment_members": "who",
}
"""What puts a row on its shard. All rows of an id lie together; ids of one person may not, so that figures about
persons are brought together where the question is asked. A test wants every table here."""

_PASSWORD = re.compile(r"PASSWORD '(?:[^'\\]|\\.)*'")
_TABLE = re.compile(r"CREATE TABLE IF NOT EXISTS (\w+)")


def statements(cluster: str, *, shards: bool) -> list[str]:
    """The definitions for the cluster of that name, in order, each without its semicolon.

    With ``shards`` the replicated tables are in the database ``…_local``; Distributed ones of the same names over
    them, and the dictionaries, which read these, in the product's own. A password is left out. To be run in one
    session, since ``USE`` and ``SET`` hold for it. Raises SchemaError for a name that is none.
    """
    schema.check_name(cluster)
    own = schema.database()
    local = f"{own}_local" if shards else own
    defined = [each for migration in schema.migrations() for each in migration.statements(cluster)]
    defined = [_PASSWORD.sub("PASSWORD '…'", each) for each in defined]
    made = [f"SET {name} = {value}" for name, value in schema.SETTINGS.items()]
    made += [f"CREATE DATABASE IF NOT EXISTS {local} ON CLUSTER {cluster}", f"USE {local}"]
    if not shards:
        return made + defined
    dictionaries = [each for each in defined if each.startswith("CREATE DICTIONARY")]
    made += [each for each in defined if each not in dictionaries]
    made += [f"CREATE DATABASE IF NOT EXISTS {own} ON CLUSTER {cluster}", f"USE {own}"]
    made += [
        f"CREATE TABLE IF NOT EXISTS {own}.{table} ON CLUSTER {cluster} AS {local}.{table}"
        f" ENGINE = Distributed({cluster}, {local}, {table}, {SHARD_BY[table]})"
        for each in defined
        for table in _TABLE.findall(each)
    ]
    return made + dictionaries
