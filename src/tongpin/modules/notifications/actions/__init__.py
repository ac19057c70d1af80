"""Writes of this module: ``announce`` (the server tells), ``inbox`` (reading, archiving), ``preference``."""

from tongpin.modules.notifications.actions import announce, inbox, preference

__all__ = ["announce", "inbox", "preference"]
