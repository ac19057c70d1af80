"""What happened in a workspace, in words."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
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
Reference = tuple[str, uuid.UUID]
#: The further object that the words end in, as (type, public id as the payload has it). Gets the typed payload.
Names = Callable[[Any], tuple[str, uuid.UUID | str]]


@dataclass(frozen=True, slots=True)
class _Wording:
    words: Words
    names: Names | None
    is_quiet: bool


_wordings: dict[str, _Wording] = {}


@dataclass(frozen=True, slots=True)
class Said:
    """What was done: ``words`` and, after them, ``other``, the object they name. ``is_hidden``: they name one that the
    reader does not see, or that is gone.
    """

    words: str
    other: Card | None = None
    is_hidden: bool = False

    def __str__(self) -> str:
        if self.other is not None:
            return f"{self.words} {self.other.title}"
        return f"{self.words} …" if self.is_hidden else self.words


@dataclass(frozen=True, slots=True)
class Described:
    """One line of the activity page. ``card`` is what it happened to, where the reader may see that."""

    event: Event
    said: Said
    card: Card | None


def describe(name: str, words: Words, *, names: Names | None = None, quiet: bool = False) -> None:
    """Say how an event reads where it is told: ``describe("goals.lookback_renamed", lambda p: _("renamed …"))``.

    ``names``: the object whose title the words end in, looked up for the reader, so that nothing is told of what they
    may not see. ``quiet``: too small for an object's own activity. Called from ``ready()``; ``words`` runs in the
    reader's language.
    """
    _wordings[name] = _Wording(words, names, quiet)


def told() -> list[str]:
    """The names of the events that an object's activity tells."""
    return [name for name, wording in _wordings.items() if not wording.is_quiet]


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
    cards = cards_for(actor, page)
    lines = [
        Described(event, say(event, cards), cards.get((event.subject_type, event.subject_id)))
        for event in page
    ]
    return lines, page[-1].uid if more else None


def cards_for(actor: Actor, events: list[Event], besides: Reference | None = None) -> dict[Reference, Card]:
    """Cards of what the events happened to (but for ``besides``) and of what their words name, as far as the actor
    sees it.
    """
    wanted = {(event.subject_type, event.subject_id) for event in events} - {besides}
    return objects.cards(actor, wanted | {named for event in events if (named := _named(event)) is not None})


def _named(event: Event) -> Reference | None:
    wording, payload = _wordings.get(event.name), _payload(event)
    if wording is None or wording.names is None or payload is None:
        return None
    key, public_id = wording.names(payload)
    return key, uuid.UUID(str(public_id))


def _payload(event: Event) -> Any:
    """None for what was written by a module or version that this server does not have."""
    try:
        return payloads.from_row(event.name, event.v, event.payload)
    except (KeyError, TypeError):
        return None


def say(event: Event, cards: Mapping[Reference, Card] | None = None) -> Said:
    """What was done, in the reader's language; its thing and verb where nobody gave it words. ``cards``: those of
    ``cards_for``, without which nothing is named.
    """
    wording, payload = _wordings.get(event.name), _payload(event)
    if wording is not None and payload is not None:
        named = _named(event)
        other = (cards or {}).get(named) if named else None
        return Said(wording.words(payload), other, is_hidden=named is not None and other is None)
    kind = objects.types().get(event.subject_type)
    verb = event.name.rpartition(".")[2].replace("_", " ")
    return Said(_("%(thing)s: %(verb)s") % {"thing": kind.label, "verb": verb} if kind else verb)
