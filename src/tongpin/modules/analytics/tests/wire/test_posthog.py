"""PostHog's events: every shape its SDKs send, the person and the customer in it, and the answers they wait for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson
import pytest

from tongpin.modules.analytics.enums import Refusal
from tongpin.modules.analytics.tests.wire.calling import (
    ID,
    NOW,
    OTHER,
    answer,
    call,
    decode,
    dropped,
    form,
    only,
    refused,
    zipped,
)
from tongpin.modules.analytics.wire import limits
from tongpin.modules.analytics.wire.call import Dropped, Refused
from tongpin.modules.analytics.wire.record import CustomerChange, ProfileChange, Record
from tongpin.modules.analytics.wire.routes import find

AT = datetime(2026, 11, 22, 7, 20, 54, 511000, UTC)


def event(**more) -> dict:
    return {
        "event": "paid",
        "distinct_id": "u1",
        "uuid": ID,
        "timestamp": "2026-11-22T15:20:54.511695+08:00",
    } | more


def batch(*events, **more):
    return call(
        "POST", "/batch/", {"api_key": "phc_1", "batch": list(events), "sent_at": NOW.isoformat()} | more
    )


def test_an_event_of_a_server():
    row = event(properties={"n": 1.5, "色": "红", "$lib": "posthog-python", "$session_id": "s1", "x": None})
    hit = decode(batch(row))
    assert hit.key == "phc_1"
    assert hit.records == [
        Record(
            UUID(ID),
            "paid",
            "u1",
            AT,
            {"n": 1.5, "色": "红", "$lib": "posthog-python", "x": None},
            session="s1",
        )
    ]


def test_an_event_of_a_browser():
    """Token and person stand among the properties, the body is gzip without a header."""
    row = {
        "uuid": OTHER,
        "event": "$pageview",
        "timestamp": "2026-11-22T07:20:54.511Z",
        "properties": {
            "token": "phc_1",
            "distinct_id": "d1",
            "$session_id": "s1",
            "$window_id": "w1",
            "$current_url": "https://a.example/x?utm_source=wechat&utm_medium=a%20b",
            "$groups": {"company": "acme", "seat": 7, "none": None, "k" * 101: "x"},
        },
        "$set_once": {"$initial_referrer": "$direct"},
    }
    body = zipped({"api_key": "phc_1", "batch": [row], "sent_at": "2026-11-22T07:20:55Z"})
    for path in (
        "/e/",
        "/i/v0/e/",
        "/i/v0/e?ip=1&compression=gzip-js",
        "/capture",
        "/track/",
        "/batch",
        "/engage/",
    ):
        record = only(call("POST", path, body, content_type="text/plain"))
        assert record == Record(
            UUID(OTHER),
            "$pageview",
            "d1",
            AT,
            {
                "$window_id": "w1",
                "$current_url": "https://a.example/x?utm_source=wechat&utm_medium=a%20b",
                "utm_source": "wechat",
                "utm_medium": "a b",
            },
            ProfileChange(set_once={"$initial_referrer": "$direct"}),
            {"company": "acme", "seat": "7"},
            session="s1",
        )


BARE = event(properties={"token": "phc_1", "a": 1})


@pytest.mark.parametrize(
    "made",
    [
        call("POST", "/e/?ip=1&_=1795332183653&ver=1.96.1", form(data=BARE)),
        call("POST", "/e/?compression=gzip-js&ip=1", zipped(BARE)),
        call("POST", "/e/?compression=gzip-js&ip=1", form(data=BARE)),
        call("POST", "/e/?compression=gzip-js", zipped([BARE])),
        call("POST", "/e/?compression=base64", form(data=[BARE])),
        call("POST", "/capture/", {"api_key": "phc_1", **event(properties={"a": 1})}),
        call("POST", "/capture/?token=phc_1", event(properties={"a": 1})),
        call("GET", "/e/?" + form(data=BARE).decode()),
        call("GET", "/track/?ip=1&beacon=1&" + form(data=[BARE]).decode()),
    ],
)
def test_older_shapes(made):
    hit = decode(made)
    assert (hit.key, hit.dropped) == ("phc_1", [])
    assert hit.records == [Record(UUID(ID), "paid", "u1", AT, {"a": 1})]


def test_an_offset_counts_back_from_when_it_was_sent():
    rows = [{"event": "a", "properties": {"token": "k", "distinct_id": "u"}, "offset": 1733}]
    sent = 1795332186662
    record = only(call("POST", f"/e/?_={sent}&ver=1.96.1", zipped(rows)))
    assert record.at == datetime.fromtimestamp((sent - 1733) / 1000, UTC)
    assert only(call("POST", "/e/", rows)).at == NOW - timedelta(milliseconds=1733)
    assert only(batch(event(offset=-5, timestamp=None))).at is None


@pytest.mark.parametrize(
    ("given", "at"),
    [
        ("2020-01-01T00:00:00+00:00", datetime(2020, 1, 1, tzinfo=UTC)),
        ("2026-11-22 07:20:54.511", AT),
        (1795332054511, AT),
        ("1795332054511", AT),
        (1795332054.511, AT),
        ("2026-11-22T07:20:54.5119Z", AT),
        ("2030-01-01T00:00:00-05:00", datetime(2030, 1, 1, 5, tzinfo=UTC)),
    ],
)
def test_times(given, at):
    record = only(batch(event(timestamp=given)))
    assert (record.at, record.properties) == (at, {})


@pytest.mark.parametrize(
    "given", ["yesterday", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", 1e30, -1, [], {}, True]
)
def test_a_time_that_is_none_is_kept_to_be_seen(given):
    record = only(batch(event(timestamp=given)))
    assert (record.at, record.properties) == (None, {"$unreadable_time": str(given)})


def test_ids():
    """An id is the same at every retry: the SDK's own, or one made of what it gives."""
    assert only(batch(event(uuid=OTHER.upper()))).uuid == UUID(OTHER)
    assert only(batch(event(uuid=None, messageId=OTHER))).uuid == UUID(OTHER)
    other = only(batch(event(uuid="evt_1"))).uuid
    assert other == only(batch(event(uuid="evt_1"))).uuid != only(batch(event(uuid="evt_2"))).uuid
    inserted = [event(uuid=None, properties={"$insert_id": name}) for name in ("i1", "i1", "i2")]
    first, again, another = (only(batch(row)).uuid for row in inserted)
    assert first == again != another
    new = only(batch(event(uuid=None))).uuid
    assert new != only(batch(event(uuid=None))).uuid
    assert new.version == 7


