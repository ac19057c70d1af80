"""What the server's owner may do on the system page."""

from __future__ import annotations

import uuid

from pydantic import BaseModel, ConfigDict

from tongpin.kernel.actions.registry import action
from tongpin.kernel.errors import NotFound
from tongpin.kernel.events import relay
from tongpin.kernel.events.models import ParkedEvent
from tongpin.kernel.events.recording import emit
from tongpin.kernel.mail import deliver
from tongpin.kernel.mail.models import MailState, OutboxMail
from tongpin.kernel.tenancy.actor import Actor
from tongpin.modules.workspaces import events
from tongpin.modules.workspaces.actions.person import person_of


class RetryEvent(BaseModel):
    model_config = ConfigDict(extra="forbid")

    subscriber: str
    event: uuid.UUID


class RetryMail(BaseModel):
    model_config = ConfigDict(extra="forbid")

    mail: uuid.UUID


@action("workspaces.relay.retry", permission="workspaces.server.manage", account=True, api=False)
def retry_event(actor: Actor, data: RetryEvent) -> bool:
    """Hand a parked event to its subscriber again. True if it went through; else it stays parked with its new error."""
    parked = ParkedEvent.objects.filter(subscriber=data.subscriber, event__uid=data.event).first()
    if parked is None:
        raise NotFound
    done = relay.retry(parked.pk)
    emit(
        events.ParkedEventRetried(subscriber=data.subscriber, event=data.event, went_through=done),
        person_of(actor),
    )
    return done


@action("workspaces.mail.retry", permission="workspaces.server.manage", account=True, api=False)
def retry_mail(actor: Actor, data: RetryMail) -> OutboxMail:
    """Queue a mail again that could not be sent."""
    row = OutboxMail.objects.filter(uid=data.mail, state=MailState.FAILED).first()
    if row is None:
        raise NotFound
    emit(events.MailRetried(mail=row.uid), person_of(actor))
    deliver.retry(row)
    return row
