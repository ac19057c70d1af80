"""Home 首页: the first page of a workspace, from what exists in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Count, Window
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from tongpin.kernel import authz, clock
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership
from tongpin.modules.goals import queries
from tongpin.modules.goals.told import told
from tongpin.ui.access import in_workspace

ROWS = 5
FACES = 8
COLLEAGUES = 3
"""How many people make a workspace worth having."""


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the checklist: done is what is true, never what was clicked."""

    text: str
    done: bool
    url_name: str


def greeting(at: datetime) -> str:
    """By the hour of the member's own zone."""
    if at.hour < 5 or at.hour >= 22:
        return _("Good night")
    if at.hour < 11:
        return _("Good morning")
    if at.hour < 13:
        return _("Good day")
    if at.hour < 18:
        return _("Good afternoon")
    return _("Good evening")


@in_workspace("goals.home.view")
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Greeting, results, people, and what to do first; in one request."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    latest = queries.latest(actor, ROWS)
    members = Membership.objects.visible_to(actor).active().select_related("user").order_by("pk")
    faces = list(members.annotate(in_all=Window(Count("pk")))[:FACES])
    people = faces[0].in_all
    here = clock.now().astimezone(ZoneInfo(actor.time_zone))
    may_invite = authz.can(actor, "workspaces.member.invite")
    steps = [Step(_("One result of your own"), latest.done > 0, "goals:new")]
    if may_invite:
        steps.append(Step(_("Three colleagues"), people >= COLLEAGUES, "workspaces:members"))
    context = {
        "greeting": greeting(here),
        "date": formats.date_format(here, pgettext("format of today", "D, M j")),
        "counts": latest,
        "rows": [told(row, actor) for row in latest.rows],
        "steps": steps,
        "steps_done": sum(step.done for step in steps),
        "people": faces,
        "people_count": people,
        "people_more": max(0, people - FACES),
        "may_invite": may_invite,
    }
    return render(request, "goals/home.html", context)
