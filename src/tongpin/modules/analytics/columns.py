"""How the properties of an event lie in the store, and how SQL asks for one of them.

``events.properties`` keeps plain values by type (``1``, ``1.0``, ``"1"`` and ``true`` are four values), ``nested``
keeps objects and lists as JSON, and the properties in PROMOTED have a column of their own while their value is text.
"""

from __future__ import annotations

import re
from functools import lru_cache

PROMOTED: dict[str, str] = {
    "$current_url": "url",
    "$host": "host",
    "$pathname": "path",
    "title": "title",
    "$referrer": "referrer",
    "$referring_domain": "referrer_host",
    "utm_source": "utm_source",
    "utm_medium": "utm_medium",
    "utm_campaign": "utm_campaign",
    "utm_term": "utm_term",
    "utm_content": "utm_content",
    "$browser": "browser",
    "$os": "os",
    "$device_type": "device",
    "$geoip_country_code": "country",
    "$geoip_subdivision_1_name": "region",
    "$geoip_city_name": "city",
    "$browser_language": "language",
    "$app_version": "app_version",
    "$lib": "lib",
    "$lib_version": "lib_version",
}
"""Name of a property to the column that holds it while it is text."""

_PLAIN = re.compile(r"[\w$ -]+\Z")
_ODD = re.compile(r"[^\w$ -]")
_EMPTY = "%"  # no other key is written so, since % itself is escaped


@lru_cache(maxsize=65536)
def key(name: str) -> str:
    """The key a property has in ``events.properties``: dots and signs that mean something in a path are written as
    ``%`` and their code point, so that ``a.b`` stays apart from ``{"a": {"b": …}}``."""
    if _PLAIN.match(name):
        return name
    return _ODD.sub(lambda found: f"%{ord(found[0]):X}_", name) or _EMPTY


def name_of(stored: str) -> str:
    """The property whose key in ``events.properties`` is ``stored``."""
    if stored == _EMPTY:
        return ""
    return re.sub(r"%([0-9A-F]+)_", lambda found: chr(int(found[1], 16)), stored)
