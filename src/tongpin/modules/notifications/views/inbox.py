"""The inbox: parse, run an action, render."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import formats
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from tongpin.kernel import clock
from tongpin.kernel.actions.door import Outcome
from tongpin.kernel.errors import Invalid
from tongpin.kernel.tenancy.actor import Actor
from tongpin.lib.ids import parse_id
from tongpin.modules.notifications import queries
from tongpin.modules.notifications.actions import inbox as actions
from tongpin.modules.notifications.actions import muting
from tongpin.modules.notifications.actions.sorting import MOST, sort
from tongpin.modules.notifications.enums import Tab, Verb
from tongpin.modules.notifications.models import MutedThread
from tongpin.modules.notifications.permissions import EDIT, VIEW
from tongpin.modules.notifications.snoozing import moment_of, moments
from tongpin.ui import navigation
from tongpin.ui.access import in_workspace
from tongpin.ui.answers import done

DAY = timedelta(days=1)
WORDS = {
    Verb.READ: gettext_lazy("Marked as read."),
    Verb.UNREAD: gettext_lazy("Marked as unread."),
    Verb.ARCHIVE: gettext_lazy("Archived."),
    Verb.UNARCHIVE: gettext_lazy("Back in the inbox."),
    Verb.SNOOZE: gettext_lazy("Snoozed until %(until)s."),
    Verb.UNSNOOZE: gettext_lazy("Back in the inbox."),
}
MUTING = {
    "mute": gettext_lazy("Muted: you hear no more of it, except what names you."),
    "unmute": gettext_lazy("You hear of it again."),
}


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _tab_of(text: str) -> Tab:
    return Tab(text) if text in Tab.values else Tab.UNREAD


def _listing(request: HttpRequest, tab: Tab, cursor: uuid.UUID | None) -> dict[str, Any]:
    actor = _actor(request)
    rows, following = queries.inbox(actor, tab, cursor)
    counts = queries.counts(actor)
    counted = {Tab.UNREAD: counts.unread, Tab.SNOOZED: counts.snoozed or None}
    slug = actor.workspace.slug  # type: ignore[union-attr]
    here = f"?tab={tab.value}"
    newest = f"&than={rows[0].newest.public_id}" if rows else ""
    return {
        "rows": rows,
        "following": following,
        "first": cursor is None,
        "tab": tab,
        "tabs": [{"tab": one, "count": counted.get(one), "current": one == tab} for one in Tab],
        "counts": counts,
        "sort_url": reverse("notifications:sort", args=[slug]) + here,
        "shown_url": reverse("notifications:shown", args=[slug]) + here + newest,
        "read_all_url": reverse("notifications:read_all", args=[slug]) + here,
        "newer_url": reverse("notifications:newer", args=[slug]) + here + newest,
        "preferences_url": reverse("notifications:preferences", args=[slug]),
    }


@in_workspace(VIEW.name)
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """The inbox: ``?tab=`` unread (default), all or archived; ``?cursor=`` goes on below a row."""
    cursor = parse_id(request.GET.get("cursor", ""))
    context = _listing(request, _tab_of(request.GET.get("tab", "")), cursor)
    if cursor is None:
        context |= {
            "moments": moments(_actor(request)),
            "tomorrow": clock.today(_zone(_actor(request)).key) + DAY,
        }
    return render(request, "notifications/inbox.html", context)


def _zone(actor: Actor) -> ZoneInfo:
    assert actor.user is not None
    return ZoneInfo(actor.user.time_zone)


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
    """Go where it leads, and note that its thread has been read. Repeating it changes nothing, so a link may do it."""
    actor = _actor(request)
    row = queries.line(actor, notification)
    unread = queries.lines_of(actor, [row.public_id], Tab.UNREAD)
    sort.run(actor, {"verb": Verb.READ, "ids": [line.public_id for line in unread][-MOST:]})
    return redirect(row.url or reverse("notifications:inbox", args=[row.workspace.slug]))


@in_workspace(EDIT.name)
@require_POST
def change(request: HttpRequest, notification: uuid.UUID, verb: str) -> HttpResponse:
    """The same for one row: ``verb`` is one of ``Verb``, or mute or unmute its thread."""
    if verb in MUTING:
        return _mute(request, notification, verb)
    if verb not in Verb.values:
        raise Http404
    return _sorted(request, Verb(verb), [notification])


@in_workspace(EDIT.name)
@require_POST
def sort_many(request: HttpRequest) -> HttpResponse:
    """Do one thing with the rows chosen: ``verb``, ``ids``, and for snooze ``when`` (and ``date``)."""
    verb = request.POST.get("verb", "")
    ids = _ids(request.POST.getlist("ids"))
    if verb not in Verb.values or not ids:
        raise Invalid(_("Choose at least one."), field="ids")
    return _sorted(request, Verb(verb), ids)


def _ids(given: list[str]) -> list[uuid.UUID]:
    return [one for text in given if (one := parse_id(text)) is not None]


def _sorted(request: HttpRequest, verb: Verb, ids: list[uuid.UUID]) -> HttpResponse:
    actor, tab = _actor(request), _tab_of(request.GET.get("tab", ""))
    data: dict[str, object] = {"verb": verb, "ids": ids}
    if verb != Verb.UNREAD:  # its newest line is enough to be unread again
        lines = queries.lines_of(actor, ids, tab)
        data["ids"] = sorted({*ids, *(line.public_id for line in lines)})[-MOST:]
    words = WORDS[verb]
    said = str(words)
    if verb == Verb.SNOOZE:
        data["until"] = moment_of(actor, request.POST.get("when", ""), request.POST.get("date", ""))
        said = words % {
            "until": formats.date_format(localtime(data["until"], _zone(actor)), "MONTH_DAY_FORMAT")
        }
    outcome = sort.run(actor, data)
    if not request.headers.get("HX-Request"):
        return redirect(f"{reverse('notifications:inbox', args=[actor.workspace.slug])}?tab={tab.value}")  # type: ignore[union-attr]
    response = render(request, "notifications/changed.html", _changed(request, tab, ids))
    return done(request, response, said, outcome)


def _changed(request: HttpRequest, tab: Tab, ids: list[uuid.UUID]) -> dict[str, Any]:
    """The rows as they are now; the whole list where nothing is left of it, not even of what was read."""
    threads, gone = queries.shown(_actor(request), ids, tab)
    listing = _listing(request, tab, None)
    return {
        **listing,
        "threads": threads,
        "gone": gone,
        "whole": bool(gone) and not listing["rows"] and not threads,
        "links": _rows(request),
    }


@in_workspace(VIEW.name)
@require_POST
def shown(request: HttpRequest) -> HttpResponse:
    """The rows an open page shows (``shown``) as they are now: changed on another page. A POST, for they are many."""
    ids = _ids(request.POST.getlist("shown"))[:MOST]
    tab = _tab_of(request.GET.get("tab", ""))
    context = _changed(request, tab, ids)
    than, is_all = parse_id(request.GET.get("than", "")), context["following"] is None
    back = queries.returned(_actor(request), context["rows"], ids, than, is_all=is_all)
    if back and not set(ids) - set(context["gone"]):
        context["whole"] = True
    return render(request, "notifications/changed.html", {**context, "back": back})


def _mute(request: HttpRequest, notification: uuid.UUID, verb: str) -> HttpResponse:
    actor = _actor(request)
    row = queries.line(actor, notification)
    about = {"about_type": row.about_type, "about_id": row.about_id}
    outcome: Outcome[MutedThread]
    if verb == "mute":
        outcome = muting.mute.run(actor, about)
    else:
        outcome = muting.unmute.run(actor, target=queries.muted_thread(actor, row.thread))
    tab = _tab_of(request.GET.get("tab", ""))
    if not request.headers.get("HX-Request"):
        return redirect(f"{reverse('notifications:inbox', args=[row.workspace.slug])}?tab={tab.value}")
    response = render(request, "notifications/changed.html", _changed(request, tab, [notification]))
    return done(request, response, str(MUTING[verb]), outcome)


@in_workspace(EDIT.name)
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark everything as read."""
    actor = _actor(request)
    outcome = actions.mark_all_read.run(actor)
    tab = _tab_of(request.GET.get("tab", ""))
    if not request.headers.get("HX-Request"):
        return redirect(f"{reverse('notifications:inbox', args=[actor.workspace.slug])}?tab={tab.value}")  # type: ignore[union-attr]
    context = {**_listing(request, tab, None), "whole": True, "links": _rows(request)}
    response = render(request, "notifications/changed.html", context)
    count = outcome.value.count
    message = ngettext("%(count)d marked as read.", "%(count)d marked as read.", count) % {"count": count}
    return done(request, response, message, outcome)
