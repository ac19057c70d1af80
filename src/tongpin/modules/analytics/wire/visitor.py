"""Visitors of pages that set no cookie, and what a page view is called whatever SDK saw it.

The vocabulary is PostHog's: ``$current_url``, ``$host``, ``$pathname``, ``$referrer``, ``$referring_domain``,
``title``, ``$browser``, ``$os``, ``$device_type``, ``utm_source`` and its sisters. What an SDK sent is never renamed;
the names it does not know are added.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlsplit

from tongpin.modules.analytics.wire import limits, telling
from tongpin.modules.analytics.wire.agent import read as read_agent
from tongpin.modules.analytics.wire.body import cleaned
from tongpin.modules.analytics.wire.call import Call

PAGEVIEW = "$pageview"
SCREEN = "$screen"
TITLE = "title"
CAMPAIGN = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
#: Longer addresses are kept as they are, but not taken apart.
ADDRESS = 8_192


def cookieless(call: Call, *about: str, ip: str = "", agent: str = "") -> str:
    """An id of whoever sits behind this address and browser (the call's, unless ``ip`` and ``agent`` pass on those of
    somebody else), for this site (``about``) and this UTC day; tomorrow's is another, and without the day's salt nobody
    can find the address in it."""
    seen = "\0".join((ip or call.client_ip, agent or call.headers.get("user-agent", ""), *about))
    return f"day-{hmac.digest(call.salt, seen.encode(errors='replace'), 'sha256').hex()[:32]}"


def add_page(properties: dict[str, Any], url: object, referrer: object = None, title: object = None) -> None:
    """Says in ``properties`` where it happened, in the common names, and leaves alone those that are there."""
    if isinstance(title, str) and title:
        properties.setdefault(TITLE, title)
    if isinstance(referrer, str) and referrer:
        properties.setdefault("$referrer", referrer)
        if (host := _host(referrer)) and "$referring_domain" not in properties:
            properties["$referring_domain"] = host
    if isinstance(url, str) and url:
        properties.setdefault("$current_url", url)
        parts = _parts(url)
        if parts is not None:
            if parts.netloc:
                properties.setdefault("$host", parts.netloc.rpartition("@")[2])
            properties.setdefault("$pathname", parts.path or "/")
    add_campaign(properties)


def add_campaign(properties: dict[str, Any]) -> None:
    """``utm_…`` of ``$current_url``, where the SDK did not read them itself."""
    url = properties.get("$current_url")
    if type(url) is not str or "utm_" not in url:
        return
    parts = _parts(url)
    if parts is None:
        return
    try:
        said: Mapping[str, str] = dict(reversed(parse_qsl(parts.query, max_num_fields=200)))
    except ValueError:
        return
    for key in CAMPAIGN:
        if said.get(key):
            properties.setdefault(key, said[key][: limits.NAME])


def add_screen(properties: dict[str, Any], size: object) -> None:
    """``1280x800``."""
    width, _, height = telling.text(size).partition("x")
    if width.isdecimal() and height.isdecimal() and len(width) < 7 and len(height) < 7:
        properties.setdefault("$screen_width", int(width))
        properties.setdefault("$screen_height", int(height))


def add_browser(call: Call, properties: dict[str, Any], agent: str = "") -> None:
    """The browser that sent the request (or ``agent``), for SDKs that leave it to the server to read the header."""
    if agent := agent or call.headers.get("user-agent", ""):
        said = properties.setdefault("$raw_user_agent", cleaned(agent[:1000]))
        for name, value in read_agent(said) if type(said) is str else ():
            properties.setdefault(name, value)


def _host(url: str) -> str:
    parts = _parts(url)
    return parts.netloc.rpartition("@")[2] if parts else ""


def _parts(url: str) -> SplitResult | None:
    if len(url) > ADDRESS:
        return None
    try:
        return urlsplit(url)
    except ValueError:
        return None
