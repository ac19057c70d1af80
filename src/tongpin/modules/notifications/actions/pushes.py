"""The queue of what is pushed to browsers: written with the inbox's lines, emptied by the worker (``pushing``).

Like the outbox of mails these rows are the mechanism's own: no action and no event stands behind each. No transaction
is open while a push service is talked to.
"""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.db import connection, transaction
from django.db.models import F

from tongpin.kernel import clock
from tongpin.kernel.news import Kind
from tongpin.kernel.push.service import Answer, Verdict
from tongpin.modules.notifications.models import Browser, Notification, Push
from tongpin.modules.notifications.queries import wants_push

log = structlog.get_logger("tongpin.push")

CHANNEL = "tongpin_push"
BATCH = 20
ATTEMPTS = 8
FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(minutes=30)
LEASE = timedelta(minutes=10)  # above BATCH times the time one call may take
OLDEST = timedelta(hours=24)


def put(rows: list[Notification], kind: Kind) -> None:
    """Queue these lines for the browsers of those of their members who want this kind pushed."""
    browsers: dict[int, list[Browser]] = {}
    for browser in Browser.objects.filter(member__in=[row.recipient_id for row in rows]):
        browsers.setdefault(browser.member_id, []).append(browser)
    wanted = wants_push(list(browsers), kind)
    made = [
        Push(workspace_id=row.workspace_id, browser=browser, notification=row)
        for row in rows
        if row.recipient_id in wanted
        for browser in browsers[row.recipient_id]
    ]
    if made:
        Push.objects.bulk_create(made)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])


def claim() -> list[Push]:
    """Take what is due, committed at once, with a time limit: if this process dies, it is taken over after LEASE."""
    now = clock.now()
    with transaction.atomic():
        due = Push.objects.select_for_update(skip_locked=True).filter(next_at__lte=now)
        ids = list(due.order_by("next_at", "pk").values_list("pk", flat=True)[:BATCH])
        Push.objects.filter(pk__in=ids).update(next_at=now + LEASE, attempts=F("attempts") + 1)
    rows = Push.objects.filter(pk__in=ids).select_related(
        "notification", "browser__member__user", "browser__member__workspace"
    )
    return list(rows.order_by("pk"))


def settle(push: Push, answer: Answer) -> None:
    """Note what became of it."""
    mine = Push.objects.filter(pk=push.pk, attempts=push.attempts)  # else another worker has it by now
    now = clock.now()
    if answer.verdict == Verdict.GONE:
        log.info("push.browser_gone", browser=str(push.browser.public_id), said=answer.said)
        Browser.objects.filter(pk=push.browser_id).delete()
    elif answer.verdict == Verdict.LATER and push.attempts < ATTEMPTS and now - push.created_at < OLDEST:
        pause = min(FIRST_RETRY * 2 ** (push.attempts - 1), LONGEST_RETRY)
        mine.update(next_at=now + max(pause, timedelta(seconds=answer.wait)))
    else:
        if answer.verdict == Verdict.TAKEN:
            Browser.objects.filter(pk=push.browser_id).update(told_at=now)
        elif answer.said:
            log.warning("push.failed", browser=str(push.browser.public_id), said=answer.said)
        mine.delete()


def forget(rows: list[Browser]) -> int:
    """Drop browsers whose person is not signed in there any more. Returns how many."""
    Browser.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)
