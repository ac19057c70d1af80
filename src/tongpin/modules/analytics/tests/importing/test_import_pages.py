"""A file on the page: uploaded part by part, its columns chosen, read by the job, reported, stopped, taken back."""

from __future__ import annotations

import csv
import gzip
import io
from datetime import timedelta

import pytest
from procrastinate.exceptions import JobAborted

from tongpin.kernel import clock
from tongpin.kernel.store import client as store_client
from tongpin.modules.analytics.actions import event_file as files
from tongpin.modules.analytics.enums import ImportState
from tongpin.modules.analytics.importing import keeping, running
from tongpin.modules.analytics.models import EventFile, EventImport, RefusedRow
from tongpin.modules.analytics.tests.importing.uploading import (
    CHOSEN,
    CSV,
    begin,
    put,
    read,
    started,
    stored,
    upload,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_file_goes_from_the_page_to_the_report(owner, here):
    page = owner.get(next_ := upload(owner, here)).content.decode()
    assert '<option value="user" selected>' in page
    assert "Choose which column is the time." in page, "“at” says nothing to us"
    page = owner.post(next_, CHOSEN).content.decode()
    assert "Choose which column" not in page
    assert "2 are no events" in page
    assert "&lt;b&gt;free" in page
    assert "<b>free" not in page
    row = started(owner, here)
    assert EventFile.objects.get(event_import=row).total == 4
    read(row)
    assert (row.state, row.rows, row.events, row.refused) == (ImportState.DONE, 4, 2, 2)
    waits = EventFile.objects.get().public_id
    assert list(keeping.names()) == [keeping.path(waits)], "the one nothing was begun with"


def test_what_was_there_already_is_told_from_what_is_new(store, owner, here):
    first = started(owner, here)
    read(first)
    assert "On their way" in owner.get(f"{here}{first.public_id}/").content.decode()
    assert stored() == [
        ("u1", "import_view", "2026-03-01 00:00:00.000"),
        ("u3", "import_pay", "2026-03-01 01:00:00.000"),
    ]
    again = started(owner, here)
    assert again.pk != first.pk
    read(again)
    stored()
    again.refresh_from_db()
    first.refresh_from_db()
    assert (first.stored, again.stored, again.events) == (2, 0, 2)
    page = owner.get(f"{here}{again.public_id}/").content.decode()
    assert "<dt>There already</dt><dd>2</dd>" in page
    assert "On their way" not in page


def test_refused_rows_are_listed_and_downloaded_in_the_readers_words(owner, here, people):
    row = started(owner, here)
    read(row)
    page = owner.get(f"{here}{row.public_id}/").content.decode()
    assert "“at” is no time: &#x27;never&#x27;" in page
    assert "“user_id” is empty." in page
    people.owner.user.language = "zh-hans"
    people.owner.user.save()
    answer = owner.get(f"{here}{row.public_id}/refused.csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text))) == [
        ["行", "原因"],
        ["2", "“at”不是时间：'never'"],
        ["4", "“user_id”为空。"],
    ]
    assert answer.headers["Cache-Control"] == "no-store"


def test_many_refused_rows_come_in_pages(owner, here):
    text = "user,event,time\n" + "u,e,never\n" * 120
    row = started(owner, here, {"c0": "user", "c1": "event", "c2": "time", "zone": "UTC"}, text.encode())
    read(row)
    page = owner.get(f"{here}{row.public_id}/?page=3").content.decode()
    assert page.count('<td class="num fit" data-label="Row">') == 20
    assert RefusedRow.objects.count() == 120


def test_an_upload_goes_on_where_it_broke_off(owner, here, monkeypatch):
    monkeypatch.setattr(files, "PART", 40)
    content = CSV.encode()
    told = begin(owner, here).json()
    assert put(owner, told["url"], 0, content[:40]).json()["at"] == 40
    assert put(owner, told["url"], 0, content[:40]).json()["at"] == 40, "a part sent twice counts once"
    assert put(owner, told["url"], 80, content[80:120]).json()["at"] == 40, "none is left out"
    assert put(owner, told["url"], 40, content[40:50]).status_code == 422, "half a part is none"
    again = begin(owner, here).json()
    assert (again["url"], again["at"]) == (told["url"], 40)
    assert begin(owner, here, stamp=8).json()["url"] != told["url"], "another file of that name"
    upload(owner, here)
    assert keeping.path(EventFile.objects.get(stamp=7).public_id).read_bytes() == content


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"one column\n1\n", "The first line of a CSV must name its columns, each once."),
        (b"PAR1 but not really", "The Parquet file cannot be read."),
        (b"   \n", "The file is empty."),
        (
            gzip.compress(b"user,event,time\n" + b"u,e,2026-01-01\n" * 9000)[:-30],
            "The file breaks off, or is damaged.",
        ),
        (("a," * 600 + "b\n").encode(), "The first line of a CSV must name its columns, each once."),
        ((",".join(f"c{n}" for n in range(501)) + "\n").encode(), "The file has more than 500 columns."),
    ],
    ids=["no columns", "parquet", "blank", "broken gzip", "twice a name", "wide"],
)
def test_a_file_that_is_nothing_is_refused_and_forgotten(owner, here, content, said):
    told = begin(owner, here, size=len(content)).json()
    answer = put(owner, told["url"], 0, content)
    assert (answer.status_code, answer.json()["message"]) == (422, said)
    assert not EventFile.objects.exists()
    assert list(keeping.names()) == []


