"""Until when something may be snoozed: a few moments worth offering, and any day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from tongpin.kernel import clock
from tongpin.kernel.errors import Invalid
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.workspaces.public import calendar_of

MORNING = time(9)
LATER = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the snooze picker."""

    key: str
    label: str
    at: datetime


def moments(actor: Actor) -> list[Moment]:
    """What is offered now; days begin at MORNING in the reader's zone, working days are the workspace's."""
    assert actor.user is not None
    assert actor.workspace is not None
    zone = ZoneInfo(actor.user.time_zone)
    now = clock.now().astimezone(zone)
    today = now.date()
    later = (now + LATER).replace(minute=0, second=0, microsecond=0)
    days = {
        "tomorrow": (_("Tomorrow morning"), today + timedelta(days=1)),
        "workday": (_("Next working day"), calendar_of(actor.workspace).add_working_days(today, 1)),
        "week": (_("Next week"), today + timedelta(days=7 - today.weekday())),
    }
    found = [Moment("later", _("Later today"), later)] if later.date() == today else []
    for key, (label, day) in days.items():
        at = datetime.combine(day, MORNING, zone)
        if all(at != moment.at for moment in found):  # on a Sunday tomorrow is Monday, and next week too
            found.append(Moment(key, label, at))
    return found


def moment_of(actor: Actor, key: str, day: str) -> datetime:
    """The moment the picker's answer means: one of ``moments`` by its key, or ``date`` with an ISO day.

    Raises Invalid for anything else.
    """
    assert actor.user is not None
    if key == "date":
        try:
            return datetime.combine(date.fromisoformat(day), MORNING, ZoneInfo(actor.user.time_zone))
        except ValueError:
            raise Invalid(_("Choose the day on which it shall come back."), field="date") from None
    for moment in moments(actor):
        if moment.key == key:
            return moment.at
    raise Invalid(_("Choose when it shall come back."), field="when")
