"""Who may send a project's news into a group: its lead, and the workspace's owners and admins."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from tongpin.kernel import authz
from tongpin.kernel.tenancy.actor import Actor


def _leads_project(actor: Actor, row: Any) -> bool:
    """``row`` is a project, or belongs to a robot or is one."""
    project = getattr(getattr(row, "robot", row), "project", row)
    return authz.can(actor, "workspaces.project.edit", project)


def _owns_report(actor: Actor, row: Any) -> bool:
    """``row`` is a report."""
    return actor.membership is not None and row.owner_id == actor.membership.pk


def _reads_report(actor: Actor, row: Any) -> bool:
    return actor.membership is not None and row.readers.filter(pk=actor.membership.pk).exists()


authz.describe_scopes(
    "digests",
    read=_("Read group robots and scheduled reports"),
    write=_("Make and change group robots and scheduled reports"),
)
VIEW = authz.declare("digests.robot.view", authz.ANYONE)
# Whose project it is, is asked inside the action: it has no row yet.
CREATE = authz.declare("digests.robot.create", authz.MEMBERS, people=True)
EDIT = authz.declare("digests.robot.edit", authz.ADMINS, when=_leads_project, people=True)
OVERSEE = authz.declare("digests.overview.view", authz.ADMINS)
# The server stops a robot by itself: no role holds this.
STOP = authz.declare("digests.robot.stop")
VIEW_REPORTS = authz.declare("digests.report.view", authz.MEMBERS)
CREATE_REPORT = authz.declare("digests.report.create", authz.MEMBERS, people=True)
EDIT_REPORT = authz.declare("digests.report.edit", authz.ADMINS, when=_owns_report, people=True)
LEAVE_REPORT = authz.declare("digests.report.leave", when=_reads_report, people=True)
STOP_REPORT = authz.declare("digests.report.stop")
