"""Asking people in, by e-mail or by link, and coming in."""

from __future__ import annotations

from datetime import timedelta
from math import ceil

from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from pydantic import BaseModel, ConfigDict, Field

from tongpin.kernel import clock
from tongpin.kernel.actions.registry import Empty, action
from tongpin.kernel.errors import Conflict, Denied, NotFound, Throttled
from tongpin.kernel.events.recording import emit
from tongpin.kernel.mail import compose
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import Membership, User, Workspace
from tongpin.modules.workspaces import events
from tongpin.modules.workspaces.actions.imported_places import take_places
from tongpin.modules.workspaces.actions.member import close_invitation, require_power_over
from tongpin.modules.workspaces.actions.person import person_of
from tongpin.modules.workspaces.fields import Email
from tongpin.modules.workspaces.models import Acceptance, Invitation, digest
from tongpin.modules.workspaces.queries import invitation as query

MAIL_DAYS = 14
#: Addresses a workspace may write to in 24 hours.
MAILS_A_DAY = 200
#: Mails one address may get from the whole server in 24 hours, and the least time between two.
MAILS_TO_ONE = 3
PAUSE = timedelta(minutes=10)
DAY = timedelta(days=1)


class InviteMember(BaseModel):
    model_config = ConfigDict(extra="forbid")

    email: Email
    role: Role = Role.MEMBER
    days: int = Field(default=MAIL_DAYS, ge=1, le=90)


class CreateLink(BaseModel):
    """``max_uses`` None lets any number of people in until the link ends."""

    model_config = ConfigDict(extra="forbid")

    role: Role = Role.MEMBER
    days: int = Field(default=7, ge=1, le=90)
    max_uses: int | None = Field(default=None, ge=1, le=1000)


class AcceptInvitation(BaseModel):
    model_config = ConfigDict(extra="forbid")

    token: str = Field(min_length=20, max_length=80)


def mail_invitation(actor: Actor, row: Invitation, *, language: str = "") -> None:
    """Write to the invited address: in its account's language if it has one, else the given one or the workspace's.

    Raises Throttled before too many are sent.
    """
    _require_room(row)
    known = User.objects.filter(email=row.email).first()
    reader = known or compose.Reader(row.email, language or row.workspace.language, row.workspace.time_zone)
    compose.message(
        reader,
        "workspaces/mail/invitation",
        {
            "invitation": row,
            "workspace": row.workspace,
            "inviter": actor.user,
            "url": row.link,
        },
    ).send()


def _require_room(row: Invitation) -> None:
    """Refuse a mail that would be one too many: Throttled. Locks the workspace, so that two at once count as two."""
    Workspace.objects.select_for_update(no_key=True).get(pk=row.workspace_id)
    now = clock.now()
    before = query.mails_to(row.email, since=now - DAY)
    if before and (wait := before[-1] + PAUSE - now) > timedelta():
        minutes = ceil(wait / timedelta(minutes=1))
        raise Throttled(
            _("An invitation went to %(email)s a moment ago.") % {"email": row.email},
            seconds=ceil(wait.total_seconds()),
            code="invited_just_now",
            hint=ngettext("Try again in %d minute.", "Try again in %d minutes.", minutes) % minutes,
        )
    if len(before) >= MAILS_TO_ONE:
        raise Throttled(
            _("%(email)s has been written to often enough today.") % {"email": row.email},
            seconds=ceil((before[0] + DAY - now).total_seconds()),
            code="invited_too_often",
            hint=_("Try again tomorrow, or give the person an invitation link."),
        )
    if query.mails_from(row.workspace, since=now - DAY) >= MAILS_A_DAY:
        raise Throttled(
            _("This workspace has sent %(count)d invitations in a day; no more go out now.")
            % {"count": MAILS_A_DAY},
            seconds=ceil(DAY.total_seconds()),
            code="too_many_invitations",
            hint=_("Try again tomorrow, or give people an invitation link."),
        )


@action(
    "workspaces.member.invite",
    permission="workspaces.member.invite",
    inverse="workspaces.invitation.revoke",
)
def invite_member(actor: Actor, data: InviteMember) -> Invitation:
    """Ask a person in by e-mail. An earlier open invitation to the same address is replaced."""
    assert actor.workspace is not None
    require_power_over(actor, data.role)
    email = data.email
    present = Membership.objects.filter(workspace=actor.workspace, user__email=email).first()
    if present is not None and present.deactivated_at is None:
        raise Conflict(
            _("%(email)s is a member already.") % {"email": email},
            code="already_member",
            field="email",
            hint=_("Another role is given in the list of members."),
        )
    for earlier in Invitation.objects.visible_to(actor).open().filter(email=email).select_for_update():
        require_power_over(actor, earlier.role)
        close_invitation(earlier)
    row = Invitation(
        workspace=actor.workspace, email=email, role=data.role, max_uses=1, created_by=actor.user
    )
    row.renew(clock.now() + timedelta(days=data.days))
    mail_invitation(actor, row)
    row.save()
    emit(events.InvitationCreated(role=data.role.value, email=email), row)
    return row


