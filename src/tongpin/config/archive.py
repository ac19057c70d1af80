"""Backup and restore: one archive with the database, the event store and the uploaded files.

Order matters. PostgreSQL is dumped first and the store copied after it: an event that is in both (still in the
stream's copy queue, already in the store) is told apart by its uid; the other way round it would be lost. Files
come last: they never change, and those that rows name are kept from the sweep meanwhile.

A restore checks everything before it changes anything. Files are added first (under their hash, so nothing that
is there can be harmed), then the database is replaced in one transaction, then the store.

The manifest is the archive's last member: a file that was cut off has none. Its form is pinned by ``FORMAT``.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext as _

from tongpin.config import dump, rehearsal
from tongpin.config.dump import ArchiveError
from tongpin.config.health import known_migrations
from tongpin.kernel import clock
from tongpin.kernel.events.models import Event, SubscriberCursor
from tongpin.kernel.files import blobs
from tongpin.kernel.files.public import STORE_LOCK
from tongpin.kernel.store import archive as store_archive
from tongpin.kernel.store import copy, subscriber
from tongpin.kernel.store.client import StoreError, StoreUnavailable, ping
from tongpin.kernel.store.schema import SchemaError
from tongpin.kernel.tenancy.models import User

FORMAT = 1
MANIFEST = "manifest.json"
SCRATCH = ".tongpin-archive-"
LONGEST_WRITE = timedelta(
    days=1
)  # an event has the time of its action, which may have begun before the backup
CHUNK = 2000
Progress = Callable[[str], None]


def backup(file: Path, *, with_keys: bool = False, progress: Progress = lambda text: None) -> str:
    """Write the archive, readable by its owner only, and return a one-line summary.

    ``file`` appears, or is replaced, only when the archive is whole. Raises ArchiveError.
    """
    file = file.absolute()
    with _plain_disk_errors(), _scratch(file.parent) as folder:
        draft = folder / "archive.tar"
        with _sweep_held():
            made_at = clock.now()
            progress(_("Copying the database …"))
            dump.save(folder / "database.dump")
            applied = sorted(MigrationRecorder(connection).applied_migrations())
            progress(_("Copying the event store …"))
            (folder / "store").mkdir()
            try:
                store_archive.backup(folder / "store")
            except (StoreUnavailable, StoreError) as error:
                raise ArchiveError(
                    _("The event store cannot be copied: %(reason)s") % {"reason": error},
                    _("Start it (`tongpin serve`) and try again."),
                ) from error
            progress(_("Writing the archive …"))
            with tarfile.open(draft, "w") as tar:
                tar.add(folder / "database.dump", "database.dump")
                tar.add(folder / "store", "store")
                files = _add_files(tar)
                if with_keys:
                    tar.add(settings.DATA / "keys", "keys")
                manifest = {
                    "format": FORMAT,
                    "version": settings.VERSION,
                    "made_at": made_at.isoformat(),
                    "keys": with_keys,
                    "files": files,
                    "database_sha256": _digest(folder / "database.dump"),
                    "migrations": [f"{app}.{name}" for app, name in applied],
                }
                (folder / MANIFEST).write_text(json.dumps(manifest, indent=1))
                tar.add(folder / MANIFEST, MANIFEST)
        draft.chmod(0o600)
        with draft.open("rb") as handle:
            os.fsync(handle.fileno())
        draft.replace(file)
        size = file.stat().st_size
    return f"{file} ({size / 1e6:.1f} MB)"


def restore(file: Path, *, force: bool = False, progress: Progress = lambda text: None) -> str:
    """Bring the archive's state back and return a one-line summary.

    Raises ArchiveError for a file that is not a whole archive this version can read, and for a server that already
    holds accounts unless ``force``; nothing is changed then.
    """
    if not force and _holds_data():
        raise ArchiveError(
            _("This server already holds data."), _("Restore into an empty one, or replace it with --force.")
        )
    with _plain_disk_errors(), _scratch(settings.DATA) as folder:
        progress(_("Checking the archive …"))
        manifest = _unpack(file, folder)
        _check(file, folder, manifest)
        progress(_("Adding the files …"))
        _add_blobs(folder / "files")
        progress(_("Replacing the database …"))
        copied = dump.load(folder / "database.dump", folder)
        _add_blobs(folder / "files")  # those the sweep took meanwhile: no row named them yet
        progress(_("Replacing the event store …"))
        _replace_store(folder / "store", copied, datetime.fromisoformat(manifest["made_at"]))
        progress(_("Bringing the schema up to date …"))
        from tongpin.config import running

        running.migrate(progress)
        text = _("Restored the backup of %(time)s (version %(version)s).") % {
            "time": manifest["made_at"],
            "version": manifest["version"],
        }
        if manifest["keys"]:
            _replace_keys(folder / "keys")
            text += " " + _("The keys are the backup's now: start `tongpin serve` again.")
    return text


def rehearse(file: Path, *, progress: Progress = lambda text: None) -> dict[str, Any]:
    """Restore the archive on trial, touching nothing that is here; what was found in it.

    The database goes into one of its own that is dropped again; the store's copy and the files are checked by their
    sums. Raises ArchiveError for whatever would keep a restore from being whole.
    """
    if not file.is_file():
        raise ArchiveError(_("There is no file %(file)s.") % {"file": file})
    with _plain_disk_errors(), _scratch(settings.DATA) as folder:
        progress(_("Checking the archive …"))
        manifest = _unpack(file, folder)
        _check(file, folder, manifest)
        progress(_("Restoring the database on trial …"))
        found = rehearsal.load(folder / "database.dump", folder)
        there = {path.name for path in (folder / "files").rglob("*") if path.is_file()}
        if found.migrations != set(manifest["migrations"]):
            problem = _("its schema is not the one it was made with")
        elif found.files - there:
            problem = _("%(count)d uploaded files are missing") % {"count": len(found.files - there)}
        elif not found.rows["tenancy_user"] and User.objects.exists():
            problem = _("it holds no accounts")
        else:
            return {"rows": found.rows, "files": len(there), "made_at": manifest["made_at"]}
        raise ArchiveError(
            _("%(file)s could not be restored whole: %(problem)s.") % {"file": file, "problem": problem},
            _("Make a new backup now, and find out what happened to this one."),
        )


def _add_files(tar: tarfile.TarFile) -> int:
    count = 0
    for name in blobs.names():
        path = blobs.path(name)
        tar.add(path, path.relative_to(settings.DATA).as_posix())
        count += 1
    return count


def _unpack(file: Path, folder: Path) -> dict[str, Any]:
    """Unpack into the scratch folder; the manifest. Raises ArchiveError for what is no whole archive."""
    try:
        with tarfile.open(file, "r:") as tar:
            tar.extractall(folder, filter="data")
        manifest = json.loads((folder / MANIFEST).read_text())
        if not isinstance(manifest, dict) or not _complete(manifest):
            raise ValueError(MANIFEST)
    except (tarfile.TarError, FileNotFoundError, ValueError, EOFError) as error:
        raise ArchiveError(
            _("%(file)s is not a whole backup.") % {"file": file}, _("Was it copied completely?")
        ) from error
    return manifest


def _complete(manifest: dict[str, Any]) -> bool:
    """Whether everything is said that a restore reads; an archive of another format may say other things."""
    kinds = {
        "version": str,
        "made_at": str,
        "keys": bool,
        "files": int,
        "database_sha256": str,
        "migrations": list,
    }
    return manifest.get("format") != FORMAT or all(
        isinstance(manifest.get(name), kind) for name, kind in kinds.items()
    )


def _check(file: Path, folder: Path, manifest: dict[str, Any]) -> None:
    """Refuse what could not be brought back to its end."""
    if manifest.get("format") != FORMAT:
        raise ArchiveError(
            _("%(file)s has format %(found)s; this version reads %(known)s.")
            % {"file": file, "found": manifest.get("format"), "known": FORMAT},
            _("Use the version that made it."),
        )
    known = {f"{app}.{name}" for app, name in known_migrations()}
    ours = {name.partition(".")[0] for name in known}
    if any(name.partition(".")[0] in ours and name not in known for name in manifest["migrations"]):
        raise ArchiveError(
            _("%(file)s was made by a newer version (%(version)s).")
            % {"file": file, "version": manifest["version"]},
            _("Update this server, then restore."),
        )
    damaged = _("%(file)s is damaged: %(part)s is not what was saved.")
    found = [path for path in (folder / "files").rglob("*") if path.is_file()]
    spoilt = next((path.name for path in found if _digest(path) != path.name), None)
    if not (folder / "database.dump").is_file() or (
        _digest(folder / "database.dump") != manifest["database_sha256"]
    ):
        spoilt = "database.dump"
    elif len(found) != manifest["files"]:
        spoilt = "files"
    elif manifest["keys"] and not (folder / "keys").is_dir():
        spoilt = "keys"
    if spoilt:
        raise ArchiveError(damaged % {"file": file, "part": spoilt}, _("Use another backup."))
    try:
        store_archive.check(folder / "store")
        ping()
    except store_archive.ArchiveError as error:
        raise ArchiveError(str(error), _("Use another backup.")) from error
    except StoreUnavailable as error:
        raise ArchiveError(
            _("The event store cannot be reached: %(reason)s") % {"reason": error},
            _("Start it (`tongpin serve`) and try again."),
        ) from error


def _holds_data() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('tenancy_user') IS NOT NULL")
        (made,) = cursor.fetchone()
    return bool(made) and User.objects.exists()


def _add_blobs(folder: Path) -> None:
    """Put the archive's files where they belong; what is there under the same hash is the same."""
    for source in folder.rglob("*"):
        if source.is_file() and not blobs.path(source.name).exists():
            with source.open("rb") as content:
                blobs.write(content, sys.maxsize)


