"""The processes of one Tongpin server."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from tongpin.kernel.postgres import Cluster
from tongpin.kernel.store import address as store_address

from .child import CannotStart, Child

_PROBE_SECONDS = 3.0


def children(data: Path, host: str, port: int, cluster: Cluster | None) -> list[Child]:
    """PostgreSQL (when ``cluster`` is given), store (unless CLICKHOUSE_URL is set), migrations, web,
    worker.
    """
    ours: list[Child] = []
    database = () if cluster is None else ("postgres",)
    store = () if os.environ.get("CLICKHOUSE_URL") else ("store",)
    if cluster is not None:
        ours.append(postgres(cluster))
    if store:
        ours.append(_store(data / "store"))
    # Pages and capture go on without a store, so a broken one must not keep them from starting.
    ours.append(
        Child("migrate", _tongpin("migrate"), needs=database, wants=store, once=True, start_seconds=None)
    )
    ours.append(
        Child(
            "web",
            _tongpin("web", "--host", host, "--port", str(port)),
            ready=answers(lambda: reachable(host, port), "/healthz"),
            before=lambda: claim(host, port),
            needs=("migrate", *database),
            wants=store,
            address=lambda: reachable(host, port),
        )
    )
    # It listens nowhere; it is ready when it runs, and what it can't do yet it retries itself.
    ours.append(
        Child(
            "worker",
            _tongpin("worker"),
            needs=("migrate", *database),
            wants=store,
            stop=((signal.SIGTERM, 25.0),),
        )
    )
    return ours


def reachable(host: str, port: int) -> str:
    """The URL under which this machine reaches a server bound to ``host``."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def answers(url: Callable[[], str], path: str) -> Callable[[], bool]:
    """A probe: does the server at ``url()`` answer a GET of ``path`` with 200?"""

    def probe() -> bool:
        parts = urlsplit(url())
        if not parts.hostname:
            return False
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=_PROBE_SECONDS)
        try:
            connection.request("GET", path)
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return probe


def claim(host: str, port: int) -> None:
    """Raise CannotStart when ``port`` can't be bound; a probe might take the other server for ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            raise CannotStart(
                f"{host}:{port} can't be used: {error.strerror}.",
                "Stop the program that uses it, or choose another with TONGPIN_PORT or --port.",
            ) from None


def free_port(host: str) -> int:
    """A port nobody uses now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.bind((host, 0))
        return int(trial.getsockname()[1])


def _tongpin(*words: str) -> list[str]:
    return [sys.executable, "-m", "tongpin", *words]


def postgres(cluster: Cluster) -> Child:
    """The embedded PostgreSQL as a child; ``cluster`` is prepared."""
    return Child(
        "postgres",
        spawn=cluster.spawn,
        ready=cluster.answers,
        explain=lambda: str(cluster.failure()),
        doing=cluster.doing,
        address=lambda: str(cluster.socket_folder()),
        stop=((signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0)),
        last=True,
        start_seconds=None,  # recovery takes as long as it takes
    )


def _store(folder: Path) -> Child:
    def url() -> str:
        found = store_address.read(folder)
        return found.url if found is not None else ""

    return Child(
        "store",
        _tongpin("store"),
        ready=answers(url, "/ping"),
        address=url,
        stop=((signal.SIGTERM, 20.0),),
    )
