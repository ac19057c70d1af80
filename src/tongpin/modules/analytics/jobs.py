from __future__ import annotations

from tongpin.kernel.jobs.queue import periodic
from tongpin.modules.analytics.actions import alert_judging, retention


@periodic("17 2 * * *", "analytics.forget_old")
def forget_old(timestamp: int) -> None:
    """Every night: forget events older than their source keeps them."""
    retention.forget_old()


@periodic("41 * * * *", "analytics.judge_alerts")
def judge_alerts(timestamp: int) -> None:
    """Every hour: judge the alerts of the workspaces whose day is over."""
    alert_judging.run_due()
