"""Backup and restore as an operator does them, beside servers that go on working."""

from __future__ import annotations

import fcntl
import io
import json
import stat
import tarfile
import threading
from pathlib import Path

import pytest
import requests

from tests.ops.drill import FILL, database, handed_over, last_line, until
from tests.ops.visitor import Visitor, stream
from tests.serving import Served

pytestmark = [pytest.mark.processes]

# What must come back exactly, whoever wrote meanwhile: tables the writer does not touch.
STILL = ("tenancy_user", "tenancy_workspace", "tenancy_membership", "goals_lookback", "files_storedfile")
STORE = """
import json
from tongpin.kernel.events.models import Event
from tongpin.kernel.store import client
rows = client.query("SELECT uid, count() FROM work_events FINAL GROUP BY uid").rows
known = set(map(str, Event.objects.values_list("uid", flat=True)))
print(json.dumps([len(known), len(rows), known == {str(uid) for uid, _ in rows}, max([n for _, n in rows], default=0)]))
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A server with people, a look back, a picture and events in the store."""
    folder = tmp_path_factory.mktemp("source")
    served = Served(folder / "data", TONGPIN_API_RATE="0").start()
    try:
        served.made = json.loads(last_line(served.script(FILL)))
        until(lambda: handed_over(served), what="for the relay")
        yield served
    finally:
        assert served.stop() == 0


@pytest.fixture(scope="module")
def archive(source, tmp_path_factory) -> Path:
    """A backup taken while invitations go on. ``before`` are those acknowledged when it began."""
    file = tmp_path_factory.mktemp("archive") / "all.tar"
    going, sent = threading.Event(), []

    def write() -> None:
        while not going.is_set():
            name = f"meanwhile{len(sent):04d}@acme.example"
            answer = requests.post(
                f"{source.address}/api/v1/workspaces/acme/actions/workspaces.member.invite",
                json={"data": {"email": name, "role": "member"}},
                headers={"Authorization": f"Bearer {source.made['token']}"},
                timeout=60,
            )
            assert answer.status_code == 200, answer.text
            sent.append(name)
            going.wait(0.15)  # a token has 600 requests a minute, and a backup beside others may take longer

    writer = threading.Thread(target=write)
    writer.start()
    try:
        until(lambda: len(sent) > 3)
        source.before = list(sent)
        source.run("backup", str(file))
        after = len(sent)
        until(lambda: len(sent) > after)
    finally:
        going.set()
        writer.join(60)
    assert len(sent) > len(source.before)
    return file


@pytest.fixture(scope="module")
def target(source, archive, tmp_path_factory):
    """Another, empty server that got the backup."""
    served = Served(tmp_path_factory.mktemp("target") / "data").start()
    try:
        served.processes = {name: served.pid(name) for name in ("web", "worker", "store", "postgres")}
        said = served.run("restore", str(archive))
        assert "Restored the backup of" in said.stdout
        until(served.ready)
        yield served
    finally:
        assert served.stop() == 0


def still(served: Served) -> dict[str, str]:
    """A digest of each table that nobody writes to meanwhile."""
    with database(served) as connection:
        return {
            table: connection.execute(
                f"SELECT md5(string_agg(row, chr(10) ORDER BY row)) FROM"
                f" (SELECT (to_jsonb(t) - 'last_login')::text AS row FROM {table} t) rows"
            ).fetchone()[0]
            for table in STILL
        }


def written(served: Served) -> tuple[list[str], list[str], list[str]]:
    """What the writer adds: the address of each invitation, of each event of one, and of each mail about one."""
    with database(served) as connection:

        def column(query: str) -> list[str]:
            return sorted(value for (value,) in connection.execute(query).fetchall())

        invited = column("SELECT email FROM workspaces_invitation WHERE email <> ''")
        events = column(
            "SELECT i.email FROM events_event e JOIN workspaces_invitation i ON i.public_id = e.subject_id"
            " WHERE e.action = 'workspaces.member.invite'"
        )
        mails = column(
            'SELECT "to" FROM mail_outboxmail WHERE "to" IN (SELECT email FROM workspaces_invitation)'
        )
    return invited, events, mails


def copied_once(served: Served) -> bool:
    """Whether the store has exactly the events of the stream, each once."""
    events, copied, same, most = json.loads(last_line(served.script(STORE)))
    return (copied, same, most) == (events, True, 1)


def lookback_state(served: Served) -> str:
    with database(served) as connection:
        return connection.execute("SELECT state FROM goals_lookback").fetchone()[0]


def test_the_archive_is_private_and_has_no_keys(source, archive, tmp_path):
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    with tarfile.open(archive) as tar:
        names = tar.getnames()
    assert not [name for name in names if name.startswith("keys")]
    assert [name for name in names if name.startswith("files/")]
    assert sorted(path.name for path in archive.parent.iterdir()) == ["all.tar"]
    source.run("backup", str(tmp_path / "with.tar"), "--with-keys")
    with tarfile.open(tmp_path / "with.tar") as tar:
        assert tar.extractfile("keys/secret").read() == (source.data / "keys" / "secret").read_bytes()


