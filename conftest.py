"""Fixtures of every test. The server they use is started by ``tongpin.kernel.testing.plugin``."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tongpin.kernel.testing.database import template_clone
from tongpin.kernel.testing.fixtures import actor_of, client_of, drain, people

__all__ = ["actor_of", "client_of", "drain", "people"]


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker
) -> Iterator[None]:
    """One migrated template a run; each worker works on a clone of it."""
    with django_db_blocker.unblock(), template_clone(os.environ.get("PYTEST_XDIST_WORKER", "main")):
        yield
