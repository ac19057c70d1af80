"""Robots and the queue behind them, and reports."""

from tongpin.modules.digests.models.report import DeletedReport, Report, ReportRun
from tongpin.modules.digests.models.robot import DeletedRobot, Message, Pace, Robot, Update

__all__ = ["DeletedReport", "DeletedRobot", "Message", "Pace", "Report", "ReportRun", "Robot", "Update"]
