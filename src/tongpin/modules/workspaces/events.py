"""What this module says happened. Personal data other than a name stays out of the payloads where it can."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from tongpin.kernel.events.payloads import event


@event("workspaces.account_signed_up")
@dataclass(frozen=True)
class AccountSignedUp:
    """``method`` is password, ldap, oidc, feishu, dingtalk, wecom or operator (command line, demo)."""

    method: str
    owns_server: bool


@event("workspaces.signed_in")
@dataclass(frozen=True)
class SignedIn:
    """``method`` is password, ldap, passkey, oidc, feishu, dingtalk or wecom.

    ``second_factor`` is totp, webauthn, recovery_codes or "" for none.
    """

    method: str
    second_factor: str = ""


@event("workspaces.signed_out")
@dataclass(frozen=True)
class SignedOut:
    pass


@event("workspaces.account_ended")
@dataclass(frozen=True)
class AccountEnded:
    """The person is gone from the company's directory, or switched off there: the account is switched off."""


@event("workspaces.account_restored")
@dataclass(frozen=True)
class AccountRestored:
    """They are back in the directory, and the account is on again."""


@event("workspaces.password_changed")
@dataclass(frozen=True)
class PasswordChanged:
    pass


@event("workspaces.second_factor_changed")
@dataclass(frozen=True)
class SecondFactorChanged:
    """``kind`` is totp, webauthn, recovery_codes, or "all" where the server's owner took every one away.

    ``change`` is added, removed or renewed.
    """

    kind: str
    change: str


@event("workspaces.email_confirmed")
@dataclass(frozen=True)
class EmailConfirmed:
    """``changed`` is True if the confirmed address replaced the one the person signs in with."""

    changed: bool


@event("workspaces.sessions_ended")
@dataclass(frozen=True)
class SessionsEnded:
    count: int


@event("workspaces.profile_edited")
@dataclass(frozen=True)
class ProfileEdited:
    fields: list[str] = field(default_factory=list)


@event("workspaces.workspace_created")
@dataclass(frozen=True)
class WorkspaceCreated:
    name: str
    slug: str


@event("workspaces.workspace_edited")
@dataclass(frozen=True)
class WorkspaceEdited:
    name: str
    slug: str
    fields: list[str] = field(default_factory=list)


@event("workspaces.security_edited")
@dataclass(frozen=True)
class SecurityEdited:
    """What a workspace now asks of those who enter it; None for what was not changed."""

    second_factor_required: bool | None = None
    allowed_networks: list[str] | None = None
    session_hours: int | None = None
    idle_minutes: int | None = None


@event("workspaces.workspace_deleted")
@dataclass(frozen=True)
class WorkspaceDeleted:
    name: str


@event("workspaces.workspace_restored")
@dataclass(frozen=True)
class WorkspaceRestored:
    name: str


@event("workspaces.workspace_erased")
@dataclass(frozen=True)
class WorkspaceErased:
    """Of each owner's account: the workspace is gone, and its own events with it."""

    workspace: uuid.UUID


@event("workspaces.member_joined")
@dataclass(frozen=True)
class MemberJoined:
    """``invitation`` is the one accepted; None for the founder and for those an operator added. ``domain`` is that of
    the address by which somebody came in without one.
    """

    role: str
    invitation: uuid.UUID | None = None
    domain: str = ""


@event("workspaces.member_role_changed")
@dataclass(frozen=True)
class MemberRoleChanged:
    before: str
    after: str


@event("workspaces.member_deactivated")
@dataclass(frozen=True)
class MemberDeactivated:
    pass


@event("workspaces.member_reactivated")
@dataclass(frozen=True)
class MemberReactivated:
    pass


@event("workspaces.member_left")
@dataclass(frozen=True)
class MemberLeft:
    pass


@event("workspaces.invitation_created")
@dataclass(frozen=True)
class InvitationCreated:
    """``email`` is empty for an invitation by link. ``mailed`` is False while its mail waits."""

    role: str
    email: str
    mailed: bool = True


