"""A file from its first row into the store, stopped, gone on with, brought in again, and taken back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tongpin.kernel.errors import Conflict, Denied, Invalid, NotFound
from tongpin.kernel.events.models import Event
from tongpin.kernel.store import client
from tongpin.modules.analytics.actions import event_import as actions
from tongpin.modules.analytics.actions.flush import run_once
from tongpin.modules.analytics.enums import ImportState
from tongpin.modules.analytics.import_jobs import undo_imports
from tongpin.modules.analytics.importing import running as reader
from tongpin.modules.analytics.importing.reading import digest, shape
from tongpin.modules.analytics.models import Arrival, EventImport, RefusedRow
from tongpin.modules.analytics.queries import person

pytestmark = pytest.mark.django_db(transaction=True)
KEPT_AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
COLUMNS = {"event": "event", "user": "user", "time": "at", "zone": "UTC"}


@pytest.fixture
def file(tmp_path):
    rows = [f"u{n % 7},view,2026-03-01T08:00:{n % 60:02d},{n}" for n in range(120)]
    rows[50] = "u1,view,never,50"
    rows[60] = "u1,view"
    path = tmp_path / "events.csv"
    path.write_text("user,event,at,n\n" + "\n".join(rows) + "\n")
    return path


@pytest.fixture
def chunks(monkeypatch):
    monkeypatch.setattr(reader, "CHUNK", 25)


def start(actor, source, file, columns=COLUMNS):
    data = {"source": source.public_id, "name": file.name, "digest": digest(file), "columns": columns}
    return actions.start_import.run(actor, data).value


def bring(row, file, progress=lambda row: None):
    return reader.run(row, file, shape(file), progress)


def stored() -> int:
    while run_once():
        pass
    return client.query("SELECT count() FROM events").rows[0][0]


def test_a_file_comes_in_once_however_often_it_is_given(store, source, actor_of, file, chunks):
    row = bring(start(actor_of("admin"), source, file), file)
    assert (row.state, row.rows, row.events, row.refused) == (ImportState.DONE, 120, 118, 2)
    assert [(r.number, r.detail) for r in RefusedRow.objects.order_by("number")] == [
        (51, "“at” is no time: 'never'"),
        (61, "2 cells where the heading has 4"),
    ]
    assert stored() == 118
    again = bring(start(actor_of("admin"), source, file), file)
    assert again.pk != row.pk
    assert stored() == 118
    said = [e.name for e in Event.objects.order_by("pk") if e.name.startswith("analytics.import")]
    assert said == ["analytics.import_started", "analytics.import_finished"] * 2


def test_stopped_in_the_middle_it_goes_on_from_there(store, source, actor_of, file, chunks):
    row = start(actor_of("owner"), source, file)

    def stop(row):
        if row.rows == 50:
            actions.stop_import.run(actor_of("owner"), {}, target=row)

    bring(row, file, stop)
    row.refresh_from_db()
    assert (row.state, row.rows) == (ImportState.STOPPED, 50)
    same = start(actor_of("owner"), source, file)
    assert same.pk == row.pk
    assert bring(same, file).state == ImportState.DONE
    assert (same.rows, same.events) == (120, 118)
    assert sum(Arrival.objects.values_list("count", flat=True)) == 118
    assert stored() == 118


def test_two_at_once_hand_no_row_in_twice(store, source, actor_of, file, chunks):
    row = start(actor_of("owner"), source, file)
    other = EventImport.objects.select_related("source", "workspace").get(pk=row.pk)

    def overtake(row):
        if row.rows == 25:
            bring(other, file)

    bring(row, file, overtake)
    row.refresh_from_db()
    assert (row.state, row.events) == (ImportState.DONE, 118)
    assert sum(Arrival.objects.values_list("count", flat=True)) == 118


def test_taken_back_it_is_gone_and_comes_in_again(store, source, actor_of, file):
    kept = file.with_name("kept.csv")
    kept.write_text("user,event,at,n\nu1,view,2026-03-01T08:00:00,kept\n")
    bring(start(actor_of("owner"), source, kept), kept)
    row = bring(start(actor_of("owner"), source, file), file)
    actions.undo_import.run(actor_of("owner"), {}, target=row)
    undo_imports(0)
    row.refresh_from_db()
    assert row.state == ImportState.UNDOING, "its events are still on their way"
    assert stored() == 119
    undo_imports(0)
    row.refresh_from_db()
    assert row.state == ImportState.UNDONE
    assert client.query("SELECT count() FROM events").rows == [(1,)]
    # Nobody whose events are gone is a user still, and who stays was seen when the kept event says.
    ((only,), cursor) = person.seen(row.workspace.public_id)
    assert (only.title, only.first_at, only.last_at, cursor) == ("u1", KEPT_AT, KEPT_AT, None)
    with pytest.raises(Conflict):
        actions.undo_import.run(actor_of("owner"), {}, target=row)
    bring(start(actor_of("owner"), source, file), file)
    assert stored() == 119


def test_while_it_is_taken_back_the_file_does_not_come_in_again(store, source, actor_of, file):
    row = bring(start(actor_of("owner"), source, file), file)
    assert stored() == 118
    actions.undo_import.run(actor_of("owner"), {}, target=row)
    before = everything()
    with pytest.raises(Conflict) as refused:
        start(actor_of("owner"), source, file)
    assert refused.value.code == "import_undoing"
    assert everything() == before
    undo_imports(0)
    bring(start(actor_of("owner"), source, file), file)
    assert stored() == 118


def test_large_rows_lie_in_the_inbox_a_few_together(store, source, actor_of, file, monkeypatch):
    monkeypatch.setattr(reader, "CHUNK_BYTES", 4_000)
    row = bring(start(actor_of("owner"), source, file), file)
    assert (row.state, row.rows, row.events) == (ImportState.DONE, 120, 118)
    assert max(len(bytes(each.records)) for each in Arrival.objects.all()) < 5_000
    assert stored() == 118


def test_taking_back_waits_for_the_store(store, source, actor_of, file, monkeypatch):
    row = bring(start(actor_of("owner"), source, file), file)
    stored()
    actions.undo_import.run(actor_of("owner"), {}, target=row)
    with monkeypatch.context() as away:
        away.setenv("CLICKHOUSE_URL", "http://127.0.0.1:9/tongpin")
        client._forget()
        undo_imports(0)
    client._forget()
    row.refresh_from_db()
    assert row.state == ImportState.UNDOING
    undo_imports(0)
    row.refresh_from_db()
    assert row.state == ImportState.UNDONE


def everything():
    return [list(m.objects.order_by("pk").values()) for m in (EventImport, RefusedRow, Event, Arrival)]


@pytest.mark.parametrize("who", ["member", "guest", "stranger"])
def test_only_owners_and_admins_import(source, actor_of, file, who):
    row = start(actor_of("owner"), source, file)
    before = everything()
    with pytest.raises((Denied, NotFound)):
        start(actor_of(who), source, file, {**COLUMNS, "zone": "Asia/Shanghai"})
    for action in (actions.stop_import, actions.undo_import, actions.finish_import):
        with pytest.raises((Denied, NotFound)):
            action.run(actor_of(who), {}, target=row)
    assert everything() == before


def test_nobody_but_the_server_says_it_is_finished(source, actor_of, file):
    row = start(actor_of("owner"), source, file)
    before = everything()
    with pytest.raises(Denied):
        actions.finish_import.run(actor_of("owner"), {}, target=row)
    assert everything() == before


@pytest.mark.parametrize(
    "columns", [{**COLUMNS, "zone": "Mars/Base"}, {**COLUMNS, "event": ""}, {**COLUMNS, "name": "x"}]
)
def test_columns_that_say_too_little_or_too_much_are_refused(source, actor_of, file, columns):
    with pytest.raises(Invalid):
        start(actor_of("owner"), source, file, columns)
    assert not EventImport.objects.exists()
