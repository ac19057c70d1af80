"""How a member wants to hear of things."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict

from tongpin.kernel.actions.registry import action
from tongpin.kernel.errors import Denied, Invalid
from tongpin.kernel.events.recording import emit
from tongpin.kernel.news import Delivery, kinds
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.notifications.events import PreferenceSet
from tongpin.modules.notifications.models import Preference
from tongpin.modules.notifications.permissions import PREFER


class SetPreference(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: str
    delivery: Delivery | None = None
    push: bool | None = None


def _back(before: dict[str, Any], row: Preference) -> dict[str, Any]:
    return {"kind": row.kind, **(row.before or {})}


@action(
    "notifications.preference.set",
    permission=PREFER.name,
    inverse="notifications.preference.set",
    inverse_data=_back,
)
def set_preference(actor: Actor, data: SetPreference) -> Preference:
    """Choose inbox and e-mail, inbox only, or nothing for one kind of news, and whether browsers show it as well.

    What is left out stays.
    """
    if actor.membership is None:
        raise Denied
    kind = kinds().get(data.kind)
    if kind is None:
        raise Invalid(_("There is no such kind of notification."), field="kind")
    row: Preference
    row, _made = Preference.objects.select_for_update().get_or_create(
        workspace=actor.workspace,
        member=actor.membership,
        kind=kind.key,
        defaults={"delivery": kind.default},
    )
    row.before = {"delivery": row.delivery, "push": kind.direct if row.push is None else row.push}
    chosen = {**row.before, **data.model_dump(include={"delivery", "push"}, exclude_none=True, mode="json")}
    if chosen != row.before:
        row.delivery, row.push = chosen["delivery"], chosen["push"]
        row.save(update_fields=["delivery", "push"])
        emit(PreferenceSet(kind=kind.key, delivery=row.delivery, push=row.push), row)
    return row
