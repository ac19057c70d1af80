"""The store's schema: numbered SQL files, each applied once and harmless if applied twice.

ClickHouse has neither transactions nor locks for definitions, so two processes may apply the same file at the
same time: every statement must be idempotent (``IF NOT EXISTS``), and the table of applied ones merges doubles.

A file is a ``string.Template``: ``$on_cluster``, ``$MergeTree`` and its kinds, ``$deduplication``, ``$database`` and
``$reader`` (who a dictionary reads as) become what one machine or a cluster (``CLICKHOUSE_CLUSTER`` names it) needs.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from string import Template

from tongpin.kernel import clock
from tongpin.kernel.store import client

_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql\Z")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
APPLIED = "schema_migrations"
SETTINGS = {"allow_nondeterministic_mutations": 1}
"""A Replicated table deletes by a subquery (0004) only where this says that it may."""


class SchemaError(Exception):
    """The store's schema and this program do not fit together; the message says how."""


@dataclass(frozen=True)
class Migration:
    """One file: its number, its name, its text as written."""

    number: int
    name: str
    text: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    def statements(self, cluster: str) -> list[str]:
        """The statements for one machine ("") or the cluster of that name."""
        return [each for part in _rendered(self.text, cluster).split(";\n") if (each := part.strip(" \n;"))]


def check_name(cluster: str) -> None:
    """Raises SchemaError for what no cluster can be called."""
    if not _IDENTIFIER.match(cluster):
        raise SchemaError(f"CLICKHOUSE_CLUSTER {cluster!r} is no name of a cluster.")


def _rendered(text: str, cluster: str) -> str:
    if cluster:
        check_name(cluster)
    replicated = "Replicated" if cluster else ""
    return Template(text).substitute(
        on_cluster=f"ON CLUSTER {cluster}" if cluster else "",
        MergeTree=f"{replicated}MergeTree",
        AggregatingMergeTree=f"{replicated}AggregatingMergeTree",
        ReplacingMergeTree=f"{replicated}ReplacingMergeTree",
        deduplication=f"{'' if cluster else 'non_'}replicated_deduplication_window = 10000",
        **_reader(),
    )


def database() -> str:
    """The name of the store's database, also while it cannot be asked."""
    try:
        return client.place().database
    except client.StoreUnavailable:
        return client.DATABASE


def _reader() -> dict[str, str]:
    """From where and as whom a dictionary reads a table of its own server: it does not go by the session it was
    made in."""
    try:
        where = client.place()
    except client.StoreUnavailable:  # only looked at, not run
        return {"database": client.DATABASE, "reader": ""}
    if where.embedded:
        return {"database": where.database, "reader": ""}
    user, password = (each.replace("\\", "\\\\").replace("'", "\\'") for each in (where.user, where.password))
    return {"database": where.database, "reader": f"USER '{user}' PASSWORD '{password}'"}


_APPLIED_TABLE = """
CREATE TABLE IF NOT EXISTS schema_migrations $on_cluster
(number UInt32, name String, checksum String, applied_at DateTime64(3, 'UTC'))
ENGINE = $ReplacingMergeTree ORDER BY number SETTINGS fsync_after_insert = 1
"""


@cache
def migrations() -> tuple[Migration, ...]:
    """Every migration of this program, in order."""
    found = []
    for file in resources.files("tongpin.kernel.store").joinpath("migrations").iterdir():
        named = _NAME.match(file.name)
        if named:
            found.append(Migration(int(named.group(1)), file.name[:-4], file.read_text("utf-8")))
    found.sort(key=lambda each: each.number)
    assert [each.number for each in found] == list(range(1, len(found) + 1)), "numbers are gapless and unique"
    return tuple(found)


def cluster() -> str:
    """The cluster tables are made on, "" for one machine."""
    return os.environ.get("CLICKHOUSE_CLUSTER", "")


def migrate() -> list[str]:
    """Bring the store to this program's schema; the names applied now. Safe to run from several processes at once.

    Raises SchemaError if an applied migration has changed or the store is newer than the program,
    StoreUnavailable if it does not answer.
    """
    on = cluster()
    where = client.place().database
    if not _IDENTIFIER.match(where):
        raise SchemaError(f"{where!r} is no name for a database: letters, digits and _ only.")
    clause = f" ON CLUSTER {on}" if on else ""
    engine = " ENGINE = Atomic" if client.place().embedded else ""
    client.command(f"CREATE DATABASE IF NOT EXISTS {where}{clause}{engine}", in_database=False)
    client.command(_rendered(_APPLIED_TABLE, on))
    done = applied()
    known = {each.number: each for each in migrations()}
    for number, (name, checksum) in done.items():
        if number not in known:
            raise SchemaError(f"The store has migration {name}, which this version does not know. Update it.")
        if known[number].checksum != checksum:
            raise SchemaError(f"Migration {name} was changed after it had been applied.")
    fresh = [each for each in migrations() if each.number not in done]
    for migration in fresh:
        for statement in migration.statements(on):
            client.command(statement, options=SETTINGS)
        client.insert(
            APPLIED,
            [(migration.number, migration.name, migration.checksum, clock.now())],
            ("number", "name", "checksum", "applied_at"),
        )
    return [each.name for each in fresh]


def applied() -> dict[int, tuple[str, str]]:
    """Number to (name, checksum) of the migrations the store has."""
    rows = client.query(f"SELECT number, name, checksum FROM {APPLIED} FINAL ORDER BY number").rows  # noqa: S608
    return {number: (name, checksum) for number, name, checksum in rows}
