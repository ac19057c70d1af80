"""From the event stream: what is news is announced."""

from __future__ import annotations

from tongpin.kernel.events.models import Event
from tongpin.kernel.news import rules_for
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.notifications.actions.announce import announce


def on_events(events: list[Event]) -> None:
    """Announce each event that a rule is about. Idempotent: an event tells a member once."""
    for event in events:
        if event.workspace is not None and rules_for(event.name):
            announce.run(Actor.system(event.workspace), {"event": event.uid})
