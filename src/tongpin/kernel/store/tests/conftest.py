"""A real store process of the test's own, in a folder of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import clickhouse_connect
import pytest
from clickhouse_connect.driver.client import Client

import tongpin
from tongpin.kernel.store import address as addresses
from tongpin.kernel.store import client as door
from tongpin.kernel.store import schema

START_SECONDS = 60


@dataclass
class StoreProcess:
    """``python -m tongpin.kernel.store`` on ``folder``, started and stopped at will."""

    folder: Path
    options: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = field(default=None)

    def start(self, *, port: int = 0) -> addresses.Address:
        self.process = subprocess.Popen(
            [*self.line(), "--port", str(port)],
            env={**os.environ, "PYTHONPATH": str(Path(tongpin.__file__).parents[1])},
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            found = addresses.read(self.folder)
            if found is not None and found.pid == self.process.pid:
                return found
            if self.process.poll() is not None:
                raise AssertionError(f"the store ended with {self.process.returncode} instead of starting")
            time.sleep(0.02)
        raise AssertionError("the store did not start in time")

    def line(self) -> list[str]:
        return [sys.executable, "-m", "tongpin.kernel.store", "--data", str(self.folder), *self.options]

    def stop(self, with_signal: int = signal.SIGTERM) -> int:
        """Send the signal and return the exit status."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(with_signal)
        return self.process.wait(30)

    def connect(self, **more: object) -> Client:
        """The unmodified client with its default options."""
        address = addresses.read(self.folder)
        assert address is not None
        options = {"username": "anyone", "password": address.token, **more}
        return clickhouse_connect.get_client(host=address.host, port=address.port, **options)  # type: ignore[arg-type]


def _running(folder: Path, *options: str) -> Iterator[StoreProcess]:
    made = StoreProcess(folder, options)
    made.start()
    yield made
    assert made.process is not None
    if made.process.poll() is None:
        made.process.kill()
        made.process.wait(30)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreProcess]:
    """One store for the tests that only talk to it; the folder's name has what a path may have."""
    yield from _running(tmp_path_factory.mktemp("data") / "a store ü&?x=%41")


@pytest.fixture
def own(tmp_path: Path) -> Iterator[StoreProcess]:
    """A store this test may kill, with limits small enough to reach."""
    yield from _running(tmp_path / "store", "--memory-limit", str(1 << 30), "--max-execution-time", "2")


@pytest.fixture
def raw(shared: StoreProcess) -> Iterator[Client]:
    """The library's client on an empty database of this test."""
    made = shared.connect()
    made.command("DROP DATABASE IF EXISTS scratch SYNC")
    made.command("CREATE DATABASE scratch ENGINE = Atomic")
    made.database = "scratch"
    yield made
    made.close()


@pytest.fixture
def at_home(own: StoreProcess, settings: object, monkeypatch: pytest.MonkeyPatch) -> StoreProcess:
    """The product's own client (``kernel.store.client``) turned to the test's store, its schema made."""
    monkeypatch.delenv("CLICKHOUSE_URL", raising=False)
    settings.DATA = own.folder.parent  # type: ignore[attr-defined]
    door._forget()
    schema.migrate()
    return own
