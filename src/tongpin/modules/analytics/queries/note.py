"""Notes, and the choice of markers, as pages and charts show them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date

from django.db.models import F, Func, IntegerField

from tongpin.kernel import paging
from tongpin.kernel.errors import NotFound
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.analytics import markers
from tongpin.modules.analytics.models import MarkerChoice, Note
from tongpin.modules.workspaces.public import country_of


class _Back(Func):
    """How many days before a far one a date is: ascending in it is the latest day first."""

    template = "(DATE '9999-12-31' - %(expressions)s)"
    output_field = IntegerField()


def page(actor: Actor, q: str = "", cursor: str = "", limit: int = paging.LIMIT) -> paging.Page[Note]:
    """Notes whose text holds ``q``, the latest day first."""
    rows = Note.objects.visible_to(actor).select_related("owner__user", "workspace")
    if q:
        rows = rows.filter(text__icontains=q)
    return paging.ordered(rows.annotate(back=_Back(F("last"))), ["back"], cursor or None, limit)


def every(actor: Actor, q: str = "") -> list[Note]:
    """All of them, for a file."""
    rows = Note.objects.visible_to(actor).select_related("owner__user")
    return list((rows.filter(text__icontains=q) if q else rows).order_by("-last", "-public_id"))


def touching(actor: Actor, first: date, last: date, limit: int) -> list[Note]:
    """Those that touch the days from ``first`` to ``last``, the latest if there are more than ``limit``."""
    rows = Note.objects.visible_to(actor).filter(first__lte=last, last__gte=first)
    return list(rows.select_related("workspace").order_by("-last", "-public_id")[:limit])


def note(actor: Actor, public_id: uuid.UUID) -> Note:
    """One note. Raises NotFound."""
    rows = Note.objects.visible_to(actor).select_related("owner__user", "workspace")
    row: Note | None = rows.filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row


def any_note(actor: Actor) -> bool:
    """Whether the workspace has any."""
    return Note.objects.visible_to(actor).exists()


def shown_to(actor: Actor) -> set[str]:
    """Keys of the families this person sees: by their own choice, then the workspace's, then each one's rule."""
    assert actor.workspace is not None
    return markers.shown(country_of(actor.workspace), *_chosen(actor))


def shown_in(actor: Actor) -> set[str]:
    """Keys of the families that whoever has not chosen sees."""
    assert actor.workspace is not None
    return markers.shown(country_of(actor.workspace), _chosen(actor)[0])


def _chosen(actor: Actor) -> tuple[Mapping[str, bool], Mapping[str, bool]]:
    rows = MarkerChoice.objects.visible_to(actor)
    found = {member is not None: families for member, families in rows.values_list("member", "families")}
    return found.get(False, {}), found.get(True, {})
