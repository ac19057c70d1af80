"""Writing down how a backup or a drill went, and telling the server's owner when it did not go well."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from tongpin.kernel import clock
from tongpin.kernel.mail import compose
from tongpin.kernel.tenancy.models import User
from tongpin.kernel.upkeep.models import Kind, Run


@contextmanager
def recorded(kind: Kind) -> Iterator[Run]:
    """A run that goes well unless the block raises: then the error is kept and mailed to the owner, and raised on."""
    run = Run.objects.create(kind=kind, host=socket.gethostname())
    try:
        yield run
    except Exception as error:
        hint = getattr(error, "hint", "")
        _end(run, False, f"{error} {hint}".strip() or type(error).__name__)
        tell_owner(run)
        raise
    _end(run, True, run.words)


def last(kind: Kind, *, good: bool | None = None) -> Run | None:
    """The newest one that ended, well or badly where that is asked."""
    rows = Run.objects.filter(kind=kind).exclude(ended_at=None)
    if good is not None:
        rows = rows.filter(good=good)
    return rows.order_by("-began_at", "-pk").first()


def tell_owner(run: Run) -> None:
    """Mail whoever owns this server that a run failed."""
    for owner in User.objects.filter(owns_server=True, is_active=True):
        compose.message(owner, "upkeep/mail/failed", {"run": run}).send(key=f"upkeep:{run.pk}:{owner.pk}")


def _end(run: Run, good: bool, words: str) -> None:
    run.good, run.words, run.ended_at = good, words, clock.now()
    with transaction.atomic():
        run.save()
