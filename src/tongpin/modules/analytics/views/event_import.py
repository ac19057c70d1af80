"""Imports of a source and one import: parse, run an action, render."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tongpin.kernel import authz
from tongpin.kernel.actions.registry import Action
from tongpin.kernel.errors import DomainError
from tongpin.kernel.tenancy.actor import Actor
from tongpin.lib import sheet
from tongpin.modules.analytics.actions import event_import as actions
from tongpin.modules.analytics.enums import ImportState
from tongpin.modules.analytics.importing import words
from tongpin.modules.analytics.models import EventImport
from tongpin.modules.analytics.permissions import IMPORT_EVENTS, VIEW
from tongpin.modules.analytics.queries import event_import as queries
from tongpin.modules.analytics.queries import source as sources
from tongpin.ui.access import in_workspace
from tongpin.ui.answers import done, streamed, toast

SHOWN = 50


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


@in_workspace(VIEW.name)
@never_cache
@require_safe
def imports(request: HttpRequest, source: uuid.UUID) -> HttpResponse:
    """What was imported into a source, and a place for one more file."""
    actor = _actor(request)
    row = sources.source(actor, source)
    page = queries.imports(actor, request.GET.get("cursor", ""), source=row)
    may_import = authz.can(actor, IMPORT_EVENTS.name)
    context = {
        "source": row,
        "page": page,
        "may_import": may_import,
        "files": queries.event_files(actor, row) if may_import else [],
        "working": any(each.state in (ImportState.RUNNING, ImportState.UNDOING) for each in page.items),
    }
    return render(request, "analytics/imports.html", context)


def _page(request: HttpRequest, row: EventImport) -> HttpResponse:
    actor = _actor(request)
    may_import = authz.can(actor, IMPORT_EVENTS.name)
    settled = queries.is_settled(row)
    args = [row.workspace.slug, row.source.public_id, row.public_id]
    missing = max(row.events - row.stored, 0)
    context: dict[str, Any] = {
        "source": row.source,
        # What is asked again while it works: this page, also when a button's answer shows it.
        "here": f"{reverse('analytics:import', args=args)}?{request.GET.urlencode()}",
        "row": row,
        "may_import": may_import,
        "has_file": queries.has_file(row),
        "waiting": 0 if settled else missing,
        "known": missing if settled else 0,
        "working": row.state in (ImportState.RUNNING, ImportState.UNDOING) or not settled,
        "trouble": words.why(row.trouble) if row.trouble else "",
        "left": max(row.total, row.rows),
    }
    if may_import and row.refused:
        page = Paginator(queries.refused_rows(actor, row), SHOWN).get_page(request.GET.get("page"))
        context |= {
            "page": page,
            "refused": [(one.number, words.row(one.detail)) for one in page],
            "more_refused": row.refused - page.paginator.count,
        }
    return render(request, "analytics/import.html", context)


@in_workspace(VIEW.name)
@never_cache
@require_safe
def show(request: HttpRequest, source: uuid.UUID, event_import: uuid.UUID) -> HttpResponse:
    """How far an import is, and which rows were refused."""
    return _page(request, queries.event_import(_actor(request), source, event_import))


def _run(
    request: HttpRequest, source: uuid.UUID, event_import: uuid.UUID, action: Action[Any], said: str
) -> HttpResponse:
    actor = _actor(request)
    try:
        outcome = action.run(actor, {}, target=queries.event_import(actor, source, event_import))
    except DomainError as error:
        if error.status != 409:
            raise
        page = _page(request, queries.event_import(actor, source, event_import))
        return toast(page, str(error.message), hint=str(error.hint), kind="error")
    page = _page(request, queries.event_import(actor, source, event_import))
    return done(request, page, said, outcome)


@in_workspace(IMPORT_EVENTS.name)
@require_POST
def stop(request: HttpRequest, source: uuid.UUID, event_import: uuid.UUID) -> HttpResponse:
    """Read no further."""
    return _run(
        request,
        source,
        event_import,
        actions.stop_import,
        _("Stopped. What came in stays; you can go on later."),
    )


@in_workspace(IMPORT_EVENTS.name)
@require_POST
def resume(request: HttpRequest, source: uuid.UUID, event_import: uuid.UUID) -> HttpResponse:
    """Go on where it was stopped."""
    return _run(request, source, event_import, actions.resume_import, _("It goes on."))


@in_workspace(IMPORT_EVENTS.name)
@require_POST
def undo(request: HttpRequest, source: uuid.UUID, event_import: uuid.UUID) -> HttpResponse:
    """Take all of it back."""
    return _run(request, source, event_import, actions.undo_import, _("Its events are being removed."))


@in_workspace(IMPORT_EVENTS.name)
@require_safe
def refused(request: HttpRequest, source: uuid.UUID, event_import: uuid.UUID) -> StreamingHttpResponse:
    """The refused rows that are kept, as a CSV."""
    actor = _actor(request)
    row = queries.event_import(actor, source, event_import)
    lines = [
        [str(each.number), words.row(each.detail)] for each in queries.refused_rows(actor, row).iterator()
    ]
    text = sheet.write([[_("Row"), _("Why it is no event")], *lines])
    return streamed(iter([text]), f"{row.name}-refused.csv", "text/csv; charset=utf-8")
