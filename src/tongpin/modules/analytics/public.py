"""What the rest of the program may use of analytics."""

from __future__ import annotations

from tongpin.modules.analytics.actions.flush import CHANNEL as ARRIVALS
from tongpin.modules.analytics.actions.flush import Flusher
from tongpin.modules.analytics.actions.mirror import CHANNEL as PEOPLE
from tongpin.modules.analytics.actions.mirror import rebuild, step

__all__ = ["ARRIVALS", "PEOPLE", "Flusher", "copy_people", "copy_people_anew"]

copy_people, copy_people_anew = step, rebuild
