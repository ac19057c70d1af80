"""When a member's mail comes."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from tongpin.kernel import clock
from tongpin.kernel.actions.registry import action
from tongpin.kernel.errors import Denied
from tongpin.kernel.events.recording import emit
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.notifications.enums import Rhythm
from tongpin.modules.notifications.events import RhythmSet
from tongpin.modules.notifications.models import MailRhythm
from tongpin.modules.notifications.permissions import PREFER
from tongpin.modules.notifications.rhythms import next_look

CHOSEN = ("rhythm", "hour", "weekday", "direct_at_once")


class SetRhythm(BaseModel):
    """What is left out stays. ``hour`` (0 to 23) and ``weekday`` (Monday 0) are in the member's zone."""

    model_config = ConfigDict(extra="forbid")

    rhythm: Rhythm
    hour: int | None = Field(None, ge=0, le=23)
    weekday: int | None = Field(None, ge=0, le=6)
    direct_at_once: bool | None = None


def _back(before: dict[str, Any], row: MailRhythm) -> dict[str, Any]:
    return dict(row.before or {})


@action(
    "notifications.rhythm.set",
    permission=PREFER.name,
    inverse="notifications.rhythm.set",
    inverse_data=_back,
)
def set_rhythm(actor: Actor, data: SetRhythm) -> MailRhythm:
    """Choose mail at once, once a day, once a week, or none."""
    if actor.membership is None or actor.user is None:
        raise Denied
    row: MailRhythm
    row, _made = MailRhythm.objects.select_for_update().get_or_create(
        workspace=actor.workspace, member=actor.membership
    )
    row.before = {name: getattr(row, name) for name in CHOSEN}
    chosen = {**row.before, **data.model_dump(exclude_none=True, mode="json")}
    if chosen != row.before:
        for name, value in chosen.items():
            setattr(row, name, value)
        row.next_at = next_look(row, ZoneInfo(actor.user.time_zone), clock.now())
        row.save()
        emit(RhythmSet(**chosen), row)
    return row
