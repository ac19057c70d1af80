"""Reports whose time has come: claimed, and noted as sent. Like the queue of robots these rows are the mechanism's own.

Between the two the store is asked and the picture drawn, with no transaction open. What was made is noted in one
transaction with its mails and updates: a worker that dies before sends nothing, and one after it does it all again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from tongpin.kernel import clock
from tongpin.kernel.mail.compose import Message as Mail
from tongpin.kernel.realtime import hints
from tongpin.modules.digests.actions import queue
from tongpin.modules.digests.enums import RunState
from tongpin.modules.digests.models import Report, ReportRun, Update
from tongpin.modules.digests.models.report import KEPT
from tongpin.modules.digests.queries.report import next_time, whole

HELD = timedelta(minutes=15)
"""Longer than a dashboard's questions may take together."""


def claim() -> tuple[Report, datetime] | None:
    """A report that is due, and when it was; None if there is none. It is left alone by others until HELD is over."""
    now = clock.now()
    with transaction.atomic():
        due = Report.objects.select_for_update(skip_locked=True).filter(next_at__lte=now, deleted_at=None)
        row = due.exclude(held_until__gt=now).order_by("next_at", "pk").first()
        if row is None:
            return None
        Report.objects.filter(pk=row.pk).update(held_until=now + HELD)
    assert row.next_at is not None  # it was found by it
    return whole(Report.objects.filter(pk=row.pk)).get(), row.next_at


def settle(run: ReportRun, mails: Sequence[Mail], updates: Sequence[Update]) -> bool:
    """Note a sending with all that goes out. False, and nothing goes out, where it was noted before."""
    with transaction.atomic():
        row = Report.objects.select_for_update().select_related("workspace").get(pk=run.report_id)
        if ReportRun.objects.filter(report=row, due=run.due).exists():
            return False
        run.state = RunState.SENT if mails or updates else RunState.NOBODY
        run.mails, run.groups = len(mails), len({update.robot_id for update in updates})
        run.save()
        for mail in mails:
            mail.send(
                f"report:{run.public_id}:{mail.to}", picture=bytes(run.picture) if run.picture else None
            )
        for update in updates:
            update.run = run if update.run is not None else None
        queue.put(updates)
        if row.next_at == run.due:
            row.next_at = next_time(row, max(clock.now(), run.due))
        row.held_until = None
        row.save(update_fields=["next_at", "held_until"])
        hints.tell_each([row.owner], f"{Report._meta.label_lower}:{row.public_id}")
    return True


def forget_pictures() -> int:
    """Drop the pictures older than KEPT; the runs stay, as the report's history. Returns how many."""
    old = ReportRun.objects.filter(at__lt=clock.now() - KEPT, picture__isnull=False)
    return old.update(picture=None)
