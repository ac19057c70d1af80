"""Single events taken over HTTP: ``python tests/perf/capture.py [SECONDS]`` (8 a level by default).

A whole server of its own, its PostgreSQL durable (fsync). The load comes from another process: raw sockets, each
connection sends the next event when it has the answer to the last, and every answer must be 200. Each level is set
beside two bare things of the same run: an ASGI application under the same uvicorn that reads the body and answers 200,
and one fsynced PostgreSQL insert at a time over one connection. The worker stands still meanwhile, so that capture is
measured alone and the inbox must hold every answered event exactly once afterwards.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import lab

LEVELS = (1, 8, 32)
UMAMI = {1: (153, 5.8), 8: (253, 27), 32: (292, 98)}
"""Umami 3 on PostgreSQL on a machine like this: requests a second, and p50 in ms."""
KEY = "phc_perf"

SOURCE = """
from tongpin.modules.analytics.models import Source, SourceKey
workspace = Workspace.objects.get(slug="perf")
source = Source.objects.create(workspace=workspace, name="Perf")
SourceKey.objects.create(workspace=workspace, source=source, value="phc_perf")
"""
COUNT = """
from tongpin.modules.analytics.models import Arrival
from tongpin.modules.analytics.wire.record import load
found = [str(r.uuid) for a in Arrival.objects.iterator() for r in load(bytes(a.records))]
print(len(found), len(set(found)))
"""
BARE_WEB = """
import sys, uvicorn
async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        for _ in range(2):
            await send({"type": (await receive())["type"] + ".complete"})
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"12")]})
    await send({"type": "http.response.body", "body": b'{"status":1}'})
uvicorn.run(application, port=int(sys.argv[1]), log_level="error", access_log=False)
"""
BARE_WRITE = """
import time, psycopg
from django.db import connection
wanted = {"dbname", "user", "password", "host", "port"}
params = {k: v for k, v in connection.get_connection_params().items() if k in wanted}
with psycopg.connect(**params, autocommit=True) as c:
    c.execute("CREATE TABLE bare (id bigserial, body bytea)")
    body, took, end = b"x" * 400, [], time.perf_counter() + 3
    while (began := time.perf_counter()) < end:
        c.execute("INSERT INTO bare (body) VALUES (%b)", [body])
        took.append(time.perf_counter() - began)
    c.execute("DROP TABLE bare")
