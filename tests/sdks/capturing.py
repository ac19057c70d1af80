"""A served Tongpin with one source, what it took, and a gateway that fails on purpose."""

from __future__ import annotations

import http.client
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from tests.serving import Served
from tongpin.kernel.postgres import Cluster

PATIENCE_S = 30.0
POSTHOG, SEGMENT, SENSORS, GA4 = "phc_sdks", "WRITEKEY", "shop", "G-SDKS1"
UMAMI = "0f5a1c1e-6f0a-4c5e-9d3b-2f6a1f0c7a11"
PREPARE = f"""
from tongpin.kernel.tenancy.models import Workspace
from tongpin.modules.analytics.models import Source, SourceKey
workspace = Workspace.objects.create(slug="sdks", name="SDKs")
source = Source.objects.create(workspace=workspace, name="App")
for value in {[POSTHOG, SEGMENT, SENSORS, GA4, UMAMI]!r}:
    SourceKey.objects.create(workspace=workspace, source=source, value=value)
"""


class Capturing:
    """The server at ``address``. Its worker stands still, so that what was taken stays in the inbox to be looked at."""

    def __init__(self, served: Served) -> None:
        self.served = served
        served.script(PREPARE)
        worker = served.pid("worker")
        assert worker is not None
        self._worker = worker
        os.kill(worker, signal.SIGSTOP)
        given = Cluster(Path(served.data) / "postgres").connection_settings()
        self._where = {
            "dbname": given["NAME"],
            "user": given["USER"],
            "password": given["PASSWORD"],
            "host": given["HOST"],
            "port": given["PORT"] or None,
        }

    @property
    def address(self) -> str:
        return self.served.address

    def stop(self) -> None:
        os.kill(self._worker, signal.SIGCONT)
        self.served.stop()

    def clear(self) -> None:
        """Forget what was taken so far."""
        with psycopg.connect(**self._where, autocommit=True) as connection:
            connection.execute("DELETE FROM analytics_arrival")

    def taken(self) -> list[Any]:
        """Every record in the inbox, a repeat of the same event as often as it lies there."""
        from tongpin.modules.analytics.wire.record import load

        with psycopg.connect(**self._where, autocommit=True) as connection:
            rows = connection.execute("SELECT records FROM analytics_arrival ORDER BY id").fetchall()
        return [record for (data,) in rows for record in load(bytes(data))]

    def events(self) -> list[Any]:
        """The same with repeats left out, as the store keeps them: by the events' ids."""
        return list({record.uuid: record for record in self.taken()}.values())

    def wait_for(self, *names: str) -> list[Any]:
        """Wait until exactly these events, as often as named, have been taken; the records in the order named."""
        deadline = time.monotonic() + PATIENCE_S
        while sorted(r.event for r in self.events()) != sorted(names):
            got = sorted(r.event for r in self.events())
            assert time.monotonic() < deadline, f"taken: {got}, expected: {sorted(names)}"
            time.sleep(0.1)
        left = self.events()
        return [left.pop(next(n for n, r in enumerate(left) if r.event == name)) for name in names]


LOSE, KEEP = "lose", "keep"
"""Faults: answer 503 without passing the request on; or pass it on, and answer 503 all the same."""


class Gateway:
    """Passes requests on to a server, but for the first POSTs to ``path``, on which it does what ``faults`` say."""

    def __init__(self, target: str, path: str, faults: list[str]) -> None:
        self.faults = list(faults)
        self.tries = 0
        parts, gateway, lock = urlsplit(target), self, threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                fault = None
                if self.command == "POST" and self.path.startswith(path):
                    with lock:
                        gateway.tries += 1
                        fault = gateway.faults.pop(0) if gateway.faults else None
                status, headers, answer = 503, [("Retry-After", "1")], b"{}"
                if fault != LOSE:
                    onward = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=PATIENCE_S)
                    onward.request(self.command, self.path, body or None, dict(self.headers.items()))
                    got = onward.getresponse()
                    status, headers, answer = got.status, got.getheaders(), got.read()
                    onward.close()
                    if fault == KEEP:
                        assert status == 200, answer
                        status, headers, answer = 503, [("Retry-After", "1")], b"{}"
                self.send_response(status)
                gone = {"content-length", "transfer-encoding", "connection", "date", "server"}
                for name, value in headers:
                    if name.lower() not in gone:
                        self.send_header(name, value)
                if fault and "origin" in self.headers:
                    self.send_header("Access-Control-Allow-Origin", self.headers["origin"])
                if status not in {204, 304}:
                    self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                if status not in {204, 304}:
                    self.wfile.write(answer)

            do_GET = do_OPTIONS = do_POST

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def run(self) -> None:
        self._server.serve_forever()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def gateway(target: str, path: str, *faults: str) -> Iterator[Gateway]:
    """A gateway before ``target`` with these faults; all of them must have happened by the end."""
    made = Gateway(target, path, list(faults))
    thread = threading.Thread(target=made.run, daemon=True)
    thread.start()
    try:
        yield made
        assert made.faults == [], "not every fault happened"
    finally:
        made.close()
        thread.join()
