"""Sources and one source: parse, run an action, render."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tongpin.kernel import authz
from tongpin.kernel.actions.registry import Action
from tongpin.kernel.errors import DomainError, Invalid
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.analytics.actions import live as live_actions
from tongpin.modules.analytics.actions import source as actions
from tongpin.modules.analytics.actions.customer import look
from tongpin.modules.analytics.enums import Refusal
from tongpin.modules.analytics.forms import KeyForm, NewSourceForm, SourceForm
from tongpin.modules.analytics.permissions import CREATE, EDIT, SEE_PEOPLE, VIEW
from tongpin.modules.analytics.queries import source as queries
from tongpin.modules.analytics.queries.live import recent
from tongpin.modules.analytics.snippets import snippets
from tongpin.ui.access import in_workspace
from tongpin.ui.answers import done, toast
from tongpin.ui.forms import refuse

# Reasons whose label says what the detail, which is for programs and in English, would only repeat.
_SAY_ALL = {Refusal.PAUSED, Refusal.BOT, Refusal.CONSENT, Refusal.DENIED}


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _list(request: HttpRequest, form: NewSourceForm, status: int = 200) -> HttpResponse:
    actor = _actor(request)
    context = {
        "sources": queries.sources(actor),
        "form": form,
        "may_create": authz.can(actor, CREATE.name),
    }
    return render(request, "analytics/sources.html", context, status=status)


@in_workspace(VIEW.name)
@never_cache  # going back must not show what a button has changed since
@require_http_methods(["GET", "POST"])
def sources(request: HttpRequest) -> HttpResponse:
    """The sources of a workspace, and a form for one more."""
    if request.method == "GET":
        return _list(request, NewSourceForm())
    form = NewSourceForm(request.POST)
    if not form.is_valid():
        return _list(request, form, 422)
    try:
        outcome = actions.create_source.run(_actor(request), form.cleaned_data)
    except Invalid as error:
        refuse(form, error)
        return _list(request, form, 422)
    response = HttpResponse(status=204)
    row = outcome.value
    response.headers["HX-Redirect"] = reverse("analytics:source", args=[row.workspace.slug, row.public_id])
    return done(request, response, _("The source is ready: connect your app."), outcome)


def _page(
    request: HttpRequest, source: uuid.UUID, form: SourceForm | None = None, key_form: KeyForm | None = None
) -> HttpResponse:
    actor = _actor(request)
    row = queries.source(actor, source)
    key = next((each for each in row.all_keys if each.retired_at is None), None)  # type: ignore[attr-defined]
    filled = (
        [(each, each.filled(key.value, settings.SITE_URL)) for each in snippets(row.platform)] if key else []
    )
    context: dict[str, Any] = {
        "source": row,
        "snippets": filled,
        "may_edit": authz.can(actor, EDIT.name, row),
        "form": form or SourceForm.of(row),
        "key_form": key_form or KeyForm(),
    }
    return render(request, "analytics/source.html", context, status=422 if form or key_form else 200)


@in_workspace(VIEW.name)
@never_cache  # going back must not show what a button has changed since
@require_http_methods(["GET", "POST"])
def source(request: HttpRequest, source: uuid.UUID) -> HttpResponse:
    """One source: how to connect, its keys, what it takes."""
    if request.method == "GET":
        return _page(request, source)
    form = SourceForm.of(queries.source(_actor(request), source), request.POST)
    if not form.is_valid():
        return _page(request, source, form=form)
    try:
        outcome = actions.edit_source.run(_actor(request), form.changes(), target=source)
    except Invalid as error:
        refuse(form, error)
        return _page(request, source, form=form)
    return done(request, _page(request, source), _("Changed."), outcome)


@in_workspace(SEE_PEOPLE.name)
@never_cache
@require_safe
def live(request: HttpRequest, source: uuid.UUID) -> HttpResponse:
    """What arrives at a source at this moment, and why something was refused."""
    actor = _actor(request)
    row = queries.source(actor, source)
    look.run(actor, {"about": f"source:{row.public_id}"})
    live_actions.look(actor, row)
    context = {
        "source": row,
        "subject": live_actions.subject_of(row),
        "rows": [
            (
                seen,
                Refusal(seen.reason).label if seen.reason else "",
                "" if seen.reason in _SAY_ALL else seen.detail,
            )
            for seen in recent(row)
        ],
    }
    return render(request, "analytics/source_live.html", context)


def _run(
    request: HttpRequest, source: uuid.UUID, action: Action[Any], target: uuid.UUID, said: str
) -> HttpResponse:
    try:
        outcome = action.run(_actor(request), {}, target=target)
    except DomainError as error:
        if error.status != 409:
            raise
        return toast(_page(request, source), str(error.message), hint=str(error.hint), kind="error")
    return done(request, _page(request, source), said, outcome)


@in_workspace(VIEW.name)
@require_POST
def pause(request: HttpRequest, source: uuid.UUID) -> HttpResponse:
    """Take nothing more."""
    return _run(request, source, actions.pause_source, source, _("Paused: its events are refused."))


@in_workspace(VIEW.name)
@require_POST
def resume(request: HttpRequest, source: uuid.UUID) -> HttpResponse:
    """Take events again."""
    return _run(request, source, actions.resume_source, source, _("It takes events again."))


@in_workspace(VIEW.name)
@require_POST
def delete(request: HttpRequest, source: uuid.UUID) -> HttpResponse:
    """Take it away; the answer is the list."""
    outcome = actions.delete_source.run(_actor(request), {}, target=source)
    response = _list(request, NewSourceForm())
    response.headers["HX-Push-Url"] = reverse("analytics:sources", args=[outcome.value.workspace.slug])
    said = _("%(name)s was deleted. Its events stay.") % {"name": outcome.value.name}
    return done(request, response, said, outcome)


@in_workspace(VIEW.name)
@require_POST
def new_key(request: HttpRequest, source: uuid.UUID) -> HttpResponse:
    """One more key, made here."""
    return _add(request, source, {}, None)


@in_workspace(VIEW.name)
@require_POST
def own_key(request: HttpRequest, source: uuid.UUID) -> HttpResponse:
    """The key an SDK already sends."""
    form = KeyForm(request.POST)
    if not form.is_valid():
        return _page(request, source, key_form=form)
    return _add(request, source, form.cleaned_data, form)


def _add(request: HttpRequest, source: uuid.UUID, data: dict[str, Any], form: KeyForm | None) -> HttpResponse:
    try:
        outcome = actions.add_key.run(_actor(request), data, target=source)
    except Invalid as error:
        if form is None:
            raise
        refuse(form, error)
        return _page(request, source, key_form=form)
    except DomainError as error:
        if error.status != 409:
            raise
        return toast(_page(request, source), str(error.message), hint=str(error.hint), kind="error")
    return done(request, _page(request, source), _("The key opens this source now."), outcome)


@in_workspace(VIEW.name)
@require_POST
def retire_key(request: HttpRequest, source: uuid.UUID, source_key: uuid.UUID) -> HttpResponse:
    """Let it open nothing any more."""
    return _run(request, source, actions.retire_key, source_key, _("Retired: requests with it are refused."))


@in_workspace(VIEW.name)
@require_POST
def revive_key(request: HttpRequest, source: uuid.UUID, source_key: uuid.UUID) -> HttpResponse:
    """Let it open the source again."""
    return _run(request, source, actions.revive_key, source_key, _("The key opens this source again."))
