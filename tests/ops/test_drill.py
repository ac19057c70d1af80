"""The drill as an operator and the schedule do it, beside a server that goes on working."""

from __future__ import annotations

import shutil
import tarfile

import pytest

from tests.ops.drill import FILL, database
from tests.serving import Served

pytestmark = [pytest.mark.processes]


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drill")
    server = Served(folder / "data", TONGPIN_BACKUP_DIR=str(folder / "backups"))
    server.backups = folder / "backups"
    server.start()
    try:
        server.script(FILL)
        yield server
    finally:
        assert server.stop() == 0


def runs(served: Served) -> list[tuple[str, bool]]:
    with database(served) as connection:
        return connection.execute("SELECT kind, good FROM upkeep_run ORDER BY id").fetchall()


def databases(served: Served) -> list[str]:
    with database(served) as connection:
        return [
            name for (name,) in connection.execute("SELECT datname FROM pg_database WHERE datname ~ 'drill'")
        ]


def test_a_backup_is_made_tried_and_found_wanting_when_it_was_harmed(served):
    served.run("backup")
    (made,) = served.backups.glob("tongpin-*.tar")
    said = served.run("drill").stdout
    assert f"{made.name} can be restored" in said
    assert runs(served) == [("backup", True), ("drill", True)]
    assert databases(served) == []
    with database(served) as connection:
        (facts,) = connection.execute("SELECT facts FROM upkeep_run WHERE kind = 'drill'").fetchone()
        for table, count in facts["rows"].items():
            now = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            assert 0 < count <= now, table

    # Cut off, as by a full disk on the way elsewhere.
    cut = served.backups / "cut.tar"
    cut.write_bytes(made.read_bytes()[: made.stat().st_size // 2])
    refused = served.run("drill", str(cut), check=False)
    assert (refused.returncode, "is not a whole backup" in refused.stderr) == (2, True), refused.stderr

    # One byte of the database's dump is another: the sums tell before anything is restored.
    harmed = served.backups / "harmed.tar"
    shutil.copy(made, harmed)
    with tarfile.open(made) as tar:
        at = tar.getmember("database.dump").offset_data + 5000
    with harmed.open("r+b") as handle:
        handle.seek(at)
        byte = handle.read(1)
        handle.seek(at)
        handle.write(bytes([byte[0] ^ 1]))
    refused = served.run("drill", str(harmed), check=False)
    assert (refused.returncode, "is damaged" in refused.stderr) == (2, True), refused.stderr
    assert runs(served)[2:] == [("drill", False), ("drill", False)]
    assert databases(served) == []


def test_what_a_killed_drill_left_is_cleared_away(served):
    with database(served) as connection:
        connection.autocommit = True
        connection.execute("CREATE DATABASE tongpin_drill_left")
    served.run("backup")
    served.run("drill")
    assert databases(served) == []
