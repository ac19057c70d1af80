"""The queue: updates written by the relay, and the messages they become under each vendor's limits.

Like the outbox of mails these rows are the mechanism's own: no person asks for them, so no action and no event stands
behind each. Nothing here talks to a vendor (``sending`` does), and no transaction is open while it does.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

import structlog
from django.db import connection, transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tongpin.kernel import clock
from tongpin.kernel.realtime import hints
from tongpin.lib.ids import new_id
from tongpin.modules.digests import pacing
from tongpin.modules.digests.actions.stopping import stop
from tongpin.modules.digests.enums import MessageState, Verdict, Why
from tongpin.modules.digests.models import Message, Pace, Robot, Update
from tongpin.modules.digests.queries.robot import keepers, lost_right, with_owner
from tongpin.modules.digests.vendors import VENDORS
from tongpin.modules.digests.vendors.base import Answer, Line, Note, Vendor

log = structlog.get_logger("tongpin.robots")

CHANNEL = "tongpin_robots"
MOST_LINES = 30
"""Updates in one message: a longer list nobody reads in a chat."""
ATTEMPTS = 8
FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(minutes=30)
LEASE = timedelta(minutes=2)  # well above the time one call may take
OLDEST = timedelta(hours=24)
KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Taken:
    """A message to send now. ``token`` shows, when the answer comes, that nobody took it over meanwhile. ``picture``
    (PNG) goes instead of the note, where the vendor takes pictures as messages of their own."""

    message: Message
    robot: Robot
    note: Note
    token: uuid.UUID
    picture: bytes | None = None


def put(updates: Sequence[Update]) -> int:
    """Queue updates, each event once a robot however often it is handed over. Returns how many were new."""
    before = Update.objects.filter(
        robot__in={update.robot_id for update in updates}, event__in={update.event for update in updates}
    )
    known = set(before.values_list("robot", "event"))
    fresh = [update for update in updates if (update.robot_id, update.event) not in known]
    Update.objects.bulk_create(fresh, ignore_conflicts=True)
    wake({update.robot_id for update in fresh})
    for robot in {update.robot_id: update.robot for update in fresh}.values():
        show(robot)
    return len(fresh)


def show(row: Robot) -> None:
    """Have the robot's open pages show its log anew. Neither waiting nor sending is an event."""
    hints.tell_each(keepers(row), f"{Robot._meta.label_lower}:{row.public_id}")


def wake(robots: set[int]) -> None:
    """Have the queue look at these robots now."""
    if not robots:
        return
    look_at(robots, clock.now())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])


def look_at(robots: set[int], at: datetime) -> None:
    """Have the queue look at these robots at that instant, if it would not sooner."""
    due = Pace.objects.filter(robot__in=robots).filter(Q(next_at=None) | Q(next_at__gt=at))
    # In one order, so that two who do this for the same robots do not wait for each other.
    for pk in due.order_by("pk").select_for_update().values_list("pk", flat=True):
        Pace.objects.filter(pk=pk).update(next_at=at)


def claim(robot: int | None = None) -> Taken | None:
    """The next message that may be sent now, of any robot due or of this one; None if there is none.

    Each robot has one message on its way at a time, whatever the number of workers: its pace's row is claimed, and
    held by a lease while the vendor answers. A worker that dies loses the lease; the message is then sent again.
    """
    while True:
        now = clock.now()
        with transaction.atomic():
            due = Pace.objects.select_for_update(skip_locked=True)
            due = due.filter(Q(lease_until=None) | Q(lease_until__lte=now))
            due = due.filter(next_at__lte=now) if robot is None else due.filter(robot=robot)
            pace = due.order_by("next_at", "pk").first()
            if pace is None:
                return None
            taken = _take(pace, now)
            pace.save(update_fields=["sent", "next_at", "lease", "lease_until"])
            if taken is not None or robot is not None:
                return taken


def _take(pace: Pace, now: datetime) -> Taken | None:
    """The robot's next message; without one, ``pace.next_at`` says when to look again."""
    row = with_owner(Robot.objects.all()).get(pk=pace.robot_id)
    pace.next_at = None
    why = lost_right(row) if row.deleted_at is None else None
    if why is not None:
        stop(row, why)
    if row.deleted_at is not None or row.project.deleted_at is not None or why is not None:
        return None
    open_ones = Message.objects.filter(robot=row, state__in=[MessageState.WAITING, MessageState.SENDING])
    message = open_ones.filter(is_test=True).order_by("pk").first()
    if message is None:
        if row.paused_at is not None:
            return None
        _let_go(row, now)
        message = open_ones.order_by("pk").first()
        if message is None and not row.updates.filter(message=None).exists():
            return None
        later = [at for at in (message and message.next_at, row.quiet_end(now)) if at and at > now]
        if later:
            pace.next_at = max(later)
            return None
    vendor = VENDORS[row.vendor]
    free = max(pacing.free_at(vendor.LIMITS, pace.sent, now), pace.blocked_until or now)
    if free > now:
        pace.next_at = free
        return None
    message = message or _form(row, vendor, pacing.room(vendor.LIMITS, pace.sent, now))
    message.state = MessageState.SENDING
    message.attempts += 1
    message.save(update_fields=["state", "attempts"])
    token = new_id()
    pace.lease, pace.lease_until, pace.next_at = token, now + LEASE, now + LEASE
    # Until the answer tells, the vendor may get it as late as the lease ends.
    pace.sent = [*pacing.kept(vendor.LIMITS, pace.sent, now), now + LEASE]
    return Taken(message, row, _note(row, message), token, _picture(vendor, message))


