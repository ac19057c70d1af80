"""The state of this server, for its owner."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tongpin.kernel.errors import NotFound
from tongpin.kernel.upkeep import contacts
from tongpin.modules.workspaces import guides, upgrades
from tongpin.modules.workspaces.actions.server import retry_event, retry_mail
from tongpin.modules.workspaces.queries import server as query
from tongpin.modules.workspaces.queries.server_facts import facts, guide
from tongpin.modules.workspaces.views.home import personal
from tongpin.ui import prose
from tongpin.ui.access import server_owner


def _shown(request: HttpRequest) -> HttpResponse:
    jobs = query.jobs()
    database, size = query.database()
    context = {
        "version": settings.VERSION,
        "site_url": settings.SITE_URL,
        "data_folder": settings.DATA,
        "database": database,
        "database_size": size,
        "disk": query.disk(),
        "store": query.store(),
        "lags": query.lags(),
        "parked": query.parked(),
        "jobs": jobs,
        "jobs_failed": jobs.get("failed", 0),
        "mail": query.mail(),
        "facts": list(facts()),
        "outgoing": [(one, guide(one.guide) if one.guide else None) for one in contacts.everyone()],
        "asks_for_upgrades": bool(settings.UPGRADE_FEED),
    }
    return render(request, "workspaces/system.html", context)


_in_shell = personal(_shown)


@server_owner
@require_GET
def system(request: HttpRequest) -> HttpResponse:
    """Version, database, store, disk, events, jobs, mail."""
    return _in_shell(request)


@server_owner
@require_POST
def retry(request: HttpRequest) -> HttpResponse:
    """Hand a parked event over again."""
    data = {"subscriber": request.POST.get("subscriber", ""), "event": request.POST.get("event", "")}
    if retry_event.run(request.actor, data).value:  # type: ignore[attr-defined]
        messages.success(request, _("It went through."))
    else:
        messages.error(request, _("It failed again; the new error is shown."))
    return redirect("workspaces:system")


@server_owner
@require_POST
def retry_one_mail(request: HttpRequest, mail: uuid.UUID) -> HttpResponse:
    """Queue a failed mail again."""
    retry_mail.run(request.actor, {"mail": mail})  # type: ignore[attr-defined]
    messages.success(request, _("Queued again."))
    return redirect("workspaces:system")


@server_owner
@require_POST
def check_upgrade(request: HttpRequest) -> HttpResponse:
    """Ask for a newer version now."""
    upgrades.check()
    return redirect("workspaces:system")


def _guide(request: HttpRequest, name: str) -> HttpResponse:
    text = guides.text_of(name)
    if text is None:
        raise NotFound
    title, _newline, body = text.removeprefix("# ").partition("\n")
    return render(request, "workspaces/guide.html", {"title": title, "body": prose.shown(body, wrapped=True)})


_guide_in_shell = personal(_guide)


@server_owner
@require_GET
def show_guide(request: HttpRequest, name: str) -> HttpResponse:
    """A guide as it belongs to the version that runs here: a server may have no way out to read it elsewhere."""
    return _guide_in_shell(request, name)
