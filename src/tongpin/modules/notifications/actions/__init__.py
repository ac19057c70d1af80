"""Writes of this module: ``announce`` (the server tells), ``inbox`` (one line, or all), ``sorting`` (several,
snoozing), ``muting`` (threads), ``preference``, ``rhythm`` (when mail comes), ``digest``, ``browser`` (which are told),
``pushes`` (the queue to them).
"""

from tongpin.modules.notifications.actions import (
    announce,
    browser,
    digest,
    inbox,
    muting,
    preference,
    pushes,
    rhythm,
    sorting,
)

__all__ = [
    "announce",
    "browser",
    "digest",
    "inbox",
    "muting",
    "preference",
    "pushes",
    "rhythm",
    "sorting",
]
