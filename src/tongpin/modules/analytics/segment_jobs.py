"""Jobs about segments: their sizes, day by day."""

from __future__ import annotations

import structlog

from tongpin.kernel.jobs.queue import job, periodic
from tongpin.modules.analytics.actions import segment_list, segment_size
from tongpin.modules.analytics.models import Segment

log = structlog.get_logger("tongpin.segments")


@job(segment_size.JOB)
def count_segment(segment: str) -> None:
    """Keep the sizes of one segment's last days."""
    row = Segment.objects.select_related("workspace").filter(public_id=segment, deleted_at=None).first()
    if row is not None:
        segment_size.count(row)


@periodic("7 * * * *", "analytics.count_segments")
def count_segments(timestamp: int) -> None:
    """Every hour: keep yesterday's sizes where a workspace's day is over, and what is missing."""
    log.info("segments.counted", days=segment_size.count_all())


@periodic("41 3 * * *", "analytics.forget_segments")
def forget_segments(timestamp: int) -> None:
    """Every night: forget lists that were deleted a month ago."""
    log.info("segments.forgotten", lists=segment_list.forget_old())
