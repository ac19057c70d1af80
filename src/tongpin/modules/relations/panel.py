"""The panel of relations on an object's page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from tongpin.kernel import authz
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.relations import queries
from tongpin.modules.relations.models import Reference
from tongpin.modules.relations.permissions import EDIT, VIEW


def context(actor: Actor, reference: Reference, cursor: str = "") -> dict[str, Any]:
    """What the panel's templates need. Raises Invalid for a cursor of another list."""
    rows, following = queries.related(actor, reference, cursor)
    arguments = [actor.workspace.slug, *reference]  # type: ignore[union-attr]
    url = reverse("relations:of", args=arguments)
    return {
        "rows": rows,
        "reference": f"{reference[0]}:{reference[1]}",
        "more_url": f"{url}?cursor={following}" if following else "",
        "panel_url": url,
        "add_url": reverse("relations:add", args=arguments),
        "may_edit": authz.can(actor, EDIT.name),
    }


def shown(request: HttpRequest, row: Any) -> SafeString | str:
    """The panel; nothing for who may not read relations, or sees none and may add none."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not authz.can(actor, VIEW.name):
        return ""
    found = context(actor, (row._meta.label_lower, row.public_id))
    if not found["rows"] and not found["may_edit"]:
        return ""
    return render_to_string("relations/panel.html", found, request)
