"""Segment's six calls, alone and in batches."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from uuid import UUID, uuid5

import orjson
import pytest

from tongpin.modules.analytics.enums import Refusal
from tongpin.modules.analytics.tests.wire.calling import (
    ID,
    answer,
    call,
    decode,
    dropped,
    only,
    refused,
    zipped,
)
from tongpin.modules.analytics.wire.call import Refused
from tongpin.modules.analytics.wire.record import CustomerChange, ProfileChange, Record
from tongpin.modules.analytics.wire.routes import find
from tongpin.modules.analytics.wire.telling import IDS

AT = datetime(2026, 11, 22, 7, 20, 55, 30000, UTC)
LIBRARY = {"$lib": "analytics-python", "$lib_version": "2.4.0"}


def message(kind: str, **more) -> dict:
    return {
        "type": kind,
        "messageId": ID,
        "timestamp": "2026-11-22T07:20:55.030+00:00",
        "userId": "u1",
        "anonymousId": None,
        "context": {"library": {"name": "analytics-python", "version": "2.4.0"}},
        "integrations": {},
    } | more


def batch(*messages, **more):
    return call("POST", "/v1/batch", {"batch": list(messages), "writeKey": "W", "sentAt": "x"} | more)


def test_track():
    hit = decode(batch(message("track", event="Order Completed", properties={"revenue": 39.95})))
    assert hit.key == "W"
    assert hit.records == [Record(UUID(ID), "Order Completed", "u1", AT, {"revenue": 39.95, **LIBRARY})]


def test_whose_event_it_is():
    both = only(batch(message("track", event="e", anonymousId="a1")))
    assert (both.distinct_id, both.properties["$device_id"]) == ("u1", "a1")
    assert only(batch(message("track", event="e", userId=None, anonymousId="a1"))).distinct_id == "a1"
    assert only(batch(message("track", event="e", userId=7))).distinct_id == "7"
    assert (
        dropped(batch(message("track", event="e", userId=""))).detail
        == "“userId” or “anonymousId” is missing."
    )


def test_identify():
    traits = {"email": "a@b.c"}
    both = only(batch(message("identify", anonymousId="a1", traits=traits)))
    assert (both.event, both.distinct_id, both.person) == ("$identify", "u1", ProfileChange(set=traits))
    assert both.properties["$anon_distinct_id"] == "a1"
    known = only(batch(message("identify", traits=traits)))
    assert (known.event, known.properties) == ("$identify", LIBRARY)
    # An `$identify` would make the anonymous id a known one, which then can never be linked.
    unknown = only(batch(message("identify", userId=None, anonymousId="a1", traits=traits)))
    assert (unknown.event, unknown.distinct_id, unknown.person) == ("$set", "a1", ProfileChange(set=traits))


def test_pages_and_screens():
    page = message(
        "page",
        name="Home",
        category="Docs",
        properties={
            "url": "https://a.example/x/?utm_campaign=双十一",
            "referrer": "https://b.example/y",
            "title": "T",
        },
    )
    assert only(batch(page)) == Record(
        UUID(ID),
        "$pageview",
        "u1",
        AT,
        {
            **page["properties"],
            **LIBRARY,
            "$page_name": "Home",
            "$page_category": "Docs",
            "$current_url": "https://a.example/x/?utm_campaign=双十一",
            "$host": "a.example",
            "$pathname": "/x/",
            "$referrer": "https://b.example/y",
            "$referring_domain": "b.example",
            "utm_campaign": "双十一",
        },
    )
    screen = only(batch(message("screen", name="n", category="c")))
    assert (screen.event, screen.properties) == (
        "$screen",
        {**LIBRARY, "$screen_name": "n", "$screen_category": "c"},
    )


def test_the_context_of_a_browser():
    context = {
        "page": {"url": "https://a.example/x", "path": "/x", "title": "T", "referrer": ""},
        "campaign": {"source": "wechat", "name": "c"},
        "userAgent": "UA",
        "ip": "203.0.113.4",
        "locale": "zh-CN",
        "os": {"name": "iOS", "version": "18"},
        "groupId": "acme",
        "sessionId": 12,
        "screen": "not an object",
    }
    record = only(batch(message("track", event="e", context=context)))
    assert record.properties == {
        "$current_url": "https://a.example/x",
        "$host": "a.example",
        "$pathname": "/x",
        "title": "T",
        "utm_source": "wechat",
        "utm_campaign": "c",
        "$raw_user_agent": "UA",
        "$ip": "203.0.113.4",
        "$locale": "zh-CN",
        "$browser_language": "zh-CN",
        "$os": "iOS",
        "$os_version": "18",
    }
    assert (record.customers, record.session) == ({"company": "acme"}, "12")


def test_group_and_alias():
    group = only(batch(message("group", groupId="g1", traits={"name": "G"})))
    assert (group.event, group.customers) == ("$groupidentify", {"company": "g1"})
    assert group.customer == CustomerChange("company", "g1", ProfileChange(set={"name": "G"}))
    alias = only(batch(message("alias", userId="b", previousId="a")))
    assert (alias.event, alias.distinct_id, alias.properties["alias"]) == ("$create_alias", "b", "a")
    assert dropped(batch(message("group"))).detail == "“groupId” is missing."
    assert dropped(batch(message("alias"))).detail == "“previousId” is missing."


def test_an_id_that_is_no_uuid_gives_the_same_event_at_every_retry():
    name = "node-next-1795332094848-f6145327-bc52-4b14-9783-21a3403d38a0"
    assert only(batch(message("track", event="e", messageId=name))).uuid == uuid5(IDS, name)


@pytest.mark.parametrize("kind", ["identify", "track", "page", "screen", "group", "alias"])
def test_one_call_alone(kind):
    body = message(kind, event="e", groupId="g", previousId="p", name="n") | {"writeKey": "W"}
    del body["type"]
    for path in (f"/v1/{kind}", f"/v1/{kind}/", f"/v1/{kind[0]}"):
        assert decode(call("POST", path, body)).key == "W"
        assert only(call("POST", path, body)) == only(batch(body | {"type": kind}))


def test_where_the_key_stands():
    body = zipped({"batch": [message("track", event="e")]})
    basic = "Basic " + base64.b64encode(b"WRITEKEY:").decode()
    assert (
        decode(call("POST", "/v1/import", body, authorization=basic, content_encoding="gzip")).key
        == "WRITEKEY"
    )
    assert decode(call("POST", "/v1/batch", body, authorization="Bearer T")).key == "T"
    assert decode(call("POST", "/v1/b", body, authorization="Bearer T")).records
    for wrong in ("", "Basic", "Basic !!", "Digest x", "Basic " + base64.b64encode(b"\xff:").decode()):
        why, back = refused(call("POST", "/v1/batch", body, authorization=wrong))
        assert (why.reason, back.status) == (Refusal.KEY, 401)


@pytest.mark.parametrize(
    ("row", "detail"),
    [
        (message("delete"), "“type” must be one of identify, track, page, screen, group, alias."),
        (message("track"), "“event” is missing."),
        (message("track", event="e", properties=[]), "“properties” must be a JSON object."),
        (message("identify", traits="x"), "“traits” must be a JSON object."),
        (message("track", event="e", anonymousId="a" * 201), "“anonymousId” is longer than 200 characters."),
    ],
)
def test_a_message_that_is_not_fit_leaves_the_others_alone(row, detail):
    hit = decode(batch(message("track", event="e"), row))
    assert len(hit.records) == 1
    (one,) = hit.dropped
    assert (one.detail, one.uuid, one.row) == (detail, ID, 1)
    assert one.event == (row.get("event") or row["type"])


def test_answers():
    back = answer(batch(message("track", event="e"), 7))
    assert (back.status, back.body) == (200, b'{"success":true}')
    made = batch()
    protocol = find("POST", made.path)
    back = protocol.refuse(made, Refused(Refusal.FULL, 503, "Later.", retry_after=7))
    assert (back.status, back.headers) == (503, (("Retry-After", "7"), ("X-RateLimit-Reset", "7")))
    assert orjson.loads(back.body) == {"code": "full", "message": "Later."}
    assert protocol.refuse(made, Refused(Refusal.BOT, 200, "A bot.")).body == b'{"success":true}'


@pytest.mark.parametrize("body", [[], 7, {"writeKey": "W"}, {"writeKey": "W", "batch": {}}])
def test_a_body_of_another_shape_is_refused(body):
    why, back = refused(call("POST", "/v1/batch", body))
    assert (why.status, orjson.loads(back.body)["message"]) == (400, why.detail)
