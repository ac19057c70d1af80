"""What reaches a member, and where: parse, run an action, render."""

from __future__ import annotations

import uuid
from datetime import time
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tongpin.kernel.actions.door import Outcome
from tongpin.kernel.news import Delivery
from tongpin.kernel.push import keys
from tongpin.kernel.tenancy.actor import Actor
from tongpin.lib.user_agent import browser_of
from tongpin.modules.notifications import queries
from tongpin.modules.notifications.actions import muting
from tongpin.modules.notifications.actions.preference import set_preference
from tongpin.modules.notifications.actions.rhythm import set_rhythm
from tongpin.modules.notifications.enums import Rhythm
from tongpin.modules.notifications.permissions import EDIT, PREFER
from tongpin.ui.access import in_workspace
from tongpin.ui.answers import done

HOURS = [(hour, time(hour)) for hour in range(24)]


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def answer(request: HttpRequest, message: str = "", outcome: Outcome[Any] | None = None) -> HttpResponse:
    """The preferences page, after an action with its message."""
    actor = _actor(request)
    page = reverse("notifications:preferences", args=[actor.workspace.slug])  # type: ignore[union-attr]
    if outcome and not request.headers.get("HX-Request"):
        return redirect(page)
    context = {
        "choices": queries.choices(actor),
        "browsers": [(row, browser_of(row.user_agent)) for row in queries.browsers(actor)],
        "push_key": keys.public(),
        "rhythm": queries.rhythm_of(actor.membership),  # type: ignore[arg-type]
        "rhythms": Rhythm,
        "hours": HOURS,
        "weekdays": WEEKDAYS.items(),
        "deliveries": Delivery,
        "muted": queries.muted(actor),
        "page": page,
    }
    response = render(request, "notifications/preferences.html", context)
    return done(request, response, message, outcome) if outcome else response


@in_workspace(PREFER.name)
@require_http_methods(["GET", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """Choose where one hears of each kind of news."""
    if request.method != "POST":
        return answer(request)
    chosen = {"kind": request.POST.get("kind", "")}
    if "push_shown" in request.POST:
        chosen["push"] = str("push" in request.POST)
    else:
        chosen["delivery"] = request.POST.get("delivery", "")
    return answer(request, _("Saved."), set_preference.run(_actor(request), chosen))


@in_workspace(PREFER.name)
@require_POST
def rhythm(request: HttpRequest) -> HttpResponse:
    """Choose when mail comes. What the form did not show stays as it is."""
    chosen = {name: request.POST[name] for name in ("rhythm", "hour", "weekday") if request.POST.get(name)}
    if "direct_shown" in request.POST:
        chosen["direct_at_once"] = str("direct_at_once" in request.POST)
    return answer(request, _("Saved."), set_rhythm.run(_actor(request), chosen))


@in_workspace(EDIT.name)
@require_POST
def unmute(request: HttpRequest, muted: uuid.UUID) -> HttpResponse:
    """Hear of a muted thread again."""
    return answer(request, _("You hear of it again."), muting.unmute.run(_actor(request), target=muted))
