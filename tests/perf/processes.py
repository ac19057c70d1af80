"""Idle memory of each process of a server, and how long a cold and a warm start take.

    python tests/perf/processes.py

Memory is PSS (each shared page counted once, divided among those who share it), a process and its children together,
after the server has answered a hundred pages and settled. Cold start: an empty folder, so with initdb and
migrations. Warm: the same folder again. Baseline: one Python process that has only imported Django.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import lab
import psutil
from tests.ops.visitor import Visitor


def memory(pid: int) -> float:
    """MB of PSS of a process and what it started."""
    own = psutil.Process(pid)
    return sum(process.memory_full_info().pss for process in (own, *own.children(recursive=True))) / 1e6


def bare() -> tuple[float, float]:
    """MB and seconds of a Python that has imported Django and waits."""
    began = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, "-c", "import django, django.db.models; print('up', flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert child.stdout is not None
        child.stdout.readline()
        return memory(child.pid), time.perf_counter() - began
    finally:
        child.communicate(b"\n")


def main() -> None:
    lab.heading("Processes")
    base, base_seconds = bare()
    with tempfile.TemporaryDirectory(prefix="tongpin-perf-") as folder:
        data = Path(folder) / "data"
        data.mkdir(mode=0o700)
        for kind in ("cold", "warm"):
            served = lab.Served(data)
            began = time.perf_counter()
            served.start(300)
            seconds = time.perf_counter() - began
            print(
                f"  {kind + ' start until /readyz':<34} {seconds:6.1f} s   {seconds / base_seconds:5.1f} × bare Python"
            )
            if kind == "warm":
                served.script(lab.PREPARE)
                visitor = Visitor(served.address).sign_in("owner@perf.example")
                for _ in range(100):
                    visitor.get("/w/perf/members/")
                time.sleep(3)
                sizes = {name: memory(served.pid(name)) for name in ("web", "worker", "store", "postgres")}
                sizes["supervisor"] = memory(served.process.pid) - sum(sizes.values())
                for name, size in sizes.items():
                    print(f"  {name:<34} {size:6.0f} MB  {size / base:5.1f} × bare Python ({base:.0f} MB)")
                print(f"  {'together':<34} {sum(sizes.values()):6.0f} MB")
            began = time.perf_counter()
            assert served.stop(150) == 0
            print(f"  {'stop':<34} {time.perf_counter() - began:6.1f} s")


if __name__ == "__main__":
    main()
