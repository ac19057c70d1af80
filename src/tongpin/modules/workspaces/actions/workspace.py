"""Making, changing, deleting and leaving workspaces."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app as jobs
from pydantic import BaseModel, ConfigDict, Field

from tongpin.kernel import clock
from tongpin.kernel.actions.registry import Empty, action
from tongpin.kernel.errors import Conflict, Denied, Invalid, NotFound
from tongpin.kernel.events.recording import emit, recording
from tongpin.kernel.files import public as files
from tongpin.kernel.files.models import Kind, StoredFile
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Language, Role, WeekStart
from tongpin.kernel.tenancy.models import Membership, OldSlug, User, Workspace
from tongpin.modules.workspaces import events
from tongpin.modules.workspaces.actions.member import close_invitations
from tongpin.modules.workspaces.actions.person import person_of
from tongpin.modules.workspaces.fields import Name, Slug, Zone
from tongpin.modules.workspaces.models import RESTORABLE
from tongpin.modules.workspaces.queries.member import is_last_owner

ERASE_JOB = "workspaces.erase_store"


class CreateWorkspace(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Name
    slug: Slug
    language: Language = Language.ENGLISH
    time_zone: Zone = "Asia/Shanghai"


class EditWorkspace(BaseModel):
    """Only what is given is changed."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    slug: Slug | None = None
    language: Language | None = None
    time_zone: Zone | None = None
    week_start: WeekStart | None = None
    logo: uuid.UUID | None = None


class DeleteWorkspace(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=80, description="The workspace's name, typed by its owner.")


class RestoreWorkspace(BaseModel):
    model_config = ConfigDict(extra="forbid")

    workspace: uuid.UUID


def slug_taken(slug: str, but: Workspace | None = None) -> bool:
    """Whether another workspace has this address now or had it before."""
    now, before = Workspace.objects.filter(slug=slug), OldSlug.objects.filter(slug=slug)
    if but is not None:
        now, before = now.exclude(pk=but.pk), before.exclude(workspace=but)
    return now.exists() or before.exists()


def found_workspace(founder: User, data: CreateWorkspace) -> Workspace:
    """Write the workspace and its founder's membership; the caller holds the recording."""
    if slug_taken(data.slug):
        raise Invalid(_("This address is taken. Choose another."), field="slug", code="slug_taken")
    row = Workspace.objects.create(
        name=data.name, slug=data.slug, language=data.language, time_zone=data.time_zone
    )
    member = Membership.objects.create(workspace=row, user=founder, role=Role.OWNER)
    emit(events.WorkspaceCreated(name=row.name, slug=row.slug), row)
    emit(events.MemberJoined(role=Role.OWNER.value), member)
    return row


@action(
    "workspaces.workspace.create",
    permission="workspaces.workspace.create",
    account=True,
    inverse="workspaces.workspace.delete",
    inverse_data=lambda before, row: {"name": row.name},
)
def create_workspace(actor: Actor, data: CreateWorkspace) -> Workspace:
    """Make a workspace of one's own."""
    return found_workspace(person_of(actor), data)


def _before(before: dict[str, Any], row: Workspace) -> dict[str, Any]:
    """A replaced logo is forgotten, and cannot be put back."""
    names = ("name", "slug", "language", "time_zone", "week_start")
    return {name: before[name] for name in names if before[name] != getattr(row, name)}


@action(
    "workspaces.workspace.edit",
    permission="workspaces.workspace.edit",
    target=Workspace,
    inverse="workspaces.workspace.edit",
    inverse_data=_before,
)
def edit_workspace(actor: Actor, row: Workspace, data: EditWorkspace) -> Workspace:
    """Change a workspace's name, address, logo, language, time zone or first day of the week."""
    if actor.workspace is None or row.pk != actor.workspace.pk:
        raise NotFound  # the role that was checked is the one in the actor's own workspace
    if data.logo is not None and not _has_picture(row, data.logo):
        raise Invalid(_("There is no such picture."), field="logo", hint=_("Upload it again."))
    if data.slug is not None and data.slug != row.slug:
        _move(row, data.slug)
    changed, old_logo = [], row.logo
    for name in data.model_fields_set:
        value = getattr(data, name)
        if value is None and name != "logo":
            continue
        if getattr(row, name) != value:
            setattr(row, name, value)
            changed.append(name)
    if changed:
        row.save(update_fields=changed)
        if "logo" in changed:
            files.remove(old_logo)
        emit(events.WorkspaceEdited(name=row.name, slug=row.slug, fields=sorted(changed)), row)
    return row


