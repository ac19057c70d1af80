from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tongpin.kernel.actions.door import run_named
from tongpin.modules.relations.actions import add_relation
from tongpin.modules.relations.models import Relation


@pytest.fixture
def project(actor_of: Any) -> Callable[..., Any]:
    """``project("Staff app", who="owner", visibility="private")``."""

    def make(name: str, who: str = "owner", **more: Any) -> Any:
        return run_named("workspaces.project.create", actor_of(who), {"name": name, **more}).value

    return make


def end(row: Any) -> dict[str, str]:
    return {"type": row._meta.label_lower, "id": str(row.public_id)}


@pytest.fixture
def link(actor_of: Any) -> Callable[..., Relation]:
    """``link(this, "blocks", other)``, as the owner."""

    def make(this: Any, kind: str, other: Any, who: str = "owner") -> Relation:
        data = {"kind": kind, "this": end(this), "other": end(other)}
        return add_relation.run(actor_of(who), data).value

    return make
