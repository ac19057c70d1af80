"""Pieces of other pages: an object's relations, the dialog that adds one, and what it finds."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tongpin.kernel import objects
from tongpin.kernel.errors import Conflict, Invalid
from tongpin.kernel.objects import Card
from tongpin.kernel.tenancy.actor import Actor
from tongpin.lib.ids import parse_id
from tongpin.modules.relations import actions, queries
from tongpin.modules.relations.enums import PHRASES, Kind
from tongpin.modules.relations.models import Reference
from tongpin.modules.relations.panel import context
from tongpin.modules.relations.permissions import EDIT, VIEW
from tongpin.ui.access import in_workspace
from tongpin.ui.answers import done


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


@in_workspace(VIEW.name)
@require_safe
def of(request: HttpRequest, kind: str, subject: uuid.UUID) -> HttpResponse:
    """An object's relations as its page shows them; those from ``?cursor=`` on. On its own: the object's page."""
    actor = _actor(request)
    row = objects.find(actor, kind, subject)
    if not request.headers.get("HX-Request"):
        return redirect(objects.types()[kind].card(row).url)
    return _panel(request, (kind, subject), request.GET.get("cursor", ""))


def _panel(request: HttpRequest, reference: Reference, cursor: str = "") -> HttpResponse:
    return render(request, "relations/_list.html", context(_actor(request), reference, cursor))


@in_workspace(EDIT.name)
@require_safe
def find(request: HttpRequest, kind: str, subject: uuid.UUID) -> JsonResponse:
    """Source of the dialog's search box: ``?q=`` in titles, texts and pinyin, or a pasted address."""
    actor = _actor(request)
    objects.find(actor, kind, subject)
    found = queries.candidates(actor, (kind, subject), request.GET.get("q", ""), request.get_host())
    return JsonResponse({"items": [_choice(card) for card in found]})


def _choice(card: Card) -> dict[str, str]:
    label = objects.types()[card.type].label
    return {
        "id": f"{card.type}:{card.id}",
        "title": card.title,
        "hint": " · ".join(str(part) for part in (label, card.state, card.hint) if part),
    }


@in_workspace(EDIT.name)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, kind: str, subject: uuid.UUID) -> HttpResponse:
    """GET: the dialog. POST: link the object, by ``phrase``, with ``other`` (``type:id``)."""
    actor = _actor(request)
    objects.find(actor, kind, subject)
    if request.method == "GET":
        return _dialog(request, (kind, subject))
    here = {"type": kind, "id": str(subject)}
    try:
        phrase = next((one for one in PHRASES if one.name == request.POST.get("phrase")), None)
        there = _named(request.POST.get("other", ""))
        if phrase is None or there is None:
            raise Invalid(_("Choose what to link."), field="other", code="missing")
        this, other = (there, here) if phrase.backward else (here, there)
        data = {"kind": phrase.kind, "this": this, "other": other}
        outcome = actions.add_relation.run(actor, data, once=request.POST.get("once") or None)
    except (Invalid, Conflict) as error:
        said = " ".join(str(part) for part in (error.message, error.hint) if part)
        return _dialog(request, (kind, subject), said)
    return done(request, _panel(request, (kind, subject)), _("Linked."), outcome)


def _named(text: str) -> dict[str, str] | None:
    key, _colon, public_id = text.partition(":")
    return {"type": key, "id": public_id} if parse_id(public_id) else None


def _dialog(request: HttpRequest, reference: Reference, wrong: str = "") -> HttpResponse:
    """The dialog; 422, with what was chosen, where that was refused."""
    actor = _actor(request)
    chosen = _named(request.POST.get("other", ""))
    cards: list[Card] = []
    if chosen:
        cards = list(objects.cards(actor, [(chosen["type"], uuid.UUID(chosen["id"]))]).values())
    arguments = [actor.workspace.slug, *reference]  # type: ignore[union-attr]
    found: dict[str, Any] = {
        "phrases": PHRASES,
        "phrase": request.POST.get("phrase", Kind.RELATES.value),
        "chosen": [_choice(card) for card in cards],
        "wrong": wrong,
        "once": request.POST.get("once") or uuid.uuid4().hex,
        "url": request.path,
        "find_url": reverse("relations:find", args=arguments),
    }
    return render(request, "relations/_dialog.html", found, status=422 if wrong else 200)


@in_workspace(EDIT.name)
@require_POST
def remove(request: HttpRequest, relation: uuid.UUID) -> HttpResponse:
    """Unlink; ``on`` (``type:id``) is the end on whose page this was asked."""
    actor = _actor(request)
    outcome = actions.remove_relation.run(actor, target=relation)
    ends = {
        f"{key}:{public_id}": (key, public_id) for key, public_id in (outcome.value.start, outcome.value.end)
    }
    reference = ends.get(request.POST.get("on", ""), outcome.value.start)
    return done(request, _panel(request, reference), _("The link was removed."), outcome)
