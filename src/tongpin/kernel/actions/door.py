"""The one way in for writes: load what the actor may see, check, run, record, all in one transaction."""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import structlog
from django.core.exceptions import ValidationError as ModelInvalid
from django.db import DatabaseError, IntegrityError, OperationalError, connection, models, transaction
from django.utils.translation import gettext as _
from pydantic import BaseModel, ValidationError

from tongpin.kernel import authz, objects
from tongpin.kernel.actions.declared import Declared, registry
from tongpin.kernel.actions.models import OnceKey
from tongpin.kernel.actions.wording import field_errors
from tongpin.kernel.errors import Conflict, Invalid, NotFound
from tongpin.kernel.events import recording
from tongpin.kernel.events.models import Event
from tongpin.kernel.tenancy.actor import Actor

R = TypeVar("R")

log = structlog.get_logger("tongpin.actions")

TRIES = 3
"""How often an action is begun that PostgreSQL ended because two waited for each other."""
KEY_LIMIT = 120
DEADLOCK, TAKEN = "40P01", "23505"


@dataclass(frozen=True, slots=True)
class Undo:
    """The call that takes an action back. ``version`` is the target's after the action: what others change later
    is not undone with it."""

    action: str
    target: uuid.UUID | None
    data: dict[str, Any]
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome(Generic[R]):
    """What an action returned, the events it recorded, and how to take it back (None if it cannot be).

    ``repeated`` is True when an idempotency key showed that the work had been done before.
    """

    value: R
    events: tuple[Event, ...] = ()
    undo: Undo | None = None
    repeated: bool = False


@dataclass(slots=True)
class _Before:
    """Field values of a row as it was loaded, to tell what an action changed."""

    row: models.Model | None
    values: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, row: models.Model | None) -> _Before:
        return cls(row, _values(row) if row is not None else {})

    def changed(self) -> list[str]:
        if self.row is None:
            return []
        now = _values(self.row)
        return sorted(
            name for name, value in now.items() if name != "version" and self.values.get(name) != value
        )


def _values(row: models.Model) -> dict[str, Any]:
    return {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields}


def run(
    action: Declared[R],
    actor: Actor,
    data: BaseModel | dict[str, Any],
    *,
    target: uuid.UUID | models.Model | None = None,
    version: int | None = None,
    once: str | None = None,
    is_import: bool = False,
) -> Outcome[R]:
    """Run ``action`` for ``actor``.

    The target (public id, or a row whose public id is taken) is loaded through ``visible_to`` under a row lock.
    ``version`` is the one the caller saw: if someone has since changed one of the fields now given, it is a Conflict.
    ``once`` is an idempotency key: a repeated call returns the first result.
    Raises NotFound, Denied, Invalid, Conflict and whatever DomainError the action itself raises; nothing is kept then.
    """
    parsed = _parse(action, data)
    tries = 1 if connection.in_atomic_block else TRIES
    while True:
        try:
            return _run(action, actor, parsed, target, version, once, is_import)
        except OperationalError as error:
            tries -= 1
            if not tries or _sqlstate(error) != DEADLOCK:
                raise
        except IntegrityError as error:
            if _sqlstate(error) != TAKEN:
                raise
            log.warning("action.collision", action=action.name, exc_info=True)
            raise Conflict(
                _("Another request did this at the same moment."), code="conflict", hint=_("Try again.")
            ) from error


def _sqlstate(error: DatabaseError) -> str | None:
    return getattr(error.__cause__, "sqlstate", None)


def _run(
    action: Declared[R],
    actor: Actor,
    parsed: BaseModel,
    target: uuid.UUID | models.Model | None,
    version: int | None,
    once: str | None,
    is_import: bool,
) -> Outcome[R]:
    """One try, in one transaction."""
    with transaction.atomic():
        if not action.account and actor.workspace is None:
            raise NotFound
        key = _claim(action, actor, once, parsed, target)
        if key is not None and key.done:
            # What was done may be why it could not be done now: only the caller's own reach counts again.
            authz.require_scope(actor, action.permission)
            return Outcome(_earlier(actor, key), repeated=True)
        row = _load(action, actor, target)
        authz.require(actor, action.permission, row)
        before = _Before.of(row)
        if row is not None and version is not None:
            _check_version(row, version, parsed)
        with recording.recording(actor, action.name, is_import=is_import) as record:
            value = _call(action, actor, row, parsed)
            changed = before.changed()
            if changed and row is not None and hasattr(row, "version"):
                row.version += 1
                row.save(update_fields=["version"])
            if row is not None:
                recording.write(record, {(recording.subject_type(row), row.public_id): changed})  # type: ignore[attr-defined]
        subject = value if isinstance(value, models.Model) else row
        if key is not None:
            key.finish(subject)
        return Outcome(value, tuple(record.written), _undo(action, before, row, value))


