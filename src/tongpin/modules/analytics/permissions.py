"""Who may do what with sources and what comes in by them: every member looks, admins set up."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from tongpin.kernel import authz
from tongpin.kernel.tenancy.actor import Actor

authz.describe_scopes(
    "analytics", read=_("Read sources, events, users and customers"), write=_("Set up sources, import events")
)
VIEW = authz.declare("analytics.source.view", authz.MEMBERS)
EDIT = authz.declare("analytics.source.edit", authz.ADMINS)
CREATE = authz.declare("analytics.source.create", authz.ADMINS)
SEE_PEOPLE = authz.declare("analytics.person.view", authz.MEMBERS)
EDIT_CUSTOMER = authz.declare("analytics.customer.edit", authz.MEMBERS)
# All of somebody's data given out, or erased for good: a person answers for it, no token.
EXPORT_PEOPLE = authz.declare("analytics.person.export", authz.ADMINS, people=True)
ERASE_PEOPLE = authz.declare("analytics.person.erase", authz.ADMINS, people=True)
# Customers' data sent to another company's host: likewise.
FORWARD = authz.declare("analytics.source.forward", authz.ADMINS, people=True)
PLAN = authz.declare("analytics.event.plan", authz.MEMBERS)
IMPORT_EVENTS = authz.declare("analytics.import.edit", authz.ADMINS)
# The server ends an import by itself: no role holds this.
FINISH = authz.declare("analytics.import.finish")


def _own(actor: Actor, row: Any) -> bool:
    """Whoever answers for it."""
    return actor.membership is not None and actor.membership.pk == row.owner_id


VIEW_INSIGHTS = authz.declare("analytics.insight.view", authz.MEMBERS)
CREATE_INSIGHT = authz.declare("analytics.insight.create", authz.MEMBERS)
EDIT_INSIGHT = authz.declare("analytics.insight.edit", authz.ADMINS, when=_own)

VIEW_NOTES = authz.declare("analytics.note.view", authz.MEMBERS)
CREATE_NOTE = authz.declare("analytics.note.create", authz.MEMBERS)
EDIT_NOTE = authz.declare("analytics.note.edit", authz.ADMINS, when=_own)
CHOOSE_MARKERS = authz.declare("analytics.markers.choose", authz.MEMBERS)
SET_MARKERS = authz.declare("analytics.markers.set", authz.ADMINS)
VIEW_SEGMENTS = authz.declare("analytics.segment.view", authz.MEMBERS)
CREATE_SEGMENT = authz.declare("analytics.segment.create", authz.MEMBERS)
EDIT_SEGMENT = authz.declare("analytics.segment.edit", authz.ADMINS, when=_own)

VIEW_ALERTS = authz.declare("analytics.alert.view", authz.MEMBERS)
CREATE_ALERT = authz.declare("analytics.alert.create", authz.MEMBERS)
EDIT_ALERT = authz.declare("analytics.alert.edit", authz.ADMINS, when=_own)
# The server judges by itself: no role holds this.
JUDGE_ALERT = authz.declare("analytics.alert.judge")

VIEW_DASHBOARDS = authz.declare("analytics.dashboard.view", authz.MEMBERS)
CREATE_DASHBOARD = authz.declare("analytics.dashboard.create", authz.MEMBERS)
EDIT_DASHBOARD = authz.declare("analytics.dashboard.edit", authz.ADMINS, when=_own)
# Figures shown to whoever has a link: a person answers for it, no token.
SHARE_DASHBOARD = authz.declare("analytics.dashboard.share", authz.ADMINS, when=_own, people=True)
