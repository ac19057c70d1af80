"""A server as its operator sees it: ready or not, its figures, its log, its end."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys

import pytest
import requests

from tests.ops.drill import FILL, database, handed_over, last_line, until
from tests.ops.visitor import PASSWORD, Visitor, stream
from tests.serving import Served
from tongpin.kernel.mail.tests.sink import Sink, running

pytestmark = [pytest.mark.processes]


@pytest.fixture(scope="module")
def post():
    """A mail server that refuses one address, and names it in its answer as they all do."""
    with running(Sink(answers={"refused@acme.example": "550 5.1.1 <refused@acme.example> unknown"})) as sink:
        yield sink


@pytest.fixture(scope="module")
def served(post, tmp_path_factory):
    server = Served(
        tmp_path_factory.mktemp("serve") / "data", TONGPIN_SMTP=f"smtp://127.0.0.1:{post.port}"
    ).start()
    try:
        server.made = json.loads(last_line(server.script(FILL)))
        yield server
    finally:
        if server.process.poll() is None:
            server.stop()


def metrics(served: Served) -> dict[str, float]:
    text = requests.get(f"{served.address}/metrics", timeout=60).text
    return {
        name: float(value)
        for name, value in (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    }


def test_readiness_follows_the_database_and_not_the_store(served):
    ready = requests.get(f"{served.address}/readyz", timeout=30)
    assert ready.json() == {
        "status": "ok",
        "checks": {"database": "ok", "migrations": "ok", "store": "ok"},
    }
    before = served.pid("postgres")
    os.kill(before, signal.SIGSTOP)
    os.kill(before, signal.SIGKILL)
    until(lambda: served.pid("postgres") not in {None, before} and served.ready(), what="for the database")
    store = served.pid("store")
    os.kill(store, signal.SIGSTOP)
    try:
        without = requests.get(f"{served.address}/readyz", timeout=60)
        assert (without.status_code, without.json()["checks"]["store"]) == (200, "unreachable")
        assert requests.get(f"{served.address}/healthz", timeout=30).json()["status"] == "ok"
    finally:
        os.kill(store, signal.SIGCONT)


def test_figures_are_of_the_product_and_name_nobody(served):
    visitor = Visitor(served.address).sign_in("owner@acme.example")
    until(lambda: handed_over(served), what="for the relay")
    before = metrics(served)
    assert before["tongpin_database_up"] == before["tongpin_store_up"] == 1
    assert before["tongpin_workers_alive"] == 1
    assert before['tongpin_relay_lag_events{subscriber="store.copy"}'] == 0
    assert before['tongpin_relay_parked_events{subscriber="store.copy"}'] == 0
    assert before['tongpin_jobs{state="failed"}'] == 0
    assert 'tongpin_outbox_mails{state="failed"}' in before
    with stream(visitor):
        assert metrics(served)["tongpin_streams_open"] == before["tongpin_streams_open"] + 1
    counted = [name for name in before if name.startswith("tongpin_requests_total")]
    assert counted
    text = requests.get(f"{served.address}/metrics", timeout=60).text
    for secret in ("acme", "周一诺", served.made["lookback"]):
        assert secret not in text


def test_figures_are_not_for_strangers(served):
    through_proxy = {"X-Forwarded-For": "203.0.113.9"}
    assert requests.get(f"{served.address}/metrics", headers=through_proxy, timeout=30).status_code == 404


def test_two_workers_share_the_work(served, post):
    second = subprocess.Popen(
        [sys.executable, "-m", "tongpin", "worker"], env=served.environment, stderr=subprocess.DEVNULL
    )
    try:
        until(lambda: metrics(served)["tongpin_workers_alive"] == 2, what="for the second worker")
        for number in range(30):
            answer = requests.post(
                f"{served.address}/api/v1/workspaces/acme/actions/workspaces.member.invite",
                json={"data": {"email": f"shared{number:02d}@acme.example"}},
                headers={"Authorization": f"Bearer {served.made['token']}"},
                timeout=60,
            )
            assert answer.status_code == 200
        names = sorted(f"shared{number:02d}@acme.example" for number in range(30))

        def arrived() -> list[str]:
            return sorted(mail["To"] for mail in post.mails if mail["To"].startswith("shared"))

        until(lambda: len(arrived()) >= 30 and handed_over(served), what="for the mails")
        assert arrived() == names
    finally:
        second.terminate()
        assert second.wait(60) == 0
    until(lambda: metrics(served)["tongpin_workers_alive"] == 1, what="for it to have left")


def test_a_job_whose_worker_died_is_run_again(served):
    worker = served.pid("worker")
    os.kill(worker, signal.SIGSTOP)
    try:
        served.run("do", "goals.lookback.evaluate", "--target", served.made["lookback"])
        with database(served) as connection:  # as it is left by a worker that took it and was killed
            taken = "UPDATE procrastinate_jobs SET status = 'doing' WHERE task_name = 'goals.evaluate' RETURNING 1"
            assert connection.execute(taken).fetchall() == [(1,)]
    finally:
        os.kill(worker, signal.SIGCONT)

    def state() -> str:
        with database(served) as connection:
            return connection.execute("SELECT state FROM goals_lookback").fetchone()[0]

    until(lambda: state() == "done", 180, "for the job")


def test_the_log_names_nobody_and_keeps_no_secret(served, post):
    visitor = Visitor(served.address)
    visitor.post("/accounts/login/", {"login": "owner@acme.example", "password": "not my password 7"})
    visitor.sign_in("owner@acme.example")
    texts = [mail.get_body(("plain",)).get_content() for mail in post.mails]
    link = re.search(r"/invite/([\w-]{20,})", "".join(texts))[1]
    Visitor(served.address).get(f"/invite/{link}/")
    visitor.session.post(f"{served.address}/invite/{link}/", data={}, timeout=60)  # no CSRF token
    visitor.session.post(f"{served.address}/files/{link}/{link}", timeout=60)
    bearer = {"Authorization": f"Bearer {served.made['token']}"}
    api = f"{served.address}/api/v1/workspaces/acme/actions/workspaces.member.invite"
    for call in ({"data": {"email": "refused@acme.example"}}, {"data": {"email": 7}}, {"other": 1}):
        requests.post(api, json=call, headers=bearer, timeout=60)
    requests.post(api, json={}, headers={"Authorization": "Bearer tp_wrong_secret_of_somebody"}, timeout=60)
    served.run("do", "workspaces.profile.edit", "--json", '{"name": "张三丰"}')

    def refused() -> bool:
        with database(served) as connection:
            failed = "SELECT count(*) FROM mail_outboxmail WHERE state = 'failed'"
            return connection.execute(failed).fetchone() == (1,)

    until(refused, what="for the refusal")
    log = served.log.read_text()
    assert "mail.failed" in log
    secrets = [
        "acme.example",
        "周一诺",
        "张三丰",
        PASSWORD,
        "not my password 7",
        served.made["token"],
        "tp_wrong_secret",
        link,
        visitor.session.cookies["tongpin_session"],
        (served.data / "keys" / "secret").read_text(),
    ]
    assert [secret for secret in secrets if secret in log] == []
    lines = [line for line in log.splitlines() if line.startswith("{")]
    assert len(lines) > 20
    assert all(json.loads(line)["timestamp"] for line in lines)


def test_it_ends_in_order_while_streams_are_open(served):
    visitor = Visitor(served.address).sign_in("owner@acme.example")
    with stream(visitor) as said:
        children = [served.pid(name) for name in ("postgres", "store", "web", "worker")]
        assert served.stop(150) == 0
        until(lambda: said[-1]["event"] == "end", what="for the stream to end")
    for pid in children:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    assert "killed" not in served.log.read_text().rpartition('"stopping"')[2]


def test_the_schema_reaches_a_store_that_comes_up_late(tmp_path):
    served = Served(tmp_path / "data")
    served.data.mkdir(mode=0o700)
    (served.data / "store").write_text("in the way")
    served.start()
    try:
        assert requests.get(f"{served.address}/readyz", timeout=60).json()["checks"]["store"] == "unreachable"
        with database(served) as connection:
            assert connection.execute("SELECT count(*) FROM events_event").fetchone() == (0,)
        (served.data / "store").unlink()
        asked = (
            "from tongpin.kernel.store import schema; print(len(schema.migrations()) - len(schema.applied()))"
        )
        until(lambda: served.state()["children"]["store"]["state"] == "ready", 120, "for the store")

        def up_to_date() -> bool:
            done = subprocess.run(
                [sys.executable, "-c", f"import django; django.setup(); {asked}"],
                env=served.environment | {"DJANGO_SETTINGS_MODULE": "tongpin.config.settings"},
                capture_output=True,
                text=True,
                timeout=120,
            )
            return done.returncode == 0 and last_line(done.stdout) == "0"

        until(up_to_date, 150, "for the schema")
    finally:
        assert served.stop(150) == 0
