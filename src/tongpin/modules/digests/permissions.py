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


authz.describe_scopes("digests", read=_("Read the group robots"), write=_("Make and change group robots"))
VIEW = authz.declare("digests.robot.view", authz.ANYONE)
# Whose project it is, is asked inside the action: it has no row yet.
CREATE = authz.declare("digests.robot.create", authz.MEMBERS, people=True)
EDIT = authz.declare("digests.robot.edit", authz.ADMINS, when=_leads_project, people=True)
OVERSEE = authz.declare("digests.overview.view", authz.ADMINS)
# The server stops a robot by itself: no role holds this.
STOP = authz.declare("digests.robot.stop")
