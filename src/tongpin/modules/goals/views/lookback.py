"""One look back: waiting, concluded or still without its question."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tongpin.kernel import authz, clock
from tongpin.kernel.errors import Invalid, NotFound
from tongpin.kernel.files import names
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.goals import actions, charts, export, forms, outcome, queries
from tongpin.modules.goals.models import LookBack
from tongpin.modules.goals.told import told
from tongpin.modules.goals.wording import failures, findings
from tongpin.ui.access import in_workspace
from tongpin.ui.answers import done


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _file(row: LookBack) -> str:
    """The name that the saved days and the saved picture share."""
    return names.clean(row.title[:80].replace("/", "-"))


def shown(actor: Actor, row: LookBack, form: forms.QuestionForm | None = None) -> dict[str, Any]:
    """What every state of the page shows, and what is particular to this one."""
    found: dict[str, Any] = {
        "row": row,
        "told": told(row, actor),
        "may_edit": authz.can(actor, "goals.lookback.edit", row),
        "may_interpret": authz.can(actor, "goals.lookback.interpret", row),
    }
    if row.is_done:
        return found | {"out": outcome.tell(row), "file": _file(row)}
    if row.is_busy:
        return found | {"stale": clock.now() - row.changed_state_at > actions.STALE}
    series = row.to_series()
    share = series.unit.value == "share"
    failure = row.failure
    return found | {
        "form": form or forms.QuestionForm(forms.again(row), share=share),
        "overview": findings.overview(series, row.unit),
        "desk": {"chart": charts.of_series(series, row.metric, row.launch, row.window_days), "share": share},
        "failure": failures.by_code(failure["code"], failure["params"]) if failure else "",
    }


@in_workspace("goals.lookback.view")
@require_safe
def page(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The page; a fragment of it for htmx while it waits."""
    actor = _actor(request)
    row = queries.lookback(actor, public_id)
    template = "goals/lookback.html#body" if request.headers.get("HX-Request") else "goals/lookback.html"
    return render(request, template, shown(actor, row) | {"link": request.build_absolute_uri(request.path)})


@in_workspace("goals.lookback.view")
@require_safe
def peek(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The short version beside a list."""
    actor = _actor(request)
    return render(request, "goals/_peek.html", shown(actor, queries.lookback(actor, public_id)))


@in_workspace("goals.lookback.view")
@require_POST
def ask(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Set the question of a draft, or of one that could not be computed, and have it computed."""
    actor = _actor(request)
    row = queries.lookback(actor, public_id)
    form = forms.QuestionForm(request.POST, share=row.to_series().unit.value == "share")
    if form.is_valid():
        try:
            with transaction.atomic():
                if not row.is_busy:
                    actions.set_launch.run(actor, form.question(), target=row)
                actions.evaluate_lookback.run(actor, target=row)
            return redirect("goals:lookback", actor.workspace.slug, row.public_id)  # type: ignore[union-attr]
        except Invalid as error:
            for name, messages in error.fields.items():
                form.add_error(name if name in form.fields else None, messages)
    return render(request, "goals/lookback.html", shown(actor, row, form), status=422)


@in_workspace("goals.lookback.view")
def rename(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """GET: the row with its title open for typing. POST: the new title."""
    actor = _actor(request)
    row = queries.lookback(actor, public_id)
    template = "goals/_title.html" if request.GET.get("on") == "page" else "goals/_row.html"
    about: dict[str, Any] = {
        "item": told(row, actor),
        "row": row,
        "may_edit": authz.can(actor, "goals.lookback.edit", row),
    }
    if request.method != "POST":
        return render(request, template, about | {"editing": "cancel" not in request.GET})
    try:
        result = actions.rename_lookback.run(actor, {"title": request.POST.get("title", "")}, target=row)
    except Invalid as error:
        wrong = {
            "editing": True,
            "typed": request.POST.get("title", ""),
            "wrong": error.fields.get("title", [""])[0],
        }
        return render(request, template, about | wrong, status=422)
    about |= {"item": told(result.value, actor), "row": result.value}
    return done(request, render(request, template, about), _("Renamed."), result)


@in_workspace("goals.lookback.view")
@require_POST
def interpret(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """A person's reading beside the result."""
    actor = _actor(request)
    row = queries.lookback(actor, public_id)
    about: dict[str, Any] = {"row": row, "may_interpret": authz.can(actor, "goals.lookback.interpret", row)}
    typed = request.POST.get("text", "")
    try:
        result = actions.interpret_lookback.run(actor, {"text": typed}, target=row)
    except Invalid as error:
        wrong = {"typed": typed, "wrong": error.fields.get("text", [str(error.message)])[0]}
        return render(request, "goals/_reading.html", about | wrong, status=422)
    response = render(request, "goals/_reading.html", about | {"row": queries.lookback(actor, public_id)})
    return done(request, response, _("Saved."), result)


@in_workspace("goals.lookback.view")
@require_POST
def delete(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Gone from sight at once, with Undo."""
    actor = _actor(request)
    result = actions.delete_lookback.run(actor, target=public_id)
    template = "goals/_deleted.html" if request.GET.get("on") == "page" else "goals/_nothing.html"
    response = render(request, template, {"row": result.value})
    return done(request, response, _("“%(title)s” was deleted.") % {"title": result.value.title}, result)


@in_workspace("goals.lookback.view")
@require_safe
def days_csv(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The days of the result."""
    row = queries.lookback(_actor(request), public_id)
    effect = row.to_effect()
    if effect is None:
        raise NotFound
    response = HttpResponse(export.days_csv(effect, row.metric), content_type="text/csv; charset=utf-8")
    name = f"{_file(row)}.csv"
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
