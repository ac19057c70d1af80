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
from tongpin.kernel.errors import NotFound
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import Membership
from tongpin.lib.ids import parse_id
from tongpin.modules.workspaces.actions.department_member import set_departments
from tongpin.modules.workspaces.actions.member import change_role, reactivate_member
from tongpin.modules.workspaces.queries import department as departments
from tongpin.modules.workspaces.queries import member as query
from tongpin.modules.workspaces.queries.directory import directory, projects_of, with_places
from tongpin.ui.access import in_workspace
from tongpin.ui.answers import done

PICKED = 12
#: Stands for "in no department" in the address of the directory.
NOWHERE = "none"


def roles_given_by(actor: Actor, *, link: bool = False) -> list[Role]:
    """The roles this actor can give; nobody makes an owner by link."""
    roles = [Role.MEMBER, Role.GUEST, Role.ADMIN]
    return [*roles, Role.OWNER] if actor.role == Role.OWNER and not link else roles


@in_workspace("workspaces.member.view")
@require_GET
def list_members(request: HttpRequest) -> HttpResponse:
    """The directory: search, filters, a page at a time."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    asked = {name: request.GET.get(name, "") for name in ("q", "department", "role", "state", "cursor")}
    tree = departments.tree(actor)
    chosen = next((node for node in tree if str(node.row.public_id) == asked["department"]), None)
    active, inactive = query.count_by_state(actor)
    page = directory(
        actor,
        asked["q"],
        department=chosen,
        in_none=asked["department"] == NOWHERE,
        role=asked["role"],
        deactivated=asked["state"] == "deactivated",
        cursor=asked["cursor"],
    )
    context = {
        "page": page,
        **asked,
        "tree": tree,
        "all_roles": Role,
        "filtered": any(asked[name] for name in ("q", "department", "role", "state")),
        "active_count": active,
        "inactive_count": inactive,
        "manages": authz.can(actor, "workspaces.member.edit"),
        "roles": roles_given_by(actor),
        "peeked": _peeked(actor, request.GET.get("peek", ""), page.items),
    }
    return render(request, "workspaces/member_list.html", context)


def about(actor: Actor, row: Membership) -> dict[str, Any]:
    """What the card and the page of a member show."""
    if not hasattr(row, "places"):
        with_places(actor, [row])
    return {
        "member": row,
        "projects": projects_of(actor, row),
        "may_place": authz.can(actor, "workspaces.department.edit"),
        "manages": authz.can(actor, "workspaces.member.edit"),
        "roles": roles_given_by(actor),
    }


def _found(actor: Actor, member: uuid.UUID) -> Membership:
    row: Membership = objects.find(actor, Membership._meta.label_lower, member)
    return row


def _peeked(actor: Actor, text: str, shown: list[Membership]) -> dict[str, Any] | None:
    """The card of ``?peek=``, mostly of a member who is shown; nothing for an address that leads nowhere."""
    public_id = parse_id(text)
    if public_id is None:
        return None
    row = next((member for member in shown if member.public_id == public_id), None)
    try:
        return about(actor, row or _found(actor, public_id))
    except NotFound:
        return None


@in_workspace("workspaces.member.view")
@require_GET
def card(request: HttpRequest, member: uuid.UUID) -> HttpResponse:
    """The short version beside the directory."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return render(request, "workspaces/_member_card.html", about(actor, _found(actor, member)))


@in_workspace("workspaces.member.view")
@require_GET
def show_member(request: HttpRequest, member: uuid.UUID) -> HttpResponse:
    """One member: departments, projects, and what other modules know about them."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return render(request, "workspaces/member_detail.html", about(actor, _found(actor, member)))


@in_workspace("workspaces.department.edit")
@require_POST
def set_places(request: HttpRequest, member: uuid.UUID) -> HttpResponse:
    """Which departments the member is in."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    data = {"departments": request.POST.getlist("department")}
    outcome = set_departments.run(actor, data, target=member)
    response = render(request, "workspaces/_member_places.html", about(actor, _found(actor, member)))
    return done(request, response, _("Changed."), outcome) if outcome.events else response


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
    with_places(actor, [row])
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
def reactivate(request: HttpRequest, member: uuid.UUID) -> HttpResponse:
    """Give access back."""
    return _row(request, reactivate_member, member, {}, _("%(name)s has access again."))
