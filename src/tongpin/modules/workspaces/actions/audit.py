"""What the audit log holds that no other action writes: failed sign-ins, refusals, its own export."""

from __future__ import annotations

from typing import Literal

from django.db import transaction
from pydantic import BaseModel, ConfigDict, Field

from tongpin.kernel.actions import rate
from tongpin.kernel.actions.registry import action
from tongpin.kernel.errors import DomainError, NotFound
from tongpin.kernel.events.recording import emit, recording
from tongpin.kernel.tenancy import entry
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Via
from tongpin.kernel.tenancy.models import User, Workspace
from tongpin.modules.workspaces import events
from tongpin.modules.workspaces.queries import account

#: A program that is refused asks again all day: so many refusals of one person in an hour are kept.
KEPT_AN_HOUR = 20
HOUR = 3600


class ExportAudit(BaseModel):
    """``filters`` as in the page's address."""

    model_config = ConfigDict(extra="forbid")

    form: Literal["csv", "jsonl"]
    filters: dict[str, str] = Field(default_factory=dict, max_length=10)


@action("workspaces.audit.export", permission="workspaces.audit.export", api=False)
def export_audit(actor: Actor, data: ExportAudit) -> Workspace:
    """Note that the audit log was taken out; the caller then writes the file."""
    if actor.workspace is None or actor.user is None:
        raise NotFound
    emit(events.AuditExported(form=data.form, filters=data.filters), actor.user, actor.workspace)
    return actor.workspace


def note_failed_sign_in(email: str, *, ip: str | None) -> None:
    """Somebody gave a wrong password. allauth lets an address try only so often, so these stay few."""
    user = account.by_login(email)
    nobody = Actor(user=None, via=Via.WEB, ip=ip)
    with transaction.atomic(), recording(nobody, "workspaces.account.sign_in"):
        emit(events.SignInFailed(name=user.name if user else ""), user or User())


def note_refusal(actor: Actor | None, address: str, error: DomainError, *, via: Via, ip: str | None) -> None:
    """A member asked for something that they may not do or see here, or was kept out as a whole."""
    if isinstance(error, entry.Kept):
        actor = Actor(user=error.user, workspace=error.workspace, via=via, ip=ip)
    if actor is None or actor.user is None or actor.workspace is None:
        return
    used, _left = rate.count(f"refused:{actor.workspace.pk}:{actor.user.pk}", HOUR)
    if used > KEPT_AN_HOUR:
        return
    with transaction.atomic(), recording(actor, "workspaces.access.refuse"):
        emit(events.AccessRefused(address=address[:200], code=error.code), actor.user, actor.workspace)
