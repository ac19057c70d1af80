"""Customers 客户: the companies in whose name users act, and one of them."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from tongpin.kernel import authz
from tongpin.kernel.errors import Invalid
from tongpin.kernel.store.client import QueryTooHeavy, StoreUnavailable
from tongpin.kernel.tenancy.actor import Actor
from tongpin.lib.ids import parse_id
from tongpin.modules.analytics import profiles
from tongpin.modules.analytics.actions.customer import give_customer, look
from tongpin.modules.analytics.permissions import EDIT_CUSTOMER, ERASE_PEOPLE, EXPORT_PEOPLE, SEE_PEOPLE
from tongpin.modules.analytics.queries import customer as queries
from tongpin.modules.analytics.queries import timeline
from tongpin.modules.analytics.views.person import events
from tongpin.ui import answers
from tongpin.ui.access import in_workspace


@in_workspace(SEE_PEOPLE.name)
@never_cache
def customers(request: HttpRequest) -> HttpResponse:
    """The list: found by name, key or property, of one kind or all, in three orders."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    assert actor.workspace is not None
    text = request.GET.get("q", "").strip()[:200]
    kinds = queries.kinds(actor)
    kind = request.GET.get("kind", "") if request.GET.get("kind") in kinds else ""
    sort = request.GET.get("sort", "") if request.GET.get("sort") in queries.SORTS else "last"
    page = queries.customers(actor, text, kind, sort, request.GET.get("cursor", ""))
    try:
        active = queries.activity(actor.workspace.public_id, [(row.kind, row.key) for row in page.items])
        store_away = False
    except (StoreUnavailable, QueryTooHeavy):  # the list itself is PostgreSQL's
        active, store_away = {}, True
    context = {
        "rows": [(row, active.get((row.kind, row.key), queries.Activity())) for row in page.items],
        "next": page.next,
        "q": text,
        "kinds": kinds,
        "kind": kind,
        "sort": sort,
        "sorts": [("last", _("Seen last")), ("first", _("Newest first")), ("name", _("By name"))],
        "store_away": store_away,
        "narrowed": bool(text or kind),
    }
    return render(request, "analytics/customers.html", context)


@in_workspace(SEE_PEOPLE.name)
@never_cache
def customer(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """One customer: what it is, who looks after it, its users, what they did."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    assert actor.workspace is not None
    row = queries.customer(actor, customer)
    look.run(actor, {"about": f"customer:{row.public_id}"})
    workspace = actor.workspace.public_id
    try:
        users, total = queries.users(workspace, row.kind, row.key)
        active = queries.activity(workspace, [(row.kind, row.key)]).get(
            (row.kind, row.key), queries.Activity()
        )
    except (StoreUnavailable, QueryTooHeavy):  # the list of events says so
        users, total, active = [], 0, queries.Activity()
    context = {
        "customer": row,
        "properties": profiles.shown(row.properties),
        "users": users,
        "total": total,
        "more_users": total > len(users),
        "active": active,
        "may_edit": authz.can(actor, EDIT_CUSTOMER.name),
        "may_export": authz.can(actor, EXPORT_PEOPLE.name),
        "may_erase": authz.can(actor, ERASE_PEOPLE.name),
    }
    return render(
        request,
        "analytics/customer.html",
        context | events(request, timeline.of_customer(workspace, row.kind, row.key)),
    )


@require_POST
@in_workspace(EDIT_CUSTOMER.name)
def give(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """Who looks after it; nobody when the field is empty."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    owner = parse_id(request.POST.get("owner", ""))
    if request.POST.get("owner") and owner is None:
        raise Invalid(_("This is not a member of the workspace."), field="owner", code="no_member")
    outcome = give_customer.run(actor, {"owner": owner}, target=customer)
    row = queries.customer(actor, customer)
    response = render(request, "analytics/_customer_owner.html", {"customer": row, "may_edit": True})
    said = (
        _("%(name)s looks after it now.") % {"name": row.owner.user.name}
        if row.owner
        else _("Nobody looks after it now.")
    )
    return answers.done(request, response, said, outcome)
