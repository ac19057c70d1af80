"""What other modules and the worker may call. Which of their events are news, modules say in ``kernel.news``."""

from tongpin.modules.notifications.actions.pushes import CHANNEL
from tongpin.modules.notifications.pushing import run_once
from tongpin.modules.notifications.queries import unread

__all__ = ["CHANNEL", "run_once", "unread"]
