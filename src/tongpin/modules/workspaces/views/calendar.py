"""The working calendar: a year at a glance, its days marked by a click, and its settings."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tongpin.kernel import authz, clock
from tongpin.kernel.actions.door import Outcome
from tongpin.kernel.errors import Invalid, NotFound
from tongpin.kernel.i18n.countries import Country
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Workspace
from tongpin.lib.workdays import icalendar
from tongpin.lib.workdays.hours import show_day
from tongpin.modules.workspaces.actions.calendar import edit_calendar, mark_days
from tongpin.modules.workspaces.forms import CalendarForm, MarkForm
from tongpin.modules.workspaces.models import WorkCalendar
from tongpin.modules.workspaces.queries import calendar as query
from tongpin.modules.workspaces.templatetags.working_calendar import stretch_title
from tongpin.ui.access import in_workspace
from tongpin.ui.answers import done
from tongpin.ui.forms import refuse


def _place(request: HttpRequest) -> Workspace:
    workspace: Workspace | None = request.actor.workspace  # type: ignore[attr-defined]
    assert workspace is not None
    return workspace


def _number(request: HttpRequest) -> int:
    """The year asked for; this year in the workspace's zone where none, or none of ours, is named."""
    asked = request.GET.get("year", "")
    if asked.isascii() and asked.isdecimal() and query.FIRST_YEAR <= int(asked) <= query.LAST_YEAR:
        return int(asked)
    return clock.today(_place(request).time_zone).year


def _form(workspace: Workspace, kept: WorkCalendar, data: Any = None) -> CalendarForm:
    hours = {f"hours_{n}": show_day(spans) for n, spans in enumerate(kept.week)}
    return CalendarForm(data, initial={"country": kept.country, **hours}, week_start=workspace.week_start)


def _context(request: HttpRequest, form: CalendarForm | None = None) -> dict[str, Any]:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    workspace, number = _place(request), _number(request)
    kept = query.settings_of(workspace)
    return {
        "year": query.year_of(query.calendar_of(workspace, kept), number, workspace.week_start),
        "today": clock.today(workspace.time_zone),
        "keep": f"?year={number}",
        "earlier": f"?year={number - 1}" if number > query.FIRST_YEAR else "",
        "later": f"?year={number + 1}" if number < query.LAST_YEAR else "",
        "manages": authz.can(actor, "workspaces.calendar.edit"),
        "form": form or _form(workspace, kept),
        "country": Country(kept.country).label,
    }


@in_workspace("workspaces.calendar.view")
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """A year in twelve small months, what is out of turn in it, and the settings."""
    return render(request, "workspaces/calendar.html", _context(request))


@in_workspace("workspaces.calendar.edit")
@require_POST
def edit(request: HttpRequest) -> HttpResponse:
    """Whose holidays, which hours."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    workspace = _place(request)
    form = _form(workspace, query.settings_of(workspace), request.POST)
    if not form.is_valid():
        return _part(request, form, status=422)
    try:
        outcome = edit_calendar.run(actor, {"country": form.cleaned_data["country"], "hours": form.hours()})
    except Invalid as error:
        refuse(form, error)
        return _part(request, form, status=422)
    return _saved(request, outcome)


@in_workspace("workspaces.calendar.edit")
@require_GET
def day(request: HttpRequest) -> HttpResponse:
    """The question about one day, for the dialog."""
    try:
        asked = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        raise NotFound from None
    calendar = query.calendar_of(_place(request))
    own = calendar.own.get(asked)
    mark = ("work" if own.working else "off") if own else "off" if calendar.is_working_day(asked) else "work"
    form = MarkForm(initial={"first": asked, "mark": mark, "name": own.name if own else ""})
    return _question(request, form, asked)


def _question(request: HttpRequest, form: MarkForm, asked: date, status: int = 200) -> HttpResponse:
    calendar = query.calendar_of(_place(request))
    context = {
        "form": form,
        "day": calendar.day(asked, query.spoken()),
        "official": calendar.official(asked, query.spoken()),
        "keep": f"?year={asked.year}",
    }
    return render(request, "workspaces/_calendar_day.html", context, status=status)


@in_workspace("workspaces.calendar.edit")
@require_POST
def mark(request: HttpRequest) -> HttpResponse:
    """Mark a day, or the days up to another."""
    form = MarkForm(request.POST)
    if not form.is_valid():
        asked = form.cleaned_data.get("first")
        if asked is None:
            raise NotFound
        answer = _question(request, form, asked, status=422)
        answer.headers["HX-Retarget"] = "#day-question"
        return answer
    return _saved(request, mark_days.run(request.actor, {"days": form.days()}))  # type: ignore[attr-defined]


def _part(request: HttpRequest, form: CalendarForm | None = None, status: int = 200) -> HttpResponse:
    return render(request, "workspaces/_calendar.html", _context(request, form), status=status)


def _saved(request: HttpRequest, outcome: Outcome[WorkCalendar]) -> HttpResponse:
    return done(request, _part(request), _("Saved."), outcome)


@in_workspace("workspaces.calendar.view")
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The year's days off and make-up days as an iCalendar file."""
    workspace, number = _place(request), _number(request)
    calendar = query.calendar_of(workspace)
    found = calendar.out_of_turn(date(number, 1, 1), date(number, 12, 31), query.spoken())
    entries = [
        icalendar.AllDay(
            f"{stretch.first}.{stretch.kind}@{workspace.public_id}",
            stretch.first,
            stretch.last,
            stretch_title(stretch),
        )
        for stretch in found
    ]
    name = _("%(workspace)s: days off %(year)d") % {"workspace": workspace.name, "year": number}
    answer = HttpResponse(
        icalendar.write(name, entries, clock.now()), content_type="text/calendar; charset=utf-8"
    )
    answer.headers["Content-Disposition"] = f'attachment; filename="{workspace.slug}-{number}.ics"'
    return answer
