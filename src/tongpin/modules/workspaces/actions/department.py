"""The company's tree: making, changing, moving, deleting departments, and who is in them."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field

from tongpin.kernel import clock
from tongpin.kernel.actions.registry import Empty, action
from tongpin.kernel.errors import Conflict, Invalid
from tongpin.kernel.events.recording import emit
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership, Workspace
from tongpin.lib import pinyin, ranks
from tongpin.modules.workspaces import events
from tongpin.modules.workspaces.actions.project_member import require_may_lead
from tongpin.modules.workspaces.fields import Name
from tongpin.modules.workspaces.models import RESTORABLE, DeletedDepartment, Department
from tongpin.modules.workspaces.queries.department import DEEPEST

#: A rank longer than this has the siblings spread anew.
LONGEST_RANK = 40


class CreateDepartment(BaseModel):
    """It becomes the last of those with the same ``parent``; None is the top."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    parent: uuid.UUID | None = None
    lead: uuid.UUID | None = None


class EditDepartment(BaseModel):
    """Only what is given is changed; ``lead`` None leaves it without one."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    lead: uuid.UUID | None = None


class MoveDepartment(BaseModel):
    """Into ``parent`` (None is the top), before the sibling ``before`` (None is last)."""

    model_config = ConfigDict(extra="forbid")

    parent: uuid.UUID | None
    before: uuid.UUID | None = None


class RestoreDepartment(BaseModel):
    """``children``: departments that stood in it and are taken back in, where they still stand where they were put."""

    model_config = ConfigDict(extra="forbid")

    children: list[uuid.UUID] = Field(default=[], max_length=1000)


def _hold_the_tree(actor: Actor) -> None:
    """One change of the tree's shape at a time: two at once could close a circle."""
    assert actor.workspace is not None
    Workspace.objects.select_for_update().get(pk=actor.workspace.pk)


def _named(actor: Actor, public_id: uuid.UUID | None, field: str) -> Department | None:
    if public_id is None:
        return None
    row: Department | None = Department.objects.visible_to(actor).filter(public_id=public_id).first()
    if row is None:
        raise Invalid(_("This department does not exist any more."), field=field, code="no_department")
    return row


def _lead(actor: Actor, public_id: uuid.UUID | None) -> Membership | None:
    if public_id is None:
        return None
    rows = Membership.objects.visible_to(actor).active().select_related("user")
    found: Membership | None = rows.filter(public_id=public_id).first()
    if found is None:
        raise Invalid(_("This is not a member of the workspace."), field="lead", code="no_member")
    require_may_lead(found, field="lead")
    return found


def _siblings(row: Department) -> QuerySet[Department]:
    """The others with the same parent, in order."""
    rows = Department.objects.filter(workspace=row.workspace, parent=row.parent, deleted_at=None)
    return rows.exclude(pk=row.pk).order_by("rank", "pk")


def _require_free_name(row: Department) -> None:
    if _siblings(row).filter(name=row.name).exists():
        raise Invalid(
            _("There is a department “%(name)s” here already.") % {"name": row.name},
            field="name",
            code="name_taken",
            hint=_("Give one of the two another name."),
        )


def _stand(row: Department, before: Department | None) -> None:
    """Give it the rank of its place among its siblings: before the one given, or last."""
    others = list(_siblings(row))
    at = next((n for n, other in enumerate(others) if before and other.pk == before.pk), len(others))
    low, high = (others[at - 1].rank if at else ""), (others[at].rank if at < len(others) else "")
    row.rank = ranks.between(low, high)
    if len(row.rank) > LONGEST_RANK:
        fresh = ranks.spread(len(others) + 1)
        row.rank = fresh.pop(at)
        for other, rank in zip(others, fresh, strict=True):
            Department.objects.filter(pk=other.pk).update(rank=rank)


@action(
    "workspaces.department.create",
    permission="workspaces.department.edit",
    inverse="workspaces.department.delete",
)
def create_department(actor: Actor, data: CreateDepartment) -> Department:
    """Make a department."""
    assert actor.workspace is not None
    _hold_the_tree(actor)
    parent = _named(actor, data.parent, "parent")
    _require_room(parent, 1)
    row = Department(workspace=actor.workspace, parent=parent, name=data.name, lead=_lead(actor, data.lead))
    row.pinyin = " ".join(pinyin.syllables(row.name))
    _require_free_name(row)
    _stand(row, None)
    row.save()
    emit(events.DepartmentCreated(name=row.name), row)
    return row


def _before_edit(before: dict[str, Any], row: Department) -> dict[str, Any]:
    lead = Membership.objects.filter(pk=before["lead_id"]).values_list("public_id", flat=True).first()
    return {"name": before["name"], "lead": str(lead) if lead else None}


