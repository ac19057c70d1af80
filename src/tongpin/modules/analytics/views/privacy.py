"""Giving out and erasing one person's or customer's data: ask, watch it done, take the file."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from tongpin.kernel.errors import Invalid, NotFound
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.analytics.actions.customer import look
from tongpin.modules.analytics.actions.erasure import erase
from tongpin.modules.analytics.actions.export import export as ask_export
from tongpin.modules.analytics.models import Erasure, Export
from tongpin.modules.analytics.permissions import ERASE_PEOPLE, EXPORT_PEOPLE
from tongpin.modules.analytics.queries import customer as customers
from tongpin.modules.analytics.queries import person as persons
from tongpin.modules.analytics.queries.export import pieces
from tongpin.ui.access import in_workspace


@require_POST
@in_workspace(EXPORT_PEOPLE.name)
def export_user(request: HttpRequest, handle: str) -> HttpResponse:
    """Begin an export of a user."""
    return _export(request, f"user:{_user(request, handle).handle}")


@require_POST
@in_workspace(EXPORT_PEOPLE.name)
def export_customer(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """Begin an export of a customer."""
    return _export(request, f"customer:{customer}")


def _export(request: HttpRequest, about: str) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    assert actor.workspace is not None
    row = ask_export.run(actor, {"about": about}).value
    return redirect("analytics:export", actor.workspace.slug, row.public_id)


@in_workspace(EXPORT_PEOPLE.name)
@never_cache
def export(request: HttpRequest, export: uuid.UUID) -> HttpResponse:
    """How far an export is; its file when it is done. The page asks again while it is not."""
    return render(request, "analytics/export.html", {"export": _row(request, export)})


@in_workspace(EXPORT_PEOPLE.name)
def file(request: HttpRequest, export: uuid.UUID) -> StreamingHttpResponse:
    """The file, a piece at a time."""
    row = _row(request, export)
    if row.finished_at is None:
        raise NotFound
    name = f"{row.about.partition(':')[0]}-{row.asked_at:%Y%m%d-%H%M}.zip"
    answer = StreamingHttpResponse(pieces(row), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer


def _row(request: HttpRequest, public_id: uuid.UUID) -> Export:
    rows = Export.objects.visible_to(request.actor).filter(public_id=public_id)  # type: ignore[attr-defined]
    row: Export | None = rows.first()
    if row is None:
        raise NotFound
    return row


@in_workspace(ERASE_PEOPLE.name)
@never_cache
def erase_user(request: HttpRequest, handle: str) -> HttpResponse:
    """Ask whether a user shall really be erased, and do it."""
    who = _user(request, handle)
    slug = request.actor.workspace.slug  # type: ignore[attr-defined]
    back = reverse("analytics:user", args=[slug, who.handle])
    return _erase(request, f"user:{who.handle}", who.title, back)


@in_workspace(ERASE_PEOPLE.name)
@never_cache
def erase_customer(request: HttpRequest, customer: uuid.UUID) -> HttpResponse:
    """Ask whether a customer shall really be erased, and do it."""
    row = customers.customer(request.actor, customer)  # type: ignore[attr-defined]
    back = reverse("analytics:customer", args=[row.workspace.slug, row.public_id])
    return _erase(request, f"customer:{row.public_id}", row.title, back)


def _erase(request: HttpRequest, about: str, title: str, back: str) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    assert actor.workspace is not None
    typed, error = request.POST.get("typed", ""), None
    look.run(actor, {"about": about})
    if request.method == "POST":
        try:
            row = erase.run(actor, {"about": about, "typed": typed}).value
        except Invalid as refused:
            error = refused
        else:
            return redirect("analytics:erasure", actor.workspace.slug, row.public_id)
    context = {
        "title": title,
        "back": back,
        "typed": typed,
        "error": error,
        "is_customer": about.startswith("customer:"),
    }
    return render(request, "analytics/erase.html", context, status=422 if error else 200)


@in_workspace(ERASE_PEOPLE.name)
@never_cache
def erasure(request: HttpRequest, erasure: uuid.UUID) -> HttpResponse:
    """How far an erasure is, and its proof."""
    rows = Erasure.objects.visible_to(request.actor).select_related("asked_by")  # type: ignore[attr-defined]
    row: Erasure | None = rows.filter(public_id=erasure).first()
    if row is None:
        raise NotFound
    return render(request, "analytics/erasure.html", {"erasure": row})


def _user(request: HttpRequest, handle: str) -> persons.Person:
    number = persons.parse_handle(handle)
    if number is None:
        raise NotFound
    return persons.person(request.actor.workspace, number)  # type: ignore[attr-defined]
