"""What dashboards tell the rest of the program about themselves, once, when it starts."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tongpin.kernel import authz, keyring, objects, ownership
from tongpin.kernel.objects import Card, SearchText
from tongpin.kernel.ownership import Owned
from tongpin.lib import pinyin
from tongpin.modules.analytics.actions import dashboard_link, tile  # noqa: F401  tile: its actions are registered
from tongpin.modules.analytics.actions.dashboard import edit_dashboard
from tongpin.modules.analytics.models import Dashboard
from tongpin.modules.analytics.permissions import VIEW_DASHBOARDS
from tongpin.modules.analytics.queries.dashboard import owned_by
from tongpin.modules.workspaces.public import describe
from tongpin.ui import navigation
from tongpin.ui.navigation import NavItem


def card(row: Dashboard) -> Card:
    """A dashboard in an answer of the search, a link or the activity list."""
    return Card(
        type=Dashboard._meta.label_lower,
        id=row.public_id,
        title=row.name,
        url=reverse("analytics:dashboard", args=[row.workspace.slug, row.public_id]),
        icon="layout-dashboard",
        hint=row.description[:100],
    )


def search(row: Dashboard) -> SearchText:
    """Found by its name and what it is for."""
    return SearchText(title=row.name, body=row.description, pinyin=" ".join(pinyin.syllables(row.name)[:24]))


def register() -> None:
    """Called by ``apps.ready()``."""
    objects.register(
        Dashboard,
        label=gettext_lazy("Dashboard"),
        plural=gettext_lazy("Dashboards"),
        icon="layout-dashboard",
        card=card,
        search=search,
        related=("workspace",),
    )
    ownership.register(
        Owned(
            "analytics.dashboards",
            gettext_lazy("Dashboards they answer for"),
            "layout-dashboard",
            owned_by,
            lambda actor, row, member: edit_dashboard.run(actor, {"owner": member.public_id}, target=row),
            undone_by="analytics.dashboard.edit",
        )
    )
    keyring.register("analytics.dashboard_links", dashboard_link.rewrite_secrets)
    navigation.register(
        NavItem(
            "analytics.dashboards",
            "do",
            gettext_lazy("Dashboards"),
            icon="layout-dashboard",
            url_name="analytics:dashboards",
            order=10,
            visible=lambda actor: authz.can(actor, VIEW_DASHBOARDS.name),
            words=("BI", "yibiaopan", "数据看板", "大屏"),
        )
    )
    _describe()


def _describe() -> None:
    """Events of dashboards, in words."""
    describe("analytics.dashboard_created", lambda p: _("made the dashboard “%(name)s”") % {"name": p.name})
    describe("analytics.dashboard_edited", lambda p: _("changed the dashboard “%(name)s”") % {"name": p.name})
    describe(
        "analytics.dashboard_deleted", lambda p: _("deleted the dashboard “%(name)s”") % {"name": p.name}
    )
    describe(
        "analytics.dashboard_restored",
        lambda p: _("brought the dashboard “%(name)s” back") % {"name": p.name},
    )
    describe("analytics.dashboard_shared", _shared)
    describe(
        "analytics.dashboard_unshared",
        lambda p: _("ended the public link of the dashboard “%(name)s”") % {"name": p.name},
    )
    describe("analytics.tile_added", lambda p: _told(p, _("put “%(name)s” on it"), _("put a text on it")))
    describe(
        "analytics.tile_edited", lambda p: _told(p, _("changed “%(name)s” on it"), _("changed a text on it"))
    )
    describe(
        "analytics.tile_removed", lambda p: _told(p, _("took “%(name)s” off it"), _("took a text off it"))
    )
    describe(
        "analytics.tile_restored",
        lambda p: _told(p, _("put “%(name)s” back on it"), _("put a text back on it")),
    )
    describe("analytics.tiles_arranged", lambda p: _("arranged its tiles"))


def _told(payload: object, named: str, nameless: str) -> str:
    title = payload.title  # type: ignore[attr-defined]
    return named % {"name": title} if title else nameless


def _shared(payload: object) -> str:
    name, until = payload.name, payload.until  # type: ignore[attr-defined]
    if not until:
        return _("opened the dashboard “%(name)s” to whoever has its link") % {"name": name}
    day = date_format(datetime.fromisoformat(until), "SHORT_DATE_FORMAT")
    return _("opened the dashboard “%(name)s” to whoever has its link, until %(day)s") % {
        "name": name,
        "day": day,
    }