@action(
    "workspaces.department.edit",
    permission="workspaces.department.edit",
    target=Department,
    inverse="workspaces.department.edit",
    inverse_data=_before_edit,
)
def edit_department(actor: Actor, row: Department, data: EditDepartment) -> Department:
    """Give a department another name or lead."""
    fields = []
    if data.name is not None and data.name != row.name:
        row.name, row.pinyin = data.name, " ".join(pinyin.syllables(data.name))
        _require_free_name(row)
        fields.append("name")
    if "lead" in data.model_fields_set:
        lead = _lead(actor, data.lead)
        if lead != row.lead:
            row.lead = lead
            fields.append("lead")
    if fields:
        row.save(update_fields=[*fields, "pinyin"])
        emit(events.DepartmentEdited(name=row.name, fields=fields), row)
    return row


@action(
    "workspaces.department.move",
    permission="workspaces.department.edit",
    target=Department,
    inverse="workspaces.department.move",
    inverse_data=lambda before, row: dict(zip(("parent", "before"), row.place_before, strict=True)),
)
def move_department(actor: Actor, row: Department, data: MoveDepartment) -> Department:
    """Put a department, with all below it, in another place of the tree."""
    _hold_the_tree(actor)
    parent, before = _named(actor, data.parent, "parent"), _named(actor, data.before, "before")
    if before is not None and (before.parent_id != (parent.pk if parent else None) or before.pk == row.pk):
        raise Invalid(_("This department stands elsewhere now."), field="before", code="not_there")
    follower = _siblings(row).filter(rank__gt=row.rank).first()
    row.place_before = (_id(row.parent), _id(follower))
    if row.place_before == (_id(parent), _id(before)):
        return row
    _require_no_circle(row, parent)
    _require_room(parent, _height(row))
    row.parent = parent
    _require_free_name(row)
    _stand(row, before)
    row.save(update_fields=["parent", "rank"])
    emit(events.DepartmentMoved(name=row.name, parent=parent.name if parent else ""), row)
    return row


def _id(row: Department | None) -> str | None:
    return str(row.public_id) if row is not None else None


def _above(row: Department | None) -> list[Department]:
    """It and those above it, up to the top."""
    found = []
    while row is not None:
        found.append(row)
        row = row.parent
    return found


def _require_no_circle(row: Department, parent: Department | None) -> None:
    if any(above.pk == row.pk for above in _above(parent)):
        raise Conflict(_("A department cannot be moved into itself or into one below it."), code="circle")


def _height(row: Department) -> int:
    """How many levels it takes up."""
    levels, parents = 0, [row.pk]
    while parents:
        levels += 1
        below = Department.objects.filter(parent__in=parents, deleted_at=None)
        parents = list(below.values_list("pk", flat=True))
    return levels


def _require_room(parent: Department | None, levels: int) -> None:
    if len(_above(parent)) + levels > DEEPEST:
        raise Invalid(
            _("At most %(n)d departments may stand below each other.") % {"n": DEEPEST},
            field="parent",
            code="too_deep",
        )


@action(
    "workspaces.department.delete",
    permission="workspaces.department.edit",
    target=Department,
    inverse="workspaces.department.restore",
    inverse_data=lambda before, row: {"children": row.children_before},
)
def delete_department(actor: Actor, row: Department, data: Empty) -> Department:
    """Take a department away. Those in it move up to its place; its members stay members of the workspace."""
    _hold_the_tree(actor)
    children = list(row.children.filter(deleted_at=None).order_by("rank", "pk"))
    row.deleted_at = clock.now()
    row.save(update_fields=["deleted_at"])
    row.children_before = [str(child.public_id) for child in children]
    follower = _siblings(row).filter(rank__gt=row.rank).first()
    for child in children:
        child.parent = row.parent
        _require_free_name(child)
        _stand(child, follower)
        child.save(update_fields=["parent", "rank"])
    emit(events.DepartmentDeleted(name=row.name), row)
    return row


@action(
    "workspaces.department.restore",
    permission="workspaces.department.edit",
    target=DeletedDepartment,
    inverse="workspaces.department.delete",
)
def restore_department(actor: Actor, row: DeletedDepartment, data: RestoreDepartment) -> Department:
    """Bring a deleted department back to its place, or to the top if what it stood in is gone."""
    _hold_the_tree(actor)
    if row.parent is not None and row.parent.deleted_at is not None:
        row.parent = None
    back = Department.objects.get(pk=row.pk)
    back.parent = row.parent
    _require_free_name(back)
    row.deleted_at = None
    row.save(update_fields=["deleted_at", "parent"])
    for child in _siblings(back).filter(public_id__in=data.children):
        child.parent = back
        _stand(child, None)
        child.save(update_fields=["parent", "rank"])
    emit(events.DepartmentRestored(name=row.name), back)
    return Department.objects.get(pk=row.pk)


def purge_deleted_departments() -> int:
    """Erase departments deleted more than 30 days ago. Returns how many."""
    gone = Department.objects.filter(deleted_at__lte=clock.now() - RESTORABLE)
    with transaction.atomic():
        count = gone.count()
        gone.delete()
    return count
