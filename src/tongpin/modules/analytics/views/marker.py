"""Markers 标记: the list of one family, notes one by one, and which families are shown on charts."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tongpin.kernel import authz, clock
from tongpin.kernel.errors import Invalid
from tongpin.kernel.tenancy.actor import Actor
from tongpin.lib import sheet
from tongpin.modules.analytics import markers
from tongpin.modules.analytics.actions import note as actions
from tongpin.modules.analytics.marker_sources import NOTES
from tongpin.modules.analytics.models import Note
from tongpin.modules.analytics.note_forms import EditNoteForm, NoteForm
from tongpin.modules.analytics.permissions import CREATE_NOTE, EDIT_NOTE, SET_MARKERS, VIEW_NOTES
from tongpin.modules.analytics.queries import note as queries
from tongpin.modules.analytics.shown.marked import Marks, days
from tongpin.ui.access import in_workspace
from tongpin.ui.answers import done, streamed, toast
from tongpin.ui.forms import refuse

FIRST_YEAR, LAST_YEAR = 2001, 2099


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _slug(actor: Actor) -> str:
    assert actor.workspace is not None
    return actor.workspace.slug


def _today(actor: Actor) -> date:
    assert actor.workspace is not None
    return clock.today(actor.workspace.time_zone)


def marker_tools(actor: Actor, marks: Marks) -> dict[str, Any]:
    """What a chart's page needs to choose families of markers and to write a note."""
    return {
        "families": _families(marks.shown),
        "may_note": authz.can(actor, CREATE_NOTE.name),
        "note_form": NoteForm(initial={"first": min(marks.span.last, _today(actor))}),
    }


def _families(shown: set[str]) -> list[tuple[markers.Family, bool]]:
    return [(family, key in shown) for key, family in markers.families().items()]


def _year(request: HttpRequest) -> int:
    asked = request.GET.get("year", "")
    if asked.isascii() and asked.isdecimal() and FIRST_YEAR <= int(asked) <= LAST_YEAR:
        return int(asked)
    return _today(_actor(request)).year


def _kind(request: HttpRequest) -> str:
    asked = request.GET.get("kind", "")
    return asked if asked in markers.families() else NOTES


def _of_year(request: HttpRequest) -> list[markers.Marker]:
    year = _year(request)
    return markers.over(_actor(request), date(year, 1, 1), date(year, 12, 31), [_kind(request)])


def _list(request: HttpRequest, form: NoteForm | None = None, status: int = 200) -> HttpResponse:
    actor, kind = _actor(request), _kind(request)
    context: dict[str, Any] = {
        "kind": kind,
        "q": request.GET.get("q", "")[:200],
        "all_families": list(markers.families().values()),
        "note_form": form or NoteForm(initial={"first": _today(actor)}),
        "may_note": authz.can(actor, CREATE_NOTE.name),
    }
    if kind == NOTES:
        page = queries.page(actor, context["q"], request.GET.get("cursor", ""))
        any_note = bool(page.items) or (bool(context["q"]) and queries.any_note(actor))
        rows = [(row, authz.can(actor, EDIT_NOTE.name, row)) for row in page.items]
        context |= {"rows": rows, "next": page.next, "any": any_note}
    else:
        year = _year(request)
        context |= {
            "found": [(each, days(each.first, each.last)) for each in _of_year(request)],
            "year": year,
            "earlier": year - 1 if year > FIRST_YEAR else None,
            "later": year + 1 if year < LAST_YEAR else None,
        }
    if authz.can(actor, SET_MARKERS.name):
        context["families"] = _families(queries.shown_in(actor))
    return render(request, "analytics/markers.html", context, status=status)


@in_workspace(VIEW_NOTES.name)
@require_safe
def marker_list(request: HttpRequest) -> HttpResponse:
    """The notes, the latest day first, or a year of another family of markers."""
    return _list(request)


