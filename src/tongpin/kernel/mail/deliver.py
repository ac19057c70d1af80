"""Sending what is in the outbox: the worker calls ``run_once`` when woken and at least every few seconds."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import F

from tongpin.kernel import clock
from tongpin.kernel.mail import transport
from tongpin.kernel.mail.models import MailState, OutboxMail
from tongpin.kernel.mail.outbox import CHANNEL as CHANNEL

log = structlog.get_logger("tongpin.mail")

BATCH = 20
ATTEMPTS = 10
FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(hours=2)
LEASE = timedelta(minutes=10)  # above BATCH times the transport's time limit
KEPT = timedelta(days=14)


def run_once() -> int:
    """Send the mails that are due, at most BATCH; returns how many left the outbox (sent or given up).

    Talks to the mail server, so it may take up to BATCH times ``transport.TIMEOUT_S``: give it a thread.
    """
    settled = 0
    with transport.opened() as server:  # before the claim: where it is misconfigured, nothing is taken
        mails = _claim()
        for index, mail in enumerate(mails):
            try:
                server.send(mail)
            except transport.Refused as error:
                _give_up(mail, str(error))
                settled += 1
            except transport.Deferred as error:
                settled += _later(mail, str(error))
            except transport.Unreachable as error:
                settled += _later(mail, str(error))
                _release(mails[index + 1 :], mail)
                break
            else:
                _sent(mail)
                settled += 1
    return settled


def clear_old() -> int:
    """Delete mails settled longer than KEPT ago (they hold links and addresses). Returns how many."""
    old = OutboxMail.objects.filter(
        state__in=[MailState.SENT, MailState.FAILED], created_at__lt=clock.now() - KEPT
    )
    return old.delete()[0]


def retry(mail: OutboxMail) -> None:
    """Queue a failed mail again (an admin asked for it)."""
    OutboxMail.objects.filter(pk=mail.pk, state=MailState.FAILED).update(
        state=MailState.QUEUED, attempts=0, next_at=clock.now()
    )


def _claim() -> list[OutboxMail]:
    """Take what is due, committed at once and with a time limit instead of a held lock.

    A transaction held open while a mail server is slow would hold back the event stream, whose readers stop
    below the oldest running transaction. If this process dies, the mail is taken over after LEASE.
    """
    now = clock.now()
    with transaction.atomic():
        due = (
            OutboxMail.objects.select_for_update(skip_locked=True)
            .filter(state__in=[MailState.QUEUED, MailState.SENDING], next_at__lte=now)
            .order_by("next_at", "pk")
        )
        ids = list(due.values_list("pk", flat=True)[:BATCH])
        if not ids:
            return []
        OutboxMail.objects.filter(pk__in=ids).update(
            state=MailState.SENDING, next_at=now + LEASE, attempts=F("attempts") + 1
        )
    return list(OutboxMail.objects.filter(pk__in=ids).order_by("pk"))


def _sent(mail: OutboxMail) -> None:
    mail.state, mail.error, mail.sent_at = MailState.SENT, "", clock.now()
    mail.save(update_fields=["state", "error", "sent_at"])


def _give_up(mail: OutboxMail, error: str) -> None:
    log.warning("mail.failed", uid=str(mail.uid), attempts=mail.attempts, error=error)
    mail.state, mail.error = MailState.FAILED, error[:2000]
    mail.save(update_fields=["state", "error"])


def _later(mail: OutboxMail, error: str) -> int:
    """Put it back with a growing pause; 1 if it was the last try."""
    if mail.attempts >= ATTEMPTS:
        _give_up(mail, error)
        return 1
    log.info("mail.deferred", uid=str(mail.uid), attempts=mail.attempts, error=error)
    pause = min(FIRST_RETRY * 2 ** (mail.attempts - 1), LONGEST_RETRY)
    mail.state, mail.error, mail.next_at = MailState.QUEUED, error[:2000], clock.now() + pause
    mail.save(update_fields=["state", "error", "next_at"])
    return 0


def _release(mails: list[OutboxMail], failed: OutboxMail) -> None:
    """Put back mails never tried because the server was unreachable; that attempt does not count."""
    OutboxMail.objects.filter(pk__in=[mail.pk for mail in mails]).update(
        state=MailState.QUEUED, attempts=F("attempts") - 1, next_at=failed.next_at
    )