def _has_picture(row: Workspace, picture: uuid.UUID) -> bool:
    return StoredFile.objects.filter(public_id=picture, kind=Kind.PICTURE, workspace=row).exists()


def _move(row: Workspace, slug: str) -> None:
    """Keep the old address leading here, and take the new one back if it was an old one of ours."""
    if slug_taken(slug, but=row):
        raise Invalid(_("This address is taken. Choose another."), field="slug", code="slug_taken")
    OldSlug.objects.filter(workspace=row, slug=slug).delete()
    OldSlug.objects.create(workspace=row, slug=row.slug)


@action(
    "workspaces.workspace.delete",
    permission="workspaces.workspace.delete",
    target=Workspace,
    account=True,
    inverse="workspaces.workspace.restore",
    inverse_data=lambda before, row: {"workspace": str(row.public_id)},
)
def delete_workspace(actor: Actor, row: Workspace, data: DeleteWorkspace) -> Workspace:
    """Take a workspace away from everybody at once. Its owners can bring it back for 30 days."""
    _require_owner(actor, row)
    if data.name.strip() != row.name:
        raise Invalid(_("Type the name exactly as it is: %(name)s") % {"name": row.name}, field="name")
    row.deleted_at = clock.now()
    row.save(update_fields=["deleted_at"])
    emit(events.WorkspaceDeleted(name=row.name), row)
    return row


@action("workspaces.workspace.restore", permission="workspaces.workspace.restore", account=True)
def restore_workspace(actor: Actor, data: RestoreWorkspace) -> Workspace:
    """Bring a deleted workspace back, within 30 days, as it was."""
    row = Workspace.objects.select_for_update().filter(public_id=data.workspace).first()
    if row is None or row.deleted_at is None:
        raise NotFound
    _require_owner(actor, row, hidden=True)
    if clock.now() - row.deleted_at > RESTORABLE:
        raise NotFound
    row.deleted_at = None
    row.save(update_fields=["deleted_at"])
    emit(events.WorkspaceRestored(name=row.name), row)
    return row


def _require_owner(actor: Actor, row: Workspace, *, hidden: bool = False) -> None:
    """Denied (NotFound if the row is ``hidden`` from the person anyway) unless the person is an active owner."""
    held = Membership.objects.filter(workspace=row, user=actor.user, deactivated_at=None, role=Role.OWNER)
    if not held.exists():
        raise NotFound if hidden else Denied


def purge_deleted() -> int:
    """Erase the workspaces that can no longer be restored, with everything in them. Returns how many.

    The event store's copy of their events goes with a job, which waits for the store if it has to.
    """
    gone = list(Workspace.objects.filter(deleted_at__lte=clock.now() - RESTORABLE))
    for row in gone:
        with transaction.atomic(), recording(Actor.system(), "workspaces.workspace.erase"):
            owners = Membership.objects.filter(workspace=row, role=Role.OWNER, deactivated_at=None)
            for owner in owners.select_related("user"):
                emit(events.WorkspaceErased(workspace=row.public_id), owner.user)
            jobs.configure_task(ERASE_JOB).defer(workspace=str(row.public_id))
            tokens = list(User.actors.filter(memberships__workspace=row, is_token=True))
            row.delete()
            for token in tokens:
                token.delete()
    return len(gone)


@action("workspaces.workspace.leave", permission="workspaces.workspace.leave", target=Workspace, account=True)
def leave_workspace(actor: Actor, row: Workspace, data: Empty) -> Workspace:
    """Give up one's own membership. The last owner cannot."""
    member = Membership.objects.select_for_update().get(workspace=row, user=actor.user, deactivated_at=None)
    if is_last_owner(member):
        raise Conflict(
            _("You are the only owner."),
            code="last_owner",
            hint=_("Make someone else an owner first, or delete the workspace."),
        )
    member.deactivated_at = clock.now()
    member.version += 1
    member.save(update_fields=["deactivated_at", "version"])
    close_invitations(member)
    emit(events.MemberLeft(), member)
    return row