@action(
    "workspaces.invitation.create_link",
    permission="workspaces.member.invite",
    inverse="workspaces.invitation.revoke",
)
def create_link(actor: Actor, data: CreateLink) -> Invitation:
    """Make a link through which people come in. The answer shows the link (``shown_once``); nothing will again."""
    assert actor.workspace is not None
    if data.role == Role.OWNER:
        raise Denied(
            _("A link cannot make owners."), code="no_owner_link", hint=_("Invite the person by e-mail.")
        )
    row = Invitation(workspace=actor.workspace, role=data.role, max_uses=data.max_uses, created_by=actor.user)
    row.renew(clock.now() + timedelta(days=data.days))
    row.save()
    emit(events.InvitationCreated(role=data.role.value, email=""), row)
    return row


@action("workspaces.invitation.resend", permission="workspaces.member.invite", target=Invitation)
def resend_invitation(actor: Actor, row: Invitation, data: Empty) -> Invitation:
    """Send an invitation again, for another 14 days; the link in the earlier mail stops working."""
    require_power_over(actor, row.role)
    if not row.email or row.state in ("used", "revoked"):
        raise Conflict(
            _("This invitation cannot be sent again."),
            code="not_resendable",
            hint=_("Make a new invitation."),
        )
    row.renew(clock.now() + timedelta(days=MAIL_DAYS))
    row.save(update_fields=["token_hash", "expires_at"])
    mail_invitation(actor, row)
    emit(events.InvitationResent(email=row.email), row)
    return row


@action(
    "workspaces.invitation.revoke",
    permission="workspaces.member.invite",
    target=Invitation,
    inverse="workspaces.invitation.reopen",
)
def revoke_invitation(actor: Actor, row: Invitation, data: Empty) -> Invitation:
    """Close an invitation: its link stops working at once."""
    require_power_over(actor, row.role)
    if row.revoked_at is None:
        close_invitation(row)
    return row


@action(
    "workspaces.invitation.reopen",
    permission="workspaces.member.invite",
    target=Invitation,
    inverse="workspaces.invitation.revoke",
)
def reopen_invitation(actor: Actor, row: Invitation, data: Empty) -> Invitation:
    """Let a revoked invitation count again, until its old end."""
    require_power_over(actor, row.role)
    if row.revoked_at is not None:
        row.revoked_at = None
        row.save(update_fields=["revoked_at"])
        emit(events.InvitationReopened(email=row.email), row)
    return row


@action("workspaces.invitation.accept", permission="workspaces.invitation.accept", account=True)
def accept_invitation(actor: Actor, data: AcceptInvitation) -> Membership:
    """Come into the workspace the token invites to. Someone already in it keeps the role they have."""
    user = person_of(actor)
    row = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("workspace")
        .filter(token_hash=digest(data.token), workspace__deleted_at=None)
        .first()
    )
    if row is None:
        raise NotFound(_("There is no such invitation."), code="no_invitation")
    if row.email and row.email != user.email:
        raise Denied(
            _("This invitation is for another address."),
            code="other_address",
            hint=_("Sign in with the address it was sent to, or ask for a new invitation."),
        )
    found = Membership.objects.select_for_update().filter(workspace=row.workspace, user=user)
    member: Membership | None = found.first()
    if member is not None and member.deactivated_at is None:
        return member
    _require_open(row)
    member = _admit(user, row, member)
    row.uses = F("uses") + 1
    row.save(update_fields=["uses"])
    Acceptance.objects.create(workspace=row.workspace, invitation=row, membership=member)
    take_places(row, member)
    emit(events.MemberJoined(role=str(member.role), invitation=row.public_id), member)
    return member


def _require_open(row: Invitation) -> None:
    words = {
        "revoked": _("This invitation was taken back."),
        "used": _("This invitation has been used."),
        "expired": _("This invitation has run out."),
    }
    if row.state in words:
        raise Conflict(words[row.state], code=f"invitation_{row.state}", hint=_("Ask for a new one."))


def _admit(user: User, row: Invitation, member: Membership | None) -> Membership:
    if member is None:
        return Membership.objects.create(workspace=row.workspace, user=user, role=row.role)
    assert member.deactivated_at is not None
    # A link that was lying about must not undo a deactivation; a later invitation to the person themselves does.
    if not row.email or row.created_at < member.deactivated_at:
        raise Denied(
            _("Your access to this workspace has ended."),
            code="deactivated",
            hint=_("Ask one of its admins to let you in again."),
        )
    member.role, member.deactivated_at = row.role, None
    member.version += 1
    member.save(update_fields=["role", "deactivated_at", "version"])
    return member
