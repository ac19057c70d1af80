"""What a source's settings promise, asked by HTTP in the real wire formats: the answer, and what lies in the inbox."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from tongpin.modules.analytics.models import Source
from tongpin.modules.analytics.tests.capture.serving import Server, inbox

PEOPLE = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


@pytest.fixture(autouse=True)
def _own_protocol() -> None:
    """The real protocols."""


@dataclass(frozen=True)
class Sdk:
    """How a vendor's SDK says that ``u1`` did something."""

    path: str

    def body(self, event: str, properties: dict[str, Any]) -> dict[str, Any]:
        at = {"properties": properties, "event": event}
        if self.path == "/v1/track":
            return {"writeKey": "k", "userId": "u1", **at}
        if self.path == "/batch/":
            return {"api_key": "k", "batch": [{"distinct_id": "u1", **at}]}
        return {"key": "k", "batch": [{"distinct_id": "u1", **at}]}


SDKS = [Sdk("/capture/v1/events"), Sdk("/batch/"), Sdk("/v1/track")]
each_sdk = pytest.mark.parametrize("sdk", SDKS, ids=lambda sdk: sdk.path.strip("/"))


@pytest.fixture
def say(server: Server, source: Source):
    """Send one event; the status. ``settings`` are the source's."""

    def send(sdk: Sdk, event="paid", properties=None, headers=None, **settings):
        if settings:
            server.change(Source.objects.filter(pk=source.pk), **settings)
        named = {"Content-Type": "application/json", "User-Agent": PEOPLE, **(headers or {})}
        body = json.dumps(sdk.body(event, properties or {})).encode()
        return server.raw("POST", sdk.path, body, **named).status

    return send


def kept():
    return [record.event for record in inbox()]


@each_sdk
@pytest.mark.parametrize("header", ["DNT", "Sec-GPC"])
def test_who_opts_out_leaves_nothing_unless_the_source_says_otherwise(say, sdk, header):
    assert say(sdk, headers={header: "1"}) == 200
    assert kept() == []
    assert say(sdk, headers={header: "0"}) == 200
    assert say(sdk, "not asked", headers={header: "1"}, honour_opt_out=False) == 200
    assert kept() == ["paid", "not asked"]


@each_sdk
def test_who_does_not_consent_leaves_nothing(say, sdk):
    say(sdk, "secret", {"agreed": False}, consent_property="agreed")
    say(sdk, "secret as text", {"agreed": "false"})
    assert kept() == []
    assert say(sdk, "open", {"agreed": True}) == 200
    assert kept() == ["open"]


@each_sdk
def test_lists_of_events_and_properties(say, sdk):
    say(sdk, "debug ping", deny_events=["debug*"])
    say(sdk, "other", allow_events=["paid"])
    assert kept() == []
    assert say(sdk, "paid", {"card": "4111", "amount": 5}, deny_properties=["card"]) == 200
    (record,) = inbox()
    assert record.properties["amount"] == 5
    assert "card" not in record.properties
    assert say(sdk, "paid", {"note": "x", "amount": 5}, allow_properties=["amount"]) == 200
    assert "note" not in inbox()[-1].properties


@each_sdk
def test_pages_of_other_sites_and_bots(say, sdk):
    assert (
        say(sdk, headers={"Origin": "https://evil.example"}, allowed_origins=["https://shop.example"]) == 403
    )
    assert kept() == []
    assert say(sdk, "from the shop", headers={"Origin": "https://shop.example"}) == 200
    say(sdk, "bot", headers={"Origin": "https://shop.example", "User-Agent": BOT})
    assert kept() == ["from the shop"]
    say(sdk, "bot let in", headers={"User-Agent": BOT}, drop_bots=False)
    assert kept() == ["from the shop", "bot let in"]


@each_sdk
@pytest.mark.parametrize(
    ("policy", "said"), [("drop", None), ("truncate", "203.0.113.0"), ("keep", "203.0.113.77")]
)
def test_addresses_are_kept_as_far_as_the_source_says(say, sdk, policy, said):
    assert say(sdk, properties={"$ip": "203.0.113.77"}, ip_policy=policy) == 200
    (record,) = inbox()
    assert record.properties.get("$ip") == said
    assert policy == "keep" or "203.0.113.77" not in repr(record)


@each_sdk
def test_a_rate_is_held(say, sdk):
    statuses = [say(sdk, f"e{n}", **({"rate_limit": 3} if n == 0 else {})) for n in range(8)]
    assert 429 in statuses
    assert len(kept()) == statuses.count(200) < 8


@each_sdk
def test_a_paused_source_and_a_wrong_key(say, server, sdk, source):
    body = json.loads(json.dumps(sdk.body("paid", {})).replace('"k"', '"nope"'))
    assert server.raw("POST", sdk.path, json.dumps(body).encode()).status == 401
    assert say(sdk, paused_at=source.created_at) in (200, 403)
    assert kept() == []
    assert say(sdk, paused_at=None) == 200
    assert kept() == ["paid"]
