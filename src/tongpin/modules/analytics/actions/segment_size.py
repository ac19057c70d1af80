"""How many are in a segment, day by day: kept once a day is over, and counted back for the last weeks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import structlog
from procrastinate.contrib.django import app as jobs

from tongpin.kernel.errors import DomainError
from tongpin.kernel.tenancy.models import Workspace
from tongpin.modules.analytics.insights import members, running
from tongpin.modules.analytics.insights.scope import DAY, Scope
from tongpin.modules.analytics.insights.statement import Statement
from tongpin.modules.analytics.models import Segment, SegmentSize
from tongpin.modules.analytics.queries import behind, segment_rules

JOB = "analytics.count_segment"
BACK = 30
"""Days before today that are counted when a segment is made."""

log = structlog.get_logger("tongpin.segments")


def size(row: Segment, scope: Scope, day: date | None = None) -> int:
    """How many it has now, or had at the end of a local day. Raises Invalid, StoreUnavailable, QueryTooHeavy."""
    found = segment_rules.known(scope.workspace, [row.public_id], running.people)
    ready = Scope(scope.workspace, scope.zone, scope.week_start, scope.as_of, found)
    st = Statement(members.at(ready, day) if day is not None else ready)
    return behind.count(st, found[row.public_id].members(st))


def count_later(row: Segment) -> None:
    """Have a job count the days that are missing, once the transaction is over."""
    jobs.configure_task(JOB).defer(segment=str(row.public_id))


def count(row: Segment) -> int:
    """Keep the sizes of the last days that are missing, yesterday's first; how many were. Stops where the store is
    away or a segment it asks about is gone: the next hour goes on."""
    scope = Scope.of(row.workspace)
    missing = list(_missing(row, scope.today))
    for done, day in enumerate(missing):
        try:
            found = size(row, scope, day)
        except DomainError as problem:
            log.info("segment.not_counted", segment=str(row.public_id), day=str(day), problem=str(problem))
            return done
        SegmentSize.objects.update_or_create(
            segment=row, day=day,
            defaults={"workspace": row.workspace, "size": found, "later": day < scope.today - DAY},
        )  # fmt: skip
    return len(missing)


def _missing(row: Segment, today: date) -> Iterator[date]:
    first = today - timedelta(days=BACK)
    kept = set(SegmentSize.objects.filter(segment=row, day__gte=first).values_list("day", flat=True))
    for back in range(1, BACK + 1):
        day = today - timedelta(days=back)
        if day not in kept:
            yield day


def count_all() -> int:
    """Keep what is missing of every segment of every workspace; how many days were. The hourly look."""
    found = 0
    for workspace in Workspace.objects.all().iterator():
        today = Scope.of(workspace).today
        due = Segment.objects.filter(workspace=workspace, deleted_at=None).exclude(sizes__day=today - DAY)
        for row in due.select_related("workspace").iterator():
            found += count(row)
    return found
