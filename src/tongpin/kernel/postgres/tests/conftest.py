"""Real servers in real folders; each test ends those it started."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tongpin.kernel.postgres import Cluster, command_for
from tongpin.kernel.postgres.owner import CAP_DAC_READ_SEARCH

NOBODY = 65534
SOURCE = Path(__file__).parents[4]


@pytest.fixture
def cluster_in() -> Iterator[Callable[..., Cluster]]:
    """Make a cluster object whose server is stopped after the test."""
    made: list[Cluster] = []

    def make(path: Path, **options: Any) -> Cluster:
        made.append(Cluster(path, **options))
        return made[-1]

    yield make
    for cluster in made:
        cluster.stop()


@pytest.fixture
def running(cluster_in: Callable[..., Cluster], tmp_path: Path) -> Cluster:
    """A server that is ready."""
    return start(cluster_in(tmp_path / "pg"))


def start(cluster: Cluster) -> Cluster:
    cluster.prepare()
    cluster.spawn()
    cluster.wait_ready(timeout=120)
    return cluster


@pytest.fixture
def in_process(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Run Python source in another process, optionally as an unprivileged user; killed after the test."""
    started: list[subprocess.Popen[str]] = []

    def run(source: str, *arguments: object, unprivileged: bool = False) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", textwrap.dedent(source), *map(str, arguments)]
        if unprivileged:
            # The interpreter may lie below a folder of root's; the right to read it is all that is added.
            command = command_for(command, run_as=(NOBODY, NOBODY), capability=CAP_DAC_READ_SEARCH)
        started.append(
            subprocess.Popen(
                command,
                env=os.environ | {"PYTHONPATH": str(SOURCE), "PYTHONDONTWRITEBYTECODE": "1"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        )
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.communicate()


def answer(process: subprocess.Popen[str]) -> Any:
    """The next line of JSON the process prints."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, f"the process said nothing and ended with {process.wait(30)}"
    return json.loads(line)
