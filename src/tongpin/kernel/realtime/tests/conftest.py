from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.db import models, transaction
from django.test import Client

from tongpin.kernel.realtime.tests.listening import Server, Tab, serving


@pytest.fixture(autouse=True)
def _members_are_objects_and_workspaces_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the modules register: guests meet one kind they may partly see and one they may not."""
    from tongpin.kernel import objects
    from tongpin.kernel.tenancy.models import Membership

    kind = objects.ObjectType(
        "tenancy.membership",
        Membership,
        "Member",
        "Members",
        "user",
        card=lambda row: objects.Card("", row.public_id, "", "", ""),
    )
    monkeypatch.setitem(objects._types, "tenancy.membership", kind)
    monkeypatch.delitem(objects._types, "tenancy.workspace", raising=False)


@pytest.fixture
def server(transactional_db: None) -> Iterator[Server]:
    with serving() as running:
        yield running


@pytest.fixture
def session_of(client_of: Callable[[str], Client]) -> Callable[[str], str]:
    """The session key of a person signed in afresh."""

    def session(who: str) -> str:
        return client_of(who).cookies[settings.SESSION_COOKIE_NAME].value

    return session


@pytest.fixture
def tab(server: Server, session_of: Callable[[str], str]) -> Iterator[Callable[..., Tab]]:
    """``tab("member")``: an open stream of that person, its greeting already read."""
    opened: list[Tab] = []

    def open_tab(who: str, **headers: str) -> Tab:
        made = server.tab(session_of(who), **headers)
        opened.append(made)
        greeting = made.next()
        assert greeting is not None
        assert greeting.event == "hello"
        made.greeting = greeting  # type: ignore[attr-defined]
        return made

    yield open_tab
    for one in opened:
        one.close()


@pytest.fixture
def touch(people: Any) -> Callable[..., str]:
    """``touch(row)`` records that something happened to it, commits, and returns "type:id"."""
    from tongpin.kernel.events import recording
    from tongpin.kernel.tenancy.actor import Actor

    def record(*rows: models.Model, actor: Actor | None = None) -> str:
        with (
            transaction.atomic(),
            recording.recording(actor or Actor.system(people.workspace), "testing.touch"),
        ):
            for row in rows:
                recording.emit(_touched()(), row)
        return f"{rows[-1]._meta.label_lower}:{rows[-1].public_id}"  # type: ignore[attr-defined]

    return record


def _touched() -> type:
    from tongpin.kernel.events import payloads

    known = payloads.kinds().get("testing.touched")
    if known is not None:
        return known.payload

    @payloads.event("testing.touched")
    @dataclass(frozen=True)
    class Touched:
        pass

    return Touched
