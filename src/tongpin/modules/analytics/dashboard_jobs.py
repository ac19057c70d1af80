"""What is kept of answers is forgotten when it is too old to be shown."""

from __future__ import annotations

import structlog

from tongpin.kernel.jobs.queue import periodic
from tongpin.modules.analytics.actions import kept_answer

log = structlog.get_logger("tongpin.analytics")


@periodic("*/10 * * * *", "analytics.forget_answers")
def forget_answers(timestamp: int) -> None:
    """Drop answers nobody may be shown any more."""
    log.info("analytics.answers_forgotten", count=kept_answer.forget())