def test_everything_is_back_and_the_server_goes_on(source, target):
    assert still(target) == still(source)
    invited, events, mails = written(target)
    assert invited == events == mails
    assert set(source.before) < set(invited) < set(written(source)[0])
    assert {name: target.pid(name) for name in target.processes} == target.processes

    visitor = Visitor(target.address).sign_in("owner@acme.example")
    found = visitor.get("/w/acme/palette", params={"q": "续费"}).json()
    assert "续费率回看 Renewal" in json.dumps(found, ensure_ascii=False)
    old = Visitor(source.address).sign_in("owner@acme.example")
    picture = visitor.get(source.made["avatar"])
    assert picture.status_code == 200
    assert picture.content == old.get(source.made["avatar"]).content

    with stream(visitor) as said:
        target.run(
            "do", "workspaces.member.invite", "--json", '{"email": "after@acme.example", "role": "guest"}'
        )
        until(
            lambda: [e for e in said if e.get("e") == "workspaces.invitation_created"], what="for the stream"
        )
    target.run("do", "goals.lookback.evaluate", "--target", source.made["lookback"])
    until(lambda: lookback_state(target) == "done", 180, "for the job")
    until(lambda: handed_over(target), what="for the relay")
    invited, events, mails = written(target)
    assert invited == events == mails
    assert "after@acme.example" in mails
    with database(target) as connection:
        [(text,)] = connection.execute(
            "SELECT text FROM mail_outboxmail WHERE \"to\" = 'after@acme.example'"
        ).fetchall()
    assert f"{target.address}/invite/" in text
    assert copied_once(target)


def test_a_restored_server_can_be_backed_up_and_restored_again(target, tmp_path):
    target.run("backup", str(tmp_path / "second.tar"))
    before = still(target), written(target)
    target.run("do", "workspaces.member.invite", "--json", '{"email": "gone@acme.example", "role": "guest"}')
    assert written(target) != before[1]
    target.run("restore", str(tmp_path / "second.tar"), "--force")
    until(target.ready)
    assert (still(target), written(target)) == before
    until(lambda: handed_over(target), what="for the relay")
    assert copied_once(target)


def test_a_server_that_holds_data_is_not_replaced_unasked(source, archive):
    before = still(source), written(source), source.pid("web")
    refused = source.run("restore", str(archive), check=False)
    assert refused.returncode == 2
    assert "already holds data" in refused.stderr
    assert "--force" in refused.stderr
    assert (still(source), written(source), source.pid("web")) == before
    assert not list(source.data.glob(".tongpin-archive-*"))


def spoil(archive: Path, to: Path, how: str) -> Path:
    """A copy of the archive that is wrong in one way."""
    whole = archive.read_bytes()
    if how == "cut":
        to.write_bytes(whole[: len(whole) // 2])
    elif how == "cut at the end":
        to.write_bytes(whole[: whole.rindex(b"manifest.json")])
    elif how == "text":
        to.write_text("not an archive\n" * 1000)
    elif how == "foreign":
        with tarfile.open(to, "w") as tar:
            tar.add(Path(__file__), "something.py")
    else:
        _rewrite(archive, to, how)
    return to


def _rewrite(archive: Path, to: Path, how: str) -> None:
    with tarfile.open(archive) as old, tarfile.open(to, "w") as new:
        for member in old.getmembers():
            held = old.extractfile(member)
            content = held.read() if held else b""
            if how == "spoilt file" and member.name.startswith("files/") and content:
                content = content[:-1] + bytes([content[-1] ^ 1])
            elif how == "spoilt database" and member.name == "database.dump":
                content = content[:-9] + b"!" + content[-8:]
            elif how == "spoilt store" and member.name.endswith(".native.zst"):
                content = content[:-9] + bytes([content[-9] ^ 1]) + content[-8:]
            elif how == "newer" and member.name == "manifest.json":
                manifest = json.loads(content)
                manifest["migrations"].append("tenancy.9999_from_the_future")
                content = json.dumps(manifest).encode()
            elif how == "bare manifest" and member.name == "manifest.json":
                content = b'{"format": 1}'
            member.size = len(content)
            new.addfile(member, io.BytesIO(content) if held else None)


@pytest.mark.parametrize(
    "how",
    [
        "cut",
        "cut at the end",
        "text",
        "foreign",
        "spoilt file",
        "spoilt database",
        "spoilt store",
        "newer",
        "bare manifest",
    ],
)
def test_a_bad_archive_changes_nothing_even_by_force(source, archive, tmp_path, how):
    before = still(source), written(source)
    refused = source.run("restore", str(spoil(archive, tmp_path / "bad.tar", how)), "--force", check=False)
    assert refused.returncode == 2, refused.stdout + refused.stderr
    assert "Traceback" not in refused.stderr
    assert "Error: " in refused.stderr
    assert (still(source), written(source)) == before


def test_without_the_store_nothing_is_begun(source, archive, tmp_path):
    before = still(source), written(source)
    nowhere = {"CLICKHOUSE_URL": "http://127.0.0.1:9"}
    refused = source.run("restore", str(archive), "--force", check=False, **nowhere)
    assert refused.returncode == 2
    assert "event store" in refused.stderr
    assert (still(source), written(source)) == before
    refused = source.run("backup", str(tmp_path / "none.tar"), check=False, **nowhere)
    assert refused.returncode == 2
    assert not list(tmp_path.iterdir())
    assert copied_once(source)  # none of the refused archives reached the store either


def test_what_a_killed_backup_left_behind_is_removed_by_the_next(source, tmp_path):
    left, running = tmp_path / ".tongpin-archive-left", tmp_path / ".tongpin-archive-running"
    for folder in (left, running):
        folder.mkdir()
        (folder / "database.dump").write_text("private")
    with (running / "lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        source.run("backup", str(tmp_path / "whole.tar"))
    assert sorted(path.name for path in tmp_path.iterdir()) == [running.name, "whole.tar"]


def test_a_place_that_cannot_be_written_is_said_plainly(source, tmp_path):
    (tmp_path / "file").write_text("")
    refused = source.run("backup", str(tmp_path / "file" / "all.tar"), check=False)
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr
