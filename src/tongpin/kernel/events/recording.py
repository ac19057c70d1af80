"""Writing to the stream. ``emit`` works only inside a recording, which the action door opens."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, models

from tongpin.kernel import objects
from tongpin.kernel.events import payloads
from tongpin.kernel.events.models import Event
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Workspace

CHANNEL = "tongpin_events"
MAX_DEPTH = 8


class TooDeep(Exception):
    """Events caused events more than MAX_DEPTH times over: a loop."""


@dataclass(slots=True)
class Recording:
    """What one run of an action emits. ``changed`` is filled in by the door when the action has returned."""

    actor: Actor
    action: str
    causation: uuid.UUID | None = None
    depth: int = 0
    is_import: bool = False
    pending: list[tuple[Any, models.Model, Workspace | None]] = field(default_factory=list)
    written: list[Event] = field(default_factory=list)


_current: ContextVar[Recording | None] = ContextVar("tongpin_recording", default=None)
_cause: ContextVar[Event | None] = ContextVar("tongpin_cause", default=None)
_agent: ContextVar[str] = ContextVar("tongpin_agent", default="")
_forbidden: ContextVar[bool] = ContextVar("tongpin_recording_forbidden", default=False)


@contextmanager
def recording(actor: Actor, action: str, *, is_import: bool = False) -> Iterator[Recording]:
    """Collect what is emitted inside, and write it at the end, in the caller's transaction.

    Use it directly only where a library writes instead of an action (django-allauth's adapter).
    """
    if _forbidden.get():
        raise RuntimeError(f"{action}: a subscriber that runs actions must be registered with acts=True")
    cause = _cause.get()
    depth = cause.depth + 1 if cause else 0
    if depth > MAX_DEPTH:
        raise TooDeep(f"{action}: more than {MAX_DEPTH} events deep")
    record = Recording(actor, action, cause.uid if cause else None, depth, is_import)
    token = _current.set(record)
    try:
        yield record
    finally:
        _current.reset(token)
    write(record)


@contextmanager
def coming_from(agent: str) -> Iterator[None]:
    """Note the browser or program, in at most 40 characters, with what is recorded inside."""
    token = _agent.set(agent[:40])
    try:
        yield
    finally:
        _agent.reset(token)


@contextmanager
def caused_by(event: Event | None) -> Iterator[None]:
    """Mark everything recorded inside as caused by ``event``; None forbids recording, where no one event is the cause.

    The relay does this around each subscriber, so that no loop of causes escapes MAX_DEPTH.
    """
    cause, forbidden = _cause.set(event), _forbidden.set(event is None)
    try:
        yield
    finally:
        _cause.reset(cause)
        _forbidden.reset(forbidden)


def emit(payload: Any, subject: models.Model, workspace: Workspace | None = None) -> None:
    """Say that something happened to ``subject``, a row with a ``public_id``.

    The workspace is the given one, else the subject's own, else the actor's. Raises RuntimeError outside a recording.
    """
    record = _current.get()
    if record is None:
        raise RuntimeError("emit() outside an action")
    payloads.kind_of(payload)
    record.pending.append((payload, subject, workspace))


def subject_type(row: models.Model) -> str:
    """``app_label.modelname`` of a row: the type by which events and objects name it."""
    return row._meta.label_lower


def write(record: Recording, changed: dict[tuple[str, uuid.UUID], list[str]] | None = None) -> None:
    """Append the pending events to the stream and wake the readers when the transaction commits."""
    if not record.pending:
        return
    rows = []
    for payload, subject, given in record.pending:
        kind = payloads.kind_of(payload)
        public_id: uuid.UUID = subject.public_id  # type: ignore[attr-defined]
        workspace = given or _workspace_of(subject) or record.actor.workspace
        rows.append(
            Event(
                workspace=workspace,
                name=kind.name,
                v=kind.v,
                payload=payloads.to_json(payload),
                subject_type=subject_type(subject),
                subject_id=public_id,
                within=objects.within(subject),
                subject_version=getattr(subject, "version", None),
                changed=(changed or {}).get((subject_type(subject), public_id), []),
                actor=record.actor.user,
                via=record.actor.via,
                ip=record.actor.ip,
                agent="" if record.actor.is_system else _agent.get(),
                action=record.action,
                causation=record.causation,
                depth=record.depth,
                is_import=record.is_import,
            )
        )
    record.pending.clear()
    record.written.extend(Event.objects.bulk_create(rows))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])


def _workspace_of(subject: models.Model) -> Workspace | None:
    if isinstance(subject, Workspace):
        return subject
    workspace = getattr(subject, "workspace", None)
    return workspace if isinstance(workspace, Workspace) else None
