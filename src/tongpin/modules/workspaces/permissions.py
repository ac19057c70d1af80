"""Who may do what here. ``account`` ones concern the person alone, outside any workspace."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from tongpin.kernel import authz
from tongpin.kernel.authz import declare
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.workspaces.enums import ProjectRole


def _owns_server(actor: Actor, row: Any) -> bool:
    return actor.user is not None and actor.user.owns_server


def _leads_project(actor: Actor, row: Any) -> bool:
    if actor.membership is None:
        return False
    leads = getattr(
        row, "leads", None
    )  # known where a page loaded the project (``queries.project.for_lists``)
    if leads is None:
        leads = row.members.filter(role=ProjectRole.LEAD)
    return any(lead.membership_id == actor.membership.pk for lead in leads)


def _leads_department(actor: Actor, row: Any) -> bool:
    return actor.membership is not None and row.lead_id == actor.membership.pk


def _own_token(actor: Actor, row: Any) -> bool:
    return actor.user is not None and row.user_id == actor.user.pk


authz.describe_scopes(
    "workspaces",
    read=_("Read the workspace and its members"),
    write=_("Change the workspace and its members"),
)

declare("workspaces.profile.view", account=True)
declare("workspaces.profile.edit", account=True)
declare("workspaces.session.end", account=True)
declare("workspaces.workspace.create", account=True)
declare("workspaces.workspace.restore", account=True)
declare("workspaces.workspace.leave", account=True)
declare("workspaces.workspace.join", account=True)
declare("workspaces.invitation.accept", account=True)
declare("workspaces.server.manage", account=True, when=_owns_server)

# Whose workspace it is (owner only) is asked inside the action: an account action has no role of its own.
declare("workspaces.workspace.delete", account=True)

declare("workspaces.workspace.view", authz.ANYONE)
declare("workspaces.workspace.edit", authz.ADMINS)
declare("workspaces.security.edit", authz.ADMINS, people=True)
declare("workspaces.member.view", authz.ANYONE)
declare("workspaces.member.edit", authz.ADMINS, people=True)
declare("workspaces.member.invite", authz.ADMINS, people=True)
declare("workspaces.member_import.edit", authz.ADMINS, people=True)
declare("workspaces.token.view", authz.ANYONE, people=True)
declare("workspaces.token.create", authz.ANYONE, people=True)
declare("workspaces.token.revoke", authz.ADMINS, when=_own_token, people=True)
declare("workspaces.workspace_token.view", authz.ADMINS, people=True)
declare("workspaces.workspace_token.create", authz.ADMINS, people=True)
declare("workspaces.workspace_token.edit", authz.ADMINS, people=True)
declare("workspaces.activity.view", authz.ADMINS)
declare("workspaces.object_activity.view", authz.ANYONE)
declare("workspaces.audit.view", authz.ADMINS)
declare("workspaces.audit.export", authz.ADMINS)
declare("workspaces.calendar.view", authz.ANYONE)
declare("workspaces.calendar.edit", authz.ADMINS)
declare("workspaces.project.view", authz.ANYONE)
declare("workspaces.project.create", authz.MEMBERS)
declare("workspaces.project.edit", authz.ADMINS, when=_leads_project)
declare("workspaces.project.join", authz.MEMBERS, people=True)
declare("workspaces.project.leave", authz.ANYONE, people=True)
declare("workspaces.project.pin", authz.ANYONE, people=True)
declare("workspaces.department.view", authz.MEMBERS)
declare("workspaces.department.edit", authz.ADMINS)
declare("workspaces.department.staff", authz.ADMINS, when=_leads_department)
