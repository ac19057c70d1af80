"""Capture behind a real HTTP server on loopback, speaking a protocol of the tests' own at ``/t/e``."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
import uvicorn
from django.db import models, transaction

from tongpin.kernel import clock
from tongpin.modules.analytics.actions.source import announce
from tongpin.modules.analytics.capture.endpoint import Capture
from tongpin.modules.analytics.enums import Refusal
from tongpin.modules.analytics.models import Arrival
from tongpin.modules.analytics.wire.call import Answer, Call, Dropped, Hit, Refused
from tongpin.modules.analytics.wire.protocol import Protocol
from tongpin.modules.analytics.wire.record import ProfileChange, Record, load

PATIENCE_S = 30.0
PATH = "/t/e"


def decode(call: Call) -> Hit:
    if call.method == "GET":
        said = orjson.loads(call.query.get("data", "{}"))
    else:
        try:
            said = orjson.loads(call.body)
        except orjson.JSONDecodeError:
            raise Refused(Refusal.BODY, 400, "not JSON") from None
    if said.get("break"):
        raise ZeroDivisionError
    hit = Hit(said["key"], dry_run=bool(said.get("dry_run")))
    for event in said["events"]:
        if "event" not in event:
            hit.dropped.append(Dropped(Refusal.SHAPE, "no event"))
            continue
        person = ProfileChange(set=event["set"]) if "set" in event else None
        hit.records.append(
            Record(
                UUID(event.get("uuid", str(uuid4()))),
                event["event"],
                event.get("id", "u1"),
                None,
                event.get("properties", {}),
                person=person,
            )
        )
    return hit


def answer(call: Call, hit: Hit, dropped: Any) -> Answer:
    return Answer(200, orjson.dumps({"ok": len(hit.records), "dropped": [each.reason for each in dropped]}))


def refuse(call: Call, refused: Refused) -> Answer:
    return Answer(refused.status, orjson.dumps({"reason": refused.reason, "detail": refused.detail}))


TEST = Protocol("test", decode, answer, refuse)
CONFIG = Protocol(
    "config", lambda call: Hit(""), lambda call, hit, dropped: Answer(200, b"{}"), refuse, False
)


def find(method: str, path: str) -> Protocol | None:
    return {PATH: TEST, "/t/config": CONFIG}.get(path)


@dataclass
class Answered:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Server:
    port: int
    capture: Capture

    def send(self, *events: Any, key: str = "k", method: str = "POST", **headers: str) -> Answered:
        """One request with these events; ``headers`` with underscores."""
        return self.raw(method, PATH, json.dumps({"key": key, "events": events}).encode(), **headers)

    def change(self, rows: models.QuerySet[Any], **fields: Any) -> None:
        """Change sources or keys as their actions do, and wait until this server knows."""
        began = time.monotonic()
        with transaction.atomic():
            rows.update(**fields)
            announce()
        until(lambda: (self.capture._sources._read_at or 0) > began)

    def raw(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answered:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, named)
            got = connection.getresponse()
            return Answered(got.status, {k.lower(): v for k, v in got.getheaders()}, got.read())
        finally:
            connection.close()


def until(true: Callable[[], object], patience: float = 10) -> None:
    """Wait for what another thread does; fails after ``patience`` seconds."""
    end = time.monotonic() + patience
    while not true():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)


RECEIVED = b"x-received"
"""A header that sets the server's clock for one request, so that recorded traffic comes when it came."""


@contextmanager
def serving() -> Iterator[Server]:
    """uvicorn in a thread on a free port, with capture as its only application."""
    capture = Capture()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            said = dict(scope["headers"]).get(RECEIVED)
            with clock.frozen_at(datetime.fromisoformat(said.decode())) if said else nullcontext():
                await capture(scope, receive, send)
            return
        assert (await receive())["type"] == "lifespan.startup"
        capture.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await capture.stop()
        await send({"type": "lifespan.shutdown.complete"})

    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    config = uvicorn.Config(
        application, log_level="warning", lifespan="on", log_config=None, timeout_graceful_shutdown=5
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="uvicorn")
    thread.start()
    until(lambda: capture._watch.listening)
    try:
        yield Server(listening.getsockname()[1], capture)
    finally:
        server.should_exit = True
        thread.join(PATIENCE_S)
        listening.close()
        assert not thread.is_alive()


def inbox() -> list[Record]:
    """Every record that waits, in order."""
    return [record for row in Arrival.objects.order_by("pk") for record in load(bytes(row.records))]
