"""The server pauses a robot that may not, or cannot, send any more, and its owner is told (``news``)."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from tongpin.kernel import clock
from tongpin.kernel.actions.registry import action
from tongpin.kernel.events.recording import emit
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.digests import events
from tongpin.modules.digests.enums import Why
from tongpin.modules.digests.models import Robot
from tongpin.modules.digests.permissions import STOP
from tongpin.modules.digests.queries.robot import lost_right


class StopRobot(BaseModel):
    model_config = ConfigDict(extra="forbid")

    why: Why
    said: str = ""


@action("digests.robot.stop", permission=STOP.name, target=Robot, api=False)
def stop_robot(actor: Actor, row: Robot, data: StopRobot) -> Robot:
    """Pause a robot for a reason that a person has to mend."""
    if row.paused_at is None:
        row.paused_at, row.paused_why, row.paused_said = clock.now(), data.why, data.said[:300]
        row.save(update_fields=["paused_at", "paused_why", "paused_said"])
        emit(events.RobotStopped(name=row.name, why=data.why.value, said=row.paused_said), row)
    return row


def stop(row: Robot, why: Why, said: str = "") -> None:
    """``stop_robot`` by the server itself. A robot whose project is deleted meanwhile is left as it is."""
    actor = Actor.system(row.workspace)
    if Robot.objects.visible_to(actor).filter(pk=row.pk).exists():
        stop_robot.run(actor, {"why": why, "said": said}, target=row)


def stop_those_without_right(robots: list[Robot]) -> int:
    """Stop the robots whose owner has lost the right to what they send; ``queries.with_owner`` loaded them."""
    stopped = 0
    for row in robots:
        why = lost_right(row)
        if why is not None:
            stop(row, why)
            stopped += 1
    return stopped