@event("workspaces.invitation_resent")
@dataclass(frozen=True)
class InvitationResent:
    email: str


@event("workspaces.invitation_revoked")
@dataclass(frozen=True)
class InvitationRevoked:
    email: str


@event("workspaces.invitation_reopened")
@dataclass(frozen=True)
class InvitationReopened:
    email: str


@event("workspaces.project_created")
@dataclass(frozen=True)
class ProjectCreated:
    name: str
    key: str
    kind: str


@event("workspaces.project_edited")
@dataclass(frozen=True)
class ProjectEdited:
    name: str
    key: str
    fields: list[str] = field(default_factory=list)


@event("workspaces.project_archived")
@dataclass(frozen=True)
class ProjectArchived:
    name: str


@event("workspaces.project_unarchived")
@dataclass(frozen=True)
class ProjectUnarchived:
    name: str


@event("workspaces.project_deleted")
@dataclass(frozen=True)
class ProjectDeleted:
    name: str


@event("workspaces.project_restored")
@dataclass(frozen=True)
class ProjectRestored:
    name: str


@event("workspaces.project_members_changed")
@dataclass(frozen=True)
class ProjectMembersChanged:
    """Each change has ``member`` (public id), ``name``, and the role ``before`` and ``after``: "" is not in it."""

    project: str
    changes: list[dict[str, str]] = field(default_factory=list)


@event("workspaces.project_pinned")
@dataclass(frozen=True)
class ProjectPinned:
    project: uuid.UUID


@event("workspaces.project_unpinned")
@dataclass(frozen=True)
class ProjectUnpinned:
    project: uuid.UUID


@event("workspaces.department_created")
@dataclass(frozen=True)
class DepartmentCreated:
    name: str


@event("workspaces.department_edited")
@dataclass(frozen=True)
class DepartmentEdited:
    name: str
    fields: list[str] = field(default_factory=list)


@event("workspaces.department_moved")
@dataclass(frozen=True)
class DepartmentMoved:
    """``parent`` is the name of the department it stands in now; "" is the top."""

    name: str
    parent: str


@event("workspaces.department_deleted")
@dataclass(frozen=True)
class DepartmentDeleted:
    name: str


@event("workspaces.department_restored")
@dataclass(frozen=True)
class DepartmentRestored:
    name: str


@event("workspaces.department_members_changed")
@dataclass(frozen=True)
class DepartmentMembersChanged:
    """``added`` and ``removed`` are names of people."""

    department: str
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)


@event("workspaces.parked_event_retried")
@dataclass(frozen=True)
class ParkedEventRetried:
    subscriber: str
    event: uuid.UUID
    went_through: bool


@event("workspaces.mail_retried")
@dataclass(frozen=True)
class MailRetried:
    mail: uuid.UUID


@event("workspaces.calendar_edited")
@dataclass(frozen=True)
class CalendarEdited:
    """``fields`` are country and hours."""

    country: str
    fields: list[str] = field(default_factory=list)


@event("workspaces.calendar_days_marked")
@dataclass(frozen=True)
class CalendarDaysMarked:
    """``days`` are ISO dates; ``mark`` is off, work or none (no longer marked), or mixed (an undo of several)."""

    mark: str
    name: str
    days: list[str] = field(default_factory=list)


@event("workspaces.sign_in_failed")
@dataclass(frozen=True)
class SignInFailed:
    """``name`` is whose account was tried; "" where nobody has that address (it is not kept: it may be a password)."""

    name: str


@event("workspaces.access_refused")
@dataclass(frozen=True)
class AccessRefused:
    """``address`` is the path that was asked for, ``code`` the reason, such as denied."""

    address: str
    code: str


@event("workspaces.audit_exported")
@dataclass(frozen=True)
class AuditExported:
    """``form`` is csv or jsonl; ``filters`` are the ones that were set, as in the page's address."""

    form: str
    filters: dict[str, str] = field(default_factory=dict)
