"""Users 用户: everybody whose events came in, and one of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from tongpin.kernel import authz
from tongpin.kernel.errors import NotFound
from tongpin.kernel.store.client import QueryTooHeavy, StoreUnavailable
from tongpin.kernel.tenancy.actor import Actor
from tongpin.lib.ids import parse_id
from tongpin.modules.analytics import profiles
from tongpin.modules.analytics.actions.customer import look
from tongpin.modules.analytics.event_names import called, paused
from tongpin.modules.analytics.insights.scope import Scope
from tongpin.modules.analytics.permissions import ERASE_PEOPLE, EXPORT_PEOPLE, SEE_PEOPLE
from tongpin.modules.analytics.queries import customer, person, segment, segment_members, timeline
from tongpin.modules.analytics.queries.timeline import Whose
from tongpin.modules.analytics.views import paging
from tongpin.ui.access import in_workspace


@in_workspace(SEE_PEOPLE.name)
@never_cache
def users(request: HttpRequest) -> HttpResponse:
    """Who was seen last first; ``q`` finds by id, name or address."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    assert actor.workspace is not None
    text = request.GET.get("q", "").strip()[:200]
    after = paging.read(request.GET.get("cursor", ""), paging.number)
    chosen = parse_id(request.GET.get("segment", ""))
    look.run(actor, {"about": "users"})
    try:
        among = _among(actor, chosen) if chosen else None
        rows, following = person.seen(actor.workspace.public_id, text, after, among=among)
        store_away = False
    except (StoreUnavailable, QueryTooHeavy):
        rows, following, store_away = [], None, True
    context = {"rows": rows, "next": paging.written(following), "q": text, "store_away": store_away}
    context |= {"segment": str(chosen or ""), "segments": segment.choices(actor, "user")["segments"]}
    return render(request, "analytics/users.html", context)


def _among(actor: Actor, chosen: UUID) -> tuple[str, dict[str, Any]]:
    """Those in a segment of users, as ``person.seen`` takes them. Raises NotFound, Invalid."""
    assert actor.workspace is not None
    row = segment.segment(actor, chosen)
    if row.unit != "user":
        raise NotFound
    st, who = segment_members.of(row, Scope.of(actor.workspace))
    return who, st.parameters


@in_workspace(SEE_PEOPLE.name)
@never_cache
def user(request: HttpRequest, handle: str) -> HttpResponse:
    """One user: what it is, whom it belongs to, what it did. Any of its ids leads here."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    assert actor.workspace is not None
    number = person.parse_handle(handle)
    if number is None:
        raise NotFound
    who = person.person(actor.workspace, number)
    if who.person != number:
        return redirect("analytics:user", actor.workspace.slug, who.handle)
    look.run(actor, {"about": f"user:{who.handle}"})
    whose = timeline.of_person(actor.workspace.public_id, who.dids)
    context = {
        "who": who,
        "properties": profiles.shown(who.properties),
        "customers": customer.of_person(actor, who.dids),
        "may_export": authz.can(actor, EXPORT_PEOPLE.name),
        "may_erase": authz.can(actor, ERASE_PEOPLE.name),
    }
    return render(request, "analytics/user.html", context | events(request, whose))


def events(request: HttpRequest, whose: Whose) -> dict[str, Any]:
    """What the list of events needs: ``event`` narrows it, ``cursor`` goes on."""
    chosen = request.GET.get("event", "")[:400]
    after = paging.read(request.GET.get("cursor", ""), UUID)
    try:
        (rows, following), names, store_away = (
            timeline.events(whose, chosen, after),
            timeline.names(whose),
            False,
        )
    except (StoreUnavailable, QueryTooHeavy):
        rows, following, names, store_away = [], None, [], True
    return {
        "store_away": store_away,
        "events": [(row, called(row.event), paused(row.pause)) for row in rows],
        "next": paging.written(following),
        "chosen": chosen,
        "names": [(name, called(name), count) for name, count in names],
    }
