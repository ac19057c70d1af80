"""What events say of users and customers, in the transaction that takes them out of the inbox."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import connection

from tongpin.kernel.tenancy.models import Workspace
from tongpin.modules.analytics import identity
from tongpin.modules.analytics.actions import mirror, profile
from tongpin.modules.analytics.actions.identity import learn
from tongpin.modules.analytics.flush.hooks import Fresh
from tongpin.modules.analytics.wire.record import BOOKKEEPING


def take(workspace: int, fresh: list[Fresh]) -> None:
    """Learn from events new to the store. ``workspace`` is a primary key; registered as ``after_flush``."""
    heard, told = identity.Heard(), profile.Told()
    for each in fresh:
        if each.row["e"] in BOOKKEEPING:
            heard.add(each.record, datetime.fromtimestamp(each.at / 1000, UTC))
        told.add(each.row, each.at)
    if not (heard or told.persons or told.seen):
        return
    row = Workspace.objects.filter(pk=workspace).first()
    if row is None:
        return
    learn(row, heard)
    profile.learn_persons(row, told.persons)
    profile.learn_customers(row, told.customers, told.seen)
    with connection.cursor() as cursor:  # heard when this commits
        cursor.execute("SELECT pg_notify(%s, '')", [mirror.CHANNEL])
