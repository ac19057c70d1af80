from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tongpin.modules.analytics.models import Source, SourceKey
from tongpin.modules.analytics.tests.capture import serving
from tongpin.modules.analytics.wire import routes


@pytest.fixture(autouse=True)
def _own_protocol(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "find", serving.find)


@pytest.fixture
def source(transactional_db: None, people: Any) -> Source:
    """A source of acme with the key ``k``."""
    made = Source.objects.create(workspace=people.workspace, name="App")
    SourceKey.objects.create(workspace=people.workspace, source=made, value="k")
    return made


@pytest.fixture
def server(source: Source) -> Iterator[serving.Server]:
    with serving.serving() as running:
        yield running
