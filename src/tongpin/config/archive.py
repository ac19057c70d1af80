"""Backup and restore: one archive with the database, the event store and the uploaded files.

Order matters. PostgreSQL is dumped first and the store copied after it: an event that is in both (still in the
stream's copy queue, already in the store) is told apart by its uid; the other way round it would be lost.
The format is pinned by ``FORMAT`` and a test.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from tongpin.kernel import clock
from tongpin.kernel import store as event_store
from tongpin.kernel.events import stream
from tongpin.kernel.postgres import binaries
from tongpin.kernel.store.client import StoreUnavailable
from tongpin.kernel.tenancy.models import User

FORMAT = 1
Progress = Callable[[str], None]


class ArchiveError(Exception):
    """Why it cannot be done, and what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def backup(file: Path, *, with_keys: bool = False, progress: Progress = lambda text: None) -> str:
    """Write the archive and return a one-line summary. ``file`` appears only when it is whole.

    Raises ArchiveError when the database or the store cannot be copied.
    """
    file = file.absolute()
    file.parent.mkdir(parents=True, exist_ok=True)
    with _scratch(file.parent) as folder:
        progress("Copying the database …")
        _pg(
            "pg_dump",
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            f"--file={folder / 'database.dump'}",
        )
        progress("Copying the event store …")
        (folder / "store").mkdir()
        try:
            event_store.backup(folder / "store")
        except StoreUnavailable as error:
            raise ArchiveError(
                f"The event store cannot be copied: {error}", "Start it (`tongpin serve`) and try again."
            ) from error
        manifest = {
            "format": FORMAT,
            "version": settings.VERSION,
            "made_at": clock.now().isoformat(),
            "keys": with_keys,
        }
        (folder / "manifest.json").write_text(json.dumps(manifest, indent=2))
        progress("Writing the archive …")
        draft = folder / "archive.tar"
        with tarfile.open(draft, "w") as tar:
            tar.add(folder / "manifest.json", "manifest.json")
            tar.add(folder / "database.dump", "database.dump")
            tar.add(folder / "store", "store")
            for name in ("files", *(["keys"] if with_keys else [])):
                if (settings.DATA / name).is_dir():
                    tar.add(settings.DATA / name, name)
        draft.chmod(0o600)
        with draft.open("rb") as handle:
            os.fsync(handle.fileno())
        draft.replace(file)
    return f"{file} ({file.stat().st_size / 1e6:.1f} MB)"


def restore(file: Path, *, force: bool = False, progress: Progress = lambda text: None) -> str:
    """Bring the archive's state back and return a one-line summary.

    Raises ArchiveError for a file that is not a whole archive of this format, and for a server that already holds
    accounts unless ``force``; nothing is changed then. The database is replaced in one transaction.
    """
    with _scratch(settings.DATA) as folder:
        manifest = _unpack(file, folder)
        if not force and _holds_data():
            raise ArchiveError(
                "This server already holds data.", "Restore into an empty one, or replace it with --force."
            )
        progress("Replacing the database …")
        _load_database(folder)
        progress("Replacing the event store …")
        try:
            event_store.restore(folder / "store")
        except StoreUnavailable as error:
            raise ArchiveError(
                f"The database is restored, the event store is not: {error}",
                "Start the store, then restore again with --force.",
            ) from error
        for name in ("files", *(["keys"] if manifest["keys"] else [])):
            _replace_folder(folder / name, settings.DATA / name)
        progress("Bringing the schema up to date …")
        from tongpin.config import running

        running.migrate(progress)
    return f"Restored the backup of {manifest['made_at']} (version {manifest['version']})."


def _unpack(file: Path, folder: Path) -> dict[str, Any]:
    try:
        with tarfile.open(file) as tar:
            tar.extractall(folder, filter="data")
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    except (tarfile.TarError, OSError, ValueError, KeyError) as error:
        raise ArchiveError(f"{file} is not a whole backup: {error}", "Was it copied completely?") from error
    if manifest.get("format") != FORMAT or not (folder / "database.dump").is_file():
        raise ArchiveError(
            f"{file} has format {manifest.get('format')}; this version reads {FORMAT}.",
            "Use the version that made it.",
        )
    return manifest


def _holds_data() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('tenancy_user') IS NOT NULL")
        (made,) = cursor.fetchone()
    return bool(made) and User.objects.exists()


def _load_database(folder: Path) -> None:
    """Replace the schema in one transaction: everyone else sees the old state or the new one, never half."""
    script = folder / "database.sql"
    with script.open("wb") as out:
        out.write(b"SET lock_timeout = '60s';\nDROP SCHEMA public CASCADE;\nCREATE SCHEMA public;\n")
        out.flush()
        restore_to = _run(
            "pg_restore",
            "--no-owner",
            "--no-privileges",
            "--file=-",
            str(folder / "database.dump"),
            stdout=out,
        )
        if restore_to.returncode:
            raise ArchiveError(f"The database copy cannot be read: {_last(restore_to)}")
    connection.close()
    _pg(
        "psql",
        "--no-psqlrc",
        "--quiet",
        "--single-transaction",
        "--set=ON_ERROR_STOP=1",
        f"--file={script}",
        stdout=subprocess.DEVNULL,
    )
    stream.rebase()


def _replace_folder(source: Path, target: Path) -> None:
    """Swap in the restored folder; the old one goes only after the new one stands."""
    old = target.with_name(f".{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    if source.is_dir():
        shutil.move(source, target)
    shutil.rmtree(old, ignore_errors=True)


def _pg(program: str, *arguments: str, stdout: Any = None) -> None:
    done = _run(program, *arguments, stdout=stdout)
    if done.returncode:
        raise ArchiveError(f"{program} failed: {_last(done)}", "`tongpin doctor` checks the connection.")


def _run(program: str, *arguments: str, stdout: Any = None) -> subprocess.CompletedProcess[bytes]:
    own = connection.settings_dict
    environment = {
        **os.environ,
        "PGHOST": str(own["HOST"]),
        "PGPORT": str(own["PORT"] or 5432),
        "PGUSER": str(own["USER"]),
        "PGPASSWORD": str(own["PASSWORD"]),
        "PGDATABASE": str(own["NAME"]),
        "LC_ALL": "C",
    }
    return subprocess.run(
        [str(binaries.program(program)), *arguments],
        env=environment,
        stdout=stdout,
        stderr=subprocess.PIPE,
        check=False,
    )


def _last(done: subprocess.CompletedProcess[bytes]) -> str:
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else f"exit code {done.returncode}"


@contextmanager
def _scratch(beside: Path) -> Iterator[Path]:
    """A private folder on the same disk as the result, so that the last step is a rename."""
    folder = Path(tempfile.mkdtemp(prefix=".tongpin-archive-", dir=beside))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
