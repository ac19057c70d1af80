"""Actions a second through each door at one and at eight connections, beside bare INSERT + COMMIT.

    python tests/perf/actions.py [SECONDS]

The action renames a look back: the row under its lock, an event with the changed fields, a NOTIFY; each connection has
a look back of its own. HTML: the form of a list's row, with session and CSRF token, answered by the row. API: a JSON
call with a token and an idempotency key. CLI: `tongpin do`, a process a call. Baseline: one INSERT of a row of the same
size and a COMMIT on the same PostgreSQL. Loopback; clients, server and PostgreSQL share the machine's cores.
"""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from typing import Any

import lab
import psycopg
import requests
from tests.ops.visitor import Visitor

from tongpin.kernel.postgres import Cluster

CONNECTIONS = (1, 8)
FILL = f"""
from tongpin.modules.goals.models import LookBack
user = User.objects.get(email="owner@perf.example")
actor = Actor.in_workspace(user, "perf")
rows = "day,value\\n" + "".join(f"2026-03-{{day:02d}},{{200 + day}}\\n" for day in range(1, 31))
for number in range({max(CONNECTIONS)}):
    print(run_named("goals.lookback.create", actor, {{"title": f"Row {{number}}", "text": rows}}).value.public_id)
"""


def insert(served: lab.Served, count: int) -> Any:
    connections = [psycopg.connect(Cluster(served.data / "postgres").url()) for _ in range(count)]
    connections[0].execute(
        "CREATE TABLE IF NOT EXISTS perf_row (id bigserial PRIMARY KEY, body jsonb, at timestamptz)"
    )
    connections[0].commit()
    body = '{"role": "member", "text": "' + "x" * 400 + '"}'

    def act(who: int, number: int) -> None:
        connections[who].execute("INSERT INTO perf_row (body, at) VALUES (%s, now())", [body])
        connections[who].commit()

    return act


def html(served: lab.Served, count: int, rows: list[str]) -> Any:
    visitors = [Visitor(served.address).sign_in("owner@perf.example") for _ in range(count)]
    tokens = []
    for visitor in visitors:
        page = visitor.get("/w/perf/members/").text
        tokens.append(page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0])

    def act(who: int, number: int) -> None:
        answer = visitors[who].session.post(
            f"{served.address}/w/perf/lookback/{rows[who]}/rename/",
            data={"csrfmiddlewaretoken": tokens[who], "title": f"Form {number}"},
            headers={"Referer": served.address, "Origin": served.address, "HX-Request": "true"},
            timeout=60,
        )
        assert answer.status_code == 200, (answer.status_code, answer.text[:500])

    return act


def api(served: lab.Served, count: int, rows: list[str], token: str) -> Any:
    sessions = [requests.Session() for _ in range(count)]
    for session in sessions:
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {token}"

    def act(who: int, number: int) -> None:
        answer = sessions[who].post(
            f"{served.address}/api/v1/workspaces/perf/actions/goals.lookback.rename",
            json={"target": rows[who], "data": {"title": f"Call {number}"}},
            headers={"Idempotency-Key": uuid.uuid4().hex},
            timeout=60,
        )
        assert answer.status_code == 200, answer.text

    return act


def cli(served: lab.Served, count: int, rows: list[str]) -> Any:
    def act(who: int, number: int) -> None:
        words = (
            "goals.lookback.rename",
            "--target",
            rows[who],
            "--json",
            json.dumps({"title": f"Line {number}"}),
        )
        subprocess.run(
            [sys.executable, "-m", "tongpin", "do", *words],
            env=served.environment,
            stdout=subprocess.DEVNULL,
            check=True,
            timeout=300,
        )

    return act


def main(seconds: float) -> None:
    with lab.server() as (served, token):
        lab.heading(f"Actions a second, {seconds:.0f} s each")
        rows = served.script(lab.HEAD + FILL).strip().splitlines()[-max(CONNECTIONS) :]
        counted = "SELECT count(*) FROM events_event WHERE action = 'goals.lookback.rename'"
        for count in CONNECTIONS:
            baseline = 0.0
            doors: tuple[tuple[str, Any], ...] = (
                ("INSERT + COMMIT", lambda n: insert(served, n)),
                ("HTML form", lambda n: html(served, n, rows)),
                ("API", lambda n: api(served, n, rows, token)),
                ("CLI", lambda n: cli(served, n, rows)),
            )
            for name, make in doors:
                act = make(count)
                with psycopg.connect(Cluster(served.data / "postgres").url()) as database:
                    [(before,)] = database.execute(counted).fetchall()
                    rate, took = lab.together(count, seconds, act)
                    [(after,)] = database.execute(counted).fetchall()
                if baseline:
                    assert after - before == len(took), f"{name}: {after - before} of {len(took)} were done"
                baseline = baseline or rate
                half, most = (lab.percentile(took, share) * 1000 for share in (0.5, 0.99))
                print(
                    f"  {name:<16} {count} at once  {rate:8.1f} a second  {half:8.1f} ms p50  {most:8.1f} ms p99"
                    f"   1 : {baseline / rate:.1f}"
                )


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 8)
