"""Sending a member's digest."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Max
from django.urls import reverse
from django.utils import translation

from tongpin.kernel import clock
from tongpin.kernel.actions.registry import Empty, action
from tongpin.kernel.mail import compose
from tongpin.kernel.tenancy.actor import Actor
from tongpin.kernel.tenancy.models import Membership
from tongpin.modules.notifications import digest, unsubscribing
from tongpin.modules.notifications.models import MailRhythm
from tongpin.modules.notifications.permissions import DIGEST
from tongpin.modules.notifications.rhythms import goes_on, moment, next_look
from tongpin.modules.workspaces.public import calendar_of


@action("notifications.digest.send", permission=DIGEST.name, target=MailRhythm, api=False)
def send_digest(actor: Actor, row: MailRhythm, data: Empty) -> bool:
    """Send the member's digest if it is time and there is something to tell; whether it was sent.

    The row is locked, and the mail, what it told, and the next time are written together: whoever comes second, or
    after a crash, finds either all of it or nothing.
    """
    now = clock.now()
    if row.next_at is None or row.next_at > now:
        return False
    member = Membership.objects.select_related("user", "workspace").get(pk=row.member_id)
    zone = ZoneInfo(member.user.time_zone)
    row.next_at = next_look(row, zone, now)
    row.save(update_fields=["next_at"])
    if member.deactivated_at is not None or not member.user.is_active or not _is_time(row, zone, now):
        return False
    return _mailed(Actor.for_member(member), now)


def _is_time(row: MailRhythm, zone: ZoneInfo, now: datetime) -> bool:
    """Not before the hour (the member may have moved to another zone), and on a day digests go out."""
    today = now.astimezone(zone).date()
    return moment(row, today, zone) <= now and goes_on(row, today, calendar_of(row.workspace))


def _mailed(reader: Actor, now: datetime) -> bool:
    assert reader.user is not None
    assert reader.workspace is not None
    assert reader.membership is not None
    rows = digest.unmailed(reader)
    newest = rows.aggregate(pk=Max("pk"))["pk"]
    rows = rows.filter(pk__lte=newest or 0)  # what comes meanwhile is for the next one
    with translation.override(reader.user.language):
        told = digest.written(reader, rows)
    if told is not None:
        slug = reader.workspace.slug
        stop = unsubscribing.address(reader.membership)
        compose.message(
            reader.user,
            "notifications/mail/digest",
            {
                "digest": told,
                "workspace": reader.workspace,
                "inbox": compose.absolute(reverse("notifications:inbox", args=[slug])),
                "preferences": compose.absolute(reverse("notifications:preferences", args=[slug])),
                "unsubscribe": stop,
            },
        ).send(unsubscribe=stop)
    rows.update(mailed_at=now)
    return told is not None
