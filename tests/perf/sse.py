"""Live stream fan-out: ``python tests/perf/sse.py [CLIENTS] [EVENTS]`` (500 and 200 by default), over loopback.

A database and one web process of its own; CLIENTS open streams of 20 members; EVENTS committed one transaction each.
Prints deliveries a second, how long after its commit a hint arrived, and how many were lost or doubled (must be 0).
Ends by itself after LIMIT_S at the latest.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "src"))
PEOPLE = 20
LIMIT_S = 180

SERVE = """
import sys
import django, uvicorn
django.setup()
from tongpin.kernel.realtime.asgi import Realtime
realtime = Realtime()
async def application(scope, receive, send):
    await (realtime.lifespan if scope["type"] == "lifespan" else realtime)(scope, receive, send)
uvicorn.run(application, fd=int(sys.argv[1]), log_level="warning", log_config=None, backlog=1024)
"""


def sessions() -> list[str]:
    """Session keys of PEOPLE members of one new workspace."""
    from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from tongpin.kernel.tenancy.models import Membership, User, Workspace

    workspace = Workspace.objects.create(slug="perf", name="Perf")
    keys = []
    for number in range(PEOPLE):
        user = User.objects.create_user(f"p{number}@perf.example", name=f"P{number}")
        Membership.objects.create(workspace=workspace, user=user)
        store = SessionStore()
        store[SESSION_KEY] = str(user.pk)
        store[HASH_SESSION_KEY] = user.get_session_auth_hash()
        store.create()
        keys.append(store.session_key)
    return keys


def commit(count: int) -> list[float]:
    """Record so many events, a transaction each; when each was committed."""
    from dataclasses import dataclass

    from django.db import connection, transaction

    from tongpin.kernel.events import payloads, recording
    from tongpin.kernel.tenancy.actor import Actor
    from tongpin.kernel.tenancy.models import Workspace

    @payloads.event("testing.perf")
    @dataclass(frozen=True)
    class Perf:
        number: int

    workspace = Workspace.objects.get(slug="perf")
    at = []
    for number in range(count):
        with transaction.atomic(), recording.recording(Actor.system(workspace), "testing.perf"):
            recording.emit(Perf(number), workspace)
        at.append(time.perf_counter())
    connection.close()
    return at


async def listen(
    port: int, session: str, cookie: str, expected: int, ready: asyncio.Event, up: list[int], total: int
) -> list[tuple[str, float]]:
    """One client: the id and the arrival of every hint, until it has as many as expected."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    request = f"GET /rt/events HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}={session}\r\n\r\n"
    writer.write(request.encode())
    await writer.drain()
    status = await reader.readline()
    assert b" 200 " in status, status
    await reader.readuntil(b"event: hello\n")
    up[0] += 1
    if up[0] == total:
        ready.set()
    got: list[tuple[str, float]] = []
    ident = ""
    while len(got) < expected:
        line = await reader.readline()
        if not line:
            break
        if line.startswith(b"id: "):
            ident = line[4:].decode().strip()
        elif line == b"event: changed\n":
            got.append((ident, time.perf_counter()))
        assert line != b"event: resync\n", "a client was too slow"
    writer.close()
    return got


async def run(port: int, keys: list[str], cookie: str, clients: int, events: int) -> None:
    ready, up = asyncio.Event(), [0]
    began = time.perf_counter()
    listening = [
        asyncio.create_task(listen(port, keys[n % PEOPLE], cookie, events, ready, up, clients))
        for n in range(clients)
    ]
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait([waiting, *listening], return_when=asyncio.FIRST_COMPLETED)
    assert ready.is_set(), next(task.exception() for task in listening if task.done())
    print(f"{clients} streams open after {time.perf_counter() - began:.2f} s")
    with ThreadPoolExecutor(1) as pool:
        committed = await asyncio.get_running_loop().run_in_executor(pool, commit, events)
    got = await asyncio.gather(*listening)
    first, last = committed[0], max(at for one in got for _, at in one)
    order = [ident for ident, _ in got[0]]
    after = sorted(
        at - committed[number] for one in got for number, (_, at) in enumerate(one) if number < len(committed)
    )
    lost = sum(events - len({ident for ident, _ in one}) for one in got)
    doubled = sum(count - 1 for one in got for count in Counter(ident for ident, _ in one).values())
    mixed = sum([ident for ident, _ in one] != order for one in got)
    deliveries = sum(len(one) for one in got)
    print(
        json.dumps(
            {
                "clients": clients,
                "events": events,
                "deliveries": deliveries,
                "deliveries_per_s": round(deliveries / (last - first)),
                "ms_after_commit_p50": round(after[len(after) // 2] * 1000, 1),
                "ms_after_commit_p99": round(after[len(after) * 99 // 100] * 1000, 1),
                "lost": lost,
                "doubled": doubled,
                "out_of_order": mixed,
            }
        )
    )
    assert lost == doubled == mixed == 0


def main() -> None:
    clients, events = (int(n) for n in [*sys.argv[1:], *["500", "200"][len(sys.argv) - 1 :]])
    data = Path(tempfile.mkdtemp(prefix="tongpin-sse-"))
    os.environ.update(
        TONGPIN_DATA=str(data), TONGPIN_TESTING="1", DJANGO_SETTINGS_MODULE="tongpin.config.settings"
    )
    os.environ["PYTHONPATH"] = str(ROOT / "src")
    os.environ.pop("DATABASE_URL", None)
    from tongpin.kernel.postgres import Cluster

    cluster = Cluster(data / "postgres")
    cluster.prepare()
    cluster.spawn()
    web = None
    try:
        cluster.wait_ready(60)
        import django

        django.setup()
        from django.conf import settings
        from django.core.management import call_command

        call_command("migrate", verbosity=0, interactive=False)
        keys = sessions()
        with socket.socket() as listening:
            listening.bind(("127.0.0.1", 0))
            listening.listen(1024)
            web = subprocess.Popen(
                [sys.executable, "-c", SERVE, str(listening.fileno())], pass_fds=[listening.fileno()]
            )
            port = listening.getsockname()[1]
            work = run(port, keys, settings.SESSION_COOKIE_NAME, clients, events)
            asyncio.run(asyncio.wait_for(work, LIMIT_S))
    finally:
        if web is not None:
            web.terminate()
            web.wait(30)
        cluster.stop()
        shutil.rmtree(data, ignore_errors=True)


if __name__ == "__main__":
    main()
