"""What comes by the clock: snoozed lines come back."""

from __future__ import annotations

from tongpin.kernel import clock
from tongpin.kernel.jobs.queue import periodic
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Workspace
from tongpin.modules.notifications.actions.sorting import forget, wake
from tongpin.modules.notifications.models import Notification


def wake_due() -> int:
    """Bring back every line whose time has come, in all workspaces. Returns how many."""
    due = Notification.objects.filter(snoozed_until__lte=clock.now(), archived_at=None)
    places = Workspace.objects.filter(pk__in=due.values("workspace"))
    return sum(wake.run(Actor.system(place)).value for place in places)


@periodic("* * * * *", "notifications.wake")
def wake_snoozed(timestamp: int) -> None:
    """Every minute."""
    wake_due()


@periodic("23 3 * * *", "notifications.forget_sortings")
def forget_sortings(timestamp: int) -> None:
    """What can no longer be taken back needs no memory."""
    forget()
