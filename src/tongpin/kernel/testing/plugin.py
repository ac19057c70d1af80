"""The test run's own server: an embedded PostgreSQL in a temporary folder for each worker, gone at the end.

Workers do not share one: an open transaction in any database of a server holds back what the event stream may read.

Loaded by pytest before Django's settings are read (see ``addopts`` in pyproject.toml).
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

WORKER = "PYTEST_XDIST_WORKER"
MARK = "TONGPIN_TEST_RUN"  # set for the processes a test run starts, so that they do not start another

_cluster = None


def _begin() -> None:
    """Make the folder and the database server's files; the server itself starts with the session."""
    global _cluster
    os.environ["TONGPIN_TESTING"] = "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongpin.config.settings")
    run = os.environ.get(WORKER, "alone")
    if os.environ.get(MARK) == run:
        return
    from tongpin.kernel.postgres import Cluster

    data = Path(tempfile.mkdtemp(prefix="tongpin-test-"))
    os.environ["TONGPIN_DATA"] = str(data)
    os.environ[MARK] = run
    ways_in = ("TONGPIN_OIDC", "TONGPIN_FEISHU", "TONGPIN_DINGTALK", "TONGPIN_WECOM", "TONGPIN_LDAP")
    given = [name for name in os.environ if name.startswith(ways_in)]
    for name in ("DATABASE_URL", "CLICKHOUSE_URL", "TONGPIN_SMTP", "TONGPIN_URL", *given):
        os.environ.pop(name, None)
    _cluster = Cluster(data / "postgres")
    _cluster.prepare()
    # Nothing in a test run outlives it, so nothing need survive a power cut.
    with (_cluster.data / "tongpin.conf").open("a") as conf:
        conf.write("\nfsync = off\nsynchronous_commit = off\nfull_page_writes = off\n")


_begin()


def pytest_sessionstart(session: pytest.Session) -> None:
    hands_out = bool(session.config.getoption("numprocesses", None))
    if _cluster is not None and not hands_out and not session.config.option.collectonly:
        _cluster.spawn()
        _cluster.wait_ready(60)


def pytest_unconfigure() -> None:
    if _cluster is not None:
        _cluster.stop()
        shutil.rmtree(os.environ["TONGPIN_DATA"], ignore_errors=True)
