"""Time zones as people know them: 上海 Shanghai (UTC+8)."""

from __future__ import annotations

from datetime import date, datetime, time
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tongpin.kernel import clock
from tongpin.kernel.errors import Text
from tongpin.modules.workspaces.fields import zones

#: The zones most people here choose, with what their city is called in the reader's language.
NEAR: dict[str, Text] = {
    "Asia/Shanghai": _("Shanghai"),
    "Asia/Hong_Kong": _("Hong Kong"),
    "Asia/Taipei": _("Taipei"),
    "Asia/Singapore": _("Singapore"),
    "Asia/Tokyo": _("Tokyo"),
    "Asia/Kolkata": _("Kolkata"),
    "Europe/Berlin": _("Berlin"),
    "Europe/London": _("London"),
    "America/New_York": _("New York"),
    "America/Los_Angeles": _("Los Angeles"),
    "UTC": _("Universal time"),
}
AREAS: dict[str, Text] = {
    "Africa": _("Africa"),
    "America": _("America"),
    "Antarctica": _("Antarctica"),
    "Arctic": _("Arctic"),
    "Asia": _("Asia"),
    "Atlantic": _("Atlantic"),
    "Australia": _("Australia"),
    "Europe": _("Europe"),
    "Indian": _("Indian Ocean"),
    "Pacific": _("Pacific"),
}


def zone_choices() -> list[Any]:
    """Time zones for a select: the common ones first, then all by continent."""
    groups: dict[str, list[tuple[str, str]]] = {area: [] for area in AREAS}
    for name in sorted(zones()):
        area, _slash, place = name.partition("/")
        if place and area in groups:
            groups[area].append((name, zone_label(name)))
    near = [(name, zone_label(name)) for name in NEAR]
    return [(_("Common"), near), *((AREAS[area], rows) for area, rows in groups.items() if rows)]


def zone_label(name: str) -> str:
    """The city, in the reader's language and in English, and how far it is from UTC today."""
    city = name.rpartition("/")[2].replace("_", " ")
    known = str(NEAR[name]) if name in NEAR else city
    here = known if known == city or get_language() == "en" else f"{known} {city}"
    return f"{here} ({_offset(name, clock.now().date())})"


@lru_cache(maxsize=2048)
def _offset(name: str, day: date) -> str:
    """UTC+8, UTC−3:30: at noon of that day."""
    gap = datetime.combine(day, time(12), ZoneInfo(name)).utcoffset()
    minutes = round(gap.total_seconds() / 60) if gap else 0
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'−' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")