def test_what_is_too_large_is_refused_before_it_is_sent(owner, here, settings, monkeypatch):
    settings.IMPORT_BYTES = 1 << 20
    assert begin(owner, here, size=(1 << 20) + 1).json()["code"] == "file_too_large"
    assert begin(owner, here, size=0).json()["code"] == "file_empty"
    monkeypatch.setattr(keeping, "room", lambda: 1000)
    assert begin(owner, here, size=900).status_code == 200
    answer = begin(owner, here, name="more.csv", size=200)
    assert answer.json()["code"] == "disk_full", "what is promised to another file is not there"
    assert EventFile.objects.count() == 1


def test_times_are_read_in_the_chosen_zone_and_columns_left_out(store, owner, here):
    row = started(owner, here, {**CHOSEN, "c3": "left_out", "zone": "America/New_York"})
    read(row)
    assert stored()[0][2] == "2026-03-01 13:00:00.000"
    assert row.columns["left_out"] == ["plan"]
    properties = store_client.query("SELECT DISTINCT arrayJoin(JSONAllPaths(properties)) FROM events").rows
    assert ("plan",) not in properties


def test_without_a_column_all_rows_have_one_name(owner, here):
    next_ = upload(owner, here)
    chosen = {**CHOSEN, "c1": "property"}
    refused = owner.post(next_ + "start/", chosen)
    assert refused.status_code == 422
    assert "give all rows one name" in refused.content.decode()
    assert not EventImport.objects.exists()
    assert owner.post(next_ + "start/", {**chosen, "name": "moved"}).status_code == 302
    assert EventImport.objects.get().columns["name"] == "moved"


def test_two_columns_of_one_kind_and_a_zone_nobody_knows_are_refused(owner, here):
    next_ = upload(owner, here)
    for chosen in ({**CHOSEN, "c3": "time"}, {**CHOSEN, "zone": "../etc/passwd"}, {**CHOSEN, "c0": "time"}):
        assert owner.post(next_ + "start/", chosen).status_code == 422
    assert not EventImport.objects.exists()


def test_stopped_it_keeps_its_file_and_goes_on(store, owner, here, monkeypatch):
    monkeypatch.setattr(running, "CHUNK", 1)
    row = started(owner, here)

    class Stopping:
        def should_abort(self):
            owner.post(f"{here}{row.public_id}/stop/")
            return False

    read(row, Stopping())
    assert (row.state, row.rows) == (ImportState.STOPPED, 1)
    assert EventFile.objects.filter(event_import=row).exists()
    assert "Go on" in owner.get(f"{here}{row.public_id}/").content.decode()
    owner.post(f"{here}{row.public_id}/resume/")
    read(row)
    assert (row.state, row.rows, row.events) == (ImportState.DONE, 4, 2)
    assert not EventFile.objects.exists()
    assert list(keeping.names()) == []
    assert len(stored()) == 2


def test_a_worker_that_ends_gives_it_to_the_next(store, owner, here, monkeypatch):
    monkeypatch.setattr(running, "CHUNK", 1)
    row = started(owner, here)

    class Ending:
        def should_abort(self):
            return True

    with pytest.raises(JobAborted):
        read(row, Ending())
    row.refresh_from_db()
    assert (row.state, row.rows) == (ImportState.RUNNING, 1)
    read(row)
    assert (row.state, row.rows) == (ImportState.DONE, 4)
    assert len(stored()) == 2


def test_a_file_that_is_gone_says_so_and_can_be_given_again(owner, here):
    row = started(owner, here)
    keeping.forget(EventFile.objects.get().public_id)
    read(row)
    assert (row.state, row.trouble) == (ImportState.FAILED, "lost")
    assert "The file is not here any more." in owner.get(f"{here}{row.public_id}/").content.decode()
    assert started(owner, here).pk == row.pk
    read(row)
    assert row.state == ImportState.DONE


def test_files_nobody_goes_on_with_are_forgotten(owner, here, monkeypatch):
    upload(owner, here)
    begin(owner, here, name="half.csv")
    running_ = started(owner, here)
    stray = keeping.folder() / "stray"
    stray.write_bytes(b"x")
    assert files.forget_old() == 0
    later = clock.now() + timedelta(days=4)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert files.forget_old() == 3
    assert [file.event_import for file in EventFile.objects.all()] == [running_]
    assert [path.name for path in keeping.names()] == [str(EventFile.objects.get().public_id)]
