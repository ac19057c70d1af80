"""Imports on the command line: what it says of rows and files, stopping one, going on, and who may."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from click.testing import CliRunner
from django.utils import translation

from tongpin.config.cli.events import events
from tongpin.kernel import clock
from tongpin.kernel.actions.door import run_named
from tongpin.modules.analytics.enums import ImportState
from tongpin.modules.analytics.importing import running
from tongpin.modules.analytics.models import Arrival, EventImport, ParkedArrival
from tongpin.modules.analytics.wire.record import Record, dump

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def source(people, actor_of):
    return run_named("analytics.source.create", actor_of("owner"), {"name": "Shop"}).value


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "events.csv"
    path.write_text("user,event,time\nu1,view,2026-03-01\nu2,view,never\nu3,view,2026-03-02\n")
    return path


def run(*words: str, language: str = "C"):
    with translation.override("en"):
        return CliRunner().invoke(events, [*words, "--workspace", "acme"], env={"LC_ALL": language})


def test_an_import_is_stopped_and_the_same_command_goes_on(source, file, monkeypatch):
    monkeypatch.setattr(running, "CHUNK", 1)
    handed = running.actions.hand_in

    def stopping(row, *rest):
        done = handed(row, *rest)
        if row.rows == 1:
            said = run("stop", str(row.public_id))
            assert said.output == "The import was stopped after row 1.\n"
        return done

    monkeypatch.setattr(running.actions, "hand_in", stopping)
    first = run("import", str(file))
    assert first.exit_code != 0
    assert "The import was stopped after row 1." in first.stderr
    assert "The same command goes on with it." in first.stderr
    row = EventImport.objects.get()
    assert (row.state, row.rows, row.total) == (ImportState.STOPPED, 1, 3)
    monkeypatch.setattr(running.actions, "hand_in", handed)
    second = run("import", str(file))
    assert json.loads(second.stdout) == {"import": str(row.public_id), "rows": 3, "events": 2, "refused": 1}
    assert "Row 2: “time” is no time: 'never'" in second.stderr
    again = run("stop", str(row.public_id))
    assert (again.exit_code, again.stdout) == (2, "")
    assert "“events.csv” is not being read." in again.stderr
    assert json.loads(run("imports").stdout)["state"] == "done"


def test_rows_and_files_are_refused_in_the_readers_language(source, file):
    assert (
        "第 2 行：“time”不是时间：'never'"
        in run("import", str(file), "--dry-run", language="zh_CN.UTF-8").output
    )
    file.write_text("one column\n1\n")
    said = run("import", str(file)).stderr
    assert "The first line of a CSV must name its columns, each once." in said
    assert "--separator says what parts the columns." in said
    assert not EventImport.objects.exists()


def test_a_file_that_breaks_off_leaves_an_import_that_says_so(source, file, monkeypatch):
    monkeypatch.setattr(running, "lines", lambda *_: (_ for _ in ()).throw(running.FileRefused("damaged")))
    assert "The file breaks off, or is damaged." in run("import", str(file)).stderr
    row = EventImport.objects.get()
    assert (row.state, row.trouble) == (ImportState.FAILED, "damaged")


def test_a_member_stops_nothing(source, file, people, actor_of):
    columns = {"event": "event", "user": "user", "time": "time"}
    data = {"source": source.public_id, "name": "x", "digest": "0" * 64, "columns": columns}
    row = run_named("analytics.import.start", actor_of("owner"), data).value
    said = run("stop", str(row.public_id), "--as", people.member.user.email)
    assert said.exit_code != 0
    row.refresh_from_db()
    assert row.state == ImportState.RUNNING


def test_what_was_set_aside_is_tried_again_and_what_cannot_be_read_stays(source):
    good = dump([Record(uuid=uuid4(), event="paid", distinct_id="anna", at=clock.now(), properties={})])
    for records in (good, b'{"v":99,"r":[]}'):
        ParkedArrival.objects.create(
            source=source.pk, received_at=clock.now(), count=1, records=records, reason="old"
        )
    with translation.override("en"):
        said = CliRunner().invoke(events, ["retry-parked"], env={"LC_ALL": "C"})
    assert said.exit_code == 2
    assert json.loads(said.stdout) == {"inbox": 1, "finished": 0, "parked": 1}
    assert "1 request still cannot go on.\n  ValueError: records of version 99" in said.stderr
    assert bytes(Arrival.objects.get().records) == good
    assert "version 99" in ParkedArrival.objects.get().reason
    ParkedArrival.objects.all().delete()
    with translation.override("en"):
        said = CliRunner().invoke(events, ["retry-parked"], env={"LC_ALL": "C"})
    assert (said.exit_code, json.loads(said.stdout)) == (0, {"inbox": 0, "finished": 0, "parked": 0})
