"""Letting people in by the domain of their address, and coming in that way."""

from __future__ import annotations

import re
import uuid
from typing import Annotated, Literal

from django.utils.translation import gettext as _
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from tongpin.kernel.actions.registry import action
from tongpin.kernel.errors import Denied, Invalid, NotFound
from tongpin.kernel.events.recording import emit
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import Membership, Workspace
from tongpin.modules.workspaces import events, people_events
from tongpin.modules.workspaces.actions.person import person_of
from tongpin.modules.workspaces.models import DomainAccess
from tongpin.modules.workspaces.public_domains import PUBLIC
from tongpin.modules.workspaces.queries import domain_access as query

_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


def proper_domain(value: str) -> str:
    """The domain in lower case, without an @; ValueError for one that is none, or at which anybody can have mail."""
    value = value.strip().lower().removeprefix("@")
    if not _DOMAIN.fullmatch(value):
        raise ValueError(_("“%(value)s” is not a mail domain such as example.com.") % {"value": value[:80]})
    if value in PUBLIC:
        raise ValueError(
            _("Anybody can have an address at %(value)s: it cannot let people in.") % {"value": value}
        )
    return value


class EditDomainAccess(BaseModel):
    """No ``domains`` switches it off. Whoever has come in stays."""

    model_config = ConfigDict(extra="forbid")

    domains: list[Annotated[str, Field(max_length=253), AfterValidator(proper_domain)]] = Field(max_length=20)
    role: Literal["member", "guest"] = "member"


class JoinByDomain(BaseModel):
    model_config = ConfigDict(extra="forbid")

    workspace: uuid.UUID


@action(
    "workspaces.domain_access.edit",
    permission="workspaces.security.edit",
    inverse="workspaces.domain_access.edit",
    inverse_data=lambda before, row: row.found,
)
def edit_domain_access(actor: Actor, data: EditDomainAccess) -> DomainAccess:
    """Say which mail domains let people in, and as what."""
    assert actor.workspace is not None
    Workspace.objects.select_for_update(no_key=True).get(pk=actor.workspace.pk)
    row = query.of_workspace(actor)
    domains = list(dict.fromkeys(data.domains))
    own = query.own_domains(actor)
    for domain in domains:
        if domain not in own and domain not in row.domains:
            raise Invalid(
                _("No owner or admin here has a confirmed address at %(domain)s.") % {"domain": domain},
                field="domains",
                code="not_our_domain",
                hint=_("Confirm such an address first: it shows that the domain is yours."),
            )
    row.found = {"domains": list(row.domains), "role": str(row.role)}
    if (domains, data.role) != (row.domains, row.role):
        row.domains, row.role = domains, data.role
        row.save()
        emit(people_events.DomainAccessEdited(domains=domains, role=data.role), row)
    return row


@action("workspaces.workspace.join", permission="workspaces.workspace.join", account=True)
def join_by_domain(actor: Actor, data: JoinByDomain) -> Membership:
    """Come into a workspace that lets the domain of one's confirmed address in. Who is in it already stays as is."""
    user = person_of(actor)
    present = Membership.objects.filter(workspace__public_id=data.workspace, user=user)
    member: Membership | None = present.select_related("workspace", "user").first()
    if member is not None and member.deactivated_at is None and member.workspace.deleted_at is None:
        return member
    if member is not None:
        raise Denied(
            _("Your access to this workspace has ended."),
            code="deactivated",
            hint=_("Ask one of its admins to let you in again."),
        )
    access = query.joinable(user).filter(workspace__public_id=data.workspace).first()
    if access is None:
        raise NotFound(_("There is no workspace you can join like this."), code="no_domain_access")
    member = Membership.objects.create(workspace=access.workspace, user=user, role=Role(access.role))
    emit(events.MemberJoined(role=str(member.role), domain=query.confirmed_domain(user)), member)
    return member