def _let_go(row: Robot, now: datetime) -> None:
    """What waited longer than a day is news no more: it is shown as not delivered, and can be sent by hand."""
    stale = row.updates.filter(message=None, at__lte=now - OLDEST)
    first = stale.order_by("pk").first()
    if first is None:
        return
    message = Message.objects.create(
        workspace=row.workspace, robot=row, state=MessageState.FAILED, why=Why.TOO_OLD,
        count=stale.count(), first=first.said,
    )  # fmt: skip
    stale.update(message=message)


def _form(row: Robot, vendor: Vendor, room: int) -> Message:
    """A message of the oldest waiting update, or of as many as fit where more wait than the limit lets through."""
    waiting = list(row.updates.filter(message=None).order_by("pk")[: MOST_LINES + room])
    plain = list(takewhile(lambda update: update.run_id is None, waiting[:MOST_LINES]))
    taken = waiting[:1] if len(waiting) <= room or not plain else _fitting(row, vendor, plain)
    message = Message.objects.create(
        workspace=row.workspace, robot=row, count=len(taken), first=taken[0].said
    )
    Update.objects.filter(pk__in=[update.pk for update in taken]).update(message=message)
    return message


def _fitting(row: Robot, vendor: Vendor, updates: list[Update]) -> list[Update]:
    """The first of the updates, as many as one message holds: one at least."""
    fits = len(updates)
    while fits > 1 and vendor.size(vendor.card(_composed(row, updates[:fits]))) > vendor.ROOM:
        fits -= 1
    return updates[:fits]


def _note(row: Robot, message: Message) -> Note:
    if message.is_test:
        with translation.override(row.language):
            return Note(_title(row), [Line(message.first, row.name)])
    return _composed(row, list(message.updates.select_related("run").order_by("pk")))


def _composed(row: Robot, updates: Sequence[Update]) -> Note:
    lines = [Line(update.said, update.about, update.url) for update in updates]
    run = updates[0].run if len(updates) == 1 else None
    return Note(_title(row, len(updates)), lines, run.picture_url if run is not None and run.picture else "")


def _picture(vendor: Vendor, message: Message) -> bytes | None:
    """The picture of a message that is nothing else; None where the vendor takes an address, or it is kept no more."""
    if vendor.PICTURES != "bytes" or message.is_test:
        return None
    update = message.updates.select_related("run").order_by("pk").first()
    return bytes(update.run.picture) if update and update.run and update.run.picture else None


def _title(row: Robot, count: int = 1) -> str:
    """The product's name is in every message: a group may ask for it as the robot's keyword."""
    with translation.override(row.language):
        # Translators: the name as people of either language know it; groups look for it as a keyword.
        parts = [_("Tongpin 同频"), row.project.name]
        if count > 1:
            parts.append(ngettext("%(n)d update", "%(n)d updates", count) % {"n": count})
        return " · ".join(parts)


def settle(taken: Taken, answer: Answer) -> None:
    """Note what the vendor answered. Nothing, if the lease was lost: another worker has the message then."""
    now = clock.now()
    with transaction.atomic():
        pace = Pace.objects.select_for_update().filter(robot=taken.robot.pk, lease=taken.token).first()
        if pace is None:
            log.warning("robots.lease_lost", robot=str(taken.robot.public_id), verdict=answer.verdict)
            return
        vendor = VENDORS[taken.robot.vendor]
        # The last instant was the lease's end.
        pace.sent = [*pacing.kept(vendor.LIMITS, pace.sent[:-1], now), now]
        pace.lease = pace.lease_until = None
        pace.next_at = now
        if answer.verdict == Verdict.LATER:
            pace.blocked_until = now + timedelta(seconds=answer.wait)
        pace.save(update_fields=["sent", "next_at", "blocked_until", "lease", "lease_until"])
        message = taken.message
        message.answer, message.why = answer.said[:300], answer.why or ""
        _decide(message, answer, now)
        message.save(update_fields=["state", "answer", "why", "attempts", "next_at", "sent_at"])
        if answer.verdict == Verdict.FIX and not message.is_test and answer.why is not None:
            stop(taken.robot, answer.why, answer.said)
        show(taken.robot)


def _decide(message: Message, answer: Answer, now: datetime) -> None:
    """Sent, tried again, or given up."""
    if answer.verdict == Verdict.DELIVERED:
        message.state, message.sent_at = MessageState.SENT, now
        return
    last = message.is_test or answer.verdict == Verdict.REJECTED or now - message.created_at > OLDEST
    if answer.verdict == Verdict.TROUBLE:
        last = last or message.attempts >= ATTEMPTS
        pause = min(FIRST_RETRY * 2 ** (message.attempts - 1), LONGEST_RETRY)
        # Spread, so that the robots of a server that was away do not all come back at once.
        message.next_at = now + pause * random.uniform(0.8, 1.2)  # noqa: S311  no secret
    else:
        # What was refused for the robot's sake was no try of the message.
        message.attempts -= 1
        message.next_at = now
    message.state = MessageState.FAILED if last else MessageState.WAITING


def forget_old() -> int:
    """Delete messages, and what they carried, that were settled longer than KEPT ago. Returns how many rows."""
    settled = Message.objects.filter(state__in=[MessageState.SENT, MessageState.FAILED])
    deleted = settled.filter(created_at__lt=clock.now() - KEPT).delete()[0]
    gone = Update.objects.filter(message=None, at__lt=clock.now() - KEPT).delete()[0]
    return int(deleted) + int(gone)


def put_back(message: Message) -> None:
    """Queue a message that failed once more."""
    Message.objects.filter(pk=message.pk).update(
        state=MessageState.WAITING, attempts=0, next_at=clock.now(), created_at=clock.now(),
        why="", answer="",
    )  # fmt: skip
    wake({message.robot_id})
