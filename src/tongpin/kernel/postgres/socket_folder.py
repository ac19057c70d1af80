"""The folder of the server's Unix socket: private, short, and found again by every process."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import tempfile
from pathlib import Path

from .errors import PostgresError
from .owner import Owner

PORT = 5432
_LONGEST_SOCKET = 107  # bytes of a socket's path on Linux (103 on macOS, kept to below)
_PLAIN = re.compile(r"[A-Za-z0-9._/+-]+")  # libpq and PostgreSQL give commas, quotes and % a meaning


def make(name: str, owner: Owner, known: Path) -> Path:
    """A folder of mode 0700 that is ``owner``'s: ``known`` if it still is one, else one called ``name``.

    Not below the data folder, whose path may be longer than a socket's may be, and not in XDG_RUNTIME_DIR,
    which is emptied when the user logs out though the server runs on. PostgreSQL touches its socket often
    enough for the cleaners of temporary folders to leave it alone.
    """
    if _usable_path(known) and _ours(known, owner):
        return known
    for parent in _parents(owner):
        folder = parent / name
        if _usable_path(folder) and _made(folder, owner):
            return folder
    for parent in _parents(owner):
        # The plain name is somebody else's; any other does, as clients read it from the data folder.
        if _usable_path(parent / f"{name}-12345678"):
            with contextlib.suppress(OSError):
                folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=parent))
                owner.give(folder)
                return folder
    raise PostgresError(
        "socket_taken",
        f"No folder for the socket of the database can be made in {' or '.join(map(str, _parents(owner)))}.",
        "Set TMPDIR to a folder with a short path that may be written to.",
    )


def _parents(owner: Owner) -> list[Path]:
    named = [os.environ.get("RUNTIME_DIRECTORY", "").split(":")[0]]  # systemd's, when the unit asks for one
    if owner.drop:
        named.append("/run")  # only root can write there: no stranger can take the name first
    named += [tempfile.gettempdir(), "/tmp"]  # noqa: S108  the folder made in it is checked and private
    return list(dict.fromkeys(Path(name) for name in named if name))


def _usable_path(folder: Path) -> bool:
    path = os.fsencode(folder / f".s.PGSQL.{PORT}")
    return len(path) <= _LONGEST_SOCKET - 4 and _PLAIN.fullmatch(str(folder)) is not None


def _made(folder: Path, owner: Owner) -> bool:
    try:
        folder.mkdir(mode=0o700)
        owner.give(folder)
    except FileExistsError:
        pass
    except OSError:
        return False
    return _ours(folder, owner)


def _ours(folder: Path, owner: Owner) -> bool:
    try:
        info = folder.lstat()
    except OSError:
        return False
    private = stat.S_ISDIR(info.st_mode) and stat.S_IMODE(info.st_mode) & 0o077 == 0
    return private and info.st_uid == owner.uid
