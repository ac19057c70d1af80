"""Reports as pages and the worker read them."""

from __future__ import annotations

import uuid
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from tongpin.kernel import authz, paging
from tongpin.kernel.errors import NotFound
from tongpin.kernel.events.models import Event
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership
from tongpin.modules.analytics.public import VIEW_DASHBOARDS, Dashboard
from tongpin.modules.digests.enums import ReportWhy
from tongpin.modules.digests.models import Report, ReportRun, Robot
from tongpin.modules.workspaces.public import calendar_of

RUNS = 30


def whole(rows: QuerySet[Report]) -> QuerySet[Report]:
    """The rows with all that sending and showing them needs."""
    joined = rows.select_related("workspace", "dashboard__workspace", "owner__user", "owner__workspace")
    return joined.prefetch_related("readers__user", "robots__project")


def of_dashboard(actor: Actor, dashboard: Dashboard) -> list[Report]:
    """The reports of one dashboard, oldest first."""
    rows = Report.objects.visible_to(actor).filter(dashboard=dashboard)
    return list(whole(rows).order_by("pk"))


def report(actor: Actor, dashboard: Dashboard, public_id: uuid.UUID) -> Report:
    """One of them. Raises NotFound."""
    rows = Report.objects.visible_to(actor).filter(dashboard=dashboard, public_id=public_id)
    row = whole(rows).first()
    if row is None:
        raise NotFound
    return row


def runs(actor: Actor, row: Report, cursor: str = "") -> paging.Page[ReportRun]:
    """What was sent, newest first. Raises Invalid (cursor)."""
    rows = ReportRun.objects.visible_to(actor).filter(report=row).defer("picture")
    return paging.page(rows, cursor, RUNS, newest_first=True)


def lost_right(row: Report) -> ReportWhy | None:
    """Why a report may not be sent; None if it may."""
    if row.dashboard.deleted_at is not None:
        return ReportWhy.GONE
    return None if may_read(row.owner) else ReportWhy.OWNER_LEFT


def may_read(member: Membership) -> bool:
    """Whether a member may see what dashboards say; ``user`` and ``workspace`` are joined."""
    if member.deactivated_at is not None or not member.user.is_active:
        return False
    return authz.can(Actor.for_member(member), VIEW_DASHBOARDS)


def readers_of(row: Report) -> list[Membership]:
    """Those of its readers who may still see it."""
    members = row.readers.select_related("user", "workspace").order_by("pk")
    return [member for member in members if may_read(member)]


def robots_of(row: Report) -> list[Robot]:
    """Those of its robots that send, and that its owner may use."""
    mine = Robot.objects.visible_to(Actor.for_member(row.owner)).at_work()
    return list(
        mine.filter(pk__in=row.robots.values("pk")).select_related("workspace", "project").order_by("pk")
    )


def usable_robots(actor: Actor) -> list[Robot]:
    """The robots a member may have a report sent by, by project."""
    rows = Robot.objects.visible_to(actor).select_related("project")
    return list(rows.order_by("project__pinyin", "name")[:200])


def owned_by(actor: Actor, member: Membership) -> list[Report]:
    """What acts for a member, newest first."""
    rows = Report.objects.visible_to(actor).filter(owner=member).select_related("workspace", "dashboard")
    return list(rows.order_by("-public_id"))


def next_time(row: Report, now: datetime) -> datetime:
    """When it is due next (UTC), by the workspace's zone and working calendar."""
    zone = ZoneInfo(row.workspace.time_zone)
    return row.rhythm.after(now, zone, calendar_of(row.workspace).is_working_day)


def told_of(event: Event) -> list[Membership]:
    """Who hears that a report stopped: its owner if still there, else the admins."""
    row = Report.objects.filter(public_id=event.subject_id).first()
    if row is None:
        return []
    members = (
        Membership.objects.active().filter(workspace=row.workspace_id).select_related("user", "workspace")
    )
    return list(members.filter(pk=row.owner_id)) or list(members.filter(role__in=authz.ADMINS))
