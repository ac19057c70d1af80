from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tongpin.kernel.actions.door import run_named
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.discussions import actions
from tongpin.modules.discussions.models import Comment


@pytest.fixture
def project(people: Any) -> Any:
    """An open project led by the owner: members see it, the guest does not."""
    return run_named(
        "workspaces.project.create", Actor.for_member(people.owner), {"name": "店长端", "key": "STO"}
    ).value


@pytest.fixture
def secret(people: Any) -> Any:
    """A private project of the owner's: only owners and admins see it."""
    data = {"name": "Secret", "key": "SEC", "visibility": "private"}
    return run_named("workspaces.project.create", Actor.for_member(people.owner), data).value


@pytest.fixture
def on(project: Any) -> dict[str, Any]:
    """How an action names the project."""
    return {"about_type": "workspaces.project", "about_id": project.public_id}


@pytest.fixture
def say(actor_of: Callable[..., Actor], on: dict[str, Any]) -> Callable[..., Comment]:
    """``say("member", "text")`` writes a comment on the project."""

    def write(who: str, text: str = "hello", **more: Any) -> Comment:
        return actions.write_comment.run(actor_of(who), {**on, "text": text, **more}).value

    return write
