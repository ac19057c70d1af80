"""What other modules may call. Which of their events are news, they say in ``kernel.news``."""

from tongpin.modules.notifications.queries import unread

__all__ = ["unread"]
