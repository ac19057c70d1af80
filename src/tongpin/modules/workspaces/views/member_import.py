"""Importing members: a file, its columns, a preview, and what became of each row."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongpin.kernel.errors import DomainError, Invalid, NotFound
from tongpin.kernel.tenancy.actor import Actor
from tongpin.lib import sheet
from tongpin.modules.workspaces import member_columns
from tongpin.modules.workspaces.actions.member_import import (
    create_import,
    make_links,
    map_columns,
    start_import,
    undo_import,
)
from tongpin.modules.workspaces.enums import ImportState, RowState
from tongpin.modules.workspaces.import_words import changes, why
from tongpin.modules.workspaces.models import MemberImport
from tongpin.modules.workspaces.queries import member_import as query
from tongpin.ui.access import in_workspace
from tongpin.ui.answers import done

SHOWN = 100


def _found(request: HttpRequest, public_id: uuid.UUID) -> MemberImport:
    row = MemberImport.objects.visible_to(request.actor).filter(public_id=public_id).first()  # type: ignore[attr-defined]
    if row is None:
        raise NotFound
    found: MemberImport = row
    return found


def _unreadable(code: str) -> str:
    words = {
        "too_large": _("The file is too large: at most 5 MB and 5,000 people at a time."),
        "no_rows": _("There is nobody in the file."),
        "old_excel": _("This is an old Excel file. Save it as .xlsx or CSV, and choose it again."),
        "unknown_encoding": _("The characters of the file cannot be read. Save it as CSV UTF-8."),
        "not_a_table": _("This is not a table. Choose a CSV or XLSX file."),
    }
    return words.get(code, _("The file cannot be read. Save it again as CSV or XLSX."))


@in_workspace("workspaces.member_import.edit")
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Choose a file; earlier imports."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    assert actor.workspace is not None
    refused = ""
    if request.method == "POST":
        try:
            row = create_import.run(actor, _read(request)).value
        except sheet.SheetError as error:
            refused = _unreadable(error.code)
        except Invalid as error:
            refused = _unreadable("too_large") if "lines" in error.fields else str(error.message)
        else:
            return redirect("workspaces:import", actor.workspace.slug, row.public_id)
    context = {"imports": list(query.imports(actor)), "refused": refused, "fields": member_columns.FIELDS}
    return render(request, "workspaces/imports.html", context, status=422 if refused else 200)


def _read(request: HttpRequest) -> dict[str, Any]:
    """The input of ``create``. Raises SheetError."""
    file = request.FILES.get("file")
    if file is None:
        raise sheet.SheetError("no_rows")
    if (file.size or 0) > sheet.grid.MAX_BYTES:
        raise sheet.SheetError("too_large")
    name = (file.name or "")[-200:]
    lines = sheet.read(name, file.read())
    return {
        "name": name or "members.csv",
        "lines": [{"number": line.number, "cells": list(line.cells)} for line in lines],
    }


@in_workspace("workspaces.member_import.edit")
@require_GET
def template(request: HttpRequest) -> HttpResponse:
    """A file to fill in, in the reader's language."""
    rows = [
        [str(label) for label in member_columns.FIELDS.values()],
        ["yinuo@example.com", _("Yinuo Shen"), _("Member"), _("R&D/Back end"), "", "zh"],
        ["kim@example.com", _("Kim"), _("Guest"), _("R&D/Back end; Marketing"), "", "en"],
    ]
    return _csv(sheet.write(rows), "members-template")


def _csv(text: str, name: str) -> HttpResponse:
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


@in_workspace("workspaces.member_import.edit")
@require_GET
def show(request: HttpRequest, member_import: uuid.UUID) -> HttpResponse:
    """The preview of a file, or how far its import is."""
    return _page(request, _found(request, member_import))


def _after(request: HttpRequest, row: MemberImport) -> HttpResponse:
    """The page anew for htmx; without it a redirect, so that reloading does not ask to send again."""
    if request.headers.get("HX-Request"):
        return _page(request, row)
    return redirect("workspaces:import", row.workspace.slug, row.public_id)


