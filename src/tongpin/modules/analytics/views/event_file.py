"""A file of events uploaded part by part, and what its columns are: parse, run an action, render."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from tongpin.kernel.errors import Conflict, DomainError
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.analytics.actions import event_file as actions
from tongpin.modules.analytics.actions.event_import import start_import
from tongpin.modules.analytics.import_form import ROLES, ImportForm
from tongpin.modules.analytics.models import EventFile
from tongpin.modules.analytics.permissions import IMPORT_EVENTS
from tongpin.modules.analytics.queries import event_import as queries
from tongpin.modules.workspaces.public import zone_choices
from tongpin.ui.access import in_workspace
from tongpin.ui.answers import done


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _told(row: EventFile, slug: str, source: uuid.UUID) -> JsonResponse:
    """Where the upload is, and where it goes on."""
    args = [slug, source, row.public_id]
    return JsonResponse(
        {
            "at": row.received,
            "part": actions.PART,
            "url": reverse("analytics:file_part", args=args),
            "next": reverse("analytics:file", args=args) if row.digest else "",
        }
    )


def _refused(error: DomainError) -> JsonResponse:
    words = {"message": str(error.in_short), "hint": str(error.hint), "code": error.code}
    return JsonResponse(words, status=error.status)


def _number(text: str | None) -> int:
    """A whole number of a form; 0 for anything else."""
    said = text or ""
    return int(said) if said.isascii() and said.isdigit() and len(said) < 16 else 0


@in_workspace(IMPORT_EVENTS.name)
@require_POST
def begin(request: HttpRequest, source: uuid.UUID) -> HttpResponse:
    """Say which file is coming; the answer says from which byte on it is wanted."""
    actor = _actor(request)
    data = {
        "source": source,
        "name": request.POST.get("name", "")[-200:],
        "size": _number(request.POST.get("size")),
        "stamp": _number(request.POST.get("stamp")),
    }
    try:
        row = actions.begin_file.run(actor, data).value
    except DomainError as error:
        return _refused(error)
    assert actor.workspace is not None
    return _told(row, actor.workspace.slug, source)


@in_workspace(IMPORT_EVENTS.name)
@never_cache
@require_http_methods(["GET", "POST"])
def part(request: HttpRequest, source: uuid.UUID, event_file: uuid.UUID) -> HttpResponse:
    """The next part as the body of the request, from byte ``at`` on. GET says how much is there."""
    actor = _actor(request)
    assert actor.workspace is not None
    try:
        if request.method == "GET":
            row = queries.event_file(actor, source, event_file)
        else:
            at = _number(request.GET.get("at"))
            row = actions.put_part(actor, source, event_file, at, request.body)
    except Conflict:
        row = queries.event_file(actor, source, event_file)
    except DomainError as error:
        return _refused(error)
    return _told(row, actor.workspace.slug, source)


def _page(
    request: HttpRequest,
    row: EventFile,
    form: ImportForm,
    status: int = 200,
    refused: DomainError | None = None,
) -> HttpResponse:
    context: dict[str, Any] = {
        "source": row.source,
        "file": row,
        "form": form,
        "roles": ROLES,
        "zones": zone_choices(),
        "refused": refused,
    }
    return render(request, "analytics/event_file.html", context, status=status)


@in_workspace(IMPORT_EVENTS.name)
@never_cache
@require_http_methods(["GET", "POST"])
def file(request: HttpRequest, source: uuid.UUID, event_file: uuid.UUID) -> HttpResponse:
    """What the columns are, tried on the first rows. A POST shows what becomes of them with another choice."""
    actor = _actor(request)
    row = queries.event_file(actor, source, event_file)
    if not row.digest:
        return redirect("analytics:imports", row.workspace.slug, source)
    form = ImportForm.sent(row, request.POST) if request.method == "POST" else ImportForm.guessed(row)
    return _page(request, row, form)


@in_workspace(IMPORT_EVENTS.name)
@require_POST
def start(request: HttpRequest, source: uuid.UUID, event_file: uuid.UUID) -> HttpResponse:
    """Begin to import it."""
    actor = _actor(request)
    row = queries.event_file(actor, source, event_file)
    form = ImportForm.sent(row, request.POST) if row.digest else None
    if form is None or form.columns is None:
        return _page(request, row, form, 422) if form else redirect(request.path)
    data = {
        "source": source, "name": row.name, "digest": row.digest, "columns": form.columns.model_dump(),
        "file": row.public_id, "total": row.total,
    }  # fmt: skip
    try:
        begun = start_import.run(actor, data).value
    except DomainError as error:
        return _page(request, row, form, error.status, error)
    return redirect("analytics:import", row.workspace.slug, source, begun.public_id)


@in_workspace(IMPORT_EVENTS.name)
@require_POST
def forget(request: HttpRequest, source: uuid.UUID, event_file: uuid.UUID) -> HttpResponse:
    """Remove an uploaded file; the answer leads to the list."""
    actor = _actor(request)
    row = queries.event_file(actor, source, event_file)
    outcome = actions.forget_file.run(actor, {}, target=row)
    response = HttpResponse(status=204)
    response.headers["HX-Redirect"] = reverse("analytics:imports", args=[row.workspace.slug, source])
    return done(request, response, _("The file was removed."), outcome)
