"""The inbox and its preferences: parse, run an action, render."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongpin.kernel.news import Delivery
from tongpin.kernel.tenancy.actor import Actor
from tongpin.lib.ids import parse_id
from tongpin.modules.notifications import queries
from tongpin.modules.notifications.actions import inbox as actions
from tongpin.modules.notifications.actions.preference import set_preference
from tongpin.modules.notifications.enums import Tab
from tongpin.modules.notifications.permissions import EDIT, PREFER, VIEW
from tongpin.ui import navigation
from tongpin.ui.access import in_workspace
from tongpin.ui.answers import done

VERBS = {
    "read": (actions.mark_read, gettext_lazy("Marked as read.")),
    "unread": (actions.mark_unread, gettext_lazy("Marked as unread.")),
    "archive": (actions.archive, gettext_lazy("Archived.")),
    "unarchive": (actions.unarchive, gettext_lazy("Back in the inbox.")),
}


def _tab_of(text: str) -> Tab:
    return Tab(text) if text in Tab.values else Tab.UNREAD


def _listing(request: HttpRequest, tab: Tab, cursor: uuid.UUID | None) -> dict[str, object]:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    rows, following = queries.inbox(actor, tab, cursor)
    counts = queries.counts(actor)
    slug = actor.workspace.slug  # type: ignore[union-attr]
    here = f"?tab={tab.value}"
    newest = f"&than={rows[0].public_id}" if rows else ""
    return {
        "rows": rows,
        "following": following,
        "first": cursor is None,
        "tab": tab,
        "tabs": [
            {"tab": one, "count": counts.unread if one == Tab.UNREAD else None, "current": one == tab}
            for one in Tab
        ],
        "counts": counts,
        "read_all_url": reverse("notifications:read_all", args=[slug]) + here,
        "newer_url": reverse("notifications:newer", args=[slug]) + here + newest,
        "preferences_url": reverse("notifications:preferences", args=[slug]),
    }


@in_workspace(VIEW.name)
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """The inbox: ``?tab=`` unread (default), all or archived; ``?cursor=`` goes on below a row."""
    cursor = parse_id(request.GET.get("cursor", ""))
    return render(
        request, "notifications/inbox.html", _listing(request, _tab_of(request.GET.get("tab", "")), cursor)
    )


@in_workspace(VIEW.name)
@require_GET
def bell(request: HttpRequest) -> HttpResponse:
    """The inbox's rows in the shell with the present count."""
    return render(request, "notifications/bell.html", {"links": _rows(request)})


def _rows(request: HttpRequest) -> list[navigation.NavLink]:
    path = reverse("notifications:inbox", args=[request.actor.workspace.slug])  # type: ignore[attr-defined]
    here = path if request.headers.get("HX-Current-URL", "").partition("?")[0].endswith(path) else ""
    links = navigation.links(request.actor, here, ["top"])  # type: ignore[attr-defined]
    return [link for link in links if link.item.key == "notifications.inbox"]


@in_workspace(VIEW.name)
@require_GET
def newer(request: HttpRequest) -> HttpResponse:
    """A pill telling how many came since ``?than=``, the newest row shown; it moves nothing under the pointer."""
    tab = _tab_of(request.GET.get("tab", ""))
    than = parse_id(request.GET.get("than", ""))
    count = queries.newer(request.actor, tab, than)  # type: ignore[attr-defined]
    context = {"tab": tab, "count": count, "newer_url": request.get_full_path()}
    return render(request, "notifications/_newer.html", context)


@in_workspace(VIEW.name)
@require_GET
def open_one(request: HttpRequest, notification: uuid.UUID) -> HttpResponse:
    """Go where it leads, and note that it has been read. Repeating it changes nothing, so a link may do it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    row = actions.mark_read.run(actor, target=notification).value
    return redirect(row.url or reverse("notifications:inbox", args=[row.workspace.slug]))


@in_workspace(EDIT.name)
@require_POST
def change(request: HttpRequest, notification: uuid.UUID, verb: str) -> HttpResponse:
    """Mark one as read or unread, archive it or bring it back: ``verb`` read, unread, archive, unarchive."""
    if verb not in VERBS:
        raise Http404
    actor: Actor = request.actor  # type: ignore[attr-defined]
    action, words = VERBS[verb]
    outcome = action.run(actor, target=notification)
    tab = _tab_of(request.GET.get("tab", ""))
    if not request.headers.get("HX-Request"):
        return redirect(
            f"{reverse('notifications:inbox', args=[outcome.value.workspace.slug])}?tab={tab.value}"
        )
    gone = verb in {"archive", "unarchive"}
    listing = _listing(request, tab, None)
    context = {**listing, "row": outcome.value, "gone": gone, "whole": gone and not listing["rows"]}
    response = render(request, "notifications/changed.html", {**context, "links": _rows(request)})
    return done(request, response, str(words), outcome)


@in_workspace(EDIT.name)
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark everything as read."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    outcome = actions.mark_all_read.run(actor)
    tab = _tab_of(request.GET.get("tab", ""))
    if not request.headers.get("HX-Request"):
        return redirect(f"{reverse('notifications:inbox', args=[actor.workspace.slug])}?tab={tab.value}")  # type: ignore[union-attr]
    context = {**_listing(request, tab, None), "whole": True, "links": _rows(request)}
    response = render(request, "notifications/changed.html", context)
    count = outcome.value.count
    message = ngettext("%(count)d marked as read.", "%(count)d marked as read.", count) % {"count": count}
    return done(request, response, message, outcome)


@in_workspace(PREFER.name)
@require_http_methods(["GET", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """Choose where one hears of each kind of news."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    outcome = None
    if request.method == "POST":
        chosen = {"kind": request.POST.get("kind", ""), "delivery": request.POST.get("delivery", "")}
        outcome = set_preference.run(actor, chosen)
        if not request.headers.get("HX-Request"):
            return redirect(request.path)
    context = {"choices": queries.choices(actor), "deliveries": Delivery}
    response = render(request, "notifications/preferences.html", context)
    return done(request, response, _("Saved."), outcome) if outcome else response
