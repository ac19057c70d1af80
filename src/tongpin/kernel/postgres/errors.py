"""The one error this package raises, and how PostgreSQL's own words are turned into it."""

from __future__ import annotations

import re


class PostgresError(Exception):
    """The embedded PostgreSQL can't do what was asked.

    ``code`` is stable and meant for programs, ``message`` says what is wrong, ``hint`` says what to do.
    """

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(f"{message} {hint}".strip())
        self.code = code
        self.message = message
        self.hint = hint


# Read from top to bottom: the first pattern found anywhere in the log decides, so causes come before effects.
# The server runs with lc_messages=C, which makes these words stable within a major version.
_CAUSES: tuple[tuple[str, str, str, str], ...] = (
    (
        r"No space left on device|Disk quota exceeded",
        "disk_full",
        "PostgreSQL stopped because the disk that holds its data is full.",
        "Free some space; it starts again by itself and no committed data is lost.",
    ),
    (
        r"database files are incompatible with server|initialized by PostgreSQL version",
        "version",
        "The data folder was written by another version of PostgreSQL.",
        "Start it with the Tongpin version that wrote it, make a backup there and restore the backup here.",
    ),
    (
        r"pre-existing shared memory block .* is still in use|lock file \"postmaster\.pid\" already exists",
        "in_use",
        "Another PostgreSQL server is still using this data folder.",
        "Stop that server, then start again.",
    ),
    (
        r"lock file \"[^\"]*\.lock\" already exists|could not bind Unix address"
        r"|could not create any Unix-domain",
        "socket_taken",
        "The socket of the database is taken by another process.",
        "Stop the other process or remove the socket folder named in the log, then start again.",
    ),
    (
        r"has invalid permissions|has wrong ownership|Permission denied|Operation not permitted",
        "permissions",
        "PostgreSQL may not read or write its data folder.",
        "The folder must belong to the user who runs Tongpin and be closed to others (chmod 700).",
    ),
    (
        r"Read-only file system",
        "read_only",
        "The disk that holds the data folder is mounted read-only.",
        "Check the disk (dmesg), mount it writable again, then start again.",
    ),
    (
        r"could not map anonymous shared memory|could not create shared memory segment"
        r"|Cannot allocate memory",
        "memory",
        "There is not enough memory for PostgreSQL.",
        "Stop other programs, or lower shared_buffers in local.conf beside the data.",
    ),
    (
        r"could not locate a valid checkpoint record|invalid checkpoint record"
        r"|could not read from control file|incorrect checksum in control file"
        r"|invalid primary checkpoint|is not a database cluster directory",
        "damaged",
        "The files of the database are damaged.",
        "Keep a copy of the data folder, then restore the last backup into an empty one.",
    ),
    (
        r"unrecognized configuration parameter|invalid value for parameter|contains errors"
        r"|syntax error in file",
        "configuration",
        "A setting of PostgreSQL isn't valid.",
        "Correct local.conf, postgresql.conf or postgresql.auto.conf in the data folder of PostgreSQL.",
    ),
)

# Lines that say why; the rest of a log (LOG, HINT, progress) would only hide the reason.
_TELLING = re.compile(r"(FATAL|PANIC|ERROR|launcher|initdb: error|could not)")


def from_log(log: str, *, what: str = "PostgreSQL did not start.") -> PostgresError:
    """Name the cause found in ``log`` (PostgreSQL's own output); code ``failed`` when none is known."""
    lines = log.splitlines()
    for pattern, code, message, hint in _CAUSES:
        for line in lines:
            if re.search(pattern, line):
                return PostgresError(code, f"{message} ({line.strip()[:400]})", hint)
    said = _telling_line(lines)
    return PostgresError("failed", f"{what} {said}".strip(), "The log of PostgreSQL says more.")


def _telling_line(lines: list[str]) -> str:
    """The first FATAL or PANIC is the reason and what follows it the shutdown; else the last complaint."""
    fatal = [line for line in lines if "FATAL" in line or "PANIC" in line]
    telling = [line for line in lines if _TELLING.search(line)]
    return (fatal[:1] or telling[-1:] or [""])[0].strip()[:400]
