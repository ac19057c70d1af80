"""One PostgreSQL server of our own on one folder."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
from psycopg import sql

from . import binaries, folder, leftovers, settings, socket_folder
from .access import DATABASE, SUPERUSER, Access
from .environment import plain_environment
from .errors import PostgresError, from_log
from .files import sync_folder, write_private
from .launcher import command_for
from .lock import FolderHeld, FolderLock
from .owner import Owner, capability_for, owner_of
from .server_log import ServerLog


def _silent(_message: str) -> None:
    return


class Cluster(Access):
    """The embedded PostgreSQL that keeps its data in ``data_dir`` (``TONGPIN_DATA/postgres``).

    ``prepare``, ``spawn``, ``wait_ready`` and ``stop`` are for the one process that runs it and holds its
    lock; ``url``, ``connection_settings``, ``bin`` and ``dump`` for any process, at any time. Nothing
    listens on TCP; the server is reached through a socket only its user can open, with a password only its
    user can read.

    ``free_to_create`` and ``free_to_start`` are bytes that must be free before the server is made or started.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        free_to_create: int = folder.FREE_TO_CREATE,
        free_to_start: int = folder.FREE_TO_START,
        progress: Callable[[str], None] = _silent,
    ) -> None:
        super().__init__(data_dir)
        self.process: subprocess.Popen[bytes] | None = None
        self._free_to_create = free_to_create
        self._free_to_start = free_to_start
        self._progress = progress
        self._lock = FolderLock(self.home / "lock")
        self._log = ServerLog(self.home / "start.log", self.data / "log")

    @property
    def prepared(self) -> bool:
        """Whether a database has been made here (it may be running or not)."""
        return (self.data / "PG_VERSION").exists()

    def prepare(self) -> None:
        """Take the lock and make the database if there is none. PostgresError says what stands in the way.

        A database half made (power cut, full disk) does not count: it is made beside its place and then
        renamed.
        """
        folder.check_path(self.home)
        try:
            self._make_home()
            self.hold()
            if self.data.exists() and any(self.data.iterdir()):
                folder.adopt(self.data, self._owner())
                folder.check_version(self.data, binaries.major(binaries.folder()))
            else:
                folder.check_space(self.home, self._free_to_create)
                self._create()
            folder.check_rights(self.data, self._owner())
            self._read_password()
            self._make_socket_folder()
            write_private(self.data / "tongpin.conf", settings.defaults(), self._owner())
        except OSError as error:
            raise folder.no_access(self.home, error) from error

    def hold(self) -> None:
        """Take the lock of this folder, or say who has it (code ``held``). It lasts until ``release`` or
        our end.
        """
        try:
            self._lock.acquire()
            self._owner().give(self._lock.path)
        except FolderHeld as held:
            who = f"process {held.pid}" if held.pid else "another process"
            raise PostgresError(
                "held",
                f"The database in {self.home} is already run by {who}.",
                "Use that one, stop it first, or set TONGPIN_DATA to another folder.",
            ) from None
        except OSError as error:
            raise folder.no_access(self._lock.path, error) from error

    def release(self) -> None:
        """Give the lock up without stopping anything."""
        self._lock.release()

    def command(self) -> list[str]:
        """The argument list that runs the server in the foreground, as a child that stops when we die.

        Start it from a thread that lives as long as the server: the main one.
        """
        server = [
            str(binaries.program("postgres")),
            "-D",
            str(self.data),
            *settings.locked_options(str(self.socket_folder()), self.name, socket_folder.PORT),
        ]
        return self._launched(server, signal.SIGINT)  # a fast, clean shutdown

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the server and return at once; ``wait_ready`` follows. Call ``prepare`` first, once.

        Clears away what an earlier run left: processes still dying, stale lock files.
        """
        self.hold()
        try:
            folder.check_space(self.data, self._free_to_start)
            self._clear_leftovers()
            self._make_socket_folder()
            self._log.mark()
            write_private(self._log.start, "", self._owner())
            with self._log.start.open("wb") as log:
                self.process = subprocess.Popen(
                    self.command(),
                    cwd="/",
                    env=plain_environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,  # Ctrl+C is for the supervisor, which stops us in order
                )
        except OSError as error:
            raise folder.no_access(self.data, error) from error
        return self.process

    def wait_ready(self, timeout: float = 600.0, progress: Callable[[str], None] | None = None) -> None:
        """Return once the server answers; make the database on the first occasion.

        After an unclean stop PostgreSQL first replays its log, which can take minutes: ``progress`` is told
        every five seconds. Raises PostgresError when the server dies meanwhile, or ``timeout`` seconds have
        passed.
        """
        tell = progress or self._progress
        began = time.monotonic()
        told = began
        while True:
            if self.process is not None and self.process.poll() is not None:
                raise self.failure()
            if self.answers():
                return
            now = time.monotonic()
            if now - began > timeout:
                raise PostgresError(
                    "timeout",
                    f"PostgreSQL has not become ready in {timeout:.0f} s. {self._log.last_line()}".strip(),
                    f"Its log is in {self.data / 'log'}; it goes on trying as long as it is left running.",
                )
            if now - told >= 5:
                told = now
                tell(f"PostgreSQL is not ready yet ({now - began:.0f} s). {self._log.last_line()}")
            time.sleep(0.03 if now - began < 3 else 0.2)

    def answers(self) -> bool:
        """Whether the server takes queries now. Makes the database if it isn't there yet."""
        if not self._reports_ready():
            return False
        try:
            with psycopg.connect(self.url("postgres"), connect_timeout=5, autocommit=True) as connection:
                row = connection.execute(
                    "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
                ).fetchone()
                if row is None:
                    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise PostgresError(
                    "password",
                    f"PostgreSQL does not accept the password in {self.home / 'password'}.",
                    "Put the right one there (a backup of the folder has it).",
                ) from error
            return False
        return True

    def doing(self) -> str:
        """What the server last wrote since its start: how far a recovery is."""
        return self._log.last_line() or "starting"

    def stop(self, process: subprocess.Popen[bytes] | None = None, timeout: float = 60.0) -> None:
        """Stop the server cleanly, within ``timeout`` seconds, else without a checkpoint; then give the
        lock up.
        """
        process = process or self.process
        if process is not None:
            for ask, seconds in ((signal.SIGINT, timeout), (signal.SIGQUIT, 5.0), (signal.SIGKILL, None)):
                if process.poll() is not None:
                    break
                process.send_signal(ask)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(seconds)
        if self._lock.held:
            leftovers.clear(self.name, self._owner().uid, patience=1.0, progress=self._progress)
            with contextlib.suppress(OSError):
                self.socket_folder().rmdir()
        self.process = None
        self.release()

    def failure(self) -> PostgresError:
        """Why the server last started here has died, from what it wrote since."""
        status = self.process.poll() if self.process is not None else None
        if status == -signal.SIGKILL:
            return PostgresError(
                "killed", "PostgreSQL was killed (SIGKILL).", "Was the machine out of memory?"
            )
        return from_log(self._log.read(), what=f"PostgreSQL ended with status {status}.")

    def _owner(self) -> Owner:
        return owner_of(self.data if self.data.exists() else self.home)

    def _launched(self, command: list[str], death_signal: signal.Signals) -> list[str]:
        owner = self._owner()
        reach = (self.home, self.socket_folder().parent)
        capability = capability_for(owner, binaries.folder(), reach)
        return command_for(command, death_signal=death_signal, run_as=owner.run_as, capability=capability)

    def _make_home(self) -> None:
        # Root's new parents may be passed through, or PostgreSQL would need an extra right to reach its data.
        self.home.parent.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        owner = self._owner()
        with contextlib.suppress(FileExistsError):
            self.home.mkdir(mode=0o700)
            owner.give(self.home)
        if owner.drop and self.home.stat().st_uid == 0:
            owner.give(self.home)

    def _make_socket_folder(self) -> None:
        """Keep the one we have, for other processes know it, unless it was swept away meanwhile."""
        made = socket_folder.make(self.name, self._owner(), known=self.socket_folder())
        write_private(self.home / "socket", str(made), self._owner())

    def _create(self) -> None:
        """initdb, into a folder beside, renamed when it is whole."""
        self._progress("Creating the database")
        draft = self.home / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        self._owner().give(draft)
        password = self.home / "password"
        if not password.exists():
            write_private(password, secrets.token_urlsafe(24), self._owner())
        try:
            self._run_initdb(draft, password)
            with (draft / "postgresql.conf").open("a") as configuration:
                configuration.write(settings.INCLUDES)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        if self.data.exists():
            self.data.rmdir()
        draft.rename(self.data)
        sync_folder(self.home)

    def _run_initdb(self, target: Path, password: Path) -> None:
        initdb = [
            str(binaries.program("initdb")),
            f"--pgdata={target}",
            f"--username={SUPERUSER}",
            f"--pwfile={password}",
            *settings.initdb_options(binaries.major(binaries.folder())),
        ]
        done = subprocess.run(
            self._launched(initdb, signal.SIGKILL),
            cwd="/",
            env=plain_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            said = (done.stdout + done.stderr).decode(errors="replace")
            raise from_log(said, what="The database could not be created.")

    def _clear_leftovers(self) -> None:
        owner = self._owner()
        leftovers.clear(self.name, owner.uid, patience=1.0, progress=self._progress)
        stranger = leftovers.foreign_server(self.data)
        if stranger is not None:
            raise PostgresError(
                "in_use",
                f"The database in {self.data} is in use by another PostgreSQL (process {stranger}).",
                f"Stop it (kill -INT {stranger}), then start again.",
            )
        pid = leftovers.recorded_pid(self.data)
        if pid is not None and leftovers.exists(pid):
            # A number given to another program since (a reboot does that); PostgreSQL would take it for a
            # server. With a dead one the file stays: PostgreSQL reads in it which shared memory to look at.
            (self.data / "postmaster.pid").unlink()
            (self.socket_folder() / f".s.PGSQL.{socket_folder.PORT}.lock").unlink(missing_ok=True)

    def _reports_ready(self) -> bool:
        """What the server itself says in ``postmaster.pid``; asking by connecting would fill the log with
        refusals.
        """
        try:
            lines = (self.data / "postmaster.pid").read_text(errors="replace").splitlines()
        except OSError:
            return False
        if self.process is not None and lines and lines[0].strip() != str(self.process.pid):
            return False
        return len(lines) >= 8 and lines[7].strip() == "ready"

    def _read_password(self) -> None:
        if not self._password():
            raise PostgresError(
                "password",
                f"The password of the database is missing ({self.home / 'password'}).",
                "Put it back from a copy of the data folder.",
            )
        (self.home / "password").chmod(0o600)
