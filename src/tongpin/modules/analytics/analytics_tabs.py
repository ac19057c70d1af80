"""The row of tabs above the pages of Analytics 分析. A part of it that has a list of its own is one line in TABS."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext_lazy, pgettext_lazy

from tongpin.kernel import authz
from tongpin.kernel.errors import Text
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.analytics.permissions import (
    VIEW_ALERTS,
    VIEW_DASHBOARDS,
    VIEW_INSIGHTS,
    VIEW_NOTES,
    VIEW_SEGMENTS,
)


@dataclass(frozen=True, slots=True)
class Tab:
    """``url_name`` takes the workspace's slug; ``permission`` is what its page asks for."""

    key: str
    label: Text
    url_name: str
    permission: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A tab on one page."""

    label: Text
    url: str
    current: bool


TABS: list[Tab] = [
    Tab("insights", gettext_lazy("Insights"), "analytics:insights", VIEW_INSIGHTS.name),
    Tab("templates", gettext_lazy("Templates"), "analytics:templates", VIEW_INSIGHTS.name),
    Tab("web", gettext_lazy("Web overview"), "analytics:web", VIEW_INSIGHTS.name),
    Tab("alerts", gettext_lazy("Alerts"), "analytics:alerts", VIEW_ALERTS.name),
    Tab("dashboards", gettext_lazy("Dashboards"), "analytics:dashboards", VIEW_DASHBOARDS.name),
    Tab("markers", gettext_lazy("Markers"), "analytics:markers", VIEW_NOTES.name),
    Tab("segments", pgettext_lazy("analytics", "Segments"), "analytics:segments", VIEW_SEGMENTS.name),
]
"""In the order they stand in."""


def of(actor: Actor, current: str) -> list[Shown]:
    """The tabs this reader has, ``current`` the key of the page's own; none where there would be only one."""
    assert actor.workspace is not None
    slug = actor.workspace.slug
    mine = [tab for tab in TABS if authz.can(actor, tab.permission)]
    shown = [Shown(tab.label, reverse(tab.url_name, args=[slug]), tab.key == current) for tab in mine]
    return shown if len(shown) > 1 else []
