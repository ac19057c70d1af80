"""A whole server of its own for tests: ``tongpin serve`` in a process, on a temporary folder and a free port."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path


class Served:
    """``tongpin serve`` on ``data``. ``log`` keeps what it printed; ``address`` is known once it is ready."""

    def __init__(self, data: Path, *, python: str = sys.executable, **environment: str) -> None:
        self.data, self.python = data, python
        self.log = data.with_name(data.name + ".log")
        inherited = {
            k: v for k, v in os.environ.items() if not k.startswith(("TONGPIN_", "PYTEST_", "DJANGO_"))
        }
        self.environment = (
            inherited | {"TONGPIN_DATA": str(data), "TONGPIN_TESTING": "1", "LANG": "C.UTF-8"} | environment
        )
        self.process: subprocess.Popen[bytes] | None = None
        self._address = ""

    def start(self, timeout: float = 120) -> Served:
        """Start it and wait until /readyz answers. Raises AssertionError with its log when it does not."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [self.python, "-m", "tongpin", "serve", "--port", "0"],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text()[-4000:]
            if self.ready():
                return self
            time.sleep(0.1)
        raise AssertionError(f"not ready after {timeout:.0f} s:\n{self.log.read_text()[-4000:]}")

    def state(self) -> dict:
        """What the supervisor wrote of its processes; empty before it has."""
        try:
            return json.loads((self.data / "run" / "state.json").read_text())
        except (OSError, ValueError):
            return {}

    @property
    def address(self) -> str:
        """The server's URL: it keeps its port over every restart. Raises KeyError before it has one."""
        if not self._address:
            self._address = self.state()["children"]["web"]["address"]
        if not self._address:
            raise KeyError("address")
        return self._address

    def pid(self, child: str) -> int | None:
        """The present process of a child: postgres, store, web or worker."""
        return self.state().get("children", {}).get(child, {}).get("pid")

    def ready(self) -> bool:
        """Whether the server takes requests now."""
        try:
            with urllib.request.urlopen(f"{self.address}/readyz", timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError, KeyError):
            return False

    def run(self, *words: str, check: bool = True, **more: str) -> subprocess.CompletedProcess[str]:
        """A ``tongpin`` command beside the running server."""
        done = subprocess.run(
            [self.python, "-m", "tongpin", *words],
            env=self.environment | more,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def script(self, code: str) -> str:
        """What a piece of Python prints in the server's own environment, with Django set up."""
        done = subprocess.run(
            [self.python, "-c", "import django; django.setup()\n" + code],
            env=self.environment | {"DJANGO_SETTINGS_MODULE": "tongpin.config.settings"},
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        return done.stdout

    def stop(self, timeout: float = 60) -> int:
        """SIGTERM, and the exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout)
