"""What comes by the clock."""

from __future__ import annotations

from tongpin.kernel.jobs.queue import periodic
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Workspace
from tongpin.modules.discussions.actions.upkeep import forget_unused


@periodic("10 3 * * *", "discussions.forget_unused")
def forget_unused_files(timestamp: int) -> None:
    """Before the files' own sweep, which then frees the space."""
    for workspace in Workspace.objects.filter(deleted_at=None):
        forget_unused.run(Actor.system(workspace))
