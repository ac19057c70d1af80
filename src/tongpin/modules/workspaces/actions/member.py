"""What may be done to a member: another role, deactivation and back."""

from __future__ import annotations

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict

from tongpin.kernel import authz, clock
from tongpin.kernel.actions.registry import Empty, action
from tongpin.kernel.errors import Conflict, Denied
from tongpin.kernel.events.recording import emit
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import Membership, Workspace
from tongpin.modules.workspaces import events
from tongpin.modules.workspaces.models import Invitation
from tongpin.modules.workspaces.queries.member import is_last_owner


class ChangeRole(BaseModel):
    model_config = ConfigDict(extra="forbid")

    role: Role


def require_power_over(actor: Actor, role: Role | str) -> None:
    """Only an owner gives, takes or touches ownership. Raises Denied."""
    if Role(role) == Role.OWNER and not (actor.is_system or actor.role == Role.OWNER):
        raise Denied(
            _("Only an owner can do this to an owner, or make one."),
            code="owner_only",
            hint=_("Ask an owner of the workspace."),
        )


def _keep_an_owner(row: Membership) -> None:
    """Refuse what would leave the workspace without an owner. Locks it, so that two owners cannot go at once."""
    Workspace.objects.select_for_update().get(pk=row.workspace_id)
    if is_last_owner(row):
        raise Conflict(
            _("A workspace keeps at least one owner."),
            code="last_owner",
            hint=_("Make someone else an owner first."),
        )


def close_invitation(row: Invitation) -> None:
    """Take an invitation back: its link stops working at once."""
    row.revoked_at = clock.now()
    row.save(update_fields=["revoked_at"])
    emit(events.InvitationRevoked(email=row.email), row)


def close_invitations(row: Membership) -> None:
    """Take back the open invitations a member made and could not make now: nobody keeps a way back in, or leaves one
    that gives more than they still have. They are not opened again with the member's rights.
    """
    given = Invitation.objects.filter(workspace=row.workspace_id, created_by=row.user_id).open()
    if row.deactivated_at is None and row.role == Role.OWNER:
        return
    if row.deactivated_at is None and Role(row.role) in authz.permissions()["workspaces.member.invite"].roles:
        given = given.filter(role=Role.OWNER)
    for invitation in given.select_for_update():
        close_invitation(invitation)


@action(
    "workspaces.member.change_role",
    permission="workspaces.member.edit",
    target=Membership,
    inverse="workspaces.member.change_role",
    inverse_data=lambda before, row: {"role": before["role"]},
)
def change_role(actor: Actor, row: Membership, data: ChangeRole) -> Membership:
    """Give a member another role."""
    if row.role == data.role:
        return row
    require_power_over(actor, row.role)
    require_power_over(actor, data.role)
    if row.role == Role.OWNER:
        _keep_an_owner(row)
    before, row.role = row.role, data.role
    row.save(update_fields=["role"])
    close_invitations(row)
    emit(events.MemberRoleChanged(before=str(before), after=data.role.value), row)
    return row


@action(
    "workspaces.member.deactivate",
    permission="workspaces.member.edit",
    target=Membership,
    inverse="workspaces.member.reactivate",
)
def deactivate_member(actor: Actor, row: Membership, data: Empty) -> Membership:
    """End a member's access at once, tokens included. Their name stays on what they did."""
    if row.deactivated_at is not None:
        return row
    if actor.user is not None and row.user_id == actor.user.pk:
        raise Conflict(_("To go yourself, leave the workspace."), code="own_membership")
    require_power_over(actor, row.role)
    if row.role == Role.OWNER:
        _keep_an_owner(row)
    row.deactivated_at = clock.now()
    row.save(update_fields=["deactivated_at"])
    close_invitations(row)
    emit(events.MemberDeactivated(), row)
    return row


@action(
    "workspaces.member.reactivate",
    permission="workspaces.member.edit",
    target=Membership,
    inverse="workspaces.member.deactivate",
)
def reactivate_member(actor: Actor, row: Membership, data: Empty) -> Membership:
    """Let a deactivated member in again, with the role they had."""
    if row.deactivated_at is None:
        return row
    require_power_over(actor, row.role)
    row.deactivated_at = None
    row.save(update_fields=["deactivated_at"])
    emit(events.MemberReactivated(), row)
    return row
