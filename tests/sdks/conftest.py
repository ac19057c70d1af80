"""The vendors' own SDKs, unmodified, against a whole server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sdks.capturing import Capturing
from tests.serving import Served


@pytest.fixture(scope="session")
def _capturing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Capturing]:
    made = Capturing(Served(tmp_path_factory.mktemp("sdks") / "data").start(240))
    yield made
    made.stop()


@pytest.fixture
def server(_capturing: Capturing) -> Iterator[Capturing]:
    """The server with nothing in it. Whatever a test sends is in the store at its end, each event once."""
    _capturing.clear()
    yield _capturing
    _capturing.kept()
