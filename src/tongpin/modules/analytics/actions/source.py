"""Making, setting up, pausing and deleting sources, and their keys."""

from __future__ import annotations

import re
import secrets
from typing import Annotated, Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from tongpin.kernel import authz, clock
from tongpin.kernel.actions.registry import Empty, action
from tongpin.kernel.errors import Conflict, Denied, Invalid
from tongpin.kernel.events.recording import emit
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.analytics import events
from tongpin.modules.analytics.enums import CountryFrom, IpPolicy, Platform
from tongpin.modules.analytics.models import DeletedSource, Source, SourceKey
from tongpin.modules.analytics.permissions import CREATE, EDIT, FORWARD

CHANNEL = "analytics_sources"
"""Notified in every transaction that changes what a source accepts, so that each web process reads it again."""
MOST_SOURCES = 200
MOST_KEYS = 20
YEARS_KEPT = 20

_ORIGIN = re.compile(r"(?:https?://)?(?:\*\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?\Z")
_HOST = re.compile(r"https?://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?\Z")

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Pattern = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Patterns = Annotated[list[Pattern], Field(max_length=500)]
Origins = Annotated[list[Pattern], Field(max_length=100)]
Key = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class CreateSource(BaseModel):
    """A first key is made with it."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    platform: Platform = Platform.WEB


class EditSource(BaseModel):
    """Only what is given is changed; see ``Source`` for what each means."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    platform: Platform | None = None
    allowed_origins: Origins | None = None
    ip_policy: IpPolicy | None = None
    country_from: CountryFrom | None = None
    drop_bots: bool | None = None
    honour_opt_out: bool | None = None
    consent_property: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] | None = None
    allow_events: Patterns | None = None
    deny_events: Patterns | None = None
    allow_properties: Patterns | None = None
    deny_properties: Patterns | None = None
    rate_limit: Annotated[int, Field(ge=0, le=10_000_000)] | None = None
    forward_to: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] | None = None
    retention_days: Annotated[int, Field(ge=0, le=366 * YEARS_KEPT)] | None = None


class AddKey(BaseModel):
    """Without a ``value`` one is made."""

    model_config = ConfigDict(extra="forbid")

    value: Key | None = None


