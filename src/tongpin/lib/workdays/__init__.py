"""Which days and hours are worked: official holidays, a workspace's own days, and counting in working time."""

from tongpin.lib.workdays.calendar import Day, Kind, OwnDay, Stretch, WorkingCalendar
from tongpin.lib.workdays.hours import OFFICE_HOURS, HoursError, Span, Week
from tongpin.lib.workdays.official import Certainty, UnknownCountry

__all__ = [
    "OFFICE_HOURS",
    "Certainty",
    "Day",
    "HoursError",
    "Kind",
    "OwnDay",
    "Span",
    "Stretch",
    "UnknownCountry",
    "Week",
    "WorkingCalendar",
]
