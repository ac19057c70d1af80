"""What the rest of the program may use of analytics."""

from __future__ import annotations

from tongpin.modules.analytics.actions.flush import CHANNEL as ARRIVALS
from tongpin.modules.analytics.actions.flush import Flusher

__all__ = ["ARRIVALS", "Flusher"]