def _replace_store(source: Path, copied: tuple[int, int] | None, made_at: datetime) -> None:
    """Replace the store's tables, then hand over again what the relay copied into the old ones meanwhile.

    ``copied`` is how far the restored database said the stream had been copied; a copy that is in the tables
    already is told apart by its uid. What happened between the two halves of the backup is in the store alone:
    in the restored state it has not happened.
    """
    try:
        store_archive.restore(source)
        later = copy.copied_since(made_at - LONGEST_WRITE)
        for begin in range(0, len(later), CHUNK):
            uids = later[begin : begin + CHUNK]
            known = set(Event.objects.filter(uid__in=uids).values_list("uid", flat=True))
            copy.erase_events([uid for uid in uids if uid not in known])
    except (StoreUnavailable, StoreError, SchemaError, store_archive.ArchiveError) as error:
        raise ArchiveError(
            _("The database is restored, the event store is not: %(reason)s") % {"reason": error},
            _("Start the store, then restore again with --force."),
        ) from error
    cursor = SubscriberCursor.objects.filter(subscriber=subscriber.NAME)
    if copied is None:
        cursor.delete()
    else:
        cursor.update(xid=copied[0], last_id=copied[1])


def _replace_keys(source: Path) -> None:
    target = settings.DATA / "keys"
    old = target.with_name(".keys.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    shutil.move(source, target)
    target.chmod(0o700)
    shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _sweep_held() -> Iterator[None]:
    """No file leaves the disk meanwhile. A session's lock, for a transaction kept open would hold up the stream."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock_shared(%s)", [STORE_LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock_shared(%s)", [STORE_LOCK])


def _digest(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


@contextmanager
def _plain_disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        raise ArchiveError(
            f"{error.strerror}{where}", _("Is there room, and may this user write there?")
        ) from error


@contextmanager
def _scratch(beside: Path) -> Iterator[Path]:
    """A private folder on the same disk as the result, so that the last step is a rename.

    What a killed run left behind is removed first: a running one holds the lock in its folder.
    """
    beside.mkdir(parents=True, exist_ok=True)
    for left in beside.glob(f"{SCRATCH}*"):
        with suppress(OSError), (left / "lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=SCRATCH, dir=beside))
    try:
        with (folder / "lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