def _page(request: HttpRequest, row: MemberImport, status: int = 200, refused: str = "") -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    chosen = request.GET.get("state", "")
    chosen = chosen if chosen in RowState else ""
    live = f"{MemberImport._meta.label_lower}:{row.public_id}"
    context: dict[str, Any] = {
        "live": live,
        "row": row,
        "refused": refused,
        "chosen": chosen,
        "mails": settings.MAIL_TRANSPORT,
    }
    if row.state == ImportState.DRAFT:
        plan = query.plan(actor, row)
        rows = [r for r in plan.rows if not chosen or r.state == chosen]
        counts = plan.counts
        context |= {
            "plan": plan,
            "missing": [" / ".join(path) for path in plan.missing(RowState.WAITING, RowState.CHANGE)],
            "columns": _columns(row),
        }
    else:
        rows, counts = query.results(row, chosen), query.counts(row)
    page = Paginator(rows, SHOWN).get_page(request.GET.get("page"))
    for one in page:
        one.why = why(one.reason, one.about)
        one.changes = changes(one) if row.state == ImportState.DRAFT else []
    total = sum(counts.values())
    context |= {
        "page": page,
        "total": total,
        "counts": [(state, counts[state.value]) for state in RowState if counts[state.value]],
        "to_invite": counts[RowState.WAITING.value],
        "to_change": counts[RowState.CHANGE.value],
        "changed": counts[RowState.CHANGED.value],
        "handled": total - counts[RowState.WAITING.value] - counts[RowState.CHANGE.value],
        "refused_count": counts[RowState.REFUSED.value],
        "late": counts[RowState.MAIL.value],
        "invited": counts[RowState.INVITED.value] + counts[RowState.MAIL.value],
    }
    return render(request, "workspaces/import.html", context, status=status)


def _columns(row: MemberImport) -> list[dict[str, Any]]:
    """Each field with the column chosen for it, and the choices: a heading with the first cell below it."""
    first = row.lines[0][1]
    heads = [
        (at, title or _("Column %(n)d") % {"n": at + 1}, member_columns.cell(first, at))
        for at, title in enumerate(row.head)
    ]
    return [
        {"key": key, "label": label, "chosen": row.columns.get(key), "heads": heads}
        for key, label in member_columns.FIELDS.items()
    ]


@in_workspace("workspaces.member_import.edit")
@require_POST
def columns(request: HttpRequest, member_import: uuid.UUID) -> HttpResponse:
    """Say what the columns hold."""
    row = _found(request, member_import)
    chosen = {f: int(at) for f in member_columns.FIELDS if (at := request.POST.get(f, "")).isdecimal()}
    try:
        row = map_columns.run(request.actor, {"columns": chosen}, target=row).value  # type: ignore[attr-defined]
    except DomainError as error:
        return _page(request, row, 422, str(error.message) or error.in_short)
    return _after(request, row)


@in_workspace("workspaces.member_import.edit")
@require_POST
def start(request: HttpRequest, member_import: uuid.UUID) -> HttpResponse:
    """Invite them."""
    row = _found(request, member_import)
    data = {
        "by_mail": request.POST.get("by") == "mail",
        "make_departments": "make_departments" in request.POST,
        "update_members": "update_members" in request.POST,
    }
    if row.state == ImportState.DRAFT:  # a second click finds it started, and shows how far it is
        try:
            outcome = start_import.run(request.actor, data, target=row)  # type: ignore[attr-defined]
        except Invalid as error:
            return _page(request, row, 422, f"{error.message} {error.hint}".strip() or error.in_short)
        return done(request, _after(request, outcome.value), _("The import has begun."), outcome)
    return _after(request, row)


@in_workspace("workspaces.member_import.edit")
@require_POST
def undo(request: HttpRequest, member_import: uuid.UUID) -> HttpResponse:
    """Take the whole import back."""
    outcome = undo_import.run(request.actor, {}, target=_found(request, member_import))  # type: ignore[attr-defined]
    return done(request, _after(request, outcome.value), _("The import was taken back."), outcome)


@in_workspace("workspaces.member_import.edit")
@require_POST
def links(request: HttpRequest, member_import: uuid.UUID) -> HttpResponse:
    """A file with a fresh link for each person who has not come yet."""
    row = make_links.run(request.actor, {}, target=_found(request, member_import)).value  # type: ignore[attr-defined]
    return _csv(
        sheet.write([[_("E-mail"), str(member_columns.FIELDS["name"]), _("Link")], *row.links]),
        "invitation-links",
    )


@in_workspace("workspaces.member_import.edit")
@require_GET
def refused(request: HttpRequest, member_import: uuid.UUID) -> HttpResponse:
    """The rows that were not imported, as they stood in the file, each with why: to correct and choose again."""
    row = _found(request, member_import)
    reasons = {r.number: why(r.reason, r.about) for r in query.results(row, RowState.REFUSED)}
    kept = [
        [*cells, *[""] * (len(row.head) - len(cells)), reasons[n]] for n, cells in row.lines if n in reasons
    ]
    return _csv(sheet.write([[*row.head, _("Why not imported")], *kept]), "not-imported")
