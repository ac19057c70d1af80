"""Dashboards: made, changed, copied, deleted and brought back. Their tiles: ``actions.tile``."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from tongpin.kernel import clock
from tongpin.kernel.actions.registry import Empty, action
from tongpin.kernel.errors import Conflict, Denied, Invalid
from tongpin.kernel.events.recording import emit
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership
from tongpin.modules.analytics import dashboard_events as events
from tongpin.modules.analytics.insights import override
from tongpin.modules.analytics.models import Dashboard, DeletedDashboard, Tile
from tongpin.modules.analytics.models.insight import LONGEST_NAME
from tongpin.modules.analytics.permissions import CREATE_DASHBOARD, EDIT_DASHBOARD

MOST = 1_000

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NAME)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
Over = Annotated[
    dict[str, Any],
    Field(
        description="`from`, `to` and `where` as in a question; what is missing leaves each insight its own."
    ),
]


class NewDashboard(BaseModel):
    """``override``: dates and conditions put over every insight on it."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    description: Text = ""
    override: Over = Field(default_factory=dict)


class EditDashboard(BaseModel):
    """Only what is given is changed. ``owner`` is the public id of a member."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    description: Text | None = None
    override: Over | None = None
    owner: uuid.UUID | None = None


class CopyDashboard(BaseModel):
    """``name``: of the copy; else the name of the dashboard, marked as a copy."""

    model_config = ConfigDict(extra="forbid")

    dashboard: uuid.UUID
    name: Name | None = None


@action("analytics.dashboard.create", permission=CREATE_DASHBOARD.name, inverse="analytics.dashboard.delete")
def create_dashboard(actor: Actor, data: NewDashboard) -> Dashboard:
    """Begin a dashboard with nothing on it. Raises Invalid if dates or conditions cannot be read."""
    return _made(actor, data.name, data.description, override.read(data.override).told)


def _made(actor: Actor, name: str, description: str, over: dict[str, Any]) -> Dashboard:
    if actor.membership is None or actor.workspace is None:
        raise Denied(_("A dashboard belongs to a member, and a token is none."))
    if Dashboard.objects.filter(workspace=actor.workspace, deleted_at=None).count() >= MOST:
        raise Conflict(
            _("A workspace keeps %(n)d dashboards.") % {"n": MOST}, code="too_many_dashboards",
            hint=_("Delete dashboards nobody looks at any more."),
        )  # fmt: skip
    row = Dashboard.objects.create(
        workspace=actor.workspace,
        name=name,
        description=description,
        override=over,
        owner=actor.membership,
    )
    emit(events.DashboardCreated(name=row.name), row)
    return row


def _before(before: dict[str, Any], row: Dashboard) -> dict[str, Any]:
    names = ("name", "description", "override")
    found: dict[str, Any] = {name: before[name] for name in names if before[name] != getattr(row, name)}
    if before["owner_id"] != row.owner_id:
        found["owner"] = str(Membership.objects.get(pk=before["owner_id"]).public_id)
    return found


@action(
    "analytics.dashboard.edit", permission=EDIT_DASHBOARD.name, target=Dashboard,
    inverse="analytics.dashboard.edit", inverse_data=_before,
)  # fmt: skip
def edit_dashboard(actor: Actor, row: Dashboard, data: EditDashboard) -> Dashboard:
    """Change its name, what it is for, its dates and conditions, or who answers for it."""
    given = data.model_dump(exclude_none=True)
    if data.override is not None:
        given["override"] = override.read(data.override).told
    if data.owner is not None:
        given["owner"] = Membership.objects.visible_to(actor).active().filter(public_id=data.owner).first()
        if given["owner"] is None:
            raise Invalid(_("Nobody of this workspace."), field="owner")
    changed = [name for name, value in given.items() if getattr(row, name) != value]
    if not changed:
        return row
    for name in changed:
        setattr(row, name, given[name])
    row.changed_at = clock.now()
    row.save()
    emit(events.DashboardEdited(name=row.name, fields=changed), row)
    return row


@action(
    "analytics.dashboard.duplicate", permission=CREATE_DASHBOARD.name, inverse="analytics.dashboard.delete"
)
def duplicate_dashboard(actor: Actor, data: CopyDashboard) -> Dashboard:
    """Make a dashboard of one's own with the same tiles, dates and conditions. The copy is not shared by a link."""
    row = Dashboard.objects.visible_to(actor).filter(public_id=data.dashboard).first()
    if row is None:
        raise Invalid(_("There is no such dashboard."), field="dashboard")
    name = data.name or _("%(name)s (copy)") % {"name": row.name[: LONGEST_NAME - 10]}
    copy = _made(actor, name, row.description, row.override)
    Tile.objects.bulk_create(
        Tile(
            workspace=copy.workspace, dashboard=copy, kind=each.kind, insight=each.insight, title=each.title,
            text=each.text, x=each.x, y=each.y, w=each.w, h=each.h,
        )
        for each in row.tiles.filter(removed_at=None).select_related("insight")
    )  # fmt: skip
    return copy


@action(
    "analytics.dashboard.delete", permission=EDIT_DASHBOARD.name, target=Dashboard,
    inverse="analytics.dashboard.restore",
)  # fmt: skip
def delete_dashboard(actor: Actor, row: Dashboard, data: Empty) -> Dashboard:
    """Take it out of sight; it can be brought back. Its insights stay."""
    row.deleted_at = clock.now()
    row.save(update_fields=["deleted_at"])
    emit(events.DashboardDeleted(name=row.name), row)
    return row


@action(
    "analytics.dashboard.restore", permission=EDIT_DASHBOARD.name, target=DeletedDashboard,
    inverse="analytics.dashboard.delete",
)  # fmt: skip
def restore_dashboard(actor: Actor, row: DeletedDashboard, data: Empty) -> DeletedDashboard:
    """Bring a deleted dashboard back, with its tiles; a link to it works again if it had one."""
    row.deleted_at = None
    row.save(update_fields=["deleted_at"])
    emit(
        events.DashboardRestored(name=row.name), Dashboard.objects.select_related("workspace").get(pk=row.pk)
    )
    return row
