"""Whom this server calls of its own accord, and how that went last: what its owner reads on the System page.

Whoever makes such calls registers a list of them, and notes how each went unless its own rows tell that already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from django.db.models import F

from tongpin.kernel import clock
from tongpin.kernel.upkeep.models import Contact

#: One that goes on well is written down at most so often.
NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """``to`` is whom it calls, without secrets; ``why`` what went wrong last; ``guide`` tells how to mend it."""

    label: str
    to: str
    good_at: datetime | None = None
    bad_at: datetime | None = None
    why: str = ""
    guide: str = ""

    @property
    def state(self) -> Literal["good", "bad", "plain"]:
        """Of the last call; plain if there was none yet."""
        if self.bad_at is not None and (self.good_at is None or self.bad_at > self.good_at):
            return "bad"
        return "good" if self.good_at is not None else "plain"


Lists = Callable[[], Iterable[Outgoing]]
_lists: list[Lists] = []


def register(lists: Lists) -> None:
    """Add to what the server's owner is shown. Called from ``ready()``."""
    _lists.append(lists)


def everyone() -> list[Outgoing]:
    """Whom this server calls as it is set up, those with trouble first."""
    found = [one for lists in _lists for one in lists()]
    return sorted(found, key=lambda one: (one.state != "bad", one.label, one.to))


def note(
    name: str, *, error: str = "", facts: dict[str, Any] | None = None, at: datetime | None = None
) -> None:
    """Write down how a call went: well, unless there is an ``error`` (no secrets). Not within a transaction that may be
    taken back. ``at``: when it was (UTC), if not now.
    """
    now = at or clock.now()
    if error:
        Contact.objects.update_or_create(name=name, defaults={"bad_at": now, "words": error[:300]})
        return
    goes_on = Contact.objects.filter(name=name, good_at__gt=now - NOTED_EVERY).exclude(
        bad_at__gte=F("good_at")
    )
    if facts is None and goes_on.exists():
        return
    more = {} if facts is None else {"facts": facts}
    Contact.objects.update_or_create(name=name, defaults={"good_at": now, **more})


def last(name: str) -> Contact:
    """How it went last; an unsaved, empty row if there was no call."""
    return Contact.objects.filter(name=name).first() or Contact(name=name)
