"""What reports tell the rest of the program about themselves, once, when it starts."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from tongpin.kernel import authz, objects, ownership
from tongpin.kernel.events import payloads
from tongpin.kernel.events.models import Event
from tongpin.kernel.news import Kind, Wording, rule
from tongpin.kernel.objects import Card
from tongpin.kernel.ownership import Owned
from tongpin.modules.analytics.public import VIEW_DASHBOARDS, Dashboard
from tongpin.modules.digests.actions.report import edit_report
from tongpin.modules.digests.enums import Every, ReportWhy
from tongpin.modules.digests.models import Report
from tongpin.modules.digests.queries import report as queries
from tongpin.modules.workspaces.public import describe
from tongpin.ui import tabs
from tongpin.ui.tabs import Tab

# icons: send

STOPPED = Kind(
    "digests.report",
    gettext_lazy("Scheduled reports"),
    gettext_lazy("A report of yours has stopped and needs you."),
    icon="send",
)


def page(row: Report) -> str:
    """A report's own page. ``workspace`` and ``dashboard`` are joined."""
    return reverse("digests:report", args=[row.workspace.slug, row.dashboard.public_id, row.public_id])


def card(row: Report) -> Card:
    """A report in an answer, a link or the activity list."""
    return Card(
        type=Report._meta.label_lower,
        id=row.public_id,
        title=_("Report: %(name)s") % {"name": row.dashboard.name},
        url=page(row),
        icon="send",
        state=_("Paused") if row.paused_at else "",
        hint=str(Every(row.every).label),
    )


def stopped(event: Event, language: str) -> Wording:
    """Why it stopped."""
    said: Any = payloads.from_row(event.name, event.v, event.payload)
    rows = Report.objects.select_related("workspace", "dashboard")
    row = rows.filter(public_id=event.subject_id).first()
    title = _("The report of “%(name)s” has stopped") % {"name": said.name}
    return Wording(title, str(ReportWhy(said.why).label), page(row) if row else "")


def register() -> None:
    """Called by ``apps.ready()``."""
    objects.register(
        Report,
        label=pgettext_lazy("digests", "Scheduled report"),
        plural=gettext_lazy("Scheduled reports"),
        icon="send",
        card=card,
        related=("workspace", "dashboard"),
    )
    ownership.register(
        Owned(
            "digests.reports",
            gettext_lazy("Scheduled reports that act for them"),
            "send",
            queries.owned_by,
            lambda actor, row, member: edit_report.run(actor, {"owner": member.public_id}, target=row),
            undone_by="digests.report.edit",
        )
    )
    tabs.register(
        Dashboard._meta.label_lower,
        Tab(
            "reports",
            gettext_lazy("Send regularly"),
            lambda row: reverse("digests:reports", args=[row.workspace.slug, row.public_id]),
            visible=lambda actor, row: authz.can(actor, VIEW_DASHBOARDS),
        ),
    )
    rule("digests.report_stopped", kind=STOPPED, recipients=queries.told_of, wording=stopped)
    named: dict[str, Any] = {
        "created": lambda p: _("set up a report of the dashboard “%(name)s”") % {"name": p.name},
        "edited": lambda p: _("changed the report of the dashboard “%(name)s”") % {"name": p.name},
        "paused": lambda p: _("paused the report of the dashboard “%(name)s”") % {"name": p.name},
        "resumed": lambda p: _("resumed the report of the dashboard “%(name)s”") % {"name": p.name},
        "stopped": lambda p: _("stopped the report of the dashboard “%(name)s”") % {"name": p.name},
        "left": lambda p: _("wants no more reports of the dashboard “%(name)s”") % {"name": p.name},
        "deleted": lambda p: _("deleted the report of the dashboard “%(name)s”") % {"name": p.name},
        "restored": lambda p: _("brought back the report of the dashboard “%(name)s”") % {"name": p.name},
    }
    for name, words in named.items():
        describe(f"digests.report_{name}", words)
