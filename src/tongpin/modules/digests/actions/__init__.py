from tongpin.modules.digests.actions import message, queue, report, report_queue, robot, secrets, stopping

__all__ = ["message", "queue", "report", "report_queue", "robot", "secrets", "stopping"]
