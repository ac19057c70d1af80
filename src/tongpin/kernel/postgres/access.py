"""How any process reaches the server, whoever runs it."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path
from urllib.parse import quote

from . import binaries, folder, socket_folder
from .environment import plain_environment
from .errors import from_log

SUPERUSER = "tongpin"
DATABASE = "tongpin"


class Access:
    """Addresses and tools for the server of one folder. Nothing here needs the lock or starts the server."""

    def __init__(self, data_dir: Path) -> None:
        self.home = Path(os.path.realpath(data_dir))
        self.data = self.home / "data"
        # Names the socket folder and marks the server's processes; a path of any length and script fits.
        self.name = "tongpin-" + hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]

    def url(self, database: str = DATABASE) -> str:
        """The address for psycopg and libpq; contains the password."""
        host = quote(str(self.socket_folder()), safe="")
        password = quote(self._password(), safe="")
        return f"postgresql://{SUPERUSER}:{password}@/{database}?host={host}&port={socket_folder.PORT}"

    def connection_settings(self) -> dict[str, str]:
        """``NAME``, ``USER``, ``PASSWORD``, ``HOST`` (the socket's folder) and ``PORT`` as Django wants them.

        Answers before there is a database, too (with an empty password), so that settings can always be read.
        """
        return {
            "NAME": DATABASE,
            "USER": SUPERUSER,
            "PASSWORD": self._password(),
            "HOST": str(self.socket_folder()),
            "PORT": str(socket_folder.PORT),
        }

    def client_environment(self) -> dict[str, str]:
        """Environment for PostgreSQL's own programs (``bin``), so that the password is on no command line."""
        return plain_environment() | {
            "PGHOST": str(self.socket_folder()),
            "PGPORT": str(socket_folder.PORT),
            "PGUSER": SUPERUSER,
            "PGPASSWORD": self._password(),
            "PGDATABASE": DATABASE,
        }

    def socket_folder(self) -> Path:
        """Where the socket is; as recorded by whoever runs the server, whose environment may differ from
        ours.
        """
        try:
            return Path((self.home / "socket").read_text())
        except OSError:
            return Path("/nonexistent") / self.name

    @staticmethod
    def bin(name: str) -> Path:
        """The path of one of PostgreSQL's programs: ``pg_dump``, ``pg_restore``, ``psql`` …"""
        return binaries.program(name)

    def dump(self, file: Path) -> None:
        """Write the whole database to ``file`` in pg_dump's custom format, while it is in use. 0600."""
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as target:
            done = subprocess.run(
                [self.bin("pg_dump"), "--format=custom", "--no-owner", "--no-privileges"],
                env=self.client_environment(),
                stdout=target,
                stderr=subprocess.PIPE,
                check=False,
            )
        if done.returncode:
            raise from_log(done.stderr.decode(errors="replace"), what="The database could not be dumped.")

    def _password(self) -> str:
        try:
            return (self.home / "password").read_text().strip()
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise folder.no_access(self.home / "password", error) from error
