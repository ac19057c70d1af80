from tongpin.modules.digests.actions import message, queue, robot, secrets, stopping

__all__ = ["message", "queue", "robot", "secrets", "stopping"]