def announce() -> None:
    """Have every web process read the sources again once this transaction is committed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])


def _new_key() -> str:
    return f"tp_{secrets.token_hex(16)}"


def _add_key(row: Source, value: str | None) -> SourceKey:
    key = SourceKey(workspace=row.workspace, source=row, value=value or _new_key(), own=value is None)
    try:
        with transaction.atomic():
            key.save()
    except IntegrityError as error:
        raise Invalid(
            _("This key already names a source on this server."), field="value",
            hint=_("Retire it there first, or have the SDK send another one."),
        ) from error  # fmt: skip
    return key


@action("analytics.source.create", permission=CREATE.name, inverse="analytics.source.delete")
def create_source(actor: Actor, data: CreateSource) -> Source:
    """Add a site, an app or a server whose events are to come in."""
    workspace = actor.workspace
    if Source.objects.filter(workspace=workspace, deleted_at=None).count() >= MOST_SOURCES:
        raise Conflict(
            _("A workspace can have %(n)d sources.") % {"n": MOST_SOURCES}, code="too_many_sources",
            hint=_("Delete a source that is not used any more."),
        )  # fmt: skip
    row = Source(workspace=workspace, name=data.name, platform=data.platform)
    row.save()
    _add_key(row, None)
    announce()
    emit(events.SourceCreated(name=row.name, platform=row.platform), row)
    return row


def _origins(given: list[str]) -> list[str]:
    found = list(dict.fromkeys(each.strip().lower().rstrip("/") for each in given if each.strip()))
    for each in found:
        if not _ORIGIN.match(each):
            raise Invalid(
                _("“%(origin)s” is not a site.") % {"origin": each}, field="allowed_origins",
                hint=_("Write it as https://app.example.com, or *.example.com for all below it."),
            )  # fmt: skip
    return found


def _names(given: list[str]) -> list[str]:
    # Exact names: nothing is trimmed but the line's own end (SPEC I3).
    return list(dict.fromkeys(each for each in given if each))


def _host(given: str) -> str:
    host = given.lower().rstrip("/")
    if host and not _HOST.match(host):
        raise Invalid(
            _("“%(host)s” is not an address to forward to.") % {"host": given}, field="forward_to",
            hint=_("Write only the host, such as https://eu.i.posthog.com."),
        )  # fmt: skip
    return host


def _given(data: EditSource) -> dict[str, Any]:
    given = {name: value for name, value in data.model_dump(exclude_unset=True).items() if value is not None}
    if "allowed_origins" in given:
        given["allowed_origins"] = _origins(given["allowed_origins"])
    for name in ("allow_events", "deny_events", "allow_properties", "deny_properties"):
        if name in given:
            given[name] = _names(given[name])
    if "forward_to" in given:
        given["forward_to"] = _host(given["forward_to"])
    return given


def _before(before: dict[str, Any], row: Source) -> dict[str, Any]:
    return {name: before[name] for name in EditSource.model_fields if before[name] != getattr(row, name)}


@action(
    "analytics.source.edit", permission=EDIT.name, target=Source, inverse="analytics.source.edit",
    inverse_data=_before,
)  # fmt: skip
def edit_source(actor: Actor, row: Source, data: EditSource) -> Source:
    """Change what a source is called and what it accepts. What it has taken already stays as it is.

    Forwarding to another host is a person's to begin, no token's.
    """
    given = _given(data)
    changed = sorted(name for name, value in given.items() if getattr(row, name) != value)
    if not changed:
        return row
    if "forward_to" in changed and given["forward_to"] and not authz.can(actor, FORWARD.name, row):
        raise Denied(
            _("Where events are forwarded to, a person decides."), code="person_needed",
            hint=_("An owner or admin sets it on the source's page. A token can end the forwarding."),
        )  # fmt: skip
    for name in changed:
        setattr(row, name, given[name])
    row.save(update_fields=changed)
    announce()
    emit(events.SourceEdited(name=row.name, fields=changed), row)
    return row


@action("analytics.source.pause", permission=EDIT.name, target=Source, inverse="analytics.source.resume")
def pause_source(actor: Actor, row: Source, data: Empty) -> Source:
    """Take no more events from a source until somebody resumes it. What comes meanwhile is lost."""
    if row.paused_at is None:
        row.paused_at = clock.now()
        row.save(update_fields=["paused_at"])
        announce()
        emit(events.SourcePaused(name=row.name), row)
    return row


@action("analytics.source.resume", permission=EDIT.name, target=Source, inverse="analytics.source.pause")
def resume_source(actor: Actor, row: Source, data: Empty) -> Source:
    """Take events again."""
    if row.paused_at is not None:
        row.paused_at = None
        row.save(update_fields=["paused_at"])
        announce()
        emit(events.SourceResumed(name=row.name), row)
    return row


@action("analytics.source.delete", permission=EDIT.name, target=Source, inverse="analytics.source.restore")
def delete_source(actor: Actor, row: Source, data: Empty) -> Source:
    """Take a source away: its keys open nothing any more. Events it brought stay."""
    row.deleted_at = clock.now()
    row.save(update_fields=["deleted_at"])
    announce()
    emit(events.SourceDeleted(name=row.name), row)
    return row


@action(
    "analytics.source.restore", permission=EDIT.name, target=DeletedSource, inverse="analytics.source.delete"
)
def restore_source(actor: Actor, row: DeletedSource, data: Empty) -> Source:
    """Bring a deleted source back, with its keys."""
    row.deleted_at = None
    row.save(update_fields=["deleted_at"])
    announce()
    emit(events.SourceRestored(name=row.name), row)
    return Source.objects.get(pk=row.pk)


@action("analytics.source.add_key", permission=EDIT.name, target=Source)
def add_key(actor: Actor, row: Source, data: AddKey) -> SourceKey:
    """Give a source another key: a new one, or the one an SDK already sends."""
    if row.keys.filter(retired_at=None).count() >= MOST_KEYS:
        raise Conflict(
            _("A source can have %(n)d keys.") % {"n": MOST_KEYS}, code="too_many_keys",
            hint=_("Retire one that no app sends any more."),
        )  # fmt: skip
    key = _add_key(row, data.value)
    announce()
    emit(events.SourceKeyAdded(name=row.name, end=key.value[-4:], own=key.own), row)
    return key


@action(
    "analytics.source_key.retire",
    permission=EDIT.name,
    target=SourceKey,
    inverse="analytics.source_key.revive",
)
def retire_key(actor: Actor, key: SourceKey, data: Empty) -> SourceKey:
    """Let a key open nothing any more: apps that still send it are refused."""
    if key.retired_at is None:
        key.retired_at = clock.now()
        key.save(update_fields=["retired_at"])
        announce()
        emit(events.SourceKeyRetired(name=key.source.name, end=key.value[-4:]), key.source)
    return key


@action(
    "analytics.source_key.revive",
    permission=EDIT.name,
    target=SourceKey,
    inverse="analytics.source_key.retire",
)
def revive_key(actor: Actor, key: SourceKey, data: Empty) -> SourceKey:
    """Let a retired key open its source again."""
    if key.retired_at is not None:
        key.retired_at = None
        key.save(update_fields=["retired_at"])
        announce()
        emit(events.SourceKeyRevived(name=key.source.name, end=key.value[-4:]), key.source)
    return key
