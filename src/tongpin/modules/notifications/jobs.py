"""What comes by the clock: snoozed lines come back, digests go out."""

from __future__ import annotations

import structlog

from tongpin.kernel import clock
from tongpin.kernel.jobs.queue import periodic
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Workspace
from tongpin.modules.notifications.actions import pushes
from tongpin.modules.notifications.actions.digest import send_digest
from tongpin.modules.notifications.actions.sorting import forget, wake
from tongpin.modules.notifications.models import Browser, Notification
from tongpin.modules.notifications.queries import digests_due, signed_in

log = structlog.get_logger("tongpin.notifications")


def wake_due() -> int:
    """Bring back every line whose time has come, in all workspaces. Returns how many."""
    due = Notification.objects.filter(snoozed_until__lte=clock.now(), archived_at=None)
    places = Workspace.objects.filter(pk__in=due.values("workspace"))
    return sum(wake.run(Actor.system(place)).value for place in places)


@periodic("* * * * *", "notifications.wake")
def wake_snoozed(timestamp: int) -> None:
    """Every minute."""
    wake_due()


def send_digests() -> int:
    """Send every digest whose time has come, each in a transaction of its own. Returns how many were sent."""
    sent = 0
    for row in digests_due():
        try:
            sent += send_digest.run(Actor.system(row.workspace), target=row).value
        except Exception:  # one member's must not hold up those after it; it is tried again in a minute
            log.exception("notifications.digest_failed", member=row.member_id)
    return sent


@periodic("* * * * *", "notifications.digests")
def digests(timestamp: int) -> None:
    """Every minute."""
    send_digests()


@periodic("28 3 * * *", "notifications.forget_browsers")
def forget_browsers(timestamp: int) -> None:
    """Every night: browsers at which nobody is signed in any more."""
    rows = list(Browser.objects.select_related("member__user"))
    here = {row.pk for row in signed_in(rows)}
    pushes.forget([row for row in rows if row.pk not in here])


@periodic("23 3 * * *", "notifications.forget_sortings")
def forget_sortings(timestamp: int) -> None:
    """What can no longer be taken back needs no memory."""
    forget()
