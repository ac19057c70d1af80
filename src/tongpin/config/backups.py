"""Backups into a folder of their own, the old ones thinned out; and a trial that they can be restored.

Any number of workers may be told to: one does it, and the others find it done.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from tongpin.config import archive
from tongpin.config.dump import ArchiveError
from tongpin.kernel import clock
from tongpin.kernel.upkeep import records
from tongpin.kernel.upkeep.models import Kind, Run

LOCK = 0x74706275
#: A worker that was told twice (its twin died, or the clock was set back) finds the work done.
ENOUGH = timedelta(hours=1)
_NAME = re.compile(r"tongpin-(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)\.tar")


def run(*, progress: Callable[[str], None] = lambda text: None) -> Run:
    """Back up into the folder of backups and thin it out. Raises ArchiveError, written down and mailed to the owner."""
    with _alone(), records.recorded(Kind.BACKUP) as row:
        folder: Path = settings.BACKUP_DIR
        _check_room(folder)
        file = folder / f"tongpin-{clock.now().astimezone():%Y%m%d-%H%M%S}.tar"
        row.file = str(file)
        row.words = archive.backup(file, progress=progress)
        row.size = file.stat().st_size
        for old in superfluous(kept(folder), settings.BACKUP_KEEP):
            old.unlink(missing_ok=True)
    return row


def run_if_due() -> Run | None:
    """``run``, unless one went well within the hour."""
    done = records.last(Kind.BACKUP, good=True)
    if done is not None and done.began_at > clock.now() - ENOUGH:
        return None
    return run()


def drill(file: Path | None = None, *, progress: Callable[[str], None] = lambda text: None) -> Run:
    """Restore an archive, the newest unless given, into a database that is thrown away. Raises ArchiveError,
    written down and mailed to the owner.
    """
    with _alone(), records.recorded(Kind.DRILL) as row:
        found = file or next(iter(kept(settings.BACKUP_DIR)), None)
        if found is None:
            raise ArchiveError(
                _("There is no backup in %(folder)s.") % {"folder": settings.BACKUP_DIR},
                _("Make one with `tongpin backup`, or set TONGPIN_BACKUP_AT."),
            )
        row.file, row.size = str(found), found.stat().st_size if found.exists() else None
        row.facts = archive.rehearse(found, progress=progress)
        row.words = _("%(file)s can be restored: %(rows)d rows, %(files)d files.") % {
            "file": found.name,
            "rows": sum(row.facts["rows"].values()),
            "files": row.facts["files"],
        }
    return row


def kept(folder: Path) -> list[Path]:
    """The scheduled backups in it, newest first; other files are none of ours."""
    if not folder.is_dir():
        return []
    return sorted((file for file in folder.iterdir() if _NAME.fullmatch(file.name)), key=_made, reverse=True)


def superfluous(files: Iterable[Path], keep: tuple[int, int, int]) -> list[Path]:
    """Those to remove, so that the newest of each of the last ``days``, ``weeks`` and ``months`` with one stays."""
    ordered = sorted(files, key=_made, reverse=True)
    staying: set[Path] = set()
    for count, period in zip(keep, ("%Y-%m-%d", "%G-%V", "%Y-%m"), strict=True):
        newest: dict[str, Path] = {}
        for file in ordered:
            newest.setdefault(_made(file).strftime(period), file)
        staying.update(list(newest.values())[:count])
    return [file for file in ordered if file not in staying]


def _made(file: Path) -> datetime:
    found = _NAME.fullmatch(file.name)
    assert found is not None
    try:
        return datetime(*map(int, found.groups()))  # type: ignore[arg-type]  # noqa: DTZ001  as its name says
    except ValueError:
        return datetime.min  # noqa: DTZ901  not a time: some other program's


def _check_room(folder: Path) -> None:
    """Refuse at once what the disk will not hold, going by the backup before."""
    before = next(iter(kept(folder)), None)
    if before is None:
        return
    # The archive is written whole beside its parts before it takes its name.
    needed = 2 * before.stat().st_size
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise ArchiveError(
            _("%(folder)s has %(free)d MB left; a backup needs about %(needed)d MB.")
            % {"folder": folder, "free": free // 10**6, "needed": needed // 10**6},
            _("Make room, or keep fewer with TONGPIN_BACKUP_KEEP."),
        )


@contextmanager
def _alone() -> Iterator[None]:
    """One backup or drill at a time, on whichever host. A session's lock: it goes with its process."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            raise ArchiveError(
                _("Another backup or restore drill is running."), _("Wait until it has ended.")
            )
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
