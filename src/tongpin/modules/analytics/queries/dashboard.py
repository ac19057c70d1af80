"""Dashboards as lists and pages read them; what their tiles say: ``dashboard_answers``."""

from __future__ import annotations

import uuid

from django.db.models import Count, Q

from tongpin.kernel import authz, clock, paging
from tongpin.kernel.errors import NotFound
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership
from tongpin.modules.analytics.models import Dashboard, DashboardLink, Insight, Tile
from tongpin.modules.analytics.models.dashboard import digest
from tongpin.modules.analytics.permissions import EDIT_DASHBOARD

MOST_CHOICES = 50


def page(
    actor: Actor, q: str = "", owner: str = "", cursor: str = "", limit: int = paging.LIMIT
) -> paging.Page[Dashboard]:
    """Those whose name or description holds ``q``; with ``owner`` "me" the actor's own. The newest first; each has
    ``count``, the number of its tiles."""
    rows = Dashboard.objects.visible_to(actor).select_related("owner__user", "workspace")
    rows = rows.annotate(count=Count("tiles", filter=Q(tiles__removed_at=None)))
    if q:
        rows = rows.filter(Q(name__icontains=q) | Q(description__icontains=q))
    if owner == "me":
        rows = rows.filter(owner=actor.membership)
    return paging.page(rows, cursor or None, limit, newest_first=True)


def dashboard(actor: Actor, public_id: uuid.UUID) -> Dashboard:
    """One dashboard. Raises NotFound."""
    rows = Dashboard.objects.visible_to(actor).select_related("owner__user", "workspace")
    row: Dashboard | None = rows.filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row


def any_kept(actor: Actor) -> bool:
    """Whether the workspace has any dashboard."""
    return Dashboard.objects.visible_to(actor).exists()


def editable(actor: Actor, q: str = "") -> list[Dashboard]:
    """Those the actor may put something on, by name, at most MOST_CHOICES."""
    rows = (
        Dashboard.objects.visible_to(actor).select_related("owner__user", "workspace").order_by("name", "pk")
    )
    if q:
        rows = rows.filter(name__icontains=q)
    if not authz.can(actor, EDIT_DASHBOARD.name):
        rows = rows.filter(owner=actor.membership)
    return list(rows[:MOST_CHOICES])


def choices(actor: Actor, q: str = "") -> list[Insight]:
    """Saved insights to put on a dashboard, the newest first, at most MOST_CHOICES."""
    rows = Insight.objects.visible_to(actor)
    if q:
        rows = rows.filter(Q(name__icontains=q) | Q(description__icontains=q))
    return list(rows.order_by("-public_id")[:MOST_CHOICES])


def tiles(row: Dashboard) -> list[Tile]:
    """What stands on it, as it is read: row by row, from the left."""
    found = row.tiles.filter(removed_at=None).select_related("insight")
    return list(found.order_by("y", "x", "public_id"))


def tile(row: Dashboard, public_id: uuid.UUID) -> Tile:
    """One tile of a dashboard. Raises NotFound."""
    found: Tile | None = (
        row.tiles.filter(removed_at=None, public_id=public_id).select_related("insight").first()
    )
    if found is None:
        raise NotFound
    return found


def owned_by(actor: Actor, member: Membership) -> list[Dashboard]:
    """What a member answers for, newest first."""
    rows = Dashboard.objects.visible_to(actor).filter(owner=member).select_related("workspace")
    return list(rows.order_by("-public_id"))


def link_of(row: Dashboard) -> DashboardLink | None:
    """The link that leads to a dashboard, if it still works."""
    link: DashboardLink | None = row.links.filter(ended_at=None).first()
    return link if link is not None and link.is_open(clock.now()) else None


def shared(token: str) -> Dashboard:
    """The dashboard of a secret link. Raises NotFound, whatever the reason."""
    rows = DashboardLink.objects.select_related("dashboard__workspace")
    link = rows.filter(token_hash=digest(token)).first()
    if (
        link is None
        or not link.is_open(clock.now())
        or link.dashboard.deleted_at is not None
        or link.dashboard.workspace.deleted_at is not None
    ):
        raise NotFound
    found: Dashboard = link.dashboard
    return found
