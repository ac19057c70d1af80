"""The database into a file and back, by PostgreSQL's own programs, while others use it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection
from django.utils.translation import gettext as _
from psycopg.conninfo import make_conninfo

from tongpin.kernel.events import stream
from tongpin.kernel.postgres import binaries
from tongpin.kernel.store import subscriber

ATTEMPTS = 3
_CUT_OFF = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid();\n"
)
# Whoever else is connected is cut off before (so that the locks come at once) and after (so that nobody works on with
# what it remembers of the old tables). Every process of ours connects again by itself.
_BEFORE = f"{_CUT_OFF}BEGIN;\nSET lock_timeout = '60s';\nDROP SCHEMA public CASCADE;\nCREATE SCHEMA public;\n"
_AFTER = (
    f"\nSET search_path = public;\n{stream.REBASE}\n"
    f"SELECT 'copied to', xid, last_id FROM events_subscribercursor WHERE subscriber = '{subscriber.NAME}';\n"
    f"COMMIT;\n{_CUT_OFF}"
)
_PSQL = ("--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1")
_PASSING = ("deadlock detected", "lock timeout", "terminating connection")


class ArchiveError(Exception):
    """Why it cannot be done, and what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def save(file: Path) -> None:
    """Write a consistent snapshot of the database to ``file``. Raises ArchiveError.

    Of a model with ``in_backups = False`` there is the table and no row: what is to be forgotten lives on nowhere.
    """
    left_out = [each._meta.db_table for each in apps.get_models() if not getattr(each, "in_backups", True)]
    _checked(
        _run(
            "pg_dump",
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            *(f"--exclude-table-data={table}" for table in left_out),
            f"--file={file}",
        )
    )


def load(file: Path, scratch: Path) -> tuple[int, int] | None:
    """Replace the database by ``file`` in one transaction: everyone else sees the old state or the new one.

    The stream's positions are moved below zero in it. Returns how far (xid, id) it had been copied to the store,
    None if never. ``scratch`` is a private folder for the script. Raises ArchiveError; nothing is changed then.
    """
    script = as_script(file, scratch, before=_BEFORE, after=_AFTER)
    connection.close()
    for attempt in range(ATTEMPTS):
        done = _run("psql", *_PSQL, f"--file={script}")
        last = attempt == ATTEMPTS - 1
        if not done.returncode or last or not any(why in done.stderr.decode() for why in _PASSING):
            break
    found = re.search(r"^copied to\|(-?\d+)\|(-?\d+)$", _checked(done).stdout.decode(), re.MULTILINE)
    return (int(found[1]), int(found[2])) if found else None


def play(script: Path, database: str) -> None:
    """Run a script of ``as_script`` in another database of the same server, as one transaction. Raises ArchiveError."""
    _checked(_run("psql", *_PSQL, "--single-transaction", f"--file={script}", database=database))


def as_script(file: Path, scratch: Path, *, before: str = "", after: str = "") -> Path:
    """``file`` as SQL in the folder ``scratch``, between two pieces of SQL of ours. Raises ArchiveError."""
    script = scratch / "database.sql"
    contents = scratch / "contents.list"
    listed = _checked(_run("pg_restore", "--list", str(file))).stdout.decode()
    # The schema itself is in the dump of a database that was restored before; we make it here.
    contents.write_text("\n".join(line for line in listed.splitlines() if " SCHEMA - public " not in line))
    with script.open("wb") as out:
        out.write(before.encode())
        out.flush()
        _checked(
            _run(
                "pg_restore",
                "--no-owner",
                "--no-privileges",
                f"--use-list={contents}",
                "--file=-",
                str(file),
                stdout=out,
            )
        )
        out.seek(0, os.SEEK_END)
        out.write(after.encode())
    return script


def _run(
    program: str, *arguments: str, stdout: Any = subprocess.PIPE, database: str = ""
) -> subprocess.CompletedProcess[bytes]:
    own = connection.get_connection_params()
    settings = connection.settings_dict
    options = {key: value for key, value in settings["OPTIONS"].items() if key.startswith(("ssl", "options"))}
    environment = {
        **os.environ,
        "PGHOST": str(settings["HOST"]),
        "PGPORT": str(settings["PORT"] or 5432),
        "PGUSER": str(settings["USER"] or own.get("user", "")),
        "PGPASSWORD": str(settings["PASSWORD"]),
        "PGDATABASE": database or str(settings["NAME"]),
        "LC_ALL": "C",
    }
    if program != "pg_restore":  # it works on files alone
        arguments = (f"--dbname={make_conninfo('', **options)}", *arguments)
    return subprocess.run(
        [str(_path(program)), *arguments], env=environment, stdout=stdout, stderr=subprocess.PIPE, check=False
    )


def _path(program: str) -> Path:
    """Ours, or the system's where the server is newer than ours: an older pg_dump refuses it."""
    version = getattr(connection, "pg_version", 0) // 10000  # opens a connection
    if version <= binaries.major(binaries.folder()):
        return binaries.program(program)
    found = shutil.which(program)
    if found is None:
        raise ArchiveError(
            _("PostgreSQL %(version)d is newer than the programs that come with Tongpin.")
            % {"version": version},
            _("Install its client programs (%(program)s) and try again.") % {"program": program},
        )
    return Path(found)


def _checked(done: subprocess.CompletedProcess[bytes]) -> subprocess.CompletedProcess[bytes]:
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        reason = next(
            (line for line in lines if "ERROR" in line or "error:" in line), lines[-1] if lines else ""
        )
        raise ArchiveError(
            _("%(program)s failed: %(reason)s")
            % {"program": Path(str(done.args[0])).name, "reason": reason or f"exit code {done.returncode}"},
            _("`tongpin doctor` checks the connection."),
        )
    return done
