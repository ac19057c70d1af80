"""What the rest of the program may use of analytics."""

from __future__ import annotations

from tongpin.modules.analytics.actions.flush import CHANNEL as ARRIVALS
from tongpin.modules.analytics.actions.flush import Flusher
from tongpin.modules.analytics.actions.mirror import CHANNEL as PEOPLE
from tongpin.modules.analytics.actions.mirror import rebuild, step
from tongpin.modules.analytics.markers import Family as MarkerFamily
from tongpin.modules.analytics.markers import Marker
from tongpin.modules.analytics.markers import register as register_markers
from tongpin.modules.analytics.queries.standing import ServerStanding
from tongpin.modules.analytics.queries.standing import of_server as inbox_standing

__all__ = [
    "ARRIVALS",
    "PEOPLE",
    "Flusher",
    "Marker",
    "MarkerFamily",
    "ServerStanding",
    "copy_people",
    "copy_people_anew",
    "inbox_standing",
    "register_markers",
]

copy_people, copy_people_anew = step, rebuild
