"""Writes of this module: ``announce`` (the server tells), ``inbox`` (one line, or all), ``sorting`` (several,
snoozing), ``muting`` (threads), ``preference``, ``rhythm`` (when mail comes), ``digest``.
"""

from tongpin.modules.notifications.actions import (
    announce,
    digest,
    inbox,
    muting,
    preference,
    rhythm,
    sorting,
)

__all__ = ["announce", "digest", "inbox", "muting", "preference", "rhythm", "sorting"]
