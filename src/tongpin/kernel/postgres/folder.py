"""What has to be true of the data folder before PostgreSQL is started on it."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from .errors import PostgresError
from .owner import Owner

# initdb writes about 40 MB and wants as much again for its first checkpoints; a running server needs room
# for a few segments of its write-ahead log (16 MB each), below which it would stop in the middle of a
# commit.
FREE_TO_CREATE = 256 * 1024 * 1024
FREE_TO_START = 64 * 1024 * 1024

# PostgreSQL cuts paths off at 1,024 bytes, its own file names included.
LONGEST_PATH = 900


def check_path(home: Path) -> None:
    """PostgresError ``path_too_long`` for a path PostgreSQL would cut off."""
    length = len(os.fsencode(home))
    if length > LONGEST_PATH:
        raise PostgresError(
            "path_too_long",
            f"The path of the data folder has {length} bytes, PostgreSQL can use {LONGEST_PATH}.",
            "Set TONGPIN_DATA to a shorter path.",
        )


def check_space(path: Path, needed: int) -> None:
    """PostgresError ``disk_full`` when fewer than ``needed`` bytes, or no more files, are left below
    ``path``.
    """
    disk = os.statvfs(path)
    free = disk.f_bavail * disk.f_frsize
    if free < needed:
        raise PostgresError(
            "disk_full",
            f"Only {free // 1024**2} MB are free on the disk of {path}; "
            f"PostgreSQL needs {needed // 1024**2} MB.",
            "Free some space or set TONGPIN_DATA to a folder on another disk.",
        )
    if disk.f_files and disk.f_favail < 100:
        raise PostgresError(
            "disk_full",
            f"The disk of {path} has room for only {disk.f_favail} more files.",
            "Remove files nobody needs or set TONGPIN_DATA to a folder on another disk.",
        )


def check_version(data: Path, major: int) -> None:
    """PostgresError ``version`` when ``data`` was written by another major version than ``major``."""
    try:
        written_by = (data / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        raise PostgresError(
            "damaged",
            f"{data} holds files, but not those of a PostgreSQL database (PG_VERSION is missing).",
            "Restore the last backup into an empty folder, or set TONGPIN_DATA to another one.",
        ) from None
    if written_by != str(major):
        raise PostgresError(
            "version",
            f"The data in {data} was written by PostgreSQL {written_by}; "
            f"this Tongpin runs PostgreSQL {major}.",
            "Start the Tongpin version that wrote it, make a backup there (tongpin backup FILE), move the "
            "folder away and restore the backup here (tongpin restore FILE).",
        )


def check_rights(data: Path, owner: Owner) -> None:
    """PostgresError ``permissions`` when ``data`` is another user's or open to others, as PostgreSQL
    demands.
    """
    info = data.stat()
    if info.st_uid != owner.uid:
        raise PostgresError(
            "permissions",
            f"{data} belongs to user number {info.st_uid}, "
            f"but PostgreSQL runs as {owner.name} ({owner.uid}).",
            f"Run Tongpin as the user it belongs to, or hand it over: chown -R {owner.name} '{data}'",
        )
    mode = stat.S_IMODE(info.st_mode)
    if mode & 0o700 != 0o700 or mode & 0o027:
        raise PostgresError(
            "permissions",
            f"{data} has the rights {mode:03o}; PostgreSQL wants its owner, and nobody else, to use it.",
            f"chmod 700 '{data}'",
        )


def adopt(data: Path, owner: Owner) -> None:
    """Hand a data folder that belongs to root (copied or restored by root) over to the user PostgreSQL runs
    as.
    """
    if not owner.drop or data.stat().st_uid != 0:
        return
    for parent, folders, files in os.walk(data):  # does not follow links
        for name in (*folders, *files):
            owner.give(Path(parent, name))
    owner.give(data)  # last: an interrupted walk is taken up again


def no_access(path: Path, error: OSError) -> PostgresError:
    """The error for a folder of ours we can't use at all."""
    if isinstance(error, PermissionError):
        return PostgresError(
            "permissions",
            f"No right to use {error.filename or path} (as user number {os.geteuid()}).",
            "Run Tongpin as the user the data folder belongs to, "
            "or set TONGPIN_DATA to a folder of your own.",
        )
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return PostgresError(
            "disk_full", f"The disk of {path} is full.", "Free some space, then start again."
        )
    if error.errno == errno.EROFS:
        return PostgresError("read_only", f"{path} is on a disk mounted read-only.", "Mount it writable.")
    return PostgresError("folder", f"{path} can't be used: {error.strerror or error}.", "Check TONGPIN_DATA.")
