"""Which backups stay, when they run, and what is said when they cannot."""

from __future__ import annotations

import shutil
from collections import namedtuple
from datetime import datetime, time, timedelta
from pathlib import Path

import procrastinate
import psycopg
import pytest
from django.db import connection
from django.test import override_settings
from procrastinate.periodic import PeriodicDeferrer
from procrastinate.testing import InMemoryConnector

from tongpin.config import archive, backups, environment, jobs
from tongpin.config.dump import ArchiveError
from tongpin.kernel import clock
from tongpin.kernel.mail.models import OutboxMail
from tongpin.kernel.upkeep import records
from tongpin.kernel.upkeep.models import Kind, Run

pytestmark = pytest.mark.django_db


def files(folder: Path, *moments: datetime) -> list[Path]:
    made = [folder / f"tongpin-{moment:%Y%m%d-%H%M%S}.tar" for moment in moments]
    for file in made:
        file.write_bytes(b"x" * 1000)
    return made


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder of backups; a backup is a small file."""

    def small(file, *, with_keys=False, progress=None):
        file.parent.mkdir(exist_ok=True, parents=True)
        file.write_bytes(b"archive")
        return f"{file} (0.0 MB)"

    monkeypatch.setattr(archive, "backup", small)
    with override_settings(BACKUP_DIR=tmp_path / "backups", BACKUP_KEEP=(2, 0, 0)):
        yield tmp_path / "backups"


def test_the_newest_of_each_day_week_and_month_stays(tmp_path):
    """A year of nights, two on the last day: 7 days, 4 weeks and 6 months are at most 17, and here 15."""
    nights = [datetime(2026, 11, 26, 3, 30) - timedelta(days=n) for n in range(365)]
    made = files(tmp_path, *nights, datetime(2026, 11, 26, 15, 0))
    gone = set(backups.superfluous(made, (7, 4, 6)))
    stay = sorted(file.name[8:16] for file in made if file not in gone)
    assert stay == [
        "20260630", "20260731", "20260831", "20260930", "20261031", "20261108", "20261115", "20261120", "20261121",
        "20261122", "20261123", "20261124", "20261125", "20261126",
    ]  # fmt: skip
    assert tmp_path / "tongpin-20261126-150000.tar" not in gone
    assert tmp_path / "tongpin-20261126-033000.tar" in gone


def test_a_gap_costs_no_backup(tmp_path):
    """Days without a backup do not count: those there are stay."""
    made = files(tmp_path, datetime(2026, 1, 5), datetime(2026, 6, 5), datetime(2026, 11, 5))
    assert backups.superfluous(made, (3, 0, 0)) == []


def test_other_peoples_files_are_never_touched(folder):
    folder.mkdir(parents=True)
    theirs = [
        folder / "tongpin-before-upgrade.tar",
        folder / "notes.txt",
        folder / "tongpin-20260101-000000.tar.gpg",
    ]
    for file in theirs:
        file.write_text("mine")
    files(folder, *(datetime(2026, 1, day) for day in range(1, 9)))
    row = backups.run()
    assert all(file.exists() for file in theirs)
    assert len(backups.kept(folder)) == 2
    assert backups.kept(folder)[0] == Path(row.file)
    assert (row.good, row.size, Run.objects.get().words) == (True, 7, row.words)


def test_one_that_was_just_made_is_enough(folder):
    assert backups.run_if_due() is not None
    assert backups.run_if_due() is None
    with clock.shifted_by(timedelta(hours=2)):
        assert backups.run_if_due() is not None


def test_only_one_runs_at_a_time(folder):
    own = {
        k: v for k, v in connection.get_connection_params().items() if k not in ("cursor_factory", "context")
    }
    with psycopg.connect(**own) as elsewhere:
        elsewhere.execute("SELECT pg_advisory_lock(%s)", [backups.LOCK])
        with pytest.raises(ArchiveError, match="Another backup"):
            backups.run()
        # Closing the connection would give it back too, a moment later: on a busy machine the next line is sooner.
        elsewhere.execute("SELECT pg_advisory_unlock(%s)", [backups.LOCK])
    assert not Run.objects.exists()
    assert backups.run().good


def test_a_failure_is_written_down_and_mailed_to_the_owner(folder, people, monkeypatch):
    people.admin.user.owns_server = True
    people.admin.user.language = "zh-hans"
    people.admin.user.save()

    def full(file, **more):
        raise ArchiveError("No space left on device: /backups", "Is there room?")

    monkeypatch.setattr(archive, "backup", full)
    jobs.back_up(0)
    row = records.last(Kind.BACKUP)
    assert (row.good, row.words) == (False, "No space left on device: /backups Is there room?")
    mail = OutboxMail.objects.get()
    assert (mail.to, mail.subject) == ("admin@acme.example", "备份失败")
    assert "No space left on device" in mail.text


def test_too_little_room_is_said_before_anything_is_written(folder, monkeypatch):
    folder.mkdir(parents=True)
    (before,) = files(folder, datetime(2026, 1, 1))
    usage = namedtuple("usage", "total used free")(10**9, 10**9, 1500)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(ArchiveError, match="a backup needs about"):
        backups.run()
    assert backups.kept(folder) == [before]


def test_a_drill_without_a_backup_says_so(folder):
    with pytest.raises(ArchiveError, match="There is no backup in"):
        backups.drill()
    assert records.last(Kind.DRILL).good is False


def test_the_drill_takes_the_newest(folder, monkeypatch):
    folder.mkdir(parents=True)
    made = files(folder, datetime(2026, 1, 5), datetime(2026, 1, 7), datetime(2026, 1, 6))
    tried = []
    facts = {"rows": {"tenancy_user": 3}, "files": 2, "made_at": "2026-01-07"}
    monkeypatch.setattr(archive, "rehearse", lambda file, progress: tried.append(file) or facts)
    row = backups.drill()
    assert tried == [made[1]]
    assert (row.good, row.facts) == (True, facts)
    assert "3 rows, 2 files" in row.words


@pytest.mark.parametrize(
    ("name", "value"),
    [("TONGPIN_BACKUP_AT", "25:00"), ("TONGPIN_BACKUP_AT", "nightly"), ("TONGPIN_BACKUP_KEEP", "7"),
     ("TONGPIN_BACKUP_KEEP", "0,4,6"), ("TONGPIN_BACKUP_KEEP", "a,b,c")],
)  # fmt: skip
def test_settings_that_make_no_sense_are_refused(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=name):
        (environment.backup_at if name.endswith("AT") else environment.backup_keep)()


def test_the_schedule_is_in_the_servers_zone(monkeypatch):
    asked = []
    monkeypatch.setattr(jobs, "_in_utc", lambda at: time(19, 30))
    monkeypatch.setattr(
        jobs, "periodic", lambda cron, name: asked.append((cron, name)) or (lambda function: function)
    )
    jobs.schedule(time(3, 30))
    assert asked == [("30 19 * * *", "backup.daily"), ("30 21 * * 0", "backup.drill")]


def test_the_worker_makes_the_backup_at_its_hour_and_once(monkeypatch):
    """The queue's own clock, moved over the hour: nothing before it, one job after it, and the job backs up."""
    ran = []
    monkeypatch.setattr(backups, "run_if_due", lambda: ran.append("backup"))
    queue = procrastinate.App(connector=InMemoryConnector())

    def periodic(cron, name):
        return lambda function: queue.periodic(cron=cron, periodic_id=name)(queue.task(name=name)(function))

    monkeypatch.setattr(jobs, "periodic", periodic)
    begins = clock.now().astimezone().replace(hour=3, minute=30, second=0, microsecond=0)
    jobs.schedule(begins.time())
    worker = PeriodicDeferrer(registry=queue.periodic_registry)

    def due(at):
        return [
            (task.periodic_id, then)
            for task, then in worker.get_previous_tasks(at.timestamp())
            if task.periodic_id == "backup.daily"
        ]

    assert due(begins - timedelta(seconds=1)) == []
    assert due(begins + timedelta(seconds=2)) == [("backup.daily", int(begins.timestamp()))]
    assert due(begins + timedelta(minutes=5)) == []
    queue.tasks["backup.daily"](timestamp=int(begins.timestamp()))
    assert ran == ["backup"]
