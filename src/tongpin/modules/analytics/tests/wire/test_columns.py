"""Every page and browser is described in the names that have columns of their own in the store."""

from __future__ import annotations

import pytest

from tongpin.modules.analytics.columns import PROMOTED
from tongpin.modules.analytics.tests.wire.calling import call, form, only

AGENT = "Mozilla/5.0 (X11; Linux x86_64) Chrome/147.0.0.0 Safari/537.36"
URL = "https://a.example/x?utm_source=s"
FROM = "https://b.example/y"
EVERYWHERE = {
    "$current_url": URL,
    "$host": "a.example",
    "$pathname": "/x",
    "title": "T",
    "$referrer": FROM,
    "$referring_domain": "b.example",
    "utm_source": "s",
    "$browser": "Chrome",
    "$os": "Linux",
    "$device_type": "Desktop",
    "$browser_language": "zh-CN",
}
PAGES = {
    "Segment": (
        "/v1/page",
        {
            "writeKey": "W",
            "userId": "u",
            "properties": {"url": URL, "title": "T", "referrer": FROM},
            "context": {"userAgent": AGENT, "locale": "zh-CN"},
        },
    ),
    "Sensors": (
        "/sa.gif?project=p",
        form(
            data={
                "type": "track",
                "event": "$pageview",
                "distinct_id": "u",
                "lib": {"$lib": "js"},
                "properties": {"$url": URL, "$title": "T", "$referrer": FROM, "$browser_language": "zh-CN"},
            }
        ),
    ),
    "Umami": (
        "/api/send",
        {
            "type": "event",
            "payload": {"website": "w", "url": URL, "title": "T", "referrer": FROM, "language": "zh-CN"},
        },
    ),
    "GA4": ("/g/collect?tid=G-1&cid=c", form(en="page_view", dl=URL, dt="T", dr=FROM, ul="zh-CN")),
    "own": (
        "/capture/v1/events",
        {
            "key": "k",
            "cookieless": True,
            "event": "$pageview",
            "properties": {"$current_url": URL, "$title": "T", "$referrer": FROM, "$language": "zh-CN"},
        },
    ),
}


@pytest.mark.parametrize("sdk", PAGES)
def test_a_page_seen_through_any_sdk_fills_the_same_columns(sdk):
    address, body = PAGES[sdk]
    got = only(call("POST", address, body, user_agent=AGENT, origin="https://a.example"))
    assert got.event == "$pageview"
    assert {name: got.properties.get(name) for name in EVERYWHERE} == EVERYWHERE
    assert set(EVERYWHERE) < set(PROMOTED)
