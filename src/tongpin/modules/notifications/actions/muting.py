"""Wanting no more news of one object."""

from __future__ import annotations

import uuid
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from tongpin.kernel.actions.registry import Empty, action
from tongpin.kernel.errors import Denied, NotFound
from tongpin.kernel.realtime import hints
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.notifications.actions.inbox import SORTED
from tongpin.modules.notifications.models import MutedThread, Notification
from tongpin.modules.notifications.permissions import EDIT


class MuteThread(BaseModel):
    """The object, as type (``app.model``) and public id: one there has been news of."""

    model_config = ConfigDict(extra="forbid")

    about_type: str = Field(max_length=60)
    about_id: uuid.UUID


@action("notifications.thread.mute", permission=EDIT.name, inverse="notifications.thread.unmute")
def mute(actor: Actor, data: MuteThread) -> MutedThread:
    """Hear no more of an object, but what names one directly."""
    if actor.membership is None:
        raise Denied
    thread = {"about_type": data.about_type, "about_id": data.about_id}
    newest = Notification.objects.visible_to(actor).filter(**thread).order_by("-pk").first()
    if newest is None:
        raise NotFound
    row: MutedThread
    row, _made = MutedThread.objects.get_or_create(
        workspace=actor.workspace, member=actor.membership, **thread, defaults={"words": newest.words}
    )
    hints.tell(actor, SORTED)
    return row


def _back(before: dict[str, Any], row: MutedThread) -> dict[str, Any]:
    return {"about_type": before["about_type"], "about_id": str(before["about_id"])}


@action(
    "notifications.thread.unmute",
    permission=EDIT.name,
    target=MutedThread,
    inverse="notifications.thread.mute",
    inverse_data=_back,
)
def unmute(actor: Actor, row: MutedThread, data: Empty) -> MutedThread:
    """Hear of it again."""
    MutedThread.objects.filter(pk=row.pk).delete()
    hints.tell(actor, SORTED)
    return row
