"""Writes of this module: ``announce`` (the server tells), ``inbox`` (one line, or all), ``sorting`` (several,
snoozing), ``muting`` (threads), ``preference``.
"""

from tongpin.modules.notifications.actions import announce, inbox, muting, preference, sorting

__all__ = ["announce", "inbox", "muting", "preference", "sorting"]