@pytest.mark.parametrize(
    ("said", "kept"), [(7, "7"), (7.0, "7"), (7.5, "7.5"), ("中 文", "中 文"), (" u ", " u ")]
)
def test_a_person_is_named_as_the_sdk_names_it(said, kept):
    assert only(batch(event(distinct_id=said))).distinct_id == kept
    assert only(batch(event(distinct_id=None, properties={"distinct_id": said}))).distinct_id == kept


def test_identify_and_alias():
    web = event(
        event="$identify",
        distinct_id=None,
        properties={"distinct_id": "u1", "$anon_distinct_id": "anon", "$set": {"a": 1, "b": 1}},
    )
    assert only(batch(web | {"$set": {"a": 2}, "$set_once": {"c": 3}, "$unset": ["d", 4]})) == Record(
        UUID(ID),
        "$identify",
        "u1",
        AT,
        {"$anon_distinct_id": "anon"},
        ProfileChange(set={"a": 2, "b": 1}, set_once={"c": 3}, unset=["d"]),
    )
    alias = event(event="$create_alias", properties={"distinct_id": "u1", "alias": 12})
    assert only(batch(alias)) == Record(UUID(ID), "$create_alias", "u1", AT, {"alias": "12"})
    assert dropped(batch(event(event="$create_alias"))).reason == Refusal.SHAPE


