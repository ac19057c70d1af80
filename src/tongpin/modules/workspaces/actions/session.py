"""Where one is signed in, and ending that."""

from __future__ import annotations

import hashlib

from allauth.usersessions.models import UserSession
from django.contrib.auth import logout
from django.db import transaction
from django.http import HttpRequest
from pydantic import BaseModel, ConfigDict, Field

from tongpin.kernel.actions.registry import action
from tongpin.kernel.errors import NotFound
from tongpin.kernel.events.recording import emit, recording
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import User
from tongpin.modules.workspaces import events
from tongpin.modules.workspaces.actions.person import person_of


class EndSession(BaseModel):
    model_config = ConfigDict(extra="forbid")

    session: str = Field(
        min_length=20, max_length=20, description="The mark of one of the person's sessions."
    )


class EndOtherSessions(BaseModel):
    model_config = ConfigDict(extra="forbid")

    keep: str = Field(min_length=20, max_length=20, description="The mark of the session that stays.")


def mark(session_key: str) -> str:
    """A name for a session that cannot be used as its key."""
    return hashlib.sha256(f"tongpin.session:{session_key}".encode()).hexdigest()[:20]


@action("workspaces.session.end", permission="workspaces.session.end", account=True, api=False)
def end_session(actor: Actor, data: EndSession) -> User:
    """Sign out one of one's own browsers."""
    return _end(actor, [row for row in _own(actor) if mark(row.session_key) == data.session])


@action("workspaces.session.end_others", permission="workspaces.session.end", account=True, api=False)
def end_other_sessions(actor: Actor, data: EndOtherSessions) -> User:
    """Sign out every browser of one's own but this."""
    return _end(actor, [row for row in _own(actor) if mark(row.session_key) != data.keep])


def note_browser(request: HttpRequest) -> None:
    """Write down that the signed-in person's browser was here just now, from where."""
    UserSession.objects.create_from_request(request)


def expire(request: HttpRequest) -> None:
    """Sign this browser out, because its session has lasted too long."""
    user = request.user
    assert isinstance(user, User)
    actor = Actor.of(user, ip=request.META.get("REMOTE_ADDR") or None)
    with transaction.atomic(), recording(actor, "workspaces.session.expire"):
        UserSession.objects.filter(session_key=request.session.session_key).delete()
        emit(events.SignedOut(), user)
    logout(request)


def _own(actor: Actor) -> list[UserSession]:
    return list(UserSession.objects.filter(user=person_of(actor)))


def _end(actor: Actor, rows: list[UserSession]) -> User:
    if not rows:
        raise NotFound
    for row in rows:
        row.end()
    emit(events.SessionsEnded(count=len(rows)), person_of(actor))
    return person_of(actor)
