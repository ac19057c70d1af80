"""A dump of the database, restored into a database beside the real one that is then thrown away."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.db import DatabaseError, connection
from django.utils.translation import gettext as _
from psycopg import sql

from tongpin.config import dump
from tongpin.config.dump import ArchiveError

PREFIX = "tongpin_drill_"
#: What is counted: enough to see that a backup is of this server and not of an empty one.
COUNTED = ("tenancy_user", "tenancy_workspace", "tenancy_membership", "events_event", "files_storedfile")


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What was found: rows by table, migrations as app.name, and the hashes of the files that rows name."""

    rows: dict[str, int]
    migrations: set[str]
    files: set[str]


def load(file: Path, scratch: Path) -> Rehearsed:
    """Restore ``file`` and look. Every constraint is checked by PostgreSQL meanwhile. Raises ArchiveError."""
    script = dump.as_script(file, scratch)
    with _thrown_away() as name:
        dump.play(script, name)
        own = {k: v for k, v in connection.get_connection_params().items() if k != "cursor_factory"}
        own.pop("context", None)
        with psycopg.connect(**{**own, "dbname": name}) as there:
            return Rehearsed(
                rows={
                    table: _one(there, sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
                    for table in COUNTED
                },
                migrations={
                    f"{app}.{step}" for app, step in there.execute("SELECT app, name FROM django_migrations")
                },
                files={digest for (digest,) in there.execute("SELECT sha256 FROM files_storedfile")},
            )


def _one(there: psycopg.Connection[Any], query: sql.Composed) -> int:
    row = there.execute(query).fetchone()
    return int(row[0]) if row else 0


@contextmanager
def _thrown_away() -> Iterator[str]:
    """A new, empty database. Those a killed drill left are dropped first: the caller sees to it that it is alone."""
    name = f"{PREFIX}{secrets.token_hex(4)}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
        for (left,) in cursor.fetchall():
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(left)))
        try:
            cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        except DatabaseError as error:
            raise ArchiveError(
                _("No database can be made for the drill: %(reason)s")
                % {"reason": str(error).splitlines()[0]},
                _("Give the server's database user the right CREATEDB."),
            ) from error
    try:
        yield name
    finally:
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
