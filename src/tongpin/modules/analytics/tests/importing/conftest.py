from __future__ import annotations

import pytest

from tongpin.modules.analytics.importing import keeping
from tongpin.modules.analytics.tests.flush.conftest import running, source, store

__all__ = ["running", "source", "store"]


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    monkeypatch.setattr(keeping, "folder", lambda: tmp_path / "imports")


@pytest.fixture
def owner(client_of):
    return client_of("owner")


@pytest.fixture
def here(source):
    return f"/w/acme/settings/sources/{source.public_id}/imports/"
