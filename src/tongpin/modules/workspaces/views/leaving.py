"""Ending a member's access: what they answer for is shown and goes to others in the same step."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tongpin.kernel import authz, objects, ownership
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership
from tongpin.modules.workspaces.actions.hand_over import hand_over
from tongpin.modules.workspaces.models import ApiToken, Invitation
from tongpin.ui.access import in_workspace
from tongpin.ui.answers import done


@in_workspace("workspaces.member.edit")
@require_http_methods(["GET", "POST"])
def leave(request: HttpRequest, member: uuid.UUID) -> HttpResponse:
    """Show what is left behind; end access."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    row: Membership = objects.find(actor, Membership._meta.label_lower, member)
    if request.method == "POST":
        successors = {key: to for key in ownership.kinds() if (to := request.POST.get(f"to.{key}"))}
        outcome = hand_over.run(actor, {"successors": successors}, target=row)
        if not request.headers.get("HX-Request"):
            return redirect("workspaces:member", row.workspace.slug, row.public_id)
        row.refresh_from_db(fields=["deactivated_at"])
        said = _("%(name)s has no access any more.") % {"name": row.user.name}
        return done(request, render(request, "workspaces/leaving.html", _context(actor, row)), said, outcome)
    return render(request, "workspaces/leaving.html", _context(actor, row))


def _context(actor: Actor, row: Membership) -> dict[str, Any]:
    """The things by kind, as cards, and what ends by itself."""
    kinds = []
    for kind in ownership.kinds().values():
        cards = [objects.types()[thing._meta.label_lower].card(thing) for thing in kind.rows(actor, row)]
        if cards:
            field = f"to.{kind.key}"
            kinds.append({"kind": kind, "cards": cards, "field": field, "ident": field.replace(".", "-")})
    given = Invitation.objects.visible_to(actor).open().filter(created_by=row.user)
    return {
        "member": row,
        "kinds": kinds,
        "tokens": ApiToken.objects.visible_to(actor).working().filter(membership=row).count(),
        "given": given.count() if authz.can(actor, "workspaces.member.invite") else 0,
        "own": actor.user is not None and actor.user.pk == row.user_id,
    }