print(len(took) / 3)
"""
# In a process of its own, so that making the load and taking it do not share an interpreter.
LOAD = '''
import asyncio, json, sys, time, uuid
host, port, connections, seconds, path = sys.argv[1:]
port, connections, seconds = int(port), int(connections), float(seconds)
HEAD = "POST %s HTTP/1.1\\r\\nHost: x\\r\\nUser-Agent: load\\r\\nContent-Type: application/json\\r\\n" % path
HEAD += "Origin: https://shop.example\\r\\nContent-Length: %d\\r\\n\\r\\n"
BODY = """{"api_key":"phc_perf","batch":[{"uuid":"%s","event":"order paid","distinct_id":"u%d","timestamp":"%s",\
"properties":{"token":"phc_perf","distinct_id":"u%d","$lib":"web","$current_url":"https://shop.example/cart",\
"$browser":"Chrome","$os":"Linux","amount":%d,"plan":"pro","$session_id":"0199-%d"}}],"sent_at":"%s"}"""

async def one(number, took, sent):
    reader, writer = await asyncio.open_connection(host, port)
    end = time.perf_counter() + seconds
    count = 0
    while (began := time.perf_counter()) < end:
        ident = str(uuid.uuid4())
        now = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
        body = (BODY % (ident, count % 500, now, count % 500, count, count % 90, now)).encode()
        writer.write((HEAD % len(body)).encode() + body)
        head = await reader.readuntil(b"\\r\\n\\r\\n")
        assert head.startswith(b"HTTP/1.1 200 "), head
        lower = head.lower()
        start = lower.index(b"content-length:") + 15
        await reader.readexactly(int(lower[start:lower.index(b"\\r", start)]))
        took.append(time.perf_counter() - began)
        count += 1
    sent.append(count)
    writer.close()

async def main():
    took, sent = [], []
    began = time.perf_counter()
    await asyncio.gather(*[one(n, took, sent) for n in range(connections)])
    lasted = time.perf_counter() - began
    took.sort()
    print(json.dumps({"rate": len(took) / lasted, "p50": took[len(took) // 2] * 1000,
                      "p99": took[len(took) * 99 // 100] * 1000, "count": sum(sent)}))

try:
    import uvloop
    uvloop.run(main())
except ImportError:
    asyncio.run(main())
'''


def load(address: str, connections: int, seconds: float, path: str = "/batch/") -> dict[str, float]:
    """What one run of the load measured."""
    host, _, port = address.removeprefix("http://").partition(":")
    done = subprocess.run(
        [sys.executable, "-c", LOAD, host, port, str(connections), str(seconds), path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def bare(connections: int, seconds: float) -> dict[str, float]:
    """The same load on an application that does nothing."""
    port = 18765
    web = subprocess.Popen([sys.executable, "-c", BARE_WEB, str(port)])
    try:
        time.sleep(2)
        return load(f"http://127.0.0.1:{port}", connections, seconds)
    finally:
        web.terminate()
        web.wait(10)


def main(seconds: float) -> None:
    lab.heading("Single events over HTTP, each committed before its answer")
    with lab.server() as (served, _token):
        # The test plug-in turns fsync off for its own clusters only; a served one is as in production.
        assert "fsync = on" in (Path(served.data) / "postgres").joinpath("data", "tongpin.conf").read_text()
        served.script(lab.HEAD + SOURCE)
        writes = float(served.script(BARE_WRITE).strip().splitlines()[-1])
        print(f"  bare: one insert, one commit, one connection    {writes:8.0f} commits/s")
        worker = served.pid("worker")
        assert worker is not None
        os.kill(worker, signal.SIGSTOP)
        total = load(served.address, 8, 2)["count"]
        for connections in LEVELS:
            empty = bare(connections, 3)
            before = _seconds(served)
            got = load(served.address, connections, seconds)
            used = [
                (now - then) / got["count"] * 1e6 for now, then in zip(_seconds(served), before, strict=True)
            ]
            total += got["count"]
            rate, p50 = UMAMI[connections]
            print(
                f"  {connections:2d} connections {got['rate']:7.0f} requests/s"
                f"   p50 {got['p50']:6.1f} ms   p99 {got['p99']:6.1f} ms"
                f"   {got['rate'] / empty['rate']:5.2f} × bare uvicorn ({empty['rate']:.0f}/s)"
                f"   {got['rate'] / writes:5.2f} × bare commits"
                f"   {got['rate'] / rate:5.1f} × Umami 3 ({rate}/s, p50 {p50} ms)"
                f"   CPU a request: web {used[0]:.0f} µs, postgres {used[1]:.0f} µs"
            )
        print(f"  memory of web {_memory(served.pid('web')):.0f} MB")
        rows, distinct = map(int, served.script(COUNT).strip().splitlines()[-1].split())
        print(f"  answered {total:.0f}, in the inbox {rows}, distinct {distinct}")
        os.kill(worker, signal.SIGCONT)
        assert rows == distinct == total


def _seconds(served: lab.Served) -> tuple[float, float]:
    """CPU seconds so far of the web process, and of PostgreSQL with its children."""
    import psutil

    web, postgres = psutil.Process(served.pid("web")), psutil.Process(served.pid("postgres"))
    took = []
    for group in ([web], [postgres, *postgres.children()]):
        took.append(sum(t.user + t.system for t in (each.cpu_times() for each in group)))
    return took[0], took[1]


def _memory(pid: int | None) -> float:
    import psutil

    return float(psutil.Process(pid).memory_full_info().pss) / 1e6


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 8)
