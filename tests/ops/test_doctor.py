"""``tongpin doctor`` finds each failure that can be caused, says what to do, and answers to scripts and in Chinese."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections import namedtuple

import pytest

from tests.ops.drill import FILL, database, handed_over, last_line, until
from tests.serving import Served
from tongpin.config import diagnosis
from tongpin.config.findings import SUBJECTS
from tongpin.kernel.mail.tests.sink import Sink, running

processes = [pytest.mark.processes]
Usage = namedtuple("Usage", "total used free")


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    server = Served(tmp_path_factory.mktemp("doctor") / "data").start()
    try:
        server.made = json.loads(last_line(server.script(FILL)))
        until(lambda: handed_over(server), what="for the relay")
        server.run("reindex")  # some of the people were put in past the actions, without an event
        yield server
    finally:
        assert server.stop() == 0


def found(served: Served, **more: str) -> tuple[int, dict[str, dict[str, str]]]:
    """Exit code, and each subject's worst finding."""
    done = served.run("doctor", "--json", check=False, **more)
    assert "Traceback" not in done.stderr, done.stderr
    findings = sorted(
        json.loads(done.stdout), key=lambda each: ["ok", "warning", "error"].index(each["level"])
    )
    assert all(each["hint"] for each in findings if each["level"] != "ok")
    return done.returncode, {each["subject"]: each for each in findings}


def levels(findings: dict[str, dict[str, str]], level: str) -> set[str]:
    return {subject for subject, each in findings.items() if each["level"] == level}


class TestBesideAServer:
    pytestmark = processes

    def test_nothing_is_wrong_with_a_fresh_server(self, served):
        code, findings = found(served)
        assert (code, levels(findings, "error")) == (0, set())
        assert set(findings) == set(SUBJECTS)
        # Mail is printed, and the tests' own switch is on: both are said and neither is an error.
        assert levels(findings, "warning") == {"mail", "mode"}

    def test_it_speaks_to_people_in_their_language(self, served):
        english = served.run("doctor", check=False).stdout
        chinese = served.run("doctor", check=False, LANG="zh_CN.UTF-8", PYTHONIOENCODING="utf-8").stdout
        assert "! mail server: Mail is printed, not sent.\n    Set TONGPIN_SMTP" in english
        assert "! 邮件服务器: 邮件只打印到日志，没有发送。\n    请将 TONGPIN_SMTP" in chinese

    def test_failures_outside(self, served):
        code, findings = found(
            served,
            CLICKHOUSE_URL="http://127.0.0.1:9",
            TONGPIN_SMTP="smtp://someone:secret-word@127.0.0.1:9",
            TONGPIN_URL="http://tongpin.example.com",
        )
        assert (code, levels(findings, "error")) == (1, {"store", "mail"})
        assert "address" in levels(findings, "warning")
        assert "secret-word" not in json.dumps(findings)

    def test_a_mail_server_that_answers(self, served):
        with running(Sink()) as sink:
            code, findings = found(served, TONGPIN_SMTP=f"smtp://127.0.0.1:{sink.port}")
            assert (code, findings["mail"]["level"]) == (0, "ok")
            # A password is only ever sent encrypted; that this server cannot is found before the first mail.
            code, findings = found(served, TONGPIN_SMTP=f"smtp://someone:secret-word@127.0.0.1:{sink.port}")
            assert (code, findings["mail"]["level"]) == (1, "error")
            assert sink.mails == []

    def test_failures_inside(self, served):
        with database(served) as connection:
            connection.execute(
                "UPDATE mail_outboxmail SET state = 'failed' WHERE id = (SELECT min(id) FROM mail_outboxmail)"
            )
            connection.execute(
                "INSERT INTO events_parkedevent (subscriber, event_id, attempts, error, parked_at)"
                " SELECT 'store.copy', min(id), 8, 'it broke', now() FROM events_event"
            )
            connection.execute("DELETE FROM search_searchdocument WHERE title LIKE '续费率%'")
        os.chmod(served.data, 0o755)
        code, findings = found(served)
        assert (code, levels(findings, "error")) == (0, set())
        assert levels(findings, "warning") == {"folder", "mail", "mode", "outbox", "parked", "search"}
        os.chmod(served.data, 0o700)
        served.run("reindex")
        assert found(served)[1]["search"]["level"] == "ok"

    def test_a_worker_that_hangs(self, served):
        worker = served.pid("worker")
        os.kill(worker, signal.SIGSTOP)
        try:
            with database(served) as connection:
                connection.execute(
                    "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'"
                )
            code, findings = found(served)
            assert (code, levels(findings, "error")) == (1, {"worker"})
        finally:
            os.kill(worker, signal.SIGCONT)
        with database(served) as connection:
            connection.execute("DELETE FROM procrastinate_workers")
        assert found(served)[1]["worker"]["level"] == "error"
        # It registers again by itself as soon as it finds that nobody knows it.
        until(lambda: found(served)[1]["worker"]["level"] == "ok", 120, "for the worker to register")

    def test_a_schema_that_is_behind(self, served):
        with database(served) as connection:
            taken = connection.execute(
                "DELETE FROM django_migrations WHERE app = 'goals' RETURNING app, name, applied"
            ).fetchall()
        code, findings = found(served)
        with database(served) as connection, connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, %s)", taken
            )
        assert (code, levels(findings, "error")) == (1, {"schema"})
        assert "tongpin migrate" in findings["schema"]["hint"]
        assert found(served)[0] == 0

    def test_a_process_that_does_not_come_back(self, served):
        store = served.data / "store"
        aside = served.data / "aside"
        before = served.pid("store")
        store.rename(aside)
        store.write_text("in the way")
        os.kill(before, signal.SIGKILL)
        try:
            until(lambda: served.state()["children"]["store"]["state"] == "waiting", what="for it to fail")
            code, findings = found(served)
            assert (code, levels(findings, "error")) == (1, {"processes", "store"})
            assert "store" in findings["processes"]["message"]
        finally:
            store.unlink()
            aside.rename(store)
        until(lambda: served.state()["children"]["store"]["state"] == "ready", 120, "for the store")


def test_without_a_server_it_says_what_to_start(tmp_path):
    nobody = Served(tmp_path / "data")
    code, findings = found(nobody)
    assert code == 1
    assert levels(findings, "error") == {"processes", "database", "store"}
    assert "tongpin serve" in findings["processes"]["hint"]


@pytest.mark.parametrize(("free", "level"), [(1024**2, "error"), (1024**3, "warning"), (9 * 1024**3, "ok")])
def test_a_disk_that_fills_up(monkeypatch, tmp_path, free, level):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(10 * 1024**3, 0, free))
    assert diagnosis._disk(tmp_path).level == level


@pytest.mark.django_db
def test_a_stream_that_falls_behind(monkeypatch):
    monkeypatch.setattr(diagnosis.relay, "lag", lambda: {"search": 5000, "notifications": 3})
    finding = diagnosis._stream()
    assert finding.level == "warning"
    assert "search 5000" in finding.message
    assert "notifications" not in finding.message
