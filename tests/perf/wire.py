"""How many events a second one core reads from the SDKs' requests.

    python tests/perf/wire.py [SECONDS]

For each shape a request is decoded again and again for SECONDS (2 unless told), and what is kept of it is written as
the inbox keeps it. Prints events a second for the best of five rounds of each, and the size of the body.
Pure: no database.
"""

from __future__ import annotations

import base64
import gzip
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID

import orjson

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "src"))
os.environ.setdefault("TONGPIN_TESTING", "1")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongpin.config.settings")

from tongpin.modules.analytics.wire.call import Call  # noqa: E402
from tongpin.modules.analytics.wire.record import dump  # noqa: E402
from tongpin.modules.analytics.wire.routes import find  # noqa: E402

ROUNDS = 5
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
SERVER = {
    "color": "红",
    "price": 1.5,
    "$python_runtime": "CPython",
    "$python_version": "3.11.7",
    "$os": "Linux",
    "$os_version": "12",
    "$os_distro": "Debian GNU/Linux",
    "$lib": "posthog-python",
    "$lib_version": "7.91.1",
    "$geoip_disable": True,
    "$is_server": True,
}
BROWSER = {
    **{f"$property_{n}": f"value {n}" for n in range(40)},
    "$current_url": "https://a.example/products/17?utm_source=wechat&utm_medium=social",
    "$pathname": "/products/17",
    "$session_id": "01a20222-f36f-7ce5-ba03-26feb6d92f6c",
    "token": "phc_1",
    "distinct_id": "01a20222-f35a-7f9b-9b10-0e387c2b04b6",
}


def posthog(n: int, properties: dict) -> dict:
    row = {
        "event": "button_clicked",
        "uuid": str(UUID(int=n + (7 << 76) + (2 << 62))),
        "timestamp": "2026-11-22T07:20:54.511695+00:00",
        "properties": properties,
    }
    return row if "distinct_id" in properties else row | {"distinct_id": f"user-{n % 17}"}


def segment(n: int) -> dict:
    return {
        "type": "track",
        "event": "Order Completed",
        "userId": f"user-{n % 17}",
        "anonymousId": None,
        "messageId": str(UUID(int=n + (7 << 76) + (2 << 62))),
        "timestamp": "2026-11-22T07:20:55.030+00:00",
        "context": {"library": {"name": "analytics-python", "version": "2.4.0"}},
        "integrations": {},
        "properties": {"revenue": 39.95, "sku": "A-1", "coupon": "双十一"},
    }


def sensors(n: int) -> dict:
    return {
        "type": "track",
        "event": "ViewProduct",
        "time": 1795332092248 + n,
        "distinct_id": f"user-{n % 17}",
        "properties": {
            "$lib": "python",
            "$lib_version": "1.11.0",
            "price": 9.9,
            "cat": "书",
            "$is_login_id": True,
        },
        "lib": {
            "$lib": "python",
            "$lib_version": "1.11.0",
            "$lib_method": "code",
            "$lib_detail": "####a.py##5",
        },
        "project": "default",
    }


def requests() -> dict[str, Call]:
    """One request of 100 events of each kind."""
    batch = orjson.dumps(
        {"api_key": "phc_1", "batch": [posthog(n, SERVER) for n in range(100)], "sent_at": "x"}
    )
    web = orjson.dumps(
        {"api_key": "phc_1", "batch": [posthog(n, BROWSER) for n in range(100)], "sent_at": "x"}
    )
    tracks = orjson.dumps({"writeKey": "W", "batch": [segment(n) for n in range(100)]})
    packed = base64.b64encode(gzip.compress(orjson.dumps([sensors(n) for n in range(100)])))
    return {
        "PostHog, server, 11 properties": _call("/batch/", batch),
        "PostHog, server, gzip": _call("/batch/", gzip.compress(batch)),
        "PostHog, browser, 45 properties": _call("/i/v0/e/", web),
        "PostHog, server, a NUL in it": _call("/batch/", batch.replace("红".encode(), rb"\u0000")),
        "Segment": _call("/v1/batch", tracks),
        "神策, base64 of gzip": _call("/sa", urlencode({"data_list": packed.decode(), "gzip": 1}).encode()),
    }


def _call(path: str, body: bytes) -> Call:
    return Call("POST", path, {"project": "default"} if path == "/sa" else {}, {}, body, NOW, salt=b"salt")


def best(work: Callable[[], object], seconds: float) -> float:
    """Seconds of the fastest call."""
    fastest = 1e9
    for _ in range(ROUNDS):
        until = time.perf_counter() + seconds / ROUNDS
        while (began := time.perf_counter()) < until:
            work()
            fastest = min(fastest, time.perf_counter() - began)
    return fastest


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
    for name, call in requests().items():
        protocol = find(call.method, call.path)
        if protocol is None:
            continue
        decode = protocol.decode
        hit = decode(call)
        assert len(hit.records) == 100, hit.dropped
        read = best(lambda: decode(call), seconds)  # noqa: B023 - run before the next round
        kept = best(lambda: dump(hit.records), seconds)  # noqa: B023
        print(
            f"{name:34} {100 / read:9,.0f} events/s read, {100 / kept:9,.0f} kept, {len(call.body):7,} bytes"
        )


if __name__ == "__main__":
    main()
