"""What happened in a workspace, in words."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from tongpin.kernel import objects
from tongpin.kernel.events import payloads
from tongpin.kernel.events.models import Event
from tongpin.kernel.objects import Card
from tongpin.kernel.realtime import audience
from tongpin.kernel.tenancy.actor import Actor

#: Says what was done, to stand after the name of who did it. Gets the typed payload.
Words = Callable[[Any], str]

_words: dict[str, Words] = {}


@dataclass(frozen=True, slots=True)
class Described:
    """One line of the activity page. ``card`` is what it happened to, where the reader may see that."""

    event: Event
    said: str
    card: Card | None


def describe(name: str, words: Words) -> None:
    """Say how an event reads on the activity page: ``describe("goals.lookback_renamed", lambda p: _("renamed …"))``.

    Called from ``ready()``; the function runs in the reader's language.
    """
    _words[name] = words


def described() -> list[str]:
    """The names of the events that have words."""
    return list(_words)


def activity(
    actor: Actor, cursor: uuid.UUID | None, limit: int = 50
) -> tuple[list[Described], uuid.UUID | None]:
    """The workspace's events, newest first, before the one ``cursor`` names; and where the next page begins."""
    rows = Event.objects.filter(workspace=actor.workspace).select_related("actor")
    rows = rows.exclude(subject_type__in=audience.personal_types())  # one's inbox is one's own
    if cursor is not None:
        last = Event.objects.filter(uid=cursor, workspace=actor.workspace).values_list("at", "pk").first()
        if last is not None:
            rows = rows.filter(Q(at__lt=last[0]) | Q(at=last[0], pk__lt=last[1]))
    found = list(rows.order_by("-at", "-pk")[: limit + 1])
    page, more = found[:limit], len(found) > limit
    cards = objects.cards(actor, {(event.subject_type, event.subject_id) for event in page})
    lines = [
        Described(event, say(event), cards.get((event.subject_type, event.subject_id))) for event in page
    ]
    return lines, page[-1].uid if more else None


def say(event: Event) -> str:
    """What was done, in the reader's language; its thing and verb where nobody gave it words."""
    words = _words.get(event.name)
    if words is not None:
        try:
            return words(payloads.from_row(event.name, event.v, event.payload))
        except (KeyError, TypeError):  # written by a module or version this server does not have
            pass
    kind = objects.types().get(event.subject_type)
    verb = event.name.rpartition(".")[2].replace("_", " ")
    return _("%(thing)s: %(verb)s") % {"thing": kind.label, "verb": verb} if kind else verb
