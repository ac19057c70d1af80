"""``tongpin serve``: every process of a server, each restarted alone, all stopped together."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import IO

import structlog

from tongpin.config.logs import logging_config
from tongpin.kernel.postgres import Cluster

from .child import CannotStart, Child, Pace, State
from .loop import Supervisor
from .state import AlreadyServing, RunFolder, read_state
from .tongpin_children import children, claim, free_port, postgres, reachable

__all__ = [
    "AlreadyServing",
    "CannotStart",
    "Child",
    "Pace",
    "RunFolder",
    "State",
    "Supervisor",
    "claim",
    "postgres",
    "reachable",
    "read_state",
    "serve",
]


def serve(
    data: Path,
    host: str,
    port: int,
    on_ready: Callable[[str], None] | None = None,
    output: IO[bytes] | None = None,
) -> int:
    """Run a whole server on ``data`` until SIGTERM or SIGINT; the exit status.

    ``on_ready`` gets the address once everything runs; port 0 takes a free one; ``output`` takes what the
    processes print. What stands in the way of a
    start is raised before anything is started: AlreadyServing, CannotStart (the port is taken),
    PostgresError; each has the reason and the way out in its text.
    """
    logging_config()
    log = structlog.get_logger("tongpin.serve")
    folder = RunFolder(data)
    folder.take()  # first: a second serve should hear of the first one, not of its port
    cluster = None
    try:
        claim(host, port)
        port = port or free_port(host)
        if not os.environ.get("DATABASE_URL"):
            cluster = Cluster(data / "postgres", progress=lambda message: log.info(message, child="postgres"))
            cluster.prepare()
        supervisor = Supervisor(
            data,
            children(data, host, port, cluster),
            environment={"TONGPIN_HOST": host, "TONGPIN_PORT": str(port)},
            output=output,
            on_ready=None if on_ready is None else lambda: on_ready(reachable(host, port)),
            folder=folder,
        )
        return supervisor.run()
    finally:
        if cluster is not None:
            cluster.stop()
        folder.release()
