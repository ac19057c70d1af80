"""A served Tongpin with one source, what it took, and a gateway that fails on purpose."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import clickhouse_connect
import psycopg
from clickhouse_connect.driver.client import Client

from tests.sdks.kept import Kept, read
from tests.serving import Served
from tongpin.kernel.postgres import Cluster
from tongpin.kernel.store import address as addresses
from tongpin.kernel.store.client import DATABASE
from tongpin.modules.analytics.wire.record import load

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


JOURNAL = """
CREATE TABLE taken (id bigserial PRIMARY KEY, records bytea NOT NULL);
CREATE FUNCTION note_taken() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO taken (records) VALUES (NEW.records); RETURN NULL; END $$;
CREATE TRIGGER note_taken AFTER INSERT ON analytics_arrival FOR EACH ROW EXECUTE FUNCTION note_taken();
"""
_BUSY = """
SELECT EXISTS (SELECT FROM analytics_arrival) OR EXISTS (SELECT FROM analytics_batch)
    OR EXISTS (SELECT FROM analytics_distinctid WHERE revision > mirrored)
    OR EXISTS (SELECT FROM analytics_customer WHERE revision > mirrored)
"""


class Capturing:
    """The server at ``address``, as people run it. The database keeps a copy of each request it took, so that what
    was accepted can be held against what came into the store."""

    def __init__(self, served: Served) -> None:
        self.served = served
        served.script(PREPARE)
        given = Cluster(Path(served.data) / "postgres").connection_settings()
        self._where = {
            "dbname": given["NAME"],
            "user": given["USER"],
            "password": given["PASSWORD"],
            "host": given["HOST"],
            "port": given["PORT"] or None,
        }
        with psycopg.connect(**self._where, autocommit=True) as connection:
            connection.execute(JOURNAL)
            [(self._workspace,)] = connection.execute(
                "SELECT public_id FROM tenancy_workspace WHERE slug = 'sdks'"
            )

    @property
    def address(self) -> str:
        return self.served.address

    def stop(self) -> None:
        self.served.stop()

    def clear(self) -> None:
        """Forget what was taken so far, and everybody it told of."""
        self._taken_when_idle()
        with psycopg.connect(**self._where, autocommit=True) as connection:
            connection.execute(
                "TRUNCATE taken, analytics_arrival, analytics_distinctid, analytics_idlink, analytics_customer CASCADE"
            )
        with self._store() as store:
            for table in ("events", "ids_seen", "persons", "person_overrides", "customers"):
                store.command(f"TRUNCATE TABLE {table}")
            store.command("SYSTEM RELOAD DICTIONARY person_of")

    def taken(self) -> list[Any]:
        """Every record accepted, a repeat of the same event as often as it came."""
        with psycopg.connect(**self._where, autocommit=True) as connection:
            return _records(connection.execute("SELECT records FROM taken ORDER BY id").fetchall())

    def events(self) -> list[Any]:
        """The same with repeats left out, by the events' ids."""
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

    def kept(self) -> Kept:
        """What the store has when all that was taken is in it: each event once, as it was taken, or this fails."""
        taken = self._taken_when_idle()
        while True:
            with self._store() as store:
                kept = read(store, self._workspace)
            before, taken = taken, self._taken_when_idle()
            if len(before) == len(taken):
                break
        expected = {str(r.uuid): (r.event, r.distinct_id, dict(r.customers)) for r in taken}
        assert [row[:4] for row in kept.rows] == [(uuid, *expected[uuid]) for uuid in sorted(expected)]
        return kept

    def _taken_when_idle(self) -> list[Any]:
        """Every record accepted, at a moment when none of them was on its way any more."""
        deadline = time.monotonic() + PATIENCE_S * 4
        while True:
            with psycopg.connect(**self._where) as connection:
                connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
                [(busy,)] = connection.execute(_BUSY).fetchall()
                if not busy:
                    return _records(connection.execute("SELECT records FROM taken ORDER BY id").fetchall())
            assert time.monotonic() < deadline, self.served.log.read_text()[-4000:]
            time.sleep(0.1)

    @contextmanager
    def _store(self) -> Iterator[Client]:
        there = addresses.read(Path(self.served.data) / "store")
        assert there is not None
        client = clickhouse_connect.get_client(
            host=there.host, port=there.port, username=addresses.USER, password=there.token, database=DATABASE
        )
        try:
            yield client
        finally:
            client.close()


def _records(rows: list[tuple[bytes]]) -> list[Any]:
    return [record for (data,) in rows for record in load(bytes(data))]


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
