"""What insights tell the rest of the program about themselves, once, when it starts."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from tongpin.kernel import authz, objects, ownership
from tongpin.kernel.objects import Card, SearchText
from tongpin.kernel.ownership import Owned
from tongpin.lib import pinyin
from tongpin.modules.analytics.actions.insight import edit_insight
from tongpin.modules.analytics.models import Insight
from tongpin.modules.analytics.permissions import VIEW_INSIGHTS
from tongpin.modules.analytics.queries.insight import owned_by
from tongpin.modules.workspaces.public import describe
from tongpin.ui import navigation
from tongpin.ui.navigation import NavItem


def card(row: Insight) -> Card:
    """An insight in an answer of the search, a link or the activity list."""
    return Card(
        type=Insight._meta.label_lower,
        id=row.public_id,
        title=row.name,
        url=reverse("analytics:insight", args=[row.workspace.slug, row.public_id]),
        icon="chart-line",
        state=str(row.get_kind_display()),
        hint=row.description[:100],
    )


def search(row: Insight) -> SearchText:
    """Found by its name and what it is for."""
    return SearchText(title=row.name, body=row.description, pinyin=" ".join(pinyin.syllables(row.name)[:24]))


def register() -> None:
    """Called by ``apps.ready()``."""
    objects.register(
        Insight,
        label=pgettext_lazy("analytics", "Insight"),
        plural=gettext_lazy("Insights"),
        icon="chart-line",
        card=card,
        search=search,
        related=("workspace",),
    )
    ownership.register(
        Owned(
            "analytics.insights",
            gettext_lazy("Insights they answer for"),
            "chart-line",
            owned_by,
            lambda actor, row, member: edit_insight.run(actor, {"owner": member.public_id}, target=row),
            undone_by="analytics.insight.edit",
        )
    )
    navigation.register(
        NavItem(
            "analytics.insights",
            "data",
            gettext_lazy("Analytics"),
            icon="chart-line",
            url_name="analytics:insights",
            order=10,
            shortcut="g a",
            visible=lambda actor: authz.can(actor, VIEW_INSIGHTS.name),
            words=(gettext_lazy("Trend"), gettext_lazy("Funnel"), "fenxi", "漏斗", "留存"),
        )
    )
    describe("analytics.insight_saved", lambda p: _("saved the insight “%(name)s”") % {"name": p.name})
    describe("analytics.insight_edited", lambda p: _("changed the insight “%(name)s”") % {"name": p.name})
    describe("analytics.insight_deleted", lambda p: _("deleted the insight “%(name)s”") % {"name": p.name})
    describe(
        "analytics.insight_restored", lambda p: _("brought the insight “%(name)s” back") % {"name": p.name}
    )
