"""Members of a workspace, and what may be done to them."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tongpin.kernel import authz, objects
from tongpin.kernel.actions.registry import Action
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import Membership
from tongpin.modules.workspaces.actions.member import change_role, deactivate_member, reactivate_member
from tongpin.modules.workspaces.forms import InviteForm, LinkForm
from tongpin.modules.workspaces.queries import member as query
from tongpin.ui.access import in_workspace
from tongpin.ui.answers import done

PICKED = 12


def roles_given_by(actor: Actor, *, link: bool = False) -> list[Role]:
    """The roles this actor can give; nobody makes an owner by link."""
    roles = [Role.MEMBER, Role.GUEST, Role.ADMIN]
    return [*roles, Role.OWNER] if actor.role == Role.OWNER and not link else roles


def list_context(request: HttpRequest) -> dict[str, Any]:
    """What the page of members shows."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    text, off = request.GET.get("q", ""), request.GET.get("state") == "deactivated"
    manages = authz.can(actor, "workspaces.member.edit")
    active, inactive = query.count_by_state(actor)
    return {
        "members": query.members(actor, text, deactivated=off),
        "q": text,
        "deactivated": off,
        "active_count": active,
        "inactive_count": inactive,
        "manages": manages,
        "roles": roles_given_by(actor),
        "invitations": list(query.invitations(actor)) if manages else [],
        "invite_form": InviteForm(roles=roles_given_by(actor), initial={"role": Role.MEMBER}),
        "link_form": LinkForm(roles=roles_given_by(actor, link=True), initial={"role": Role.MEMBER}),
    }


@in_workspace("workspaces.member.view")
@require_GET
def list_members(request: HttpRequest) -> HttpResponse:
    """Members with search; for admins also the invitations."""
    return render(request, "workspaces/member_list.html", list_context(request))


@in_workspace("workspaces.member.view")
@require_GET
def show_member(request: HttpRequest, member: uuid.UUID) -> HttpResponse:
    """One member, with what other modules know about them."""
    row = objects.find(request.actor, Membership._meta.label_lower, member)  # type: ignore[attr-defined]
    return render(request, "workspaces/member_detail.html", {"member": row})


@in_workspace("workspaces.member.view")
@require_GET
def pick(request: HttpRequest) -> JsonResponse:
    """Source of the member pickers: ``?q=`` in name, pinyin and e-mail; active members only."""
    rows = query.members(request.actor, request.GET.get("q", ""))[:PICKED]  # type: ignore[attr-defined]
    return JsonResponse({"items": [query.choice(request.actor, row) for row in rows]})


def _row(
    request: HttpRequest, action: Action[Membership], member: uuid.UUID, data: dict[str, Any], said: str
) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    outcome = action.run(actor, data, target=member)
    row = query.with_confirmed(Membership.objects.all()).get(pk=outcome.value.pk)
    context = {"member": row, "manages": True, "roles": roles_given_by(actor)}
    response = render(request, "workspaces/_member_row.html", context)
    return done(request, response, said % {"name": row.user.name}, outcome)


@in_workspace("workspaces.member.edit")
@require_POST
def role(request: HttpRequest, member: uuid.UUID) -> HttpResponse:
    """Another role."""
    said = _("Role of %(name)s changed.")
    return _row(request, change_role, member, {"role": request.POST.get("role", "")}, said)


@in_workspace("workspaces.member.edit")
@require_POST
def deactivate(request: HttpRequest, member: uuid.UUID) -> HttpResponse:
    """End access."""
    return _row(request, deactivate_member, member, {}, _("%(name)s has no access any more."))


@in_workspace("workspaces.member.edit")
@require_POST
def reactivate(request: HttpRequest, member: uuid.UUID) -> HttpResponse:
    """Give access back."""
    return _row(request, reactivate_member, member, {}, _("%(name)s has access again."))