def test_an_anonymous_id_that_is_no_text_links_nobody():
    """It stays as it was sent (SPEC I6 asks for a text), and too long a one is no id."""
    row = event(event="$identify", properties={"$anon_distinct_id": 7})
    assert only(batch(row)).properties == {"$anon_distinct_id": 7}
    row["properties"] = {"$anon_distinct_id": "a" * 201}
    assert dropped(batch(row)).detail == "“$anon_distinct_id” is longer than 200 characters."


def test_groups():
    row = event(
        event="$groupidentify",
        properties={"$group_type": "company", "$group_key": "acme", "$group_set": {"n": 1}},
    )
    record = only(batch(row))
    assert record.customer == CustomerChange("company", "acme", ProfileChange(set={"n": 1}))
    assert record.properties == {}
    row["properties"] = {"$group_type": "c" * 101, "$group_key": "acme"}
    assert dropped(batch(row)).detail == "“$group_type” is longer than 100 characters."
    row["properties"] = {"$group_type": "company"}
    assert dropped(batch(row)).detail == "“$group_key” is missing."


def test_engage_says_something_of_a_person():
    record = only(call("POST", "/engage/", {"token": "k", "$distinct_id": "u1", "$set": {"a": 1}}))
    assert (record.event, record.distinct_id, record.person) == ("$set", "u1", ProfileChange(set={"a": 1}))


@pytest.mark.parametrize(
    ("row", "reason", "detail"),
    [
        (7, Refusal.SHAPE, "An event must be a JSON object."),
        (event(event=""), Refusal.SHAPE, "“event” is missing."),
        (event(event=None), Refusal.SHAPE, "“event” is missing."),
        (event(event={"a": 1}), Refusal.SHAPE, "“event” is missing."),
        (event(event="e" * 201), Refusal.SIZE, "“event” is longer than 200 characters."),
        (event(distinct_id=""), Refusal.SHAPE, "“distinct_id” is missing."),
        (event(distinct_id=True), Refusal.SHAPE, "“distinct_id” is missing."),
        (event(distinct_id="d" * 201), Refusal.SIZE, "“distinct_id” is longer than 200 characters."),
        (event(properties=[1]), Refusal.SHAPE, "“properties” must be a JSON object."),
        (event(properties={"k" * 201: 1}), Refusal.SIZE, "“properties”: a name is longer than 200 characters."),
        (event(properties={str(n): n for n in range(1001)}), Refusal.SIZE, "“properties”: more than 1000 properties."),
        (event(properties={"x": "y" * limits.EVENT}), Refusal.SIZE, "The event is larger than 1 MiB."),
        (event(properties={"$set": "x"}), Refusal.SHAPE, "“$set” must be a JSON object."),
        (event(api_key="phc_2"), Refusal.KEY, "The event has another API key than the request."),
    ],
)  # fmt: skip
def test_an_event_that_is_not_fit_leaves_the_others_alone(row, reason, detail):
    hit = decode(batch(event(), row, event(uuid=OTHER)))
    assert [record.uuid for record in hit.records] == [UUID(ID), UUID(OTHER)]
    (one,) = hit.dropped
    assert (one.reason, one.detail, one.row) == (reason, detail, 1)
    assert one.uuid == (row["uuid"] if isinstance(row, dict) else "")


def test_a_deep_event_is_dropped():
    deep: object = 1
    for _ in range(limits.DEPTH):
        deep = [deep]
    assert dropped(batch(event(properties={"x": deep}))).reason == Refusal.SIZE


def test_texts_that_no_database_takes_are_mended():
    raw = orjson.dumps({"api_key": "k", "batch": [event(event="a_b", properties={"k": "x_y"})]}).replace(
        b"_", rb"\u0000"
    )
    made = call(
        "POST",
        "/batch/",
        raw.replace(rb"api\u0000key", b"api_key").replace(rb"distinct\u0000id", b"distinct_id"),
    )
    record = only(made)
    assert (record.event, record.properties) == ("ab", {"k": "xy"})


