"""Real supervisors of real processes, killed for real; whatever a test leaves is ended."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import psutil
import pytest

from tongpin.config.supervisor import read_state

T = TypeVar("T")

HERE = Path(__file__).parent
SOURCE = HERE.parents[1] / "src"

# Runs until SIGTERM, and writes down what happens to it.
STEADY = """
    import os, signal, sys, time
    from pathlib import Path
    data, name = Path(sys.argv[1]), sys.argv[2]
    def note(what):
        with (data / "events").open("a") as file: file.write(f"{name} {what}\\n")
    def end(number, frame):
        note("stopped")
        sys.exit(0)
    signal.signal(signal.SIGTERM, end)
    note("started")
    print(f"hello from {name}", flush=True)
    (data / f"{name}.ready").touch()
    while True:
        signal.pause()
"""


def until(ask: Callable[[], T], seconds: float = 60) -> T:
    """The first true answer; fails the test when there is none in time."""
    deadline = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
    return answer


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


class Supervised:
    """One supervisor process and its view in state.json."""

    def __init__(self, process: subprocess.Popen[bytes], data: Path, output: Path) -> None:
        self.process = process
        self.data = data
        self._output = output
        self.seen: set[int] = set()

    @property
    def output(self) -> str:
        return self._output.read_text(errors="replace")

    @property
    def events(self) -> list[str]:
        file = self.data / "events"
        return file.read_text().splitlines() if file.exists() else []

    def state(self) -> dict[str, Any]:
        state = read_state(self.data) or {"children": {}, "status": ""}
        self.seen |= {child["pid"] for child in state["children"].values() if child["pid"]}
        return state

    def child(self, name: str) -> dict[str, Any]:
        return self.state()["children"].get(name) or {}

    def pid(self, name: str) -> int:
        return int(until(lambda: self.ready(name) and self.child(name).get("pid")))

    def ready(self, name: str) -> bool:
        return self.child(name).get("state") == "ready"

    def wait_ready(self, seconds: float = 60) -> None:
        until(lambda: self.process.poll() is not None or self.state()["status"] == "ready", seconds)
        assert self.process.poll() is None, self.output

    def wait_back(self, name: str, killed: int, seconds: float = 60) -> int:
        """The number of the process that took the place of the killed one."""
        until(lambda: self.ready(name) and self.child(name)["pid"] not in {None, killed}, seconds)
        return int(self.child(name)["pid"])

    def stop(self, seconds: float = 60) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Callable[..., Supervised]]:
    """Start a supervisor of scripts; see driver.py for what a child may say."""
    started: list[Supervised] = []

    def start(
        children: list[dict[str, Any]], *, environment: dict[str, str] | None = None, **more: Any
    ) -> Supervised:
        data = tmp_path / "data"
        data.mkdir(exist_ok=True)
        spec = tmp_path / f"spec{len(started)}.json"
        shaped = [child | {"source": textwrap.dedent(child.get("source", STEADY))} for child in children]
        spec.write_text(json.dumps({"data": str(data), "children": shaped, **more}))
        return _launch([str(HERE / "driver.py"), str(spec)], data, tmp_path, started, environment or {})

    yield start
    _end(started)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Supervised]]:
    """Start Python source that calls ``tongpin.config.supervisor`` on a data folder (its first argument)."""
    started: list[Supervised] = []

    def start(source: str, data: Path, **environment: str) -> Supervised:
        return _launch(["-c", textwrap.dedent(source), str(data)], data, tmp_path, started, environment)

    yield start
    _end(started)


def _launch(
    words: list[str], data: Path, tmp_path: Path, started: list[Supervised], environment: dict[str, str]
) -> Supervised:
    output = tmp_path / f"output{len(started)}"
    kept = {
        k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "CLICKHOUSE_URL", "NOTIFY_SOCKET"}
    }
    with output.open("wb") as target:
        process = subprocess.Popen(
            [sys.executable, *words],
            env=kept | {"PYTHONPATH": str(SOURCE), "PYTHONDONTWRITEBYTECODE": "1"} | environment,
            stdin=subprocess.DEVNULL,
            stdout=target,
            stderr=subprocess.STDOUT,
        )
    started.append(Supervised(process, data, output))
    return started[-1]


def _end(started: list[Supervised]) -> None:
    for supervised in started:
        supervised.state()
        supervised.process.kill()
        supervised.process.wait()
    for supervised in started:
        for pid in supervised.seen:
            with contextlib.suppress(AssertionError):
                until(lambda pid=pid: gone(pid), 20)
