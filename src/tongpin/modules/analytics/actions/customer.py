"""What members do with customers and with personal data: look, and look after."""

from __future__ import annotations

import uuid

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field

from tongpin.kernel import clock
from tongpin.kernel.actions.registry import action
from tongpin.kernel.errors import Invalid
from tongpin.kernel.events.recording import emit
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.enums import Role
from tongpin.kernel.tenancy.models import Membership
from tongpin.modules.analytics.models import Customer, PersonalLook
from tongpin.modules.analytics.people_events import CustomerGiven, PersonalDataSeen
from tongpin.modules.analytics.permissions import EDIT_CUSTOMER, SEE_PEOPLE

ABOUT = r"^(user:[0-9a-f]{16}|customer:[0-9a-f-]{36})$"
"""A user by the hash its page is named by, or a customer by its public id."""


class Look(BaseModel):
    """``about`` as in ``PersonalLook``."""

    model_config = ConfigDict(extra="forbid")
    about: str = Field(
        min_length=1,
        max_length=60,
        pattern=r"^(users|user:[0-9a-f]{16}|customer:[0-9a-f-]{36}|source:[0-9a-f-]{36}|segment:[0-9a-f-]{36})$",
    )


@action("analytics.person.look", permission=SEE_PEOPLE.name, api=False)
def look(actor: Actor, data: Look) -> PersonalLook | None:
    """Note in the audit log that somebody looks at personal data; once an hour for each thing looked at."""
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    row, fresh = PersonalLook.objects.get_or_create(
        workspace=actor.workspace, user=actor.user, about=data.about, hour=hour
    )
    if fresh:
        emit(PersonalDataSeen(about=data.about), row)
    return row if fresh else None


class GiveCustomer(BaseModel):
    """``owner``: the membership's public id, or None for nobody."""

    model_config = ConfigDict(extra="forbid")
    owner: uuid.UUID | None = None


@action(
    "analytics.customer.give",
    permission=EDIT_CUSTOMER.name,
    target=Customer,
    inverse="analytics.customer.give",
    inverse_data=lambda before, row: {"owner": _public(before["owner_id"])},
)
def give_customer(actor: Actor, row: Customer, data: GiveCustomer) -> Customer:
    """Say which member looks after a customer."""
    owner = None
    if data.owner is not None:
        found = Membership.objects.visible_to(actor).active().filter(public_id=data.owner)
        owner = found.exclude(role=Role.GUEST).first()
        if owner is None:
            raise Invalid(_("This is not a member of the workspace."), field="owner", code="no_member")
    if row.owner_id != (owner.pk if owner else None):
        row.owner = owner
        row.save(update_fields=["owner"])
        emit(CustomerGiven(owner=str(owner.public_id) if owner else None), row)
    return row


def _public(pk: int | None) -> uuid.UUID | None:
    return Membership.objects.filter(pk=pk).values_list("public_id", flat=True).first() if pk else None
