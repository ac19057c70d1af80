"""Made-up events of a made-up shop, for load and for trying things out: a few visits, carts and payments a person.

Nothing here comes from anybody; figures computed from it say nothing about a real product.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tongpin.modules.analytics.wire.record import IDENTIFY, Record

_BROWSERS = ("Chrome", "Safari", "Firefox", "Edge", "WeChat")
_SYSTEMS = ("Windows", "Mac OS X", "iOS", "Android", "HarmonyOS")
_CAMPAIGNS = (("wechat", "social"), ("baidu", "cpc"), ("google", "organic"), ("newsletter", "email"))
_CITIES = (("CN", "上海"), ("CN", "北京"), ("CN", "成都"), ("US", "Seattle"), ("DE", "Berlin"))
_STEPS = (("search", 0.5), ("view item", 0.7), ("add to cart", 0.35), ("支付成功", 0.5))


def events(count: int, until: datetime, *, days: int = 30, seed: int = 0) -> Iterator[Record]:
    """``count`` events of the ``days`` before ``until`` (aware), each person's in order; the same for the same seed."""
    choose = random.Random(seed)  # noqa: S311  made-up data
    made = 0
    while made < count:
        for record in _visits(choose, until, days):
            yield record
            made += 1
            if made == count:
                return


def requests(
    count: int, each: int, until: datetime, *, days: int = 30, seed: int = 0
) -> Iterator[list[Record]]:
    """The same events in groups of ``each``, as a batching SDK sends them."""
    group: list[Record] = []
    for record in events(count, until, days=days, seed=seed):
        group.append(record)
        if len(group) == each:
            yield group
            group = []
    if group:
        yield group


def _visits(choose: random.Random, until: datetime, days: int) -> Iterator[Record]:
    person = str(UUID(int=choose.getrandbits(128), version=4))
    device = {
        "$browser": choose.choice(_BROWSERS),
        "$browser_version": choose.randrange(100, 140),
        "$os": choose.choice(_SYSTEMS),
        "$device_type": choose.choice(("Desktop", "Mobile")),
        "$screen_width": choose.choice((390, 1440, 1920)),
        "$screen_height": choose.choice((844, 900, 1080)),
        "$lib": "web",
        "$lib_version": "1.0.0",
    }
    country, city = choose.choice(_CITIES)
    device |= {"$geoip_country_code": country, "$geoip_city_name": city}
    known = choose.random() < 0.3
    for _ in range(choose.randrange(1, 6)):
        at = until - timedelta(seconds=choose.uniform(0, days * 86400))
        session = f"{choose.getrandbits(64):016x}"
        entry: dict[str, Any] = {
            "$referrer": "https://www.example.com/",
            "$referring_domain": "www.example.com",
        }
        if choose.random() < 0.25:
            entry["utm_source"], entry["utm_medium"] = choose.choice(_CAMPAIGNS)
            entry["utm_campaign"] = f"campaign {choose.randrange(12)}"
        for _ in range(choose.randrange(1, 8)):
            at += timedelta(seconds=choose.uniform(2, 90))
            path = f"/item/{min(int(choose.expovariate(1 / 80)), 999)}"
            page = {
                "$current_url": f"https://shop.example.com{path}",
                "$host": "shop.example.com",
                "$pathname": path,
            }
            yield _record(
                choose, "$pageview", person, at, session, {**device, **entry, **page, "title": f"Item {path}"}
            )
            for name, chance in _STEPS:
                if choose.random() > chance:
                    break
                at += timedelta(seconds=choose.uniform(1, 40))
                more: dict[str, Any] = {
                    "sku": f"S{choose.randrange(900)}",
                    "plan": choose.choice(("free", "team", "")),
                }
                if name == "支付成功":
                    more["amount"] = round(choose.uniform(5, 400), 2)
                yield _record(choose, name, person, at, session, {**device, **page, **more})
        if known:
            user = f"user-{choose.randrange(10_000_000)}"
            at += timedelta(seconds=1)
            yield _record(choose, IDENTIFY, user, at, session, {"$anon_distinct_id": person})
            person, known = user, False


def _record(
    choose: random.Random, event: str, person: str, at: datetime, session: str, properties: dict[str, Any]
) -> Record:
    uuid = UUID(int=choose.getrandbits(128), version=4)
    return Record(uuid=uuid, event=event, distinct_id=person, at=at, properties=properties, session=session)
