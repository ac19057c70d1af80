"""As which user PostgreSQL runs, and with which right beyond that user's own."""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .errors import PostgresError

CAP_DAC_OVERRIDE = 1
CAP_DAC_READ_SEARCH = 2
CAP_SETPCAP = 8

# Users an administrator may have made for this, before the one every Unix has.
_UNPRIVILEGED = ("tongpin", "nobody")


@dataclass(frozen=True)
class Owner:
    """Who owns the data folder of PostgreSQL and runs it. ``drop`` is true when we are root and must become
    it.
    """

    uid: int
    gid: int
    name: str
    drop: bool

    @property
    def run_as(self) -> tuple[int, int] | None:
        return (self.uid, self.gid) if self.drop else None

    def give(self, path: Path) -> None:
        """Hand over a file or folder we have just made; nothing to do unless we are root."""
        if self.drop:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def owner_of(folder: Path) -> Owner:
    """Who runs PostgreSQL on ``folder`` (which need not exist).

    Not root: ourselves. Root: the owner the folder has, else an unprivileged user, for PostgreSQL refuses
    root.
    """
    if os.geteuid() != 0:
        return Owner(os.geteuid(), os.getegid(), _name_of(os.geteuid()), drop=False)
    try:
        info = folder.stat()
    except FileNotFoundError:
        info = None
    if info is not None and info.st_uid != 0:
        return Owner(info.st_uid, info.st_gid, _name_of(info.st_uid), drop=True)
    for name in _UNPRIVILEGED:
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        if user.pw_uid != 0:
            return Owner(user.pw_uid, user.pw_gid, name, drop=True)
    raise PostgresError(
        "no_user",
        "PostgreSQL does not run as root and there is no user “tongpin” or “nobody” to run it as.",
        "Make a user “tongpin” (useradd --system tongpin), or start Tongpin as an ordinary user.",
    )


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        raise PostgresError(
            "no_user",
            f"The user with number {uid} has no name on this machine, and PostgreSQL asks for one.",
            "Add the user to /etc/passwd, or run Tongpin as a user who is there.",
        ) from None


def capability_for(owner: Owner, programs: Path, folders: Iterable[Path]) -> int | None:
    """The one capability ``owner`` needs to reach ``programs`` and ``folders``; None when plain rights do.

    Data or the virtualenv may live below a folder closed to others (/root, a home, a test's folder).
    Opening that folder would expose everything in it, so PostgreSQL keeps the right to pass through
    instead: reading and passing only where the kernel lets us give that, reading and writing otherwise
    (containers often drop the former).
    """
    if not owner.drop:
        return None
    closed = [path for path in (programs, *folders) if not _reachable(path, owner)]
    not_executable = not _permits(programs / "postgres", owner, 0o5)
    if not closed and not not_executable:
        return None
    wanted = (CAP_DAC_OVERRIDE,) if not_executable else (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE)
    ours = _permitted_capabilities()
    if ours >> CAP_SETPCAP & 1:
        for capability in wanted:
            if ours >> capability & 1:
                return capability
    blocked = closed[0] if closed else programs / "postgres"
    raise PostgresError(
        "permissions",
        f"PostgreSQL does not run as root, and the user {owner.name} can't reach {blocked}.",
        "Move the data (TONGPIN_DATA) and the program to a folder others may pass through, or start "
        "Tongpin as an ordinary user.",
    )


def _reachable(path: Path, owner: Owner) -> bool:
    """Whether the owner's plain rights are enough to pass every folder above ``path`` and ``path`` itself."""
    real = Path(os.path.realpath(path))
    return all(_permits(folder, owner, 0o1) for folder in (real, *real.parents) if folder.exists())


def _permits(path: Path, owner: Owner, bits: int) -> bool:
    """Whether the mode of ``path`` gives the owner all of ``bits`` (4 read, 2 write, 1 execute or pass)."""
    try:
        info = path.stat()
    except OSError:
        return False
    if info.st_uid == owner.uid:
        granted = info.st_mode >> 6
    elif info.st_gid == owner.gid:
        granted = info.st_mode >> 3
    else:
        granted = info.st_mode
    return stat.S_IMODE(granted) & bits == bits


def _permitted_capabilities() -> int:
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("CapPrm:"):
                return int(line.split()[1], 16)
    except OSError:
        pass
    return 0
