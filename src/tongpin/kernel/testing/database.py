"""A migrated template database, cloned once per test worker (a copy takes 0.1 s, migrations take many)."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg import sql

TEMPLATE = "tongpin_template"


@contextmanager
def template_clone(worker: str) -> Iterator[None]:
    """Point Django's connection at a fresh clone for this worker."""
    name = f"tongpin_test_{worker}"
    with (Path(os.environ["TONGPIN_DATA"]) / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with _server() as server:
            if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE]).fetchone():
                _make_template(server)
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
            server.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(name), sql.Identifier(TEMPLATE)
                )
            )
    _use(name)
    yield
    connection.close()


def _make_template(server: psycopg.Connection[Any]) -> None:
    draft = f"{TEMPLATE}_draft"
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(draft)))
    server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(draft)))
    _use(draft)
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    with connection.cursor() as cursor:  # tests that commit are cleaned up after by emptying every table
        cursor.execute("ALTER TABLE events_event DISABLE TRIGGER events_event_no_truncate")
    connection.close()
    server.execute(
        sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(draft), sql.Identifier(TEMPLATE))
    )


def _use(name: str) -> None:
    connection.close()
    settings.DATABASES["default"]["NAME"] = name
    connection.settings_dict["NAME"] = name


def _server() -> psycopg.Connection[Any]:
    own = settings.DATABASES["default"]
    return psycopg.connect(
        dbname="postgres",
        user=own["USER"],
        password=own["PASSWORD"],
        host=own["HOST"],
        port=own["PORT"],
        autocommit=True,
    )
