"""What the rest of the program may use of analytics."""

from __future__ import annotations

from tongpin.modules.analytics.actions.flush import CHANNEL as ARRIVALS
from tongpin.modules.analytics.actions.flush import Flusher
from tongpin.modules.analytics.actions.mirror import CHANNEL as PEOPLE
from tongpin.modules.analytics.actions.mirror import rebuild, step
from tongpin.modules.analytics.dashboard_answers import Answered
from tongpin.modules.analytics.dashboard_answers import answers as dashboard_answers
from tongpin.modules.analytics.markers import Family as MarkerFamily
from tongpin.modules.analytics.markers import Marker
from tongpin.modules.analytics.markers import register as register_markers
from tongpin.modules.analytics.models import Dashboard
from tongpin.modules.analytics.permissions import VIEW_DASHBOARDS as _VIEW_DASHBOARDS
from tongpin.modules.analytics.queries.dashboard import dashboard as dashboard_of
from tongpin.modules.analytics.queries.standing import ServerStanding
from tongpin.modules.analytics.queries.standing import of_server as inbox_standing
from tongpin.modules.analytics.shown.pictured import panel as pictured

__all__ = [
    "ARRIVALS",
    "PEOPLE",
    "VIEW_DASHBOARDS",
    "Answered",
    "Dashboard",
    "Flusher",
    "Marker",
    "MarkerFamily",
    "ServerStanding",
    "copy_people",
    "copy_people_anew",
    "dashboard_answers",
    "dashboard_of",
    "inbox_standing",
    "pictured",
    "register_markers",
]

copy_people, copy_people_anew = step, rebuild
VIEW_DASHBOARDS = _VIEW_DASHBOARDS.name
