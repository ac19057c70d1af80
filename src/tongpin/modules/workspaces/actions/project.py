"""Making, changing, archiving and deleting projects. Who is in one: ``project_member``."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field

from tongpin.kernel import clock
from tongpin.kernel.actions.registry import Empty, action
from tongpin.kernel.errors import Conflict, Invalid
from tongpin.kernel.events.recording import emit
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership
from tongpin.lib import pinyin
from tongpin.modules.workspaces import events
from tongpin.modules.workspaces.actions.project_member import require_may_lead
from tongpin.modules.workspaces.enums import DEFAULT_ICON, ProjectKind, ProjectRole, Visibility
from tongpin.modules.workspaces.fields import Icon, Key, Name, Purpose
from tongpin.modules.workspaces.models import (
    RESTORABLE,
    DeletedProject,
    OldProjectKey,
    Project,
    ProjectMember,
)
from tongpin.modules.workspaces.queries import project as query


class CreateProject(BaseModel):
    """``key`` is made from the name, and ``icon`` from the kind, where they are left out; ``lead`` is the creator."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    key: Key | None = None
    kind: ProjectKind = ProjectKind.PRODUCT
    purpose: Purpose = ""
    icon: Icon | None = None
    hue: int = Field(default=1, ge=1, le=8)
    visibility: Visibility = Visibility.OPEN
    lead: uuid.UUID | None = None


class EditProject(BaseModel):
    """Only what is given is changed."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    key: Key | None = None
    kind: ProjectKind | None = None
    purpose: Purpose | None = None
    icon: Icon | None = None
    hue: int | None = Field(default=None, ge=1, le=8)
    visibility: Visibility | None = None


@action(
    "workspaces.project.create",
    permission="workspaces.project.create",
    inverse="workspaces.project.delete",
)
def create_project(actor: Actor, data: CreateProject) -> Project:
    """Make a project. Its creator leads it, or is a member of it where another lead is named; a workspace token names
    one, and is not in it.
    """
    assert actor.workspace is not None
    lead = _lead(actor, data.lead)
    row = Project(
        workspace=actor.workspace,
        name=data.name,
        pinyin=" ".join(pinyin.syllables(data.name)),
        key=data.key or query.propose_key(actor.workspace, data.name),
        kind=data.kind,
        purpose=data.purpose,
        icon=data.icon or DEFAULT_ICON[data.kind],
        hue=data.hue,
        visibility=data.visibility,
        created_by=actor.user,
    )
    _require_free(row, row.key)
    row.save()
    for membership, role in {actor.membership: ProjectRole.MEMBER, lead: ProjectRole.LEAD}.items():
        if membership is not None and not membership.is_token:
            ProjectMember.objects.create(
                workspace=row.workspace, project=row, membership=membership, role=role
            )
    emit(events.ProjectCreated(name=row.name, key=row.key, kind=data.kind.value), row)
    return row


def _lead(actor: Actor, named: uuid.UUID | None) -> Membership | None:
    if named is None and actor.is_token:
        raise Invalid(_("A workspace token leads nothing: say who does."), field="lead", code="lead_missing")
    if named is None:
        return actor.membership
    found: Membership | None = (
        Membership.objects.visible_to(actor).active().select_related("user").filter(public_id=named).first()
    )
    if found is None:
        raise Invalid(_("This is not a member of the workspace."), field="lead", code="no_member")
    require_may_lead(found, field="lead")
    return found


def _require_free(row: Project, key: str) -> None:
    if query.key_taken(row.workspace, key, but=row):
        raise Invalid(
            _("The key %(key)s is taken. Choose another.") % {"key": key}, field="key", code="key_taken"
        )


def _before(before: dict[str, Any], row: Project) -> dict[str, Any]:
    return {name: before[name] for name in EditProject.model_fields if before[name] != getattr(row, name)}


@action(
    "workspaces.project.edit",
    permission="workspaces.project.edit",
    target=Project,
    inverse="workspaces.project.edit",
    inverse_data=_before,
)
def edit_project(actor: Actor, row: Project, data: EditProject) -> Project:
    """Change a project's name, key, kind, purpose, icon, colour, or who may see it."""
    given = data.model_dump(exclude_none=True)
    changed = sorted(name for name, value in given.items() if getattr(row, name) != value)
    if not changed:
        return row
    if "key" in changed:
        _move(row, given["key"])
    for name in changed:
        setattr(row, name, given[name])
    row.pinyin = " ".join(pinyin.syllables(row.name))
    row.save(update_fields=[*changed, "pinyin"])
    emit(events.ProjectEdited(name=row.name, key=row.key, fields=changed), row)
    return row


def _move(row: Project, key: str) -> None:
    """Keep the old key leading here, and take the new one back if it was an old one of ours."""
    _require_free(row, key)
    OldProjectKey.objects.filter(project=row, key=key).delete()
    OldProjectKey.objects.create(workspace=row.workspace, project=row, key=row.key)


@action(
    "workspaces.project.archive",
    permission="workspaces.project.edit",
    target=Project,
    inverse="workspaces.project.unarchive",
)
def archive_project(actor: Actor, row: Project, data: Empty) -> Project:
    """Put a project away: it stays readable, and leaves the lists and the sidebars."""
    if row.archived_at is None:
        row.archived_at = clock.now()
        row.save(update_fields=["archived_at"])
        emit(events.ProjectArchived(name=row.name), row)
    return row


@action(
    "workspaces.project.unarchive",
    permission="workspaces.project.edit",
    target=Project,
    inverse="workspaces.project.archive",
)
def unarchive_project(actor: Actor, row: Project, data: Empty) -> Project:
    """Take an archived project up again."""
    if row.archived_at is not None:
        row.archived_at = None
        row.save(update_fields=["archived_at"])
        emit(events.ProjectUnarchived(name=row.name), row)
    return row


@action(
    "workspaces.project.delete",
    permission="workspaces.project.edit",
    target=Project,
    inverse="workspaces.project.restore",
)
def delete_project(actor: Actor, row: Project, data: Empty) -> Project:
    """Take a project away. It can be brought back for 30 days; its key is free at once."""
    row.deleted_at = clock.now()
    row.save(update_fields=["deleted_at"])
    emit(events.ProjectDeleted(name=row.name), row)
    return row


@action(
    "workspaces.project.restore",
    permission="workspaces.project.edit",
    target=DeletedProject,
    inverse="workspaces.project.delete",
)
def restore_project(actor: Actor, row: DeletedProject, data: Empty) -> Project:
    """Bring a deleted project back as it was."""
    if query.key_taken(row.workspace, row.key, but=row):
        raise Conflict(
            _("Another project has the key %(key)s now.") % {"key": row.key},
            code="key_taken",
            hint=_("Give that project another key first."),
        )
    row.deleted_at = None
    row.save(update_fields=["deleted_at"])
    project = Project.objects.get(pk=row.pk)
    emit(events.ProjectRestored(name=row.name), project)
    return project


def purge_deleted_projects() -> int:
    """Erase projects deleted more than 30 days ago. Returns how many."""
    gone = Project.objects.filter(deleted_at__lte=clock.now() - RESTORABLE)
    with transaction.atomic():
        count = gone.count()
        gone.delete()
    return count