def test_events_about_language_models_may_be_larger():
    row = event(event="$ai_generation", properties={"$ai_input": "y" * 2 * limits.EVENT})
    body = {"api_key": "phc_1", "batch": [row]}
    assert only(call("POST", "/i/v0/ai/batch/", body)).event == "$ai_generation"
    assert dropped(call("POST", "/batch/", body)).reason == Refusal.SIZE


def test_a_visitor_without_cookies_is_the_same_for_a_day():
    row = event(distinct_id="$posthog_cookieless", properties={"$host": "a.example"})
    made = batch(row)
    first = only(made).distinct_id
    assert first == only(made).distinct_id
    assert "203.0.113.9" not in first
    row["properties"]["$host"] = "b.example"
    assert only(batch(row)).distinct_id != first


@pytest.mark.parametrize(
    ("made", "reason", "status"),
    [
        (call("POST", "/e/", b"x"), Refusal.BODY, 400),
        (call("POST", "/batch/", {"batch": []}), Refusal.KEY, 401),
        (call("POST", "/e/", event()), Refusal.KEY, 401),
        (call("POST", "/batch/", {"api_key": 7, "batch": [event()]}), Refusal.KEY, 401),
        (call("POST", "/batch/", {"api_key": "k", "batch": {}}), Refusal.SHAPE, 400),
        (call("POST", "/batch/", {"api_key": "k", "batch": [1] * (limits.EVENTS + 1)}), Refusal.SIZE, 413),
        (call("POST", "/i/v1/analytics/events", {"batch": []}), Refusal.KEY, 401),
        (call("POST", "/i/v1/analytics/events", [], authorization="Bearer k"), Refusal.SHAPE, 400),
    ],
)
def test_requests_that_are_refused(made, reason, status):
    why, back = refused(made)
    assert (why.reason, why.status, back.status) == (reason, status, status)
    name = "error_description" if "v1" in made.path else "detail"
    assert orjson.loads(back.body) == {name: why.detail}


def test_answers():
    """Anything but 200 would be sent again by the browser SDK."""
    back = answer(batch(event(), 7))
    assert (back.status, back.content_type, back.body) == (200, "application/json", b'{"status":1}')
    beacon = answer(call("POST", "/e/?beacon=1", zipped([BARE])))
    assert (beacon.status, beacon.body) == (204, b"")


def test_what_is_left_out_without_fault_looks_kept():
    """Nobody is to send it again, or to warn in the console."""
    for path, body in (("/e/", {"status": 1}), ("/i/v1/analytics/events", {"results": {}})):
        back = find("POST", path).refuse(call("POST", path), Refused(Refusal.OPTED_OUT, 200, "DNT is set."))
        assert (back.status, orjson.loads(back.body)) == (200, body)


def v1(*events, **headers):
    headers = {"authorization": "Bearer phc_1", "posthog-sdk-info": "posthog-python/7.91.1"} | headers
    return call("POST", "/i/v1/analytics/events", {"created_at": "x", "batch": list(events)}, **headers)


def test_version_one():
    row = event(
        properties={"a": 1, "$set": {"email": "x"}},
        session_id="s",
        window_id="w",
        options={"process_person_profile": False},
    )
    hit = decode(v1(row))
    assert hit.key == "phc_1"
    assert hit.records == [
        Record(
            UUID(ID),
            "paid",
            "u1",
            AT,
            {
                "a": 1,
                "$lib": "posthog-python",
                "$lib_version": "7.91.1",
                "$window_id": "w",
                "$process_person_profile": False,
            },
            ProfileChange(set={"email": "x"}),
            session="s",
        )
    ]


def test_version_one_tells_what_became_of_each():
    made = v1(event(), event(uuid=OTHER, distinct_id=""))
    assert orjson.loads(answer(made).body) == {
        "results": {OTHER: {"result": "drop", "details": "“distinct_id” is missing."}}
    }
    later = Dropped(Refusal.RATE, "Too many.", ID)
    assert orjson.loads(answer(v1(event()), later).body) == {
        "results": {ID: {"result": "retry", "details": "Too many."}}
    }
