"""The audit log of a workspace."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from tongpin.kernel import clock
from tongpin.kernel.events import retention
from tongpin.kernel.tenancy.actor import Actor
from tongpin.lib.ids import parse_id
from tongpin.modules.workspaces import audit_files
from tongpin.modules.workspaces.actions.audit import export_audit
from tongpin.modules.workspaces.audit_form import AuditForm
from tongpin.modules.workspaces.queries import audit as query
from tongpin.ui.access import in_workspace
from tongpin.ui.answers import streamed

FORMS = {
    "csv": (audit_files.as_csv, "text/csv; charset=utf-8"),
    "jsonl": (audit_files.as_json_lines, "application/x-ndjson; charset=utf-8"),
}


@in_workspace("workspaces.audit.view")
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """Who did what, when, from where; narrowed as the address says."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    form = AuditForm(request.GET, query.members(actor), actor.time_zone)
    entries, following = query.page(actor, form.filters(), parse_id(request.GET.get("cursor", "")))
    context = {
        "form": form,
        "asked": form.asked(),
        "entries": entries,
        "following": following,
        "kept_days": retention.days(),
        "least_days": retention.LEAST_DAYS,
    }
    return render(request, "workspaces/audit.html", context)


@in_workspace("workspaces.audit.export")
@require_POST
def export(request: HttpRequest) -> HttpResponseBase:
    """The same entries as a file; that it was taken is an entry itself."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    form = AuditForm(request.POST, query.members(actor), actor.time_zone)
    kind = request.POST.get("form", "csv")
    export_audit.run(actor, {"form": kind, "filters": form.asked()})
    write, media = FORMS[kind]
    name = f"{actor.workspace.slug}-audit-{clock.today(actor.time_zone)}.{kind}"  # type: ignore[union-attr]
    return streamed(write(query.everything(actor, form.filters())), name, media)
