"""Turning one event into inbox lines and mails."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from pydantic import BaseModel, ConfigDict

from tongpin.kernel import clock, objects
from tongpin.kernel.actions.registry import action
from tongpin.kernel.errors import NotFound
from tongpin.kernel.events.models import Event
from tongpin.kernel.events.recording import emit
from tongpin.kernel.mail import compose
from tongpin.kernel.news import Delivery, Rule, Wording, rules_for
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership
from tongpin.modules.notifications import unsubscribing
from tongpin.modules.notifications.actions import pushes
from tongpin.modules.notifications.enums import Rhythm
from tongpin.modules.notifications.events import NotificationArrived
from tongpin.modules.notifications.models import Notification
from tongpin.modules.notifications.permissions import ANNOUNCE
from tongpin.modules.notifications.queries import deliveries, muted_by, rhythms

TITLE_MAX, BODY_MAX, URL_MAX = 200, 600, 500


class AnnounceEvent(BaseModel):
    """``event`` is the uid of an event of the actor's workspace."""

    model_config = ConfigDict(extra="forbid")

    event: uuid.UUID


@action("notifications.event.announce", permission=ANNOUNCE.name, api=False)
def announce(actor: Actor, data: AnnounceEvent) -> list[Notification]:
    """Tell those whom the event's rules name, as they want to be told; each at most once, however often this runs."""
    event = (
        Event.objects.select_related("actor", "workspace")
        .filter(uid=data.event, workspace=actor.workspace)
        .first()
    )
    if event is None:
        raise NotFound
    told = set(Notification.objects.filter(event=event.uid).values_list("recipient", flat=True))
    made: list[Notification] = []
    for rule in rules_for(event.name):
        members = [m for m in _recipients(rule, event) if m.pk not in told]
        if not members:
            continue
        wanted = deliveries(members, rule.kind)
        deaf = set() if rule.kind.direct else muted_by(members, rule.thread_of(event))
        members = [m for m in members if wanted[m.pk] != Delivery.OFF and m.pk not in deaf]
        told.update(m.pk for m in members)
        made += _tell(rule, event, members, wanted)
    return made


def _recipients(rule: Rule, event: Event) -> list[Membership]:
    """Those the rule names, once each: of this workspace, active, able to see what it is about, and not the doer."""
    found = {}
    for member in rule.recipients(event):
        fits = (
            member.workspace_id == event.workspace_id
            and member.user_id != event.actor_id
            and member.user.is_active
            and (member.deactivated_at is None or rule.reaches_deactivated)
            and objects.sees(member, event.subject_type, event.subject_id)
        )
        if fits:
            found[member.pk] = member
    return list(found.values())


def _tell(
    rule: Rule, event: Event, members: list[Membership], wanted: dict[int, Delivery]
) -> list[Notification]:
    if not members:
        return []
    said = _worded(rule, event)
    own = said[settings.LANGUAGE_CODE]
    words = {code: {"title": w.title[:TITLE_MAX], "body": w.body[:BODY_MAX]} for code, w in said.items()}
    about_type, about_id = rule.thread_of(event)
    rows = [
        Notification(
            workspace=event.workspace,
            recipient=member,
            event=event.uid,
            kind=rule.kind.key,
            subject_type=event.subject_type,
            subject_id=event.subject_id,
            about_type=about_type,
            about_id=about_id,
            by=event.actor,
            words=words,
            url=own.url if len(own.url) <= URL_MAX and own.url.startswith("/") else "",
            happened_at=event.at,
        )
        for member in members
    ]
    when = rhythms(members)
    now = clock.now()
    for row, member in zip(rows, members, strict=True):
        # Whose access has ended gets no digest any more: what they are still told comes at once.
        waits = member.deactivated_at is None and not when[member.pk].mails_at_once(rule.kind)
        if wanted[member.pk] == Delivery.MAIL and when[member.pk].rhythm != Rhythm.NEVER and not waits:
            row.mailed_at = now
    Notification.objects.bulk_create(rows)
    pushes.put(rows, rule.kind)
    for row, member in zip(rows, members, strict=True):
        emit(NotificationArrived(kind=row.kind), row)
        if row.mailed_at is not None:
            _mail(rule, row, member)
    return rows


def _worded(rule: Rule, event: Event) -> dict[str, Wording]:
    """The event's words in every language the product has."""
    said = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            said[code] = rule.wording(event, code)
    return said


def _mail(rule: Rule, row: Notification, member: Membership) -> None:
    slug = row.workspace.slug
    has_access = member.deactivated_at is None
    link = reverse("notifications:open", args=[slug, row.public_id]) if row.url and has_access else ""
    preferences = f"{reverse('notifications:preferences', args=[slug])}#{rule.kind.anchor}"
    stop = unsubscribing.address(member, rule.kind)
    compose.message(
        member.user,
        "notifications/mail/notification",
        {
            "row": row,
            "workspace": row.workspace,
            "kind": rule.kind,
            "url": compose.absolute(link) if link else "",
            "preferences": compose.absolute(preferences) if has_access else "",
            "unsubscribe": stop,
        },
    ).send(key=f"notification:{row.event}:{member.pk}", unsubscribe=stop)