@in_workspace(VIEW_NOTES.name)
@require_safe
def file(request: HttpRequest) -> StreamingHttpResponse:
    """The list as CSV: all notes with the search of the page, or the year of the family."""
    return streamed(sheet.written(_lines(request)), "markers.csv", "text/csv; charset=utf-8")


def _lines(request: HttpRequest) -> Iterator[Sequence[str]]:
    head = [_("First day"), _("Last day"), _("What happened"), _("Link")]
    if _kind(request) != NOTES:
        yield head
        for each in _of_year(request):
            yield [each.first.isoformat(), each.last.isoformat(), each.label, each.url]
        return
    yield [*head, _("Written by")]
    for row in queries.every(_actor(request), request.GET.get("q", "")[:200]):
        yield [row.first.isoformat(), row.last.isoformat(), row.text, row.link, row.owner.user.name]


@in_workspace(CREATE_NOTE.name)
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Write a note. Open charts hear of it by themselves; the list is the answer where it was written there."""
    form = NoteForm(request.POST)
    here = request.POST.get("from") == "list"
    if form.is_valid():
        try:
            outcome = actions.add_note.run(_actor(request), form.data_of())
        except Invalid as error:
            refuse(form, error)
        else:
            again = NoteForm(initial={"first": outcome.value.first})
            answer = _list(request) if here else _fields(request, again)
            return done(request, answer, _said(outcome.value), outcome)
    return _list(request, form, 422) if here else _fields(request, form, 422)


def _fields(request: HttpRequest, form: NoteForm, status: int = 200) -> HttpResponse:
    return render(request, "analytics/_note_fields.html", {"form": form}, status=status)


def _said(row: Note) -> str:
    return _("Noted on %(day)s.") % {"day": date_format(row.first, "SHORT_DATE_FORMAT")}


@in_workspace(VIEW_NOTES.name)
@require_http_methods(["GET", "POST"])
def note(request: HttpRequest, note: uuid.UUID) -> HttpResponse:
    """One note, and its form for whoever may change it."""
    actor = _actor(request)
    row = queries.note(actor, note)
    may_edit = authz.can(actor, EDIT_NOTE.name, row)
    form = EditNoteForm.of(row, request.POST if request.method == "POST" else None)
    context = {"note": row, "days": days(row.first, row.last), "form": form, "may_edit": may_edit}
    if request.method == "GET":
        return render(request, "analytics/note.html", context)
    if not form.is_valid():
        return render(request, "analytics/note.html", context, status=422)
    try:
        outcome = actions.edit_note.run(actor, form.changes(), target=row)
    except Invalid as error:
        refuse(form, error)
        return render(request, "analytics/note.html", context, status=422)
    changed = queries.note(actor, note)
    context |= {"note": changed, "days": days(changed.first, changed.last), "form": EditNoteForm.of(changed)}
    return done(request, render(request, "analytics/note.html", context), _("Changed."), outcome)


@in_workspace(VIEW_NOTES.name)
@require_POST
def delete(request: HttpRequest, note: uuid.UUID) -> HttpResponse:
    """Take it off the charts; the answer is the list."""
    actor = _actor(request)
    row = queries.note(actor, note)
    outcome = actions.delete_note.run(actor, {}, target=row)
    answer = _list(request)
    answer.headers["HX-Push-Url"] = reverse("analytics:markers", args=[_slug(actor)])
    return done(request, answer, _("The note is deleted."), outcome)


@in_workspace(VIEW_NOTES.name)
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Which families this member sees. Open charts hear of it by themselves."""
    actions.choose_markers.run(_actor(request), {"shown": request.POST.getlist("shown")})
    return HttpResponse(status=204)


@in_workspace(SET_MARKERS.name)
@require_POST
def settle(request: HttpRequest) -> HttpResponse:
    """Which families are shown to whoever has not chosen."""
    actions.set_markers.run(_actor(request), {"shown": request.POST.getlist("shown")})
    return toast(_list(request), _("Changed."))