def run_named(name: str, actor: Actor, data: dict[str, Any], **more: Any) -> Outcome[Any]:
    """``run`` by the action's name; NotFound for an unknown name."""
    if name not in registry:
        raise NotFound(_("There is no action named “%(name)s”.") % {"name": name}, code="unknown_action")
    return run(registry[name], actor, data, **more)


def _parse(action: Declared[Any], data: BaseModel | dict[str, Any]) -> BaseModel:
    if isinstance(data, action.input):
        return data
    try:
        return action.input.model_validate(data.model_dump() if isinstance(data, BaseModel) else data)
    except ValidationError as error:
        raise Invalid(fields=field_errors(error)) from None


def _load(
    action: Declared[Any], actor: Actor, target: uuid.UUID | models.Model | None
) -> models.Model | None:
    if action.target is None:
        if target is not None:
            raise Invalid(_("This action takes no target."), code="target_not_taken")
        return None
    if target is None:
        raise Invalid(_("This action needs a target."), code="target_missing", field="target")
    public_id = target.public_id if isinstance(target, models.Model) else target  # type: ignore[attr-defined]
    manager = action.target._default_manager
    visible = manager.visible_to(actor)  # type: ignore[attr-defined]
    # Lock by primary key: FOR UPDATE cannot be put on the joins that visibility may need.
    pk = visible.filter(public_id=public_id).values_list("pk", flat=True).first()
    row: models.Model | None = manager.select_for_update().filter(pk=pk).first() if pk is not None else None
    if row is None or not visible.filter(pk=row.pk).exists():
        raise NotFound
    return row


def _check_version(row: models.Model, version: int, parsed: BaseModel) -> None:
    """Refuse only if a field that is now given was changed after ``version``."""
    current = getattr(row, "version", None)
    if current is None or version > current:
        raise Invalid(_("There is no such version of it."), code="version_unknown", field="version")
    if current == version:
        return
    since = Event.objects.filter(
        subject_type=recording.subject_type(row),
        subject_id=row.public_id,  # type: ignore[attr-defined]
        subject_version__gt=version,
    )
    changed = {name for names in since.values_list("changed", flat=True) for name in names}
    changed |= {
        name.removesuffix("_id") for name in changed
    }  # an input names what it refers to: lead, not lead_id
    clash = sorted(changed & parsed.model_fields_set)
    if clash:
        raise Conflict(
            _("Someone else changed this meanwhile: %(fields)s.") % {"fields": ", ".join(clash)},
            code="changed_meanwhile",
            hint=_("Reload to see their version, then make your change again."),
            field=clash[0],
        )


def _call(action: Declared[R], actor: Actor, row: models.Model | None, parsed: BaseModel) -> R:
    try:
        if row is not None:
            return action.function(actor, row, parsed)
        return action.function(actor, parsed)
    except ModelInvalid as error:
        fields = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        raise Invalid(fields=fields) from None


def _claim(
    action: Declared[Any],
    actor: Actor,
    once: str | None,
    parsed: BaseModel,
    target: uuid.UUID | models.Model | None,
) -> OnceKey | None:
    """Insert the idempotency key, or find the one an earlier call left. A concurrent twin waits on the unique index."""
    if once is None or actor.user is None:
        return None
    if len(once) > KEY_LIMIT:
        raise Invalid(
            _("An idempotency key has at most %(most)d characters.") % {"most": KEY_LIMIT},
            code="key_too_long",
        )
    public_id = target.public_id if isinstance(target, models.Model) else target  # type: ignore[attr-defined]
    asked = json.dumps(
        [parsed.model_dump(mode="json"), str(public_id), actor.workspace.slug if actor.workspace else None],
        sort_keys=True,
    )
    request = hashlib.sha256(asked.encode()).hexdigest()
    key, fresh = OnceKey.objects.get_or_create(
        user=actor.user, action=action.name, key=once, defaults={"request": request}
    )
    if not fresh and key.request != request:
        raise Conflict(
            _("This idempotency key was used for a different request."),
            code="key_reused",
            hint=_("Use a new key for each new request."),
        )
    return key


def _earlier(actor: Actor, key: OnceKey) -> Any:
    """The row the first call with this key left behind; None if the actor cannot see it, or it has no card."""
    if key.result is None or key.result_type not in objects.types():
        return None
    try:
        return objects.find(actor, key.result_type, key.result)
    except NotFound:  # it is gone, or no longer theirs to see
        return None


def _undo(action: Declared[Any], before: _Before, row: models.Model | None, value: Any) -> Undo | None:
    if action.inverse is None:
        return None
    subject = row if row is not None else value
    public_id = getattr(subject, "public_id", None)
    data = action.inverse_data(before.values, subject) if action.inverse_data else {}
    if registry[action.inverse].target is None:
        return Undo(action.inverse, None, data)
    return Undo(action.inverse, public_id, data, getattr(subject, "version", None))
